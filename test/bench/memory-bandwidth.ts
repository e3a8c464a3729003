// How fast this machine reads memory with the threads that count: a program that does nothing but
// read every byte of every block once, which is the least that can be done with it.

import { KernelThreads } from '../../src/cohort/engine/kernel-threads.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import type { Pass } from '../../src/cohort/engine/pass.ts';
import { REGISTERS_MAX } from '../../src/cohort/engine/program.ts';
import { BITMAP_BYTES, COLUMN_BITS, OR } from '../../src/cohort/kernel/assembly/opcodes.ts';
import { median } from './row.ts';

const RUNS = 15;

/** @returns bytes a second, the median of the runs */
export async function measureBandwidth(memory: EngineMemory, workers: number): Promise<number> {
  const slices = Math.floor(memory.columns.savedBytes / BITMAP_BYTES);
  const instructions = Int32Array.from(
    Array.from({ length: slices }, (_, slice) => [
      COLUMN_BITS,
      OR,
      0,
      slice * BITMAP_BYTES,
      0,
      0,
    ]).flat(),
  );
  const at = REGISTERS_MAX * BITMAP_BYTES;
  const bytes = new Uint8Array(instructions.buffer);
  const pass: Pass = {
    blocks: memory.blocks,
    image: { at, bytes },
    rowSets: [],
    programs: [{ at, instructions: slices, tallies: [] }],
    histograms: { at: at + bytes.length, cells: 0 },
  };
  const threads = new KernelThreads(memory, workers);
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    await threads.count(pass);
    const seconds = (performance.now() - startedAt) / 1_000;
    rates.push((memory.blocks * slices * BITMAP_BYTES) / seconds);
  }
  await threads.close();
  return median(rates);
}
