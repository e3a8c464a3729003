// One SQL statement being written: its values, its aliases, and the building blocks that know
// how to look as at a sequence number. compile-*.ts put the blocks together.

import type { Names } from './dictionary.ts';
import { ridRange } from './resource-number.ts';
import type { EntryTable } from './schema.ts';

/** A SELECT of one column of rids, all of existing resources. */
export interface RidSet {
  readonly sql: string;
  /** None comes twice. */
  readonly unique: boolean;
  /** They are looked up in the order of rids, so that the first are known without the rest. */
  readonly ordered?: true;
}

/** The moment that a statement asks about. */
export interface Moment {
  readonly names: Names;
  /** Sequence number to answer as at; undefined for the last, which needs no past_ tables. */
  readonly at: number | undefined;
  /** The last sequence number, of what `at` says. */
  readonly last: number;
  /** The last sequence number of a version whose lastUpdated is earlier than that instant. */
  readonly positionBefore: (instantMs: number) => number;
}

/** SQL text of a resource row's columns. */
export interface ResourceColumns {
  readonly rid: string;
  readonly sequence: string;
}

export class Statement {
  readonly moment: Moment;
  readonly names: Names;
  /** What the names in the text stand for. */
  readonly values: Record<string, string | number> = {};
  #valueCount = 0;
  #aliasCount = 0;

  constructor(moment: Moment) {
    this.moment = moment;
    this.names = moment.names;
  }

  /** The name that stands for a value in the text. */
  bind(value: string | number): string {
    this.#valueCount += 1;
    const name = `p${this.#valueCount}`;
    this.values[name] = value;
    return `:${name}`;
  }

  /** A list as one value, for json_each. */
  bindList(list: readonly unknown[]): string {
    return this.bind(JSON.stringify(list));
  }

  /** A table alias that no other part of the statement uses. */
  alias(): string {
    this.#aliasCount += 1;
    return `t${this.#aliasCount}`;
  }

  emptySet(): RidSet {
    return { sql: 'SELECT 0 AS rid WHERE false', unique: true };
  }

  /**
   * A SELECT of one column of the entries that meet a condition, as at the moment.
   * @param column of the entry row
   * @param where SQL condition on the row of that alias
   * @param from tables that come before the entry table, each followed by ` CROSS JOIN `
   */
  entries(table: EntryTable, column: string, where: (row: string) => string, from = ''): string {
    return this.entryRows(table, (row) => `${row}.${column}`, where, from);
  }

  /** As `entries`, with any columns. */
  entryRows(
    table: EntryTable,
    columns: (row: string) => string,
    where: (row: string) => string,
    from = '',
  ): string {
    return this.entryArms(table, columns, where, from).join(' UNION ALL ');
  }

  /** As `entryRows`, one SELECT for each of the tables that hold the entries. */
  entryArms(
    table: EntryTable,
    columns: (row: string) => string,
    where: (row: string) => string,
    from = '',
  ): readonly string[] {
    const row = this.alias();
    const current = `SELECT ${columns(row)} FROM ${from}entry_${table} AS ${row}`;
    const { at } = this.moment;
    if (at === undefined) return [`${current} WHERE ${where(row)}`];
    const resource = this.alias();
    const past = this.alias();
    const bound = this.bind(at);
    return [
      `${current} CROSS JOIN resource AS ${resource} WHERE ${where(row)}` +
        ` AND ${resource}.rid = ${row}.rid AND ${resource}.sequence <= ${bound}`,
      `SELECT ${columns(past)} FROM ${from}past_${table} AS ${past}` +
        ` WHERE ${where(past)} AND ${past}.valid_from <= ${bound} AND ${past}.valid_to > ${bound}`,
    ];
  }

  /** The type's existing resources that meet a condition, as at the moment. */
  existing(type: string, where: (row: ResourceColumns) => string): RidSet {
    const code = this.names.typeCode(type);
    if (code === undefined) return this.emptySet();
    const { first, last } = ridRange(code);
    const range = `BETWEEN ${this.bind(first)} AND ${this.bind(last)}`;
    const sql = this.#existing((rid) => `${rid} ${range}`, where);
    return { sql, unique: true, ordered: true };
  }

  /** Whether a resource of the type exists under that rid (SQL text), as at the moment. */
  exists(type: string, rid: string): string {
    const code = this.names.typeCode(type);
    if (code === undefined) return 'false';
    const { first, last } = ridRange(code);
    const found = this.#existing(
      (column) => `${column} = ${rid}`,
      () => 'true',
    );
    const range = `${rid} BETWEEN ${this.bind(first)} AND ${this.bind(last)}`;
    return `(${range} AND EXISTS (${found}))`;
  }

  /** Whether the existing resource `rid` meets a condition on its row. */
  existingIs(rid: string, where: (row: ResourceColumns) => string): string {
    return `EXISTS (${this.#existing((column) => `${column} = ${rid}`, where)})`;
  }

  #existing(which: (rid: string) => string, where: (row: ResourceColumns) => string): string {
    const row = this.alias();
    const columns = { rid: `${row}.rid`, sequence: `${row}.sequence` };
    const current =
      `SELECT ${row}.rid FROM resource AS ${row}` +
      ` WHERE ${which(columns.rid)} AND ${row}.live = 1 AND ${where(columns)}`;
    const { at } = this.moment;
    if (at === undefined) return current;
    const past = this.alias();
    const bound = this.bind(at);
    const pastColumns = { rid: `${past}.rid`, sequence: `${past}.valid_from` };
    return (
      `${current} AND ${row}.sequence <= ${bound}` +
      ` UNION ALL SELECT ${past}.rid FROM past_resource AS ${past}` +
      ` WHERE ${which(pastColumns.rid)} AND ${where(pastColumns)}` +
      ` AND ${past}.valid_from <= ${bound} AND ${past}.valid_to > ${bound}`
    );
  }
}

/** SQLite bounds the parts of a compound SELECT (500) and the depth of an expression (1,000). */
const COMPOUND_MAX = 200;

/** All rids of the sets; none makes the empty set. */
export function union(statement: Statement, sets: readonly RidSet[]): RidSet {
  const [only, ...others] = sets;
  if (only === undefined) return statement.emptySet();
  if (others.length === 0) return only;
  return { sql: unionOf(statement, sets), unique: false };
}

function unionOf(statement: Statement, sets: readonly RidSet[]): string {
  if (sets.length <= COMPOUND_MAX) {
    return sets.map(({ sql }) => `SELECT rid FROM (${sql})`).join(' UNION ALL ');
  }
  const middle = Math.ceil(sets.length / 2);
  const halves = [sets.slice(0, middle), sets.slice(middle)];
  return halves.map((half) => `SELECT rid FROM (${unionOf(statement, half)})`).join(' UNION ALL ');
}

/** Conditions joined as a balanced tree, so that thousands stay within SQLite's depth. */
export function balanced(conditions: readonly string[], operator: 'AND' | 'OR'): string {
  const [only] = conditions;
  if (only === undefined) return operator === 'AND' ? 'true' : 'false';
  if (conditions.length === 1) return only;
  const middle = Math.ceil(conditions.length / 2);
  const left = balanced(conditions.slice(0, middle), operator);
  const right = balanced(conditions.slice(middle), operator);
  return `(${left} ${operator} ${right})`;
}
