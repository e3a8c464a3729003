// Clauses on ranges (dates, numbers, quantities) as SQL: conditions on half-open ranges. Since
// low <= high in every entry, a bound on one end implies one on the other, so that a day is a
// short range of an index by either end.

import type { Expression, RangeBounds } from '../../search/expression.ts';
import {
  END_OF_TIME_MS,
  GREATEST_NUMBER,
  LEAST_NUMBER,
  START_OF_TIME_MS,
} from '../../search/index-entry.ts';
import { nextAbove } from '../../search/types/number.ts';
import { balanced, type RidSet, type Statement, union } from './statement.ts';

type RangeClause = Extract<Expression, { kind: 'date' | 'number' }>;

/** Ranges that are each written out; more become one table. */
const WRITTEN_RANGES_MAX = 8;

/** The resources with a range within one of the bounds. */
export function setOfRanges(statement: Statement, type: string, clause: RangeClause): RidSet {
  return union(
    statement,
    rangeEntries(statement, type, clause, () => 'true'),
  );
}

/** Whether the resource has a range within one of the bounds. */
export function judgeRanges(
  statement: Statement,
  type: string,
  clause: RangeClause,
  rid: string,
): string {
  const found = rangeEntries(statement, type, clause, (row) => `${row}.rid = ${rid}`);
  if (found.length === 0) return 'false';
  return `(${found.map(({ sql }) => `EXISTS (${sql})`).join(' OR ')})`;
}

function rangeEntries(
  statement: Statement,
  type: string,
  clause: RangeClause,
  candidate: (row: string) => string,
): RidSet[] {
  const code = statement.names.parameterCode(type, clause.parameter, clause.kind);
  if (code === undefined) return [];
  const parameter = statement.bind(code);
  const ranges = clause.anyOf.map(withImpliedBounds);
  if (ranges.length > WRITTEN_RANGES_MAX) {
    return [manyRanges(statement, clause.kind, parameter, ranges, candidate)];
  }
  return ranges.map((bounds) => {
    const condition = rangeCondition(statement, bounds);
    const sql = statement.entries(clause.kind, 'rid', (row) => {
      return `${row}.parameter = ${parameter} AND ${candidate(row)} AND ${condition(row)}`;
    });
    return { sql, unique: false };
  });
}

/** low <= high: what holds for one end holds for the other. */
export function withImpliedBounds(bounds: RangeBounds): RangeBounds & { readonly lowTo?: number } {
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

/** The bounds as a condition on the columns `low` and `high` of a row. */
export function rangeCondition(
  statement: Statement,
  bounds: ImpliedBounds,
): (row: string) => string {
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

/** Outer limits that every entry is within, and the value that follows another. */
interface Scale {
  readonly beforeAll: number;
  readonly afterAll: number;
  readonly after: (value: number) => number;
}

const scales: Readonly<Record<RangeClause['kind'], Scale>> = {
  date: {
    beforeAll: START_OF_TIME_MS - 1,
    afterAll: END_OF_TIME_MS + 1,
    after: (value) => value + 1,
  },
  number: { beforeAll: LEAST_NUMBER, afterAll: GREATEST_NUMBER, after: nextAbove },
};

function manyRanges(
  statement: Statement,
  kind: RangeClause['kind'],
  parameter: string,
  ranges: readonly ImpliedBounds[],
  candidate: (row: string) => string,
): RidSet {
  const { beforeAll, afterAll, after } = scales[kind];
  const rows = ranges.map((bounds) => [
    bounds.lowFrom ?? beforeAll,
    Math.min(bounds.lowBelow ?? afterAll, after(bounds.lowTo ?? afterAll)),
    bounds.highAbove ?? null,
    bounds.highTo ?? afterAll,
  ]);
  const list = statement.bindList(rows);
  const range = statement.alias();
  const sql = statement.entries(
    kind,
    'rid',
    (row) => {
      const tests = [
        `${row}.parameter = ${parameter}`,
        candidate(row),
        `${row}.low >= ${range}.value ->> 0`,
        `${row}.low < ${range}.value ->> 1`,
        `(${range}.value ->> 2 IS NULL OR +${row}.high > ${range}.value ->> 2)`,
        `+${row}.high <= ${range}.value ->> 3`,
      ];
      return balanced(tests, 'AND');
    },
    `json_each(${list}) AS ${range} CROSS JOIN `,
  );
  return { sql, unique: false };
}
