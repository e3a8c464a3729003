// Compiles a search expression to SQL text and its values; reads nothing but names. Every node has
// two forms: `ridSet`, a SELECT of the rids that match, and `judge`, a condition on one rid that
// is known to exist. Of a conjunction the first part drives, the others judge (plan.ts orders
// them). As at an earlier sequence number both forms look into the past_ tables too.

import { unreachable } from '../../lib/assert.ts';
import type { Expression } from '../../search/expression.ts';
import { encodeText } from '../ordered-text.ts';
import { judgeComposites, setOfComposites } from './compile-composite.ts';
import { setOfHierarchy } from './compile-hierarchy.ts';
import { judgeLastUpdated, setOfLastUpdated } from './compile-last-updated.ts';
import { setOfPositions } from './compile-position.ts';
import { judgeQuantities, setOfQuantities } from './compile-quantity.ts';
import { judgeRanges, setOfRanges } from './compile-range.ts';
import { judgeReferences, referenceEntries, setOfReferences } from './compile-reference.ts';
import { judgeTexts, setOfTexts } from './compile-text.ts';
import { judgeTokens, setOfTokens } from './compile-token.ts';
import { ENTRY_KINDS, type EntryTable, tableOf } from './schema.ts';
import { balanced, type RidSet, type Statement, union } from './statement.ts';

/** Alternatives of an `or` that are judged one by one; more are made one set. */
const JUDGED_ALTERNATIVES_MAX = 20;

/** The rids of the type's existing, undeleted resources that match. */
export function ridSet(statement: Statement, type: string, expression: Expression): RidSet {
  switch (expression.kind) {
    case 'everything':
      return statement.existing(type, () => 'true');
    case 'nothing':
      return statement.emptySet();
    case 'and':
      return conjunctionSet(statement, type, expression.of);
    case 'or':
      return union(
        statement,
        expression.of.map((part) => ridSet(statement, type, part)),
      );
    case 'not':
    case 'missing':
      return statement.existing(type, ({ rid }) => judge(statement, type, expression, rid));
    case 'id':
      return statement.existing(type, ({ rid }) => isOneOf(statement, type, expression.ids, rid));
    case 'lastUpdated':
      return setOfLastUpdated(statement, type, expression.anyOf);
    case 'token':
      return setOfTokens(statement, type, expression);
    case 'string':
    case 'uri':
      return setOfTexts(statement, type, expression);
    case 'date':
    case 'number':
      return setOfRanges(statement, type, expression);
    case 'quantity':
      return setOfQuantities(statement, type, expression);
    case 'near':
      return setOfPositions(statement, type, expression);
    case 'composite':
      return setOfComposites(statement, type, expression);
    case 'below':
    case 'above':
      return hierarchySet(statement, type, expression);
    case 'reference':
      return setOfReferences(statement, type, expression);
    case 'chain':
      return chainSet(statement, type, expression);
    case 'has':
      return hasSet(statement, type, expression);
    default:
      return unreachable(expression);
  }
}

/** A condition: does the existing resource `rid` (SQL text) of the type match? */
export function judge(
  statement: Statement,
  type: string,
  expression: Expression,
  rid: string,
): string {
  switch (expression.kind) {
    case 'everything':
      return 'true';
    case 'nothing':
      return 'false';
    case 'and':
      return balanced(
        expression.of.map((part) => judge(statement, type, part, rid)),
        'AND',
      );
    case 'or':
      if (expression.of.length > JUDGED_ALTERNATIVES_MAX) break;
      return balanced(
        expression.of.map((part) => judge(statement, type, part, rid)),
        'OR',
      );
    case 'not':
      return `NOT ${judge(statement, type, expression.of, rid)}`;
    case 'missing':
      return `${rid} NOT IN (${withAnyEntry(statement, type, expression.parameter).sql})`;
    case 'id':
      return isOneOf(statement, type, expression.ids, rid);
    case 'lastUpdated':
      return judgeLastUpdated(statement, expression.anyOf, rid);
    case 'token':
      return judgeTokens(statement, type, expression, rid);
    case 'string':
    case 'uri':
      return judgeTexts(statement, type, expression, rid);
    case 'date':
    case 'number':
      return judgeRanges(statement, type, expression, rid);
    case 'quantity':
      return judgeQuantities(statement, type, expression, rid);
    case 'composite':
      return judgeComposites(statement, type, expression, rid);
    case 'near':
    case 'below':
    case 'above':
      break;
    case 'reference':
      return judgeReferences(statement, type, expression, rid);
    case 'chain':
      return judgeChain(statement, type, expression, rid);
    case 'has':
      return judgeHas(statement, expression, rid);
    default:
      return unreachable(expression);
  }
  return `${rid} IN (${ridSet(statement, type, expression).sql})`;
}

function hierarchySet(
  statement: Statement,
  type: string,
  hierarchy: Extract<Expression, { kind: 'below' | 'above' }>,
): RidSet {
  return setOfHierarchy(statement, type, hierarchy, {
    set: (expression) => ridSet(statement, type, expression),
    judge: (expression, rid) => judge(statement, type, expression, rid),
  });
}

type Chain = Extract<Expression, { kind: 'chain' }>;
type Has = Extract<Expression, { kind: 'has' }>;

function conjunctionSet(statement: Statement, type: string, parts: readonly Expression[]): RidSet {
  const [driver, ...others] = parts;
  if (driver === undefined) return ridSet(statement, type, { kind: 'everything' });
  const driving = ridSet(statement, type, driver);
  if (others.length === 0) return driving;
  const row = statement.alias();
  const conditions = others.map((part) => judge(statement, type, part, `${row}.rid`));
  return {
    sql: `SELECT ${row}.rid FROM (${driving.sql}) AS ${row} WHERE ${balanced(conditions, 'AND')}`,
    unique: driving.unique,
    ...(driving.ordered ? { ordered: true } : {}),
  };
}

function isOneOf(statement: Statement, type: string, ids: readonly string[], rid: string): string {
  const code = statement.names.typeCode(type);
  if (code === undefined) return 'false';
  const list = statement.bindList(ids.map(encodeText));
  const wanted =
    `SELECT rid FROM resource WHERE rid >> 40 = ${statement.bind(code)}` +
    ` AND id IN (SELECT value FROM json_each(${list}))`;
  return `${rid} IN (${wanted})`;
}

/** Every rid that has an entry of any kind under the parameter. */
function withAnyEntry(statement: Statement, type: string, parameter: string): RidSet {
  const sets = ENTRY_KINDS.flatMap((kind) => {
    const code = statement.names.parameterCode(type, parameter, kind);
    if (code === undefined) return [];
    const table = tableOf(kind, parameter);
    const bound = statement.bind(code);
    return statement.entries(table, 'rid', (row) => isUnder(table, row, bound));
  });
  return sets.length === 0
    ? statement.emptySet()
    : { sql: sets.join(' UNION ALL '), unique: false };
}

/** The condition on an entry that it stands under the parameter. */
function isUnder(table: EntryTable, row: string, parameter: string): string {
  const codes = (names: string) => `SELECT code FROM ${names} WHERE parameter = ${parameter}`;
  switch (table) {
    case 'token':
      return `${row}.space IN (${codes('token_space')})`;
    case 'phrase':
      return `${row}.phrase IN (${codes('phrase')})`;
    default:
      return `${row}.parameter = ${parameter}`;
  }
}

/** The condition on a reference's target that it exists and matches the chain's `where`. */
function targetMatches(statement: Statement, chain: Chain, target: string): string {
  const conditions = [statement.exists(chain.type, target)];
  conditions.push(judge(statement, chain.type, chain.where, target));
  return balanced(conditions, 'AND');
}

function chainSet(statement: Statement, type: string, chain: Chain): RidSet {
  const targets = ridSet(statement, chain.type, chain.where);
  const sql = referenceEntries(statement, type, chain.parameter, 'rid', (row) => {
    return `${row}.target IN (${targets.sql})`;
  });
  return sql === undefined ? statement.emptySet() : { sql, unique: false };
}

function judgeChain(statement: Statement, type: string, chain: Chain, rid: string): string {
  const sql = referenceEntries(statement, type, chain.parameter, 'rid', (row) => {
    return `${row}.rid = ${rid} AND ${targetMatches(statement, chain, `${row}.target`)}`;
  });
  return sql === undefined ? 'false' : `EXISTS (${sql})`;
}

function hasSet(statement: Statement, type: string, has: Has): RidSet {
  const referrers =
    has.where.kind === 'everything' ? undefined : ridSet(statement, has.type, has.where).sql;
  const sql = referenceEntries(statement, has.type, has.parameter, 'target', (row) => {
    const matching = referrers === undefined ? 'true' : `${row}.rid IN (${referrers})`;
    return `${matching} AND ${statement.exists(type, `${row}.target`)}`;
  });
  return sql === undefined ? statement.emptySet() : { sql, unique: false };
}

function judgeHas(statement: Statement, has: Has, rid: string): string {
  const sql = referenceEntries(statement, has.type, has.parameter, 'rid', (row) => {
    return `${row}.target = ${rid} AND ${judge(statement, has.type, has.where, `${row}.rid`)}`;
  });
  return sql === undefined ? 'false' : `EXISTS (${sql})`;
}
