// Answers histories in a reading thread (http://hl7.org/fhir/R4/http.html#history): a range of the
// log, narrowed to a resource or a type and to what the caller may see.

import type { Expression } from '../../search/expression.ts';
import type { HistoryAnswer, HistoryPage, HistoryScope } from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import { checkWindow, momentOf, type Reader } from './moment.ts';
import { plan } from './plan.ts';
import { ridRange } from './resource-number.ts';
import { balanced, Statement } from './statement.ts';
import { findRid, SELECT_VERSIONS, toVersion, type VersionRow } from './versions.ts';

/** One page of the versions in scope, newest first, with their exact number. */
export function readHistory(
  reader: Reader,
  scope: HistoryScope,
  page: HistoryPage,
  at?: number,
): HistoryAnswer {
  const { connection, dictionary } = reader;
  return connection.snapshot(() => {
    if (scope.visible !== undefined) checkWindow(connection, at);
    const moment = momentOf(reader, at);
    const last = Math.min(moment.last, scope.upTo ?? moment.last);
    const counting = new Statement(moment);
    const counted = condition(reader, counting, scope, last);
    const countSql = `SELECT count(*) AS total FROM version AS v WHERE ${counted}`;
    const total = connection.get<{ total: number }>(countSql, counting.values)?.total ?? 0;
    if (page.count === 0) return { at: moment.last, total, versions: [] };
    const statement = new Statement(moment);
    const newest = Math.min(last, (page.before ?? Number.MAX_SAFE_INTEGER) - 1);
    const where = condition(reader, statement, scope, newest);
    const limit = statement.bind(page.count + 1);
    const sql = `${SELECT_VERSIONS} WHERE ${where} ORDER BY v.sequence DESC LIMIT ${limit}`;
    const rows = connection.all<VersionRow>(sql, statement.values);
    const shown = rows.slice(0, page.count);
    const versions = shown.map((row) => toVersion(row, dictionary));
    const next = shown.at(-1)?.sequence;
    if (rows.length <= page.count || next === undefined)
      return { at: moment.last, total, versions };
    return { at: moment.last, total, versions, next };
  });
}

/** The condition on `v` that it is in scope and not newer than `newest`. */
function condition(
  reader: Reader,
  statement: Statement,
  scope: HistoryScope,
  newest: number,
): string {
  const after = statement.bind(scope.after ?? 0);
  const conditions = [
    scopeCondition(reader, statement, scope),
    `v.sequence > ${after} AND v.sequence <= ${statement.bind(newest)}`,
  ];
  if (scope.currentFrom !== undefined) {
    const from = Math.min(scope.currentFrom, statement.moment.last);
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM version AS n WHERE n.rid = v.rid` +
        ` AND n.version_id = v.version_id + 1 AND n.sequence <= ${statement.bind(from)})`,
    );
  }
  if (scope.visible !== undefined) {
    conditions.push(visibleCondition(reader, statement, scope.visible, scope.type));
  }
  return balanced(conditions, 'AND');
}

function scopeCondition(reader: Reader, statement: Statement, scope: HistoryScope): string {
  if (scope.type === undefined) return 'true';
  if (scope.id === undefined) {
    const code = reader.dictionary.typeCode(scope.type);
    return code === undefined ? 'false' : `v.rid >> 40 = ${statement.bind(code)}`;
  }
  const rid = findRid(reader.connection, reader.dictionary, { type: scope.type, id: scope.id });
  return rid === undefined ? 'false' : `v.rid = ${statement.bind(rid)}`;
}

function visibleCondition(
  reader: Reader,
  statement: Statement,
  visible: Readonly<Record<string, Expression>>,
  scopeType: string | undefined,
): string {
  const types = Object.entries(visible).filter(
    ([type, where]) => where.kind !== 'nothing' && (scopeType === undefined || type === scopeType),
  );
  const conditions = types.flatMap(([type, where]) => {
    const code = statement.names.typeCode(type);
    if (code === undefined) return [];
    if (where.kind !== 'everything') {
      const planned = plan(reader, statement.moment, type, where);
      return [`v.rid IN (${ridSet(statement, type, planned).sql})`];
    }
    const { first, last } = ridRange(code);
    return [`v.rid BETWEEN ${statement.bind(first)} AND ${statement.bind(last)}`];
  });
  return balanced(conditions, 'OR');
}
