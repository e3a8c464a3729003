// String and uri clauses as SQL. A stored string is its normalised text, SEPARATOR and its exact
// text where that differs (schema.ts): a prefix is a range of keys, an exact text is one key.

import { unreachable } from '../../lib/assert.ts';
import type { Expression } from '../../search/expression.ts';
import { normalise } from '../../search/types/string.ts';
import { encodeText, HIGHEST, SEPARATOR } from '../ordered-text.ts';
import { tableOf } from './schema.ts';
import type { RidSet, Statement } from './statement.ts';

type Text = Extract<Expression, { kind: 'string' | 'uri' }>;

/** The stored form of a string entry. */
export function storedString(normalised: string, exact: string): string {
  const suffix = exact === normalised ? '' : encodeText(exact);
  return encodeText(normalised) + SEPARATOR + suffix;
}

/** The stored form of a uri entry. */
export function storedUri(uri: string): string {
  return encodeText(uri) + SEPARATOR;
}

/** SQL text: the normalised text of a stored value. */
export function normalisedPart(value: string): string {
  return `substr(${value}, 1, instr(${value}, char(1)) - 1)`;
}

/** The resources with one of the texts. */
export function setOfTexts(statement: Statement, type: string, text: Text): RidSet {
  return textEntries(statement, type, text, () => 'true') ?? statement.emptySet();
}

/** Whether the resource has one of the texts. */
export function judgeTexts(statement: Statement, type: string, text: Text, rid: string): string {
  if (keysOf(text)?.length === 1) {
    const found = textEntries(statement, type, text, (row) => `${row}.rid = ${rid}`);
    return found === undefined ? 'false' : `EXISTS (${found.sql})`;
  }
  return `${rid} IN (${setOfTexts(statement, type, text).sql})`;
}

/** The stored values to look for, when whole values are asked for. */
function keysOf(text: Text): readonly string[] | undefined {
  if (text.compare !== 'exact') return undefined;
  if (text.kind === 'uri') return text.anyOf.map(storedUri);
  return text.anyOf.map((exact) => storedString(normalise(exact), exact));
}

function textEntries(
  statement: Statement,
  type: string,
  text: Text,
  where: (row: string) => string,
): RidSet | undefined {
  const code = statement.names.parameterCode(type, text.parameter, text.kind);
  if (code === undefined) return undefined;
  const parameter = statement.bind(code);
  const { condition, from } = textCondition(statement, text);
  if (tableOf(text.kind, text.parameter) === 'phrase') {
    const phrase = statement.alias();
    const phrases =
      `SELECT ${phrase}.code FROM ${from}phrase AS ${phrase}` +
      ` WHERE ${phrase}.parameter = ${parameter} AND ${condition(phrase)}`;
    const sql = statement.entries('phrase', 'rid', (row) => {
      return `${row}.phrase IN (${phrases}) AND ${where(row)}`;
    });
    return { sql, unique: false };
  }
  const sql = statement.entries(
    'text',
    'rid',
    (row) => `${row}.parameter = ${parameter} AND ${condition(row)} AND ${where(row)}`,
    from,
  );
  return { sql, unique: keysOf(text)?.length === 1 };
}

/** A condition on a row's column `value`, with the tables that come before it, each followed by
 * ` CROSS JOIN `. */
interface ValueCondition {
  readonly condition: (row: string) => string;
  readonly from: string;
}

/** What a text clause asks of a stored value. */
export function textCondition(statement: Statement, text: Text): ValueCondition {
  const keys = keysOf(text);
  if (keys !== undefined) return keyCondition(statement, keys);
  switch (text.compare) {
    case 'prefix':
      return prefixCondition(statement, text.anyOf.map(encodeText));
    case 'equals':
      return prefixCondition(
        statement,
        text.anyOf.map((value) => encodeText(value) + SEPARATOR),
      );
    case 'below': {
      const uris = text.anyOf.map(encodeText);
      const prefixes = uris.flatMap((uri) => [uri + SEPARATOR, `${uri}/`]);
      return prefixCondition(statement, prefixes);
    }
    case 'contains':
      return partCondition(statement, text.anyOf, (whole, part) => `instr(${whole}, ${part}) > 0`);
    case 'suffix':
      return partCondition(statement, text.anyOf, (whole, part) => {
        return `(${part} = '' OR substr(${whole}, -length(${part})) = ${part})`;
      });
    case 'exact':
      return keyCondition(statement, []);
    default:
      return unreachable(text);
  }
}

function keyCondition(statement: Statement, keys: readonly string[]): ValueCondition {
  const [first] = keys;
  if (first !== undefined && keys.length === 1) {
    const key = statement.bind(first);
    return { condition: (row) => `${row}.value = ${key}`, from: '' };
  }
  const list = statement.bindList(keys);
  const condition = (row: string) => `${row}.value IN (SELECT value FROM json_each(${list}))`;
  return { condition, from: '' };
}

function prefixCondition(statement: Statement, prefixes: readonly string[]): ValueCondition {
  const [first] = prefixes;
  if (first !== undefined && prefixes.length === 1) {
    const low = statement.bind(first);
    const high = statement.bind(first + HIGHEST);
    return { condition: (row) => `${row}.value >= ${low} AND ${row}.value < ${high}`, from: '' };
  }
  const list = statement.bindList(prefixes);
  const prefix = statement.alias();
  const highest = statement.bind(HIGHEST);
  return {
    condition: (row) =>
      `${row}.value >= ${prefix}.value AND ${row}.value < ${prefix}.value || ${highest}`,
    from: `json_each(${list}) AS ${prefix} CROSS JOIN `,
  };
}

/** All values of the parameter are looked at: no index finds the middle or the end of a text. */
function partCondition(
  statement: Statement,
  parts: readonly string[],
  holds: (whole: string, part: string) => string,
): ValueCondition {
  const list = statement.bindList(parts.map(encodeText));
  const each = statement.alias();
  return {
    condition: (row) => {
      const test = holds(normalisedPart(`${row}.value`), `${each}.value`);
      return `EXISTS (SELECT 1 FROM json_each(${list}) AS ${each} WHERE ${test})`;
    },
    from: '',
  };
}
