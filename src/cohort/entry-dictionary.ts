// The values that people have under some search parameters, each distinct set of index entries by a
// 16-bit code: what a code column holds. A clause on these parameters is judged once for each
// value by the matcher, instead of once for each person. Codes are never given anew.

import type { Expression } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import { expressionKey } from './canonical.ts';

/** 0 is no value. */
const CODE_MAX = 65_535;

type Judge = (entries: readonly IndexEntry[]) => boolean;

interface Judged {
  /** Codes up to this one have been judged. */
  upTo: number;
  readonly codes: number[];
}

/** Judgements that are kept: the clauses of some screens full of cohorts. */
const JUDGEMENTS_MAX = 256;

/** One column's values. */
export class EntryDictionary {
  /** Base codes of the parameters whose entries count. */
  readonly parameters: ReadonlySet<string>;
  readonly #first: number;
  readonly #values: (readonly IndexEntry[])[] = [];
  readonly #codes = new Map<string, number>();
  readonly #judged = new Map<string, Judged>();
  #isOverflowing = false;

  /** @param first the first code to give */
  constructor(parameters: readonly string[], first = 1) {
    this.parameters = new Set(parameters);
    this.#first = first;
  }

  /** Whether there were more values than codes: the column can no longer be relied on. */
  get isOverflowing(): boolean {
    return this.#isOverflowing;
  }

  /** The highest code given + 1. */
  get size(): number {
    return this.#first + this.#values.length;
  }

  /** The code of the value that the entries make under the parameters; no entries are a value too.
   * 0 when there is no code left. */
  codeOf(entries: readonly IndexEntry[]): number {
    return this.codeOfValue(entries.filter(({ parameter }) => this.parameters.has(parameter)));
  }

  /** The code of a value. */
  codeOfValue(value: readonly IndexEntry[]): number {
    const key = value
      .map((entry) => JSON.stringify(entry))
      .sort()
      .join();
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const code = this.#first + this.#values.length;
    if (code > CODE_MAX) {
      this.#isOverflowing = true;
      return 0;
    }
    this.#values.push(value);
    this.#codes.set(key, code);
    return code;
  }

  /** The entries that a code stands for. */
  valueOf(code: number): readonly IndexEntry[] {
    return this.#values[code - this.#first] ?? [];
  }

  /**
   * The codes of the values that an expression matches.
   * @param version whatever the judgement depends on beside: a new one judges anew
   */
  codesWhere(expression: Expression, judge: Judge, version = 0): readonly number[] {
    const key = `${version} ${expressionKey(expression)}`;
    const judged = this.#judged.get(key) ?? { upTo: 0, codes: [] };
    this.#judged.delete(key);
    this.#judged.set(key, judged);
    const [oldest] = this.#judged.keys();
    if (this.#judged.size > JUDGEMENTS_MAX && oldest !== undefined) this.#judged.delete(oldest);
    for (; judged.upTo < this.#values.length; judged.upTo += 1) {
      if (judge(this.#values[judged.upTo] ?? [])) judged.codes.push(this.#first + judged.upTo);
    }
    return judged.codes;
  }

  /** All values by code, for keeping. */
  values(): readonly (readonly IndexEntry[])[] {
    return this.#values;
  }

  /** Takes the values that were kept, as the first codes. */
  restore(values: readonly (readonly IndexEntry[])[]): void {
    for (const value of values) this.codeOfValue(value);
  }
}
