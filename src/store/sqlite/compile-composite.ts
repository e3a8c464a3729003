// Composite clauses as SQL: the terms of the parts first, then their ranges, which is the order in
// which entry_composite lies (schema.ts).

import { assert, unreachable } from '../../lib/assert.ts';
import type { Expression, RangeBounds, ValueExpression } from '../../search/expression.ts';
import { encodeText } from '../ordered-text.ts';
import { unitCondition } from './compile-quantity.ts';
import { textCondition } from './compile-text.ts';
import { COMPOSITE_RANGES_MAX, COMPOSITE_TERMS_MAX } from './composite-rows.ts';
import { balanced, type RidSet, type Statement } from './statement.ts';

type Composite = Extract<Expression, { kind: 'composite' }>;
type Condition = (row: string) => string;

/** The resources with an element that has a value for each part. */
export function setOfComposites(statement: Statement, type: string, composite: Composite): RidSet {
  const sql = compositeEntries(statement, type, composite, () => 'true');
  return sql === undefined ? statement.emptySet() : { sql, unique: false };
}

/** Whether the resource has one. */
export function judgeComposites(
  statement: Statement,
  type: string,
  composite: Composite,
  rid: string,
): string {
  const sql = compositeEntries(statement, type, composite, (row) => `${row}.rid = ${rid}`);
  return sql === undefined ? 'false' : `EXISTS (${sql})`;
}

function compositeEntries(
  statement: Statement,
  type: string,
  composite: Composite,
  candidate: Condition,
): string | undefined {
  const code = statement.names.parameterCode(type, composite.parameter, 'composite');
  if (code === undefined) return undefined;
  const parameter = statement.bind(code);
  const conditions: Condition[] = [];
  let terms = 0;
  let ranges = 0;
  for (const [index, part] of composite.of.entries()) {
    const shape = shapes[part.kind];
    if (shape.term) terms += 1;
    if (shape.range) ranges += 1;
    conditions.push(partCondition(statement, part, { parameter, index, terms, ranges }));
  }
  assert(terms <= COMPOSITE_TERMS_MAX && ranges <= COMPOSITE_RANGES_MAX, 'a composite fits a row');
  // A column that no part asks for is the same in every row: said, it lets the next one lead.
  for (let unused = terms + 1; unused <= COMPOSITE_TERMS_MAX; unused += 1) {
    conditions.push((row) => `${row}.term${unused} = 0`);
  }
  return statement.entries('composite', 'rid', (row) => {
    const tests = conditions.map((each) => each(row));
    return balanced([`${row}.parameter = ${parameter}`, candidate(row), ...tests], 'AND');
  });
}

/** What a part is made of: a term, a range, or both. */
const shapes: Readonly<Record<ValueExpression['kind'], { term: boolean; range: boolean }>> = {
  token: { term: true, range: false },
  string: { term: true, range: false },
  uri: { term: true, range: false },
  reference: { term: true, range: false },
  quantity: { term: true, range: true },
  date: { term: false, range: true },
  number: { term: false, range: true },
  near: { term: false, range: false },
};

/** Where a part stands: its place, and the columns of its term and of its range. */
interface Place {
  readonly parameter: string;
  readonly index: number;
  readonly terms: number;
  readonly ranges: number;
}

function partCondition(statement: Statement, part: ValueExpression, place: Place): Condition {
  switch (part.kind) {
    case 'date':
    case 'number':
      return anyRange(statement, part.anyOf, place.ranges);
    case 'quantity':
      // Each of the values is a range of its own unit.
      return anyOf(
        part.anyOf.map((value) => {
          const condition = () => unitCondition(statement, value, 'value');
          const unit = isTerm(statement, place, { condition, from: '' });
          const range = anyRange(statement, [value.bounds], place.ranges);
          return (row) => `${unit(row)} AND ${range(row)}`;
        }),
      );
    default:
      return isTerm(statement, place, termCondition(statement, part));
  }
}

/** A condition on a row of the table `term`, with the tables that come before it. */
interface TermCondition {
  readonly condition: Condition;
  readonly from: string;
}

type TermPart = Exclude<ValueExpression, { kind: 'date' | 'number' | 'quantity' }>;

function termCondition(statement: Statement, part: TermPart): TermCondition {
  switch (part.kind) {
    case 'token': {
      const is = (row: string, column: string, text: string | undefined) =>
        text === undefined ? [] : [`${row}.${column} = ${statement.bind(encodeText(text))}`];
      const values = part.anyOf.map(({ system, code }) => (row: string) => {
        return balanced([...is(row, 'value', code), ...is(row, 'system', system)], 'AND');
      });
      return { condition: anyOf(values), from: '' };
    }
    case 'reference': {
      const list = statement.bindList(part.anyOf.map(encodeText));
      const condition = (row: string) => `${row}.value IN (SELECT value FROM json_each(${list}))`;
      return { condition, from: '' };
    }
    case 'string':
    case 'uri':
      return textCondition(statement, part);
    case 'near':
      throw new Error('A position is no part of a composite');
    default:
      return unreachable(part);
  }
}

function isTerm(
  statement: Statement,
  { parameter, index, terms }: Place,
  { condition, from }: TermCondition,
): Condition {
  const term = statement.alias();
  const place = statement.bind(index + 1);
  const codes =
    `SELECT ${term}.code FROM ${from}term AS ${term}` +
    ` WHERE ${term}.parameter = ${parameter} AND ${term}.place = ${place}` +
    ` AND ${condition(term)}`;
  return (row) => `${row}.term${terms} IN (${codes})`;
}

/** Where ranges end comes first in the table: what happened since a day is what is asked most.
 * Since low <= high, a bound on where they begin implies one there. */
function anyRange(statement: Statement, bounds: readonly RangeBounds[], column: number): Condition {
  return anyOf(
    bounds.map(({ lowFrom, lowBelow, highAbove, highTo }) => {
      const test = (text: string, value: number | undefined) =>
        value === undefined
          ? []
          : [(row: string) => `${text.replace('row', row)} ${statement.bind(value)}`];
      return all([
        ...test(`row.high${column} >=`, lowFrom),
        ...test(`row.high${column} >`, highAbove),
        ...test(`row.high${column} <=`, highTo),
        ...test(`+row.low${column} >=`, lowFrom),
        ...test(`+row.low${column} <`, lowBelow),
      ]);
    }),
  );
}

function all(conditions: readonly Condition[]): Condition {
  return (row) =>
    balanced(
      conditions.map((each) => each(row)),
      'AND',
    );
}

function anyOf(conditions: readonly Condition[]): Condition {
  return (row) =>
    balanced(
      conditions.map((each) => each(row)),
      'OR',
    );
}
