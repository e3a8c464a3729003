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
  const { workers } = options;
  if (options.snapshotFile === undefined) return opened(memory, workers, 'absent');
  const loaded = await loadSnapshot(options.snapshotFile, memory);
  switch (loaded.kind) {
    case 'absent':
      return opened(memory, workers, 'absent');
    case 'refused':
      return opened(emptyMemory(options), workers, { refused: loaded.reason });
    case 'loaded':
      return opened(memory, workers, 'loaded', loaded.table);
  }
}

/** What an engine is started with beside its memory. */
export interface EngineStart {
  /** The memory has scratch for so many. */
  readonly workers: number;
  readonly kept: KeptClauses;
  readonly moment: EngineMoment;
  /** Whether rows were refused because of the bound. */
  readonly full: boolean;
}

/** An engine over a memory that may hold people. */
export function startEngine(memory: EngineMemory, start: EngineStart): CohortEngine {
  const { workers, ...rest } = start;
  return new CountingEngine({ memory, threads: new KernelThreads(memory, workers), ...rest });
}

function emptyMemory(options: CohortEngineOptions): EngineMemory {
  const { layout, workers, keptClauses = COHORT_KEPT_CLAUSES_MAX } = options;
  assert(Number.isInteger(workers) && workers >= 1, 'there is a worker');
  return new EngineMemory(layout, workers, keptClauses);
}

function opened(
  memory: EngineMemory,
  workers: number,
  snapshot: OpenedCohortEngine['snapshot'],
  state: Pick<EngineStart, 'moment' | 'full'> = NOTHING,
): OpenedCohortEngine {
  const { moment, full } = state;
  const engine = startEngine(memory, { workers, kept: new KeptClauses(memory), moment, full });
  return { engine, snapshot };
}

const NOTHING = { moment: { sequence: 0, timeMs: 0 }, full: false };
