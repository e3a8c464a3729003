// A clause on one column as the kernel asks it: ranges of values, or a table of 65,536 bits when
// there would be too many of them.

import { createHash } from 'node:crypto';
import { assert, unreachable } from '../../lib/assert.ts';
import type { EngineExpression } from './cohort-engine.ts';
import type { BlockColumns, EngineMemory } from './memory.ts';

/** An expression on one column. */
export type ColumnExpression = Extract<EngineExpression, { kind: 'days' | 'counts' | 'codes' }>;

/** Inclusive. */
export interface ValueRange {
  readonly from: number;
  readonly to: number;
}

export interface Clause {
  /** The same for clauses that are the same. */
  readonly key: string;
  /** Of its column, within a block. */
  readonly offset: number;
  readonly width: 8 | 16;
  readonly match:
    | { readonly kind: 'ranges'; readonly ranges: readonly ValueRange[] }
    /** Of the codes in the table the highest stands beside it. */
    | { readonly kind: 'table'; readonly table: Uint8Array; readonly highest: number };
}

/** More ranges than these are looked up in a table: each is a pass over the column's block. */
const RANGES_MAX = 4;
const TABLE_BYTES = 8192;

/** @throws when the column is not there or a bound is no number of its range */
export function toClause(expression: ColumnExpression, columns: BlockColumns): Clause {
  switch (expression.kind) {
    case 'days':
      return rangeClause(expression, columns.days, 16, { from: 1, to: 0xffff });
    case 'counts':
      return rangeClause(expression, columns.counts, 8, { from: 0, to: 0xff });
    case 'codes':
      return codesClause(expression.values, offsetOf(columns.codes, expression.column));
    default:
      return unreachable(expression);
  }
}

/** Whether a row's value is one of the clause's. */
export function clauseHolds({ offset, width, match }: Clause, memory: EngineMemory, row: number) {
  const value = width === 8 ? memory.byte(row, offset) : memory.word(row, offset);
  if (match.kind === 'table') return ((match.table[value >> 3] ?? 0) & (1 << (value & 7))) !== 0;
  return match.ranges.some(({ from, to }) => value >= from && value <= to);
}

function rangeClause(
  { column, from, to }: { readonly column: string; readonly from: number; readonly to: number },
  columns: ReadonlyMap<string, number>,
  width: 8 | 16,
  all: ValueRange,
): Clause {
  assert(Number.isInteger(from) && Number.isInteger(to), `${from} to ${to} are whole numbers`);
  const offset = offsetOf(columns, column);
  const range = { from: Math.max(from, all.from), to: Math.min(to, all.to) };
  const ranges = range.from <= range.to ? [range] : [];
  return rangesClause(offset, width, ranges);
}

function codesClause(values: readonly number[], offset: number): Clause {
  const table = new Uint8Array(TABLE_BYTES);
  for (const value of values) {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `${value} is a code`);
    table[value >> 3] = (table[value >> 3] ?? 0) | (1 << (value & 7));
  }
  const ranges = rangesOf(values);
  if (ranges.length <= RANGES_MAX) return rangesClause(offset, 16, ranges);
  const digest = createHash('sha1').update(table).digest('base64');
  const highest = ranges.at(-1)?.to ?? 0;
  return {
    key: `${offset}:${digest}`,
    offset,
    width: 16,
    match: { kind: 'table', table, highest },
  };
}

function rangesClause(offset: number, width: 8 | 16, ranges: readonly ValueRange[]): Clause {
  const key = `${offset}:${ranges.map(({ from, to }) => `${from}-${to}`).join(',')}`;
  return { key, offset, width, match: { kind: 'ranges', ranges } };
}

/** Runs of neighbouring values. */
function rangesOf(values: readonly number[]): readonly ValueRange[] {
  const ranges: { from: number; to: number }[] = [];
  for (const value of Uint16Array.from(values).sort()) {
    const last = ranges.at(-1);
    if (last !== undefined && value <= last.to + 1) last.to = value;
    else ranges.push({ from: value, to: value });
  }
  return ranges;
}

function offsetOf(columns: ReadonlyMap<string, number>, name: string): number {
  const offset = columns.get(name);
  assert(offset !== undefined, `${name} is a column`);
  return offset;
}
