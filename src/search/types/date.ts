// date parameters: how a value with its prefix is read, and how dates and periods are indexed. Both
// are ranges, which range.ts matches. http://hl7.org/fhir/R4/search.html#date

import { dateRange } from '../../fhir/dates.ts';
import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { unescapeValue } from '../escapes.ts';
import type { Expression, RangeBounds } from '../expression.ts';
import { END_OF_TIME_MS, START_OF_TIME_MS, type ValueEntry } from '../index-entry.ts';
import { boundsByPrefix, type Range, splitPrefix } from './range.ts';

const EXPECTED =
  'a date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]] with Z or an offset, ' +
  'after an optional prefix eq, ne, gt, lt, ge, le, sa, eb or ap';

/** Reads all alternatives of a date clause. Refuses any modifier. */
export function readDateBounds(clause: Clause): readonly RangeBounds[] {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  return clause.values.flatMap((value) => boundsOf(unescapeValue(value), clause));
}

/** Some of the target and some of the value are the same: `po` of a filter. */
export function dateOverlap(clause: Clause): Expression {
  const { parameter, values, environment, name } = clause;
  const anyOf = values.map((value) => {
    const range = dateRange(unescapeValue(value), environment.zone);
    if (range === undefined) throw malformedValue(name, value, EXPECTED);
    return { lowBelow: range.highMs, highAbove: range.lowMs };
  });
  return { kind: 'date', parameter: parameter.code, anyOf };
}

/** `birthdate=ge2026-03-29` as an expression. */
export function readDate(clause: Clause): Expression {
  return { kind: 'date', parameter: clause.parameter.code, anyOf: readDateBounds(clause) };
}

function boundsOf(value: string, clause: Clause): readonly RangeBounds[] {
  const { zone, nowMs } = clause.environment;
  const { prefix, rest: date } = splitPrefix(value);
  const bounds = boundsByPrefix[prefix];
  const range = dateRange(date, zone);
  if (bounds === undefined || range === undefined) {
    throw malformedValue(clause.name, value, EXPECTED + plusHint(value));
  }
  const { lowMs, highMs } = range;
  const distanceMs = Math.max(lowMs - nowMs, nowMs - highMs, 0);
  return bounds(lowMs, highMs, Math.round(distanceMs / 10));
}

/** A `+` that was not percent-encoded arrives as a space. */
function plusHint(value: string): string {
  return / \d\d:\d\d$/.test(value) ? '; the + of an offset is written %2B in a query string' : '';
}

/**
 * Index entries of a date, dateTime, instant, Period or Timing. A Period's open end reaches the
 * end of time. Of a Timing only the outer limits count: from the first to the last of its events
 * and bounds. What has no limits at all, or ends before it begins, has no entry.
 */
export function dateEntries(
  parameter: string,
  node: unknown,
  fhirType: string,
  zone: string,
): ValueEntry[] {
  const range = rangeOf(node, fhirType, zone);
  return range === undefined || range.low > range.high
    ? []
    : [{ kind: 'date', parameter, low: range.low, high: range.high }];
}

function rangeOf(node: unknown, fhirType: string, zone: string): Range | undefined {
  if (typeof node === 'string') return rangeOfText(node, zone);
  if (typeof node !== 'object' || node === null) return undefined;
  return fhirType === 'Timing' ? rangeOfTiming(node, zone) : rangeOfPeriod(node, zone);
}

function rangeOfText(text: unknown, zone: string): Range | undefined {
  const range = typeof text === 'string' ? dateRange(text, zone) : undefined;
  return range === undefined ? undefined : { low: range.lowMs, high: range.highMs };
}

function rangeOfPeriod(period: object, zone: string): Range | undefined {
  const { start, end } = period as { start?: unknown; end?: unknown };
  const first = rangeOfText(start, zone);
  const last = rangeOfText(end, zone);
  if (first === undefined && last === undefined) return undefined;
  return { low: first?.low ?? START_OF_TIME_MS, high: last?.high ?? END_OF_TIME_MS };
}

function rangeOfTiming(timing: object, zone: string): Range | undefined {
  const { event, repeat } = timing as { event?: unknown; repeat?: { boundsPeriod?: unknown } };
  const ranges = (Array.isArray(event) ? event : []).map((text) => rangeOfText(text, zone));
  const bounds = repeat?.boundsPeriod;
  if (typeof bounds === 'object' && bounds !== null) ranges.push(rangeOfPeriod(bounds, zone));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0) return undefined;
  return {
    low: Math.min(...known.map((range) => range.low)),
    high: Math.max(...known.map((range) => range.high)),
  };
}
