// Quantity clauses as SQL: ranges within units, which are few and interned.

import type { Expression, QuantityValue } from '../../search/expression.ts';
import { encodeText } from '../ordered-text.ts';
import { rangeCondition, withImpliedBounds } from './compile-range.ts';
import { type RidSet, type Statement, union } from './statement.ts';

type Quantity = Extract<Expression, { kind: 'quantity' }>;

/** The resources with a quantity of one of the values. */
export function setOfQuantities(statement: Statement, type: string, quantity: Quantity): RidSet {
  return union(
    statement,
    quantityEntries(statement, type, quantity, () => 'true'),
  );
}

/** Whether the resource has a quantity of one of the values. */
export function judgeQuantities(
  statement: Statement,
  type: string,
  quantity: Quantity,
  rid: string,
): string {
  const found = quantityEntries(statement, type, quantity, (row) => `${row}.rid = ${rid}`);
  if (found.length === 0) return 'false';
  return `(${found.map(({ sql }) => `EXISTS (${sql})`).join(' OR ')})`;
}

function quantityEntries(
  statement: Statement,
  type: string,
  quantity: Quantity,
  candidate: (row: string) => string,
): RidSet[] {
  const code = statement.names.parameterCode(type, quantity.parameter, 'quantity');
  if (code === undefined) return [];
  const parameter = statement.bind(code);
  return quantity.anyOf.map((value) => {
    const units = unitCodes(statement, value);
    const condition = rangeCondition(statement, withImpliedBounds(value.bounds));
    const sql = statement.entries('quantity', 'rid', (row) => {
      const unit = `${row}.unit IN (${units})`;
      const tests = [`${row}.parameter = ${parameter}`, unit, candidate(row), condition(row)];
      return tests.join(' AND ');
    });
    return { sql, unique: false };
  });
}

/** A SELECT of the units that the value may be in. */
function unitCodes(statement: Statement, value: QuantityValue): string {
  return `SELECT code FROM unit WHERE ${unitCondition(statement, value, 'symbol')}`;
}

/** The value's unit as a condition on columns `system`, `name` and the one that holds the code. */
export function unitCondition(
  statement: Statement,
  { system, code, codeOrUnit }: QuantityValue,
  codeColumn: string,
): string {
  const is = (column: string, text: string) => `${column} = ${statement.bind(encodeText(text))}`;
  const parts = [
    ...(system === undefined ? [] : [is('system', system)]),
    ...(code === undefined ? [] : [is(codeColumn, code)]),
    ...(codeOrUnit === undefined
      ? []
      : [`(${is(codeColumn, codeOrUnit)} OR ${is('name', codeOrUnit)})`]),
  ];
  return parts.length === 0 ? 'true' : parts.join(' AND ');
}
