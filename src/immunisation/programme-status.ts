// Where a person stands in a programme: doses, refusals, messages, bookings, each with the records
// it rests on. The cohort index and the search parameters vaccination-* of Patient ask this, and an
// explanation quotes it.

import { addDays, type Day, dayOfAge, type Span } from './days.ts';
import { ALWAYS, countDoses, type DoseCount, type DoseRule } from './dose-count.ts';
import type { Programme } from './programme.ts';
import type { Evidence } from './record-elements.ts';
import {
  type GroupRecord,
  historyOn,
  type MessageRecord,
  type NotGivenRecord,
  PREGNANCY,
  PREGNANCY_DAYS_MAX,
  type VaccinationHistory,
} from './vaccination-history.ts';

/** Where somebody stands in a programme. */
export interface ProgrammeStatus {
  /** Doses that count, one reported twice counted once. */
  readonly doses: number;
  /** The day of the last one, where it is known to the day. */
  readonly lastDose?: Day;
  /** Has refused, and had no dose since. */
  readonly refused: boolean;
  /** A contraindication was recorded, and no dose since. */
  readonly contraindicated: boolean;
  /** Was sent an invitation. */
  readonly invited: boolean;
  readonly lastInvitation?: Day;
  /** Was sent a reminder. */
  readonly reminded: boolean;
  /** Has an appointment to keep. */
  readonly booked: boolean;
  /** The day of the first one. */
  readonly bookedFor?: Day;
  /** Wants no invitations, to this or any programme. */
  readonly optedOut: boolean;
  readonly evidence: StatusEvidence;
}

/** The records that each part of a status rests on, oldest first. */
export interface StatusEvidence {
  /** Reports of doses, dose by dose. */
  readonly doses: DoseCount;
  readonly refused: readonly Evidence[];
  readonly contraindicated: readonly Evidence[];
  /** Not given for any other reason: unwell, absent. */
  readonly otherwiseNotGiven: readonly Evidence[];
  readonly invited: readonly Evidence[];
  readonly reminded: readonly Evidence[];
  readonly booked: readonly Evidence[];
  readonly optedOut: readonly Evidence[];
}

/**
 * Where a person stands in a programme.
 * @param onDate as on that day: what is dated later is left out, and so is an appointment before
 *   it that nobody has closed. Without it, as recorded: the answer depends on the records alone
 */
export function programmeStatus(
  history: VaccinationHistory,
  programme: Programme,
  onDate?: Day,
): ProgrammeStatus {
  const known = onDate === undefined ? history : historyOn(history, onDate);
  const rule = doseRule(known, programme);
  const doses = countDoses(known.given, rule);
  const last = doses.counted.at(-1)?.when;
  const standing = known.notGiven.filter(({ diseases, when }) => {
    const isAgainst = programme.diseases.some((disease) => diseases.includes(disease));
    return isAgainst && isWithin(when, rule) && isAfter(when, last);
  });
  const reasons = (kind: NotGivenRecord['kind']) => standing.filter((each) => each.kind === kind);
  const messages = known.messages.filter((message) => isAbout(message, programme));
  const sent = (category: MessageRecord['category']) =>
    messages.filter((message) => message.category === category);
  const booked = known.bookings.filter(({ services, when }) => {
    const isWanted = services.some((service) => programme.services.includes(service));
    return isWanted && isWithin(when, rule);
  });
  const evidence: StatusEvidence = {
    doses,
    refused: evidenceOfAll(reasons('refused')),
    contraindicated: evidenceOfAll(reasons('contraindicated')),
    otherwiseNotGiven: evidenceOfAll(reasons('other')),
    invited: evidenceOfAll(sent('invitation')),
    reminded: evidenceOfAll(sent('reminder')),
    booked: evidenceOfAll(booked),
    optedOut: evidenceOfAll(known.optOuts.filter((each) => isAbout(each, programme))),
  };
  return {
    doses: doses.counted.length,
    ...dated('lastDose', lastDay(doses.counted)),
    refused: evidence.refused.length > 0,
    contraindicated: evidence.contraindicated.length > 0,
    invited: evidence.invited.length > 0,
    ...dated('lastInvitation', lastDay(sent('invitation'))),
    reminded: evidence.reminded.length > 0,
    booked: evidence.booked.length > 0,
    ...dated('bookedFor', booked[0]?.when?.first),
    optedOut: evidence.optedOut.length > 0,
    evidence,
  };
}

/** A day after all others. */
const NEVER: Day = '9999-12-31';

/** By which rule a programme counts a person's doses. */
export function doseRule(history: VaccinationHistory, programme: Programme): DoseRule {
  const { diseases, minimumIntervalDays, duplicates } = programme;
  const { from, until } = countedDays(history, programme);
  return { diseases, from, until, minimumIntervalDays, duplicates };
}

type CountedDays = Pick<DoseRule, 'from' | 'until'>;

function countedDays(
  { person, risks }: VaccinationHistory,
  { counts, start, end }: Programme,
): CountedDays {
  if (counts === undefined) return { from: start, until: end };
  if (counts === 'lifetime') return { from: ALWAYS };
  if (counts === 'pregnancy') return latestPregnancy(risks);
  const birth = person?.birth?.last;
  return { from: birth === undefined ? ALWAYS : dayOfAge(birth, counts.fromAge) };
}

/** The days of somebody's latest pregnancy; none when they had none. */
function latestPregnancy(risks: readonly GroupRecord[]): CountedDays {
  const pregnancies = risks.filter(({ groups }) => groups.includes(PREGNANCY));
  if (pregnancies.length === 0) return { from: NEVER };
  const begun = pregnancies.flatMap(({ from, recorded }) => (from ?? recorded)?.first ?? []);
  const from = begun.toSorted().at(-1);
  return from === undefined ? { from: ALWAYS } : { from, until: addDays(from, PREGNANCY_DAYS_MAX) };
}

/** Whether something was surely within some days, both included. */
function isWithin(when: Span | undefined, { from, until }: CountedDays): boolean {
  if (when === undefined) return from === ALWAYS;
  return when.first >= from && (until === undefined || when.last <= until);
}

/** Whether something is, or may be, later than the last dose. A refusal on the day of a dose came
 * before it: somebody changed their mind, or two places recorded one visit. */
function isAfter(when: Span | undefined, last: Span | undefined): boolean {
  if (last === undefined) return true;
  return when !== undefined && when.last > last.first;
}

function isAbout(
  { about }: { readonly about: readonly string[] | undefined },
  { id }: Programme,
): boolean {
  return about === undefined || about.includes(id);
}

/** The day of the last dose had against a programme's diseases, of whatever season. */
export function lastDoseEver(history: VaccinationHistory, programme: Programme): Day | undefined {
  const { diseases, duplicates } = programme;
  const all: DoseRule = { diseases, duplicates, from: ALWAYS, minimumIntervalDays: 0 };
  return lastDay(countDoses(history.given, all).counted);
}

function evidenceOfAll(records: readonly { readonly evidence: Evidence }[]): readonly Evidence[] {
  return records.map(({ evidence }) => evidence);
}

/** The latest of those days that are known to the day. */
function lastDay(records: readonly { readonly when: Span | undefined }[]): Day | undefined {
  const exact = records.flatMap(({ when }) => {
    return when !== undefined && when.first === when.last ? [when.last] : [];
  });
  return exact.toSorted().at(-1);
}

function dated<Name extends string>(name: Name, day: Day | undefined): { [Key in Name]?: Day } {
  return day === undefined ? {} : ({ [name]: day } as { [Key in Name]: Day });
}
