// Clauses that are asked again and again, kept as bitmaps: 16 KiB of a block are read instead of
// 128 or 256. One that is asked a second time is worked out by that question's own pass, and every
// change of a person updates them. The one asked longest ago makes room, unless that was lately:
// when there are more than have room, most of them stay, instead of each driving out the next.

import type { Clause } from './clause.ts';
import { clauseHolds } from './clause.ts';
import type { EngineMemory } from './memory.ts';

/** Clauses whose first question is remembered. */
const SEEN_MAX = 256;
/** Lately is within so many askings. */
const LATELY = 64;

interface Kept {
  readonly clause: Clause;
  /** Offset of its bitmap within a block. */
  readonly offset: number;
  /** False while the pass that works it out is running. */
  isWhole: boolean;
  /** The number of its last asking. */
  asked: number;
}

export class KeptClauses {
  readonly #memory: EngineMemory;
  readonly #free: number[];
  /** By key; the one asked longest ago comes first. */
  readonly #kept = new Map<string, Kept>();
  /** Keys asked once; the oldest first. */
  readonly #seen = new Set<string>();
  /** Askings so far, of any clause. */
  #askings = 0;

  /** @param places offsets of the bitmaps that may be used: all that the memory has, unless told */
  constructor(memory: EngineMemory, places: readonly number[] = memory.columns.kept) {
    this.#memory = memory;
    this.#free = [...places];
  }

  /** Where a clause's bitmap lies, also when an earlier program of the pass being compiled works
   * it out. */
  find({ key }: Clause): number | undefined {
    this.#askings += 1;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    kept.asked = this.#askings;
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
    this.#kept.set(clause.key, { clause, offset, isWhole: false, asked: this.#askings });
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
    const oldest = first(this.#kept.values());
    if (oldest === undefined || this.#askings - oldest.asked < LATELY) return undefined;
    this.#kept.delete(oldest.clause.key);
    return oldest.offset;
  }
}

function first<Value>(values: Iterable<Value>): Value | undefined {
  for (const value of values) return value;
  return undefined;
}
