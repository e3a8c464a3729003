// Composite entries as rows of entry_composite: one for each combination of the values of their
// components, the terms interned.

import { assert, unreachable } from '../../lib/assert.ts';
import type { IndexEntry, ValueEntry } from '../../search/index-entry.ts';
import { encodeText } from '../ordered-text.ts';
import { storedString, storedUri } from './compile-text.ts';
import type { Dictionary } from './dictionary.ts';

type CompositeEntry = Extract<IndexEntry, { kind: 'composite' }>;

/** Columns of entry_composite for terms and for ranges: no parameter of R4 needs more. */
export const COMPOSITE_TERMS_MAX = 3;
export const COMPOSITE_RANGES_MAX = 2;

/** One value as columns. */
interface Columns {
  readonly terms: readonly number[];
  readonly ranges: readonly number[];
}

/** The rows of an entry, without `rid`. */
export function compositeRows(
  dictionary: Dictionary,
  parameter: number,
  entry: CompositeEntry,
): number[][] {
  let rows: Columns[] = [{ terms: [], ranges: [] }];
  for (let place = 1; place <= entry.components; place += 1) {
    const name = `${entry.parameter}$${place}`;
    const values = entry.values.filter((value) => value.parameter === name);
    const columns = values.map((value) => columnsOf(dictionary, parameter, place, value));
    rows = rows.flatMap(({ terms, ranges }) =>
      columns.map((each) => ({
        terms: [...terms, ...each.terms],
        ranges: [...ranges, ...each.ranges],
      })),
    );
  }
  return rows.map(({ terms, ranges }) => [
    parameter,
    ...filled(terms, COMPOSITE_TERMS_MAX),
    ...filled(ranges, 2 * COMPOSITE_RANGES_MAX),
  ]);
}

function filled(values: readonly number[], length: number): readonly number[] {
  assert(values.length <= length, 'a composite fits a row');
  return [...values, ...Array<number>(length - values.length).fill(0)];
}

function columnsOf(
  dictionary: Dictionary,
  parameter: number,
  place: number,
  entry: ValueEntry,
): Columns {
  const term = (value: string, system = '', name = '') =>
    dictionary.internTerm({ parameter, place, system, value, name });
  switch (entry.kind) {
    case 'token':
      return { terms: [term(encodeText(entry.code), encodeText(entry.system))], ranges: [] };
    case 'string':
      return { terms: [term(storedString(entry.value, entry.exact))], ranges: [] };
    case 'uri':
      return { terms: [term(storedUri(entry.value))], ranges: [] };
    case 'reference':
      return { terms: [term(encodeText(entry.target))], ranges: [] };
    case 'date':
    case 'number':
      return { terms: [], ranges: [entry.high, entry.low] };
    case 'quantity': {
      const { system, code, unit, low, high } = entry;
      const unitTerm = term(encodeText(code), encodeText(system), encodeText(unit));
      return { terms: [unitTerm], ranges: [high, low] };
    }
    case 'position':
      throw new Error('A position is no part of a composite');
    default:
      return unreachable(entry);
  }
}
