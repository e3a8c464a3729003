// Answers searches in a reading thread: plans and compiles the expression, counts, reads a page.

import { PAGE_COUNT_DEFAULT } from '../../limits.ts';
import type { Expression, SearchQuery } from '../../search/expression.ts';
import {
  type SearchAnswer,
  type SearchExplanation,
  type SearchPage,
  StoreError,
  type Version,
} from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import { atMoment, type Reader, windowFloor } from './moment.ts';
import { type PagePosition, readPosition, writePosition } from './page-position.ts';
import { countClauses, plan } from './plan.ts';
import { numberOf } from './resource-number.ts';
import {
  follows,
  keyedRids,
  orderBy,
  precedes,
  reverseOrderBy,
  type SortColumn,
  type SortValue,
  sortColumn,
} from './sort.ts';
import { type Moment, type RidSet, Statement } from './statement.ts';
import { toVersion, versionAt } from './versions.ts';

/** How many resources match. */
export function countMatches(reader: Reader, query: SearchQuery, at?: number): number {
  return atMoment(reader, at, (moment) => {
    return countSet(reader, moment, query.type, plan(reader, moment, query.type, query.where));
  });
}

/** The numbers of the resources that match, ascending. */
export function matchingNumbers(reader: Reader, query: SearchQuery, at?: number): Float64Array {
  return atMoment(reader, at, (moment) => {
    const where = plan(reader, moment, query.type, query.where);
    const statement = new Statement(moment);
    const rids = distinctRids(ridSet(statement, query.type, where));
    const sql = `SELECT rid FROM (${rids}) ORDER BY rid`;
    const rows = reader.connection.all<{ readonly rid: number }>(sql, statement.values);
    return Float64Array.from(rows, ({ rid }) => numberOf(rid));
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
    const from = placeOf(reader, query, page);
    const total = () => {
      if (from !== undefined && from.position.at === moment.last) return from.position.total;
      return countSet(reader, moment, query.type, where);
    };
    if (page.count === 0) return { at: moment.last, total: total(), versions: [] };
    const { sql, values } = pageStatement(moment, { ...query, where }, page.count + 1, from);
    const rows = reader.connection.all<PageRow>(sql, values);
    const complete = from === undefined && rows.length <= page.count;
    const found = { rows, total: complete ? rows.length : total() };
    return answer(reader, moment, found, page.count, from?.way);
  });
}

/** How a search is answered: the statements of its first page, and what was counted for them. */
export function explainSearch(reader: Reader, query: SearchQuery): SearchExplanation {
  return atMoment(reader, undefined, (moment) => {
    const where = plan(reader, moment, query.type, query.where);
    const statements = [
      countStatement(moment, query.type, where),
      pageStatement(moment, { ...query, where }, PAGE_COUNT_DEFAULT + 1, undefined),
    ];
    return {
      statements: statements.map(({ sql, values }) => ({
        text: sql,
        steps: reader.connection
          .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values)
          .map(({ detail }) => detail),
      })),
      clauses: countClauses(reader, moment, query.type, where),
      total: countSet(reader, moment, query.type, where),
    };
  });
}

/** Where a page lies: just after a row, or just before one. */
interface Place {
  readonly way: 'after' | 'before';
  readonly position: PagePosition;
}

function placeOf(reader: Reader, query: SearchQuery, page: SearchPage): Place | undefined {
  const way = page.before === undefined ? 'after' : 'before';
  const text = page[way];
  return text === undefined ? undefined : { way, position: positionOf(reader, query, text) };
}

/** A position that this store did not write is one that it no longer knows. */
function positionOf(reader: Reader, query: SearchQuery, text: string): PagePosition {
  const position = readPosition(text, query.sort.length);
  if (position !== undefined) return position;
  throw new StoreError({ reason: 'behind-window', floor: windowFloor(reader.connection) });
}

/** A row of a page: its rid and the values of its sort keys. */
type PageRow = { readonly rid: number } & Readonly<Record<`k${number}`, SortValue>>;

/** The rows in the order of the answer, one more than are shown where there is one more. */
interface Found {
  readonly rows: readonly PageRow[];
  readonly total: number;
}

function answer(
  reader: Reader,
  moment: Moment,
  { rows, total }: Found,
  count: number,
  way: Place['way'] | undefined,
): SearchAnswer {
  const { connection, dictionary } = reader;
  const hasMore = rows.length > count;
  // Asked backwards, the one too many is the first.
  const shown = way === 'before' ? rows.slice(hasMore ? 1 : 0) : rows.slice(0, count);
  const versions: Version[] = [];
  for (const { rid } of shown) {
    const row = versionAt(connection, rid, moment.last);
    if (row !== undefined) versions.push(toVersion(row, dictionary));
  }
  const plain = { at: moment.last, total, versions };
  const positionOfRow = ({ rid, ...keys }: PageRow) =>
    writePosition({ at: moment.last, total, values: Object.values(keys), rid });
  const [first] = shown;
  const last = shown.at(-1);
  if (first === undefined || last === undefined) return plain;
  const next = hasMore || way === 'before' ? { next: positionOfRow(last) } : {};
  const follows = way === 'before' ? hasMore : way === 'after';
  return { ...plain, ...next, ...(follows ? { previous: positionOfRow(first) } : {}) };
}

/** SQL with its values. */
interface Prepared {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
}

function countSet(reader: Reader, moment: Moment, type: string, where: Expression): number {
  const { sql, values } = countStatement(moment, type, where);
  return reader.connection.get<{ total: number }>(sql, values)?.total ?? 0;
}

function countStatement(moment: Moment, type: string, where: Expression): Prepared {
  const statement = new Statement(moment);
  const set = ridSet(statement, type, where);
  const sql = `SELECT count(*) AS total FROM (${distinctRids(set)})`;
  return { sql, values: statement.values };
}

/** The set's rids, each once. */
function distinctRids(set: RidSet): string {
  // Without the `+` SQLite may read all entries of a parameter in the order of rids.
  return set.unique ? set.sql : `SELECT DISTINCT +rid AS rid FROM (${set.sql})`;
}

function pageStatement(
  moment: Moment,
  query: SearchQuery,
  limit: number,
  from: Place | undefined,
): Prepared {
  const statement = new Statement(moment);
  const set = ridSet(statement, query.type, query.where);
  const columns = query.sort.map((key) => sortColumn(statement, query.type, key));
  const rows =
    columns.length === 0
      ? distinctRids(set)
      : `WITH matched AS MATERIALIZED (${distinctRids(set)}) SELECT * FROM (${keyedRids(columns)})`;
  const isBackwards = from?.way === 'before';
  const rid = set.ordered ? 'rid' : '+rid';
  const order = isBackwards ? reverseOrderBy(columns, rid) : orderBy(columns, rid);
  const page =
    `SELECT * FROM (${rows}) WHERE ${placeCondition(statement, columns, from)}` +
    ` ORDER BY ${order} LIMIT ${statement.bind(limit)}`;
  const sql = isBackwards ? `SELECT * FROM (${page}) ORDER BY ${orderBy(columns)}` : page;
  return { sql, values: statement.values };
}

function placeCondition(
  statement: Statement,
  columns: readonly SortColumn[],
  from: Place | undefined,
): string {
  if (from === undefined) return 'true';
  const { values, rid } = from.position;
  const isPlaced = from.way === 'before' ? precedes : follows;
  return isPlaced(statement, columns, values, rid);
}
