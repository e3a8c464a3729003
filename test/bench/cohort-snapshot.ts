// Snapshots of the cohort bench's people: saved to the disk, and loaded from where that left them.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { KeptClauses } from '../../src/cohort/engine/kept-clauses.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import { openCohortEngine, startEngine } from '../../src/cohort/engine/open-engine.ts';
import type { BenchRow } from './row.ts';

const SAVE_MB_PER_SECOND = 500;
const LOAD_MB_PER_SECOND = 1_000;

export async function snapshotRows(
  memory: EngineMemory,
  workers: number,
  file: string,
): Promise<BenchRow[]> {
  const state = { moment: { sequence: 7, timeMs: 0 }, full: false };
  const saving = startEngine(memory, { workers, kept: new KeptClauses(memory), ...state });
  const savedAt = performance.now();
  await saving.save(file);
  const saveMs = performance.now() - savedAt;
  const [saved] = await saving.run([{ kind: 'all' }], [[{ columns: ['home'] }]]);
  await saving.close();
  const openedAt = performance.now();
  const { layout } = memory;
  const { engine, snapshot } = await openCohortEngine({ layout, workers, snapshotFile: file });
  const loadMs = performance.now() - openedAt;
  assert.equal(snapshot, 'loaded');
  const [loaded] = await engine.run([{ kind: 'all' }], [[{ columns: ['home'] }]]);
  assert.deepEqual(loaded, saved);
  await engine.close();
  const megabytes = statSync(file).size / 1e6;
  return [
    rateRow('saved', megabytes / (saveMs / 1_000), SAVE_MB_PER_SECOND, megabytes),
    rateRow('loaded', megabytes / (loadMs / 1_000), LOAD_MB_PER_SECOND, megabytes),
  ];
}

function rateRow(what: string, rate: number, least: number, megabytes: number): BenchRow {
  return {
    name: `cohort: snapshot of ${megabytes.toFixed(0)} MB ${what}`,
    median: rate,
    p99: null,
    unit: 'MB/s',
    peer: null,
    ratio: null,
    budget: `>= ${least} MB/s`,
    pass: rate >= least,
  };
}
