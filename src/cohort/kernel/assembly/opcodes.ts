// The words of the kernel's programs, read by both sides: AssemblyScript compiles this file into
// the kernel, Node runs it as it is.

/** People in one block: a bitmap of one is 16 KiB and stays in a core's fastest cache, a column is
 * long enough for memory to be read in one go. */
export const BLOCK_ROWS = 131072;
export const BITMAP_BYTES = 16384;

/** Registers of a thread, with which its scratch memory begins: one more for each level of an
 * expression. */
export const REGISTERS_MAX = 64;
/** Behind the registers: how the wanted of eight codes are moved together, by which they are. */
export const SHUFFLES_AT = REGISTERS_MAX * BITMAP_BYTES;
export const SHUFFLE_BYTES = 16;
/** Behind the shuffles: a list of as many codes as a block has, with room for eight more. */
export const LIST_AT = SHUFFLES_AT + 256 * SHUFFLE_BYTES;
/** Behind the list, where programs may lie. */
export const PROGRAMS_AT = LIST_AT + BLOCK_ROWS * 2 + 16;

/** Bytes of an instruction: six 32-bit numbers, which are opcode, mode, target register, and three
 * operands. */
export const INSTRUCTION_BYTES = 24;

/** Nobody is left in the target, whatever the mode. */
export const CLEAR = 0;
/** A bitmap of the block, at an offset. */
export const COLUMN_BITS = 1;
/** A bitmap of the scratch memory, at an offset: another register, or rows from outside. */
export const SCRATCH_BITS = 2;
/** 16-bit column at an offset, at least the second operand, by at most the third more. */
export const RANGE_16 = 3;
/** The same of an 8-bit column. */
export const RANGE_8 = 4;
/** 16-bit column at an offset, by a table of 65,536 bits at an offset in the scratch memory, of
 * which the first chunks hold all codes: the third operand says how many. */
export const TABLE_16 = 5;
/** Codes of a chunk; a whole table has 512 chunks. */
export const CHUNK_CODES = 128;
/** Writes the target into a bitmap of the block, at an offset. */
export const STORE = 6;

/** How an instruction's bits meet those of its target. */
export const SET = 0;
export const AND = 1;
export const AND_NOT = 2;
export const OR = 3;
