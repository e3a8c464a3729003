// `npm run copy`: an embedded store becomes a database, all of its history as it was.

import assert from 'node:assert/strict';
import { copyStore } from '../../src/copy-store.ts';
import type { RestorableStore } from '../../src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { backEnds, mongoSource, openMongo } from '../conformance/back-ends.ts';
import { everything, write } from '../conformance/store-suite.ts';
import { makeTransaction } from '../support/generated-data.ts';
import { dropDatabase, freshDatabase } from '../support/mongo-server.ts';
import { keyOf, plainIndexer, put, remove, row } from '../support/plain-resource.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Runs `work` on a filled embedded store and an empty database. */
async function withStores(
  work: (source: ResourceStore, open: () => Promise<RestorableStore>) => Promise<void>,
): Promise<void> {
  const sqlite = backEnds().find(({ name }) => name === 'sqlite');
  assert.ok(sqlite !== undefined);
  const { store, dispose } = await sqlite.open();
  const uri = await freshDatabase(mongoSource());
  try {
    const random = seededRandom(3);
    for (let step = 0; step < 30; step += 1) await store.transact(makeTransaction(random, step));
    await write(store, put('Patient/kept', { note: 'first' }), row('cursors', 'one', '1'));
    await write(store, put('Patient/kept', { note: 'second' }), row('other', 'x', '{"é":1}'));
    await write(store, put('Patient/gone'), row('cursors', 'two', '2'));
    await write(store, remove('Patient/gone'), row('cursors', 'one', null));
    await work(store, () => openMongo(uri, plainIndexer, () => {}));
  } finally {
    await dispose();
    await dropDatabase(uri);
  }
}

const quiet = () => {};

describe('a copy of an embedded store', function () {
  this.timeout(60_000);
  before(function () {
    const isWanted = backEnds().some(({ name }) => name === 'sqlite');
    if (mongoSource().kind === 'absent' || !isWanted) this.skip();
  });

  it('has every version under its number, every row, and the same answers', () =>
    withStores(async (source, open) => {
      const target = await open();
      const heard: number[] = [];
      const copied = await copyStore(source, target, (position) => heard.push(position));
      assert.equal(copied.versions, await source.position());
      assert.equal(heard.at(-1), copied.versions);
      assert.equal(copied.rows, 2);
      for (const type of ['Patient', 'Immunization', 'Organization']) {
        const query = everything(type);
        const wanted = await source.search(query, { count: 1_000 });
        const found = await target.search(query, { count: 1_000 });
        assert.deepEqual(found.versions, wanted.versions);
      }
      const kept = keyOf('Patient/kept');
      assert.deepEqual(await target.readVersion(kept, 1), await source.readVersion(kept, 1));
      assert.deepEqual(await target.rowSets(), ['cursors', 'other']);
      await target.close();
    }));

  it('goes on as the store itself would have', () =>
    withStores(async (source, open) => {
      const target = await open();
      await copyStore(source, target, quiet);
      for (const writes of [[put('Patient/kept')], [put('Patient/new')], [put('Patient/gone')]]) {
        assert.deepEqual(await write(target, ...writes), await write(source, ...writes));
      }
      await target.close();
    }));

  it('that was stopped goes on where it was', () =>
    withStores(async (source, open) => {
      const first = await open();
      const half = await source.changes(0, 20);
      await first.restore(half);
      await first.close();
      const second = await open();
      assert.equal(await second.position(), half.at(-1)?.sequence);
      const copied = await copyStore(source, second, quiet);
      assert.equal(copied.versions, await source.position());
      await second.close();
    }));

  it('is refused into a database that holds something else', () =>
    withStores(async (source, open) => {
      const target = await open();
      await write(target, put('Patient/other'));
      await assert.rejects(copyStore(source, target, quiet), /holds something else/);
      assert.equal(await target.position(), 1);
      await target.close();
    }));

  it('says so when what was copied is not what is there', () =>
    withStores(async (source, open) => {
      const target = await open();
      const lying: RestorableStore = Object.assign(Object.create(target), {
        position: () => target.position(),
        changes: target.changes.bind(target),
        rows: target.rows.bind(target),
        rowSets: target.rowSets.bind(target),
        transact: target.transact.bind(target),
        restore: (versions: readonly { readonly text?: string }[]) =>
          target.restore(
            versions.map((one) => ({ ...one, text: one.text?.replace('second', 'lost') })) as never,
          ),
      });
      await assert.rejects(copyStore(source, lying, quiet), /The copy is not equal/);
      await target.close();
    }));
});
