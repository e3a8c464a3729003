// Who is left out of every cohort unless somebody says otherwise: data. Each is a search like any
// other, asked after the cohort's own rules.

/** One of them. */
export interface StandardExclusion {
  readonly name: string;
  /** In words: `Has died`. */
  readonly display: string;
  /** The search that finds whom to leave out, on Patient.
   * @param programme that the cohort is for */
  readonly search: (programme: string) => string;
  /** Whether it means something only of a programme. */
  readonly ofProgramme: boolean;
}

/** In the order in which they are applied. */
export const standardExclusions: readonly StandardExclusion[] = [
  ofPerson('deceased', 'Has died', 'deceased=true'),
  ofPerson('not-registered', 'Is registered nowhere', 'registered=false'),
  ofPerson('restricted', 'Record is restricted', 'sensitive=true'),
  ofPerson('opted-out', 'Has opted out of invitations', 'opted-out=true'),
  ofProgramme('vaccinated', 'Has been vaccinated', (name) => `vaccination-doses=${name}$ge1`),
  ofProgramme('invited', 'Has been invited', (name) => `vaccination-invited=${name}`),
  ofProgramme('booked', 'Has a booking', (name) => `vaccination-booked=${name}`),
];

function ofPerson(name: string, display: string, search: string): StandardExclusion {
  return { name, display, search: () => search, ofProgramme: false };
}

function ofProgramme(
  name: string,
  display: string,
  search: StandardExclusion['search'],
): StandardExclusion {
  return { name, display, search, ofProgramme: true };
}
