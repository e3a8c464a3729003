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
  SHORT_TABLE_16,
  STORE,
  TABLE_16,
} from './opcodes';

/** Words of 64 people; every loop over a block goes word by word. */
const WORD_ROWS: usize = 64;
/** Where nobody is left of so many people, a column is not read. */
const STRIDE_ROWS: usize = 256;
const STRIDE_BYTES: usize = 32;
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
  else if (opcode == SHORT_TABLE_16) {
    shortTable16(mode, target, block + operand, scratch + second, third);
  } else if (opcode == STORE) memory.copy(block + operand, target, BITMAP_BYTES);
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

/** Whether no bit of a stride can change any more. One word at a time would be asked often enough
 * with either answer to cost more than it saves. */
@inline
function isDecided(mode: i32, target: usize): bool {
  if (mode == SET) return false;
  const none =
    load<u64>(target) | load<u64>(target, 8) | load<u64>(target, 16) | load<u64>(target, 24);
  if (mode != OR) return none == 0;
  const all =
    load<u64>(target) & load<u64>(target, 8) & load<u64>(target, 16) & load<u64>(target, 24);
  return all == u64.MAX_VALUE;
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
  for (; target < end; target += STRIDE_BYTES, column += STRIDE_ROWS * 2) {
    if (isDecided(mode, target)) continue;
    let at = column;
    for (let place = target; place < target + STRIDE_BYTES; place += 8, at += WORD_ROWS * 2) {
      const found =
        within16(at, low, span) |
        (within16(at + 32, low, span) << 16) |
        (within16(at + 64, low, span) << 32) |
        (within16(at + 96, low, span) << 48);
      store<u64>(place, combine(mode, load<u64>(place), found));
    }
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
  for (; target < end; target += STRIDE_BYTES, column += STRIDE_ROWS) {
    if (isDecided(mode, target)) continue;
    let at = column;
    for (let place = target; place < target + STRIDE_BYTES; place += 8, at += WORD_ROWS) {
      const found =
        within8(at, low, span) |
        (within8(at + 16, low, span) << 16) |
        (within8(at + 32, low, span) << 32) |
        (within8(at + 48, low, span) << 48);
      store<u64>(place, combine(mode, load<u64>(place), found));
    }
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
    const open = mode == SET ? u64.MAX_VALUE : mode == OR ? ~word : word;
    if (open == 0) continue;
    const isDense = popcnt(open) >= DENSE_ROWS;
    const found = isDense ? lookUpAll(column, table) : lookUp(open, column, table);
    store<u64>(target, combine(mode, word, found));
  }
}

/** The same where no code beyond `chunks` times 128 is in the table: 16 bytes of the table at once
 * are looked up for 64 people. */
function shortTable16(mode: i32, target: usize, column: usize, table: usize, chunks: u32): void {
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const end = target + BITMAP_BYTES;
  for (; target < end; target += STRIDE_BYTES, column += STRIDE_ROWS * 2) {
    if (isDecided(mode, target)) continue;
    let at = column;
    for (let place = target; place < target + STRIDE_BYTES; place += 8, at += WORD_ROWS * 2) {
      const found = lookUpChunks(at, table, chunks, bits);
      store<u64>(place, combine(mode, load<u64>(place), found));
    }
  }
}

@inline
function lookUpChunks(column: usize, table: usize, chunks: u32, bits: v128): u64 {
  let byte0 = bytesOf(column);
  let byte1 = bytesOf(column + 32);
  let byte2 = bytesOf(column + 64);
  let byte3 = bytesOf(column + 96);
  let found0 = v128.splat<i8>(0);
  let found1 = found0;
  let found2 = found0;
  let found3 = found0;
  const step = v128.splat<i8>(16);
  for (let chunk: u32 = 0; chunk < chunks; chunk += 1) {
    const values = v128.load(table + <usize>(chunk << 4));
    found0 = v128.or(found0, v128.swizzle(values, byte0));
    found1 = v128.or(found1, v128.swizzle(values, byte1));
    found2 = v128.or(found2, v128.swizzle(values, byte2));
    found3 = v128.or(found3, v128.swizzle(values, byte3));
    byte0 = v128.sub<i8>(byte0, step);
    byte1 = v128.sub<i8>(byte1, step);
    byte2 = v128.sub<i8>(byte2, step);
    byte3 = v128.sub<i8>(byte3, step);
  }
  return (
    anyOf(found0, bitsOf(column, bits)) |
    (anyOf(found1, bitsOf(column + 32, bits)) << 16) |
    (anyOf(found2, bitsOf(column + 64, bits)) << 32) |
    (anyOf(found3, bitsOf(column + 96, bits)) << 48)
  );
}

/** Which byte of a table sixteen codes are in; 255 for those far beyond it. */
@inline
function bytesOf(column: usize): v128 {
  const first = v128.shr<u16>(v128.load(column), 3);
  const second = v128.shr<u16>(v128.load(column, 16), 3);
  return v128.narrow<u16>(first, second);
}

/** Which bit of its byte each of sixteen codes is. */
@inline
function bitsOf(column: usize, bits: v128): v128 {
  const seven = v128.splat<i16>(7);
  const first = v128.and(v128.load(column), seven);
  const second = v128.and(v128.load(column, 16), seven);
  return v128.swizzle(bits, v128.narrow<u16>(first, second));
}

@inline
function anyOf(found: v128, bit: v128): u64 {
  return <u64>(<u32>v128.bitmask<i8>(v128.eq<i8>(v128.and(found, bit), bit)));
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
