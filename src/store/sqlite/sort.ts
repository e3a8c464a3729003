// Sort keys as SQL columns, and the condition that continues after a row of the page before
// (http://hl7.org/fhir/R4/search.html#_sort; the order is compareBySort's in search/match.ts).

import { unreachable } from '../../lib/assert.ts';
import type { SortKey } from '../../search/expression.ts';
import { normalisedPart } from './compile-text.ts';
import { ENTRY_KINDS, type EntryKind } from './schema.ts';
import { balanced, type Statement } from './statement.ts';

/** A value of a sort key; null for a resource without any. */
export type SortValue = string | number | null;

/** A sort key of matched resources. */
export interface SortColumn {
  /** SQL text of the key's value of the row `m`; absent when it is found by `values`. */
  readonly value?: string;
  /** A SELECT of `rid` and `value` of all entries of the table `matched`: no index finds them by
   * resource, so that all are read once and grouped. */
  readonly values?: string;
  readonly isText: boolean;
  readonly descending: boolean;
}

/** The column of a key. A parameter without any entry makes NULL for every resource. */
export function sortColumn(statement: Statement, type: string, key: SortKey): SortColumn {
  const { descending } = key;
  const lookUp = (value: string): SortColumn => ({ value, isText: false, descending });
  if (key.parameter === '_id') return lookUp('(SELECT id FROM resource WHERE rid = m.rid)');
  if (key.parameter === '_lastUpdated') return lookUp(currentSequence(statement));
  for (const kind of ENTRY_KINDS) {
    const code = statement.names.parameterCode(type, key.parameter, kind);
    if (code === undefined) continue;
    return entryColumn(statement, kind, statement.bind(code), descending);
  }
  return lookUp('NULL');
}

/** A SELECT of the rids of the table `matched` with their keys as k0, k1, … */
export function keyedRids(columns: readonly SortColumn[]): string {
  const keys = columns.map((column, index) => {
    const value = column.value ?? (column.isText ? normalisedPart(`m.v${index}`) : `m.v${index}`);
    return `${value} AS k${index}`;
  });
  return `SELECT ${['m.rid AS rid', ...keys].join(', ')} FROM (${grouped(columns)}) AS m`;
}

/** The rids of `matched` with the least or greatest of each key's `values` as v0, v1, … */
function grouped(columns: readonly SortColumn[]): string {
  const places = [...columns.entries()].filter(([, { values }]) => values !== undefined);
  if (places.length === 0) return 'SELECT rid FROM matched';
  const row = (value: (index: number) => string) =>
    ['rid', ...places.map(([index]) => `${value(index)} AS v${index}`)].join(', ');
  const chosen = places.map(([index, { descending }]) => {
    return `${descending ? 'max' : 'min'}(v${index}) AS v${index}`;
  });
  const arms = places.map(([place, { values }]) => {
    return `SELECT ${row((index) => (index === place ? 'value' : 'NULL'))} FROM (${values})`;
  });
  const all = [`SELECT ${row(() => 'NULL')} FROM matched`, ...arms].join(' UNION ALL ');
  return `SELECT ${['rid', ...chosen].join(', ')} FROM (${all}) GROUP BY rid`;
}

function currentSequence(statement: Statement): string {
  const { at } = statement.moment;
  if (at === undefined) return '(SELECT sequence FROM resource WHERE rid = m.rid)';
  const past = `rid = m.rid AND sequence <= ${statement.bind(at)}`;
  return `(SELECT max(sequence) FROM version WHERE ${past})`;
}

function entryColumn(
  statement: Statement,
  kind: EntryKind,
  parameter: string,
  descending: boolean,
): SortColumn {
  const choose = descending ? 'max' : 'min';
  const ofOne = (row: string) => `${row}.parameter = ${parameter} AND ${row}.rid = m.rid`;
  switch (kind) {
    case 'date':
    case 'number':
    case 'quantity': {
      const lows = statement.entries(kind, 'low', ofOne);
      return { value: `(SELECT ${choose}(low) FROM (${lows}))`, isText: false, descending };
    }
    case 'reference': {
      const targets = statement.entryRows('reference', targetText, ofOne);
      const value = `(SELECT ${choose}(target) FROM (${targets}))`;
      return { value, isText: false, descending };
    }
    case 'token':
      return { values: tokenValues(statement, parameter), isText: false, descending };
    case 'string':
    case 'uri':
      return { values: textValues(statement, parameter), isText: true, descending };
    case 'position':
    case 'composite':
      // Nothing that people would order by.
      return { value: 'NULL', isText: false, descending };
    default:
      return unreachable(kind);
  }
}

/** The target of a reference entry as the contract writes it: `Type/id` or a url. */
function targetText(row: string): string {
  return `(SELECT iif(ty.code = 0, '', ty.name || '/') || re.id
    FROM resource AS re CROSS JOIN type AS ty ON ty.code = re.rid >> 40
    WHERE re.rid = ${row}.target) AS target`;
}

const OF_MATCHED = 'rid IN (SELECT rid FROM matched)';

/** Token values as one text each, which orders by code, then system. */
function tokenValues(statement: Statement, parameter: string): string {
  const space = statement.alias();
  return statement.entryRows(
    'token',
    (row) => `${row}.rid, ${row}.code || char(1) || ${space}.system AS value`,
    (row) =>
      `${space}.parameter = ${parameter} AND ${row}.space = ${space}.code AND ${row}.${OF_MATCHED}`,
    `token_space AS ${space} CROSS JOIN `,
  );
}

function textValues(statement: Statement, parameter: string): string {
  return statement.entryRows(
    'text',
    (row) => `${row}.rid, ${row}.value`,
    (row) => `${row}.parameter = ${parameter} AND ${row}.${OF_MATCHED}`,
  );
}

/** ORDER BY of rows with columns k0, k1, … and rid.
 * @param rid `+rid` keeps SQLite from reading all rids in order until it has met enough matches */
export function orderBy(columns: readonly SortColumn[], rid = 'rid'): string {
  const keys = columns.map(({ descending }, index) => {
    return `k${index} IS NULL, k${index}${descending ? ' DESC' : ''}`;
  });
  return [...keys, rid].join(', ');
}

/** The reverse of that order. */
export function reverseOrderBy(columns: readonly SortColumn[], rid = 'rid'): string {
  const keys = columns.map(({ descending }, index) => {
    return `k${index} IS NULL DESC, k${index}${descending ? '' : ' DESC'}`;
  });
  return [...keys, `${rid} DESC`].join(', ');
}

/** The condition on such rows that they come before the row with these values. */
export function precedes(
  statement: Statement,
  columns: readonly SortColumn[],
  values: readonly SortValue[],
  rid: number,
): string {
  let condition = `rid < ${statement.bind(rid)}`;
  for (const [index, { descending }] of [...columns.entries()].reverse()) {
    const value = values[index] ?? null;
    if (value === null) {
      condition = `(k${index} IS NOT NULL OR ${condition})`;
      continue;
    }
    const bound = statement.bind(value);
    const nearer = `k${index} ${descending ? '>' : '<'} ${bound}`;
    condition = balanced([nearer, `(k${index} = ${bound} AND ${condition})`], 'OR');
  }
  return condition;
}

/** The condition on such rows that they follow the row with these values. */
export function follows(
  statement: Statement,
  columns: readonly SortColumn[],
  values: readonly SortValue[],
  rid: number,
): string {
  let condition = `rid > ${statement.bind(rid)}`;
  for (const [index, { descending }] of [...columns.entries()].reverse()) {
    const value = values[index] ?? null;
    if (value === null) {
      condition = `(k${index} IS NULL AND ${condition})`;
      continue;
    }
    const bound = statement.bind(value);
    const beyond = `k${index} ${descending ? '<' : '>'} ${bound} OR k${index} IS NULL`;
    condition = balanced([beyond, `(k${index} = ${bound} AND ${condition})`], 'OR');
  }
  return condition;
}
