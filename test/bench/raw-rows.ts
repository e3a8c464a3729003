// The peer of the store rows: the same bytes put into the same tables by better-sqlite3 alone, with
// the same pragmas, nothing checked and nothing looked up.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openForWriting } from '../../src/store/sqlite/connection.ts';

/** Tables that get rows with each resource. */
const TABLES = [
  'resource',
  'version',
  'entry_token',
  'entry_text',
  'entry_date',
  'entry_reference',
] as const;

/** One statement with its values. */
interface RawInsert {
  readonly table: (typeof TABLES)[number];
  readonly values: readonly unknown[];
}

/** Rows of a statement of `insertSorted`, as many as the store puts in at once. */
const ROWS_PER_STATEMENT = 20;

/** The rows of each resource that the store in `directory` wrote after `sequence`. */
export function rowsWrittenAfter(directory: string, sequence: number): RawInsert[][] {
  const database = new Database(join(directory, 'openims.db'), { readonly: true });
  try {
    const byRid = new Map<number, RawInsert[]>();
    const wanted = 'SELECT rid FROM version WHERE sequence > ?';
    for (const table of TABLES) {
      const sql = `SELECT * FROM ${table} WHERE rid IN (${wanted})`;
      for (const row of database.prepare(sql).iterate(sequence)) {
        const { rid } = row as { rid: number };
        const values = Object.values(row as object);
        const inserts = byRid.get(rid) ?? [];
        inserts.push({ table, values });
        byRid.set(rid, inserts);
      }
    }
    return [...byRid.values()];
  } finally {
    database.close();
  }
}

/** The resources' rows by table, each table's as it lies (`resource` by its index: type, id). */
export function sortedRows(
  resources: readonly (readonly RawInsert[])[],
): ReadonlyMap<RawInsert['table'], readonly (readonly unknown[])[]> {
  return new Map(
    TABLES.map((table) => {
      const ofTable = resources.flat().filter((insert) => insert.table === table);
      const from = table === 'resource' ? 1 : 0;
      const rows = ofTable.map(({ values }) => values);
      return [table, rows.sort((left, right) => compareRows(left, right, from))];
    }),
  );
}

function compareRows(left: readonly unknown[], right: readonly unknown[], from: number): number {
  for (let column = from; column < left.length; column += 1) {
    const value = left[column] as string | number;
    const other = right[column] as string | number;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** Pages of the write-ahead log at which a raw database copies them back: the store's bound. */
const CHECKPOINT_PAGES = 4_000;

/** A database with the store's own pragmas, which does its checkpoints by itself. */
export function openRaw(file: string): Database.Database {
  const { database } = openForWriting(file);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  return database;
}

/** A raw database that starts as a copy of the store's file. */
export class RawDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  /** @param template an openims.db that is closed and checkpointed */
  constructor(template: string, file: string) {
    copyFileSync(template, file);
    this.#database = openRaw(file);
    for (const table of TABLES) {
      const columns = this.#database.pragma(`table_info(${table})`) as unknown[];
      const marks = columns.map(() => '?').join(', ');
      this.#statements.set(table, this.#database.prepare(`INSERT INTO ${table} VALUES (${marks})`));
    }
  }

  /** Inserts the rows of some resources in one durable commit. */
  insert(resources: readonly (readonly RawInsert[])[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    for (const inserts of resources) {
      for (const { table, values } of inserts) this.#statements.get(table)?.run(...values);
    }
    this.#database.exec('COMMIT');
  }

  /** Inserts rows in the order in which the tables lie, many a statement, in one durable commit.
   * @param tables from `sortedRows` */
  insertSorted(tables: ReadonlyMap<RawInsert['table'], readonly (readonly unknown[])[]>): void {
    this.#database.exec('BEGIN IMMEDIATE');
    for (const [table, rows] of tables) {
      const marks = `(${(rows[0] ?? []).map(() => '?').join(', ')})`;
      const many = Array(ROWS_PER_STATEMENT).fill(marks).join(', ');
      const statement = this.#database.prepare(`INSERT INTO ${table} VALUES ${many}`);
      const whole = rows.length - (rows.length % ROWS_PER_STATEMENT);
      for (let start = 0; start < whole; start += ROWS_PER_STATEMENT) {
        statement.run(rows.slice(start, start + ROWS_PER_STATEMENT).flat());
      }
      for (const row of rows.slice(whole)) this.#statements.get(table)?.run(...row);
    }
    this.#database.exec('COMMIT');
  }

  close(): void {
    this.#database.close();
  }
}
