// The subscriptions as a whole, on a fake clock, against scripted subscribers on loopback.

import assert from 'node:assert/strict';

import type { Resource } from '../../../src/fhir/types.ts';
import { DELIVERY_FAILURES_TOLD, FOLLOWER_BACKOFF_MAX_MS } from '../../../src/limits.ts';
import { UNDELIVERED_SET } from '../../../src/subscriptions/delivery.ts';
import { backEnds, within } from '../../conformance/back-ends.ts';
import { openReceivingServer, type ReceivingServer } from '../../support/receiving-server.ts';
import {
  immunization,
  openWorld,
  patient,
  type SubscribedWorld,
  subscription,
  until,
} from './subscribed-world.ts';

for (const backEnd of backEnds())
  describe(`subscriptions over ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 10_000));
    let world: SubscribedWorld;
    let receivers: ReceivingServer[];

    beforeEach(async () => {
      receivers = [];
      world = await openWorld(backEnd);
      await world.put(patient('amina', '9000000009'), patient('ben', '9000000017'));
    });

    afterEach(async () => {
      await world.close();
      for (const each of receivers) await each.close();
    });

    async function receiver(): Promise<ReceivingServer> {
      const opened = await openReceivingServer();
      receivers.push(opened);
      return opened;
    }

    async function hasStatus(id: string, status: string): Promise<boolean> {
      return (await world.subscription(id)).status === status;
    }

    async function errorOf(id: string): Promise<string | undefined> {
      return (await world.subscription(id)).error as string | undefined;
    }

    function doses(gp: ReceivingServer): (string | undefined)[] {
      return gp.requests.map(({ entry }) => entry?.resource.identifier?.[0]?.value);
    }

    async function subscribe(id: string, gp: ReceivingServer, more?: Partial<Resource>) {
      await world.put(subscription(id, gp.url, more));
      await until(() => hasStatus(id, 'active'));
    }

    it('activates a requested Subscription by an ordinary new version', async () => {
      const gp = await receiver();
      await world.start();
      await world.put(subscription('s1', gp.url));
      await until(() => hasStatus('s1', 'active'));
      const active = await world.subscription('s1');
      assert.equal(active.meta?.versionId, '2');
      assert.equal(active.criteria, 'Immunization?status=completed');
    });

    it('serves Subscriptions that were there before it started', async () => {
      const gp = await receiver();
      await world.put(subscription('s1', gp.url));
      await world.start();
      await world.put(immunization('d1'));
      await gp.received(1);
      assert.deepEqual(doses(gp), ['d1']);
    });

    it('tells of the changes asked for, all of them, in the order of their commits', async () => {
      const gp = await receiver();
      await world.start();
      await subscribe('s1', gp);
      const expected: string[] = [];
      for (let index = 0; index < 150; index += 1) {
        const status = index % 3 === 0 ? 'entered-in-error' : 'completed';
        if (status === 'completed') expected.push(`d${index}`);
        await world.put(immunization(`d${index}`, { status }), patient(`other${index}`));
      }
      await gp.received(expected.length);
      assert.deepEqual(doses(gp), expected);
    });

    it('does not tell of deletions, nor of what was there before the request', async () => {
      const gp = await receiver();
      await world.put(immunization('before'), immunization('removed'));
      await world.start();
      await subscribe('s1', gp);
      await world.remove({ type: 'Immunization', id: 'removed' });
      await world.put(immunization('after'));
      await gp.received(1);
      assert.deepEqual(doses(gp), ['after']);
    });

    it('tells of a dose recorded between the request and the activation', async () => {
      const gp = await receiver();
      await world.put(subscription('s1', gp.url));
      await world.put(immunization('between'));
      await world.start();
      await gp.received(1);
      assert.deepEqual(doses(gp), ['between']);
    });

    it('sends header lines, and an empty POST without a payload', async () => {
      const gp = await receiver();
      const channel = {
        type: 'rest-hook',
        endpoint: gp.url,
        header: ['Authorization: Bearer s3cret'],
      };
      await world.start();
      await subscribe('s1', gp, { channel });
      await world.put(immunization('d1'));
      await gp.received(1);
      const [request] = gp.requests;
      assert.equal(request?.method, 'POST');
      assert.equal(request?.headers.authorization, 'Bearer s3cret');
      assert.equal(request?.headers['content-type'], undefined);
      assert.equal(request?.body, '');
    });

    it('judges chained criteria as at the commit', async () => {
      const gp = await receiver();
      const theirs = { patient: { reference: 'Patient/ben' } };
      const criteria = 'Immunization?patient.identifier=9000000009';
      await world.put(subscription('s1', gp.url, { criteria }));
      await world.put(immunization('ours'), immunization('theirs', theirs));
      await world.put(patient('amina', '9000000025'), patient('ben', '9000000009'));
      await world.put(immunization('not-now'), immunization('now', theirs));
      await world.start();
      await gp.received(2);
      assert.deepEqual(doses(gp), ['ours', 'now']);
    });

    it('refuses what it cannot serve with status error and the reason', async () => {
      await world.start();
      await world.put(
        subscription('s1', 'http://gp.test', { criteria: 'Immunization?colour=red' }),
      );
      await until(() => hasStatus('s1', 'error'));
      assert.match((await errorOf('s1')) ?? '', /^criteria: .*colour/);
    });

    it('serves a refused Subscription once it is corrected', async () => {
      const gp = await receiver();
      await world.start();
      await world.put(subscription('s1', gp.url, { criteria: 'Nothing' }));
      await until(() => hasStatus('s1', 'error'));
      await subscribe('s1', gp);
      assert.equal(await errorOf('s1'), undefined);
      await world.put(immunization('d1'));
      await gp.received(1);
    });

    it('tries again until the subscriber accepts, and keeps the order', async () => {
      const gp = await receiver();
      const answers = [
        'reset',
        { status: 503 },
        { status: 302, location: '/' },
        { status: 422 },
      ] as const;
      gp.answer = (_request, index) => answers[index] ?? { status: 201 };
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await world.put(immunization('d2'));
      await gp.received(6);
      assert.deepEqual(doses(gp), ['d1', 'd1', 'd1', 'd1', 'd1', 'd2']);
    });

    it('does not repeat what was accepted before a failure', async () => {
      const gp = await receiver();
      gp.answer = (_request, index) => ({ status: index === 1 ? 503 : 200 });
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'), immunization('d2'));
      await gp.received(3);
      assert.deepEqual(doses(gp), ['d1', 'd2', 'd2']);
    });

    it('takes a transaction-response with a failed entry for a failure', async () => {
      const gp = await receiver();
      const response = (status: string) => ({
        status: 200,
        body: {
          resourceType: 'Bundle',
          type: 'transaction-response',
          entry: [{ response: { status } }],
        },
      });
      gp.answer = (_request, index) => response(index === 0 ? '422 Unprocessable' : '201 Created');
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await world.put(immunization('d2'));
      await gp.received(3);
      assert.deepEqual(doses(gp), ['d1', 'd1', 'd2']);
    });

    it('says on the Subscription that deliveries fail, and takes it back later', async () => {
      const gp = await receiver();
      const outcome = {
        resourceType: 'OperationOutcome',
        issue: [{ code: 'not-found', diagnostics: '9000000009' }],
      };
      gp.answer = () => ({ status: 422, body: outcome });
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await until(async () => (await errorOf('s1')) !== undefined);
      assert.equal(gp.requests.length >= DELIVERY_FAILURES_TOLD, true);
      assert.equal(
        await errorOf('s1'),
        'Delivery fails: Immunization/d1 version 1 (HTTP status 422 (not-found)). ' +
          'It is tried again until it succeeds.',
      );
      assert.equal(await hasStatus('s1', 'active'), true);
      gp.answer = () => ({ status: 200 });
      await until(async () => (await errorOf('s1')) === undefined);
      assert.equal(await hasStatus('s1', 'active'), true);
    });

    it('writes the error text once, however often the same attempt fails', async () => {
      const gp = await receiver();
      gp.answer = () => ({ status: 500 });
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await gp.received(20);
      assert.equal((await world.subscription('s1')).meta?.versionId, '3');
      assert.equal(Math.max(...world.clock.pauses), FOLLOWER_BACKOFF_MAX_MS);
    });

    it('takes back the error text of a time before it was restarted', async () => {
      const gp = await receiver();
      gp.answer = () => ({ status: 500 });
      const first = await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await until(async () => (await errorOf('s1')) !== undefined);
      await first.stop();
      gp.answer = () => ({ status: 200 });
      await world.start();
      await until(async () => (await errorOf('s1')) === undefined);
      assert.equal(doses(gp).at(-1), 'd1');
    });

    it('delays nobody else while one endpoint is silent and another dead', async () => {
      const [silent, dead, well] = [await receiver(), await receiver(), await receiver()];
      silent.answer = () => 'silence';
      await dead.close();
      await world.start();
      for (const [id, gp] of Object.entries({ silent, dead, well })) await subscribe(id, gp);
      for (let index = 0; index < 20; index += 1) await world.put(immunization(`d${index}`));
      await Promise.all([well.received(20), silent.received(1)]);
      assert.deepEqual(doses(silent), ['d0']);
    });

    it('goes on where it was after a restart', async () => {
      const gp = await receiver();
      const first = await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await gp.received(1);
      await until(() => hasSavedItsPlace(world, 's1'));
      await first.stop();
      await world.put(immunization('d2'));
      await world.start();
      await gp.received(2);
      assert.deepEqual(doses(gp), ['d1', 'd2']);
    });

    it('loses nothing from before its activation when it ends in the first push', async () => {
      const gp = await receiver();
      gp.answer = () => 'silence';
      await world.put(subscription('s1', gp.url));
      await world.put(immunization('d1'));
      const first = await world.start();
      await gp.received(1);
      await first.stop();
      gp.answer = () => ({ status: 200 });
      await world.start();
      await gp.received(2);
      assert.deepEqual(doses(gp), ['d1', 'd1']);
    });

    it('repeats a change whose push was not noted, and the subscriber keeps one', async () => {
      const gp = await receiver();
      const first = await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d0'));
      await gp.received(1);
      await until(() => hasSavedItsPlace(world, 's1'));
      const { transact } = world.store;
      const isCursorOf = (key: string) => key === 'subscription/s1';
      world.store.transact = async (transaction) => {
        const saves = transaction.writes.some(
          (write) => write.kind === 'row' && isCursorOf(write.key),
        );
        if (saves) throw new Error('killed between the push and the save');
        return transact.call(world.store, transaction);
      };
      await world.put(immunization('d1'));
      await gp.received(2);
      await first.stop();
      world.store.transact = transact;
      await world.start();
      await until(() => hasSavedItsPlace(world, 's1'));
      assert.deepEqual(new Set(doses(gp).slice(1)), new Set(['d1']));
      assert.equal(gp.kept.size, 2);
    });

    it('gives up what can never be delivered, says so, and goes on', async () => {
      const gp = await receiver();
      await world.put(patient('nobody'));
      await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('lost', { patient: { reference: 'Patient/nobody' } }));
      await world.put(immunization('d1'));
      await gp.received(1);
      assert.deepEqual(doses(gp), ['d1']);
      const sentence =
        'Not delivered: Immunization/lost version 1 (Patient/nobody has no NHS number).';
      assert.equal(await errorOf('s1'), sentence);
      const [row] = await world.store.rows(UNDELIVERED_SET, '', 10);
      assert.deepEqual(JSON.parse(row?.value ?? ''), {
        type: 'Immunization',
        id: 'lost',
        versionId: 1,
        why: 'Patient/nobody has no NHS number',
      });
    });

    it('stops when turned off or deleted, and does not bring up the time in between', async () => {
      const [off, deleted] = [await receiver(), await receiver()];
      await world.start();
      await subscribe('off', off);
      await subscribe('deleted', deleted);
      await world.put(subscription('off', off.url, { status: 'off' }));
      await world.remove({ type: 'Subscription', id: 'deleted' });
      const cursors = () => world.store.rows('follower-cursor', '', 10);
      await until(async () => (await cursors()).length === 1);
      await world.put(immunization('missed'));
      await subscribe('off', off);
      await subscribe('deleted', deleted);
      await world.put(immunization('told'));
      await Promise.all([off.received(1), deleted.received(1)]);
      assert.deepEqual([doses(off), doses(deleted)], [['told'], ['told']]);
    });

    it('keeps its place when the endpoint is corrected', async () => {
      const [wrong, right] = [await receiver(), await receiver()];
      wrong.answer = () => ({ status: 404 });
      await world.start();
      await subscribe('s1', wrong);
      await world.put(immunization('d1'));
      await wrong.received(1);
      await world.put(subscription('s1', right.url));
      await right.received(1);
      assert.deepEqual(doses(right), ['d1']);
    });

    it('is turned off when its end has come, after telling of everything before', async () => {
      const gp = await receiver();
      await world.start();
      const end = new Date(world.clock.nowMs + 3_600_000).toISOString();
      await subscribe('s1', gp, { end });
      await world.put(immunization('before'));
      await gp.received(1);
      world.clock.nowMs += 3_600_000;
      await world.put(immunization('after'));
      await until(() => hasStatus('s1', 'off'));
      assert.deepEqual(doses(gp), ['before']);
    });

    it('stops at once while a push is under way', async () => {
      const gp = await receiver();
      gp.answer = () => 'silence';
      const service = await world.start();
      await subscribe('s1', gp);
      await world.put(immunization('d1'));
      await gp.received(1);
      await service.stop();
      assert.equal(await errorOf('s1'), undefined);
    });
  });

async function hasSavedItsPlace(world: SubscribedWorld, id: string): Promise<boolean> {
  const row = await world.store.row('follower-cursor', `subscription/${id}`);
  return row !== undefined && JSON.parse(row).position === (await world.store.position());
}
