// Reference clauses as SQL: targets are resources, so that a reference, a chain and `_has` are
// joins of integers.

import type { Expression } from '../../search/expression.ts';
import { encodeText } from '../ordered-text.ts';
import { targetKey } from './reference-target.ts';
import type { RidSet, Statement } from './statement.ts';

type Reference = Extract<Expression, { kind: 'reference' }>;

/** The resources that point at one of the targets. */
export function setOfReferences(statement: Statement, type: string, reference: Reference): RidSet {
  const sql = referencesTo(statement, type, reference, () => 'true');
  if (sql === undefined) return statement.emptySet();
  return { sql, unique: reference.anyOf.length === 1 };
}

/** Whether the resource points at one of the targets. */
export function judgeReferences(
  statement: Statement,
  type: string,
  reference: Reference,
  rid: string,
): string {
  const sql = referencesTo(statement, type, reference, (row) => `${row}.rid = ${rid}`);
  return sql === undefined ? 'false' : `EXISTS (${sql})`;
}

function referencesTo(
  statement: Statement,
  type: string,
  reference: Reference,
  where: (row: string) => string,
): string | undefined {
  const targets = targetRids(statement, reference.anyOf);
  return referenceEntries(statement, type, reference.parameter, 'rid', (row) => {
    return `${row}.target IN (${targets}) AND ${where(row)}`;
  });
}

/** A SELECT of the rids of targets, existing or only mentioned; unknown ones are left out. */
function targetRids(statement: Statement, targets: readonly string[]): string {
  const pairs = targets.flatMap((target) => {
    const { type, id } = targetKey(target);
    const code = statement.names.typeCode(type);
    return code === undefined ? [] : [[code, encodeText(id)] as const];
  });
  const [only] = pairs;
  if (only !== undefined && pairs.length === 1) {
    const [code, id] = only;
    return (
      `SELECT rid FROM resource WHERE rid >> 40 = ${statement.bind(code)}` +
      ` AND id = ${statement.bind(id)}`
    );
  }
  const list = statement.bindList(pairs);
  const key = statement.alias();
  const row = statement.alias();
  return (
    `SELECT ${row}.rid FROM json_each(${list}) AS ${key} CROSS JOIN resource AS ${row}` +
    ` WHERE ${row}.rid >> 40 = ${key}.value ->> 0 AND ${row}.id = ${key}.value ->> 1`
  );
}

/**
 * A SELECT of `column`, as `rid`, of the entries of a reference parameter; undefined when there
 * never were any.
 * @param column `rid` for who points, `target` for what is pointed at
 * @param where condition on the entry row of that alias
 */
export function referenceEntries(
  statement: Statement,
  type: string,
  parameter: string,
  column: 'rid' | 'target',
  where: (row: string) => string,
): string | undefined {
  const code = statement.names.parameterCode(type, parameter, 'reference');
  if (code === undefined) return undefined;
  const bound = statement.bind(code);
  const selected = (row: string) => `${row}.${column} AS rid`;
  return statement.entryRows('reference', selected, (row) => {
    return `${row}.parameter = ${bound} AND ${where(row)}`;
  });
}
