// Changes while questions run: what they cost the questions, and how long they wait.

import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { CohortEngine, EnginePerson } from '../../src/cohort/engine/cohort-engine.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import { engineOver } from './cohort-engine.ts';
import { TODAY } from './cohort-people.ts';
import { cohortQuestions } from './cohort-questions.ts';
import { type BenchRow, median, quantile } from './row.ts';

const CHANGES_PER_SECOND = 5_000;
const QUIET_MS = 4_000;
const BUSY_MS = 8_000;
const LAG_MS = 150;

export async function changeRows(
  memory: EngineMemory,
  people: number,
  workers: number,
): Promise<BenchRow[]> {
  const engine = engineOver(memory, workers);
  try {
    const quiet = await askFor(engine, people, QUIET_MS);
    const changing = make(engine, people);
    const busy = await askFor(engine, people, BUSY_MS);
    const lags = await changing;
    return [askedRow(quiet, busy), lagRow(lags)];
  } finally {
    await engine.close();
  }
}

/** How long each asking of a question took, milliseconds, by question. */
type Times = readonly (readonly number[])[];

/** Asks one question after the other. */
async function askFor(engine: CohortEngine, people: number, forMs: number): Promise<Times> {
  const times: number[][] = cohortQuestions.map(() => []);
  let sequence = 0;
  const until = performance.now() + forMs;
  for (let number = 0; performance.now() < until; number += 1) {
    const place = number % cohortQuestions.length;
    const { expression } = cohortQuestions[place] ?? {};
    const startedAt = performance.now();
    const [answer] = await engine.run([expression ?? { kind: 'all' }], [[{ columns: ['home'] }]]);
    times[place]?.push(performance.now() - startedAt);
    const counted = answer?.breakdowns[0]?.reduce((sum, cell) => sum + cell, 0);
    assert.equal(counted, answer?.total, 'an answer is of one moment');
    assert.ok((answer?.total ?? people) <= people);
    assert.ok((answer?.asOf.sequence ?? 0) >= sequence, 'answers never go back');
    sequence = answer?.asOf.sequence ?? 0;
  }
  return times;
}

/** Somebody with one more dose, as the store would say. */
function withDose(engine: CohortEngine, row: number): EnginePerson {
  const person = engine.person(row);
  assert(person !== undefined);
  const days = { ...person.days, 'flu/date': TODAY };
  const doses = ((person.counts['flu/doses'] ?? 0) % 9) + 1;
  return { ...person, days, counts: { ...person.counts, 'flu/doses': doses } };
}

/** Makes changes as they come. @returns how long each waited, milliseconds */
async function make(engine: CohortEngine, people: number): Promise<number[]> {
  const count = (BUSY_MS * CHANGES_PER_SECOND) / 1_000;
  const lags: number[] = [];
  const applying: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let made = 0; made < count; ) {
    await wait(5);
    const arrivedAt = performance.now();
    const due = Math.floor(((arrivedAt - startedAt) * CHANGES_PER_SECOND) / 1_000);
    const some: EnginePerson[] = [];
    for (; made < Math.min(due, count); made += 1) {
      some.push(withDose(engine, 1 + ((Math.imul(made, 0x9e3779b1) >>> 0) % people)));
    }
    const applied = engine.apply(some, { sequence: made + 1, timeMs: 0 }).then(() => {
      lags.push(...some.map(() => performance.now() - arrivedAt));
    });
    applying.push(applied);
  }
  await Promise.all(applying);
  return lags;
}

/** Each time is compared with the same question's quiet median: some take longer than others. */
function askedRow(quiet: Times, busy: Times): BenchRow {
  const ratios = busy.flatMap((times, place) => {
    const usual = median(quiet[place] ?? []);
    return times.map((time) => time / usual);
  });
  const p95 = quantile(ratios, 0.95);
  const all = busy.flat();
  return {
    name: `cohort: questions with small areas while ${CHANGES_PER_SECOND} changes a second come`,
    median: median(all),
    p99: quantile(all, 0.99),
    unit: 'ms',
    peer: `quiet ${median(quiet.flat()).toFixed(1)}`,
    ratio: p95,
    budget: 'p95 <= 2x the quiet median',
    pass: p95 <= 2,
  };
}

function lagRow(lags: readonly number[]): BenchRow {
  const p99 = quantile(lags, 0.99);
  const count = lags.length;
  return {
    name: `cohort: from a change's coming to its counting (${count} changes)`,
    median: median(lags),
    p99,
    unit: 'ms',
    peer: null,
    ratio: null,
    budget: `p99 <= ${LAG_MS} ms`,
    pass: p99 <= LAG_MS,
  };
}
