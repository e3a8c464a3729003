// From reports to doses: which reports tell of the same dose, and which doses count. One dose is
// often reported by the place that gave it, the practice and a child health service
// (programme-status.ts asks, by the rules of a programme).

import { compareTexts, type Day, daysBetween, type Span } from './days.ts';
import type { Evidence } from './record-elements.ts';
import type { GivenRecord } from './vaccination-history.ts';

/** When two reports against the same disease are one dose. */
export interface DuplicateRule {
  /** Reports at most so many days apart: 0 is the same day. */
  readonly withinDays: number;
}

/** What is counted. */
export interface DoseRule {
  /** SNOMED CT codes: the reports of one dose are together against all of them. */
  readonly diseases: readonly string[];
  /** Doses in these days count, both included. */
  readonly from: Day;
  readonly until?: Day | undefined;
  /** A dose fewer days after the last one that counts is no dose of its own. */
  readonly minimumIntervalDays: number;
  readonly duplicates: DuplicateRule;
}

/** One dose, with every report of it. */
export interface Dose {
  /** Absent when no report has a date. */
  readonly when: Span | undefined;
  readonly reports: readonly Evidence[];
}

/** A dose that does not count, and why, in words. */
export interface DoseNotCounted extends Dose {
  readonly why: string;
}

export interface DoseCount {
  /** Oldest first. */
  readonly counted: readonly Dose[];
  readonly notCounted: readonly DoseNotCounted[];
}

interface DoseReports {
  when: Span | undefined;
  readonly diseases: Set<string>;
  readonly reports: Evidence[];
}

/** Counts the doses that reports tell of. @param given oldest first, undated ones last */
export function countDoses(given: readonly GivenRecord[], rule: DoseRule): DoseCount {
  const counted: Dose[] = [];
  const notCounted: DoseNotCounted[] = [];
  for (const dose of dosesOf(given, rule)) {
    const why = whyNot(dose, counted.at(-1), rule);
    if (why === undefined) counted.push(dose);
    else notCounted.push({ ...dose, why });
  }
  return { counted, notCounted };
}

/**
 * Doses against all diseases of the rule, oldest first. A report whose date is not known to the day
 * is taken for another report of a dose it may be about, so that nobody is thought better protected
 * than they are sure to be.
 */
function dosesOf(given: readonly GivenRecord[], rule: DoseRule): readonly Dose[] {
  const found: DoseReports[] = [];
  const relevant = given.filter((report) =>
    report.diseases.some((disease) => rule.diseases.includes(disease)),
  );
  for (const report of relevant.toSorted(byPrecision)) {
    const same = found.find((dose) => mayBeSame(dose.when, report.when, rule.duplicates));
    const dose = same ?? { when: report.when, diseases: new Set<string>(), reports: [] };
    if (same === undefined) found.push(dose);
    for (const disease of report.diseases) dose.diseases.add(disease);
    dose.reports.push(report.evidence);
  }
  return found
    .filter((dose) => rule.diseases.every((disease) => dose.diseases.has(disease)))
    .map(({ when, reports }) => ({ when, reports }))
    .sort((one, other) => compareTexts(firstDay(one), firstDay(other)));
}

/** Reports that are dated to the day first; sorting keeps the order of others. */
function byPrecision(one: GivenRecord, other: GivenRecord): number {
  return imprecision(one) - imprecision(other);
}

function imprecision({ when }: GivenRecord): number {
  if (when === undefined) return Number.MAX_SAFE_INTEGER;
  // Nearly all dates are known to the day, and counting days takes time.
  return when.first === when.last ? 0 : daysBetween(when.first, when.last);
}

function firstDay({ when }: Dose): Day {
  return when?.first ?? '9999-12-31';
}

function mayBeSame(one: Span | undefined, other: Span | undefined, rule: DuplicateRule): boolean {
  if (one === undefined || other === undefined) return true;
  const [earlier, later] = one.first <= other.first ? [one, other] : [other, one];
  if (later.first <= earlier.last) return true;
  return rule.withinDays > 0 && daysBetween(earlier.last, later.first) <= rule.withinDays;
}

/** Why a dose does not count, in words; undefined when it does. */
function whyNot({ when }: Dose, last: Dose | undefined, rule: DoseRule): string | undefined {
  const { from, until, minimumIntervalDays } = rule;
  if (when === undefined) return from === ALWAYS ? undefined : 'no date is recorded';
  if (when.last < from) return `it was before ${from}`;
  if (until !== undefined && when.first > until) return `it was after ${until}`;
  if (when.first < from || (until !== undefined && when.last > until)) {
    return 'its date is not exact enough to tell whether it was in time';
  }
  if (last?.when === undefined) return undefined;
  const days = daysBetween(last.when.first, when.last);
  if (days >= minimumIntervalDays) return undefined;
  const after = days === 1 ? '1 day' : `${days} days`;
  return `it was ${after} after the dose before: at least ${minimumIntervalDays} are needed`;
}

/** For `from`: every dose of a lifetime counts, and those without a date too. */
export const ALWAYS: Day = '0001-01-01';
