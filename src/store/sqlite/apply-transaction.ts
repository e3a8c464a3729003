// Writes what check-transaction.ts let through: versions, their resources' rows and index entries,
// which group-additions.ts gathers, and operational rows. Runs inside the group's database
// transaction.

import { completeText } from '../../fhir/document-text.ts';
import { encodeText } from '../ordered-text.ts';
import type { EntriesWrite, PutWrite, RowWrite, Transaction } from '../resource-store.ts';
import type { CheckedWrite } from './check-transaction.ts';
import {
  deleteRows,
  distinctRows,
  type EntryRow,
  type EntryRows,
  entryRows,
  uncovered,
} from './entry-rows.ts';
import type { GroupAdditions } from './group-additions.ts';
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

/** Writes a checked transaction, but for what is added to `additions`. */
export function applyTransaction(
  writer: Writer,
  additions: GroupAdditions,
  transaction: Transaction,
  writes: readonly CheckedWrite[],
): Applied {
  const { resources } = additions;
  const rids = writes.map(({ write, current }) => {
    if (write.kind === 'put') return resources.intern(write);
    return current?.live === 1 ? current.rid : undefined;
  });
  const count = rids.filter((rid) => rid !== undefined).length;
  const lastUpdatedMs = Math.max(transaction.nowMs, writer.lastUpdatedMs);
  const stamp = { commitLast: writer.last + count, lastUpdatedMs };
  const versions = writes.map((one, index) => {
    const rid = rids[index];
    if (rid === undefined) return null;
    writer.last += 1;
    return writeVersion(writer, one, rid, stamp, additions);
  });
  for (const write of transaction.writes) {
    if (write.kind === 'row') writeRow(writer, write);
    if (write.kind === 'entries') addEntries(writer, write, additions);
  }
  if (count > 0) writer.lastUpdatedMs = lastUpdatedMs;
  return { versions, lastUpdatedMs, last: writer.last };
}

function writeVersion(
  writer: Writer,
  { write, current }: CheckedWrite,
  rid: number,
  stamp: CommitStamp,
  additions: GroupAdditions,
): WrittenVersion {
  const sequence = writer.last;
  const versionId = (current?.version_id ?? 0) + 1;
  const { resources } = additions;
  const rows = write.kind === 'put' ? entryRows(writer, resources, write.type, rid, write) : [];
  if (current?.live === 1) {
    replaceRows(writer, write.type, current, rows, additions);
  } else {
    for (const row of rows) additions.entries.push(row);
  }
  const method = METHODS.indexOf(write.kind === 'put' ? write.method : 'DELETE');
  const text = write.kind === 'put' ? textOf(write, versionId, stamp) : null;
  const { commitLast, lastUpdatedMs } = stamp;
  additions.versions.push([sequence, rid, versionId, commitLast, method, lastUpdatedMs, text]);
  const row = { rid, version_id: versionId, sequence, live: text === null ? 0 : 1 };
  resources.setCurrent(write, row);
  return { versionId, sequence, number: numberOf(rid) };
}

/** Moves the rows of the version that is now replaced, which are made again from its text, to the
 * past. Only those that the new version does not have are touched in the index. */
function replaceRows(
  writer: Writer,
  type: string,
  current: ResourceRow,
  rows: readonly EntryRow[],
  additions: GroupAdditions,
): void {
  const validity = { validFrom: current.sequence ?? 0, validTo: writer.last };
  if (additions.holdsVersion(validity.validFrom)) additions.insert();
  const sql = 'SELECT text FROM version WHERE sequence = ?';
  const text = writer.connection.get<{ text: string }>(sql, current.sequence)?.text ?? '';
  const indexed = writer.indexText(type, text);
  const { rid } = current;
  const replaced = distinctRows(entryRows(writer, additions.resources, type, rid, indexed));
  const added = distinctRows(rows);
  deleteRows(writer, onlyIn(replaced, added));
  for (const row of onlyIn(added, replaced)) additions.entries.push(row);
  additions.pastResources.push([rid, validity.validFrom, validity.validTo]);
  for (const row of replaced.values()) additions.pastEntries.push({ ...row, ...validity });
}

/** Gives a version entries that it was written without. */
function addEntries(writer: Writer, write: EntriesWrite, additions: GroupAdditions): void {
  const { resources } = additions;
  const current = resources.find(write);
  if (current?.live !== 1 || current.sequence !== write.sequence) return;
  const indexed = { entries: write.entries, references: [] };
  const rows = entryRows(writer, resources, write.type, current.rid, indexed);
  for (const row of rows) additions.entries.push(row);
  // What a parameter covers now was kept as covered by none.
  deleteRows(writer, rows.flatMap(uncovered));
}

function textOf(write: PutWrite, versionId: number, stamp: CommitStamp): string {
  return completeText(write.document, versionId, stamp.lastUpdatedMs);
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
