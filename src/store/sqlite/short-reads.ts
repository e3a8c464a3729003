// Reads that are always short: a few index seeks each. They run on the calling thread, or for many
// keys in a reading thread.

import type { ResourceKey } from '../../fhir/types.ts';
import { decodeText, encodeText } from '../ordered-text.ts';
import type { Row, Version } from '../resource-store.ts';
import type { Connection } from './connection.ts';
import { checkWindow, type Reader } from './moment.ts';
import { ridOf } from './resource-number.ts';
import {
  currentVersion,
  findRid,
  lastSequence,
  positionBefore,
  toVersion,
  versionAt,
  versionOf,
} from './versions.ts';
import type { ResourceRow } from './writer.ts';

/** The current version of a resource. */
export function readCurrent(
  { connection, dictionary }: Reader,
  key: ResourceKey,
): Version | undefined {
  const row = currentVersion(connection, dictionary, key);
  return row === undefined ? undefined : toVersion(row, dictionary);
}

/** The versions that were current as at a sequence number, one answer per key. */
export function readResources(
  reader: Reader,
  keys: readonly ResourceKey[],
  at?: number,
): (Version | undefined)[] {
  const { connection, dictionary } = reader;
  return connection.snapshot(() => {
    checkWindow(connection, at);
    return keys.map((key) => {
      const rid = findRid(connection, dictionary, key);
      if (rid === undefined) return undefined;
      const row = versionAt(connection, rid, at ?? Number.MAX_SAFE_INTEGER);
      return row === undefined ? undefined : toVersion(row, dictionary);
    });
  });
}

/** The undeleted resources of those numbers within their type, one answer per number. */
export function readByNumber(
  { connection, dictionary }: Reader,
  type: string,
  numbers: readonly number[],
  at?: number,
): (Version | undefined)[] {
  return connection.snapshot(() => {
    checkWindow(connection, at);
    const code = dictionary.typeCode(type);
    return numbers.map((number) => {
      if (code === undefined) return undefined;
      const row = versionAt(connection, ridOf(code, number), at ?? Number.MAX_SAFE_INTEGER);
      return row?.text == null ? undefined : toVersion(row, dictionary);
    });
  });
}

/** The ids of the undeleted resources of those numbers within their type, one answer per number. */
export function readIds(
  { connection, dictionary }: Reader,
  type: string,
  numbers: readonly number[],
  at: number = Number.MAX_SAFE_INTEGER,
): (string | undefined)[] {
  return connection.snapshot(() => {
    checkWindow(connection, at);
    const code = dictionary.typeCode(type);
    const rids = code === undefined ? [] : numbers.map((number) => ridOf(code, number));
    return numbers.map((_number, index) => idAt(connection, rids[index], at));
  });
}

/** What became of a resource later is looked into only where something did. */
function idAt(connection: Connection, rid: number | undefined, at: number): string | undefined {
  if (rid === undefined) return undefined;
  const sql = 'SELECT id, sequence, live FROM resource WHERE rid = ?';
  const row = connection.get<Pick<ResourceRow, 'sequence' | 'live'> & { id: string }>(sql, rid);
  if (row === undefined || row.sequence === null) return undefined;
  const isThere =
    row.sequence <= at ? row.live === 1 : versionAt(connection, rid, at)?.text != null;
  return isThere ? decodeText(row.id) : undefined;
}

/** That version of a resource. */
export function readResourceVersion(
  reader: Reader,
  key: ResourceKey,
  versionId: number,
): Version | undefined {
  const { connection, dictionary } = reader;
  return connection.snapshot(() => {
    const rid = findRid(connection, dictionary, key);
    const row = rid === undefined ? undefined : versionOf(connection, rid, versionId);
    return row === undefined ? undefined : toVersion(row, dictionary);
  });
}

/** The last sequence number, or that before an instant. */
export function readPosition(connection: Connection, beforeMs: number | undefined): number {
  return connection.snapshot(() => {
    const last = lastSequence(connection);
    return beforeMs === undefined ? last : positionBefore(connection, beforeMs, last);
  });
}

/** Operational rows of a set, by key, after one. */
export function readRows(
  connection: Connection,
  set: string,
  after: string,
  limit: number,
): readonly Row[] {
  const sql = `SELECT key, value FROM operational_row WHERE "set" = ? AND key > ?
    ORDER BY key LIMIT ?`;
  const rows = connection.all<Row>(sql, encodeText(set), encodeText(after), limit);
  return rows.map(({ key, value }) => ({ key: decodeText(key), value }));
}

/** The sets that have operational rows: from one to the next, however many rows they have. */
export function readRowSets(connection: Connection): readonly string[] {
  const sql = `WITH RECURSIVE found (name) AS (
      SELECT min("set") FROM operational_row
      UNION ALL
      SELECT (SELECT min("set") FROM operational_row WHERE "set" > name) FROM found
        WHERE name IS NOT NULL)
    SELECT name FROM found WHERE name IS NOT NULL`;
  return connection.all<{ name: string }>(sql).map(({ name }) => decodeText(name));
}

/** One operational row's value. */
export function readRow(connection: Connection, set: string, key: string): string | undefined {
  const sql = 'SELECT value FROM operational_row WHERE "set" = ? AND key = ?';
  return connection.get<{ value: string }>(sql, encodeText(set), encodeText(key))?.value;
}
