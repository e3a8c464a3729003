// An engine over the memory of the cohort bench, which is filled before and outlives it.

import type { CohortEngine } from '../../src/cohort/engine/cohort-engine.ts';
import { CountingEngine } from '../../src/cohort/engine/counting-engine.ts';
import { KeptClauses } from '../../src/cohort/engine/kept-clauses.ts';
import { KernelThreads } from '../../src/cohort/engine/kernel-threads.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';

/** @param keptClauses as many as the memory has places for, unless told */
export function engineOver(
  memory: EngineMemory,
  workers: number,
  keptClauses = memory.columns.kept.length,
): CohortEngine {
  return new CountingEngine({
    memory,
    threads: new KernelThreads(memory, workers),
    kept: new KeptClauses(memory, memory.columns.kept.slice(0, keptClauses)),
    moment: { sequence: 1, timeMs: 0 },
    full: false,
  });
}
