// Clauses that are asked again and again, kept as bitmaps: 16 KiB of a block are read instead of
// 128 or 256. One that is asked a second time is worked out by that question's own pass; every change
// of a person updates them; the one asked longest ago makes room.

import type { Clause } from './clause.ts';
import { clauseHolds } from './clause.ts';
import type { EngineMemory } from './memory.ts';

/** Clauses whose first question is remembered. */
const SEEN_MAX = 256;

interface Kept {
  readonly clause: Clause;
  /** Offset of its bitmap within a block. */
  readonly offset: number;
  /** False while the pass that works it out is running. */
  isWhole: boolean;
}

export class KeptClauses {
  readonly #memory: EngineMemory;
  readonly #free: number[];
  /** By key; the one asked longest ago comes first. */
  readonly #kept = new Map<string, Kept>();
  /** Keys asked once; the oldest first. */
  readonly #seen = new Set<string>();

  /** @param places offsets of the bitmaps that may be used: all that the memory has, unless told */
  constructor(memory: EngineMemory, places: readonly number[] = memory.columns.kept) {
    this.#memory = memory;
    this.#free = [...places];
  }

  /** Where a clause's bitmap lies, also when an earlier program of the pass being compiled works
   * it out. */
  find({ key }: Clause): number | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.offset;
  }

  /** Where to write a clause's bitmap, if it deserves to be kept. */
  claim(clause: Clause): number | undefined {
    if (!this.#seen.delete(clause.key)) {
      this.#seen.add(clause.key);
      if (this.#seen.size > SEEN_MAX) this.#seen.delete(first(this.#seen) ?? '');
      return undefined;
    }
    const offset = this.#free.pop() ?? this.#takeOldest();
    if (offset === undefined) return undefined;
    this.#kept.set(clause.key, { clause, offset, isWhole: false });
    return offset;
  }

  /** A pass has ended: what it worked out is good, or is dropped. */
  settle(isGood: boolean): void {
    for (const [key, kept] of this.#kept) {
      if (kept.isWhole) continue;
      kept.isWhole = isGood;
      if (isGood) continue;
      this.#kept.delete(key);
      this.#free.push(kept.offset);
    }
  }

  /** A row's values have changed. */
  update(row: number): void {
    for (const { clause, offset } of this.#kept.values()) {
      this.#memory.writeBit(row, offset, clauseHolds(clause, this.#memory, row));
    }
  }

  #takeOldest(): number | undefined {
    const key = first(this.#kept.keys());
    if (key === undefined) return undefined;
    const offset = this.#kept.get(key)?.offset;
    this.#kept.delete(key);
    return offset;
  }
}

function first<Value>(values: Iterable<Value>): Value | undefined {
  for (const value of values) return value;
  return undefined;
}
