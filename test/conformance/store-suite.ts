// The store contract, one test per sentence. Takes any store; each test opens its own.

import assert from 'node:assert/strict';
import type { Expression, SearchQuery } from '../../src/search/expression.ts';
import {
  type ResourceStore,
  StoreError,
  type StoreRefusal,
  type Transaction,
  type Version,
  type Write,
} from '../../src/store/resource-store.ts';
import {
  keyOf,
  pointer,
  put,
  remove,
  row,
  START_MS,
  token,
  transaction,
} from '../support/plain-resource.ts';
import { type OpenStore, type StoreLease, WINDOW_MS } from './back-ends.ts';

type Body = (store: ResourceStore, lease: StoreLease) => Promise<void>;
type Test = (name: string, body: Body) => Mocha.Test;

/** Defines tests that each open a store of their own. */
export function testsOf(open: OpenStore): Test {
  return (name, body) =>
    it(name, async () => {
      const lease = await open();
      try {
        await body(lease.store, lease);
      } finally {
        await lease.dispose();
      }
    });
}

/** The refusal that a call ends in. */
export async function refusalOf(call: Promise<unknown>): Promise<StoreRefusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StoreError) return error.refusal;
    throw error;
  }
  return assert.fail('the call was not refused');
}

/** Writes one transaction with references lenient. */
export function write(store: ResourceStore, ...writes: readonly Write[]) {
  return store.transact(transaction(...writes));
}

/** A search of everything of a type. */
export function everything(type: string): SearchQuery {
  return { type, where: { kind: 'everything' }, sort: [] };
}

export const names = (versions: readonly (Version | null | undefined)[]) =>
  versions.map((version) => version && `${version.type}/${version.id}#${version.versionId}`);

const strict = (...writes: readonly Write[]): Transaction => ({
  ...transaction(...writes),
  references: 'strict',
});

const toPatient = (id: string) => ({
  entries: [pointer('patient', `Patient/${id}`)],
  references: [keyOf(`Patient/${id}`)],
});

const byCode = (code: string): Expression => ({
  kind: 'token',
  parameter: 'identifier',
  anyOf: [{ code }],
});

/** States the contract of `transact`. */
export function writingSuite(open: OpenStore): void {
  const test = testsOf(open);

  describe('versions', () => {
    test('count from 1 within the resource and go on after a deletion', async (store) => {
      await write(store, put('Patient/a'));
      await write(store, put('Patient/a'));
      const deleted = await write(store, remove('Patient/a'));
      const revived = await write(store, put('Patient/a', {}, { expect: 'absent' }));
      assert.deepEqual(names(deleted.versions), ['Patient/a#3']);
      assert.deepEqual(names(revived.versions), ['Patient/a#4']);
    });

    test('have dense sequence numbers in commit order from 1', async (store) => {
      const first = await write(store, put('Patient/a'), put('Patient/b'));
      const second = await write(store, put('Patient/a'));
      const all = [...first.versions, ...second.versions];
      assert.deepEqual(
        all.map((version) => version?.sequence),
        [1, 2, 3],
      );
      assert.equal(second.last, 3);
    });

    test('name the last sequence number of their commit', async (store) => {
      const { versions, last } = await write(store, put('Patient/a'), put('Patient/b'));
      assert.deepEqual(
        versions.map((version) => version?.commitLast),
        [last, last],
      );
    });

    test('hold the document with version id and lastUpdated filled in', async (store) => {
      const { versions } = await write(store, put('Patient/a', { note: 'é "1.0"' }));
      const read = await store.read(keyOf('Patient/a'));
      assert.deepEqual(read, versions[0]);
      const text = read?.text ?? '';
      assert.match(text, /"meta":\{"versionId":"1","lastUpdated":"2026-01-01T00:00:00\.000Z"\}/);
      assert.equal(JSON.parse(text).note, 'é "1.0"');
    });

    test('carry the method that made them', async (store) => {
      for (const method of ['POST', 'PUT', 'PATCH'] as const) {
        await write(store, put('Patient/a', {}, { method }));
      }
      await write(store, remove('Patient/a'));
      const { versions } = await store.history({ type: 'Patient', id: 'a' }, { count: 10 });
      const methods = versions.map(({ method }) => method);
      assert.deepEqual(methods, ['DELETE', 'PATCH', 'PUT', 'POST']);
    });

    test('never go back in time when the clock does', async (store) => {
      await write(store, put('Patient/a'));
      const late = { ...transaction(put('Patient/b')), nowMs: START_MS - 3_600_000 };
      const { versions } = await store.transact(late);
      assert.equal(versions[0]?.lastUpdatedMs, START_MS);
    });

    test('of one type are of densely numbered resources', async (store) => {
      const { versions } = await write(
        store,
        put('Patient/a'),
        put('Organization/o'),
        put('Patient/b'),
      );
      assert.deepEqual(
        versions.map((version) => version?.number),
        [1, 1, 2],
      );
    });

    test('keep their number through deletion and revival', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'));
      await write(store, remove('Patient/a'));
      await write(store, put('Patient/c'));
      const { versions } = await write(store, put('Patient/a'));
      assert.equal(versions[0]?.number, 1);
      assert.equal((await store.read(keyOf('Patient/c')))?.number, 3);
    });

    test('have the number of their first mention where references are lenient', async (store) => {
      await write(store, put('Immunization/i', toPatient('later')));
      await write(store, put('Patient/a'));
      const { versions } = await write(store, put('Patient/later'));
      assert.equal(versions[0]?.number, 1);
    });

    test('of a refused transaction take neither number nor sequence', async (store) => {
      await write(store, put('Patient/a'));
      const refused = transaction(put('Patient/b'), put('Patient/a', {}, { expect: 'absent' }));
      await refusalOf(store.transact(refused));
      const { versions } = await write(store, put('Patient/c'));
      assert.equal(versions[0]?.number, 2);
      assert.equal(versions[0]?.sequence, 2);
    });
  });

  describe('a deletion', () => {
    test('is a version without text', async (store) => {
      await write(store, put('Patient/a'));
      await write(store, remove('Patient/a'));
      const version = await store.read(keyOf('Patient/a'));
      assert.equal(version?.method, 'DELETE');
      assert.equal(version !== undefined && 'text' in version, false);
    });

    test('of what is absent or deleted already writes nothing', async (store) => {
      await write(store, put('Patient/a'));
      await write(store, remove('Patient/a'));
      const { versions, last } = await write(store, remove('Patient/a'), remove('Patient/none'));
      assert.deepEqual(versions, [null, null]);
      assert.equal(last, 2);
      assert.equal(await store.position(), 2);
    });

    test('takes the resource out of searches', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'));
      await write(store, remove('Patient/a'));
      const found = await store.search(everything('Patient'), { count: 10 });
      assert.deepEqual(names(found.versions), ['Patient/b#1']);
    });
  });

  describe('an expectation', () => {
    const refusals: readonly [string, Write, number][] = [
      ['absent, of an existing resource', put('Patient/a', {}, { expect: 'absent' }), 2],
      ['a version id, of another version', put('Patient/a', {}, { expect: 1 }), 2],
      ['a version id, of an absent resource', put('Patient/none', {}, { expect: 1 }), 0],
      ['a version id, of a deleted resource', put('Patient/gone', {}, { expect: 2 }), 0],
      ['a version id, of another version to delete', remove('Patient/a', 1), 2],
      ['a version id, of an absent resource to delete', remove('Patient/none', 1), 0],
    ];
    for (const [name, refused, currentVersionId] of refusals) {
      test(`is refused with the current version: ${name}`, async (store) => {
        await write(store, put('Patient/a'), put('Patient/gone'));
        await write(store, put('Patient/a'), remove('Patient/gone'));
        const key = refused.kind === 'row' ? keyOf('') : { type: refused.type, id: refused.id };
        const refusal = await refusalOf(write(store, refused));
        assert.deepEqual(refusal, { reason: 'version-changed', key, currentVersionId });
      });
    }

    test('that holds lets the write through', async (store) => {
      await write(store, put('Patient/a', {}, { expect: 'absent' }));
      await write(store, put('Patient/a', {}, { expect: 1 }));
      const { versions } = await write(store, remove('Patient/a', 2));
      assert.deepEqual(names(versions), ['Patient/a#3']);
    });
  });

  describe('a transaction', () => {
    test('is kept whole or not at all', async (store) => {
      await write(store, put('Patient/a'));
      const writes = [
        put('Patient/b'),
        remove('Patient/a'),
        row('cursors', 'x', '1'),
        put('Patient/c', {}, { expect: 7 }),
      ];
      await refusalOf(write(store, ...writes));
      assert.equal(await store.position(), 1);
      assert.equal(await store.read(keyOf('Patient/b')), undefined);
      assert.equal(await store.count(everything('Patient')), 1);
      assert.equal(await store.row('cursors', 'x'), undefined);
    });

    test('that fails in a group fails alone', async (store) => {
      const calls = Array.from({ length: 40 }, (_, index) => {
        const expect = index % 4 === 0 ? 9 : 'any';
        return write(store, put(`Patient/p${index}`, {}, { expect }));
      });
      const settled = await Promise.allSettled(calls);
      const refused = settled.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 10);
      assert.equal(await store.count(everything('Patient')), 30);
      assert.equal(await store.position(), 30);
    });

    test('that writes a resource twice is a broken promise to no other', async (store) => {
      const twice = write(store, put('Patient/a'), put('Patient/a'));
      const once = write(store, put('Patient/b'));
      await assert.rejects(twice, /writes a resource once/);
      assert.deepEqual(names((await once).versions), ['Patient/b#1']);
      assert.equal(await store.position(), 1);
    });

    test('replaces all index entries of the version before', async (store) => {
      await write(store, put('Patient/a', { entries: [token('identifier', 's', '1')] }));
      await write(store, put('Patient/a', { entries: [token('identifier', 's', '2')] }));
      assert.equal(await store.count({ ...everything('Patient'), where: byCode('1') }), 0);
      assert.equal(await store.count({ ...everything('Patient'), where: byCode('2') }), 1);
    });

    test('may move a value from one resource to another', async (store) => {
      const content = { entries: [token('identifier', 's', '1')] };
      await write(store, put('Patient/a', content));
      await write(store, put('Patient/b', content), put('Patient/a'));
      const found = await store.search(
        { ...everything('Patient'), where: byCode('1') },
        { count: 9 },
      );
      assert.deepEqual(names(found.versions), ['Patient/b#1']);
    });

    test('that was acknowledged is there after the store is opened anew', async (store, lease) => {
      if (lease.reopen === undefined) return;
      await write(store, put('Patient/a', { entries: [token('identifier', 's', '1')] }));
      await write(store, put('Patient/a'), row('cursors', 'x', '{"at":1}'));
      await store.close();
      const again = await lease.reopen();
      assert.deepEqual(names(await again.changes(0, 10)), ['Patient/a#1', 'Patient/a#2']);
      assert.equal(await again.row('cursors', 'x'), '{"at":1}');
      assert.equal(await again.count({ ...everything('Patient'), where: byCode('1') }, 1), 1);
      const { versions } = await write(again, put('Patient/b'));
      assert.deepEqual([versions[0]?.number, versions[0]?.sequence], [2, 3]);
    });
  });

  describe('a guard', () => {
    const guarded = (ids: readonly string[], ...writes: readonly Write[]): Transaction => ({
      ...transaction(...writes),
      guards: [{ type: 'Patient', where: byCode('1'), ids }],
    });
    const content = { entries: [token('identifier', 's', '1')] };

    test('that finds the same resources, in any order, lets the writes through', async (store) => {
      await write(store, put('Patient/a', content), put('Patient/b', content));
      await store.transact(guarded(['b', 'a'], put('Patient/c')));
      assert.equal(await store.position(), 3);
    });

    for (const ids of [[], ['a'], ['a', 'b', 'c'], ['a', 'c']]) {
      test(`is refused when it finds other than [${ids}]`, async (store) => {
        await write(store, put('Patient/a', content), put('Patient/b', content));
        const refusal = await refusalOf(store.transact(guarded(ids, put('Patient/c'))));
        assert.deepEqual(refusal, { reason: 'guard-changed' });
        assert.equal(await store.position(), 2);
      });
    }

    test('is asked before the first write is applied', async (store) => {
      await store.transact(guarded([], put('Patient/a', content)));
      assert.equal(await store.position(), 1);
    });

    test('lets one of 64 simultaneous conditional creates through', async (store) => {
      const calls = Array.from({ length: 64 }, (_, index) => {
        return store.transact(guarded([], put(`Patient/p${index}`, content)));
      });
      const settled = await Promise.allSettled(calls);
      assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const one of settled) {
        if (one.status === 'rejected') assert.equal(one.reason.refusal.reason, 'guard-changed');
      }
      assert.equal(await store.count(everything('Patient')), 1);
    });

    test('may look along references', async (store) => {
      const has: Expression = {
        kind: 'has',
        type: 'Immunization',
        parameter: 'patient',
        where: { kind: 'everything' },
      };
      const transactionOf = (ids: readonly string[]): Transaction => ({
        ...transaction(put('Patient/b')),
        guards: [{ type: 'Patient', where: has, ids }],
      });
      await write(store, put('Patient/a'), put('Immunization/i', toPatient('a')));
      assert.equal((await refusalOf(store.transact(transactionOf([])))).reason, 'guard-changed');
      await store.transact(transactionOf(['a']));
    });
  });

  describe('strict references', () => {
    test('refuse a target that does not exist, naming it and where it stands', async (store) => {
      const refusal = await refusalOf(
        store.transact(strict(put('Immunization/i', toPatient('a')))),
      );
      assert.deepEqual(refusal, {
        reason: 'reference-missing',
        missing: [
          {
            ...keyOf('Patient/a'),
            expression: 'Immunization.subject',
            from: keyOf('Immunization/i'),
          },
        ],
      });
    });

    test('refuse a target that is deleted', async (store) => {
      await write(store, put('Patient/a'));
      await write(store, remove('Patient/a'));
      const refusal = await refusalOf(
        store.transact(strict(put('Immunization/i', toPatient('a')))),
      );
      assert.equal(refusal.reason, 'reference-missing');
    });

    test('refuse a target that was only mentioned', async (store) => {
      await write(store, put('Immunization/i', toPatient('a')));
      const refusal = await refusalOf(
        store.transact(strict(put('Immunization/j', toPatient('a')))),
      );
      assert.equal(refusal.reason, 'reference-missing');
    });

    test('refuse a target that the same transaction deletes', async (store) => {
      await write(store, put('Patient/a'));
      const writes = strict(put('Immunization/i', toPatient('a')), remove('Patient/a'));
      const { reason } = await refusalOf(store.transact(writes));
      assert.equal(reason, 'reference-missing');
    });

    test('accept a target that the same transaction creates, in either order', async (store) => {
      await store.transact(strict(put('Immunization/i', toPatient('a')), put('Patient/a')));
      await store.transact(strict(put('Patient/b'), put('Immunization/j', toPatient('b'))));
      assert.equal(await store.position(), 4);
    });

    test('refuse to delete what others point at, naming at most ten of them', async (store) => {
      const referrers = Array.from({ length: 12 }, (_, index) => {
        return put(`Immunization/i${index}`, toPatient('a'));
      });
      await write(store, put('Patient/a'), ...referrers);
      const refusal = await refusalOf(store.transact(strict(remove('Patient/a'))));
      assert.equal(refusal.reason, 'still-referenced');
      if (refusal.reason !== 'still-referenced') return;
      assert.deepEqual(refusal.key, keyOf('Patient/a'));
      assert.equal(refusal.by.length, 10);
      assert.equal(refusal.by[0]?.type, 'Immunization');
    });

    test('see references that no search parameter covers', async (store) => {
      const content = { references: [keyOf('Patient/a')] };
      await write(store, put('Patient/a'), put('Immunization/i', content));
      const refusal = await refusalOf(store.transact(strict(remove('Patient/a'))));
      assert.equal(refusal.reason, 'still-referenced');
      await write(store, put('Immunization/i'));
      await store.transact(strict(remove('Patient/a')));
    });

    test('let referrers and target go together, whatever their order', async (store) => {
      await write(store, put('Patient/a'), put('Immunization/i', toPatient('a')));
      await store.transact(strict(remove('Patient/a'), remove('Immunization/i')));
      assert.equal(await store.count(everything('Patient')), 0);
    });

    test('let a target go when its referrers turn away in the same transaction', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'), put('Immunization/i', toPatient('a')));
      await store.transact(strict(remove('Patient/a'), put('Immunization/i', toPatient('b'))));
      assert.equal(await store.position(), 5);
    });

    test('let a resource that points at itself go', async (store) => {
      await store.transact(strict(put('Patient/a', toPatient('a'))));
      await store.transact(strict(remove('Patient/a')));
      assert.equal(await store.count(everything('Patient')), 0);
    });

    test('hold against a delete and a create that race', async (store) => {
      await write(store, put('Patient/a'));
      const [deleted, created] = await Promise.allSettled([
        store.transact(strict(remove('Patient/a'))),
        store.transact(strict(put('Immunization/i', toPatient('a')))),
      ]);
      assert.notEqual(deleted.status, created.status);
    });
  });

  describe('entries that are added to a version', () => {
    const code = (value: string) => ({
      ...everything('Patient'),
      where: { kind: 'token', parameter: 'new', anyOf: [{ code: value }] } as const,
    });
    const added = (key: string, sequence: number, value: string) =>
      ({
        kind: 'entries',
        ...keyOf(key),
        sequence,
        entries: [token('new', 's', value), pointer('newref', 'Organization/1')],
      }) as const;

    test('are found, and use no sequence number', async (store) => {
      await write(store, put('Patient/1'), put('Patient/2'));
      const { last, versions } = await write(store, added('Patient/1', 1, 'a'), row('s', 'k', '1'));
      assert.equal(last, 2);
      assert.deepEqual(versions, []);
      assert.equal(await store.count(code('a')), 1);
      assert.equal(await store.row('s', 'k'), '1');
      assert.deepEqual(await store.changes(2, 10), []);
      const chain = { kind: 'chain', parameter: 'newref', type: 'Organization' } as const;
      const where = { ...chain, where: { kind: 'everything' } } as const;
      assert.equal(await store.count({ ...everything('Patient'), where }), 0);
      await write(store, put('Organization/1'));
      assert.equal(await store.count({ ...everything('Patient'), where }), 1);
    });

    test('are left out when that version is not the current one', async (store) => {
      await write(store, put('Patient/1'), put('Patient/2'));
      await write(store, put('Patient/1'), remove('Patient/2'));
      await write(
        store,
        added('Patient/1', 1, 'a'),
        added('Patient/2', 2, 'a'),
        added('Patient/nobody', 1, 'a'),
      );
      assert.equal(await store.count(code('a')), 0);
      await write(store, added('Patient/1', 3, 'b'));
      assert.equal(await store.count(code('b')), 1);
    });
  });

  describe('an operational row', () => {
    test('is set, replaced and removed by transactions', async (store) => {
      await write(store, row('cursors', 'a', '1'));
      await write(store, row('cursors', 'a', '2'), row('cursors', 'b', '3'));
      assert.equal(await store.row('cursors', 'a'), '2');
      await write(store, row('cursors', 'a', null), row('cursors', 'none', null));
      assert.equal(await store.row('cursors', 'a'), undefined);
      assert.equal(await store.row('cursors', 'b'), '3');
      assert.equal(await store.row('other', 'b'), undefined);
    });

    test('uses no sequence number and is no change', async (store) => {
      await write(store, put('Patient/a'));
      const commit = await write(store, row('cursors', 'a', '1'));
      assert.deepEqual(commit, { versions: [], last: 1 });
      assert.equal((await store.changes(0, 10)).length, 1);
    });

    for (const expect of ['1', null]) {
      test(`is refused when its value is not the expected ${expect}`, async (store) => {
        await write(store, row('leases', 'a', '2'));
        const refused = { ...row('leases', 'a', '3'), expect };
        const refusal = await refusalOf(write(store, put('Patient/a'), refused));
        assert.deepEqual(refusal, { reason: 'row-changed', set: 'leases', key: 'a' });
        assert.equal(await store.row('leases', 'a'), '2');
        assert.equal(await store.position(), 0);
      });
    }

    test('is written when its value is the expected one', async (store) => {
      await write(store, { ...row('leases', 'a', '1'), expect: null });
      await write(store, { ...row('leases', 'a', '2'), expect: '1' });
      assert.equal(await store.row('leases', 'a'), '2');
    });

    test('is taken by one of many who expect it absent', async (store) => {
      const calls = Array.from({ length: 20 }, (_, index) => {
        return write(store, { ...row('leases', 'a', String(index)), expect: null });
      });
      const settled = await Promise.allSettled(calls);
      assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    test('is listed by key in code-unit order, after a key, up to a limit', async (store) => {
      const keys = ['b', 'a', '', '\u{1F489}', '\uF8FF', 'ab', 'é'];
      await write(store, ...keys.map((key) => row('set', key, JSON.stringify(key))));
      const sorted = keys.filter((key) => key !== '').sort();
      const listed = await store.rows('set', '', 100);
      assert.deepEqual(
        listed,
        sorted.map((key) => ({ key, value: JSON.stringify(key) })),
      );
      assert.deepEqual(await store.rows('set', 'ab', 2), listed.slice(2, 4));
      assert.deepEqual(await store.rows('none', '', 2), []);
    });
  });

  describe('the window', () => {
    const later = (afterMs: number, ...writes: readonly Write[]): Transaction => ({
      ...transaction(...writes),
      nowMs: START_MS + afterMs,
    });

    test('refuses questions from before what was current when it begins', async (store) => {
      await store.transact(later(0, put('Patient/a')));
      await store.transact(later(1_000, put('Patient/a')));
      await store.transact(later(2_000, put('Patient/a')));
      await store.maintain(START_MS + 1_500 + WINDOW_MS);
      const behind: StoreRefusal = { reason: 'behind-window', floor: 2 };
      const query = everything('Patient');
      assert.deepEqual(await refusalOf(store.search(query, { count: 1 }, 1)), behind);
      assert.deepEqual(await refusalOf(store.count(query, 1)), behind);
      assert.deepEqual(await refusalOf(store.read(keyOf('Patient/a'), 1)), behind);
      assert.deepEqual(await refusalOf(store.readMany([], 1)), behind);
      assert.deepEqual(
        await refusalOf(store.stream(query, 1)[Symbol.asyncIterator]().next()),
        behind,
      );
      const visible = { Patient: query.where };
      assert.deepEqual(await refusalOf(store.history({ visible }, { count: 1 }, 1)), behind);
      assert.equal(await store.count(query, 2), 1);
    });

    test('never moves back', async (store) => {
      await store.transact(later(0, put('Patient/a')));
      await store.transact(later(1_000, put('Patient/a')));
      await store.maintain(START_MS + 2_000 + WINDOW_MS);
      await store.maintain(START_MS);
      const refusal = await refusalOf(store.count(everything('Patient'), 1));
      assert.deepEqual(refusal, { reason: 'behind-window', floor: 2 });
    });

    test('leaves every later question its answer', async (store) => {
      const content = (code: string) => ({ entries: [token('identifier', 's', code)] });
      for (const [step, code] of ['1', '2', '1', '2', '1'].entries()) {
        await store.transact(later(step * 1_000, put('Patient/a', content(code))));
      }
      await store.maintain(START_MS + 2_000 + WINDOW_MS);
      const found = async (at: number) =>
        store.count({ ...everything('Patient'), where: byCode('1') }, at);
      assert.deepEqual([await found(3), await found(4), await found(5)], [1, 0, 1]);
    });

    test('does not bound version reads, histories and changes', async (store) => {
      await store.transact(later(0, put('Patient/a')));
      await store.transact(later(1_000, put('Patient/a')));
      await store.maintain(START_MS + 1_000 + WINDOW_MS);
      assert.equal((await store.readVersion(keyOf('Patient/a'), 1))?.sequence, 1);
      assert.equal((await store.history({}, { count: 10 }, 1)).total, 1);
      assert.equal((await store.changes(0, 10)).length, 2);
    });

    test('is kept when the store is opened anew', async (store, lease) => {
      if (lease.reopen === undefined) return;
      await store.transact(later(0, put('Patient/a')));
      await store.transact(later(1_000, put('Patient/a')));
      await store.maintain(START_MS + 1_000 + WINDOW_MS);
      await store.close();
      const again = await lease.reopen();
      const refusal = await refusalOf(again.read(keyOf('Patient/a'), 1));
      assert.equal(refusal.reason, 'behind-window');
    });
  });
}
