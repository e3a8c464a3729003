// Who is left out of every cohort unless somebody says otherwise: data. Each is a search like any
// other, asked after the cohort's own rules.

/** One of them. */
export interface StandardExclusion {
  readonly name: string;
  /** In words: `Has died`. */
  readonly display: string;
  /** The searches on Patient, any of which finds whom to leave out.
   * @param programme that the cohort is for, if any */
  readonly searches: (programme: string | undefined) => readonly string[];
  /** Whether it means something only of a programme. */
  readonly ofProgramme: boolean;
}

/** In the order in which they are applied. */
export const standardExclusions: readonly StandardExclusion[] = [
  ofPerson('deceased', 'Has died', 'deceased=true'),
  ofPerson('not-registered', 'Is registered nowhere', 'registered=false'),
  ofPerson('restricted', 'Record is restricted', 'sensitive=true'),
  {
    ...ofPerson('opted-out', 'Has opted out of invitations', 'opted-out=true'),
    searches: (programme) =>
      programme === undefined
        ? ['opted-out=true']
        : ['opted-out=true', `vaccination-opted-out=${programme}`],
  },
  ofProgramme('vaccinated', 'Has been vaccinated', (name) => `vaccination-doses=${name}$ge1`),
  ofProgramme('invited', 'Has been invited', (name) => `vaccination-invited=${name}`),
  ofProgramme('booked', 'Has a booking', (name) => `vaccination-booked=${name}`),
];

function ofPerson(name: string, display: string, search: string): StandardExclusion {
  return { name, display, searches: () => [search], ofProgramme: false };
}

function ofProgramme(
  name: string,
  display: string,
  search: (programme: string) => string,
): StandardExclusion {
  const searches = (programme = '') => [search(programme)];
  return { name, display, searches, ofProgramme: true };
}
