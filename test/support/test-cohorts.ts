// Cohorts over a test's store. An index looks at the log whenever a question waits for it, and at
// no other time: nothing depends on how long anything takes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cohorts } from '../../src/cohort/cohorts.ts';
import { openCohorts } from '../../src/cohort/open-cohorts.ts';
import type { OpenEngine } from '../../src/cohort/snapshots.ts';
import { programmeRules } from '../../src/immunisation/programme-rules.ts';
import { programmes } from '../../src/immunisation/programmes.ts';
import type { SearchEnvironment } from '../../src/search/clause.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { openModelEngine } from './model-engine.ts';

export interface TestCohortsOptions {
  readonly store: ResourceStore;
  readonly environment: Omit<SearchEnvironment, 'nowMs' | 'handling'>;
  readonly now: () => number;
  readonly isIndexed: boolean;
  /** The model engine when absent. */
  readonly openEngine?: OpenEngine;
}

export interface TestCohorts {
  readonly cohorts: Cohorts;
  stop(): Promise<void>;
}

/** Opens them; a follower of the log runs until they are stopped. */
export async function openTestCohorts(options: TestCohortsOptions): Promise<TestCohorts> {
  const { store, now, isIndexed, openEngine = openModelEngine } = options;
  const directory = await mkdtemp(join(tmpdir(), 'openims-cohorts-'));
  const index = { openEngine, directory, memoryBytes: 1_000_000, workers: 1 };
  let ids = 0;
  const cohorts = await openCohorts({
    store,
    environment: { ...options.environment, nowMs: now(), handling: 'strict' },
    rules: programmeRules(programmes, options.environment.zone),
    programmes: ['flu-2026'],
    softwareVersion: '0.0.0-test',
    ...(isIndexed ? { index } : {}),
    now,
    random: () => 0,
    newId: () => `cohorts-${++ids}`,
    wait: untilAborted,
  });
  cohorts.start();
  await cohorts.index?.reached(0, 1);
  return {
    cohorts,
    stop: async () => {
      await cohorts.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** Time stands still: only who is waited for ends a pause. */
function untilAborted(_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
