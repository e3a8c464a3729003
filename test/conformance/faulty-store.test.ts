// A failure at any moment: whoever calls a store learns of it, and nothing that was acknowledged is
// lost or half done. One scenario is run again and again with its first, second, … call failing.

import assert from 'node:assert/strict';
import { type ResourceStore, StoreError, type Version } from '../../src/store/resource-store.ts';
import { type Fault, makeFaultyStore } from '../support/faulty-store.ts';
import { keyOf, put, remove, row, transaction } from '../support/plain-resource.ts';
import { backEnds } from './back-ends.ts';
import { everything, write } from './store-suite.ts';

interface Progress {
  /** Refusals that surfaced. */
  failures: number;
}

/** Writes that may safely be sent again: each expects the version that it replaces. */
const steps = [
  [put('Patient/a', {}, { expect: 'absent' }), put('Patient/b', {}, { expect: 'absent' })],
  [put('Patient/a', {}, { expect: 1 }), row('cursors', 'x', '1')],
  [remove('Patient/b', 1), put('Patient/c', {}, { expect: 'absent' })],
];

/** Sends a step until it is done, as a careful client would. */
async function perform(store: ResourceStore, index: number, progress: Progress): Promise<void> {
  const writes = steps[index] ?? [];
  try {
    await write(store, ...writes);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.refusal.reason === 'unavailable') {
      progress.failures += 1;
      await perform(store, index, progress);
      return;
    }
    // The answer was lost, not the write: its expectation no longer holds.
    assert.equal(error.refusal.reason, 'version-changed');
    assert.equal(progress.failures, 1);
  }
}

async function reading<Answer>(progress: Progress, read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    assert.ok(error instanceof StoreError && error.refusal.reason === 'unavailable');
    progress.failures += 1;
    return read();
  }
}

async function streamed(store: ResourceStore): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const version of store.stream(everything('Patient'))) versions.push(version);
  return versions;
}

/** All that a client can see at the end. */
async function scenario(store: ResourceStore, progress: Progress): Promise<unknown> {
  for (const index of steps.keys()) await perform(store, index, progress);
  const read = <Answer>(call: () => Promise<Answer>) => reading(progress, call);
  const query = everything('Patient');
  return [
    await read(() => store.changes(0, 10)),
    await read(() => store.search(query, { count: 10 })),
    await read(() => store.history({}, { count: 10 })),
    await read(() => store.readMany([keyOf('Patient/a'), keyOf('Patient/b')])),
    await read(() => store.rows('cursors', '', 10)),
    await read(() => streamed(store)),
  ];
}

for (const { name, open } of backEnds()) {
  describe(`a failing call: ${name}`, () => {
    for (const fault of ['before', 'after'] as const satisfies readonly Fault[]) {
      it(`loses nothing and surfaces once (fault ${fault} the call)`, async () => {
        const flawless = await open();
        const expected = await scenario(flawless.store, { failures: 0 });
        await flawless.dispose();
        for (let failingCall = 1; ; failingCall += 1) {
          const lease = await open();
          const progress = { failures: 0 };
          const store = makeFaultyStore(lease.store, failingCall, fault);
          const found = await scenario(store, progress);
          await lease.dispose();
          assert.deepEqual(found, expected, `call ${failingCall} failing ${fault}`);
          if (progress.failures === 0) {
            assert.ok(failingCall > 9, 'every call had its turn');
            return;
          }
          assert.equal(progress.failures, 1);
        }
      });
    }
  });
}

describe('an injected failure', () => {
  it('of a write that was made says that it may have happened', async () => {
    for (const { open } of backEnds().slice(0, 1)) {
      const { store, dispose } = await open();
      const faulty = makeFaultyStore(store, 1, 'after');
      await assert.rejects(faulty.transact(transaction(put('Patient/a'))), (error) => {
        assert.ok(error instanceof StoreError && error.refusal.reason === 'unavailable');
        return error.refusal.committed === 'unknown';
      });
      assert.equal(await store.position(), 1);
      await dispose();
    }
  });
});
