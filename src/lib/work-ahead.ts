// Work on a long list, of which little is in memory: while one result is looked at, the next ones
// are already being worked on.

/**
 * What `work` makes of each item, in their order. When a piece of work fails, or nobody asks for
 * more, no further one is begun, and those under way are waited for.
 * @param atOnce pieces of work that are under way at most
 */
export async function* workAhead<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const working = work(item);
      // A failure is met in its turn; until then it must not count as unheard.
      working.catch(() => undefined);
      underWay.push(working);
      if (underWay.length < atOnce) continue;
      const first = underWay.shift();
      if (first !== undefined) yield await first;
    }
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
      yield await first;
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
