// All matches of a search in constant memory: their rids go to a table of the reading thread's
// temporary database, and versions are read from it in chunks, each in a short transaction, so
// that a slow consumer keeps nothing of the write-ahead log in use.

import type { SearchQuery } from '../../search/expression.ts';
import type { Version } from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import { atMoment, type Reader } from './moment.ts';
import { plan } from './plan.ts';
import { ridRange } from './resource-number.ts';
import { Statement } from './statement.ts';
import { toVersion, versionAt } from './versions.ts';

/** A chunk ends at so many versions, or characters of text. */
const CHUNK_VERSIONS_MAX = 1_000;
const CHUNK_CHARACTERS_MAX = 2_000_000;

/** An opened stream: plain data that crosses threads. */
export interface StreamHandle {
  /** Name of the table of rids. */
  readonly table: string;
  readonly at: number;
  /** The greatest rid that may match. */
  readonly last: number;
}

/** Some of a stream's versions; `after` continues, undefined at the end. */
export interface StreamChunk {
  readonly versions: readonly Version[];
  readonly after?: number;
}

/** Finds the matches. @param name tells the stream from others of the thread */
export function openStream(
  reader: Reader,
  query: SearchQuery,
  name: number,
  at?: number,
): StreamHandle {
  return atMoment(reader, at, (moment) => {
    const code = moment.names.typeCode(query.type);
    // Of everything, the table of resources itself is the list.
    if (query.where.kind === 'everything') {
      const last = code === undefined ? 0 : ridRange(code).last;
      return { table: 'main.resource', at: moment.last, last };
    }
    const table = `temp.stream_${name}`;
    reader.connection.database.exec(`CREATE TABLE ${table} (rid INTEGER PRIMARY KEY)`);
    const statement = new Statement(moment);
    const where = plan(reader, moment, query.type, query.where);
    const { sql } = ridSet(statement, query.type, where);
    const insert = `INSERT OR IGNORE INTO ${table} ${sql}`;
    reader.connection.database.prepare(insert).run(statement.values);
    return { table, at: moment.last, last: Number.MAX_SAFE_INTEGER };
  });
}

/** Reads on. @param after the `after` of the chunk before; undefined at the beginning */
export function readChunk(
  reader: Reader,
  query: SearchQuery,
  handle: StreamHandle,
  after?: number,
): StreamChunk {
  const { connection, dictionary } = reader;
  const code = dictionary.typeCode(query.type);
  if (code === undefined) return { versions: [] };
  const sql = `SELECT rid FROM ${handle.table} WHERE rid > ? AND rid <= ?
    ORDER BY rid LIMIT ${CHUNK_VERSIONS_MAX}`;
  const start = after ?? ridRange(code).first - 1;
  const rids = connection.all<{ rid: number }>(sql, start, handle.last);
  const versions: Version[] = [];
  let characters = 0;
  for (const { rid } of rids) {
    const row = versionAt(connection, rid, handle.at);
    if (row === undefined || row.text === null) continue;
    versions.push(toVersion(row, dictionary));
    characters += row.text.length;
    if (characters >= CHUNK_CHARACTERS_MAX) return { versions, after: rid };
  }
  const last = rids.at(-1)?.rid;
  return rids.length < CHUNK_VERSIONS_MAX || last === undefined
    ? { versions }
    : { versions, after: last };
}

/** Lets go of the matches. */
export function closeStream(reader: Reader, handle: StreamHandle): void {
  if (handle.table.startsWith('temp.')) {
    reader.connection.database.exec(`DROP TABLE ${handle.table}`);
  }
}
