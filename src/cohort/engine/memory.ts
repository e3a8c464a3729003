// Where everybody's values lie: blocks of 131,072 people, each with all columns one after another,
// behind the threads' scratch memories. Written here by the main thread, between questions; read
// by the kernel, which is told addresses within a block.

import { assert } from '../../lib/assert.ts';
import { COHORT_KEPT_CLAUSES_MAX } from '../../limits.ts';
import { BITMAP_BYTES, BLOCK_ROWS } from '../kernel/assembly/opcodes.ts';
import { createMemory, type KernelMemory, PAGE_BYTES, PAGES_MAX } from '../kernel/kernel.ts';
import type { EngineLayout, EnginePerson } from './cohort-engine.ts';

/** Bytes of one thread's scratch memory: registers, tables, rows from outside, histograms. */
export const SCRATCH_BYTES = 32 * 1024 * 1024;

/** The first page holds what threads share beside the columns: the next block to be taken. */
const FIRST_SCRATCH = PAGE_BYTES;

/** Byte offsets within a block. */
export interface BlockColumns {
  readonly present: number;
  readonly bitmaps: ReadonlyMap<string, number>;
  readonly days: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
  readonly codes: ReadonlyMap<string, number>;
  /** Bitmaps that are worked out from columns; they come last and are not part of a snapshot. */
  readonly kept: readonly number[];
  /** Bytes before `kept`, and of all. */
  readonly savedBytes: number;
  readonly bytes: number;
}

/** Lays out a block. @param keptClauses how many clauses may be kept as bitmaps */
function blockColumns(layout: EngineLayout, keptClauses: number): BlockColumns {
  let next = 0;
  const place = (bytes: number) => {
    next += bytes;
    return next - bytes;
  };
  const column = (names: readonly string[], bytes: number) =>
    new Map(names.map((name) => [name, place(bytes)]));
  const saved = {
    present: place(BITMAP_BYTES),
    bitmaps: column(layout.bitmaps, BITMAP_BYTES),
    days: column(layout.days, BLOCK_ROWS * 2),
    counts: column(layout.counts, BLOCK_ROWS),
    codes: column(layout.codes, BLOCK_ROWS * 2),
  };
  const savedBytes = next;
  const kept = Array.from({ length: keptClauses }, () => place(BITMAP_BYTES));
  return { ...saved, savedBytes, kept, bytes: next };
}

/** How many rows so much memory holds, at least a block of them, kept clauses included. */
export function rowsWithin(memoryBytes: number, layout: EngineLayout): number {
  const { bytes } = blockColumns(layout, COHORT_KEPT_CLAUSES_MAX);
  // Row 0 is unused.
  return Math.max(1, Math.floor(memoryBytes / bytes)) * BLOCK_ROWS - 1;
}

/** One block, seen as bytes and as 16-bit words. */
export interface BlockView {
  readonly bytes: Uint8Array;
  readonly words: Uint16Array;
}

export class EngineMemory {
  readonly layout: EngineLayout;
  readonly columns: BlockColumns;
  readonly memory: KernelMemory;
  readonly bytesBound: number;
  readonly #firstBlock: number;
  readonly #blocks: BlockView[] = [];
  /** The columns as lists, which are gone through for every change. */
  readonly #bits: readonly number[];
  readonly #days: readonly (readonly [name: string, offset: number])[];
  readonly #counts: readonly (readonly [name: string, offset: number])[];
  readonly #codes: readonly (readonly [name: string, offset: number])[];
  /** Highest code ever held, by column. */
  readonly #highest: Map<string, number>;

  /** @throws RangeError when so many rows of this layout have no place in 4 GiB */
  constructor(layout: EngineLayout, threads: number, keptClauses: number) {
    this.layout = layout;
    this.columns = blockColumns(layout, keptClauses);
    const { present, bitmaps, days, counts, codes } = this.columns;
    this.#bits = [present, ...bitmaps.values()];
    this.#days = [...days];
    this.#counts = [...counts];
    this.#codes = [...codes];
    this.#firstBlock = FIRST_SCRATCH + threads * SCRATCH_BYTES;
    const bytes = this.#firstBlock + blocksOf(layout.maxRows) * this.columns.bytes;
    const pages = Math.ceil(bytes / PAGE_BYTES);
    if (pages > PAGES_MAX) {
      throw new RangeError(`${layout.maxRows} people need ${bytes} bytes, and 4 GiB is the most`);
    }
    this.bytesBound = pages * PAGE_BYTES;
    this.memory = createMemory(this.#firstBlock / PAGE_BYTES, pages);
    this.#highest = new Map(layout.codes.map((name) => [name, 0]));
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  get blocks(): number {
    return this.#blocks.length;
  }

  scratch(thread: number): number {
    return FIRST_SCRATCH + thread * SCRATCH_BYTES;
  }

  blockAddress(block: number): number {
    return this.#firstBlock + block * this.columns.bytes;
  }

  /** A block that is reached. */
  block(block: number): BlockView {
    const view = this.#blocks[block];
    assert(view !== undefined, `block ${block} is reached`);
    return view;
  }

  /** A code column's highest code + 1. */
  size(column: string): number {
    return (this.#highest.get(column) ?? 0) + 1;
  }

  /** Highest code ever held, by code column. */
  highestCodes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#highest);
  }

  /** Makes room for blocks up to a row's. */
  reach(row: number): void {
    while (this.#blocks.length < blocksOf(row)) {
      const start = this.blockAddress(this.#blocks.length);
      const end = start + this.columns.bytes;
      const missing = Math.ceil((end - this.bytes) / PAGE_BYTES);
      if (missing > 0) this.memory.grow(missing);
      const { buffer } = this.memory;
      this.#blocks.push({
        bytes: new Uint8Array(buffer, start, this.columns.bytes),
        words: new Uint16Array(buffer, start, this.columns.bytes / 2),
      });
    }
  }

  /** @throws when a name or a value has no place in the layout */
  check(person: EnginePerson): void {
    const { bitmaps, days, counts, codes } = this.columns;
    for (const name of person.bitmaps) assert(bitmaps.has(name), `${name} is a bitmap`);
    checkColumn(person.days, days, 0xffff);
    checkColumn(person.counts, counts, 0xff);
    checkColumn(person.codes, codes, 0xffff);
  }

  /** Puts a checked person in a row that is reached. */
  write(person: EnginePerson): void {
    const { bytes, words } = this.#view(person.row);
    const at = person.row % BLOCK_ROWS;
    this.#clearBits(bytes, at);
    setBit(bytes, this.columns.present, at);
    for (const name of person.bitmaps) setBit(bytes, this.columns.bitmaps.get(name) ?? 0, at);
    for (const [name, offset] of this.#days) words[offset / 2 + at] = person.days[name] ?? 0;
    for (const [name, offset] of this.#counts) bytes[offset + at] = person.counts[name] ?? 0;
    for (const [name, offset] of this.#codes) {
      const code = person.codes[name] ?? 0;
      words[offset / 2 + at] = code;
      this.raise(name, code);
    }
  }

  /** Empties a row. */
  remove(row: number): void {
    if (blocksOf(row) > this.#blocks.length) return;
    this.write({ row, bitmaps: [], days: {}, counts: {}, codes: {} });
    const { bytes } = this.#view(row);
    this.#clearBits(bytes, row % BLOCK_ROWS);
  }

  isPresent(row: number): boolean {
    if (row < 1 || blocksOf(row) > this.#blocks.length) return false;
    return hasBit(this.#view(row).bytes, this.columns.present, row % BLOCK_ROWS);
  }

  /** What a row holds; undefined when nobody. */
  read(row: number): EnginePerson | undefined {
    if (!this.isPresent(row)) return undefined;
    const { bytes, words } = this.#view(row);
    const at = row % BLOCK_ROWS;
    const values = (columns: ReadonlyMap<string, number>, valueAt: (offset: number) => number) =>
      Object.fromEntries(
        [...columns]
          .map(([name, offset]) => [name, valueAt(offset)] as const)
          .filter(([, value]) => value > 0),
      );
    const word = (offset: number) => words[offset / 2 + at] ?? 0;
    return {
      row,
      bitmaps: this.layout.bitmaps.filter((name) =>
        hasBit(bytes, this.columns.bitmaps.get(name) ?? 0, at),
      ),
      days: values(this.columns.days, word),
      counts: values(this.columns.counts, (offset) => bytes[offset + at] ?? 0),
      codes: values(this.columns.codes, word),
    };
  }

  /** A 16-bit value by its column's offset. */
  word(row: number, offset: number): number {
    return this.#view(row).words[offset / 2 + (row % BLOCK_ROWS)] ?? 0;
  }

  /** An 8-bit value by its column's offset. */
  byte(row: number, offset: number): number {
    return this.#view(row).bytes[offset + (row % BLOCK_ROWS)] ?? 0;
  }

  /** Sets or clears a row's bit in a bitmap by its offset. */
  writeBit(row: number, offset: number, isSet: boolean): void {
    const { bytes } = this.#view(row);
    if (isSet) setBit(bytes, offset, row % BLOCK_ROWS);
    else clearBit(bytes, offset, row % BLOCK_ROWS);
  }

  /** Says that a column may hold codes up to one. */
  raise(column: string, code: number): void {
    if (code > (this.#highest.get(column) ?? 0)) this.#highest.set(column, code);
  }

  #clearBits(bytes: Uint8Array, at: number): void {
    for (const offset of this.#bits) clearBit(bytes, offset, at);
  }

  #view(row: number): BlockView {
    return this.block(Math.floor(row / BLOCK_ROWS));
  }
}

/** Blocks that hold the rows up to one. */
export function blocksOf(row: number): number {
  return Math.floor(row / BLOCK_ROWS) + 1;
}

function checkColumn(
  values: Readonly<Record<string, number>>,
  columns: ReadonlyMap<string, number>,
  highest: number,
): void {
  for (const [name, value] of Object.entries(values)) {
    assert(columns.has(name), `${name} is a column`);
    const isWithin = Number.isInteger(value) && value >= 0 && value <= highest;
    assert(isWithin, `${value} has a place in ${name}`);
  }
}

function setBit(bytes: Uint8Array, offset: number, at: number): void {
  const index = offset + (at >> 3);
  bytes[index] = (bytes[index] ?? 0) | (1 << (at & 7));
}

function clearBit(bytes: Uint8Array, offset: number, at: number): void {
  const index = offset + (at >> 3);
  bytes[index] = (bytes[index] ?? 0) & ~(1 << (at & 7));
}

function hasBit(bytes: Uint8Array, offset: number, at: number): boolean {
  return ((bytes[offset + (at >> 3)] ?? 0) & (1 << (at & 7))) !== 0;
}
