// Searches compared with the matcher: a store and the model take the same generated writes, then
// every generated search must have the same answer, now and as at every commit of the past.

import assert from 'node:assert/strict';
import type { SearchQuery } from '../../src/search/expression.ts';
import type { ResourceStore, Version } from '../../src/store/resource-store.ts';
import { makeQuery, makeTransaction } from '../support/generated-data.ts';
import { makeModelStore } from '../support/model-store.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { type OpenStore, WINDOW_MS } from './back-ends.ts';

const SEEDS = [1, 2, 3, 4];
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
  for (let { next } = first; next !== undefined; ) {
    await between();
    const page = await store.search(query, { count, after: next }, first.at);
    assert.equal(page.total, first.total);
    assert.equal(page.at, first.at);
    versions.push(...page.versions);
    next = page.next;
  }
  return { total: first.total, versions };
}

/** States that the store's searches are the matcher's. */
export function searchSuite(open: OpenStore): void {
  for (const seed of SEEDS) {
    it(`answers generated searches as the matcher does (seed ${seed})`, () =>
      withPair(open, seed, async ({ store, model, random }) => {
        for (let round = 0; round < 150; round += 1) {
          const query = makeQuery(random, 3);
          const text = `seed ${seed}, round ${round}: ${JSON.stringify(query)}`;
          const expected = await model.search(query, { count: 1_000 });
          const found = await store.search(query, { count: 1_000 });
          assert.deepEqual(names(found.versions), names(expected.versions), text);
          assert.deepEqual(found, expected, text);
          assert.equal(await store.count(query), expected.total, text);
        }
      }));

    it(`answers as at every commit of the past (seed ${seed})`, () =>
      withPair(open, seed, async ({ store, model, random }, commits) => {
        for (const at of commits) {
          for (let round = 0; round < 4; round += 1) {
            const query = makeQuery(random, 2);
            const text = `seed ${seed}, at ${at}: ${JSON.stringify(query)}`;
            const expected = await model.search(query, { count: 1_000 }, at);
            assert.deepEqual(await store.search(query, { count: 1_000 }, at), expected, text);
            assert.equal(await store.count(query, at), expected.total, text);
            const streamed = await allOf(store.stream(query, at));
            assert.deepEqual(streamed, await allOf(model.stream(query, at)), text);
          }
        }
      }));

    it(`keeps the pages of a search one answer while others write (seed ${seed})`, () =>
      withPair(open, seed, async (pair) => {
        const { store, model, random } = pair;
        let step = TRANSACTIONS;
        for (let round = 0; round < 15; round += 1) {
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
