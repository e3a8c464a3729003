// How somebody answers an offer of a dose: has it, or not, and whether anyone records why not.
// Every programme's history is made of such answers.

import type { Day } from './calendar.ts';
import { pickByParts } from './parts.ts';
import type { Person } from './person.ts';
import type { SiteKind } from './sites.ts';
import { districts } from './tables/districts.ts';
import {
  type EthnicCategory,
  ethnicSharesByRegion,
  uptakeByEthnicity,
} from './tables/ethnicity.ts';
import { careBoards, subIcbs } from './tables/health-areas.ts';
import { HABIT, NOT_DONE_RECORDED, notDoneReasons, UPTAKE_BY_DECILE } from './tables/uptake.ts';
import type { VaccineType } from './tables/vaccines.ts';

/** Given, or the reason why not. */
export type Outcome = 'given' | keyof typeof notDoneReasons;

/** A dose given or not given, as its record will say. */
export interface Dose {
  readonly type: VaccineType;
  readonly day: Day;
  readonly number: number;
  readonly place: SiteKind;
  readonly outcome: Outcome;
}

/** A place in [0, 1) in the order of those who take a dose up: below its uptake means having it. */
export function inclination(person: Person): number {
  const { random } = person;
  return random.chance(HABIT) ? person.reluctance : random.fraction();
}

/** The uptake to expect of somebody, from that of everyone in their group. */
export function uptakeFor(person: Person, uptake: number): number {
  const shift =
    (person.home.area.decile - 5.5) * UPTAKE_BY_DECILE +
    uptakeByEthnicity[person.ethnicity] -
    meanByEthnicity;
  // Nothing shifts where nobody or everybody has the dose.
  return uptake + shift * Math.min(1, 4 * uptake * (1 - uptake));
}

/** Whether somebody takes up one offer. */
export function takesUp(person: Person, uptake: number): boolean {
  return inclination(person) < uptakeFor(person, uptake);
}

const reasons = Object.entries(notDoneReasons) as [keyof typeof notDoneReasons, number][];

/** What is recorded of a dose not had: mostly nothing. */
export function recordedReason(person: Person): Exclude<Outcome, 'given'> | undefined {
  const { random } = person;
  return random.chance(NOT_DONE_RECORDED) ? pickByParts(reasons, random)[0] : undefined;
}

/** Answers an offer of one dose that somebody would have on `day`; undefined leaves no record. */
export function answer(
  person: Person,
  offer: Omit<Dose, 'outcome'>,
  isTaken: boolean,
): Dose | undefined {
  if (isTaken) return { ...offer, outcome: 'given' };
  const outcome = recordedReason(person);
  return outcome === undefined ? undefined : { ...offer, outcome };
}

/** What `uptakeByEthnicity` comes to over the whole nation. */
const meanByEthnicity = ((): number => {
  let people = 0;
  let total = 0;
  for (const district of districts) {
    const location = subIcbs.find((row) => row.ods === district.subIcbs[0]);
    const board = careBoards.find((row) => row.ods === location?.careBoard);
    const shares: Record<string, number> = ethnicSharesByRegion[board?.region ?? ''] ?? {};
    const whole = Object.values(shares).reduce((sum, share) => sum + share, 0);
    for (const [category, share] of Object.entries(shares)) {
      const part = (district.people * share) / whole;
      total += part * uptakeByEthnicity[category as EthnicCategory];
      people += part;
    }
  }
  return total / people;
})();
