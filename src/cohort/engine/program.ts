// Compiles an expression to the kernel's instructions. Register 0 starts as everybody present and
// only loses people, so that what bitmaps and columns hold of empty rows never shows. What reads
// least comes first: a range skips 256 people at once when none of them is left.

import { assert, unreachable } from '../../lib/assert.ts';
import {
  AND,
  AND_NOT,
  BITMAP_BYTES,
  CHUNK_CODES,
  CLEAR,
  COLUMN_BITS,
  OR,
  RANGE_8,
  RANGE_16,
  REGISTERS_MAX,
  SCRATCH_BITS,
  SET,
  STORE,
  TABLE_16,
} from '../kernel/assembly/opcodes.ts';
import { type Clause, type ColumnExpression, toClause } from './clause.ts';
import type { EngineExpression } from './cohort-engine.ts';
import type { KeptClauses } from './kept-clauses.ts';
import type { BlockColumns } from './memory.ts';

type Mode = typeof SET | typeof AND | typeof AND_NOT | typeof OR;

/** Where a program's tables and its rows from outside will lie: offsets in the scratch memory. */
export interface ProgramSpace {
  table(table: Uint8Array): number;
  rows(rows: Uint32Array): number;
}

/** What a program is compiled against. */
export interface ProgramTarget {
  readonly columns: BlockColumns;
  readonly space: ProgramSpace;
  /** Absent: clauses are neither looked for nor kept. */
  readonly kept?: KeptClauses | undefined;
  /** Those who are present and not in the set. */
  readonly isComplement?: boolean | undefined;
}

/**
 * The instructions, six numbers each.
 * @throws RangeError when the expression nests deeper than there are registers
 */
export function compileProgram(
  expression: EngineExpression,
  target: ProgramTarget,
): readonly number[] {
  const compiler = new ProgramCompiler(target);
  compiler.start();
  compiler.compile(expression, target.isComplement === true ? AND_NOT : AND, 0, 1);
  return compiler.instructions;
}

class ProgramCompiler {
  readonly instructions: number[] = [];
  readonly #target: ProgramTarget;

  constructor(target: ProgramTarget) {
    this.#target = target;
  }

  start(): void {
    this.#emit(COLUMN_BITS, SET, 0, this.#target.columns.present);
  }

  /** Combines the expression's people with a register. @param free first register not in use */
  compile(expression: EngineExpression, mode: Mode, register: number, free: number): void {
    if (free >= REGISTERS_MAX) throw new RangeError(`nested deeper than ${REGISTERS_MAX}`);
    switch (expression.kind) {
      case 'all':
      case 'none':
        this.#constant(expression.kind === 'all', mode, register);
        break;
      case 'bitmap':
        this.#emit(COLUMN_BITS, mode, register, this.#bitmap(expression.name));
        break;
      case 'rows':
        this.#emit(SCRATCH_BITS, mode, register, this.#target.space.rows(expression.rows));
        break;
      case 'days':
      case 'counts':
      case 'codes':
        this.#column(expression, mode, register, free);
        break;
      case 'not':
        this.#complement(expression.of, mode, register, free);
        break;
      case 'and':
      case 'or':
        this.#join(expression, mode, register, free);
        break;
      default:
        unreachable(expression);
    }
  }

  #constant(isAll: boolean, mode: Mode, register: number): void {
    const { present } = this.#target.columns;
    const changesNothing = mode === AND ? isAll : mode !== SET && !isAll;
    if (changesNothing) return;
    if (!isAll || mode === AND_NOT) this.#emit(CLEAR, SET, register);
    else this.#emit(COLUMN_BITS, mode, register, present);
  }

  #complement(of: EngineExpression, mode: Mode, register: number, free: number): void {
    if (mode === OR) {
      this.#aside({ kind: 'not', of }, mode, register, free);
      return;
    }
    if (mode === SET) this.#constant(true, SET, register);
    this.compile(of, mode === AND_NOT ? AND : AND_NOT, register, free);
  }

  #join(
    expression: Extract<EngineExpression, { kind: 'and' | 'or' }>,
    mode: Mode,
    register: number,
    free: number,
  ): void {
    const own: Mode = expression.kind === 'and' ? AND : OR;
    const parts = expression.of.toSorted((one, other) => cost(one) - cost(other));
    if (mode === own || (mode === AND_NOT && own === OR)) {
      for (const part of parts) this.compile(part, mode, register, free);
      return;
    }
    if (mode !== SET) {
      this.#aside(expression, mode, register, free);
      return;
    }
    const [first, ...rest] = parts;
    this.compile(first ?? { kind: own === AND ? 'all' : 'none' }, SET, register, free);
    for (const part of rest) this.compile(part, own, register, free);
  }

  /** Works an expression out in a register of its own. */
  #aside(expression: EngineExpression, mode: Mode, register: number, free: number): void {
    this.compile(expression, SET, free, free + 1);
    this.#emit(SCRATCH_BITS, mode, register, free * BITMAP_BYTES);
  }

  #column(expression: ColumnExpression, mode: Mode, register: number, free: number): void {
    const { columns, kept } = this.#target;
    const clause = toClause(expression, columns);
    const place = kept?.find(clause);
    if (place !== undefined) {
      this.#emit(COLUMN_BITS, mode, register, place);
      return;
    }
    const newPlace = kept?.claim(clause);
    const isOneStep = clause.match.kind === 'table' || clause.match.ranges.length === 1;
    if (newPlace === undefined && isOneStep) {
      this.#values(clause, mode, register);
      return;
    }
    this.#values(clause, SET, free);
    if (newPlace !== undefined) this.#emit(STORE, SET, free, newPlace);
    this.#emit(SCRATCH_BITS, mode, register, free * BITMAP_BYTES);
  }

  #values({ offset, width, match }: Clause, mode: Mode, register: number): void {
    if (match.kind === 'table') {
      const table = this.#target.space.table(match.table);
      const chunks = Math.ceil((match.highest + 1) / CHUNK_CODES);
      this.#emit(TABLE_16, mode, register, offset, table, chunks);
      return;
    }
    const opcode = width === 8 ? RANGE_8 : RANGE_16;
    if (match.ranges.length === 0) this.#emit(CLEAR, SET, register);
    for (const [index, { from, to }] of match.ranges.entries()) {
      this.#emit(opcode, index === 0 ? mode : OR, register, offset, from, to - from);
    }
  }

  #bitmap(name: string): number {
    const offset = this.#target.columns.bitmaps.get(name);
    assert(offset !== undefined, `${name} is a bitmap`);
    return offset;
  }

  #emit(opcode: number, mode: Mode, register: number, ...operands: readonly number[]): void {
    const [first = 0, second = 0, third = 0] = operands;
    this.instructions.push(opcode, mode, register, first, second, third);
  }
}

/** Roughly what an expression reads, in bitmaps. */
function cost(expression: EngineExpression): number {
  switch (expression.kind) {
    case 'all':
    case 'none':
      return 0;
    case 'bitmap':
      return 1;
    case 'rows':
      return 2;
    case 'counts':
      return 8;
    case 'days':
      return 16;
    case 'codes':
      return expression.values.length === 1 ? 16 : 32;
    case 'not':
      return cost(expression.of);
    case 'and':
    case 'or':
      return expression.of.reduce((sum, part) => sum + cost(part), 0);
    default:
      return unreachable(expression);
  }
}
