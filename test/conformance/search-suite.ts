// Searches compared with the matcher: a store and the model take the same generated writes, then
// every generated search must have the same answer, now and as at every commit of the past.

import assert from 'node:assert/strict';
import type { Caller } from '../../src/search/caller.ts';
import type { SearchQuery } from '../../src/search/expression.ts';
import type { IndexEntry, IndexedResource } from '../../src/search/index-entry.ts';
import { matches } from '../../src/search/match.ts';
import { restrict } from '../../src/search/restrict.ts';
import type { ResourceStore, Version } from '../../src/store/resource-store.ts';
import { makeExpression, makeQuery, makeTransaction, types } from '../support/generated-data.ts';
import { makeModelStore } from '../support/model-store.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { type OpenStore, WINDOW_MS } from './back-ends.ts';
import { shrink } from './shrink-query.ts';
import { everything } from './store-suite.ts';

/** Generated searches of a seed, on a store that answers at once. */
const SEARCHES = process.env.CI === 'true' ? 5_000 : 500;
const TRANSACTIONS = 60;

interface Pair {
  readonly store: ResourceStore;
  readonly model: ResourceStore;
  readonly random: SeededRandom;
}

/** Runs `work` on a store and a model that were given the same writes. */
async function withPair(
  open: OpenStore,
  seed: number,
  work: (pair: Pair, commits: readonly number[]) => Promise<void>,
): Promise<void> {
  const lease = await open();
  try {
    const random = seededRandom(seed);
    const pair = { store: lease.store, model: makeModelStore(WINDOW_MS), random };
    const commits: number[] = [0];
    for (let step = 0; step < TRANSACTIONS; step += 1) commits.push(await writeBoth(pair, step));
    await work(pair, commits);
  } finally {
    await lease.dispose();
  }
}

async function writeBoth({ store, model, random }: Pair, step: number): Promise<number> {
  const transaction = makeTransaction(random, step);
  const expected = await model.transact(transaction);
  assert.deepEqual(await store.transact(transaction), expected);
  return expected.last;
}

async function allOf(stream: AsyncIterable<Version>): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const version of stream) versions.push(version);
  return versions;
}

const names = (versions: readonly Version[]) =>
  versions.map(({ id, versionId }) => `${id}#${versionId}`);

async function everyPage(
  store: ResourceStore,
  query: SearchQuery,
  count: number,
  at: number | undefined,
  between: () => Promise<void>,
): Promise<{ total: number; versions: Version[] }> {
  const first = await store.search(query, { count }, at);
  const versions = [...first.versions];
  let last = first;
  for (let { next } = first; next !== undefined; ) {
    await between();
    last = await store.search(query, { count, after: next }, first.at);
    assert.equal(last.total, first.total);
    assert.equal(last.at, first.at);
    versions.push(...last.versions);
    next = last.next;
  }
  const backwards = [...last.versions];
  for (let { previous } = last; previous !== undefined; ) {
    await between();
    const page = await store.search(query, { count, before: previous }, first.at);
    assert.equal(page.total, first.total);
    backwards.unshift(...page.versions);
    previous = page.previous;
  }
  assert.deepEqual(names(backwards), names(versions), JSON.stringify(query));
  return { total: first.total, versions };
}

/** Whether a store answers otherwise than the model. */
async function differs(store: ResourceStore, model: ResourceStore, query: SearchQuery) {
  const expected = await model.search(query, { count: 1_000 });
  const found = await store.search(query, { count: 1_000 });
  if (JSON.stringify(found) !== JSON.stringify(expected)) return true;
  return (await store.count(query)) !== expected.total;
}

/** Somebody who may see a random part of each type. */
function makeCaller(random: SeededRandom): Caller {
  const visible = new Map(types.map((type) => [type, makeExpression(random, type, 1)]));
  const all = { kind: 'everything' } as const;
  return { id: 'somebody', maySee: (type) => visible.get(type) ?? all };
}

/** What would be there if there were only what the caller may see. */
async function visibleWorld(model: ResourceStore, caller: Caller) {
  const byType = new Map<string, IndexedResource[]>();
  for (const type of types) {
    const query = { type, where: caller.maySee(type), sort: [] };
    const versions = await allOf(model.stream(query));
    byType.set(type, versions.map(indexed));
  }
  const all = (type: string) => byType.get(type) ?? [];
  const resource = (type: string, id: string) => all(type).find((one) => one.id === id);
  return { all, resource };
}

/** A plain resource says what it is indexed by. */
function indexed({ type, id, lastUpdatedMs, text = '{}' }: Version): IndexedResource {
  const { entries } = JSON.parse(text) as { entries: readonly IndexEntry[] };
  return { type, id, lastUpdatedMs, entries };
}

/** How much is tried. */
export interface SearchTrials {
  /** Of the searches of a seed, those that are tried: 1 is all. */
  readonly share: number;
  readonly seeds: readonly number[];
}

/** States that the store's searches are the matcher's. */
export function searchSuite(open: OpenStore, { share, seeds }: SearchTrials): void {
  const searches = SEARCHES * share;
  const rounds = (full: number) => Math.ceil(full * share);

  for (const seed of seeds) {
    it(`answers generated searches as the matcher does (seed ${seed})`, function () {
      this.timeout(1_800_000);
      return withPair(open, seed, async ({ store, model, random }) => {
        let telling = 0;
        for (let round = 0; round < searches; round += 1) {
          const query = makeQuery(random, 3);
          const expected = await model.search(query, { count: 1_000 });
          const { total } = expected;
          if (total > 0 && total < (await model.count(everything(query.type)))) telling += 1;
          if (!(await differs(store, model, query))) continue;
          const small = await shrink(query, (smaller) => differs(store, model, smaller));
          const found = await store.search(small, { count: 1_000 });
          const right = await model.search(small, { count: 1_000 });
          assert.deepEqual(found, right, `seed ${seed}: ${JSON.stringify(small)}`);
          assert.equal(await store.count(small), right.total, `count: ${JSON.stringify(small)}`);
          assert.fail(`seed ${seed}: differs and then does not: ${JSON.stringify(query)}`);
        }
        // Searches that find everything or nothing would tell little.
        assert.ok(telling > searches / 3, `${telling} matched some but not all`);
      });
    });

    it(`lets a caller see nothing that is hidden, in negations neither (seed ${seed})`, () =>
      withPair(open, seed, async ({ store, model, random }) => {
        for (let round = 0; round < rounds(100); round += 1) {
          const caller = makeCaller(random);
          const query = makeQuery(random, 3);
          const visible = await visibleWorld(model, caller);
          const expected = visible
            .all(query.type)
            .filter((one) => matches(query.where, one, visible))
            .map(({ id }) => id);
          const restricted = restrict({ ...query, sort: [] }, caller);
          const found = await store.search(restricted, { count: 1_000 });
          const text = `seed ${seed}, round ${round}: ${JSON.stringify(restricted)}`;
          assert.deepEqual(found.versions.map(({ id }) => id).sort(), expected.sort(), text);
          assert.equal(found.total, expected.length, text);
        }
      }));

    it(`answers as at every commit of the past (seed ${seed})`, () =>
      withPair(open, seed, async ({ store, model, random }, commits) => {
        for (const at of commits.filter((_, index) => index % Math.ceil(1 / share / 2) === 0)) {
          for (let round = 0; round < rounds(4); round += 1) {
            const query = makeQuery(random, 2);
            const text = `seed ${seed}, at ${at}: ${JSON.stringify(query)}`;
            const expected = await model.search(query, { count: 1_000 }, at);
            assert.deepEqual(await store.search(query, { count: 1_000 }, at), expected, text);
            assert.equal(await store.count(query, at), expected.total, text);
            const streamed = await allOf(store.stream(query, at));
            assert.deepEqual(streamed, await allOf(model.stream(query, at)), text);
            const numbers = streamed.map(({ number }) => number);
            assert.deepEqual([...(await store.numbers(query, at))], numbers, text);
            assert.deepEqual(await store.readNumbers(query.type, numbers, at), streamed, text);
            const ids = streamed.map(({ id }) => id);
            assert.deepEqual(await store.readIds(query.type, numbers, at), ids, text);
          }
          const all = Array.from({ length: 40 }, (_, number) => number);
          for (const type of types) {
            assert.deepEqual(
              await store.readNumbers(type, all, at),
              await model.readNumbers(type, all, at),
              `${type} at ${at}`,
            );
            assert.deepEqual(
              await store.readIds(type, all, at),
              await model.readIds(type, all, at),
              `${type} at ${at}`,
            );
          }
        }
      }));

    it(`keeps the pages of a search one answer while others write (seed ${seed})`, () =>
      withPair(open, seed, async (pair) => {
        const { store, model, random } = pair;
        let step = TRANSACTIONS;
        for (let round = 0; round < rounds(15); round += 1) {
          const query = makeQuery(random, 1);
          const text = `seed ${seed}, round ${round}: ${JSON.stringify(query)}`;
          const expected = await model.search(query, { count: 1_000 });
          const between = async () => {
            step += 1;
            await writeBoth(pair, step);
          };
          const found = await everyPage(store, query, 1 + random.below(3), undefined, between);
          assert.deepEqual(names(found.versions), names(expected.versions), text);
          assert.equal(found.total, expected.total, text);
        }
      }));
  }
}
