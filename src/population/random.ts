// The synthetic nation's only source of chance: a small generator whose numbers are the same on
// every machine, since it uses 32-bit integer arithmetic alone. Every household and person has a
// generator of its own, keyed by its number, so that one's story never depends on another's length.

/** A sequence of pseudo-random numbers (sfc32 by Chris Doty-Humphrey, from PractRand). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param key integers: equal keys give equal sequences, others unrelated ones */
  constructor(...key: readonly number[]) {
    let hash = 0x9e3779b9;
    for (const part of key) {
      // Numbers beyond 32 bits count whole.
      hash = mixed(hash ^ (part >>> 0));
      hash = mixed(hash ^ Math.floor(part / 0x1_0000_0000));
    }
    this.#a = hash;
    this.#b = mixed(hash + 0x6d2b79f5);
    this.#c = mixed(hash ^ 0x85ebca6b);
    for (let round = 0; round < 12; round += 1) this.bits();
  }

  /** 32 random bits as an integer from 0 to 2^32 - 1. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 to below 1. */
  fraction(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** An integer from 0 to below `bound`, which is at most 2^32. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** An integer from `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One member of a list that has some. */
  pick<T>(list: readonly T[]): T {
    const member = list[this.below(list.length)];
    if (member === undefined) throw new RangeError('cannot pick from an empty list');
    return member;
  }
}

function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) | 0;
}

/** Something with weights: `pick` draws each value in proportion to its weight. */
export interface Weighted<T> {
  pick(random: Random): T;
}

/** @param entries values with their weights, which need not add up to anything in particular */
export function weighted<T>(
  entries: readonly (readonly [value: T, weight: number])[],
): Weighted<T> {
  const values: T[] = [];
  const bounds: number[] = [];
  let total = 0;
  for (const [value, weight] of entries) {
    if (weight === 0) continue;
    total += weight;
    values.push(value);
    bounds.push(total);
  }
  return {
    pick(random) {
      const drawn = random.fraction() * total;
      let low = 0;
      let high = bounds.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (drawn < (bounds[middle] ?? 0)) high = middle;
        else low = middle + 1;
      }
      return values[low] as T;
    },
  };
}
