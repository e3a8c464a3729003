// Whom a programme is for: its rules (programme.ts) put to a person's history on a day. The first
// rule that is true decides, and the answer says which it was and by which records.

import { unreachable } from '../lib/assert.ts';
import { addDays, type Day, dayOfAge, daysBetween, type Span, schoolYearAges } from './days.ts';
import { ALWAYS, countDoses } from './dose-count.ts';
import type { AgeDay, Course, Criterion, EligibilityRule, Programme } from './programme.ts';
import { doseRule, lastDoseEver } from './programme-status.ts';
import type { Evidence } from './record-elements.ts';
import {
  type GroupRecord,
  historyOn,
  holdsOn,
  PREGNANCY,
  PREGNANCY_DAYS_MAX,
  type VaccinationHistory,
} from './vaccination-history.ts';

/** Whether a programme is for somebody. */
export type Eligibility =
  | {
      readonly eligible: true;
      readonly rule: Pick<EligibilityRule, 'code' | 'display'>;
      /** In a sentence. */
      readonly words: string;
      /** From when the offer is open to them. */
      readonly opens: Day;
      /** Whether it is open on the day of asking. */
      readonly isOpen: boolean;
      /** Doses that make their course, and doses that count for it. */
      readonly dosesNeeded: number;
      readonly dosesHad: number;
      /** When the next dose of the course may be given, by those had before; absent when none was
       * had or none is needed. */
      readonly dueFrom?: Day;
      /** The records by which the rule is true. */
      readonly evidence: readonly Evidence[];
    }
  | {
      readonly eligible: false;
      readonly words: string;
      /** The rules, none of which is true. */
      readonly rules: readonly Pick<EligibilityRule, 'code' | 'display'>[];
    };

/** Whether a programme is for a person, asked on a day. */
export function eligibility(
  history: VaccinationHistory,
  programme: Programme,
  onDate: Day,
): Eligibility {
  const { title, end } = programme;
  const known = historyOn(history, onDate);
  const question = { history: known, programme, onDate };
  for (const { code, display, opens = programme.start, when } of programme.eligibility) {
    const evidence = judge(when, question);
    if (evidence === undefined) continue;
    return {
      eligible: true,
      rule: { code, display },
      words: `${title}: ${display}. Open from ${opens}${end === undefined ? '' : ` to ${end}`}.`,
      opens,
      isOpen: opens <= onDate && (end === undefined || onDate <= end),
      ...courseOf(question),
      evidence: distinct(evidence),
    };
  }
  const rules = programme.eligibility.map(({ code, display }) => ({ code, display }));
  return { eligible: false, words: `${title}: none of its groups applies on ${onDate}.`, rules };
}

/** What is asked. */
interface Question {
  readonly history: VaccinationHistory;
  readonly programme: Programme;
  readonly onDate: Day;
}

/** Somebody's course, and how far they are in it. */
function courseOf(
  question: Question,
): Pick<Extract<Eligibility, { eligible: true }>, 'dosesNeeded' | 'dosesHad' | 'dueFrom'> {
  const { history, programme } = question;
  const { doses: dosesNeeded, dueAfterDays = programme.minimumIntervalDays } =
    programme.courses.find(
      ({ when }) => when === undefined || judge(when, question) !== undefined,
    ) ?? ONE_DOSE;
  const dosesHad = countDoses(history.given, doseRule(history, programme)).counted.length;
  const last = lastDoseEver(history, programme);
  const isDue = last !== undefined && dosesHad < dosesNeeded;
  return { dosesNeeded, dosesHad, ...(isDue ? { dueFrom: addDays(last, dueAfterDays) } : {}) };
}

const ONE_DOSE: Course = { doses: 1 };

/** The records by which a criterion is true, which may be none; undefined when it is not. */
function judge(criterion: Criterion, question: Question): readonly Evidence[] | undefined {
  const { history, onDate } = question;
  switch (criterion.kind) {
    case 'age': {
      const on = ageDay(criterion.on, onDate);
      const { from, below } = criterion;
      return byBirth(history, ({ first, last }) => {
        const isOldEnough = from === undefined || dayOfAge(last, from) <= on;
        return isOldEnough && (below === undefined || dayOfAge(first, below) > on);
      });
    }
    case 'born': {
      const { from = ALWAYS, until = onDate } = criterion;
      return byBirth(history, ({ first, last }) => from <= first && last <= until);
    }
    case 'gender':
      return history.person?.gender === criterion.is ? [] : undefined;
    case 'risk':
      return inGroups(history.risks, onDate, (group) =>
        criterion.anyOf === undefined
          ? group !== PREGNANCY
          : criterion.anyOf.some((each) => each === group),
      );
    case 'group':
      return inGroups(history.flags, onDate, (group) =>
        criterion.anyOf.some((each) => each === group),
      );
    case 'pregnant':
      return pregnant(history.risks, onDate, criterion.fromWeek ?? 0);
    case 'never-vaccinated':
      return hadDoseBefore(question) ? undefined : [];
    case 'all':
    case 'any':
      return judgeSeveral(criterion.kind, criterion.of, question);
    case 'not':
      return judge(criterion.of, question) === undefined ? [] : undefined;
    default:
      return unreachable(criterion);
  }
}

function judgeSeveral(
  kind: 'all' | 'any',
  criteria: readonly Criterion[],
  question: Question,
): readonly Evidence[] | undefined {
  const found: Evidence[] = [];
  for (const criterion of criteria) {
    const evidence = judge(criterion, question);
    if (evidence !== undefined && kind === 'any') return evidence;
    if (evidence === undefined && kind === 'all') return undefined;
    found.push(...(evidence ?? []));
  }
  return kind === 'all' ? found : undefined;
}

function ageDay(on: AgeDay, onDate: Day): Day {
  if (on === 'asking') return onDate;
  return on === 'school-year' ? schoolYearAges(onDate) : on;
}

/** By the day of birth. One that is not known to the day must be right whichever day it was. */
function byBirth(
  { person }: VaccinationHistory,
  isRight: (birth: Span) => boolean,
): readonly Evidence[] | undefined {
  if (person?.birth === undefined || !isRight(person.birth)) return undefined;
  return [person.evidence];
}

function inGroups(
  records: readonly GroupRecord[],
  onDate: Day,
  isWanted: (group: string) => boolean,
): readonly Evidence[] | undefined {
  const found = records.filter((each) => each.groups.some(isWanted) && holdsOn(each, onDate));
  return found.length === 0 ? undefined : found.map(({ evidence }) => evidence);
}

/** Days after which a pregnancy is over of which only the recording has a date (PRIMIS). */
const PREGNANCY_RECORDED_DAYS_MAX = 252;

/** @param fromWeek weeks completed since it began; one whose beginning is unknown has completed
 * those since it was recorded */
function pregnant(
  risks: readonly GroupRecord[],
  onDate: Day,
  fromWeek: number,
): readonly Evidence[] | undefined {
  const found = risks.filter((each) => {
    if (!each.groups.includes(PREGNANCY) || !holdsOn(each, onDate)) return false;
    const began = each.from ?? each.recorded;
    if (began === undefined) return fromWeek === 0;
    const days = daysBetween(began.last, onDate);
    const daysMax = each.from === undefined ? PREGNANCY_RECORDED_DAYS_MAX : PREGNANCY_DAYS_MAX;
    return days >= 7 * fromWeek && days <= daysMax;
  });
  return found.length === 0 ? undefined : found.map(({ evidence }) => evidence);
}

function hadDoseBefore({ history, programme }: Question): boolean {
  const rule = { ...doseRule(history, programme), from: ALWAYS, until: undefined };
  const { counted } = countDoses(history.given, rule);
  return counted.some(({ when }) => when === undefined || when.first < programme.start);
}

/** Each record once: a Patient's birth date may be looked at several times. */
function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(evidence.map((each) => [each.reference, each])).values()];
}
