// A follower of the log, step by step: no timer, no waiting.

import assert from 'node:assert/strict';

import { ChangeFollower, type Following } from '../../../src/jobs/change-follower.ts';
import { CURSOR_SET, cursorWrite, savedCursor } from '../../../src/jobs/cursor.ts';
import { backoffMs, waitOnTimer } from '../../../src/jobs/pause.ts';
import {
  FOLLOWER_BACKOFF_FIRST_MS,
  FOLLOWER_BACKOFF_MAX_MS,
  FOLLOWER_BATCH_MAX,
  FOLLOWER_POLL_MS,
} from '../../../src/limits.ts';
import type { ResourceStore, Version } from '../../../src/store/resource-store.ts';
import {
  LeapingClock,
  model,
  openWorld,
  patient,
  type SubscribedWorld,
  turn,
  until,
} from '../subscriptions/subscribed-world.ts';

type Handle = (batch: readonly Version[], following: Following) => Promise<void>;

describe('a change follower', () => {
  let world: SubscribedWorld;
  let store: ResourceStore;
  let seen: string[];
  let failures: number[];

  beforeEach(async () => {
    world = await openWorld(model);
    store = world.store;
    seen = [];
    failures = [];
  });

  afterEach(() => world.close());

  const record: Handle = async (batch) => {
    seen.push(...batch.map(({ id }) => id));
  };

  function follower(handle: Handle = record, startAt = 0, clock = new LeapingClock()) {
    const { now, wait } = clock;
    const onFailure = async (_error: unknown, count: number) => {
      failures.push(count);
    };
    const cursor = savedCursor(store, 'test', startAt, now);
    return new ChangeFollower({ store, cursor, handle, onFailure, wait });
  }

  async function putPatients(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await world.put(patient(id));
  }

  async function position(): Promise<unknown> {
    const row = await store.row(CURSOR_SET, 'test');
    return row === undefined ? undefined : JSON.parse(row).position;
  }

  it('hands over every change in order, and then is idle', async () => {
    await putPatients('a', 'b');
    await world.remove({ type: 'Patient', id: 'a' });
    const subject = follower();
    assert.equal(await subject.step(), 'advanced');
    assert.deepEqual(seen, ['a', 'b', 'a']);
    assert.equal(await subject.step(), 'idle');
    await putPatients('c');
    assert.equal(await subject.step(), 'advanced');
    assert.deepEqual(seen, ['a', 'b', 'a', 'c']);
  });

  it('hands over whole commits', async () => {
    const batches: number[] = [];
    const commitSize = FOLLOWER_BATCH_MAX + 50;
    for (const commit of ['x', 'y']) {
      await world.put(...Array.from({ length: commitSize }, (_, index) => patient(commit + index)));
    }
    const subject = follower(async (batch) => {
      batches.push(batch.length);
    });
    assert.equal(await subject.step(), 'behind');
    assert.equal(await subject.step(), 'behind');
    assert.equal(await subject.step(), 'idle');
    assert.deepEqual(batches, [commitSize, commitSize]);
  });

  it('begins where it is told to when it is new', async () => {
    await putPatients('a', 'b', 'c');
    await follower(record, 2).step();
    assert.deepEqual(seen, ['c']);
  });

  it('goes on where it was, wherever a new one would begin', async () => {
    await putPatients('a', 'b');
    await follower().step();
    await putPatients('c');
    await follower(record, 0).step();
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  it('saves its place only after the handler is done', async () => {
    await putPatients('a', 'b');
    let during: unknown = 'never looked';
    await follower(async () => {
      during = await position();
    }).step();
    assert.equal(during, undefined);
    assert.equal(await position(), 2);
  });

  it('hands the same changes over again when the handler failed', async () => {
    await putPatients('a', 'b');
    const subject = follower(async (batch, following) => {
      await record(batch, following);
      if (seen.length < 5) throw new Error('not yet');
    });
    assert.equal(await subject.step(), 'failed');
    assert.equal(await position(), undefined);
    assert.equal(await subject.step(), 'failed');
    assert.equal(await subject.step(), 'advanced');
    assert.deepEqual(seen, ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(failures, [1, 2]);
  });

  it('hands the same changes over again when its place could not be saved', async () => {
    await putPatients('a');
    const { transact } = store;
    store.transact = async () => {
      throw new Error('the disk is full');
    };
    const subject = follower();
    assert.equal(await subject.step(), 'failed');
    store.transact = transact;
    assert.equal(await subject.step(), 'advanced');
    assert.deepEqual(seen, ['a', 'a']);
  });

  it('goes on within a batch from what the handler said it had reached', async () => {
    await putPatients('a', 'b', 'c');
    const subject = follower(async (batch, { reached }) => {
      for (const version of batch) {
        if (version.id === 'c' && failures.length < 2) throw new Error('not yet');
        seen.push(version.id);
        await reached(version.sequence);
      }
    });
    assert.equal(await subject.step(), 'failed');
    assert.equal(await position(), 2);
    assert.equal(await subject.step(), 'failed');
    assert.equal(await subject.step(), 'advanced');
    assert.deepEqual(seen, ['a', 'b', 'c']);
    assert.deepEqual(failures, [1, 2]);
  });

  it('counts failures anew after progress', async () => {
    await putPatients('a', 'b');
    let calls = 0;
    const subject = follower(async (batch, { reached }) => {
      calls += 1;
      if (calls === 2) await reached(batch[0]?.sequence ?? 0);
      if (calls <= 3) throw new Error('not yet');
    });
    for (let step = 0; step < 4; step += 1) await subject.step();
    assert.deepEqual(failures, [1, 1, 2]);
  });

  it('pauses between looks, and longer with each failure, up to a bound', async () => {
    const clock = new LeapingClock();
    let failing = true;
    const subject = follower(
      async (batch, following) => {
        if (failing) throw new Error('not yet');
        await record(batch, following);
      },
      0,
      clock,
    );
    await putPatients('a');
    subject.start();
    await until(() => clock.pauses.length >= 12);
    failing = false;
    await until(() => seen.length === 1);
    const afterwards = clock.pauses.length;
    await until(() => clock.pauses.length >= afterwards + 3);
    await subject.stop();
    const expected = Array.from({ length: 12 }, (_, index) =>
      Math.min(FOLLOWER_BACKOFF_FIRST_MS * 2 ** index, FOLLOWER_BACKOFF_MAX_MS),
    );
    assert.deepEqual(clock.pauses.slice(0, 12), expected);
    assert.deepEqual(new Set(clock.pauses.slice(-3)), new Set([FOLLOWER_POLL_MS]));
  });

  it('stops once the handler under way has ended, and handles nothing more', async () => {
    let release = (): void => undefined;
    const subject = follower(async (batch, following) => {
      await record(batch, following);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await putPatients('a');
    subject.start();
    await until(() => seen.length === 1);
    let stopped = false;
    const stopping = subject.stop().then(() => {
      stopped = true;
    });
    await turn();
    assert.equal(stopped, false);
    release();
    await stopping;
    assert.equal(await position(), 1);
    await putPatients('b');
    assert.equal(await subject.step(), 'stopped');
    assert.deepEqual(seen, ['a']);
  });

  it('takes a handler that gives up on being stopped for no failure', async () => {
    const subject = follower(async (_batch, { signal }) => {
      seen.push('begun');
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    await putPatients('a');
    subject.start();
    await until(() => seen.length === 1);
    await subject.stop();
    assert.deepEqual(failures, []);
    assert.equal(await position(), undefined);
  });

  it('forgets its place when told to', async () => {
    await putPatients('a');
    await follower().step();
    const writes = [cursorWrite('test', null)];
    await store.transact({ guards: [], writes, nowMs: 0, references: 'lenient' });
    await follower().step();
    assert.deepEqual(seen, ['a', 'a']);
  });
});

describe('pauses', () => {
  it('grow from the first to the longest and stay there', () => {
    assert.equal(backoffMs(1), FOLLOWER_BACKOFF_FIRST_MS);
    assert.equal(backoffMs(2), 2 * FOLLOWER_BACKOFF_FIRST_MS);
    assert.equal(backoffMs(2_000), FOLLOWER_BACKOFF_MAX_MS);
  });

  it('end early when aborted', async () => {
    const aborting = new AbortController();
    const waited = waitOnTimer(FOLLOWER_BACKOFF_MAX_MS, aborting.signal);
    aborting.abort();
    await waited;
    await waitOnTimer(FOLLOWER_BACKOFF_MAX_MS, aborting.signal);
  });
});
