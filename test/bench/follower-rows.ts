// The cohort index over the embedded store, the whole way: filled from the records of a synthetic
// nation, then following doses as they are written.

import { setTimeout as wait } from 'node:timers/promises';
import type { CohortIndex } from '../../src/cohort/cohort-index.ts';
import { openCohortEngine } from '../../src/cohort/engine/open-engine.ts';
import { openCohorts } from '../../src/cohort/open-cohorts.ts';
import { programmeRules } from '../../src/immunisation/programme-rules.ts';
import { programmes } from '../../src/immunisation/programmes.ts';
import { searchEnvironment } from '../../src/interactions/conditional.ts';
import type { Context } from '../../src/interactions/interaction.ts';
import { putWrite } from '../../src/interactions/put-write.ts';
import { waitOnTimer } from '../../src/jobs/pause.ts';
import { assert } from '../../src/lib/assert.ts';
import { loadNation } from '../../src/population/load-nation.ts';
import { backEnds } from '../conformance/back-ends.ts';
import { temporaryDirectory } from '../support/running-service.ts';
import { immunization } from '../support/sample-resources.ts';
import { openService } from '../support/service.ts';
import { type BenchRow, median, quantile } from './row.ts';

/** From so many resources on the budgets are judged. */
const GOAL_RESOURCES = 1_000_000;
const FILLED_PER_SECOND = 25_000;
const LAG_MS = 150;
const CHANGES_PER_SECOND = 5_000;
const FOLLOWED_MS = 8_000;
/** How long afterwards the last doses are waited for. */
const WAITED_MS = 20_000;
/** Writes that come together, as those of a busy feed do. */
const WRITES_AT_ONCE = 50;

/** @param people of the nation: some twelve resources each */
export async function followerRows({ people }: { people: number }): Promise<BenchRow[]> {
  const [sqlite] = backEnds().filter(({ name }) => name === 'sqlite');
  assert(sqlite !== undefined, 'the embedded store is there');
  const service = await openService(sqlite);
  const directory = temporaryDirectory();
  try {
    const { context } = service;
    await loadNation(context, { people, seed: 1, date: '2026-11-25' }, () => undefined);
    const index = await openIndex(context, directory.path);
    const resources = await context.store.position();
    const startedAt = performance.now();
    await index.step();
    const seconds = (performance.now() - startedAt) / 1_000;
    const isJudged = resources >= GOAL_RESOURCES;
    index.start();
    const lags = await follow(context, index, people);
    await index.stop();
    return [filledRow(resources, seconds, isJudged), lagRow(lags, isJudged)];
  } finally {
    await service.close();
    directory.remove();
  }
}

async function openIndex(context: Context, directory: string): Promise<CohortIndex> {
  const { index } = await openCohorts({
    store: context.store,
    environment: searchEnvironment(context),
    rules: programmeRules(programmes, context.zone),
    programmes: ['flu-2026', 'covid-autumn-2026', 'rsv'],
    softwareVersion: context.softwareVersion,
    index: {
      openEngine: openCohortEngine,
      ...{ directory, memoryBytes: 512 * 1024 * 1024, workers: 1 },
    },
    now: () => Date.now(),
    random: () => Math.random(),
    newId: () => 'bench',
    wait: waitOnTimer,
  });
  assert(index !== undefined, 'an index is kept');
  return index;
}

/** Writes doses at a steady rate. @returns how long each was not yet counted after it was
 * acknowledged, milliseconds */
async function follow(context: Context, index: CohortIndex, people: number): Promise<number[]> {
  const lags: number[] = [];
  const acknowledged: { readonly sequence: number; readonly atMs: number }[] = [];
  const writing: Promise<void>[] = [];
  const startedAt = performance.now();
  let made = 0;
  const isOver = () => performance.now() - startedAt > FOLLOWED_MS;
  const isGivenUp = () => performance.now() - startedAt > FOLLOWED_MS + WAITED_MS;
  while (!isOver() || (acknowledged.length > 0 && !isGivenUp())) {
    await wait(1);
    const { sequence } = index.engine.moment();
    for (let [first] = acknowledged; first !== undefined; [first] = acknowledged) {
      if (first.sequence > sequence) break;
      lags.push(performance.now() - first.atMs);
      acknowledged.shift();
    }
    const due = ((performance.now() - startedAt) * CHANGES_PER_SECOND) / 1_000;
    while (!isOver() && made + WRITES_AT_ONCE <= due) {
      const first = made;
      made += WRITES_AT_ONCE;
      writing.push(
        writeDoses(context, first, people).then((last) => {
          acknowledged.push({ sequence: last, atMs: performance.now() });
        }),
      );
    }
    if (isOver()) await Promise.all(writing);
  }
  // Who is still not counted has waited at least until now.
  return [...lags, ...acknowledged.map(({ atMs }) => performance.now() - atMs)];
}

async function writeDoses(context: Context, first: number, people: number): Promise<number> {
  const writes = Array.from({ length: WRITES_AT_ONCE }, (_, place) => {
    const number = first + place;
    const id = `bench-dose-${number}`;
    const person = `p${(Math.imul(number, 0x9e3779b1) >>> 0) % people}`;
    const value = immunization(`Patient/${person}`, { id });
    return putWrite(context, { type: 'Immunization', id }, { value }, 'POST', 'absent');
  });
  const nowMs = context.now();
  return (await context.store.transact({ guards: [], writes, nowMs, references: 'lenient' })).last;
}

function filledRow(resources: number, seconds: number, isJudged: boolean): BenchRow {
  const rate = resources / seconds;
  return {
    name: `follower: filled from a store of ${resources} resources`,
    median: rate,
    p99: null,
    unit: 'resources/s',
    peer: null,
    ratio: null,
    budget: `>= ${FILLED_PER_SECOND} from ${GOAL_RESOURCES} resources on`,
    pass: !isJudged || rate >= FILLED_PER_SECOND,
  };
}

function lagRow(lags: readonly number[], isJudged: boolean): BenchRow {
  const p99 = quantile(lags, 0.99);
  return {
    name: `follower: lag behind ${CHANGES_PER_SECOND} doses a second`,
    median: median(lags),
    p99,
    unit: 'ms',
    peer: null,
    ratio: null,
    budget: `p99 <= ${LAG_MS} ms from ${GOAL_RESOURCES} resources on`,
    pass: !isJudged || p99 <= LAG_MS,
  };
}
