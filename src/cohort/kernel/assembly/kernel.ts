// The cohort kernel, in AssemblyScript with SIMD: runs a small program over one block of 131,072
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
  LIST_AT,
  OR,
  RANGE_16,
  RANGE_8,
  SCRATCH_BITS,
  SET,
  SHUFFLE_BYTES,
  SHUFFLES_AT,
  STORE,
  TABLE_16,
} from './opcodes';

/** Words of 64 people; every loop over a block goes word by word. */
const WORD_ROWS: usize = 64;
/** Up to so many people of a block are asked one by one whether they are in a range. To read all
 * values in their order is faster for more: memory is best at that. */
const FEW_ROWS: u64 = 256;
/** The same for tables, which take longer to look up for everybody. */
const FEW_CODES: u64 = 8192;
/** Tables of more chunks are always looked up one by one. */
const CHUNKS_MAX: u32 = 8;

/**
 * Runs a program; what it leaves in register 0 is the answer.
 * @returns people in the answer
 */
export function run(scratch: usize, program: usize, instructions: u32, block: usize): u32 {
  const end = program + <usize>instructions * INSTRUCTION_BYTES;
  for (let at = program; at < end; at += INSTRUCTION_BYTES) step(scratch, at, block);
  let people: u64 = 0;
  for (let at = scratch; at < scratch + BITMAP_BYTES; at += 32) {
    people += popcnt(load<u64>(at)) + popcnt(load<u64>(at, 8));
    people += popcnt(load<u64>(at, 16)) + popcnt(load<u64>(at, 24));
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
  else if (opcode == RANGE_16) range<u16>(mode, target, block + operand, second, third);
  else if (opcode == RANGE_8) range<u8>(mode, target, block + operand, second, third);
  else if (opcode == TABLE_16) table(mode, target, block + operand, scratch + second, third);
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

/** Whether at most so many bits of a target can still change. */
function hasFewOpen(mode: i32, target: usize, most: u64): bool {
  let people: u64 = 0;
  for (let at = target; at < target + BITMAP_BYTES; at += 64) {
    for (let word = at; word < at + 64; word += 8) people += popcnt(openOf(mode, load<u64>(word)));
    if (people > most) return false;
  }
  return true;
}

/** Which bits of a word can still change. */
@inline
function openOf(mode: i32, word: u64): u64 {
  if (mode == SET) return u64.MAX_VALUE;
  return mode == OR ? ~word : word;
}

@inline
function combine(mode: i32, word: u64, found: u64): u64 {
  if (mode == SET) return found;
  if (mode == AND) return word & found;
  if (mode == AND_NOT) return word & ~found;
  return word | found;
}

/** Those whose value is at least `from`, by at most `more`. */
function range<Value>(mode: i32, target: usize, column: usize, from: u32, more: u32): void {
  if (hasFewOpen(mode, target, FEW_ROWS)) fewInRange<Value>(mode, target, column, from, more);
  else if (mode == AND) allInRange<Value>(AND, target, column, from, more);
  else if (mode == AND_NOT) allInRange<Value>(AND_NOT, target, column, from, more);
  else if (mode == OR) allInRange<Value>(OR, target, column, from, more);
  else allInRange<Value>(SET, target, column, from, more);
}

function fewInRange<Value>(mode: i32, target: usize, column: usize, from: u32, more: u32): void {
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS * sizeof<Value>()) {
    const word = load<u64>(target);
    let found: u64 = 0;
    for (let open = openOf(mode, word); open != 0; open &= open - 1) {
      const row = ctz(open);
      const value = <u32>load<Value>(column + <usize>row * sizeof<Value>());
      if (value - from <= more) found |= (<u64>1) << row;
    }
    store<u64>(target, combine(mode, word, found));
  }
}

/** One loop for each mode, which the compiler makes of a constant. */
@inline
function allInRange<Value>(mode: i32, target: usize, column: usize, from: u32, more: u32): void {
  const isWide = sizeof<Value>() == 2;
  const low = isWide ? v128.splat<i16>(<i16>from) : v128.splat<i8>(<i8>from);
  const span = isWide ? v128.splat<i16>(<i16>more) : v128.splat<i8>(<i8>more);
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS * sizeof<Value>()) {
    const found = within<Value>(column, low, span);
    store<u64>(target, combine(mode, load<u64>(target), found));
  }
}

/** 64 values: a bit for each that is in the range. */
@inline
function within<Value>(at: usize, low: v128, span: v128): u64 {
  const bytes = 16 * sizeof<Value>();
  return (
    sixteen<Value>(at, low, span) |
    (sixteen<Value>(at + bytes, low, span) << 16) |
    (sixteen<Value>(at + 2 * bytes, low, span) << 32) |
    (sixteen<Value>(at + 3 * bytes, low, span) << 48)
  );
}

/** Nothing is left of a value within the range when its span is taken away. */
@inline
function sixteen<Value>(at: usize, low: v128, span: v128): u64 {
  if (sizeof<Value>() == 1) {
    return zeros(v128.sub_sat<u8>(v128.sub<i8>(v128.load(at), low), span));
  }
  const first = v128.sub_sat<u16>(v128.sub<i16>(v128.load(at), low), span);
  const second = v128.sub_sat<u16>(v128.sub<i16>(v128.load(at, 16), low), span);
  return zeros(v128.narrow<i16>(first, second));
}

/** A bit for each of sixteen bytes that is zero. */
@inline
function zeros(bytes: v128): u64 {
  return <u64>(<u32>v128.bitmask<i8>(v128.eq<i8>(bytes, v128.splat<i8>(0))));
}

/** Those whose code is in a table. */
function table(mode: i32, target: usize, column: usize, codes: usize, chunks: u32): void {
  const isByOne = chunks > CHUNKS_MAX || hasFewOpen(mode, target, FEW_CODES);
  const end = target + BITMAP_BYTES;
  for (; target < end; target += 8, column += WORD_ROWS * 2) {
    const word = load<u64>(target);
    const found = isByOne
      ? lookUp(openOf(mode, word), column, codes)
      : lookUpChunks(column, codes, chunks);
    store<u64>(target, combine(mode, word, found));
  }
}

@inline
function lookUp(open: u64, column: usize, codes: usize): u64 {
  let found: u64 = 0;
  for (; open != 0; open &= open - 1) {
    const row = ctz(open);
    const code = <u32>load<u16>(column + (<usize>row << 1));
    found |= <u64>((load<u8>(codes + <usize>(code >> 3)) >> (code & 7)) & 1) << row;
  }
  return found;
}

/** Of 64 codes: a bit for each that is in one of a table's first chunks. */
@inline
function lookUpChunks(column: usize, codes: usize, chunks: u32): u64 {
  return thirtyTwo(column, codes, chunks) | (thirtyTwo(column + 64, codes, chunks) << 32);
}

/** Half of them, which is as many as fit the processor's registers. 16 bytes of the table at once
 * are looked up for all. */
@inline
function thirtyTwo(column: usize, codes: usize, chunks: u32): u64 {
  let byte0 = bytesOf(column);
  let byte1 = bytesOf(column + 32);
  let found0 = v128.splat<i8>(0);
  let found1 = found0;
  const step = v128.splat<i8>(16);
  for (let chunk: u32 = 0; chunk < chunks; chunk += 1) {
    const values = v128.load(codes + <usize>(chunk << 4));
    found0 = v128.or(found0, v128.swizzle(values, byte0));
    found1 = v128.or(found1, v128.swizzle(values, byte1));
    byte0 = v128.sub<i8>(byte0, step);
    byte1 = v128.sub<i8>(byte1, step);
  }
  return anyOf(found0, bitsOf(column)) | (anyOf(found1, bitsOf(column + 32)) << 16);
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
function bitsOf(column: usize): v128 {
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
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
function increment(histogram: usize, cell: u32): void {
  const at = histogram + (<usize>cell << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Writes the shuffles of a scratch memory, once before its first tally. */
export function prepare(scratch: usize): void {
  for (let choice: u32 = 0; choice < 256; choice += 1) {
    let at = scratch + SHUFFLES_AT + <usize>choice * SHUFFLE_BYTES;
    for (let row: u32 = 0; row < 8; row += 1) {
      if (((choice >> row) & 1) == 0) continue;
      store<u8>(at, row * 2);
      store<u8>(at, row * 2 + 1, 1);
      at += 2;
    }
  }
}

/** Adds the people of register 0 to the histogram of one code column. */
export function tally(scratch: usize, people: u32, column: usize, histogram: usize): void {
  listCodes(scratch, column);
  const list = scratch + LIST_AT;
  for (let at = list; at < list + (<usize>people << 1); at += 2) {
    increment(histogram, load<u16>(at));
  }
}

/** Lists the codes of the people of register 0: of eight at a time the wanted are moved together,
 * since a branch for each would often be guessed wrong. */
function listCodes(scratch: usize, column: usize): void {
  const shuffles = scratch + SHUFFLES_AT;
  const end = scratch + BITMAP_BYTES;
  let into = scratch + LIST_AT;
  for (let target = scratch; target < end; target += 4, column += 64) {
    const choice0 = <usize>load<u8>(target);
    const choice1 = <usize>load<u8>(target, 1);
    const choice2 = <usize>load<u8>(target, 2);
    const choice3 = <usize>load<u8>(target, 3);
    into = listEight(choice0, column, shuffles, into);
    into = listEight(choice1, column + 16, shuffles, into);
    into = listEight(choice2, column + 32, shuffles, into);
    into = listEight(choice3, column + 48, shuffles, into);
  }
}

/** @returns where the next are to be listed */
@inline
function listEight(choice: usize, column: usize, shuffles: usize, into: usize): usize {
  const shuffle = v128.load(shuffles + choice * SHUFFLE_BYTES);
  v128.store(into, v128.swizzle(v128.load(column), shuffle));
  return into + (popcnt(choice) << 1);
}

/** The same for two columns, in one walk over the people: one waits for memory while the other does
 * not. */
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
