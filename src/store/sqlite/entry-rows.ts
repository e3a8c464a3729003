// Index entries as rows of the entry_ tables: made from entries and references, put in, moved to
// the past_ tables when their version is replaced.

import { unreachable } from '../../lib/assert.ts';
import type { IndexEntry } from '../../search/index-entry.ts';
import { encodeText } from '../ordered-text.ts';
import type { IndexedText } from '../text-indexer.ts';
import { storedString, storedUri } from './compile-text.ts';
import { compositeRows } from './composite-rows.ts';
import { insertMany } from './insert-many.ts';
import { targetKey } from './reference-target.ts';
import { ENTRY_COLUMNS, ENTRY_TABLES, type EntryTable, tableOf } from './schema.ts';
import type { TransactionResources } from './transaction-resources.ts';
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

/** The rows of a version of the resource `rid`, equal ones perhaps twice; interns what they
 * name. */
export function entryRows(
  writer: Writer,
  resources: TransactionResources,
  type: string,
  rid: number,
  indexed: IndexedText,
): EntryRow[] {
  const rows: EntryRow[] = [];
  const uncovered = new Set<number>();
  for (const key of indexed.references) uncovered.add(resources.intern(key));
  for (const entry of indexed.entries) {
    const parameter = writer.dictionary.internParameter(type, entry.parameter, entry.kind);
    const table = tableOf(entry.kind, entry.parameter);
    for (const columns of entryColumns(writer, resources, parameter, entry)) {
      rows.push({ table, values: [...columns, rid] });
      if (table === 'reference') uncovered.delete(Number(columns[0]));
    }
  }
  for (const target of uncovered) {
    rows.push({ table: 'reference', values: [target, UNCOVERED, rid] });
  }
  return rows;
}

/** The rows of an entry, without `rid`: one, but for composites. */
function entryColumns(
  writer: Writer,
  resources: TransactionResources,
  parameter: number,
  entry: IndexEntry,
): readonly EntryRow['values'][] {
  const { dictionary } = writer;
  switch (entry.kind) {
    case 'token':
      return [[dictionary.internSpace(parameter, entry.system), encodeText(entry.code)]];
    case 'string': {
      const stored = storedString(entry.value, entry.exact);
      return tableOf('string', entry.parameter) === 'phrase'
        ? [[dictionary.internPhrase(parameter, stored)]]
        : [[parameter, stored]];
    }
    case 'uri':
      return [[parameter, storedUri(entry.value)]];
    case 'date':
    case 'number':
      return [[parameter, entry.low, entry.high]];
    case 'quantity': {
      const { system, code, unit, low, high } = entry;
      return [[parameter, dictionary.internUnit(system, code, unit), low, high]];
    }
    case 'reference':
      return [[resources.intern(targetKey(entry.target)), parameter]];
    case 'position':
      return [[parameter, entry.latitude, entry.longitude]];
    case 'composite':
      return compositeRows(dictionary, parameter, entry);
    default:
      return unreachable(entry);
  }
}

/** The row of a reference's target as it was before a parameter covered it. */
export function uncovered({ table, values }: EntryRow): EntryRow[] {
  const [target = 0] = values;
  const rid = values.at(-1) ?? 0;
  return table === 'reference' ? [{ table, values: [target, UNCOVERED, rid] }] : [];
}

/** The rows by what tells them apart. */
export function distinctRows(rows: readonly EntryRow[]): EntryRows {
  return new Map(rows.map((row) => [`${row.table}\n${row.values.join('\n')}`, row]));
}

/** Puts rows in, equal ones once, in the order in which they lie, which dirties the fewest
 * pages. */
export function insertRows(writer: Writer, rows: readonly EntryRow[]): void {
  const byTable = new Map<EntryTable, EntryRow['values'][]>();
  for (const { table, values } of rows) {
    const known = byTable.get(table);
    if (known === undefined) byTable.set(table, [values]);
    else known.push(values);
  }
  for (const [table, unsorted] of byTable) {
    const values = unsorted.sort(compareValues);
    const distinct = values.filter((one, index) => {
      const before = values[index - 1];
      return before === undefined || compareValues(before, one) !== 0;
    });
    insertMany(writer.connection, `entry_${table}`, distinct);
  }
}

/** Takes rows out that were put in. */
export function deleteRows(writer: Writer, rows: Iterable<EntryRow>): void {
  for (const { table, values } of rows) {
    // A parameter that is still being filled may not have come to this version yet.
    writer.connection.run(DELETE_ENTRY[table], ...values);
  }
}

/** A row that was current from `validFrom` until before `validTo`. */
export interface PastRow extends EntryRow {
  readonly validFrom: number;
  readonly validTo: number;
}

/** Keeps rows of replaced versions for questions about the past. They come by `validTo`. */
export function keepPastRows(writer: Writer, rows: readonly PastRow[]): void {
  for (const table of ENTRY_TABLES) {
    const past = rows
      .filter((row) => row.table === table)
      .map(({ values, validFrom, validTo }) => [...values, validFrom, validTo]);
    insertMany(writer.connection, `past_${table}`, past);
  }
}

function compareValues(left: EntryRow['values'], right: EntryRow['values']): number {
  for (let column = 0; column < left.length; column += 1) {
    const value = left[column] ?? 0;
    const other = right[column] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

const DELETE_ENTRY = Object.fromEntries(
  ENTRY_TABLES.map((table) => {
    const columns = [...ENTRY_COLUMNS[table], 'rid'].map((column) => `${column} = ?`);
    return [table, `DELETE FROM entry_${table} WHERE ${columns.join(' AND ')}`];
  }),
) as Readonly<Record<EntryTable, string>>;
