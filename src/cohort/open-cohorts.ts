// Opens cohorts over a store: the model of values, the index with its snapshots, and the door to
// both (cohorts.ts). Called once, by app.ts.

import type { ProgrammeRules } from '../immunisation/programme-rules.ts';
import type { Log } from '../lib/logging.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { CohortChecker } from './cohort-checker.ts';
import { CohortIndex } from './cohort-index.ts';
import { Cohorts } from './cohorts.ts';
import type { EngineLayout } from './engine/cohort-engine.ts';
import { rowsWithin } from './engine/memory.ts';
import { engineLayout } from './facets.ts';
import { type OpenEngine, Snapshots } from './snapshots.ts';
import { storeIdentity } from './store-identity.ts';
import { ValueModel } from './value-model.ts';

export interface OpenCohortsOptions {
  readonly store: ResourceStore;
  /** Every parameter as if it were filled. */
  readonly environment: SearchEnvironment;
  readonly rules: ProgrammeRules;
  /** Programmes to keep in memory, each one of the rules'. */
  readonly programmes: readonly string[];
  readonly softwareVersion: string;
  /** Absent where no index is kept. */
  readonly index?: IndexOptions;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A text that nobody else ever has. */
  readonly newId: () => string;
  /** Waits that many milliseconds, or until the signal aborts; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log?: Log;
}

/** How an index is kept. */
export interface IndexOptions {
  readonly openEngine: OpenEngine;
  /** Of the snapshots. */
  readonly directory: string;
  /** What the columns may take. */
  readonly memoryBytes: number;
  readonly workers: number;
}

/** Opens cohorts; the index is not filled before it is started. */
export async function openCohorts(options: OpenCohortsOptions): Promise<Cohorts> {
  const { store, environment, rules, programmes, softwareVersion, now } = options;
  const model = new ValueModel({ store, environment, rules, programmes, softwareVersion });
  if (options.index === undefined) return new Cohorts({ store, model, now });
  const index = await openIndex(options, options.index, model);
  const { random, wait, log } = options;
  const watching = { index, store, random, wait, ...(log === undefined ? {} : { log }) };
  return new Cohorts({ store, model, now, index, checker: new CohortChecker(watching) });
}

async function openIndex(
  { store, programmes, now, newId, wait, log }: OpenCohortsOptions,
  { openEngine, directory, memoryBytes, workers }: IndexOptions,
  model: ValueModel,
): Promise<CohortIndex> {
  const layout = layoutWithin(memoryBytes, programmes);
  const storeName = await storeIdentity(store, now(), newId);
  const snapshots = new Snapshots({ directory, layout, workers, openEngine, model, storeName });
  return CohortIndex.open({
    ...{ store, model, snapshots, now, wait },
    ...(log === undefined ? {} : { log }),
  });
}

/** The layout, of as many people as the memory holds. */
function layoutWithin(memoryBytes: number, programmes: readonly string[]): EngineLayout {
  const one = engineLayout(programmes, 1);
  return { ...one, maxRows: rowsWithin(memoryBytes, one) };
}
