// The ten cohorts of the bench, each as the engine and as DuckDB is asked.

import type { EngineExpression } from '../../src/cohort/engine/cohort-engine.ts';
import { BOARDS, bornBy, flags, HOMES, personCodesOf, TODAY } from './cohort-people.ts';

export interface CohortQuestion {
  readonly name: string;
  readonly expression: EngineExpression;
  readonly where: string;
  /** Columns and bitmaps that are named, for the bytes that are touched at least. */
  readonly columns: readonly string[];
}

interface Clause {
  readonly expression: EngineExpression;
  readonly sql: string;
  readonly columns: readonly string[];
}

function maskOf(names: readonly string[]): number {
  return names.reduce((mask, name) => mask + 2 ** flags.findIndex((one) => one.name === name), 0);
}

function anyOf(...names: readonly string[]): Clause {
  const of = names.map((name) => ({ kind: 'bitmap' as const, name }));
  return {
    expression: { kind: 'or', of },
    sql: `(flags & ${maskOf(names)}) != 0`,
    columns: names,
  };
}

function noneOf(...names: readonly string[]): Clause {
  const { expression, columns } = anyOf(...names);
  return {
    expression: { kind: 'not', of: expression },
    sql: `(flags & ${maskOf(names)}) = 0`,
    columns,
  };
}

/** Of an age from one to another, counted by day. */
function aged(youngest: number, oldest: number): Clause {
  const [from, to] = [bornBy(oldest + 1) + 1, bornBy(youngest)];
  return {
    expression: { kind: 'days', column: 'birthdate', from, to },
    sql: `birthdate BETWEEN ${from} AND ${to}`,
    columns: ['birthdate'],
  };
}

/** Without a dose in the last so many days. */
function notSince(programme: string, days: number): Clause {
  const column = `${programme}/date`;
  const from = TODAY - days;
  return {
    expression: { kind: 'not', of: { kind: 'days', column, from, to: 0xffff } },
    sql: `${programme}_date < ${from}`,
    columns: [column],
  };
}

function fewerDoses(programme: string, doses: number): Clause {
  const column = `${programme}/doses`;
  return {
    expression: { kind: 'counts', column, from: 0, to: doses - 1 },
    sql: `${programme}_doses < ${doses}`,
    columns: [column],
  };
}

function women(): Clause {
  const values = personCodesOf((sex) => sex === 0);
  return {
    expression: { kind: 'codes', column: 'person', values },
    sql: 'sex = 0',
    columns: ['person'],
  };
}

function ofEthnicities(...wanted: readonly number[]): Clause {
  const values = personCodesOf((_sex, ethnicity) => wanted.includes(ethnicity));
  const sql = `ethnicity IN (${wanted.join(', ')})`;
  return { expression: { kind: 'codes', column: 'person', values }, sql, columns: ['person'] };
}

/** Living in one of an integrated care board's small areas. */
function inBoard(board: number): Clause {
  const values = Array.from({ length: HOMES }, (_, index) => index + 1).filter(
    (home) => home % BOARDS === board,
  );
  const sql = `home % ${BOARDS} = ${board}`;
  return { expression: { kind: 'codes', column: 'home', values }, sql, columns: ['home'] };
}

function either(one: Clause, other: Clause): Clause {
  return {
    expression: { kind: 'or', of: [one.expression, other.expression] },
    sql: `(${one.sql} OR ${other.sql})`,
    columns: [...one.columns, ...other.columns],
  };
}

function question(name: string, ...clauses: readonly Clause[]): CohortQuestion {
  return {
    name,
    expression: { kind: 'and', of: clauses.map(({ expression }) => expression) },
    where: clauses.map(({ sql }) => sql).join(' AND '),
    columns: clauses.flatMap(({ columns }) => columns),
  };
}

const atRisk = anyOf(
  ...['asthma', 'copd', 'heart', 'diabetes', 'kidney', 'stroke', 'immunosuppression', 'asplenia'],
  ...['liver', 'neurological', 'obesity', 'learning-disability', 'severe-mental-illness'],
);
const reachable = noneOf('deceased', 'opted-out', 'invited');

export const cohortQuestions: readonly CohortQuestion[] = [
  question('65 and over, no flu dose this season', aged(65, 120), reachable, notSince('flu', 80)),
  question('2 to 64 in a risk group', aged(2, 64), atRisk, reachable, notSince('flu', 80)),
  question(
    '75 and over, or care home, or immunosuppressed',
    either(aged(75, 120), anyOf('care-home-resident', 'immunosuppression')),
    reachable,
    notSince('covid', 91),
  ),
  question('5 to 25, fewer than 2 MMR', aged(5, 25), reachable, fewerDoses('mmr', 2)),
  question('staff', anyOf('health-worker', 'care-worker'), reachable, notSince('flu', 80)),
  question(
    'pregnant women',
    aged(12, 55),
    women(),
    anyOf('pregnancy'),
    reachable,
    notSince('flu', 80),
  ),
  question(
    '50 and over, 7 ethnic categories',
    aged(50, 120),
    ofEthnicities(4, 8, 9, 10, 11, 14, 15),
    reachable,
    notSince('covid', 180),
  ),
  question('75 to 79, never covid', aged(75, 79), reachable, fewerDoses('covid', 1)),
  question(
    '65 and over in one care board, 3 conditions',
    aged(65, 120),
    anyOf('diabetes', 'heart', 'copd'),
    inBoard(17),
    reachable,
    notSince('flu', 80),
  ),
  question('everyone alive', noneOf('deceased')),
];
