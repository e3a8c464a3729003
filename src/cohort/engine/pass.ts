// A pass: programs that go over all blocks together, and what each thread needs for them in its
// scratch memory. Questions too big for one pass are answered by several, one after another.

import { assert } from '../../lib/assert.ts';
import {
  BITMAP_BYTES,
  INSTRUCTION_BYTES,
  PROGRAMS_AT,
  REGISTERS_MAX,
} from '../kernel/assembly/opcodes.ts';
import type { EngineBreakdown, EngineExpression } from './cohort-engine.ts';
import type { KeptClauses } from './kept-clauses.ts';
import { type EngineMemory, SCRATCH_BYTES } from './memory.ts';
import { compileProgram, type ProgramSpace } from './program.ts';

/** A histogram to be filled; offsets of columns are within a block, others within the scratch. */
export type Tally =
  | { readonly kind: 'column'; readonly column: number; readonly histogram: number }
  | {
      readonly kind: 'cross';
      readonly rows: number;
      readonly columns: number;
      readonly width: number;
      readonly histogram: number;
    };

export interface PassProgram {
  /** Offset in the scratch memory. */
  readonly at: number;
  readonly instructions: number;
  readonly tallies: readonly Tally[];
}

/** Rows from outside: of each block they are made a bitmap in the scratch memory. */
export interface RowSet {
  readonly at: number;
  /** Ascending, in shared memory. */
  readonly rows: Uint32Array;
}

/** What a thread is told. */
export interface Pass {
  readonly blocks: number;
  /** Every so many blocks one is taken: all, unless a few are to stand for the others. */
  readonly step: number;
  /** Tables and programs, to be copied into the scratch memory. */
  readonly image: { readonly at: number; readonly bytes: Uint8Array };
  readonly rowSets: readonly RowSet[];
  readonly programs: readonly PassProgram[];
  /** Where all histograms lie, one after another. */
  readonly histograms: { readonly at: number; readonly cells: number };
}

/** A question and some of its breakdowns. */
export interface Question {
  readonly expression: EngineExpression;
  readonly breakdowns: readonly EngineBreakdown[];
  /** Asks for those who are present and not in the set. */
  readonly isComplement?: boolean;
}

/** A pass and, for each program, the cells of its histograms in their order. */
export interface PlannedPass {
  readonly pass: Pass;
  readonly sizes: readonly (readonly number[])[];
}

/** Bytes of the histograms of one pass: two thirds of the scratch memory. */
const HISTOGRAMS_BYTES = Math.floor(SCRATCH_BYTES / 12) * 8;
const IMAGE_END = SCRATCH_BYTES - HISTOGRAMS_BYTES;
/** At most six instructions for each part of an expression. */
const NODE_BYTES = 6 * INSTRUCTION_BYTES;

/** The most cells that the breakdowns of one pass may have. */
export const CELLS_MAX = HISTOGRAMS_BYTES / 4;

/** The cells of a breakdown's histogram. */
export function cellsOf({ columns }: EngineBreakdown, memory: EngineMemory): number {
  return columns.reduce((cells, column) => cells * memory.size(column), 1);
}

interface PlannedProgram {
  readonly at: number;
  readonly instructions: number;
  readonly breakdowns: readonly EngineBreakdown[];
}

/** Takes questions until a pass is full. */
export class PassPlan {
  readonly #memory: EngineMemory;
  readonly #kept: KeptClauses | undefined;
  readonly #image: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  readonly #tables = new Map<string, number>();
  readonly #rowSets = new Map<Uint32Array, RowSet>();
  readonly #programs: PlannedProgram[] = [];
  readonly #space: ProgramSpace = {
    table: (table) => this.#placeTable(table),
    rows: (rows) => this.#placeRows(rows),
  };
  #next = PROGRAMS_AT;
  #cells = 0;

  constructor(memory: EngineMemory, kept?: KeptClauses) {
    this.#memory = memory;
    this.#kept = kept;
  }

  get isEmpty(): boolean {
    return this.#programs.length === 0;
  }

  /**
   * Adds a question, or returns false when it has no room beside the others.
   * @throws RangeError when it is too large for any pass, Error when it names what is not there
   */
  add({ expression, breakdowns, isComplement }: Question): boolean {
    const cells = breakdowns.reduce((sum, item) => sum + cellsOf(item, this.#memory), 0);
    const hasRoom =
      this.#cells + cells <= CELLS_MAX && this.#next + bytesOf(expression, 0) <= IMAGE_END;
    if (!hasRoom && this.isEmpty) throw new RangeError('too large to be answered at once');
    if (!hasRoom) return false;
    const { columns } = this.#memory;
    const target = { columns, space: this.#space, kept: this.#kept, isComplement };
    const instructions = compileProgram(expression, target);
    const at = this.#place(new Uint8Array(Int32Array.from(instructions).buffer));
    const count = (instructions.length * 4) / INSTRUCTION_BYTES;
    this.#programs.push({ at, instructions: count, breakdowns });
    this.#cells += cells;
    return true;
  }

  /** @param step takes one of so many blocks */
  finish(step = 1): PlannedPass {
    const image = new Uint8Array(this.#next - PROGRAMS_AT);
    for (const { at, bytes } of this.#image) image.set(bytes, at - PROGRAMS_AT);
    let histogram = this.#next;
    const programs = this.#programs.map(({ at, instructions, breakdowns }) => {
      const tallies = breakdowns.map((breakdown) => {
        const tally = this.#tally(breakdown, histogram);
        histogram += cellsOf(breakdown, this.#memory) * 4;
        return tally;
      });
      return { at, instructions, tallies };
    });
    const pass: Pass = {
      blocks: this.#memory.blocks,
      step,
      image: { at: PROGRAMS_AT, bytes: image },
      rowSets: [...this.#rowSets.values()],
      programs,
      histograms: { at: this.#next, cells: this.#cells },
    };
    const sizes = this.#programs.map(({ breakdowns }) =>
      breakdowns.map((breakdown) => cellsOf(breakdown, this.#memory)),
    );
    return { pass, sizes };
  }

  #tally({ columns }: EngineBreakdown, histogram: number): Tally {
    const [first, second] = columns;
    const offset = (name: string) => {
      const found = this.#memory.columns.codes.get(name);
      assert(found !== undefined, `${name} is a code column`);
      return found;
    };
    if (second === undefined) return { kind: 'column', column: offset(first), histogram };
    const width = this.#memory.size(second);
    return { kind: 'cross', rows: offset(first), columns: offset(second), width, histogram };
  }

  #placeTable(table: Uint8Array): number {
    const key = Buffer.from(table).toString('latin1');
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const at = this.#place(table);
    this.#tables.set(key, at);
    return at;
  }

  #placeRows(rows: Uint32Array): number {
    const known = this.#rowSets.get(rows);
    if (known !== undefined) return known.at;
    const shared = new Uint32Array(new SharedArrayBuffer(rows.byteLength));
    shared.set(rows);
    for (let index = 1; index < shared.length; index += 1) {
      assert((shared[index - 1] ?? 0) < (shared[index] ?? 0), 'rows from outside ascend');
    }
    const at = this.#next;
    this.#next += BITMAP_BYTES;
    this.#rowSets.set(rows, { at, rows: shared });
    return at;
  }

  #place(bytes: Uint8Array): number {
    const at = this.#next;
    this.#image.push({ at, bytes });
    this.#next += Math.ceil(bytes.length / 16) * 16;
    return at;
  }
}

/** The most that an expression needs of the scratch memory before the histograms. */
function bytesOf(expression: EngineExpression, depth: number): number {
  if (depth > REGISTERS_MAX) throw new RangeError(`nested deeper than ${REGISTERS_MAX}`);
  switch (expression.kind) {
    case 'codes':
    case 'rows':
      return BITMAP_BYTES + NODE_BYTES;
    case 'not':
      return bytesOf(expression.of, depth + 1) + NODE_BYTES;
    case 'and':
    case 'or':
      return expression.of.reduce((sum, part) => sum + bytesOf(part, depth + 1), NODE_BYTES);
    default:
      return NODE_BYTES;
  }
}
