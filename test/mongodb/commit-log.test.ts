// "One document is the commit": each point on which that rests has a test that fails when the point
// is broken. Commands of one instance are held at its proxy while the other goes on.

import assert from 'node:assert/strict';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Content, LogDocument, VersionDocument } from '../../src/store/mongo/models.ts';
import type { ResourceStore, Version } from '../../src/store/resource-store.ts';
import { mongoSource, WINDOW_MS } from '../conformance/back-ends.ts';
import { everything, refusalOf, write } from '../conformance/store-suite.ts';
import {
  keyOf,
  put,
  remove,
  row,
  START_MS,
  token,
  transaction,
} from '../support/plain-resource.ts';
import { hold, isCommand, type World, withTwoInstances } from './two-instances.ts';

/** What can be asked of a store at a moment, all of it. */
async function allOf(store: ResourceStore, at?: number) {
  const search = (type: string) => store.search(everything(type), { count: 100 }, at);
  return {
    patients: shown((await search('Patient')).versions),
    doses: shown((await search('Immunization')).versions),
    history: shown((await store.history({}, { count: 100 }, at)).versions),
    count: await store.count(everything('Patient'), at),
    read: shown((await store.readMany([keyOf('Patient/a')], at)).flatMap((one) => one ?? [])),
  };
}

/** Looks at the log: a number beyond the last commit makes a store do so. */
async function catchUp(store: ResourceStore): Promise<void> {
  await store.count(everything('Patient'), Number.MAX_SAFE_INTEGER);
}

const shown = (versions: readonly Version[]) =>
  versions.map(({ type, id, versionId, sequence }) => `${type}/${id}#${versionId}@${sequence}`);

/** Slots are taken one after the other, and sequence numbers without a gap. */
async function assertDense({ database, one }: World, commits: number): Promise<void> {
  await catchUp(one.store);
  const log = await database.log.find().sort({ _id: 1 }).toArray();
  assert.deepEqual(
    log.map(({ slot }) => slot),
    Array.from({ length: commits }, (_, index) => index + 1),
  );
  let last = 0;
  for (const document of log) {
    assert.equal(document.first, last + 1);
    last = document.last;
  }
  const changes = await one.store.changes(0, 10_000);
  assert.deepEqual(
    changes.map(({ sequence }) => sequence),
    Array.from({ length: last }, (_, index) => index + 1),
  );
}

const test = (name: string, body: (world: World) => Promise<void>) =>
  it(name, () => withTwoInstances(body));

describe('a commit on MongoDB', function () {
  this.timeout(120_000);
  before(function () {
    if (mongoSource().kind === 'absent') this.skip();
  });

  test('is of whoever inserts first under a slot; the other takes the next', async (world) => {
    const { one, other } = world;
    const held = hold(one, 'insert', 'log');
    const late = write(one.store, put('Patient/late'));
    await held.reached;
    const early = await write(other.store, put('Patient/early'));
    held.release();
    assert.equal(early.last, 1);
    assert.equal((await late).last, 2);
    const inserts = one.commands.filter(({ insert }) => insert === 'log');
    assert.deepEqual(
      inserts.map(({ documents }) => documents[0].slot),
      [1, 2],
    );
    await assertDense(world, 2);
  });

  test('of two that write at once are all there, once, in one order', async (world) => {
    const stores = [world.one.store, world.other.store];
    const writes = Array.from({ length: 60 }, (_, index) =>
      write(stores[index % 2] as never, put(`Patient/p${index}`)),
    );
    const commits = await Promise.all(writes);
    assert.equal(new Set(commits.map(({ versions }) => versions[0]?.sequence)).size, 60);
    const { length } = await world.database.log.find().toArray();
    await assertDense(world, length);
    await catchUp(world.other.store);
    assert.deepEqual(await allOf(world.one.store), await allOf(world.other.store));
  });

  test('whose outcome is unknown is asked about until known, and is there once', async (world) => {
    const { one, other } = world;
    let cuts = 0;
    one.proxy.rule = (command) => {
      if (!isCommand(command, 'insert', 'log') || cuts === 3) return 'pass';
      cuts += 1;
      return cuts === 2 ? 'cut-before' : 'cut-after';
    };
    const commit = await write(one.store, put('Patient/a'));
    assert.equal(cuts, 3);
    assert.equal(commit.last, 1);
    await write(other.store, put('Patient/b'));
    await assertDense(world, 2);
  });

  test('whose insert comes again, late, changes nothing', async (world) => {
    const { one, other } = world;
    one.proxy.rule = () => 'twice';
    await write(one.store, put('Patient/a'), row('set', 'key', '1'));
    await write(one.store, put('Patient/a', { note: 'second' }));
    one.proxy.rule = () => 'pass';
    await write(other.store, put('Patient/a', { note: 'third' }), row('set', 'key', null));
    const before = await allOf(other.store);
    await one.proxy.deliverLate();
    assert.deepEqual(await allOf(other.store), before);
    await assertDense(world, 3);
    assert.equal(await one.store.row('set', 'key'), undefined);
  });

  test('that lost is derived again: conditions, version ids, numbers and times', async (world) => {
    const { one, other } = world;
    const identifier = token('identifier', 'https://nhs.example', '999');
    const where = {
      kind: 'token',
      parameter: 'identifier',
      anyOf: [{ system: 'https://nhs.example', code: '999' }],
    } as const;
    const guards = [{ type: 'Patient', where, ids: [] }];
    const held = hold(one, 'insert', 'log');
    const conditional = refusalOf(
      one.store.transact({ ...transaction(put('Patient/new', { entries: [identifier] })), guards }),
    );
    const update = write(one.store, put('Patient/shared'));
    const expecting = refusalOf(write(one.store, put('Patient/first', {}, { expect: 'absent' })));
    await held.reached;
    await other.store.transact({
      ...transaction(
        put('Patient/winner', { entries: [identifier] }),
        put('Patient/shared'),
        put('Patient/first'),
      ),
      nowMs: START_MS + 5_000,
    });
    held.release();
    assert.equal((await conditional).reason, 'guard-changed');
    assert.equal((await expecting).reason, 'version-changed');
    const [version] = (await update).versions;
    assert.equal(version?.versionId, 2);
    assert.equal(version?.number, 2);
    assert.equal(version?.sequence, 4);
    assert.equal(version?.lastUpdatedMs, START_MS + 5_000);
  });

  it('is seen whole or not at all after each single write of its projection', async () => {
    const before = [
      put('Patient/a'),
      put('Patient/b'),
      put('Immunization/c'),
      row('set', 'x', '1'),
    ];
    const group = [
      put('Patient/a', { note: 'new' }),
      put('Patient/d'),
      remove('Patient/b'),
      put('Immunization/e', { references: [keyOf('Patient/d')] }),
      row('set', 'x', '2'),
    ];
    const recorded: LogDocument[] = [];
    await withTwoInstances(async ({ one, database }) => {
      await write(one.store, ...before);
      await write(one.store, ...group);
      recorded.push(...(await database.log.find().sort({ _id: 1 }).toArray()));
    });
    const [, second] = recorded;
    assert.ok(second?.content !== undefined);
    const steps = singleWrites(second.content);
    assert.ok(steps.length >= 7, `${steps.length} single writes`);
    for (let halt = 0; halt <= steps.length; halt += 1) {
      await withTwoInstances(async ({ one, database }) => {
        const { last } = await write(one.store, ...before);
        const old = await allOf(one.store);
        // It is another that projects, and this one has not looked at the log since.
        for (const step of steps.slice(0, halt)) await step(database);
        assert.deepEqual(await allOf(one.store), old, `halted after ${halt}`);
        assert.equal(await one.store.row('set', 'x'), '1', `halted after ${halt}`);
        await database.log.insertOne(second);
        await catchUp(one.store);
        const now = await allOf(one.store);
        assert.deepEqual(now.patients, ['Patient/a#2@4', 'Patient/d#1@5'], `halted after ${halt}`);
        assert.deepEqual(now.doses, ['Immunization/c#1@3', 'Immunization/e#1@7']);
        assert.deepEqual(await allOf(one.store, last), old);
        assert.equal(await one.store.row('set', 'x'), '2');
      });
    }
  });

  for (const [name, collection] of [
    ['insert', 'versions'],
    ['update', 'versions'],
    ['insert', 'rows'],
  ] as const) {
    test(`is not undone by a projector that wakes late (${name} ${collection})`, async (world) => {
      const { one, other } = world;
      await write(other.store, put('Patient/a'), row('set', 'x', '1'));
      await catchUp(one.store);
      const held = hold(one, name, collection);
      const slow = write(one.store, put('Patient/a', { note: 'slow' }), row('set', 'x', '2'));
      await held.reached;
      await write(other.store, put('Patient/a', { note: 'fast' }), row('set', 'x', null));
      await write(other.store, remove('Patient/a'));
      const past = await allOf(other.store, 2);
      await other.store.maintain(START_MS + 2 * WINDOW_MS);
      held.release();
      assert.equal((await slow).last, 2);
      await catchUp(one.store);
      assert.deepEqual((await allOf(one.store)).patients, []);
      assert.deepEqual(past.patients, ['Patient/a#2@2']);
      assert.equal(await one.store.row('set', 'x'), undefined);
      assert.equal(await other.store.row('set', 'x'), undefined);
      await assertDense(world, 4);
    });
  }

  test('of an instance that dies before it projects appears to one that is idle', async ({
    one,
    other,
  }) => {
    const death = Promise.withResolvers<never>();
    death.promise.catch(() => {});
    let hasCommitted = false;
    one.proxy.rule = (command) => {
      if (hasCommitted) return death.promise;
      hasCommitted = isCommand(command, 'insert', 'log');
      return 'pass';
    };
    const told = refusalOf(write(one.store, put('Patient/a')));
    const began = performance.now();
    for (;;) {
      const found = await other.store.read(keyOf('Patient/a'));
      const tookMs = performance.now() - began;
      if (found !== undefined) break;
      assert.ok(tookMs < 2_000, 'it has not appeared');
    }
    one.proxy.rule = () => 'pass';
    death.reject(new Error('the instance is gone'));
    assert.deepEqual(await told, { ...(await told), reason: 'unavailable', committed: 'unknown' });
  });

  test('cannot be put into the past by a writer that slept beyond the window', async (world) => {
    const { one, other, database } = world;
    await write(other.store, put('Patient/a'));
    await catchUp(one.store);
    const held = hold(one, 'insert', 'log');
    const slept = write(one.store, put('Patient/a', { note: 'slept' }));
    await held.reached;
    await write(other.store, put('Patient/a', { note: 'second' }));
    await write(other.store, put('Patient/a', { note: 'third' }));
    await other.store.maintain(START_MS + 2 * WINDOW_MS);
    const emptied = await database.log.find({ emptied: true }).toArray();
    assert.equal(emptied.length, 3, 'the window has moved');
    held.release();
    const [version] = (await slept).versions;
    assert.equal(version?.versionId, 4);
    assert.equal(version?.sequence, 4);
    await catchUp(other.store);
    assert.deepEqual((await allOf(other.store)).patients, ['Patient/a#4@4']);
    await assertDense(world, 4);
  });

  test('of 40 MB lies in parts, which go when it leaves the window', async ({
    one,
    other,
    database,
  }) => {
    const note = 'x'.repeat(1024 * 1024);
    const writes = Array.from({ length: 40 }, (_, index) => put(`Patient/p${index}`, { note }));
    const commit = await write(one.store, ...writes);
    assert.equal(commit.last, 40);
    const [log] = await database.log.find().toArray();
    assert.ok((log?.parts ?? 0) >= 5, `${log?.parts} parts`);
    assert.equal(log?.content, undefined);
    await catchUp(other.store);
    assert.equal(await other.store.count(everything('Patient')), 40);
    const read = await other.store.read(keyOf('Patient/p39'));
    assert.ok((read?.text?.length ?? 0) > note.length);
    await other.store.maintain(START_MS + 2 * WINDOW_MS);
    assert.equal(await database.parts.countDocuments({}), 0);
    assert.equal(await one.store.count(everything('Patient')), 40);
  });
});

type Step = (database: World['database']) => Promise<unknown>;

/** The projection of a commit, a document at a time. */
function singleWrites({ versions, replacements, rows }: Content): Step[] {
  return [
    ...versions.map(
      (document): Step =>
        ({ versions: all }) =>
          all.insertOne(document),
    ),
    ...replacements.map(
      ({ _id, to }): Step =>
        ({ versions: all }) => {
          const update: AnyBulkWriteOperation<VersionDocument> = {
            updateMany: { filter: { _id }, update: { $set: { to } } },
          };
          return all.bulkWrite([update]);
        },
    ),
    ...rows.map(
      (document): Step =>
        ({ rows: all }) =>
          all.insertOne(document),
    ),
  ];
}
