// Random choices that a printed seed repeats.

/** Choices from one seed. */
export interface SeededRandom {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
  /** True in about that share of calls. */
  chance(share: number): boolean;
  /** So many results, at least `min`, at most `max`. */
  list<Item>(min: number, max: number, make: () => Item): Item[];
}

/** Mulberry32 by Tommy Ettinger (public domain): small, fast, good enough to choose test data. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to pick from');
      return item;
    },
    chance: (share) => next() < share,
    list: (min, max, make) => Array.from({ length: min + below(max - min + 1) }, make),
  };
}
