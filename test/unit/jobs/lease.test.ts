// Leases: who does the work, who takes it over and when, and what a holder that slept can do.

import assert from 'node:assert/strict';
import { cursorWrite } from '../../../src/jobs/cursor.ts';
import { Lease } from '../../../src/jobs/lease.ts';
import { LEASE_MS, LEASE_STEP_MS } from '../../../src/limits.ts';
import type { ResourceStore } from '../../../src/store/resource-store.ts';
import { backEnds, within } from '../../conformance/back-ends.ts';
import { refusalOf } from '../../conformance/store-suite.ts';
import { put, START_MS, transaction } from '../../support/plain-resource.ts';

/** An instance of the service as far as leases go. */
class Instance {
  readonly lease: Lease;
  /** What the work is given, while it runs. */
  store: ResourceStore | undefined;
  stops = 0;
  readonly clock = { ms: 1_000_000 };

  constructor(store: ResourceStore, holder: string, isShared = true) {
    this.lease = new Lease({
      store: Object.assign(Object.create(store), {
        properties: { name: 'leased', isShared },
        row: store.row.bind(store),
        transact: store.transact.bind(store),
      }),
      name: 'sample',
      holder,
      work: async (leased) => {
        this.store = leased;
        return {
          stop: async () => {
            this.store = undefined;
            this.stops += 1;
          },
        };
      },
      now: () => START_MS,
      elapsedMs: () => this.clock.ms,
      wait: async () => {},
    });
  }

  /** Lets time pass on this instance's own clock, a step at its end. */
  async pass(ms: number): Promise<void> {
    this.clock.ms += ms;
    await this.lease.step();
  }
}

for (const backEnd of backEnds()) {
  describe(`a lease, on ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 10_000));

    const test = (
      name: string,
      body: (one: Instance, other: Instance, store: ResourceStore) => Promise<void>,
    ) =>
      it(name, async () => {
        const { store, dispose } = await backEnd.open();
        try {
          await body(new Instance(store, 'one'), new Instance(store, 'other'), store);
        } finally {
          await dispose();
        }
      });

    test('is had by one, for as long as it renews it', async (one, other) => {
      await one.lease.step();
      for (let ms = 0; ms < 3 * LEASE_MS; ms += LEASE_STEP_MS) {
        await one.pass(LEASE_STEP_MS);
        await other.pass(LEASE_STEP_MS);
      }
      assert.equal(one.lease.isHeld, true);
      assert.equal(other.lease.isHeld, false);
      assert.equal(other.store, undefined);
    });

    test('is had by one of those who take it at once', async (one, other) => {
      await Promise.all([one.lease.step(), other.lease.step()]);
      assert.equal([one, other].filter(({ lease }) => lease.isHeld).length, 1);
      assert.equal([one, other].filter(({ store }) => store !== undefined).length, 1);
    });

    test('of an instance that was killed is taken over within 30 seconds', async (one, other) => {
      await one.lease.step();
      await other.lease.step();
      await one.pass(LEASE_STEP_MS);
      let tookMs = 0;
      while (!other.lease.isHeld) {
        tookMs += LEASE_STEP_MS;
        assert.ok(tookMs < 30_000, `${tookMs} ms`);
        await other.pass(LEASE_STEP_MS);
      }
      assert.ok(tookMs >= LEASE_MS, 'not while it may be alive');
    });

    test('that is given back is taken at the next step', async (one, other) => {
      await one.lease.step();
      await other.lease.step();
      assert.equal(other.lease.isHeld, false);
      await one.lease.stop();
      assert.equal(one.stops, 1);
      await other.lease.step();
      assert.equal(other.lease.isHeld, true);
    });

    test('lets a holder that slept do no harm, who then stops', async (one, other, store) => {
      await one.lease.step();
      const slept = one.store;
      assert.ok(slept !== undefined);
      await slept.transact(transaction(cursorWrite('sample', 5)));
      await other.lease.step();
      await other.pass(LEASE_MS);
      assert.equal(other.lease.isHeld, true);
      await other.store?.transact(transaction(cursorWrite('sample', 9)));
      const before = await store.position();
      const late = slept.transact(transaction(put('Patient/late'), cursorWrite('sample', 6)));
      assert.deepEqual(await refusalOf(late), {
        reason: 'row-changed',
        set: 'lease-term',
        key: 'sample',
      });
      assert.equal(await store.position(), before, 'nothing was written');
      assert.equal(await store.row('follower-cursor', 'sample'), '{"position":9}');
      assert.equal(one.lease.isHeld, true, 'it does not know yet');
      await one.pass(LEASE_STEP_MS);
      assert.equal(one.lease.isHeld, false);
      assert.equal(one.stops, 1);
      assert.equal(other.lease.isHeld, true);
    });

    test('comes back to who lost it, as a new term', async (one, other, store) => {
      await one.lease.step();
      await other.lease.step();
      await other.pass(LEASE_MS);
      await one.lease.step();
      await other.lease.stop();
      await one.lease.step();
      assert.equal(one.lease.isHeld, true);
      assert.equal(await store.row('lease-term', 'sample'), '{"holder":"one","term":3}');
      await one.store?.transact(transaction(put('Patient/again')));
      assert.equal(await store.position(), 1);
    });

    test('is taken at once where no other instance can be at work', async (one, _, store) => {
      await one.lease.step();
      const next = new Instance(store, 'next', false);
      await next.lease.step();
      assert.equal(next.lease.isHeld, true);
    });
  });
}

describe('a lease whose work cannot begin', () => {
  it('is kept, and the work is tried again', async () => {
    const backEnd = backEnds()[0];
    assert.ok(backEnd !== undefined);
    const { store, dispose } = await backEnd.open();
    let tries = 0;
    const lease = new Lease({
      ...{ store, name: 'sample', holder: 'one', now: () => START_MS, elapsedMs: () => 0 },
      wait: async () => {},
      work: async () => {
        tries += 1;
        if (tries === 1) throw new Error('not yet');
        return { stop: async () => {} };
      },
    });
    await lease.step();
    assert.equal(lease.isHeld, true);
    await lease.step();
    await lease.step();
    assert.equal(tries, 2);
    await lease.stop();
    await dispose();
  });
});
