// The cohort engine on a made-up nation: the ten cohorts against DuckDB, which must give the same
// answers, and against the memory's own speed, measured in the same run; changes while questions
// run; snapshots. The columns are filled directly, not by way of a store.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CohortEngine, EngineAnswer } from '../../src/cohort/engine/cohort-engine.ts';
import { EngineMemory } from '../../src/cohort/engine/memory.ts';
import { COHORT_KEPT_CLAUSES_MAX } from '../../src/limits.ts';
import { temporaryDirectory } from '../support/running-service.ts';
import { changeRows } from './cohort-changes.ts';
import { type DuckAnswer, openDuck } from './cohort-duck.ts';
import { engineOver } from './cohort-engine.ts';
import { cohortLayout, ETHNICITIES, ethnicityOfCode, fillColumns } from './cohort-people.ts';
import { type CohortQuestion, cohortQuestions } from './cohort-questions.ts';
import { snapshotRows } from './cohort-snapshot.ts';
import { MemoryReader } from './memory-bandwidth.ts';
import { type BenchRow, median, quantile } from './row.ts';

/** What is asked beside the count, and how long it may take at 60,000,000 people, milliseconds: at
 * first, of everyone alive, and with the clauses on columns kept as bitmaps. */
export interface Level {
  readonly name: 'count' | 'small areas' | 'areas, practices, age and ethnicity';
  readonly codes: readonly string[];
  readonly goalsMs: { readonly first: number; readonly everyone: number; readonly kept: number };
}

const levels: readonly Level[] = [
  { name: 'count', codes: [], goalsMs: { first: 40, everyone: 40, kept: 15 } },
  { name: 'small areas', codes: ['home'], goalsMs: { first: 60, everyone: 60, kept: 40 } },
  {
    name: 'areas, practices, age and ethnicity',
    codes: ['home', 'practice', 'age', 'person'],
    goalsMs: { first: 75, everyone: 130, kept: 55 },
  },
];

/** From so many people on the budgets are judged; with fewer, starting and stopping counts most. */
const GOAL_PEOPLE = 60_000_000;
const RUNS = 9;
const DUCK_RUNS = 3;
/** Of the memory's own speed, before each row: machines that others use change by the minute. */
const READER_RUNS = 3;
/** Everyone alive is bound by instructions: each of nearly all people is added to histograms. */
const UNBOUND = 'everyone alive';
const BANDWIDTH_SHARE = 0.6;
const BANDWIDTH_BYTES = 200_000_000;
const DUCK_FASTER = 6;
const DUCK_FASTER_MEAN = 12;
const MEMORY_GIB = 2;

export interface CohortBenchOptions {
  readonly people: number;
}

export async function cohortRows({ people }: CohortBenchOptions): Promise<BenchRow[]> {
  const directory = temporaryDirectory();
  try {
    const workers = availableParallelism();
    const memory = new EngineMemory(cohortLayout(people), workers, COHORT_KEPT_CLAUSES_MAX);
    fillColumns(memory, people);
    const isJudged = people >= GOAL_PEOPLE;
    const rows = [
      memoryRow(memory, people),
      ...(await questionRows(memory, { people, workers, directory: directory.path })),
      ...(await changeRows(memory, people, workers)),
      ...(await snapshotRows(memory, workers, join(directory.path, 'people.snapshot'))),
    ];
    return isJudged ? rows : rows.map(unjudged);
  } finally {
    directory.remove();
  }
}

function unjudged(row: BenchRow): BenchRow {
  return { ...row, budget: `at ${GOAL_PEOPLE / 1e6} million: ${row.budget}`, pass: true };
}

function memoryRow({ bytes }: EngineMemory, people: number): BenchRow {
  const gib = bytes / 2 ** 30;
  return {
    name: `cohort: memory for ${people} people, three programmes`,
    median: gib,
    p99: null,
    unit: 'GiB',
    peer: null,
    ratio: null,
    budget: `<= ${MEMORY_GIB} GiB`,
    pass: gib <= MEMORY_GIB,
  };
}

interface Measuring {
  readonly people: number;
  readonly workers: number;
  readonly directory: string;
}

async function questionRows(memory: EngineMemory, measuring: Measuring): Promise<BenchRow[]> {
  const { workers, people, directory } = measuring;
  const duck = await openDuck(join(directory, 'people.duckdb'), people, workers);
  const first = engineOver(memory, workers, 0);
  const keeping = engineOver(memory, workers);
  const reader = new MemoryReader(memory, workers);
  const rows: BenchRow[] = [];
  const faster: number[] = [];
  try {
    for (const question of cohortQuestions) {
      for (const level of levels) {
        const wanted = await duck.ask(question.where, level, DUCK_RUNS);
        const bandwidth = await reader.measure(READER_RUNS);
        const ours = await measure(first, question, level, wanted);
        const kept = await measure(keeping, question, level, wanted);
        faster.push(wanted.ms / median(ours.times));
        rows.push(questionRow(question, level, ours, wanted, { people, bandwidth }));
        rows.push(keptRow(question, level, kept, wanted));
      }
    }
  } finally {
    await Promise.all([first.close(), keeping.close(), duck.close(), reader.close()]);
  }
  return [...rows, meanRow(faster)];
}

interface Measured {
  readonly total: number;
  readonly times: readonly number[];
}

/** Asks until what can be kept is kept, then times it; the answer must be DuckDB's. */
async function measure(
  engine: CohortEngine,
  { expression, name }: CohortQuestion,
  level: Level,
  wanted: DuckAnswer,
): Promise<Measured> {
  const [home, practice, age, person] = level.codes;
  const breakdowns = [
    ...(home === undefined ? [] : [{ columns: [home] } as const]),
    ...(practice === undefined ? [] : [{ columns: [practice] } as const]),
    ...(age === undefined || person === undefined ? [] : [{ columns: [age, person] } as const]),
  ];
  const times: number[] = [];
  for (let run = -2; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const [answer] = await engine.run([expression], [breakdowns]);
    const histograms = answer === undefined ? [] : foldEthnicity(answer, engine.size('person'));
    if (run >= 0) times.push(performance.now() - startedAt);
    assert.equal(answer?.total, wanted.total, name);
    assert.deepEqual(histograms, wanted.histograms, `${name}: ${level.name}`);
  }
  return { total: wanted.total, times };
}

/** Codes of sex, ethnicity and decile become ethnicity alone. */
function foldEthnicity({ breakdowns }: EngineAnswer, width: number): readonly Uint32Array[] {
  const [homes, practices, crossed] = breakdowns;
  if (crossed === undefined) return breakdowns;
  const folded = new Uint32Array((crossed.length / width) * ETHNICITIES);
  for (let cell = 0; cell < crossed.length; cell += 1) {
    const ethnicity = ethnicityOfCode[cell % width] ?? 0;
    const place = Math.floor(cell / width) * ETHNICITIES + ethnicity;
    folded[place] = (folded[place] ?? 0) + (crossed[cell] ?? 0);
  }
  return [homes ?? folded, practices ?? folded, folded];
}

function questionRow(
  question: CohortQuestion,
  level: Level,
  { times, total }: Measured,
  wanted: DuckAnswer,
  { people, bandwidth }: { readonly people: number; readonly bandwidth: number },
): BenchRow {
  const ms = median(times);
  const bytes = bytesTouched(question, level, people);
  const isBound = bytes >= BANDWIDTH_BYTES && question.name !== UNBOUND;
  const share = bytes / (ms / 1_000) / bandwidth;
  const goal = question.name === UNBOUND ? level.goalsMs.everyone : level.goalsMs.first;
  const speed = `${Math.round(share * 100)} % of ${(bandwidth / 1e9).toFixed(1)} GB/s`;
  const read = `${Math.round(bytes / 1e6)} MB at ${speed}`;
  const least = isBound ? `, >= ${BANDWIDTH_SHARE * 100} %` : '';
  const isFast = wanted.ms / ms >= DUCK_FASTER && (!isBound || share >= BANDWIDTH_SHARE);
  return {
    name: `cohort: ${question.name} (${total}): ${level.name}; ${read}`,
    median: ms,
    p99: quantile(times, 0.99),
    unit: 'ms',
    peer: `DuckDB ${wanted.ms.toFixed(0)}`,
    ratio: ms / wanted.ms,
    budget: `<= 1/${DUCK_FASTER}${least}; goal ${goal} ms`,
    pass: isFast,
  };
}

function keptRow(
  { name }: CohortQuestion,
  level: Level,
  { times, total }: Measured,
  wanted: DuckAnswer,
): BenchRow {
  const ms = median(times);
  return {
    name: `cohort: ${name} (${total}): ${level.name}; clauses kept`,
    median: ms,
    p99: quantile(times, 0.99),
    unit: 'ms',
    peer: `DuckDB ${wanted.ms.toFixed(0)}`,
    ratio: ms / wanted.ms,
    budget: `<= 1/${DUCK_FASTER}; goal ${level.goalsMs.kept} ms`,
    pass: wanted.ms / ms >= DUCK_FASTER,
  };
}

function meanRow(faster: readonly number[]): BenchRow {
  const mean = Math.exp(faster.reduce((sum, factor) => sum + Math.log(factor), 0) / faster.length);
  return {
    name: 'cohort: times faster than DuckDB, geometric mean, nothing kept',
    median: mean,
    p99: null,
    unit: 'x',
    peer: 'DuckDB',
    ratio: null,
    budget: `>= ${DUCK_FASTER_MEAN}`,
    pass: mean >= DUCK_FASTER_MEAN,
  };
}

/** The full size of every column and bitmap that is named, once. */
function bytesTouched({ columns }: CohortQuestion, level: Level, people: number): number {
  const { days, counts, codes } = cohortLayout(people);
  const named = new Set([...columns, ...level.codes]);
  return [...named].reduce((bytes, name) => {
    if (days.includes(name) || codes.includes(name)) return bytes + people * 2;
    return bytes + (counts.includes(name) ? people : people / 8);
  }, 0);
}
