// Who points at resources, for many at once: what is read of people with their records. One
// statement, put to one target after the other; the index of references has each target's entries
// together.

import type { ResourceKey } from '../../fhir/types.ts';
import type { ReferrerQuery, Version } from '../resource-store.ts';
import { judge } from './compile-sql.ts';
import { atMoment, type Reader } from './moment.ts';
import { Statement } from './statement.ts';
import { findRid, sequenceAt, toVersion, type VersionRow } from './versions.ts';

/** A version with the place of the query that found it. */
type FoundRow = VersionRow & { readonly place: number };

/** The resources that point at each key: by query, then by number. */
export function readReferrers(
  reader: Reader,
  keys: readonly ResourceKey[],
  queries: readonly ReferrerQuery[],
  at?: number,
): (readonly Version[])[] {
  const { connection, dictionary } = reader;
  return atMoment(reader, at, (moment) => {
    const statement = new Statement(moment);
    const sql = selectReferrers(statement, queries);
    if (sql === undefined) return keys.map(() => []);
    return keys.map((key) => {
      const target = findRid(connection, dictionary, key);
      if (target === undefined) return [];
      const rows = connection.all<FoundRow>(sql, { ...statement.values, target });
      return rows.sort(byPlace).map((row) => toVersion(row, dictionary));
    });
  });
}

/** Mostly they come in this order: then nothing is moved. */
function byPlace(one: FoundRow, other: FoundRow): number {
  return one.place - other.place || one.rid - other.rid;
}

/** Versions that point at `:target`; undefined when no such reference was ever written. */
function selectReferrers(
  statement: Statement,
  queries: readonly ReferrerQuery[],
): string | undefined {
  const arms = queries.flatMap(({ type, parameter, where }, place) => {
    const code = statement.names.parameterCode(type, parameter, 'reference');
    if (code === undefined) return [];
    const bound = statement.bind(code);
    return statement.entryRows(
      'reference',
      (row) => `${place} AS place, ${row}.rid AS rid`,
      (row) => {
        const judged = judge(statement, type, where, `${row}.rid`);
        return `${row}.target = :target AND ${row}.parameter = ${bound} AND ${judged}`;
      },
    );
  });
  if (arms.length === 0) return undefined;
  return `SELECT found.place, v.sequence, v.rid, v.version_id, v.commit_last, v.method,
    v.last_updated_ms, v.text, r.id
    FROM (${arms.join(' UNION ALL ')}) AS found
    CROSS JOIN resource AS r ON r.rid = found.rid
    CROSS JOIN version AS v ON v.sequence = ${currentSequence(statement)}`;
}

function currentSequence(statement: Statement): string {
  const { at } = statement.moment;
  return at === undefined ? 'r.sequence' : sequenceAt('r', statement.bind(at));
}
