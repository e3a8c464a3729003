// Index entries as rows of the entry_ tables: made from entries and references, put in, moved to
// the past_ tables when their version is replaced.

import { assert, unreachable } from '../../lib/assert.ts';
import type { IndexEntry } from '../../search/index-entry.ts';
import { storedString, storedUri } from './compile-text.ts';
import { encodeText } from './ordered-text.ts';
import { targetKey } from './reference-target.ts';
import { ENTRY_COLUMNS, ENTRY_TABLES, type EntryTable, TABLE_OF_KIND } from './schema.ts';
import type { IndexedText } from './text-indexer.ts';
import type { Writer } from './writer.ts';

/** The parameter code of references that no search parameter covers. */
const UNCOVERED = 0;

/** A row of an entry table: its columns, then `rid`. */
export interface EntryRow {
  readonly table: EntryTable;
  readonly values: readonly (string | number)[];
}

/** The rows of a version, each once, by a text that tells them apart. */
export type EntryRows = ReadonlyMap<string, EntryRow>;

/** The rows of a version of the resource `rid`; interns what they name. */
export function entryRows(
  writer: Writer,
  type: string,
  rid: number,
  indexed: IndexedText,
): EntryRows {
  const rows = new Map<string, EntryRow>();
  const add = (table: EntryTable, values: readonly (string | number)[]) => {
    rows.set(`${table}\n${values.join('\n')}`, { table, values: [...values, rid] });
  };
  const uncovered = new Set(indexed.references.map((key) => writer.internResource(key)));
  for (const entry of indexed.entries) {
    const parameter = writer.dictionary.internParameter(type, entry.parameter, entry.kind);
    const values = entryValues(writer, parameter, entry);
    add(TABLE_OF_KIND[entry.kind], values);
    if (entry.kind === 'reference' && typeof values[0] === 'number') uncovered.delete(values[0]);
  }
  for (const target of uncovered) add('reference', [target, UNCOVERED]);
  return rows;
}

function entryValues(
  writer: Writer,
  parameter: number,
  entry: IndexEntry,
): readonly (string | number)[] {
  switch (entry.kind) {
    case 'token':
      return [writer.dictionary.internSpace(parameter, entry.system), encodeText(entry.code)];
    case 'string':
      return [parameter, storedString(entry.value, entry.exact)];
    case 'uri':
      return [parameter, storedUri(entry.value)];
    case 'date':
      return [parameter, entry.low, entry.high];
    case 'reference':
      return [writer.internResource(targetKey(entry.target)), parameter];
    default:
      return unreachable(entry);
  }
}

/** Puts rows in, in the order in which they lie, which dirties the fewest pages. */
export function insertRows(writer: Writer, rows: readonly EntryRow[]): void {
  for (const row of rows.toSorted(compareRows)) {
    const sql = INSERT_ENTRY[row.table];
    writer.connection.run(sql, ...row.values);
  }
}

/** Takes rows out that were put in. */
export function deleteRows(writer: Writer, rows: Iterable<EntryRow>): void {
  for (const { table, values } of rows) {
    const deleted = writer.connection.run(DELETE_ENTRY[table], ...values);
    assert(deleted === 1, 'the index finds the entries again that a version was written with');
  }
}

/** Keeps rows of a replaced version for questions about the past. */
export function keepPastRows(
  writer: Writer,
  rows: Iterable<EntryRow>,
  validFrom: number,
  validTo: number,
): void {
  for (const { table, values } of rows) {
    writer.connection.run(INSERT_PAST[table], ...values, validFrom, validTo);
  }
}

function compareRows(left: EntryRow, right: EntryRow): number {
  if (left.table !== right.table) return left.table < right.table ? -1 : 1;
  for (const [index, value] of left.values.entries()) {
    const other = right.values[index];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}

type StatementByTable = Readonly<Record<EntryTable, string>>;

function byTable(sql: (table: EntryTable) => string): StatementByTable {
  return Object.fromEntries(ENTRY_TABLES.map((table) => [table, sql(table)])) as StatementByTable;
}

function marks(count: number): string {
  return Array(count).fill('?').join(', ');
}

const INSERT_ENTRY = byTable((table) => {
  return `INSERT INTO entry_${table} VALUES (${marks(ENTRY_COLUMNS[table].length + 1)})`;
});
const INSERT_PAST = byTable((table) => {
  return `INSERT INTO past_${table} VALUES (${marks(ENTRY_COLUMNS[table].length + 3)})`;
});
const DELETE_ENTRY = byTable((table) => {
  const columns = [...ENTRY_COLUMNS[table], 'rid'].map((column) => `${column} = ?`);
  return `DELETE FROM entry_${table} WHERE ${columns.join(' AND ')}`;
});
