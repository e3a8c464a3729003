// Opens the cohort engine: lays out its memory, loads a snapshot into it, starts its threads.

import { assert } from '../../lib/assert.ts';
import { COHORT_KEPT_CLAUSES_MAX } from '../../limits.ts';
import type { CohortEngine, EngineLayout } from './cohort-engine.ts';
import { CountingEngine, type CountingEngineParts } from './counting-engine.ts';
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
  const { snapshotFile } = options;
  const parts = emptyParts(options);
  if (snapshotFile === undefined) return { engine: new CountingEngine(parts), snapshot: 'absent' };
  const loaded = await loadSnapshot(snapshotFile, parts.memory);
  switch (loaded.kind) {
    case 'absent':
      return { engine: new CountingEngine(parts), snapshot: 'absent' };
    case 'loaded':
      return { engine: new CountingEngine({ ...parts, ...loaded.state }), snapshot: 'loaded' };
    case 'refused':
      await parts.threads.close();
      return {
        engine: new CountingEngine(emptyParts(options)),
        snapshot: { refused: loaded.reason },
      };
  }
}

/** Threads start while a snapshot is being loaded. */
function emptyParts(options: CohortEngineOptions): CountingEngineParts {
  const { layout, workers, keptClauses = COHORT_KEPT_CLAUSES_MAX } = options;
  assert(Number.isInteger(workers) && workers >= 1, 'there is a worker');
  const memory = new EngineMemory(layout, workers, keptClauses);
  return {
    memory,
    threads: new KernelThreads(memory, workers),
    kept: new KeptClauses(memory),
    moment: { sequence: 0, timeMs: 0 },
    full: false,
  };
}
