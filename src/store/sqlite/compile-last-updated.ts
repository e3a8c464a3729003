// _lastUpdated as SQL. lastUpdated never decreases along the log, so that ranges of time are
// ranges of sequence numbers, found by bisection before the statement is written.

import type { RangeBounds } from '../../search/expression.ts';
import { type RidSet, type Statement, union } from './statement.ts';

/** From `first` to `last`, both included. */
interface SequenceRange {
  readonly first: number;
  readonly last: number;
}

/** A range that holds more than one in so many versions is found by looking at all resources. */
const SCAN_FROM_SHARE = 1 / 4;

/** Ranges that are each written out; more are judged over all resources. */
const WRITTEN_RANGES_MAX = 100;

/** The resources whose current version was written within one of the bounds. */
export function setOfLastUpdated(
  statement: Statement,
  type: string,
  bounds: readonly RangeBounds[],
): RidSet {
  const ranges = sequenceRanges(statement, bounds);
  const versionCount = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const scan =
    ranges.length > WRITTEN_RANGES_MAX || versionCount > statement.moment.last * SCAN_FROM_SHARE;
  if (scan) return statement.existing(type, ({ sequence }) => within(statement, ranges, sequence));
  const found = union(
    statement,
    ranges.map((range) => currentVersions(statement, type, range)),
  );
  return { ...found, unique: true };
}

/** Whether the resource's current version was written within one of the bounds. */
export function judgeLastUpdated(
  statement: Statement,
  bounds: readonly RangeBounds[],
  rid: string,
): string {
  const ranges = sequenceRanges(statement, bounds);
  return statement.existingIs(rid, ({ sequence }) => within(statement, ranges, sequence));
}

function within(statement: Statement, ranges: readonly SequenceRange[], sequence: string): string {
  const list = statement.bindList(ranges.map(({ first, last }) => [first, last]));
  const inside = `${sequence} BETWEEN value ->> 0 AND value ->> 1`;
  return `EXISTS (SELECT 1 FROM json_each(${list}) WHERE ${inside})`;
}

/** Versions of the range that are still current and no deletions. */
function currentVersions(statement: Statement, type: string, range: SequenceRange): RidSet {
  const code = statement.names.typeCode(type);
  if (code === undefined) return statement.emptySet();
  const version = statement.alias();
  const next = statement.alias();
  const last = statement.bind(statement.moment.last);
  const first = statement.bind(range.first);
  const end = statement.bind(range.last);
  const sql =
    `SELECT ${version}.rid FROM version AS ${version}` +
    ` WHERE ${version}.rid >> 40 = ${statement.bind(code)}` +
    ` AND ${version}.sequence BETWEEN ${first} AND ${end}` +
    ` AND ${version}.method <> 3 AND NOT EXISTS (SELECT 1 FROM version AS ${next}` +
    ` WHERE ${next}.rid = ${version}.rid AND ${next}.version_id = ${version}.version_id + 1` +
    ` AND ${next}.sequence <= ${last})`;
  return { sql, unique: true };
}

/** The bounds as disjoint ranges of sequence numbers, ascending, none empty. */
function sequenceRanges(statement: Statement, bounds: readonly RangeBounds[]): SequenceRange[] {
  const { positionBefore, last } = statement.moment;
  const ranges = bounds
    .map((bound) => ({
      first: positionBefore(firstInstant(bound)) + 1,
      last: Math.min(positionBefore(endInstant(bound)), last),
    }))
    .filter((range) => range.first <= range.last)
    .toSorted((left, right) => left.first - right.first);
  const disjoint: SequenceRange[] = [];
  for (const range of ranges) {
    const before = disjoint.at(-1);
    if (before === undefined || range.first > before.last + 1) disjoint.push(range);
    else disjoint[disjoint.length - 1] = joined(before, range);
  }
  return disjoint;
}

function joined(left: SequenceRange, right: SequenceRange): SequenceRange {
  return { first: left.first, last: Math.max(left.last, right.last) };
}

/** The least whole instant t whose range [t, t + 1) the lower bounds admit. */
function firstInstant({ lowFrom, highAbove }: RangeBounds): number {
  return Math.max(
    lowFrom === undefined ? Number.MIN_SAFE_INTEGER : Math.ceil(lowFrom),
    highAbove === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(highAbove),
  );
}

/** The least whole instant after those that the upper bounds admit. */
function endInstant({ lowBelow, highTo }: RangeBounds): number {
  return Math.min(
    lowBelow === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(lowBelow),
    highTo === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(highTo),
  );
}
