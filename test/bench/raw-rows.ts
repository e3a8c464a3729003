// The peer of the store rows: the same bytes put into the same tables by better-sqlite3 alone, with
// the same pragmas, nothing checked and nothing looked up.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

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

/** A raw database that starts as a copy of the store's file. */
export class RawDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  /** @param template an openims.db that is closed and checkpointed */
  constructor(template: string, file: string) {
    copyFileSync(template, file);
    this.#database = new Database(file);
    for (const pragma of [
      'journal_mode = WAL',
      'synchronous = FULL',
      'cache_size = -16384',
      'wal_autocheckpoint = 4000',
    ]) {
      this.#database.pragma(pragma);
    }
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

  close(): void {
    this.#database.close();
  }
}
