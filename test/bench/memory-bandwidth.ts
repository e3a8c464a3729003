// How fast this machine reads memory with the threads that count: programs that do nothing but read
// every byte of every block once. The kernel has several ways of reading, and the fastest counts.

import { KernelThreads } from '../../src/cohort/engine/kernel-threads.ts';
import type { EngineMemory } from '../../src/cohort/engine/memory.ts';
import type { Pass } from '../../src/cohort/engine/pass.ts';
import {
  BITMAP_BYTES,
  BLOCK_ROWS,
  COLUMN_BITS,
  OR,
  PROGRAMS_AT,
  RANGE_16,
  SET,
} from '../../src/cohort/kernel/assembly/opcodes.ts';
import { median } from './row.ts';

interface Reading {
  readonly pass: Pass;
  readonly bytes: number;
}

/** Reads all blocks again and again. */
export class MemoryReader {
  readonly #readings: readonly Reading[];
  readonly #threads: KernelThreads;

  constructor(memory: EngineMemory, workers: number) {
    this.#readings = [
      reading(memory, BITMAP_BYTES, (at) => [COLUMN_BITS, OR, 0, at, 0, 0]),
      reading(memory, BITMAP_BYTES, (at) => [COLUMN_BITS, SET, 0, at, 0, 0]),
      reading(memory, BLOCK_ROWS * 2, (at) => [RANGE_16, SET, 0, at, 1, 2]),
    ];
    this.#threads = new KernelThreads(memory, workers);
  }

  /** @returns bytes a second, the median of so many runs in the fastest way */
  async measure(runs: number): Promise<number> {
    const rates: number[] = [];
    for (const each of this.#readings) rates.push(await this.#rate(each, runs));
    return Math.max(...rates);
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }

  async #rate({ pass, bytes }: Reading, runs: number): Promise<number> {
    const rates: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const startedAt = performance.now();
      await this.#threads.count(pass);
      rates.push((bytes * 1_000) / (performance.now() - startedAt));
    }
    return median(rates);
  }
}

/** A pass that reads blocks slice by slice. */
function reading(
  memory: EngineMemory,
  sliceBytes: number,
  instruction: (at: number) => readonly number[],
): Reading {
  const slices = Math.floor(memory.columns.savedBytes / sliceBytes);
  const instructions = Array.from({ length: slices }, (_, slice) =>
    instruction(slice * sliceBytes),
  );
  const bytes = new Uint8Array(Int32Array.from(instructions.flat()).buffer);
  const pass: Pass = {
    blocks: memory.blocks,
    step: 1,
    image: { at: PROGRAMS_AT, bytes },
    rowSets: [],
    programs: [{ at: PROGRAMS_AT, instructions: slices, tallies: [] }],
    histograms: { at: PROGRAMS_AT + bytes.length, cells: 0 },
  };
  return { pass, bytes: memory.blocks * slices * sliceBytes };
}
