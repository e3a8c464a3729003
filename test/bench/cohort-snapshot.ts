// Snapshots of the cohort bench's people: saved to the disk, and loaded from where that left them.

import assert from 'node:assert/strict';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import { openCohortEngine } from '../../src/cohort/engine/open-engine.ts';
import { createMemory, PAGE_BYTES } from '../../src/cohort/kernel/kernel.ts';
import { engineOver } from './cohort-engine.ts';
import type { BenchRow } from './row.ts';

const SAVE_MB_PER_SECOND = 500;
/** What the operating system gives out at a time. */
const OS_PAGE_BYTES = 4096;
const LOAD_MB_PER_SECOND = 1_000;
/** Where the machine itself is slower: at writing, or at giving out memory that nobody had. */
const SHARE = 0.7;

export async function snapshotRows(
  memory: EngineMemory,
  workers: number,
  file: string,
): Promise<BenchRow[]> {
  const rawRate = writeRaw(memory, `${file}.raw`);
  const freshRate = touchFresh(memory.blocks * memory.columns.savedBytes);
  const saving = engineOver(memory, workers);
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
  const bytes = statSync(file).size;
  return [savedRow(bytes, saveMs, rawRate), loadedRow(bytes, loadMs, freshRate)];
}

/** The same blocks written to the same disk with nothing done about them. @returns MB/s */
function writeRaw(memory: EngineMemory, file: string): number {
  const { savedBytes } = memory.columns;
  const startedAt = performance.now();
  const descriptor = openSync(file, 'w');
  for (let block = 0; block < memory.blocks; block += 1) {
    writeSync(descriptor, memory.block(block).bytes, 0, savedBytes);
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
  const ms = performance.now() - startedAt;
  rmSync(file);
  return megabytesPerSecond(memory.blocks * savedBytes, ms);
}

/** Writes a byte to every page of so much new memory, which is the least that loading does to it.
 * @returns MB/s */
function touchFresh(bytes: number): number {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const startedAt = performance.now();
  const fresh = new Uint8Array(createMemory(pages, pages).buffer);
  for (let at = 0; at < fresh.length; at += OS_PAGE_BYTES) fresh[at] = 1;
  return megabytesPerSecond(fresh.length, performance.now() - startedAt);
}

function megabytesPerSecond(bytes: number, ms: number): number {
  return bytes / 1_000 / ms;
}

function savedRow(bytes: number, ms: number, rawRate: number): BenchRow {
  const rate = megabytesPerSecond(bytes, ms);
  return {
    name: `cohort: snapshot of ${Math.round(bytes / 1e6)} MB saved`,
    median: rate,
    p99: null,
    unit: 'MB/s',
    peer: `raw writes ${rawRate.toFixed(0)}`,
    ratio: rate / rawRate,
    budget: `>= ${SAVE_MB_PER_SECOND} MB/s, or >= ${SHARE}x on a slower disk`,
    pass: rate >= SAVE_MB_PER_SECOND || rate >= rawRate * SHARE,
  };
}

function loadedRow(bytes: number, ms: number, freshRate: number): BenchRow {
  const rate = megabytesPerSecond(bytes, ms);
  return {
    name: `cohort: snapshot of ${Math.round(bytes / 1e6)} MB loaded`,
    median: rate,
    p99: null,
    unit: 'MB/s',
    peer: `fresh memory ${freshRate.toFixed(0)}`,
    ratio: rate / freshRate,
    budget: `>= ${LOAD_MB_PER_SECOND} MB/s, or >= ${SHARE}x of slower memory`,
    pass: rate >= LOAD_MB_PER_SECOND || rate >= freshRate * SHARE,
  };
}
