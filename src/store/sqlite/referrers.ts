// Who points at resources, for many at once: what is read of people with their records. One
// statement, put to one target after the other; the index of references has each target's entries
// together.

import type { ResourceKey } from '../../fhir/types.ts';
import type { ReferrerQuery, Version } from '../resource-store.ts';
import { judge } from './compile-sql.ts';
import { atMoment, type Reader } from './moment.ts';
import { Statement } from './statement.ts';
import { findRid, toVersion, type VersionRow } from './versions.ts';

/** A version with the code of the parameter by which it points. */
type FoundRow = VersionRow & { readonly parameter: number };

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
    const asked = askedQueries(statement, queries);
    if (asked.length === 0) return keys.map(() => []);
    const sql = selectReferrers(statement, asked);
    const places = new Map(asked.map(({ code }, place) => [code, place]));
    const placeOf = ({ parameter }: FoundRow) => places.get(parameter) ?? 0;
    return keys.map((key) => {
      const target = findRid(connection, dictionary, key);
      if (target === undefined) return [];
      return connection
        .all<FoundRow>(sql, { ...statement.values, target })
        .sort((one, other) => placeOf(one) - placeOf(other) || one.rid - other.rid)
        .map((row) => toVersion(row, dictionary));
    });
  });
}

/** A query by the code of its parameter, which belongs to one type. */
interface AskedQuery extends ReferrerQuery {
  readonly code: number;
}

/** The queries whose parameter ever had an entry. */
function askedQueries(
  { names }: Statement,
  queries: readonly ReferrerQuery[],
): readonly AskedQuery[] {
  return queries.flatMap((query) => {
    const code = names.parameterCode(query.type, query.parameter, 'reference');
    return code === undefined ? [] : { ...query, code };
  });
}

/** Versions that point at `:target`: of current entries the current ones, of past entries those
 * that they were of. */
function selectReferrers(statement: Statement, asked: readonly AskedQuery[]): string {
  const { at } = statement.moment;
  const codes = asked.map(({ code }) => code).join();
  const select = (table: string, sequence: string, condition: string) =>
    `SELECT e.parameter, v.sequence, v.rid, v.version_id, v.commit_last, v.method,
      v.last_updated_ms, v.text, r.id
      FROM ${table} AS e CROSS JOIN resource AS r ON r.rid = e.rid
      CROSS JOIN version AS v ON v.sequence = ${sequence}
      WHERE e.target = :target AND e.parameter IN (${codes}) AND ${condition}
      AND ${judgeReferrer(statement, asked, 'e')}`;
  if (at === undefined) return select('entry_reference', 'r.sequence', 'true');
  const bound = statement.bind(at);
  const current = select('entry_reference', 'r.sequence', `r.sequence <= ${bound}`);
  const wasCurrent = `e.valid_from <= ${bound} AND e.valid_to > ${bound}`;
  return `${current} UNION ALL ${select('past_reference', 'e.valid_from', wasCurrent)}`;
}

/** Whether the resource of an entry matches what is asked under the entry's parameter. */
function judgeReferrer(statement: Statement, asked: readonly AskedQuery[], row: string): string {
  if (asked.every(({ where }) => where.kind === 'everything')) return 'true';
  const cases = asked.map(
    ({ code, type, where }) => `WHEN ${code} THEN ${judge(statement, type, where, `${row}.rid`)}`,
  );
  return `CASE ${row}.parameter ${cases.join(' ')} END`;
}
