// The grammar of `_filter` (http://hl7.org/fhir/R4/search_filter.html): text to tree, in one pass
// and without backtracking. filter.ts gives the tree its meaning.

import { fhirError } from '../fhir/fhir-error.ts';
import { FILTER_DEPTH_MAX, FILTER_LENGTH_MAX } from '../limits.ts';
import { quote } from './clause.ts';

/** What a value is compared by. */
const filterOperators = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'lt',
  'ge',
  'le',
  'ap',
  'sa',
  'eb',
  'pr',
  'po',
  'ss',
  'sb',
  'in',
  'ni',
  're',
] as const;

export type FilterOperator = (typeof filterOperators)[number];

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly of: FilterNode }
  | {
      readonly kind: 'compare';
      readonly path: FilterPath;
      readonly operator: FilterOperator;
      /** Without its quotes and JSON escapes. */
      readonly value: string;
    };

/** `patient[birthdate lt 1950].identifier`: steps, each perhaps narrowed, and a parameter. */
export interface FilterPath {
  /** As a query has it: `code`, `code:Type`, `_has:Type:reference:code`, `a.b` if not narrowed. */
  readonly name: string;
  readonly narrowed?: { readonly by: FilterNode; readonly rest: FilterPath };
}

/**
 * Reads a filter.
 * @throws FhirError `invalid-search` saying where it goes wrong, `limit-exceeded`
 */
export function parseFilter(text: string): FilterNode {
  if (text.length > FILTER_LENGTH_MAX) {
    throw fhirError('limit-exceeded', `_filter may have at most ${FILTER_LENGTH_MAX} characters`);
  }
  const parser = new FilterParser(text);
  const node = parser.or(0);
  parser.end();
  return node;
}

const SPACE = /\s*/y;
const WORD = /[A-Za-z]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_:.-]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BARE = /[^\s()[\]"]+/y;

class FilterParser {
  readonly #text: string;
  #place = 0;

  constructor(text: string) {
    this.#text = text;
  }

  or(depth: number): FilterNode {
    return this.#joined('or', depth, () => this.#joined('and', depth, () => this.#term(depth)));
  }

  end(): void {
    this.#take(SPACE);
    if (this.#place < this.#text.length) throw this.#fault('the end, "and" or "or"');
  }

  #joined(kind: 'and' | 'or', depth: number, next: () => FilterNode): FilterNode {
    if (depth > FILTER_DEPTH_MAX) {
      throw fhirError('limit-exceeded', `_filter may nest ${FILTER_DEPTH_MAX} times at most`);
    }
    const first = next();
    const of = [first];
    while (this.#takeWord(kind)) of.push(next());
    return of.length === 1 ? first : { kind, of };
  }

  #term(depth: number): FilterNode {
    if (this.#takeSign('(')) return this.#closed(')', depth);
    const start = this.#place;
    if (this.#takeWord('not')) {
      if (this.#takeSign('(')) return { kind: 'not', of: this.#closed(')', depth) };
      this.#place = start;
    }
    return this.#comparison(depth);
  }

  #closed(sign: ')' | ']', depth: number): FilterNode {
    const node = this.or(depth + 1);
    if (!this.#takeSign(sign)) throw this.#fault(`"${sign}"`);
    return node;
  }

  #comparison(depth: number): FilterNode {
    const path = this.#path(depth);
    this.#take(SPACE);
    const start = this.#place;
    const word = this.#take(WORD);
    const operator = filterOperators.find((known) => known === word);
    if (operator === undefined) {
      this.#place = start;
      throw this.#fault(`one of ${filterOperators.join(', ')}`);
    }
    return { kind: 'compare', path, operator, value: this.#value() };
  }

  #path(depth: number): FilterPath {
    this.#take(SPACE);
    const name = this.#take(NAME);
    if (name === '') throw this.#fault('a search parameter, "not (" or "("');
    if (this.#text[this.#place] !== '[') return { name };
    this.#place += 1;
    const by = this.#closed(']', depth);
    if (this.#text[this.#place] !== '.') throw this.#fault('"." and a parameter after "]"');
    this.#place += 1;
    return { name, narrowed: { by, rest: this.#path(depth) } };
  }

  #value(): string {
    this.#take(SPACE);
    const quoted = this.#take(STRING);
    if (quoted !== '') return this.#unquoted(quoted);
    const bare = this.#take(BARE);
    if (bare === '') throw this.#fault('a value');
    return bare;
  }

  #unquoted(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.#fault(`a text in quotes, not ${quote(quoted)}`);
    }
  }

  #takeWord(word: string): boolean {
    this.#take(SPACE);
    const start = this.#place;
    if (this.#take(WORD) === word) return true;
    this.#place = start;
    return false;
  }

  #takeSign(sign: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#place] !== sign) return false;
    this.#place += 1;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#place;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#place += found.length;
    return found;
  }

  #fault(expected: string): Error {
    const rest = this.#text.slice(this.#place);
    const found = rest === '' ? 'it ends' : `it has ${quote(rest)}`;
    const sentence = `Parameter "_filter": at character ${this.#place + 1} ${found}, where`;
    return fhirError('invalid-search', `${sentence} ${expected} is expected`);
  }
}
