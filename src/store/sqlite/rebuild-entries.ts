// Makes all index entries again from the stored texts, when the way they are made has changed. An
// interrupted rebuild begins anew at the next opening, before anything is answered.

import { assert } from '../../lib/assert.ts';
import { distinctRows, type EntryRow, entryRows, insertRows, keepPastRows } from './entry-rows.ts';
import { typeCodeOf } from './resource-number.ts';
import { ENTRY_TABLES } from './schema.ts';
import { TransactionResources } from './transaction-resources.ts';
import type { Writer } from './writer.ts';

/** Resources in one transaction. */
const BATCH_COUNT = 2_000;

/** Does so unless the entries in the file were made by the index of that version. */
export function ensureIndexVersion(writer: Writer, version: string): void {
  const { connection } = writer;
  const sql = "SELECT value FROM meta WHERE key = 'indexVersion'";
  const found = connection.get<{ value: string }>(sql)?.value;
  if (found === version) return;
  inTransaction(writer, () => clear(writer));
  rebuildCurrent(writer);
  rebuildPast(writer);
  setIndexVersion(writer, version);
}

function setIndexVersion(writer: Writer, version: string): void {
  writer.connection.run("INSERT OR REPLACE INTO meta VALUES ('indexVersion', ?)", version);
}

function inTransaction(writer: Writer, work: () => void): void {
  writer.connection.database.transaction(work).immediate();
  writer.connection.database.pragma('wal_checkpoint(PASSIVE)');
}

function clear(writer: Writer): void {
  setIndexVersion(writer, '');
  for (const table of ENTRY_TABLES) {
    writer.connection.run(`DELETE FROM entry_${table}`);
    writer.connection.run(`DELETE FROM past_${table}`);
  }
}

interface CurrentRow {
  readonly rid: number;
  readonly text: string;
}

function rebuildCurrent(writer: Writer): void {
  const sql = `SELECT r.rid, v.text FROM resource AS r CROSS JOIN version AS v
    ON v.sequence = r.sequence
    WHERE r.rid > ? AND r.live = 1 ORDER BY r.rid LIMIT ${BATCH_COUNT}`;
  let after = 0;
  for (;;) {
    const batch = writer.connection.all<CurrentRow>(sql, after);
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.rid;
    inTransaction(writer, () => {
      const resources = new TransactionResources(writer);
      insertRows(
        writer,
        batch.flatMap(({ rid, text }) => rowsOf(writer, resources, rid, text)),
      );
      resources.insertAdded();
    });
  }
}

interface PastRow extends CurrentRow {
  readonly place: number;
  readonly valid_from: number;
  readonly valid_to: number;
}

function rebuildPast(writer: Writer): void {
  const sql = `SELECT p.rowid AS place, p.rid, p.valid_from, p.valid_to, v.text
    FROM past_resource AS p CROSS JOIN version AS v ON v.sequence = p.valid_from
    WHERE p.rowid > ? ORDER BY p.rowid LIMIT ${BATCH_COUNT}`;
  let after = 0;
  for (;;) {
    const batch = writer.connection.all<PastRow>(sql, after);
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last.place;
    inTransaction(writer, () => {
      const resources = new TransactionResources(writer);
      const rows = batch.flatMap(({ rid, text, valid_from: validFrom, valid_to: validTo }) => {
        const distinct = distinctRows(rowsOf(writer, resources, rid, text)).values();
        return [...distinct].map((row) => ({ ...row, validFrom, validTo }));
      });
      keepPastRows(writer, rows);
      resources.insertAdded();
    });
  }
}

function rowsOf(
  writer: Writer,
  resources: TransactionResources,
  rid: number,
  text: string,
): EntryRow[] {
  const type = writer.dictionary.typeName(typeCodeOf(rid));
  assert(text !== null, 'a version that was searched for has a text');
  return entryRows(writer, resources, type, rid, writer.indexText(type, text));
}
