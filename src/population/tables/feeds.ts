// How real feeds look: contact routes, moves, deaths, and how often what is wrong. Every share is
// an assumption unless a source is named; each is one place to turn.

/** Contact routes by age: share of people whose record holds one. After GP Patient Survey and Ofcom
 * figures, rounded. */
export const contactRoutes: readonly {
  readonly ageFrom: number;
  readonly mobile: number;
  readonly email: number;
  readonly landline: number;
}[] = [
  { ageFrom: 0, mobile: 0, email: 0, landline: 0 },
  { ageFrom: 13, mobile: 0.4, email: 0.15, landline: 0.02 },
  { ageFrom: 18, mobile: 0.92, email: 0.62, landline: 0.05 },
  { ageFrom: 50, mobile: 0.88, email: 0.55, landline: 0.35 },
  { ageFrom: 75, mobile: 0.62, email: 0.3, landline: 0.75 },
];

/** Share of adults who said how they like to be reached, and how, in parts: UK Core codes. */
export const PREFERENCE_STATED = 0.22;
export const preferredMethods = [
  ['1', 'Letter', 34],
  ['9', 'SMS', 36],
  ['4', 'E-mail', 16],
  ['3', 'Telephone', 10],
  ['5', 'Minicom (Textphone)', 1],
  ['7', 'Sign language', 1],
  ['8', 'No Telephone contact', 2],
] as const;
/** Of those with a preference, how many need another written format. */
export const WRITTEN_FORMAT = 0.06;
export const writtenFormats = [
  ['11', 'Large print', 80],
  ['12', 'Braille', 20],
] as const;

/** Share of households of an origin that speak another language first. ONS Census 2021, rounded. */
export const languages: Readonly<
  Record<
    string,
    { readonly share: number; readonly spoken: readonly (readonly [string, string])[] }
  >
> = {
  C: { share: 0.4, spoken: pairs('pl Polish, ro Romanian, pt Portuguese, lt Lithuanian') },
  H: { share: 0.2, spoken: pairs('pa Panjabi, gu Gujarati, ta Tamil, hi Hindi') },
  J: { share: 0.25, spoken: pairs('ur Urdu, pa Panjabi') },
  K: { share: 0.3, spoken: pairs('bn Bengali') },
  L: { share: 0.25, spoken: pairs('ta Tamil, tl Tagalog, ne Nepali') },
  N: { share: 0.15, spoken: pairs('so Somali, yo Yoruba, fr French') },
  R: { share: 0.3, spoken: pairs('zh Chinese') },
  S: { share: 0.3, spoken: pairs('ar Arabic, fa Persian, ku Kurdish, vi Vietnamese') },
};

/** Percent of people from each age on who died within the two years before the nation's date, and
 * are still on the list. ONS life tables, rounded. */
export const deathShares: readonly (readonly [fromAge: number, percent: number])[] = [
  [0, 0.05],
  [30, 0.15],
  [50, 0.6],
  [65, 2.4],
  [75, 7],
  [85, 21],
];

/** Of deaths, how many only an NHS organisation has reported so far; the registrar knows the rest.
 */
export const INFORMAL_DEATH = 0.12;

/** How many people: per person shares. */
export const peopleShares = {
  /** Moved house within the last two years (about one in ten a year). */
  moved: 0.17,
  /** Left England, and removed from their practice's list. */
  removed: 0.012,
  /** Not registered with any practice. */
  unregistered: 0.015,
  /** Registered with a practice far from home. */
  farFromHome: 0.025,
  /** Registered with the second nearest practice. */
  nextPractice: 0.17,
  /** Had another NHS number, merged into this one. */
  superseded: 0.004,
  /** Restricted record (PDS S flag): some 0.2 % nationally. */
  restricted: 0.003,
  /** Said no to invitations. */
  optedOut: 0.018,
  /** A child who has a twin: one birth in 65 (ONS Birth characteristics). */
  twin: 0.015,
} as const;

/** Why people were removed from registration: PDS exit codes, in parts. */
export const removalReasons = [
  ['SCT', 'Transferred to Scotland', 25],
  ['EMB', 'Embarkation', 60],
  ['AFN', 'Armed forces enlistment (notified by new registration)', 15],
] as const;

/** What is missing or wrong in a person's record, share of people each. */
export const personFaults = {
  noNhsNumber: 0.002,
  untracedNumber: 0.006,
  noBirthDate: 0.0008,
  birthYearOnly: 0.0015,
  unknownGender: 0.0015,
  /** Postcode ZZ99: no fixed abode, unknown, or England not otherwise stated. */
  pseudoPostcode: 0.006,
  noAddress: 0.002,
  namesSwapped: 0.002,
  capitals: 0.02,
  badPhone: 0.012,
  badEmail: 0.006,
} as const;

/** Mistakes in records of doses, share of doses each. */
export const doseFaults = {
  enteredInError: 0.004,
  /** An invitation coded as a dose: no performer, batch or site (domain.md, section 6). */
  invitationCoded: 0.0015,
  wrongPerson: 0.0006,
  expiredBatch: 0.002,
  wrongAmount: 0.0015,
  noBatch: 0.01,
  unknownPlace: 0.006,
  unknownProduct: 0.006,
  unknownSequence: 0.01,
} as const;

/** Doses that a second supplier reports too: 35 % of children have four MMR records
 * (domain.md, section 2.5). */
export const duplicateShares = { mmr: 0.3, others: 0.012 } as const;
/** Of those, by how many days the second report differs, in parts. */
export const duplicateShift = [
  [0, 70],
  [1, 18],
  [-1, 12],
] as const;

function pairs(text: string): readonly (readonly [string, string])[] {
  return text.split(', ').map((pair) => {
    const [code = '', name = ''] = pair.split(' ');
    return [code, name];
  });
}
