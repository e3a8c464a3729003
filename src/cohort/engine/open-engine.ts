// Opens the cohort engine: lays out its memory, loads a snapshot into it, starts its threads.

import { assert } from '../../lib/assert.ts';
import { COHORT_KEPT_CLAUSES_MAX } from '../../limits.ts';
import type { CohortEngine, EngineLayout, EngineMoment } from './cohort-engine.ts';
import { CountingEngine } from './counting-engine.ts';
import { KeptClauses } from './kept-clauses.ts';
import { KernelThreads } from './kernel-threads.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { EngineMemory } from './memory.ts';

export interface CohortEngineOptions {
  readonly layout: EngineLayout;
  /** Threads that count, at least one. */
  readonly workers: number;
  /** Loaded when it is there and whole. */
  readonly snapshotFile?: string;
  /** Clauses kept as bitmaps, one bit a person each; COHORT_KEPT_CLAUSES_MAX unless told. */
  readonly keptClauses?: number;
}

export interface OpenedCohortEngine {
  readonly engine: CohortEngine;
  readonly snapshot: 'loaded' | 'absent' | { readonly refused: string };
}

/**
 * Opens an engine with what a snapshot holds, or an empty one.
 * @throws RangeError when so many people have no place in the memory that can be addressed
 */
export async function openCohortEngine(options: CohortEngineOptions): Promise<OpenedCohortEngine> {
  const memory = emptyMemory(options);
  if (options.snapshotFile === undefined) return opened(memory, options, 'absent');
  const loaded = await loadSnapshot(options.snapshotFile, memory);
  switch (loaded.kind) {
    case 'absent':
      return opened(memory, options, 'absent');
    case 'refused':
      return opened(emptyMemory(options), options, { refused: loaded.reason });
    case 'loaded':
      return { engine: startEngine(memory, options.workers, loaded.table), snapshot: 'loaded' };
  }
}

/** What an engine knows beside its memory. */
export interface EngineState {
  readonly moment: EngineMoment;
  /** Whether rows were refused because of the bound. */
  readonly full: boolean;
}

/** An engine over a memory that holds people; it has scratch for so many workers. */
export function startEngine(
  memory: EngineMemory,
  workers: number,
  { moment, full }: EngineState,
): CohortEngine {
  const threads = new KernelThreads(memory, workers);
  return new CountingEngine({ memory, threads, kept: new KeptClauses(memory), moment, full });
}

function emptyMemory(options: CohortEngineOptions): EngineMemory {
  const { layout, workers, keptClauses = COHORT_KEPT_CLAUSES_MAX } = options;
  assert(Number.isInteger(workers) && workers >= 1, 'there is a worker');
  return new EngineMemory(layout, workers, keptClauses);
}

function opened(
  memory: EngineMemory,
  { workers }: CohortEngineOptions,
  snapshot: OpenedCohortEngine['snapshot'],
): OpenedCohortEngine {
  return { engine: startEngine(memory, workers, NOTHING), snapshot };
}

const NOTHING: EngineState = { moment: { sequence: 0, timeMs: 0 }, full: false };
