// Breakdowns of a set of people: which histograms of the engine's columns they are made of, and how
// these are folded into the rows that were asked for. Areas are sums over small areas or practices.

import { fhirError } from '../fhir/fhir-error.ts';
import { COHORT_CELLS_MAX, COHORT_CROSS_MAX } from '../limits.ts';
import type { Categories } from './categories.ts';
import { type Category, type CodeDimension, type Dimension, dimensions } from './dimensions.ts';
import type { EngineBreakdown, EngineExpression } from './engine/cohort-engine.ts';

/** By one dimension, or by two crossed: names of `dimensions`. */
export type Breakdown = readonly [string] | readonly [string, string];

export interface BreakdownRow {
  /** One category for each dimension. */
  readonly categories: readonly Category[];
  readonly count: number;
}

/** One question to the engine for a breakdown: within `where`, a histogram, whose cells `fold`
 * gives their categories. */
export interface BreakdownPart {
  readonly where: EngineExpression | undefined;
  readonly histogram: EngineBreakdown | undefined;
  /** Cells of the histogram, or the total alone where there is none. */
  readonly fold: (cells: Uint32Array, add: Adder) => void;
}

type Adder = (categories: readonly Category[], count: number) => void;

/** What the columns of the people in question hold. */
export interface Columns {
  readonly categories: Pick<Categories, 'of' | 'byCategory' | 'isComplete'>;
  /** A column's highest code + 1. */
  size(column: string): number;
}

/** @throws FhirError `invalid-request` that names what there is */
export function readBreakdown(text: string): Breakdown {
  const names = text.split(',').map((name) => name.trim());
  const [first = '', second] = names;
  const isKnown = names.every((name) => Object.hasOwn(dimensions, name));
  if (!isKnown || names.length > 2 || first === second) {
    const known = Object.keys(dimensions).join(', ');
    const sentence = `is one of ${known}, or two different ones with a comma between`;
    throw fhirError('invalid-request', `Parameter 'breakdown' ${sentence}, not '${text}'`);
  }
  return second === undefined ? [first] : [first, second];
}

/**
 * The questions that a breakdown is made of.
 * @throws FhirError `limit-exceeded` for a cross of two dimensions that are both large, and for one
 *   with more values than are told apart
 */
export function breakdownParts(breakdown: Breakdown, columns: Columns): readonly BreakdownPart[] {
  const [first, second] = breakdown.map((name) => dimensions[name]);
  if (first === undefined) return [];
  for (const name of breakdown) refuseIncomplete(name, columns);
  if (second === undefined) return partsOf(first, undefined, columns, (category) => [category]);
  if (first.kind === 'codes' && second.kind === 'codes') return crossed(first, second, columns);
  // What is of bitmaps is gone through, one category at a time.
  const [bits, other, place] =
    first.kind === 'bits'
      ? [first, second, (one: Category, two: Category) => [one, two]]
      : [second, first, (one: Category, two: Category) => [two, one]];
  if (bits.kind !== 'bits') return [];
  return bits.categories.flatMap(({ bitmap, ...category }) =>
    partsOf(other, { kind: 'bitmap', name: bitmap }, columns, (two) => place(category, two)),
  );
}

function refuseIncomplete(name: string, { categories }: Columns): void {
  const dimension = dimensions[name];
  if (dimension?.kind !== 'codes' || categories.isComplete(dimension.column)) return;
  throw fhirError('limit-exceeded', `There are more values of '${name}' than are told apart`);
}

/** Sums of rows that have the same categories. */
export class RowSums {
  readonly #rows = new Map<string, { readonly categories: readonly Category[]; count: number }>();

  add(categories: readonly Category[], count: number): void {
    if (count === 0) return;
    const key = JSON.stringify(categories.map(({ system, code }) => [system, code]));
    const row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, { categories, count });
    else row.count += count;
  }

  /** By their codes; who is unknown comes last. */
  rows(): readonly BreakdownRow[] {
    const sorted = [...this.#rows.values()].map((row) => ({ key: orderOf(row), row }));
    return sorted.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ row }) => row);
  }
}

function orderOf({ categories }: { readonly categories: readonly Category[] }): string {
  return categories
    .map(({ code, system = '' }) => (code === 'unknown' ? '\uffff' : `${code}\0${system}`))
    .join('\0');
}

/** Which categories a row has, one of whose is this. */
type Place = (category: Category) => readonly Category[];

/** By one dimension, of those within `where`. */
function partsOf(
  dimension: Dimension,
  where: EngineExpression | undefined,
  columns: Columns,
  place: Place,
): readonly BreakdownPart[] {
  if (dimension.kind === 'codes') return [byColumn(dimension, where, columns, place)];
  return dimension.categories.map(({ bitmap, ...category }) => {
    const bit: EngineExpression = { kind: 'bitmap', name: bitmap };
    return {
      where: where === undefined ? bit : { kind: 'and', of: [where, bit] },
      histogram: undefined,
      fold: ([total = 0], add) => add(place(category), total),
    };
  });
}

function byColumn(
  dimension: CodeDimension,
  where: EngineExpression | undefined,
  { categories }: Columns,
  place: Place,
): BreakdownPart {
  return {
    where,
    histogram: { columns: [dimension.column] },
    fold: (cells, add) => {
      const known = categories.of(dimension, cells.length);
      cells.forEach((count, code) => {
        const category = known[code];
        if (count > 0 && category !== undefined) add(place(category), count);
      });
    },
  };
}

/** Two dimensions of columns. Where both together have too many cells, the one with fewer
 * categories is gone through, one at a time. */
function crossed(
  first: CodeDimension,
  second: CodeDimension,
  columns: Columns,
): readonly BreakdownPart[] {
  if (first.column === second.column) return [byOneColumn(first, second, columns)];
  const [height, width] = [columns.size(first.column), columns.size(second.column)];
  if (height * width <= COHORT_CELLS_MAX) return [byTwoColumns(first, second, width, columns)];
  const ones = columns.categories.byCategory(first, height);
  const others = columns.categories.byCategory(second, width);
  const isFirst = ones.length <= others.length;
  const fewer = isFirst ? ones : others;
  if (fewer.length > COHORT_CROSS_MAX) {
    const sentence = `Of two crossed dimensions one may have at most ${COHORT_CROSS_MAX} rows`;
    throw fhirError('limit-exceeded', `${sentence}; both of these have more`);
  }
  const { column } = isFirst ? first : second;
  return fewer.map(({ category, codes }) =>
    byColumn(
      isFirst ? second : first,
      { kind: 'codes', column, values: codes },
      columns,
      (other) => (isFirst ? [category, other] : [other, category]),
    ),
  );
}

function byOneColumn(
  first: CodeDimension,
  second: CodeDimension,
  { categories }: Columns,
): BreakdownPart {
  return {
    where: undefined,
    histogram: { columns: [first.column] },
    fold: (cells, add) => {
      const ones = categories.of(first, cells.length);
      const others = categories.of(second, cells.length);
      cells.forEach((count, code) => {
        const [one, other] = [ones[code], others[code]];
        if (count > 0 && one !== undefined && other !== undefined) add([one, other], count);
      });
    },
  };
}

function byTwoColumns(
  first: CodeDimension,
  second: CodeDimension,
  width: number,
  { categories }: Columns,
): BreakdownPart {
  return {
    where: undefined,
    histogram: { columns: [first.column, second.column] },
    fold: (cells, add) => {
      const ones = categories.of(first, cells.length / width);
      const others = categories.of(second, width);
      cells.forEach((count, place) => {
        if (count === 0) return;
        const [one, other] = [ones[Math.floor(place / width)], others[place % width]];
        if (one !== undefined && other !== undefined) add([one, other], count);
      });
    },
  };
}
