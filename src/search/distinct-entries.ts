// Removes equal index entries. Part of index-entries.ts: names repeat over a person's names and
// codes over their codings, and the store must hold each value once.

import { unreachable } from '../lib/assert.ts';
import type { IndexEntry } from './index-entry.ts';

/** Beyond this many values under one parameter a set is faster than comparing pairs. */
const PAIRWISE_MAX = 16;

/** Keeps the first of equal entries from `start` on, in place. */
export function keepDistinct(entries: IndexEntry[], start: number): void {
  const count = entries.length - start;
  if (count < 2) return;
  if (count > PAIRWISE_MAX) {
    const distinct = new Map(entries.slice(start).map((each) => [JSON.stringify(each), each]));
    entries.length = start;
    for (const entry of distinct.values()) entries.push(entry);
    return;
  }
  let end = start;
  for (let next = start; next < start + count; next += 1) {
    const entry = entries[next];
    if (entry === undefined || includesEntry(entries, start, end, entry)) continue;
    entries[end] = entry;
    end += 1;
  }
  entries.length = end;
}

function includesEntry(
  entries: readonly IndexEntry[],
  start: number,
  end: number,
  entry: IndexEntry,
): boolean {
  for (let at = start; at < end; at += 1) {
    const other = entries[at];
    if (other !== undefined && isSameValue(other, entry)) return true;
  }
  return false;
}

function isSameValue(a: IndexEntry, b: IndexEntry): boolean {
  if (a.parameter !== b.parameter) return false;
  switch (a.kind) {
    case 'token':
      return a.kind === b.kind && a.code === b.code && a.system === b.system;
    case 'string':
      return a.kind === b.kind && a.exact === b.exact && a.value === b.value;
    case 'date':
    case 'number':
      return a.kind === b.kind && a.low === b.low && a.high === b.high;
    case 'quantity':
    case 'position':
    case 'composite':
      return JSON.stringify(a) === JSON.stringify(b);
    case 'reference':
      return a.kind === b.kind && a.target === b.target;
    case 'uri':
      return a.kind === b.kind && a.value === b.value;
    default:
      return unreachable(a);
  }
}
