// Ethnic categories of England (NHS Data Dictionary, ETHNIC CATEGORY CODE) and their shares by NHS
// region: Office for National Statistics, Census 2021, its nineteen groups put into these sixteen
// (Gypsy, Traveller and Roma with C, Arab with S) and rounded. That age and ethnicity are
// independent within a region is an assumption.

export const ethnicCategories = {
  A: 'White - British',
  B: 'White - Irish',
  C: 'White - Any other White background',
  D: 'Mixed - White and Black Caribbean',
  E: 'Mixed - White and Black African',
  F: 'Mixed - White and Asian',
  G: 'Mixed - Any other mixed background',
  H: 'Asian or Asian British - Indian',
  J: 'Asian or Asian British - Pakistani',
  K: 'Asian or Asian British - Bangladeshi',
  L: 'Asian or Asian British - Any other Asian background',
  M: 'Black or Black British - Caribbean',
  N: 'Black or Black British - African',
  P: 'Black or Black British - Any other Black background',
  R: 'Other Ethnic Groups - Chinese',
  S: 'Other Ethnic Groups - Any other ethnic group',
} as const;

export type EthnicCategory = keyof typeof ethnicCategories;

/** What a record says instead of a category. Shares of all records: assumptions after published
 * completeness of ethnicity in hospital and GP data (about nine records in ten hold a category). */
export const unrecordedEthnicity = {
  notStated: { code: 'Z', display: 'Not stated', share: 0.04 },
  notKnown: { code: '99', display: 'Not known', share: 0.02 },
  absent: { share: 0.05 },
} as const;

/** Percent of people by category, for each region's GSS code. */
export const ethnicSharesByRegion: Readonly<Record<string, Record<EthnicCategory, number>>> = {
  // London
  E40000003: row([
    36.8, 1.8, 15.2, 1.5, 0.9, 1.4, 1.9, 7.5, 3.3, 3.7, 4.6, 3.9, 7.9, 1.7, 1.7, 6.2,
  ]),
  // South East
  E40000005: row([78.8, 0.9, 6.5, 0.7, 0.4, 1, 0.7, 2.6, 1.6, 0.4, 1.7, 0.4, 1.6, 0.3, 0.7, 1.7]),
  // South West
  E40000006: row([87.8, 0.6, 4.6, 0.5, 0.2, 0.6, 0.4, 1.1, 0.3, 0.3, 0.8, 0.3, 0.7, 0.2, 0.4, 1.2]),
  // Midlands
  E40000011: row([75.3, 0.7, 4.4, 1.2, 0.3, 0.7, 0.5, 5.2, 3.7, 0.8, 1.6, 1.2, 1.9, 0.5, 0.5, 1.5]),
  // North East and Yorkshire
  E40000012: row([83.6, 0.6, 3.5, 0.6, 0.3, 0.6, 0.4, 1.3, 4, 0.6, 1.2, 0.4, 1.3, 0.3, 0.5, 0.8]),
  // East of England
  E40000013: row([78.5, 0.9, 7, 0.7, 0.4, 0.8, 0.7, 2.2, 1.6, 0.8, 1.2, 0.6, 1.9, 0.4, 0.6, 1.7]),
  // North West
  E40000014: row([81.2, 0.8, 3.6, 0.7, 0.4, 0.6, 0.5, 2, 4.1, 0.8, 1.5, 0.4, 1.6, 0.3, 0.7, 0.8]),
};

/** How much a category's uptake differs from everyone's, in shares (0.05 is five points). After
 * OpenSAFELY's and UKHSA's reports on COVID-19 and influenza uptake; rounded, an assumption for
 * the other programmes. */
export const uptakeByEthnicity: Readonly<Record<EthnicCategory, number>> = {
  A: 0.03,
  B: 0.02,
  C: -0.08,
  D: -0.14,
  E: -0.12,
  F: -0.04,
  G: -0.07,
  H: -0.01,
  J: -0.13,
  K: -0.09,
  L: -0.05,
  M: -0.18,
  N: -0.14,
  P: -0.16,
  R: -0.05,
  S: -0.1,
};

function row(shares: readonly number[]): Record<EthnicCategory, number> {
  const codes = Object.keys(ethnicCategories);
  return Object.fromEntries(codes.map((code, index) => [code, shares[index] ?? 0])) as Record<
    EthnicCategory,
    number
  >;
}
