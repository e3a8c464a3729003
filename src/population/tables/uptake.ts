// Who takes up what: shares of those offered who have the dose in the end. Published figures where
// a source is named, rounded, for seasons before 2023 to the nearest point or so; a season not
// listed is taken to be like the last one listed. Within a group deprivation and ethnicity shift a
// person's share.

import { type Day, dayOf } from '../calendar.ts';

/** A tenth of areas more deprived lowers uptake by so much, in shares: an assumption after UKHSA's
 * COVER statistics by deprivation. Centred, so that it leaves the whole nation's figure as it is.
 */
export const UPTAKE_BY_DECILE = 0.012;

/** How much of a person's decision is habit (the same at every offer) rather than occasion: an
 * assumption. */
export const HABIT = 0.65;

/** Seasonal influenza, by the year a season starts in: UKHSA's annual reports for people 65 and
 * over, clinical risk groups 6 months to 64, pregnant women, ages 2 and 3, primary and secondary
 * school, health workers. Carers, social care workers and care homes are assumptions. */
export interface FluUptake {
  readonly older: number;
  readonly risk: number;
  readonly pregnant: number;
  readonly preschool: number;
  readonly primary: number;
  /** 0 before years 7 to 11 were offered. */
  readonly secondary: number;
  readonly staff: number;
  readonly carer: number;
  readonly careHome: number;
}

export const FLU_FIRST_SEASON = 2014;

export const fluUptake: readonly FluUptake[] = [
  flu(0.727, 0.503, 0.441, 0.395, 0.3, 0, 0.549),
  flu(0.71, 0.451, 0.423, 0.36, 0.35, 0, 0.508),
  flu(0.705, 0.486, 0.449, 0.4, 0.4, 0, 0.632),
  flu(0.726, 0.489, 0.472, 0.436, 0.47, 0, 0.687),
  flu(0.72, 0.48, 0.452, 0.443, 0.53, 0, 0.703),
  flu(0.724, 0.449, 0.437, 0.438, 0.604, 0, 0.743),
  flu(0.809, 0.53, 0.436, 0.567, 0.625, 0, 0.768),
  flu(0.823, 0.529, 0.379, 0.501, 0.574, 0.43, 0.605),
  flu(0.799, 0.491, 0.35, 0.437, 0.563, 0.418, 0.499),
  flu(0.778, 0.414, 0.321, 0.444, 0.55, 0.42, 0.428),
  flu(0.749, 0.4, 0.35, 0.426, 0.546, 0.464, 0.379),
];

/** Shares of a season's doses given in each fortnight from 1 September: assumptions after the
 * weekly reports. Adults other than pregnant women start on 1 October. */
export const fluFortnights = {
  early: [4, 11, 16, 18, 17, 13, 9, 5, 3, 2, 1, 1],
  adult: [0, 0, 22, 25, 19, 13, 9, 5, 3, 2, 1, 1],
} as const;

/** A COVID-19 campaign: who is offered a dose from `from` on, and how many have it. */
export interface CovidCampaign {
  /** As in ids: `autumn-2026`. */
  readonly label: string;
  readonly from: Day;
  readonly weeks: number;
  readonly ageFrom: number;
  readonly uptake: number;
  /** People with immunosuppression of any age; others at clinical risk where `risk` is said. */
  readonly immunosuppressed: number;
  readonly risk?: number;
}

/** After the national booster dashboard and UKHSA's surveillance reports; later ones assumed. */
export const covidCampaigns: readonly CovidCampaign[] = [
  covid('booster', dayOf(2021, 9, 20), 16, 18, 0.7, 0.8),
  covid('spring-2022', dayOf(2022, 3, 21), 12, 75, 0.79, 0.45),
  covid('autumn-2022', dayOf(2022, 9, 5), 16, 50, 0.645, 0.5, 0.4),
  covid('spring-2023', dayOf(2023, 4, 3), 12, 75, 0.7, 0.32),
  covid('autumn-2023', dayOf(2023, 9, 11), 14, 65, 0.7, 0.3, 0.22),
  covid('spring-2024', dayOf(2024, 4, 15), 11, 75, 0.6, 0.24),
  covid('autumn-2024', dayOf(2024, 10, 3), 13, 65, 0.6, 0.25, 0.18),
  covid('spring-2025', dayOf(2025, 4, 1), 11, 75, 0.58, 0.22),
  covid('autumn-2025', dayOf(2025, 10, 1), 13, 75, 0.6, 0.22),
  covid('spring-2026', dayOf(2026, 4, 13), 11, 75, 0.58, 0.22),
  covid('autumn-2026', dayOf(2026, 10, 1), 13, 75, 0.6, 0.22),
  covid('spring-2027', dayOf(2027, 4, 12), 11, 75, 0.58, 0.22),
  covid('autumn-2027', dayOf(2027, 10, 1), 13, 75, 0.6, 0.22),
];

/** First doses by age on 31 March 2021: opening dates of domain.md section 4.1 (the priority
 * groups), uptake from the national dashboard in 2022. */
export const covidFirstDoses: readonly {
  readonly ageFrom: number;
  readonly opens: Day;
  readonly uptake: number;
}[] = [
  { ageFrom: 80, opens: dayOf(2020, 12, 8), uptake: 0.95 },
  { ageFrom: 75, opens: dayOf(2021, 1, 18), uptake: 0.95 },
  { ageFrom: 70, opens: dayOf(2021, 1, 18), uptake: 0.94 },
  { ageFrom: 65, opens: dayOf(2021, 2, 15), uptake: 0.92 },
  { ageFrom: 60, opens: dayOf(2021, 3, 1), uptake: 0.9 },
  { ageFrom: 55, opens: dayOf(2021, 3, 8), uptake: 0.88 },
  { ageFrom: 50, opens: dayOf(2021, 3, 19), uptake: 0.86 },
  { ageFrom: 40, opens: dayOf(2021, 4, 30), uptake: 0.8 },
  { ageFrom: 30, opens: dayOf(2021, 5, 26), uptake: 0.72 },
  { ageFrom: 18, opens: dayOf(2021, 6, 18), uptake: 0.69 },
  { ageFrom: 16, opens: dayOf(2021, 8, 23), uptake: 0.6 },
  { ageFrom: 12, opens: dayOf(2021, 9, 20), uptake: 0.46 },
  { ageFrom: 5, opens: dayOf(2022, 4, 2), uptake: 0.1 },
];

/** When those were offered a first dose who came before their age: same source. */
export const covidFirstForStaff = dayOf(2020, 12, 8);
export const covidFirstForShielded = dayOf(2021, 1, 18);
export const covidFirstForRisk = dayOf(2021, 2, 15);

/** Second doses of those who had a first: same source. */
export const COVID_SECOND_DOSE = { adult: 0.94, child: 0.72 } as const;

/** Childhood programme in England 2023-24 (COVER): share of children who had the dose. */
export const childhoodUptake = {
  primary: 0.915,
  rotavirus: 0.89,
  booster: 0.885,
  mmrFirst: 0.889,
  mmrSecond: 0.839,
  preschool: 0.827,
} as const;

/** School programmes (UKHSA, 2022-23 and 2023-24), rounded. */
export const schoolUptake = { hpvFemale: 0.72, hpvMale: 0.67, teenage: 0.72 } as const;

/** Adult programmes: UKHSA's coverage reports, rounded; pertussis and RSV in pregnancy likewise. */
export const adultUptake = {
  shingles: 0.6,
  shinglesSecond: 0.75,
  pneumococcal: 0.71,
  pneumococcalRisk: 0.4,
  rsvOlder: 0.62,
  rsvPregnant: 0.52,
  pertussis: 0.6,
} as const;

/** Of doses offered and not had, how many leave a record that says so: an assumption. */
export const NOT_DONE_RECORDED = 0.09;

/** Why such a dose was not given, in parts: an assumption after Mavis's outcome counts. */
export const notDoneReasons = { declined: 64, contraindicated: 6, unwell: 12, absent: 18 } as const;

function flu(
  older: number,
  risk: number,
  pregnant: number,
  preschool: number,
  primary: number,
  secondary: number,
  staff: number,
): FluUptake {
  const homes = { carer: (risk * 9) / 10, careHome: 0.85 };
  return { older, risk, pregnant, preschool, primary, secondary, staff, ...homes };
}

function covid(
  label: string,
  from: Day,
  weeks: number,
  ageFrom: number,
  uptake: number,
  immunosuppressed: number,
  risk?: number,
): CovidCampaign {
  const campaign = { label, from, weeks, ageFrom, uptake, immunosuppressed };
  return risk === undefined ? campaign : { ...campaign, risk };
}
