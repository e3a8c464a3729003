// How fast this machine reads memory with the threads that count: a program that does nothing but
// read every byte of every block once, which is the least that can be done with it.

import { KernelThreads } from '../../src/cohort/engine/kernel-threads.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import type { Pass } from '../../src/cohort/engine/pass.ts';
import {
  BITMAP_BYTES,
  COLUMN_BITS,
  OR,
  PROGRAMS_AT,
} from '../../src/cohort/kernel/assembly/opcodes.ts';
import { median } from './row.ts';

/** Reads all blocks again and again. */
export class MemoryReader {
  readonly #pass: Pass;
  readonly #bytes: number;
  readonly #threads: KernelThreads;

  constructor(memory: EngineMemory, workers: number) {
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
    const at = PROGRAMS_AT;
    const bytes = new Uint8Array(instructions.buffer);
    this.#pass = {
      blocks: memory.blocks,
      step: 1,
      image: { at, bytes },
      rowSets: [],
      programs: [{ at, instructions: slices, tallies: [] }],
      histograms: { at: at + bytes.length, cells: 0 },
    };
    this.#bytes = memory.blocks * slices * BITMAP_BYTES;
    this.#threads = new KernelThreads(memory, workers);
  }

  /** @returns bytes a second, the median of so many runs */
  async measure(runs: number): Promise<number> {
    const rates: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const startedAt = performance.now();
      await this.#threads.count(this.#pass);
      rates.push((this.#bytes * 1_000) / (performance.now() - startedAt));
    }
    return median(rates);
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }
}
