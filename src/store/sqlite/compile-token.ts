// Token clauses as SQL: system and code are one key, a code in any system is looked for in each of
// the parameter's few systems, a system alone is a range of keys.

import type { Expression } from '../../search/expression.ts';
import { encodeText } from '../ordered-text.ts';
import { type RidSet, type Statement, union } from './statement.ts';

type Token = Extract<Expression, { kind: 'token' }>;

/** Alternatives that are judged one by one for each candidate; more are made one set. */
const JUDGED_ALTERNATIVES_MAX = 40;

/** The alternatives by what is known of them; unknown systems match nothing and are left out. */
interface TokenKeys {
  readonly parameter: number;
  /** [space, encoded code] */
  readonly pairs: readonly (readonly [number, string])[];
  /** codes in any system */
  readonly codes: readonly string[];
  /** systems with any code */
  readonly spaces: readonly number[];
  /** any token at all */
  readonly any: boolean;
}

function tokenKeys(statement: Statement, type: string, token: Token): TokenKeys | undefined {
  const parameter = statement.names.parameterCode(type, token.parameter, 'token');
  if (parameter === undefined) return undefined;
  const pairs: (readonly [number, string])[] = [];
  const codes: string[] = [];
  const spaces: number[] = [];
  let any = false;
  for (const { system, code } of token.anyOf) {
    const space = system === undefined ? undefined : statement.names.spaceCode(parameter, system);
    if (system !== undefined && space === undefined) continue;
    if (space !== undefined && code !== undefined) pairs.push([space, encodeText(code)]);
    else if (space !== undefined) spaces.push(space);
    else if (code !== undefined) codes.push(encodeText(code));
    else any = true;
  }
  return { parameter, pairs, codes, spaces, any };
}

/** The resources with one of the tokens. */
export function setOfTokens(statement: Statement, type: string, token: Token): RidSet {
  const keys = tokenKeys(statement, type, token);
  if (keys === undefined) return statement.emptySet();
  return union(
    statement,
    tokenEntries(statement, keys, () => 'true'),
  );
}

/** Whether the resource has one of the tokens. */
export function judgeTokens(statement: Statement, type: string, token: Token, rid: string): string {
  const keys = tokenKeys(statement, type, token);
  if (keys === undefined) return 'false';
  const judged = keys.spaces.length === 0 && !keys.any;
  if (!judged || keys.pairs.length + keys.codes.length > JUDGED_ALTERNATIVES_MAX) {
    return `${rid} IN (${setOfTokens(statement, type, token).sql})`;
  }
  const found = tokenEntries(statement, keys, (row) => `${row}.rid = ${rid}`);
  if (found.length === 0) return 'false';
  return `(${found.map(({ sql }) => `EXISTS (${sql})`).join(' OR ')})`;
}

/** One SELECT per kind of alternative, each with a further condition on the entry. */
function tokenEntries(
  statement: Statement,
  keys: TokenKeys,
  where: (row: string) => string,
): RidSet[] {
  const found: RidSet[] = [];
  if (keys.pairs.length > 0) found.push(pairEntries(statement, keys.pairs, where));
  if (keys.codes.length > 0) {
    const key = codeCondition(statement, keys.codes);
    found.push(spaceEntries(statement, keys.parameter, (row) => `${key(row)} AND ${where(row)}`));
  }
  if (keys.spaces.length > 0) {
    const list = statement.bindList(keys.spaces);
    const spaces = `SELECT value FROM json_each(${list})`;
    const sql = statement.entries('token', 'rid', (row) => {
      return `${row}.space IN (${spaces}) AND ${where(row)}`;
    });
    found.push({ sql, unique: false });
  }
  if (keys.any) found.push(spaceEntries(statement, keys.parameter, where));
  return found;
}

function pairEntries(
  statement: Statement,
  pairs: TokenKeys['pairs'],
  where: (row: string) => string,
): RidSet {
  const [first] = pairs;
  if (first !== undefined && pairs.length === 1) {
    const space = statement.bind(first[0]);
    const code = statement.bind(first[1]);
    const sql = statement.entries('token', 'rid', (row) => {
      return `${row}.space = ${space} AND ${row}.code = ${code} AND ${where(row)}`;
    });
    return { sql, unique: true };
  }
  const list = statement.bindList(pairs);
  const pair = statement.alias();
  const sql = statement.entries(
    'token',
    'rid',
    (row) =>
      `${row}.space = ${pair}.value ->> 0 AND ${row}.code = ${pair}.value ->> 1 AND ${where(row)}`,
    `json_each(${list}) AS ${pair} CROSS JOIN `,
  );
  return { sql, unique: false };
}

function codeCondition(statement: Statement, codes: readonly string[]): (row: string) => string {
  const [first] = codes;
  if (first !== undefined && codes.length === 1) {
    const code = statement.bind(first);
    return (row) => `${row}.code = ${code}`;
  }
  const list = statement.bindList(codes);
  return (row) => `${row}.code IN (SELECT value FROM json_each(${list}))`;
}

/** Entries in any of the parameter's systems. */
function spaceEntries(
  statement: Statement,
  parameter: number,
  where: (row: string) => string,
): RidSet {
  const bound = statement.bind(parameter);
  const space = statement.alias();
  const sql = statement.entries(
    'token',
    'rid',
    (row) => `${space}.parameter = ${bound} AND ${row}.space = ${space}.code AND ${where(row)}`,
    `token_space AS ${space} CROSS JOIN `,
  );
  return { sql, unique: false };
}
