// Answers searches in a reading thread: plans and compiles the expression, counts, reads a page.

import type { Expression, SearchQuery } from '../../search/expression.ts';
import { type SearchAnswer, type SearchPage, StoreError, type Version } from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import { atMoment, type Reader, windowFloor } from './moment.ts';
import { type PagePosition, readPosition, writePosition } from './page-position.ts';
import { plan } from './plan.ts';
import { follows, keyedRids, orderBy, type SortValue, sortColumn } from './sort.ts';
import { type Moment, type RidSet, Statement } from './statement.ts';
import { toVersion, versionAt } from './versions.ts';

/** How many resources match. */
export function countMatches(reader: Reader, query: SearchQuery, at?: number): number {
  return atMoment(reader, at, (moment) => {
    return countSet(reader, moment, query.type, plan(reader, moment, query.type, query.where));
  });
}

/** One page of the resources that match, with the exact total of all pages. */
export function searchPage(
  reader: Reader,
  query: SearchQuery,
  page: SearchPage,
  at?: number,
): SearchAnswer {
  return atMoment(reader, at, (moment) => {
    const where = plan(reader, moment, query.type, query.where);
    const after = page.after === undefined ? undefined : positionOf(reader, query, page.after);
    const total = () => {
      if (after !== undefined && after.at === moment.last) return after.total;
      return countSet(reader, moment, query.type, where);
    };
    if (page.count === 0) return { at: moment.last, total: total(), versions: [] };
    const rows = pageRows(reader, moment, { ...query, where }, page.count + 1, after);
    const complete = after === undefined && rows.length <= page.count;
    return answer(reader, moment, rows, page.count, complete ? rows.length : total());
  });
}

/** A position that this store did not write is one that it no longer knows. */
function positionOf(reader: Reader, query: SearchQuery, text: string): PagePosition {
  const position = readPosition(text, query.sort.length);
  if (position !== undefined) return position;
  throw new StoreError({ reason: 'behind-window', floor: windowFloor(reader.connection) });
}

/** A row of a page: its rid and the values of its sort keys. */
type PageRow = { readonly rid: number } & Readonly<Record<`k${number}`, SortValue>>;

function answer(
  reader: Reader,
  moment: Moment,
  rows: readonly PageRow[],
  count: number,
  total: number,
): SearchAnswer {
  const { connection, dictionary } = reader;
  const shown = rows.slice(0, count);
  const versions: Version[] = [];
  for (const { rid } of shown) {
    const row = versionAt(connection, rid, moment.last);
    if (row !== undefined) versions.push(toVersion(row, dictionary));
  }
  const last = shown.at(-1);
  if (last === undefined || rows.length <= count) return { at: moment.last, total, versions };
  const { rid, ...keys } = last;
  const next = writePosition({ at: moment.last, total, values: Object.values(keys), rid });
  return { at: moment.last, total, versions, next };
}

function countSet(reader: Reader, moment: Moment, type: string, where: Expression): number {
  const statement = new Statement(moment);
  const set = ridSet(statement, type, where);
  const sql = `SELECT count(*) AS total FROM (${distinctRids(set)})`;
  return reader.connection.get<{ total: number }>(sql, statement.values)?.total ?? 0;
}

/** The set's rids, each once. */
function distinctRids(set: RidSet): string {
  return set.unique ? set.sql : `SELECT DISTINCT rid FROM (${set.sql})`;
}

function pageRows(
  reader: Reader,
  moment: Moment,
  query: SearchQuery,
  limit: number,
  after: PagePosition | undefined,
): PageRow[] {
  const statement = new Statement(moment);
  const set = ridSet(statement, query.type, query.where);
  const columns = query.sort.map((key) => sortColumn(statement, query.type, key));
  const condition =
    after === undefined ? 'true' : follows(statement, columns, after.values, after.rid);
  const bound = statement.bind(limit);
  if (columns.length === 0) {
    const sql =
      `SELECT ${set.unique ? '' : 'DISTINCT '}rid FROM (${set.sql})` +
      ` WHERE ${condition} ORDER BY rid LIMIT ${bound}`;
    return reader.connection.all<PageRow>(sql, statement.values);
  }
  const sql =
    `WITH matched AS MATERIALIZED (${distinctRids(set)})` +
    ` SELECT * FROM (${keyedRids(columns)})` +
    ` WHERE ${condition} ORDER BY ${orderBy(columns)} LIMIT ${bound}`;
  return reader.connection.all<PageRow>(sql, statement.values);
}
