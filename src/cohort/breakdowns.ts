// Breakdowns of a set of people: which histograms of the engine's columns they are made of, and how
// these are folded into the rows that were asked for. Areas are sums over small areas or practices.

import { fhirError } from '../fhir/fhir-error.ts';
import { COHORT_CELLS_MAX, COHORT_CROSS_MAX } from '../limits.ts';
import { type Category, type CodeDimension, type Dimension, dimensions } from './dimensions.ts';
import type { EngineBreakdown, EngineExpression } from './engine/cohort-engine.ts';
import { AGE } from './facets.ts';
import type { ValueModel } from './value-model.ts';

/** By one dimension, or by two crossed: names of `dimensions`. */
export type Breakdown = readonly [string] | readonly [string, string];

export interface BreakdownRow {
  /** One category for each dimension. */
  readonly categories: readonly Category[];
  readonly count: number;
}

export interface BreakdownAnswer {
  readonly breakdown: Breakdown;
  /** Without empty ones, by their codes. */
  readonly rows: readonly BreakdownRow[];
}

/** One question to the engine for a breakdown: within `where`, a histogram, whose cells `fold`
 * gives their categories. */
export interface BreakdownPart {
  readonly where: EngineExpression | undefined;
  readonly histogram: EngineBreakdown | undefined;
  /** Rows of a histogram, or of the total where there is none. */
  readonly fold: (cells: Uint32Array, add: Adder) => void;
}

type Adder = (categories: readonly Category[], count: number) => void;

/** @throws FhirError `invalid-request` that names what there is */
export function readBreakdown(text: string): Breakdown {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(dimensions, name));
  if (unknown !== undefined || names.length > 2 || names[0] === names[1]) {
    const known = Object.keys(dimensions).join(', ');
    throw fhirError(
      'invalid-request',
      `Parameter 'breakdown' is one of ${known}, or two different ones with a comma between, ` +
        `not '${text}'`,
    );
  }
  return names as unknown as Breakdown;
}

/** The questions that a breakdown is made of. */
export function breakdownParts(breakdown: Breakdown, model: ValueModel): readonly BreakdownPart[] {
  const [first, second] = breakdown.map((name) => dimensions[name] as Dimension);
  if (first === undefined) return [];
  if (second === undefined) return single(first, model, (category) => [category]);
  if (first.kind === 'codes' && second.kind === 'codes') return crossed(first, second, model);
  // Whichever is of bitmaps is gone through, one category at a time.
  if (first.kind === 'bits') {
    return first.categories.flatMap(({ bitmap, ...category }) =>
      within({ kind: 'bitmap', name: bitmap }, second, model, (other) => [category, other]),
    );
  }
  if (second.kind === 'codes') return [];
  return second.categories.flatMap(({ bitmap, ...category }) =>
    within({ kind: 'bitmap', name: bitmap }, first, model, (other) => [other, category]),
  );
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

  rows(): readonly BreakdownRow[] {
    const sorted = [...this.#rows.values()].map((row) => ({ key: codesKey(row), row }));
    return sorted.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ row }) => row);
  }
}

function codesKey({ categories }: { readonly categories: readonly Category[] }): string {
  // Who is unknown comes last.
  return categories.map(({ code }) => (code === 'unknown' ? '\uffff' : code)).join('\0');
}

type Place = (category: Category) => readonly Category[];

function single(dimension: Dimension, model: ValueModel, place: Place): readonly BreakdownPart[] {
  return within(undefined, dimension, model, place);
}

function within(
  where: EngineExpression | undefined,
  dimension: Dimension,
  model: ValueModel,
  place: Place,
): readonly BreakdownPart[] {
  if (dimension.kind === 'bits') {
    return dimension.categories.map(({ bitmap, ...category }) => {
      const bit: EngineExpression = { kind: 'bitmap', name: bitmap };
      return {
        where: where === undefined ? bit : { kind: 'and', of: [where, bit] },
        histogram: undefined,
        fold: ([total = 0], add) => add(place(category), total),
      };
    });
  }
  const { column } = dimension;
  return [
    {
      where,
      histogram: { columns: [column] },
      fold: (cells, add) => {
        const categories = categoriesOf(dimension, cells.length, model);
        for (const [code, count] of cells.entries()) {
          const category = categories[code];
          if (count > 0 && category !== undefined) add(place(category), count);
        }
      },
    },
  ];
}

function crossed(
  first: CodeDimension,
  second: CodeDimension,
  model: ValueModel,
): readonly BreakdownPart[] {
  if (first.column === second.column) return [oneColumn(first, second, model)];
  const [height, width] = [first, second].map(({ column }) => sizeOf(column, model));
  if ((height ?? 0) * (width ?? 0) <= COHORT_CELLS_MAX) return [twoColumns(first, second, model)];
  const byFirst = codesByCategory(first, model);
  const bySecond = codesByCategory(second, model);
  const [fewer, others, place] =
    byFirst.length <= bySecond.length
      ? [byFirst, second, (one: Category, other: Category) => [one, other]]
      : [bySecond, first, (one: Category, other: Category) => [other, one]];
  if (fewer.length > COHORT_CROSS_MAX) {
    const sentence = `Of two crossed dimensions one has at most ${COHORT_CROSS_MAX} rows`;
    throw fhirError('limit-exceeded', `${sentence}; here both have more`);
  }
  const { column } = fewer === byFirst ? first : second;
  return fewer.flatMap(({ category, codes }) =>
    within({ kind: 'codes', column, values: codes }, others, model, (other) =>
      place(category, other),
    ),
  );
}

function oneColumn(
  first: CodeDimension,
  second: CodeDimension,
  model: ValueModel,
): BreakdownPart {
  return {
    where: undefined,
    histogram: { columns: [first.column] },
    fold: (cells, add) => {
      const ones = categoriesOf(first, cells.length, model);
      const others = categoriesOf(second, cells.length, model);
      for (const [code, count] of cells.entries()) {
        const [one, other] = [ones[code], others[code]];
        if (count > 0 && one !== undefined && other !== undefined) add([one, other], count);
      }
    },
  };
}

function twoColumns(
  first: CodeDimension,
  second: CodeDimension,
  model: ValueModel,
): BreakdownPart {
  return {
    where: undefined,
    histogram: { columns: [first.column, second.column] },
    fold: (cells, add) => {
      const height = sizeOf(first.column, model);
      const ones = categoriesOf(first, height, model);
      // The engine's columns are as wide as their highest code, which it knows best.
      const width = cells.length / Math.max(1, heightOf(cells.length, first.column, model));
      const others = categoriesOf(second, width, model);
      for (const [place, count] of cells.entries()) {
        if (count === 0) continue;
        const one = ones[Math.floor(place / width)];
        const other = others[place % width];
        if (one !== undefined && other !== undefined) add([one, other], count);
      }
    },
  };
}
