// The door to the built cohort kernel (assembly/kernel.ts): its functions, over a shared memory.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Addresses are bytes from the memory's beginning; what the functions do stands in the kernel. */
export interface Kernel {
  run(scratch: number, program: number, instructions: number, block: number): number;
  prepare(scratch: number): void;
  tally(scratch: number, people: number, column: number, histogram: number): void;
  tallyTwo(
    scratch: number,
    column: number,
    histogram: number,
    otherColumn: number,
    otherHistogram: number,
  ): void;
  tallyCross(
    scratch: number,
    rows: number,
    columns: number,
    width: number,
    histogram: number,
  ): void;
  tallyTwoAndCross(
    scratch: number,
    column: number,
    histogram: number,
    otherColumn: number,
    otherHistogram: number,
    rows: number,
    columns: number,
    width: number,
    crossHistogram: number,
  ): void;
  rowsAfter(scratch: number, first: number, after: number, into: number): number;
}

/** Shared by all threads; grows, and never moves. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer;
  /** By so many pages of PAGE_BYTES. */
  grow(pages: number): number;
}

/** Bytes in which a memory grows. */
export const PAGE_BYTES = 65_536;
/** Pages that 32-bit addresses reach: 4 GiB. */
export const PAGES_MAX = 65_536;

// What is used of it; TypeScript has it with browsers' types alone.
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: KernelMemory } },
  ) => { readonly exports: unknown };
};

const file = join(import.meta.dirname, '../../../build/cohort/kernel.wasm');

/** An empty memory of so many pages, that can grow to so many. What is never touched costs
 * addresses only. */
export function createMemory(initial: number, maximum: number): KernelMemory {
  return new WebAssembly.Memory({ initial, maximum, shared: true });
}

/** The kernel over a memory. @throws when `npm run build` has not run */
export function openKernel(memory: KernelMemory): Kernel {
  const module = new WebAssembly.Module(readFileSync(file));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Kernel;
}
