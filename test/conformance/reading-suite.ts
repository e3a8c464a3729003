// The store contract's reads, histories, changes and pages, one test per sentence.

import assert from 'node:assert/strict';
import type {
  HistoryScope,
  ReferrerQuery,
  ResourceStore,
  Version,
} from '../../src/store/resource-store.ts';
import {
  keyOf,
  pointer,
  put,
  remove,
  START_MS,
  token,
  transaction,
} from '../support/plain-resource.ts';
import type { OpenStore } from './back-ends.ts';
import { everything, names, refusalOf, testsOf, write } from './store-suite.ts';

/** Patient/a three times, Patient/b once and deleted, Organization/o once; a second apart. */
async function writeLog(store: ResourceStore): Promise<void> {
  const steps = [
    [put('Patient/a', { entries: [token('gender', '', 'male')] }), put('Organization/o')],
    [put('Patient/b', { entries: [token('gender', '', 'female')] })],
    [put('Patient/a', { entries: [token('gender', '', 'female')] })],
    [remove('Patient/b')],
    [put('Patient/a', { entries: [token('gender', '', 'male')] })],
  ];
  for (const [index, writes] of steps.entries()) {
    await store.transact({ ...transaction(...writes), nowMs: START_MS + index * 1_000 });
  }
}

async function everyHistoryPage(store: ResourceStore, scope: HistoryScope, count: number) {
  const first = await store.history(scope, { count });
  const versions = [...first.versions];
  for (let { next } = first; next !== undefined; ) {
    await write(store, put('Patient/a'), put('Organization/o'));
    const page = await store.history(scope, { count, before: next }, first.at);
    assert.equal(page.total, first.total);
    versions.push(...page.versions);
    next = page.next;
  }
  return { total: first.total, versions };
}

/** States the contract of the reads. */
export function readingSuite(open: OpenStore): void {
  const test = testsOf(open);

  describe('a read', () => {
    test('of what never existed finds nothing', async (store) => {
      assert.equal(await store.read(keyOf('Patient/a')), undefined);
      assert.equal(await store.readVersion(keyOf('Patient/a'), 1), undefined);
      assert.equal(await store.count(everything('Patient')), 0);
      assert.equal(await store.position(), 0);
    });

    test('of what was only mentioned finds nothing', async (store) => {
      await write(store, put('Immunization/i', { references: [keyOf('Patient/a')] }));
      assert.equal(await store.read(keyOf('Patient/a')), undefined);
      assert.equal(await store.count(everything('Patient')), 0);
    });

    test('tells ids of different types apart', async (store) => {
      await write(store, put('Patient/a', { note: 'patient' }), put('Organization/a'));
      assert.equal((await store.read(keyOf('Organization/a')))?.type, 'Organization');
    });

    test('as at a sequence number finds the version of that moment', async (store) => {
      await writeLog(store);
      const at = async (sequence: number) => [
        (await store.read(keyOf('Patient/a'), sequence))?.versionId,
        (await store.read(keyOf('Patient/b'), sequence))?.method,
      ];
      assert.deepEqual(await at(0), [undefined, undefined]);
      assert.deepEqual(await at(2), [1, undefined]);
      assert.deepEqual(await at(4), [2, 'PUT']);
      assert.deepEqual(await at(5), [2, 'DELETE']);
      assert.deepEqual(await at(6), [3, 'DELETE']);
    });

    test('of a version finds it, however old, a deletion included', async (store) => {
      await writeLog(store);
      assert.equal((await store.readVersion(keyOf('Patient/a'), 1))?.sequence, 1);
      assert.equal((await store.readVersion(keyOf('Patient/b'), 2))?.method, 'DELETE');
      assert.equal(await store.readVersion(keyOf('Patient/b'), 3), undefined);
    });

    test('of many answers each key in order', async (store) => {
      await writeLog(store);
      const keys = ['Patient/b', 'Patient/none', 'Organization/o', 'Patient/a'].map(keyOf);
      const found = await store.readMany(keys);
      assert.deepEqual(names(found), ['Patient/b#2', undefined, 'Organization/o#1', 'Patient/a#3']);
      assert.deepEqual(names(await store.readMany(keys, 2)), [
        undefined,
        undefined,
        'Organization/o#1',
        'Patient/a#1',
      ]);
    });

    test('of very many answers them all', async (store) => {
      const keys = Array.from({ length: 250 }, (_, index) => keyOf(`Patient/p${index}`));
      await write(store, ...keys.map(({ type, id }) => put(`${type}/${id}`)));
      const found = await store.readMany([...keys, keyOf('Patient/none')]);
      assert.equal(found.filter((version) => version !== undefined).length, 250);
      assert.deepEqual(
        found.slice(0, 250).map((version) => version?.id),
        keys.map(({ id }) => id),
      );
    });
  });

  describe('referrers', () => {
    const all = { kind: 'everything' } as const;
    const flags = { type: 'Flag', parameter: 'patient', where: all } as const;
    const doses = { type: 'Immunization', parameter: 'patient', where: all } as const;
    const about = (...ids: readonly string[]) => ({
      entries: ids.map((id) => pointer('patient', `Patient/${id}`)),
    });
    const keys = ['Patient/b', 'Patient/a'].map(keyOf);
    const found = async (store: ResourceStore, queries: readonly ReferrerQuery[], at?: number) =>
      (await store.referrers(keys, queries, at)).map(names);

    test('are found for each key in order, by query, then by number', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'), put('Immunization/1', about('a')));
      await write(store, put('Flag/1', about('b')), put('Flag/2', about('a', 'b')));
      await write(store, put('Flag/3', about('a')), put('Flag/1', about('b')));
      assert.deepEqual(await found(store, [flags, doses]), [
        ['Flag/1#2', 'Flag/2#1'],
        ['Flag/2#1', 'Flag/3#1', 'Immunization/1#1'],
      ]);
      assert.deepEqual(await found(store, [doses, flags]), [
        ['Flag/1#2', 'Flag/2#1'],
        ['Immunization/1#1', 'Flag/2#1', 'Flag/3#1'],
      ]);
    });

    test('are whole versions', async (store) => {
      const { versions } = await write(store, put('Flag/1', about('a')));
      assert.deepEqual(await store.referrers([keyOf('Patient/a')], [flags]), [versions]);
    });

    test('point by the parameter that is asked for', async (store) => {
      await write(store, put('Flag/1', { entries: [pointer('author', 'Patient/a')] }));
      assert.deepEqual(await found(store, [flags]), [[], []]);
      assert.deepEqual(await found(store, [{ ...flags, parameter: 'author' }]), [[], ['Flag/1#1']]);
    });

    test('match what is asked for', async (store) => {
      const active = { entries: [pointer('patient', 'Patient/a'), token('status', '', 'active')] };
      await write(store, put('Flag/1', active), put('Flag/2', about('a')));
      const status = { kind: 'token', parameter: 'status', anyOf: [{ code: 'active' }] } as const;
      assert.deepEqual(await found(store, [{ ...flags, where: status }]), [[], ['Flag/1#1']]);
      const none = { ...flags, where: { kind: 'not', of: status } } as const;
      assert.deepEqual(await found(store, [none, doses]), [[], ['Flag/2#1']]);
    });

    test('are not deleted, and their target may be or never have been', async (store) => {
      await write(
        store,
        put('Patient/a'),
        put('Flag/1', about('a')),
        put('Flag/2', about('a', 'b')),
      );
      await write(store, remove('Flag/1'), remove('Patient/a'));
      assert.deepEqual(await found(store, [flags]), [['Flag/2#1'], ['Flag/2#1']]);
      assert.deepEqual(await store.referrers([keyOf('Patient/none')], [flags]), [[]]);
    });

    test('as at a sequence number are those of that moment', async (store) => {
      await write(store, put('Flag/1', about('a')), put('Flag/2', about('a')));
      await write(store, put('Flag/1', about('b')));
      await write(store, remove('Flag/2'), put('Flag/1', about('a')), put('Flag/3', about('b')));
      const at = (sequence: number) => found(store, [flags], sequence);
      assert.deepEqual(await at(0), [[], []]);
      assert.deepEqual(await at(2), [[], ['Flag/1#1', 'Flag/2#1']]);
      assert.deepEqual(await at(3), [['Flag/1#2'], ['Flag/2#1']]);
      assert.deepEqual(await at(6), [['Flag/3#1'], ['Flag/1#3']]);
      const { versionId } = (await store.referrers(keys, [flags], 3))[0]?.[0] ?? {};
      assert.equal(versionId, 2);
    });

    test('of very many keys are found for them all', async (store) => {
      const ids = Array.from({ length: 250 }, (_, index) => `p${index}`);
      await write(store, ...ids.map((id) => put(`Flag/of-${id}`, about(id))));
      const answers = await store.referrers(
        ids.map((id) => keyOf(`Patient/${id}`)),
        [flags],
      );
      const pointing = answers.map((versions) => versions.map(({ id }) => id));
      assert.deepEqual(
        pointing,
        ids.map((id) => [`of-${id}`]),
      );
    });
  });

  describe('a history', () => {
    const histories: readonly [string, HistoryScope, readonly string[]][] = [
      [
        'of everything is the whole log, newest first',
        {},
        [
          'Patient/a#3',
          'Patient/b#2',
          'Patient/a#2',
          'Patient/b#1',
          'Organization/o#1',
          'Patient/a#1',
        ],
      ],
      [
        'of a type has its versions alone',
        { type: 'Patient' },
        ['Patient/a#3', 'Patient/b#2', 'Patient/a#2', 'Patient/b#1', 'Patient/a#1'],
      ],
      [
        'of a resource has its versions alone',
        { type: 'Patient', id: 'b' },
        ['Patient/b#2', 'Patient/b#1'],
      ],
      ['of an unknown type is empty', { type: 'Flag' }, []],
      ['of an unknown resource is empty', { type: 'Patient', id: 'none' }, []],
      [
        'after a sequence number leaves out what is older',
        { after: 4 },
        ['Patient/a#3', 'Patient/b#2'],
      ],
      [
        'current from a sequence number on begins with what was current then',
        { currentFrom: 4 },
        ['Patient/a#3', 'Patient/b#2', 'Patient/a#2', 'Patient/b#1', 'Organization/o#1'],
      ],
      [
        'shows visible types alone',
        { visible: { Organization: { kind: 'everything' } } },
        ['Organization/o#1'],
      ],
      [
        'shows deleted resources to who may see everything of their type',
        { visible: { Patient: { kind: 'everything' } }, type: 'Patient', after: 4 },
        ['Patient/a#3', 'Patient/b#2'],
      ],
      [
        'judges what is visible on the current version',
        {
          visible: { Patient: { kind: 'token', parameter: 'gender', anyOf: [{ code: 'male' }] } },
        },
        ['Patient/a#3', 'Patient/a#2', 'Patient/a#1'],
      ],
      [
        'hides deleted resources from who may see some of their type',
        {
          visible: {
            Patient: { kind: 'not', of: { kind: 'missing', parameter: 'gender' } },
            Organization: { kind: 'nothing' },
          },
        },
        ['Patient/a#3', 'Patient/a#2', 'Patient/a#1'],
      ],
    ];
    for (const [name, scope, expected] of histories) {
      test(name, async (store) => {
        await writeLog(store);
        const { total, versions, next } = await store.history(scope, { count: 10 });
        assert.deepEqual(names(versions), expected);
        assert.equal(total, expected.length);
        assert.equal(next, undefined);
      });
    }

    test('as at a sequence number is as if nothing later had been written', async (store) => {
      await writeLog(store);
      const { at, total, versions } = await store.history({ type: 'Patient' }, { count: 10 }, 4);
      assert.deepEqual(names(versions), ['Patient/a#2', 'Patient/b#1', 'Patient/a#1']);
      assert.deepEqual([at, total], [4, 3]);
    });

    test('judges what is visible as at the sequence number', async (store) => {
      await writeLog(store);
      const visible = {
        Patient: { kind: 'token', parameter: 'gender', anyOf: [{ code: 'female' }] },
      } as const;
      const { versions } = await store.history({ visible }, { count: 10 }, 4);
      assert.deepEqual(names(versions), ['Patient/a#2', 'Patient/b#1', 'Patient/a#1']);
    });

    for (const count of [1, 2, 5]) {
      test(`is one answer in pages of ${count} while others write`, async (store) => {
        await writeLog(store);
        const whole = await store.history({ type: 'Patient' }, { count: 10 });
        const paged = await everyHistoryPage(store, { type: 'Patient' }, count);
        assert.deepEqual(paged.versions, whole.versions);
        assert.equal(paged.total, 5);
      });
    }

    test('of no entries is the total alone', async (store) => {
      await writeLog(store);
      const answer = await store.history({}, { count: 0 });
      assert.deepEqual(answer, { at: 6, total: 6, versions: [] });
    });
  });

  describe('changes', () => {
    test('are all versions after a sequence number, oldest first', async (store) => {
      await writeLog(store);
      const changes = await store.changes(2, 100);
      assert.deepEqual(names(changes), [
        'Patient/b#1',
        'Patient/a#2',
        'Patient/b#2',
        'Patient/a#3',
      ]);
      assert.deepEqual(await store.changes(6, 100), []);
    });

    test('are whole commits, at least one', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'), put('Patient/c'));
      await write(store, put('Patient/d'), put('Patient/e'));
      assert.equal((await store.changes(0, 1)).length, 3);
      assert.equal((await store.changes(0, 3)).length, 3);
      assert.equal((await store.changes(0, 4)).length, 5);
      assert.equal((await store.changes(3, 0)).length, 2);
    });

    test('read one after the other are the whole log', async (store) => {
      await writeLog(store);
      const read: Version[] = [];
      for (let after = 0; ; ) {
        const some = await store.changes(after, 2);
        const last = some.at(-1);
        if (last === undefined) break;
        read.push(...some);
        after = last.sequence;
      }
      assert.deepEqual(
        read.map(({ sequence }) => sequence),
        [1, 2, 3, 4, 5, 6],
      );
    });
  });

  describe('a position', () => {
    test('before an instant is that of the last earlier version', async (store) => {
      await writeLog(store);
      assert.equal(await store.position(START_MS), 0);
      assert.equal(await store.position(START_MS + 1), 2);
      assert.equal(await store.position(START_MS + 2_000), 3);
      assert.equal(await store.position(START_MS + 2_001), 4);
      assert.equal(await store.position(START_MS + 1_000_000), 6);
      assert.equal(await store.position(), 6);
    });
  });

  describe('a search', () => {
    test('of no entries is the total alone', async (store) => {
      await writeLog(store);
      const answer = await store.search(everything('Patient'), { count: 0 });
      assert.deepEqual(answer, { at: 6, total: 1, versions: [] });
    });

    test('says which moment it is as at', async (store) => {
      await writeLog(store);
      const answer = await store.search(everything('Patient'), { count: 10 }, 4);
      assert.deepEqual([answer.at, answer.total], [4, 2]);
      assert.deepEqual(names(answer.versions), ['Patient/a#2', 'Patient/b#1']);
    });

    test('sees every write that was acknowledged before it', async (store) => {
      for (let index = 1; index <= 30; index += 1) {
        await write(store, put(`Patient/p${index}`));
        assert.equal(await store.count(everything('Patient')), index);
      }
    });

    test('streams by number, whatever the sort', async (store) => {
      await write(store, put('Patient/b'), put('Patient/a'), put('Patient/c'));
      const sort = [{ parameter: '_id', descending: true }];
      const streamed: Version[] = [];
      for await (const version of store.stream({ ...everything('Patient'), sort })) {
        streamed.push(version);
      }
      assert.deepEqual(names(streamed), ['Patient/b#1', 'Patient/a#1', 'Patient/c#1']);
    });

    test('streams one moment while others write', async (store) => {
      const ids = Array.from({ length: 2_500 }, (_, index) => `Patient/p${index}`);
      await write(store, ...ids.map((id) => put(id)));
      const streamed: string[] = [];
      for await (const version of store.stream(everything('Patient'))) {
        if (streamed.length === 1) {
          await write(store, remove('Patient/p2000'), put('Patient/p2001'), put('Patient/new'));
        }
        streamed.push(`${version.type}/${version.id}`);
        assert.equal(version.versionId, 1);
      }
      assert.deepEqual(streamed, ids);
    });

    test('streams may be left early', async (store) => {
      await write(store, put('Patient/a'), put('Patient/b'));
      const where = { kind: 'id', ids: ['a', 'b'] } as const;
      for await (const version of store.stream({ ...everything('Patient'), where })) {
        assert.equal(version.id, 'a');
        break;
      }
      assert.equal(await store.count(everything('Patient')), 2);
    });
  });

  describe('a closed store', () => {
    test('has answered what it accepted', async (store) => {
      const calls = Array.from({ length: 20 }, (_, index) =>
        write(store, put(`Patient/p${index}`)),
      );
      const count = store.count(everything('Patient'));
      await store.close();
      assert.equal((await Promise.all(calls)).length, 20);
      assert.equal(typeof (await count), 'number');
    });

    test('refuses every call as unavailable', async (store) => {
      await store.close();
      const key = keyOf('Patient/a');
      const query = everything('Patient');
      const calls = [
        store.read(key),
        store.readVersion(key, 1),
        store.readMany([key]),
        store.readNumbers('Patient', [1]),
        store.readIds('Patient', [1]),
        store.referrers([key], []),
        store.history({}, { count: 1 }),
        store.search(query, { count: 1 }),
        store.count(query),
        store.stream(query)[Symbol.asyncIterator]().next(),
        write(store, put('Patient/a')),
        store.changes(0, 1),
        store.position(),
        store.rows('set', '', 1),
        store.row('set', 'key'),
        store.maintain(START_MS),
      ];
      for (const call of calls) {
        const refusal = await refusalOf(call);
        assert.equal(refusal.reason, 'unavailable');
        if (refusal.reason === 'unavailable') assert.equal(refusal.committed, 'no');
      }
    });

    test('may be closed again', async (store) => {
      await store.close();
      await store.close();
    });
  });
}
