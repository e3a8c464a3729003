// DuckDB with the people of the cohort bench, in a file, on as many threads as the engine has.

import { DuckDBInstance } from '@duckdb/node-api';
import { ETHNICITIES, HOMES, PRACTICES, peopleSql } from './cohort-people.ts';
import type { Level } from './cohort-rows.ts';
import { median } from './row.ts';

const AGE_CODES = 102;

export interface DuckAnswer {
  readonly total: number;
  /** By home code, by practice code, by age code and ethnicity: as many as the level asks for. */
  readonly histograms: readonly Uint32Array[];
  /** The median of the runs, without the reading of its rows. */
  readonly ms: number;
}

export interface Duck {
  /** @param where SQL on the table `person` */
  ask(where: string, level: Level, runs: number): Promise<DuckAnswer>;
  close(): Promise<void>;
}

export async function openDuck(file: string, people: number, threads: number): Promise<Duck> {
  const instance = await DuckDBInstance.create(file, {
    threads: String(threads),
    memory_limit: '3GB',
  });
  const connection = await instance.connect();
  const startedAt = performance.now();
  await connection.run(peopleSql(people));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(`DuckDB made the same ${people} people in ${seconds} s`);
  const ask: Duck['ask'] = async (where, level, runs) => {
    const times: number[] = [];
    for (;;) {
      const askedAt = performance.now();
      const reader = await connection.runAndReadAll(questionSql(where, level));
      times.push(performance.now() - askedAt);
      if (times.length < runs) continue;
      const rows = reader.getRows() as unknown as readonly DuckRow[];
      return { ...readAnswer(rows, level), ms: median(times) };
    }
  };
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { ask, close };
}

/** home, practice, age, ethnicity, people; null where a row is not by it. */
type DuckRow = readonly [...by: (number | null)[], people: number];

const groupings: Readonly<Record<Level['name'], string>> = {
  count: '',
  'small areas': 'GROUP BY home',
  'areas, practices, age and ethnicity':
    'GROUP BY GROUPING SETS ((home), (practice), (age, ethnicity))',
};

function questionSql(where: string, { name }: Level): string {
  const columns = {
    count: '',
    'small areas': 'home, ',
    'areas, practices, age and ethnicity': 'home, practice, age, ethnicity, ',
  }[name];
  return `SELECT ${columns}count(*)::INTEGER FROM person WHERE ${where} ${groupings[name]}`;
}

function readAnswer(rows: readonly DuckRow[], level: Level): Omit<DuckAnswer, 'ms'> {
  if (level.codes.length === 0) return { total: rows[0]?.[0] ?? 0, histograms: [] };
  const homes = new Uint32Array(HOMES + 1);
  const practices = new Uint32Array(PRACTICES + 1);
  const ages = new Uint32Array(AGE_CODES * ETHNICITIES);
  let total = 0;
  for (const row of rows) {
    const people = row.at(-1) ?? 0;
    const [home, practice, age, ethnicity] = row;
    if (home !== null && home !== undefined) {
      homes[home] = people;
      total += people;
    } else if (practice !== null && practice !== undefined) {
      practices[practice] = people;
    } else if (age !== null && age !== undefined) {
      ages[(age + 1) * ETHNICITIES + (ethnicity ?? 0)] = people;
    }
  }
  return { total, histograms: level.codes.length === 1 ? [homes] : [homes, practices, ages] };
}
