// Which row of a breakdown each code of a column belongs to: worked out once for all questions, and
// again when places change. Part of breakdowns.ts.

import { type Category, type CodeDimension, UNKNOWN } from './dimensions.ts';
import type { EntryDictionary } from './entry-dictionary.ts';
import type { Places } from './places.ts';

/** What categories are worked out from. */
interface CategorySource {
  readonly places: Places;
  dictionary(column: string): EntryDictionary | undefined;
}

interface Known {
  readonly dictionary: EntryDictionary | undefined;
  readonly placesVersion: number;
  /** By code, as far as has been asked. */
  readonly categories: Category[];
}

/** Codes of a category. */
export interface CategoryCodes {
  readonly category: Category;
  readonly codes: readonly number[];
}

/** The categories of one model's columns. */
export class Categories {
  readonly #source: CategorySource;
  readonly #known = new Map<CodeDimension, Known>();

  constructor(source: CategorySource) {
    this.#source = source;
  }

  /** Whether a column's codes are told apart: not when it has had more values than codes. */
  isComplete(column: string): boolean {
    return this.#source.dictionary(column)?.isOverflowing !== true;
  }

  /** The categories of the codes below `size`, by code. */
  of(dimension: CodeDimension, size: number): readonly Category[] {
    const { places } = this.#source;
    const dictionary = this.#source.dictionary(dimension.column);
    let known = this.#known.get(dimension);
    if (known?.dictionary !== dictionary || known?.placesVersion !== places.version) {
      known = { dictionary, placesVersion: places.version, categories: [UNKNOWN] };
      this.#known.set(dimension, known);
    }
    const { categories } = known;
    for (let code = categories.length; code < size; code += 1) {
      const entries = dictionary?.valueOf(code) ?? [];
      categories.push(dimension.categoryOf({ code, entries }, places));
    }
    return categories;
  }

  /** The codes below `size`, but 0, by their categories. */
  byCategory(dimension: CodeDimension, size: number): readonly CategoryCodes[] {
    const found = new Map<string, { readonly category: Category; readonly codes: number[] }>();
    for (const [code, category] of this.of(dimension, size).entries()) {
      if (code === 0 || code >= size) continue;
      const key = JSON.stringify([category.system, category.code]);
      const same = found.get(key);
      if (same === undefined) found.set(key, { category, codes: [code] });
      else same.codes.push(code);
    }
    return [...found.values()];
  }
}
