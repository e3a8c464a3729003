// Histograms of everybody, kept while people change: what a set of most people leaves out is
// counted and taken from them, since adding people up one by one is what takes longest.

import type { EngineBreakdown } from './cohort-engine.ts';
import type { EngineMemory } from './memory.ts';
import { cellsOf } from './pass.ts';

/** Breakdowns that are kept, and the cells of one: 4 MB. */
const BREAKDOWNS_MAX = 8;
const CELLS_MAX = 1_000_000;

interface KeptHistogram {
  readonly cells: Uint32Array;
  /** Offset within a block, and highest code + 1. */
  readonly columns: readonly { readonly offset: number; readonly size: number }[];
}

export class Everybody {
  readonly #memory: EngineMemory;
  /** By columns; the one asked longest ago comes first. */
  readonly #kept = new Map<string, KeptHistogram>();

  constructor(memory: EngineMemory) {
    this.#memory = memory;
  }

  /** Whether so many breakdowns can be kept all at once. */
  canKeep(breakdowns: readonly EngineBreakdown[]): boolean {
    const areSmall = breakdowns.every((item) => cellsOf(item, this.#memory) <= CELLS_MAX);
    return areSmall && new Set(breakdowns.map(keyOf)).size <= BREAKDOWNS_MAX;
  }

  /** Those that are not kept, each once. The others stay for the next calls. */
  missing(breakdowns: readonly EngineBreakdown[]): readonly EngineBreakdown[] {
    const missing = new Map<string, EngineBreakdown>();
    for (const breakdown of breakdowns) {
      const key = keyOf(breakdown);
      const kept = this.#kept.get(key);
      if (kept === undefined) {
        missing.set(key, breakdown);
        continue;
      }
      this.#kept.delete(key);
      this.#kept.set(key, kept);
    }
    return [...missing.values()];
  }

  /** Keeps a histogram of everybody as they are now. */
  keep(breakdown: EngineBreakdown, cells: Uint32Array): void {
    const columns = breakdown.columns.map((name) => ({
      offset: this.#memory.columns.codes.get(name) ?? 0,
      size: this.#memory.size(name),
    }));
    this.#kept.set(keyOf(breakdown), { cells, columns });
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= BREAKDOWNS_MAX) break;
      this.#kept.delete(key);
    }
  }

  /** A kept histogram of everybody but some. */
  without(breakdown: EngineBreakdown, some: Uint32Array): Uint32Array {
    const cells = Uint32Array.from(this.#kept.get(keyOf(breakdown))?.cells ?? []);
    for (const [cell, people] of some.entries()) cells[cell] = (cells[cell] ?? 0) - people;
    return cells;
  }

  /** Somebody present is about to change or go. */
  leave(row: number): void {
    this.#add(row, -1);
  }

  /** Somebody has changed or come. */
  join(row: number): void {
    this.#add(row, 1);
  }

  #add(row: number, people: number): void {
    for (const [key, { cells, columns }] of this.#kept) {
      let cell = 0;
      let hasPlace = true;
      for (const { offset, size } of columns) {
        const code = this.#memory.word(row, offset);
        hasPlace &&= code < size;
        cell = cell * size + code;
      }
      // A higher code than ever makes histograms larger: this one is counted anew when asked for.
      if (hasPlace) cells[cell] = (cells[cell] ?? 0) + people;
      else this.#kept.delete(key);
    }
  }
}

function keyOf({ columns }: EngineBreakdown): string {
  return JSON.stringify(columns);
}
