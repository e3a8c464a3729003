// Date clauses as SQL: conditions on half-open ranges. Since low <= high in every entry, a bound on
// one end implies one on the other, so that a day is a short range of an index by either end.

import type { Expression, RangeBounds } from '../../search/expression.ts';
import { END_OF_TIME_MS, START_OF_TIME_MS } from '../../search/index-entry.ts';
import { balanced, type RidSet, type Statement, union } from './statement.ts';

type DateClause = Extract<Expression, { kind: 'date' }>;

/** Ranges that are each written out; more become one table. */
const WRITTEN_RANGES_MAX = 8;

/** The resources with a range within one of the bounds. */
export function setOfDates(statement: Statement, type: string, date: DateClause): RidSet {
  return union(
    statement,
    dateEntries(statement, type, date, () => 'true'),
  );
}

/** Whether the resource has a range within one of the bounds. */
export function judgeDates(
  statement: Statement,
  type: string,
  date: DateClause,
  rid: string,
): string {
  const found = dateEntries(statement, type, date, (row) => `${row}.rid = ${rid}`);
  if (found.length === 0) return 'false';
  return `(${found.map(({ sql }) => `EXISTS (${sql})`).join(' OR ')})`;
}

function dateEntries(
  statement: Statement,
  type: string,
  date: DateClause,
  candidate: (row: string) => string,
): RidSet[] {
  const code = statement.names.parameterCode(type, date.parameter, 'date');
  if (code === undefined) return [];
  const parameter = statement.bind(code);
  const ranges = date.anyOf.map(withImpliedBounds);
  if (ranges.length > WRITTEN_RANGES_MAX) {
    return [manyRanges(statement, parameter, ranges, candidate)];
  }
  return ranges.map((bounds) => {
    const condition = rangeCondition(statement, bounds);
    const sql = statement.entries('date', 'rid', (row) => {
      return `${row}.parameter = ${parameter} AND ${candidate(row)} AND ${condition(row)}`;
    });
    return { sql, unique: false };
  });
}

/** low <= high: what holds for one end holds for the other. */
function withImpliedBounds(bounds: RangeBounds): RangeBounds & { readonly lowTo?: number } {
  return bounds.highTo === undefined ? bounds : { ...bounds, lowTo: bounds.highTo };
}

type ImpliedBounds = ReturnType<typeof withImpliedBounds>;

const COMPARISONS = [
  ['lowFrom', 'low', '>='],
  ['lowBelow', 'low', '<'],
  ['lowTo', 'low', '<='],
  ['highAbove', 'high', '>'],
  ['highTo', 'high', '<='],
] as const;

/** The bounds as a condition on a row. */
function rangeCondition(statement: Statement, bounds: ImpliedBounds): (row: string) => string {
  // A bound on the low end leads the search: `+` keeps SQLite from searching by the high end too.
  const leadsByLow =
    bounds.lowFrom !== undefined || bounds.lowBelow !== undefined || bounds.lowTo !== undefined;
  const parts = COMPARISONS.flatMap(([name, end, operator]) => {
    const value = bounds[name];
    if (value === undefined) return [];
    const plus = leadsByLow && end === 'high' ? '+' : '';
    return [(row: string) => `${plus}${row}.${end} ${operator} ${statement.bind(value)}`];
  });
  return (row) =>
    balanced(
      parts.map((part) => part(row)),
      'AND',
    );
}

/** Half-open outer limits that every entry is within. */
const BEFORE_ALL_MS = START_OF_TIME_MS - 1;
const AFTER_ALL_MS = END_OF_TIME_MS + 1;

function manyRanges(
  statement: Statement,
  parameter: string,
  ranges: readonly ImpliedBounds[],
  candidate: (row: string) => string,
): RidSet {
  const rows = ranges.map((bounds) => [
    bounds.lowFrom ?? BEFORE_ALL_MS,
    Math.min(bounds.lowBelow ?? AFTER_ALL_MS, (bounds.lowTo ?? AFTER_ALL_MS) + 1),
    bounds.highAbove ?? BEFORE_ALL_MS,
    bounds.highTo ?? AFTER_ALL_MS,
  ]);
  const list = statement.bindList(rows);
  const range = statement.alias();
  const sql = statement.entries(
    'date',
    'rid',
    (row) => {
      const tests = [
        `${row}.parameter = ${parameter}`,
        candidate(row),
        `${row}.low >= ${range}.value ->> 0`,
        `${row}.low < ${range}.value ->> 1`,
        `+${row}.high > ${range}.value ->> 2`,
        `+${row}.high <= ${range}.value ->> 3`,
      ];
      return balanced(tests, 'AND');
    },
    `json_each(${list}) AS ${range} CROSS JOIN `,
  );
  return { sql, unique: false };
}
