// A thread that counts: takes blocks by turns, runs the pass's programs on each and adds up.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import { BITMAP_BYTES, BLOCK_ROWS } from '../kernel/assembly/opcodes.ts';
import { type Kernel, type KernelMemory, openKernel } from '../kernel/kernel.ts';
import type { Pass, PassProgram, RowSet, Tally } from './pass.ts';

/** What a thread starts with; addresses in the shared memory. */
export interface ThreadData {
  readonly memory: KernelMemory;
  readonly scratch: number;
  readonly firstBlock: number;
  readonly blockBytes: number;
}

/** What a thread is asked: to count with the others, or to write rows of a pass's one program out
 * by itself. */
export type ThreadTask =
  | { readonly kind: 'count'; readonly pass: Pass }
  | { readonly kind: 'rows'; readonly pass: Pass; readonly after: number; readonly limit: number };

export type ThreadReply =
  | { readonly kind: 'counted'; readonly totals: readonly number[]; readonly cells: Uint32Array }
  | { readonly kind: 'rows'; readonly rows: Uint32Array }
  | { readonly kind: 'failed'; readonly message: string };

assert(parentPort !== null, 'this module is the script of a thread');
const port = parentPort;
const { memory, scratch, firstBlock, blockBytes } = workerData as ThreadData;
const kernel: Kernel = openKernel(memory);
kernel.prepare(scratch);
/** The number of the next block that no thread has taken. */
const nextBlock = new Int32Array(memory.buffer, 0, 1);

port.on('message', (task: ThreadTask) => {
  const reply = answer(task);
  port.postMessage(reply, reply.kind === 'counted' ? [reply.cells.buffer as ArrayBuffer] : []);
});

function answer(task: ThreadTask): ThreadReply {
  try {
    prepare(task.pass);
    return task.kind === 'count' ? count(task.pass) : findRows(task);
  } catch (error) {
    return { kind: 'failed', message: String(error) };
  }
}

function prepare({ image, histograms }: Pass): void {
  new Uint8Array(memory.buffer, scratch + image.at, image.bytes.length).set(image.bytes);
  new Uint32Array(memory.buffer, scratch + histograms.at, histograms.cells).fill(0);
}

function count({ blocks, step, programs, rowSets, histograms }: Pass): ThreadReply {
  const totals = programs.map(() => 0);
  for (let block = take() * step; block < blocks; block = take() * step) {
    for (const rowSet of rowSets) writeRowSet(rowSet, block);
    for (const [index, program] of programs.entries()) {
      const people = runProgram(program, block);
      if (people === 0) continue;
      totals[index] = (totals[index] ?? 0) + people;
      tallyAll(program.tallies, people, addressOf(block));
    }
  }
  const cells = new Uint32Array(memory.buffer, scratch + histograms.at, histograms.cells);
  return { kind: 'counted', totals, cells: Uint32Array.from(cells) };
}

function findRows({ pass, after, limit }: Extract<ThreadTask, { kind: 'rows' }>): ThreadReply {
  const into = scratch + pass.histograms.at;
  const pages: Uint32Array[] = [];
  let found = 0;
  for (let block = Math.floor(after / BLOCK_ROWS); block < pass.blocks; block += 1) {
    for (const rowSet of pass.rowSets) writeRowSet(rowSet, block);
    for (const program of pass.programs) runProgram(program, block);
    const length = kernel.rowsAfter(scratch, block * BLOCK_ROWS, after, into);
    const page = new Uint32Array(memory.buffer, into, Math.min(length, limit - found));
    pages.push(Uint32Array.from(page));
    found += page.length;
    if (found >= limit) break;
  }
  const rows = new Uint32Array(found);
  let at = 0;
  for (const page of pages) {
    rows.set(page, at);
    at += page.length;
  }
  return { kind: 'rows', rows };
}

function take(): number {
  return Atomics.add(nextBlock, 0, 1);
}

function addressOf(block: number): number {
  return firstBlock + block * blockBytes;
}

function runProgram({ at, instructions }: PassProgram, block: number): number {
  return kernel.run(scratch, scratch + at, instructions, addressOf(block));
}

/** Makes a block's part of a row set a bitmap. */
function writeRowSet({ at, rows }: RowSet, block: number): void {
  const bits = new Uint8Array(memory.buffer, scratch + at, BITMAP_BYTES).fill(0);
  const end = (block + 1) * BLOCK_ROWS;
  for (let index = firstFrom(rows, block * BLOCK_ROWS); index < rows.length; index += 1) {
    const row = rows[index] ?? end;
    if (row >= end) return;
    const bit = row % BLOCK_ROWS;
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
}

/** The place of the first row that is not before one. */
function firstFrom(rows: Uint32Array, row: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fills the histograms of register 0, as many in one walk over the people as the kernel can. */
function tallyAll(tallies: readonly Tally[], people: number, block: number): void {
  const single = tallies.filter((tally) => tally.kind === 'column');
  const crossed = tallies.filter((tally) => tally.kind === 'cross');
  while (single.length > 0 || crossed.length > 0) {
    const [one, two] = single.splice(0, 2);
    const [cross] = crossed.splice(0, 1);
    if (one !== undefined && two !== undefined && cross !== undefined) {
      kernel.tallyTwoAndCross(
        scratch,
        block + one.column,
        scratch + one.histogram,
        block + two.column,
        scratch + two.histogram,
        block + cross.rows,
        block + cross.columns,
        cross.width,
        scratch + cross.histogram,
      );
      continue;
    }
    if (one !== undefined) tallySingle(one, two, people, block);
    if (cross === undefined) continue;
    const { rows, columns, width, histogram } = cross;
    kernel.tallyCross(scratch, block + rows, block + columns, width, scratch + histogram);
  }
}

type ColumnTally = Extract<Tally, { kind: 'column' }>;

function tallySingle(
  one: ColumnTally,
  two: ColumnTally | undefined,
  people: number,
  block: number,
): void {
  const [column, histogram] = [block + one.column, scratch + one.histogram];
  if (two === undefined) {
    kernel.tally(scratch, people, column, histogram);
    return;
  }
  kernel.tallyTwo(scratch, column, histogram, block + two.column, scratch + two.histogram);
}
