// Versions as they lie in the log: read by resource, by version id, by place. Whatever answers with
// versions reads them here.

import type { ResourceKey } from '../../fhir/types.ts';
import { assert } from '../../lib/assert.ts';
import { decodeText, encodeText } from '../ordered-text.ts';
import type { Version } from '../resource-store.ts';
import type { Connection } from './connection.ts';
import type { Dictionary } from './dictionary.ts';
import { numberOf, typeCodeOf } from './resource-number.ts';
import { METHODS } from './schema.ts';

/** A row of VERSION_COLUMNS. */
export interface VersionRow {
  readonly sequence: number;
  readonly rid: number;
  readonly version_id: number;
  readonly commit_last: number;
  readonly method: number;
  readonly last_updated_ms: number;
  readonly text: string | null;
  readonly id: string;
}

/** Selects whole versions; `v` is the version, `r` its resource. A WHERE may follow. */
export const SELECT_VERSIONS = `SELECT v.sequence, v.rid, v.version_id, v.commit_last, v.method,
  v.last_updated_ms, v.text, r.id
  FROM version AS v CROSS JOIN resource AS r ON r.rid = v.rid`;

/** The row as the contract's Version. */
export function toVersion(row: VersionRow, dictionary: Dictionary): Version {
  const method = METHODS[row.method];
  assert(method !== undefined, 'the log holds known methods');
  const version = {
    type: dictionary.typeName(typeCodeOf(row.rid)),
    id: decodeText(row.id),
    versionId: row.version_id,
    sequence: row.sequence,
    commitLast: row.commit_last,
    number: numberOf(row.rid),
    lastUpdatedMs: row.last_updated_ms,
    method,
  };
  return row.text === null ? version : { ...version, text: row.text };
}

/** The last sequence number of all; 0 when the log is empty. */
export function lastSequence(connection: Connection): number {
  const row = connection.get<{ last: number | null }>('SELECT max(sequence) AS last FROM version');
  return row?.last ?? 0;
}

/** The last sequence number, up to `last`, whose lastUpdated is earlier than the instant: found by
 * bisection, since lastUpdated never decreases along the log. */
export function positionBefore(connection: Connection, instantMs: number, last: number): number {
  const sql = 'SELECT last_updated_ms AS instant FROM version WHERE sequence = ?';
  let before = 0;
  let notBefore = last + 1;
  while (notBefore - before > 1) {
    const middle = Math.floor((before + notBefore) / 2);
    const row = connection.get<{ instant: number }>(sql, middle);
    assert(row !== undefined, 'the log has no gaps');
    if (row.instant < instantMs) before = middle;
    else notBefore = middle;
  }
  return before;
}

/** The resource's rid; undefined when it was never written nor mentioned. */
export function findRid(
  connection: Connection,
  dictionary: Dictionary,
  key: ResourceKey,
): number | undefined {
  const type = dictionary.typeCode(key.type);
  if (type === undefined) return undefined;
  const sql = 'SELECT rid FROM resource WHERE rid >> 40 = ? AND id = ?';
  return connection.get<{ rid: number }>(sql, type, encodeText(key.id))?.rid;
}

/** The resource's current version, a deletion included: one statement, which needs no transaction
 * around it to be of one moment. */
export function currentVersion(
  connection: Connection,
  dictionary: Dictionary,
  key: ResourceKey,
): VersionRow | undefined {
  const type = dictionary.typeCode(key.type);
  if (type === undefined) return undefined;
  return connection.get<VersionRow>(SELECT_CURRENT, type, encodeText(key.id));
}

const SELECT_CURRENT = `SELECT v.sequence, v.rid, v.version_id, v.commit_last, v.method,
  v.last_updated_ms, v.text, r.id
  FROM resource AS r CROSS JOIN version AS v ON v.sequence = r.sequence
  WHERE r.rid >> 40 = ? AND r.id = ?`;

/** Mostly it is the current version, whose sequence number the resource's row knows. */
const SELECT_AT = `SELECT v.sequence, v.rid, v.version_id, v.commit_last, v.method,
  v.last_updated_ms, v.text, r.id
  FROM resource AS r CROSS JOIN version AS v
  ON v.sequence = CASE WHEN r.sequence <= :at THEN r.sequence ELSE (
    SELECT older.sequence FROM version AS older
    WHERE older.rid = r.rid AND older.sequence <= :at
    ORDER BY older.version_id DESC LIMIT 1) END
  WHERE r.rid = :rid`;

/** The resource's version that was current as at a sequence number, a deletion included. */
export function versionAt(connection: Connection, rid: number, at: number): VersionRow | undefined {
  return connection.get<VersionRow>(SELECT_AT, { rid, at });
}

/** That version of a resource. */
export function versionOf(
  connection: Connection,
  rid: number,
  versionId: number,
): VersionRow | undefined {
  const sql = `${SELECT_VERSIONS} WHERE v.rid = ? AND v.version_id = ?`;
  return connection.get<VersionRow>(sql, rid, versionId);
}

/** Versions after a sequence number, oldest first, to the end of a commit. */
export function versionsAfter(
  connection: Connection,
  dictionary: Dictionary,
  after: number,
  limit: number,
): Version[] {
  const sql = `${SELECT_VERSIONS} WHERE v.sequence > ? AND v.sequence <= ? ORDER BY v.sequence`;
  const lastWanted = after + Math.max(1, limit);
  const rows = connection.all<VersionRow>(sql, after, lastWanted);
  const end = rows.at(-1);
  if (end !== undefined && end.commit_last > end.sequence) {
    rows.push(...connection.all<VersionRow>(sql, end.sequence, end.commit_last));
  }
  return rows.map((row) => toVersion(row, dictionary));
}
