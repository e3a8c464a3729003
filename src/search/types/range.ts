// Ranges, which dates, numbers and quantities are compared as: what each prefix of R4 asks of an
// entry's range, and whether an entry has it. http://hl7.org/fhir/R4/search.html#prefix

import type { RangeBounds } from '../expression.ts';

/** Half-open: [low, high). */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What a prefix asks of an entry's range, for a search value of the range [low, high). */
type Bounds = (low: number, high: number, margin: number) => readonly RangeBounds[];

const within: Bounds = (low, high) => [{ lowFrom: low, highTo: high }];

/**
 * http://hl7.org/fhir/R4/search.html#prefix. [low, high) is the range of the search value; the
 * range below it ends at `low`, the range above it begins at `high`.
 */
export const boundsByPrefix: Readonly<Record<string, Bounds>> = {
  // the search range contains the whole target
  eq: within,
  // the search range does not contain the whole target: some of it lies before or after
  ne: (low, high) => [{ lowBelow: low }, { highAbove: high }],
  // some of the target lies above the search range
  gt: (_low, high) => [{ highAbove: high }],
  // some of the target lies below the search range
  lt: (low) => [{ lowBelow: low }],
  ge: (low, high) => [{ highAbove: high }, { lowFrom: low, highTo: high }],
  le: (low, high) => [{ lowBelow: low }, { lowFrom: low, highTo: high }],
  // all of the target lies above the search range
  sa: (_low, high) => [{ lowFrom: high }],
  // all of the target lies below the search range
  eb: (low) => [{ highTo: low }],
  // the search range, widened by the margin on both sides, overlaps
  ap: (low, high, margin) => [{ lowBelow: high + margin, highAbove: low - margin }],
};

/** The prefix of a value, `eq` where it has none, and the rest of it. */
export function splitPrefix(value: string): { readonly prefix: string; readonly rest: string } {
  const [, prefix = 'eq', rest = ''] = /^([a-z]{2})?(.*)$/s.exec(value) ?? [];
  return { prefix, rest };
}

/** Whether the range [low, high) satisfies every bound that is present. */
export function rangeMatches(range: Range, bounds: RangeBounds): boolean {
  const { lowFrom, lowBelow, highAbove, highTo } = bounds;
  return (
    (lowFrom === undefined || range.low >= lowFrom) &&
    (lowBelow === undefined || range.low < lowBelow) &&
    (highAbove === undefined || range.high > highAbove) &&
    (highTo === undefined || range.high <= highTo)
  );
}
