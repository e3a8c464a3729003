// A person as the generator knows them, before any record is written: all later files read this and
// nothing writes it but households.ts and health.ts.

import type { SmallArea } from './areas.ts';
import { ageOn, type Day } from './calendar.ts';
import type { Practice } from './places.ts';
import type { Random } from './random.ts';
import type { EthnicCategory } from './tables/ethnicity.ts';
import type { PriorityGroup, RiskGroup, RiskRow } from './tables/health-risks.ts';

export type Sex = 'female' | 'male';

/** Where somebody lives. */
export interface Home {
  readonly area: SmallArea;
  readonly lines: readonly string[];
  readonly postcode: string;
  readonly isCareHome: boolean;
  /** Since when, where somebody moved in lately. */
  readonly movedIn?: Day;
}

/** Who somebody is. */
export interface Person {
  /** 0, 1, 2 … over the whole nation, and the id of the Patient: `p12`. */
  readonly number: number;
  readonly id: string;
  readonly sex: Sex;
  readonly birth: Day;
  readonly death: Day | undefined;
  readonly ethnicity: EthnicCategory;
  readonly family: string;
  readonly given: readonly string[];
  /** Code of the language spoken first, and its name, where it is not English. */
  readonly language: readonly [code: string, name: string] | undefined;
  readonly home: Home;
  /** Lived there before `home.movedIn`. */
  readonly formerHome: Home | undefined;
  readonly practice: Practice | undefined;
  /** Left England on this day. */
  readonly removed: Day | undefined;
  readonly isTwin: boolean;
  /** What decides alike at every offer of a dose: 0 takes everything up, 1 nothing. */
  readonly reluctance: number;
  /** Everything further that is left to chance about this person. */
  readonly random: Random;
}

/** A disease or state that raises a person's risk. */
export interface Risk {
  readonly row: Pick<RiskRow, 'group' | 'code' | 'display'>;
  readonly onset: Day;
  /** When it ended, after which it no longer counts. */
  readonly ended: Day | undefined;
}

/** A pregnancy: by the last period's day and the day of birth or expected birth. */
export interface Pregnancy {
  readonly start: Day;
  readonly due: Day;
  /** The child is born: this pregnancy is over. */
  readonly isOver: boolean;
}

/** A person's health, as the programmes ask for it. */
export interface Health {
  readonly risks: readonly Risk[];
  readonly pregnancies: readonly Pregnancy[];
  readonly groups: ReadonlyMap<PriorityGroup, Day>;
}

/** Completed years of age on a day. */
export function age(person: Person, on: Day): number {
  return ageOn(person.birth, on);
}

/** Whether somebody was at risk of this kind on a day. */
export function hasRisk(health: Health, group: RiskGroup, on: Day): boolean {
  return health.risks.some((risk) => risk.row.group === group && counts(risk, on));
}

/** Whether somebody was in any clinical risk group on a day; pregnancy is asked apart. */
export function isAtRisk(health: Health, on: Day): boolean {
  return health.risks.some((risk) => counts(risk, on));
}

/** The pregnancy somebody was in on a day. */
export function pregnancyOn(health: Health, on: Day): Pregnancy | undefined {
  return health.pregnancies.find((pregnancy) => pregnancy.start <= on && on < pregnancy.due);
}

/** Whether somebody belonged to a priority group on a day. */
export function inGroup(health: Health, group: PriorityGroup, on: Day): boolean {
  const from = health.groups.get(group);
  return from !== undefined && from <= on;
}

function counts(risk: Risk, on: Day): boolean {
  return risk.onset <= on && (risk.ended === undefined || on < risk.ended);
}

/** The value of the last row that begins at or below an age: tables are lists of such rows. */
export function byAge(rows: readonly (readonly [fromAge: number, value: number])[], years: number) {
  let value = 0;
  for (const [fromAge, rowValue] of rows) {
    if (years < fromAge) break;
    value = rowValue;
  }
  return value;
}
