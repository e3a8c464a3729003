// The interned names: types, search parameters and token systems by their small integers. Found
// ones are remembered, since a committed code never changes; missing ones are looked up again.

import { assert } from '../../lib/assert.ts';
import { encodeText } from '../ordered-text.ts';
import type { Connection } from './connection.ts';
import { TYPE_CODE_MAX } from './resource-number.ts';
import type { EntryKind } from './schema.ts';

/** What compile-sql.ts must know of the names; undefined when never stored. */
export interface Names {
  typeCode(type: string): number | undefined;
  parameterCode(type: string, parameter: string, kind: EntryKind): number | undefined;
  /** The code of a token system under a parameter. */
  spaceCode(parameterCode: number, system: string): number | undefined;
}

interface CodeRow {
  readonly code: number;
}

type CodeByKind = Partial<Record<EntryKind, number>>;

/** A value of a component of a composite parameter, as the table `term` has it. */
export interface Term {
  readonly parameter: number;
  readonly place: number;
  readonly system: string;
  readonly value: string;
  readonly name: string;
}

/** Names of one connection. Interning is for the writer alone. */
export class Dictionary implements Names {
  readonly #connection: Connection;
  readonly #types = new Map<string, number>();
  readonly #typeNames = new Map<number, string>();
  /** type -> parameter -> kind -> code */
  readonly #parameters = new Map<string, Map<string, CodeByKind>>();
  /** parameter code -> system -> code */
  readonly #spaces = new Map<number, Map<string, number>>();
  #spaceCount = 0;
  /** Units, phrases and terms by their columns. */
  readonly #interned = new Map<string, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Forgets what a rolled-back transaction interned. */
  forget(): void {
    this.#types.clear();
    this.#typeNames.clear();
    this.#parameters.clear();
    this.#forgetSpaces();
    this.#interned.clear();
  }

  typeCode(type: string): number | undefined {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const sql = 'SELECT code FROM type WHERE name = ?';
    const row = this.#connection.get<CodeRow>(sql, encodeText(type));
    if (row !== undefined) this.#types.set(type, row.code);
    return row?.code;
  }

  /** The type of that code. */
  typeName(code: number): string {
    const known = this.#typeNames.get(code);
    if (known !== undefined) return known;
    const sql = 'SELECT name FROM type WHERE code = ?';
    const row = this.#connection.get<{ name: string }>(sql, code);
    assert(row !== undefined, `type code ${code} is interned`);
    this.#typeNames.set(code, row.name);
    return row.name;
  }

  internType(type: string): number {
    const known = this.typeCode(type);
    if (known !== undefined) return known;
    const sql = 'INSERT INTO type SELECT max(code) + 1, ? FROM type RETURNING code';
    const row = this.#connection.get<CodeRow>(sql, encodeText(type));
    assert(row !== undefined && row.code <= TYPE_CODE_MAX, 'there are few types');
    this.#types.set(type, row.code);
    return row.code;
  }

  parameterCode(type: string, parameter: string, kind: EntryKind): number | undefined {
    const known = this.#parameters.get(type)?.get(parameter)?.[kind];
    if (known !== undefined) return known;
    const typeCode = this.typeCode(type);
    if (typeCode === undefined) return undefined;
    const sql = 'SELECT code FROM parameter WHERE type = ? AND name = ? AND kind = ?';
    const row = this.#connection.get<CodeRow>(sql, typeCode, encodeText(parameter), kind);
    if (row !== undefined) this.#rememberParameter(type, parameter, kind, row.code);
    return row?.code;
  }

  internParameter(type: string, parameter: string, kind: EntryKind): number {
    const known = this.parameterCode(type, parameter, kind);
    if (known !== undefined) return known;
    const sql = `INSERT INTO parameter SELECT coalesce(max(code), 0) + 1, ?, ?, ? FROM parameter
      RETURNING code`;
    const values = [this.internType(type), encodeText(parameter), kind];
    const row = this.#connection.get<CodeRow>(sql, ...values);
    assert(row !== undefined, 'an insertion returns its row');
    this.#rememberParameter(type, parameter, kind, row.code);
    return row.code;
  }

  #rememberParameter(type: string, parameter: string, kind: EntryKind, code: number): void {
    const ofType = this.#parameters.get(type) ?? new Map<string, CodeByKind>();
    this.#parameters.set(type, ofType);
    ofType.set(parameter, { ...ofType.get(parameter), [kind]: code });
  }

  spaceCode(parameterCode: number, system: string): number | undefined {
    const known = this.#spaces.get(parameterCode)?.get(system);
    if (known !== undefined) return known;
    const sql = 'SELECT code FROM token_space WHERE parameter = ? AND system = ?';
    const row = this.#connection.get<CodeRow>(sql, parameterCode, encodeText(system));
    if (row !== undefined) this.#rememberSpace(parameterCode, system, row.code);
    return row?.code;
  }

  internSpace(parameterCode: number, system: string): number {
    const known = this.spaceCode(parameterCode, system);
    if (known !== undefined) return known;
    const sql = `INSERT INTO token_space SELECT coalesce(max(code), 0) + 1, ?, ? FROM token_space
      RETURNING code`;
    const row = this.#connection.get<CodeRow>(sql, parameterCode, encodeText(system));
    assert(row !== undefined, 'an insertion returns its row');
    this.#rememberSpace(parameterCode, system, row.code);
    return row.code;
  }

  /** The code of a unit. */
  internUnit(system: string, symbol: string, name: string): number {
    const columns = {
      system: encodeText(system),
      symbol: encodeText(symbol),
      name: encodeText(name),
    };
    return this.#intern('unit', columns);
  }

  /** The code of a text that stands beside codes; encoded already. */
  internPhrase(parameter: number, value: string): number {
    return this.#intern('phrase', { parameter, value });
  }

  /** The code of a value of a component; its texts are encoded already. */
  internTerm(term: Term): number {
    return this.#intern('term', { ...term });
  }

  #intern(table: string, columns: Readonly<Record<string, string | number>>): number {
    const key = JSON.stringify([table, columns]);
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    const names = Object.keys(columns);
    const values = Object.values(columns);
    const same = names.map((name) => `${name} = ?`).join(' AND ');
    const found = this.#connection.get<CodeRow>(
      `SELECT code FROM ${table} WHERE ${same}`,
      ...values,
    );
    const code = found?.code ?? this.#insert(table, names, values);
    if (this.#interned.size >= INTERNED_REMEMBERED_MAX) this.#interned.clear();
    this.#interned.set(key, code);
    return code;
  }

  #insert(table: string, names: readonly string[], values: readonly (string | number)[]): number {
    const marks = names.map(() => '?').join(', ');
    const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks}) RETURNING code`;
    const row = this.#connection.get<CodeRow>(sql, ...values);
    assert(row !== undefined, 'an insertion returns its row');
    return row.code;
  }

  /** Systems come from clients: the memory for them is bounded. */
  #rememberSpace(parameterCode: number, system: string, code: number): void {
    if (this.#spaceCount >= SPACES_REMEMBERED_MAX) this.#forgetSpaces();
    const ofParameter = this.#spaces.get(parameterCode) ?? new Map<string, number>();
    this.#spaces.set(parameterCode, ofParameter);
    ofParameter.set(system, code);
    this.#spaceCount += 1;
  }

  #forgetSpaces(): void {
    this.#spaces.clear();
    this.#spaceCount = 0;
  }
}

const SPACES_REMEMBERED_MAX = 10_000;
const INTERNED_REMEMBERED_MAX = 50_000;
