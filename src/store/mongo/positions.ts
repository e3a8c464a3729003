// Instants as sequence numbers. lastUpdated never decreases along the log, so that ranges of time
// are ranges of sequence numbers, which the versions' own `_id` finds.

import type { RangeBounds } from '../../search/expression.ts';
import type { Database } from './database.ts';
import { orderedId } from './models.ts';
import { type Filter, NOTHING } from './value-filter.ts';

/** The last sequence number, up to `upTo`, of a version whose lastUpdated is earlier; 0 without
 * any. @param beforeMs milliseconds since 1970 UTC */
export async function positionBefore(
  { log, versions }: Database,
  beforeMs: number,
  upTo: number,
): Promise<number> {
  const [commit] = await log
    .find({ firstMs: { $lt: beforeMs }, first: { $lte: upTo } })
    .project<{ first: number; last: number; lastMs: number }>({ first: 1, last: 1, lastMs: 1 })
    .sort({ firstMs: -1, _id: -1 })
    .limit(1)
    .toArray();
  if (commit === undefined) return 0;
  const last = Math.min(commit.last, upTo);
  if (commit.lastMs < beforeMs || commit.last < commit.first) return last;
  const [version] = await versions
    .find({
      _id: { $gte: orderedId(commit.first), $lte: orderedId(last) },
      lastUpdatedMs: { $lt: beforeMs },
    })
    .project<{ from: number }>({ from: 1 })
    .sort({ _id: -1 })
    .limit(1)
    .toArray();
  return version?.from ?? commit.first - 1;
}

/** Versions that were written within one of the bounds. */
export async function lastUpdatedFilter(
  database: Database,
  anyOf: readonly RangeBounds[],
  at: number,
): Promise<Filter> {
  const ranges: Filter[] = [];
  for (const bounds of anyOf) {
    const first = await positionBefore(database, firstInstant(bounds), at);
    const last = await positionBefore(database, endInstant(bounds), at);
    if (first < last) ranges.push({ _id: { $gt: orderedId(first), $lte: orderedId(last) } });
  }
  return ranges.length === 0 ? NOTHING : { $or: ranges };
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
