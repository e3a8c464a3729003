// What a programme is: a vaccine and a season, whom it is for, and which doses count for it. Plain
// data (programmes/ holds it): a change of policy is a change of a table.

import type { Age, Day } from './days.ts';
import type { DuplicateRule } from './dose-count.ts';

/** Codes of profiles/codesystems/risk-group.json; pregnancy is a criterion of its own. */
export type RiskGroup =
  | 'respiratory'
  | 'heart'
  | 'kidney'
  | 'liver'
  | 'neurological'
  | 'learning-disability'
  | 'diabetes'
  | 'immunosuppression'
  | 'asplenia'
  | 'obesity'
  | 'severe-mental-illness';

/** Codes of profiles/codesystems/priority-group.json. */
export type PriorityGroup =
  | 'nhs-staff'
  | 'social-care-worker'
  | 'unpaid-carer'
  | 'care-home-resident'
  | 'shielded';

/** The day on which an age is looked at: a day of the programme's, the day of asking, or the last
 * 31 August before it, which decides the school year. */
export type AgeDay = Day | 'asking' | 'school-year';

/** What may be true of a person on a day. */
export type Criterion =
  /** at least `from` and not yet `below` years, months or weeks old */
  | { readonly kind: 'age'; readonly on: AgeDay; readonly from?: Age; readonly below?: Age }
  /** born in these days, both included */
  | { readonly kind: 'born'; readonly from?: Day; readonly until?: Day }
  | { readonly kind: 'gender'; readonly is: 'female' | 'male' }
  /** in one of these risk groups, or in any but pregnancy */
  | { readonly kind: 'risk'; readonly anyOf?: readonly RiskGroup[] }
  /** in one of these priority groups */
  | { readonly kind: 'group'; readonly anyOf: readonly PriorityGroup[] }
  /** pregnant, and so many completed weeks at least */
  | { readonly kind: 'pregnant'; readonly fromWeek?: number }
  /** no dose before the programme's season, whatever the season was */
  | { readonly kind: 'never-vaccinated' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Criterion[] }
  | { readonly kind: 'not'; readonly of: Criterion };

/** Somebody a programme is for. */
export interface EligibilityRule {
  readonly code: string;
  /** In words, for the person and for those who plan: `Aged 65 or over on 31 March 2027`. */
  readonly display: string;
  /** When the offer opens to them; the season's start when absent. */
  readonly opens?: Day;
  readonly when: Criterion;
}

/** How many doses make a course. */
export interface Course {
  /** Whose course it is; everybody's when absent. */
  readonly when?: Criterion;
  readonly doses: number;
  /** Days after any dose against the diseases, of whatever season, before the next one is due;
   * the programme's minimum interval when absent. */
  readonly dueAfterDays?: number;
}

/** A vaccine and a season. */
export interface Programme {
  /** `flu-2026`: of search parameters, and of the PlanDefinition that messages are about. */
  readonly id: string;
  readonly title: string;
  /** A dose is against all of these (SNOMED CT). */
  readonly diseases: readonly string[];
  /** Codes of profiles/codesystems/vaccination-service.json: what bookings are for. */
  readonly services: readonly string[];
  /** Doses, refusals, messages and bookings of these days are the programme's, both included. */
  readonly start: Day;
  readonly end?: Day;
  /**
   * Doses that count although they are of other days, or do not although they are of these:
   * `lifetime`: all, since birth; `{ fromAge }`: those at that age and after, since birth;
   * `pregnancy`: those of the latest pregnancy, none without one. Within the season when absent.
   */
  readonly counts?: 'lifetime' | 'pregnancy' | { readonly fromAge: Age };
  /** A dose fewer days after the last one that counts is no dose of its own. */
  readonly minimumIntervalDays: number;
  readonly duplicates: DuplicateRule;
  /** The first that is true decides. */
  readonly courses: readonly Course[];
  /** The first that is true decides. */
  readonly eligibility: readonly EligibilityRule[];
  /** Who says so. */
  readonly source: string;
}

/** One dose reported twice: reports against the same disease on the same day. */
export const SAME_DAY: DuplicateRule = { withinDays: 0 };
