// What keeps the store from opening or answering is told in one clear sentence; nothing that was
// acknowledged is lost, and the store goes on when the cause is gone.

import assert from 'node:assert/strict';
import type { Document } from 'mongodb';
import { type Database, openDatabase } from '../../src/store/mongo/database.ts';
import { type ResourceStore, StoreError } from '../../src/store/resource-store.ts';
import { mongoSource, openMongo } from '../conformance/back-ends.ts';
import { everything, refusalOf, write } from '../conformance/store-suite.ts';
import { FaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { dropDatabase, freshDatabase } from '../support/mongo-server.ts';
import { keyOf, plainIndexer, put, token } from '../support/plain-resource.ts';
import { isCommand } from './two-instances.ts';

/** Gives up soon, so that a test of what never answers ends soon; but not before the driver has
 * looked for a lost server again, which it does half a second after the last time. */
const IMPATIENT = 'serverSelectionTimeoutMS=2000&connectTimeoutMS=2000';

const open = (uri: string) => openMongo(uri, plainIndexer, () => {});

/** The sentence that opening ends with. */
async function sentenceOf(uri: string): Promise<string> {
  const refusal = await refusalOf(open(uri).then((store) => store.close()));
  assert.ok(refusal.reason === 'unavailable');
  assert.match(refusal.detail, /^[A-Z][^\n]{10,250}\.$/);
  assert.doesNotMatch(refusal.detail, /secret/);
  return refusal.detail;
}

interface Place {
  readonly uri: string;
  readonly proxy: FaultProxy;
  readonly proxied: string;
}

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const uri = await freshDatabase(mongoSource());
  const proxy = await FaultProxy.open(Number(new URL(uri).port || 27_017));
  try {
    await work({ uri, proxy, proxied: `${proxy.through(uri)}&${IMPATIENT}` });
  } finally {
    await proxy.close();
    await dropDatabase(uri);
  }
}

async function withStore(
  work: (place: Place & { store: ResourceStore; database: Database }) => Promise<void>,
): Promise<void> {
  await withPlace(async (place) => {
    const store = await open(place.proxied);
    const database = await openDatabase(place.uri);
    try {
      await work({ ...place, store, database });
    } finally {
      place.proxy.rule = () => 'pass';
      await store.close();
      await database.connection.close();
    }
  });
}

function answerTo(name: string, answer: Document): FaultProxy['rule'] {
  return (command): Verdict => (command.name === name ? { answer } : 'pass');
}

/** What a client does that is told to come again: asks until there is an answer. */
async function onceAnswered(write: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      assert.ok(error instanceof StoreError && error.refusal.reason === 'unavailable');
      assert.equal(error.refusal.committed, 'no');
    }
  }
}

describe('the MongoDB store refuses to open', function () {
  this.timeout(30_000);
  before(function () {
    if (mongoSource().kind === 'absent') this.skip();
  });

  it('where there is no server, and does not show the password', async () => {
    const closed = await FaultProxy.open(1);
    const uri = closed.through('mongodb://user:secret@127.0.0.1/openims');
    await closed.close();
    assert.match(await sentenceOf(`${uri}&${IMPATIENT}`), /127\.0\.0\.1.*cannot be used/);
  });

  const answers: readonly (readonly [
    why: string,
    command: string,
    answer: Document,
    says: RegExp,
  ])[] = [
    [
      'whose server is too old',
      'buildInfo',
      { ok: 1, version: '5.0.31' },
      /of version 5\.0\.31; 6 or newer is needed/,
    ],
    [
      'whose server lacks a command',
      'listCommands',
      { ok: 1, commands: { hello: {}, find: {}, insert: {} } },
      /does not have the command .*update/,
    ],
    [
      'that does not know the user',
      'buildInfo',
      { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' },
      /Authentication failed/,
    ],
    [
      'that has no primary',
      'buildInfo',
      { ok: 0, code: 10_107, codeName: 'NotWritablePrimary', errmsg: 'not primary' },
      /not primary/,
    ],
  ];
  for (const [why, command, answer, says] of answers) {
    it(`a database ${why}`, () =>
      withPlace(async ({ proxy, proxied }) => {
        proxy.rule = answerTo(command, answer);
        assert.match(await sentenceOf(proxied), says);
        proxy.rule = () => 'pass';
        await (await open(proxied)).close();
      }));
  }

  it('a database that a newer program has written', () =>
    withStore(async ({ database, proxied }) => {
      await database.marks.updateOne({ _id: 'format' }, { $set: { number: 99 } });
      assert.match(await sentenceOf(proxied), /of format 99; this program knows format 1.*newer/);
    }));

  it('a log that was changed by hand', () =>
    withStore(async ({ store, database, proxied, proxy }) => {
      // What it has not projected yet is what it must know.
      await write(store, put('Patient/a'));
      await database.marks.updateOne({ _id: 'applied' }, { $set: { number: 0 } });
      await database.log.updateOne({ _id: '0000000000000001' }, { $unset: { content: '' } });
      proxy.rule = () => 'pass';
      assert.match(await sentenceOf(proxied), /slot 1 of the database's log is damaged/);
    }));
});

describe('the MongoDB store answers no more', function () {
  this.timeout(60_000);
  before(function () {
    if (mongoSource().kind === 'absent') this.skip();
  });

  it('while no majority acknowledges, and says that the outcome is unknown', () =>
    withStore(async ({ store, proxy }) => {
      await write(store, put('Patient/before'));
      const writeConcernError = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'timed out' };
      proxy.rule = async (command): Promise<Verdict> =>
        isCommand(command, 'insert', 'log')
          ? { answer: { ok: 1, n: 1, writeConcernError } }
          : 'pass';
      const refusal = await refusalOf(write(store, put('Patient/during')));
      assert.deepEqual(
        { ...refusal, detail: '' },
        { reason: 'unavailable', committed: 'unknown', detail: '' },
      );
      proxy.rule = () => 'pass';
      await write(store, put('Patient/after'));
      assert.equal(await store.count(everything('Patient')), 2);
    }));

  it('while the disk of the server is full, and keeps what it has acknowledged', () =>
    withStore(async ({ store, proxy }) => {
      await write(store, put('Patient/before'));
      proxy.rule = answerTo('insert', {
        ok: 0,
        code: 14_031,
        codeName: 'OutOfDiskSpace',
        errmsg: 'no space',
      });
      const refusal = await refusalOf(write(store, put('Patient/during')));
      assert.ok(refusal.reason === 'unavailable');
      assert.match(refusal.detail, /no space/);
      assert.ok((await store.read(keyOf('Patient/before'))) !== undefined, 'it is still read');
      proxy.rule = () => 'pass';
      await write(store, put('Patient/after'));
      assert.equal(await store.count(everything('Patient')), 2);
    }));

  it('with no server, and says that nothing was written', () =>
    withStore(async ({ store, proxy }) => {
      await write(store, put('Patient/before'));
      proxy.rule = () => 'cut-before';
      const refusal = await refusalOf(write(store, put('Patient/during')));
      assert.deepEqual(
        { ...refusal, detail: '' },
        { reason: 'unavailable', committed: 'no', detail: '' },
      );
      const read = await refusalOf(store.read(keyOf('Patient/before')));
      assert.equal(read.reason, 'unavailable');
      proxy.rule = () => 'pass';
      await onceAnswered(() => write(store, put('Patient/after')));
      assert.equal(await store.count(everything('Patient')), 2);
    }));

  it('of a version that was changed by hand, and of nothing else', () =>
    withStore(async ({ store, database }) => {
      await write(store, put('Patient/a'), put('Patient/b'));
      await database.versions.updateOne({ key: 'Patient/a' }, { $unset: { text: '' } });
      const refusal = await refusalOf(store.read(keyOf('Patient/a')));
      assert.ok(refusal.reason === 'unavailable');
      assert.match(refusal.detail, /Version 1 of Patient\/a is damaged/);
      assert.ok((await store.read(keyOf('Patient/b'))) !== undefined);
    }));

  it('with a resource that no document can hold, and takes what comes with it', () =>
    withStore(async ({ store }) => {
      const note = 'x'.repeat(16 * 1024 * 1024);
      const [large, small, many] = await Promise.allSettled([
        write(store, put('Patient/large', { note })),
        write(store, put('Patient/small')),
        write(
          store,
          put('Patient/many', {
            entries: Array.from({ length: 200_000 }, (_, index) =>
              token(
                'identifier',
                'https://system.example/of/some/length',
                `${'y'.repeat(60)}${index}`,
              ),
            ),
          }),
        ),
      ]);
      for (const refused of [large, many]) {
        assert.ok(refused?.status === 'rejected' && refused.reason instanceof StoreError);
        assert.equal(refused.reason.refusal.reason, 'too-large');
      }
      assert.equal(small?.status, 'fulfilled');
      assert.equal(await store.count(everything('Patient')), 1);
    }));
});
