// The cohort kernel, in AssemblyScript with SIMD: runs a small program over one block of 65,536
// people and counts who is left. Everything lies in one shared memory: `block` is where the
// block's columns begin, `scratch` where this thread's registers, tables and histograms do.

import {
  AND,
  AND_NOT,
  BITMAP_BYTES,
  BLOCK_ROWS,
  CLEAR,
  COLUMN_BITS,
  INSTRUCTION_BYTES,
  OR,
  RANGE_16,
  RANGE_8,
  SCRATCH_BITS,
  SET,
  STORE,
  TABLE_16,
} from './opcodes';

/** Words of 64 people; every loop over a block goes word by word. */
const WORD_ROWS: usize = 64;
/** From here on a whole word is looked up without asking who is in it. */
const DENSE_ROWS: u64 = 24;

/**
 * Runs a program; what it leaves in register 0 is the answer.
 * @returns people in the answer
 */
export function run(scratch: usize, program: usize, instructions: u32, block: usize): u32 {
  const end = program + <usize>instructions * INSTRUCTION_BYTES;
  for (let at = program; at < end; at += INSTRUCTION_BYTES) step(scratch, at, block);
  let people: u64 = 0;
  for (let at: usize = 0; at < <usize>BITMAP_BYTES; at += 8) {
    people += popcnt(load<u64>(scratch + at));
  }
  return <u32>people;
}

function step(scratch: usize, at: usize, block: usize): void {
  const opcode = load<i32>(at);
  const mode = load<i32>(at, 4);
  const target = scratch + <usize>load<u32>(at, 8) * BITMAP_BYTES;
  const operand = <usize>load<u32>(at, 12);
  const second = load<u32>(at, 16);
  const third = load<u32>(at, 20);
  if (opcode == CLEAR) memory.fill(target, 0, BITMAP_BYTES);
  else if (opcode == COLUMN_BITS) combineBits(mode, target, block + operand);
  else if (opcode == SCRATCH_BITS) combineBits(mode, target, scratch + operand);
  else if (opcode == RANGE_16) range16(mode, target, block + operand, second, third);
  else if (opcode == RANGE_8) range8(mode, target, block + operand, second, third);
  else if (opcode == TABLE_16) table16(mode, target, block + operand, scratch + second);
  else if (opcode == STORE) memory.copy(block + operand, target, BITMAP_BYTES);
  else unreachable();
}

function combineBits(mode: i32, target: usize, source: usize): void {
  const end = target + BITMAP_BYTES;
  if (mode == SET) {
    memory.copy(target, source, BITMAP_BYTES);
  } else if (mode == AND) {
    for (; target < end; target += 16, source += 16) {
      v128.store(target, v128.and(v128.load(target), v128.load(source)));
    }
  } else if (mode == AND_NOT) {
    for (; target < end; target += 16, source += 16) {
      v128.store(target, v128.andnot(v128.load(target), v128.load(source)));
    }
  } else {
    for (; target < end; target += 16, source += 16) {
      v128.store(target, v128.or(v128.load(target), v128.load(source)));
    }
  }
}

/** Whether no bit of a word can change any more. */
@inline
function isDecided(mode: i32, word: u64): bool {
  if (mode == SET) return false;
  return mode == OR ? word == u64.MAX_VALUE : word == 0;
}

@inline
function combine(mode: i32, word: u64, found: u64): u64 {
  if (mode == SET) return found;
  if (mode == AND) return word & found;
  if (mode == AND_NOT) return word & ~found;
  return word | found;
}

function range16(mode: i32, target: usize, column: usize, from: u32, more: u32): void {
  const low = v128.splat<i16>(<i16>from);
  const span = v128.splat<i16>(<i16>more);
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS * 2) {
    const word = load<u64>(target);
    if (isDecided(mode, word)) continue;
    const found =
      within16(column, low, span) |
      (within16(column + 32, low, span) << 16) |
      (within16(column + 64, low, span) << 32) |
      (within16(column + 96, low, span) << 48);
    store<u64>(target, combine(mode, word, found));
  }
}

/** Sixteen 16-bit values: a bit for each that is in the range. */
@inline
function within16(at: usize, low: v128, span: v128): u64 {
  const first = v128.le<u16>(v128.sub<i16>(v128.load(at), low), span);
  const second = v128.le<u16>(v128.sub<i16>(v128.load(at, 16), low), span);
  return <u64>(<u32>v128.bitmask<i8>(v128.narrow<i16>(first, second)));
}

function range8(mode: i32, target: usize, column: usize, from: u32, more: u32): void {
  const low = v128.splat<i8>(<i8>from);
  const span = v128.splat<i8>(<i8>more);
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS) {
    const word = load<u64>(target);
    if (isDecided(mode, word)) continue;
    const found =
      within8(column, low, span) |
      (within8(column + 16, low, span) << 16) |
      (within8(column + 32, low, span) << 32) |
      (within8(column + 48, low, span) << 48);
    store<u64>(target, combine(mode, word, found));
  }
}

/** Sixteen 8-bit values: a bit for each that is in the range. */
@inline
function within8(at: usize, low: v128, span: v128): u64 {
  const inside = v128.le<u8>(v128.sub<i8>(v128.load(at), low), span);
  return <u64>(<u32>v128.bitmask<i8>(inside));
}

function table16(mode: i32, target: usize, column: usize, table: usize): void {
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS * 2) {
    const word = load<u64>(target);
    if (isDecided(mode, word)) continue;
    const open = mode == SET ? u64.MAX_VALUE : mode == OR ? ~word : word;
    const isDense = popcnt(open) >= DENSE_ROWS;
    const found = isDense ? lookUpAll(column, table) : lookUp(open, column, table);
    store<u64>(target, combine(mode, word, found));
  }
}

@inline
function isInTable(value: u32, table: usize): u64 {
  return (load<u8>(table + <usize>(value >> 3)) >> (value & 7)) & 1;
}

function lookUpAll(column: usize, table: usize): u64 {
  let found: u64 = 0;
  for (let row: usize = 0; row < WORD_ROWS; row += 4) {
    const at = column + row * 2;
    const four =
      isInTable(load<u16>(at), table) |
      (isInTable(load<u16>(at, 2), table) << 1) |
      (isInTable(load<u16>(at, 4), table) << 2) |
      (isInTable(load<u16>(at, 6), table) << 3);
    found |= four << row;
  }
  return found;
}

function lookUp(open: u64, column: usize, table: usize): u64 {
  let found: u64 = 0;
  for (; open != 0; open &= open - 1) {
    const row = ctz(open);
    found |= isInTable(load<u16>(column + (<usize>row << 1)), table) << row;
  }
  return found;
}

@inline
function increment(histogram: usize, cell: u32): void {
  const at = histogram + (<usize>cell << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Adds the people of register 0 to the histogram of one code column. */
export function tally(scratch: usize, column: usize, histogram: usize): void {
  const end = scratch + BITMAP_BYTES;
  for (let target = scratch; target < end; target += 8, column += WORD_ROWS * 2) {
    for (let word = load<u64>(target); word != 0; word &= word - 1) {
      increment(histogram, load<u16>(column + (<usize>ctz(word) << 1)));
    }
  }
}

/** The same for two columns, in one walk over the people. */
export function tallyTwo(
  scratch: usize,
  column: usize,
  histogram: usize,
  otherColumn: usize,
  otherHistogram: usize,
): void {
  const end = scratch + BITMAP_BYTES;
  for (let target = scratch, first: usize = 0; target < end; target += 8, first += 128) {
    for (let word = load<u64>(target); word != 0; word &= word - 1) {
      const at = first + (<usize>ctz(word) << 1);
      increment(histogram, load<u16>(column + at));
      increment(otherHistogram, load<u16>(otherColumn + at));
    }
  }
}

/** Adds the people of register 0 to the histogram of two columns crossed, row-major. */
export function tallyCross(
  scratch: usize,
  rows: usize,
  columns: usize,
  width: u32,
  histogram: usize,
): void {
  const end = scratch + BITMAP_BYTES;
  for (let target = scratch, first: usize = 0; target < end; target += 8, first += 128) {
    for (let word = load<u64>(target); word != 0; word &= word - 1) {
      const at = first + (<usize>ctz(word) << 1);
      increment(histogram, <u32>load<u16>(rows + at) * width + load<u16>(columns + at));
    }
  }
}

/** Two columns and a cross of two more, in one walk over the people. */
export function tallyTwoAndCross(
  scratch: usize,
  column: usize,
  histogram: usize,
  otherColumn: usize,
  otherHistogram: usize,
  rows: usize,
  columns: usize,
  width: u32,
  crossHistogram: usize,
): void {
  const end = scratch + BITMAP_BYTES;
  for (let target = scratch, first: usize = 0; target < end; target += 8, first += 128) {
    for (let word = load<u64>(target); word != 0; word &= word - 1) {
      const at = first + (<usize>ctz(word) << 1);
      increment(histogram, load<u16>(column + at));
      increment(otherHistogram, load<u16>(otherColumn + at));
      increment(crossHistogram, <u32>load<u16>(rows + at) * width + load<u16>(columns + at));
    }
  }
}

/**
 * Writes the rows of register 0 that come after one, ascending, as 32-bit numbers.
 * @param first row of the block's first bit
 * @returns how many
 */
export function rowsAfter(scratch: usize, first: u32, after: u32, into: usize): u32 {
  let count: u32 = 0;
  for (let at: u32 = 0; at < <u32>BLOCK_ROWS / 64; at += 1) {
    for (let word = load<u64>(scratch + <usize>(at << 3)); word != 0; word &= word - 1) {
      const row = first + (at << 6) + <u32>ctz(word);
      if (row <= after) continue;
      store<u32>(into + (<usize>count << 2), row);
      count += 1;
    }
  }
  return count;
}
