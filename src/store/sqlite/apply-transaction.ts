// Writes what check-transaction.ts let through: versions, their resources' rows, index entries and
// operational rows. Runs inside the group's database transaction.

import { completeText } from '../../fhir/document-text.ts';
import type { PutWrite, RowWrite, Transaction } from '../resource-store.ts';
import type { CheckedWrite } from './check-transaction.ts';
import {
  deleteRows,
  type EntryRow,
  type EntryRows,
  entryRows,
  insertRows,
  keepPastRows,
} from './entry-rows.ts';
import { encodeText } from './ordered-text.ts';
import { numberOf } from './resource-number.ts';
import { METHODS } from './schema.ts';
import type { ResourceRow, Writer } from './writer.ts';

/** What a version got from its commit. */
export interface WrittenVersion {
  readonly versionId: number;
  readonly sequence: number;
  readonly number: number;
}

/** What became of a transaction: one entry per put or delete, null where nothing was written. */
export interface Applied {
  readonly versions: readonly (WrittenVersion | null)[];
  readonly lastUpdatedMs: number;
  readonly last: number;
}

/** What all versions of one commit share. */
interface CommitStamp {
  readonly commitLast: number;
  readonly lastUpdatedMs: number;
}

const NO_ROWS: EntryRows = new Map();

/** Writes a checked transaction. */
export function applyTransaction(
  writer: Writer,
  transaction: Transaction,
  checked: readonly CheckedWrite[],
): Applied {
  const rids = checked.map(({ write, current }) => {
    if (write.kind === 'put') return current?.rid ?? writer.addResource(write);
    return current?.live === 1 ? current.rid : undefined;
  });
  const count = rids.filter((rid) => rid !== undefined).length;
  const lastUpdatedMs = Math.max(transaction.nowMs, writer.lastUpdatedMs);
  const stamp = { commitLast: writer.last + count, lastUpdatedMs };
  const added: EntryRow[] = [];
  const versions = checked.map((one, index) => {
    const rid = rids[index];
    if (rid === undefined) return null;
    writer.last += 1;
    return writeVersion(writer, one, rid, stamp, added);
  });
  insertRows(writer, added);
  for (const write of transaction.writes) if (write.kind === 'row') writeRow(writer, write);
  if (count > 0) writer.lastUpdatedMs = lastUpdatedMs;
  return { versions, lastUpdatedMs, last: writer.last };
}

function writeVersion(
  writer: Writer,
  { write, current }: CheckedWrite,
  rid: number,
  stamp: CommitStamp,
  added: EntryRow[],
): WrittenVersion {
  const sequence = writer.last;
  const versionId = (current?.version_id ?? 0) + 1;
  const rows = write.kind === 'put' ? entryRows(writer, write.type, rid, write) : NO_ROWS;
  const replaced = current?.live === 1 ? replacedRows(writer, write.type, current) : NO_ROWS;
  if (current?.live === 1) keepPast(writer, current, replaced, sequence);
  deleteRows(writer, onlyIn(replaced, rows));
  added.push(...onlyIn(rows, replaced));
  const method = METHODS.indexOf(write.kind === 'put' ? write.method : 'DELETE');
  const text = write.kind === 'put' ? textOf(write, versionId, stamp) : null;
  writer.connection.run(
    'INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[sequence, rid, versionId, stamp.commitLast, method, stamp.lastUpdatedMs, text],
  );
  writer.connection.run(
    'UPDATE resource SET version_id = ?, sequence = ?, live = ? WHERE rid = ?',
    ...[versionId, sequence, write.kind === 'put' ? 1 : 0, rid],
  );
  return { versionId, sequence, number: numberOf(rid) };
}

function textOf(write: PutWrite, versionId: number, stamp: CommitStamp): string {
  return completeText(write.document, versionId, stamp.lastUpdatedMs);
}

/** The rows of the version that is about to be replaced, made again from its text. */
function replacedRows(writer: Writer, type: string, current: ResourceRow): EntryRows {
  const sql = 'SELECT text FROM version WHERE sequence = ?';
  const text = writer.connection.get<{ text: string }>(sql, current.sequence)?.text ?? '';
  return entryRows(writer, type, current.rid, writer.indexText(type, text));
}

function keepPast(writer: Writer, current: ResourceRow, rows: EntryRows, until: number): void {
  const from = current.sequence ?? 0;
  writer.connection.run('INSERT INTO past_resource VALUES (?, ?, ?)', current.rid, from, until);
  keepPastRows(writer, rows.values(), from, until);
}

/** The rows of the first that the second does not have. */
function onlyIn(rows: EntryRows, others: EntryRows): EntryRow[] {
  return [...rows].filter(([key]) => !others.has(key)).map(([, row]) => row);
}

function writeRow(writer: Writer, write: RowWrite): void {
  const set = encodeText(write.set);
  const key = encodeText(write.key);
  if (write.value === null) {
    writer.connection.run('DELETE FROM operational_row WHERE "set" = ? AND key = ?', set, key);
    return;
  }
  const sql = 'INSERT OR REPLACE INTO operational_row VALUES (?, ?, ?)';
  writer.connection.run(sql, set, key, write.value);
}
