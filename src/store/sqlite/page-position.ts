// The `next` of a search page: where the following page begins. It carries the total too, since
// all pages of one search have the same.

import type { SortValue } from './sort.ts';

/** After which row the next page begins. */
export interface PagePosition {
  /** The sequence number that the pages are as at. */
  readonly at: number;
  readonly total: number;
  /** The row's values under the sort keys. */
  readonly values: readonly SortValue[];
  readonly rid: number;
}

/** The position as opaque text of A-Z a-z 0-9 - _. */
export function writePosition({ at, total, values, rid }: PagePosition): string {
  return Buffer.from(JSON.stringify([at, total, rid, ...values])).toString('base64url');
}

/** Reads a position back; undefined when the text is none, or is of another sort. */
export function readPosition(text: string, keyCount: number): PagePosition | undefined {
  const parts = parsed(Buffer.from(text, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== keyCount + 3) return undefined;
  const [at, total, rid, ...values] = parts;
  if (![at, total, rid].every((part) => Number.isSafeInteger(part) && part >= 0)) return undefined;
  if (!values.every(isSortValue)) return undefined;
  return { at, total, rid, values };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSortValue(value: unknown): value is SortValue {
  return value === null || typeof value === 'string' || Number.isFinite(value);
}
