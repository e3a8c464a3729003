// Large transactions: thousands of writes are handed over, checked and written many at a time, and
// must mean what they mean one by one. The model says what that is.

import assert from 'node:assert/strict';
import { UNIQUE } from '../../src/search/unique-identifiers.ts';
import type { ResourceStore, Write } from '../../src/store/resource-store.ts';
import { makeModelStore } from '../support/model-store.ts';
import { keyOf, pointer, put, remove, row, token, transaction } from '../support/plain-resource.ts';
import { type OpenStore, WINDOW_MS } from './back-ends.ts';
import { everything, refusalOf, testsOf } from './store-suite.ts';

const PEOPLE = 400;
const SYSTEM = 'https://fhir.nhs.uk/Id/nhs-number';

/** A dose with equal entries, a target that comes later, and text that sorts by code unit. */
function dose(index: number, round: number): Write {
  const target = `Patient/p${index % PEOPLE}`;
  return put(`Immunization/i${index}`, {
    entries: [
      pointer('patient', target),
      pointer('performer', `Organization/o${index % 7}`),
      token('vaccine-code', 'http://snomed.info/sct', String((index + round) % 5)),
      token('vaccine-code', 'http://snomed.info/sct', String((index + round) % 5)),
      { kind: 'string', parameter: 'lot-number', value: `\u{1F489}${index}`, exact: '\uF8FF' },
      { kind: 'date', parameter: 'date', low: index % 30, high: (index % 30) + 1 },
      { kind: 'uri', parameter: '_source', value: `urn:${round}` },
    ],
    references: [keyOf(target), keyOf(`Organization/o${index % 7}`)],
    note: `\u0001é\uD800 ${round}`,
  });
}

const person = (index: number, code: string): Write =>
  put(`Patient/p${index}`, { entries: [token(UNIQUE, SYSTEM, code)] });

/** Doses first, so that people and organizations are mentioned before they are written. */
function writesOf(round: number): Write[] {
  const doses = Array.from({ length: 900 }, (_, index) => dose(index + 300 * round, round));
  const people = Array.from({ length: PEOPLE }, (_, index) =>
    person(index, String((index + round) % PEOPLE)),
  );
  const practices = Array.from({ length: 7 }, (_, index) => put(`Organization/o${index}`));
  const rows = Array.from({ length: 50 }, (_, index) => row('done', `${round}-${index}`, '1'));
  const deletions = Array.from({ length: round * 100 }, (_, index) =>
    remove(`Immunization/i${index}`),
  );
  return [...doses, ...rows, ...people, ...practices, ...deletions];
}

/** Operational rows of one set, as many as a group of people has members. */
const MEMBERS = process.env.CI === 'true' ? 1_000_000 : 50_000;
/** The same where every read looks at all of them. */
const MEMBERS_FEW = 20_000;
const MEMBERS_AT_ONCE = 5_000;

/**
 * States that a large transaction is a transaction, and that a set of rows may be large.
 * @param few whether the set is to be small, since every read looks at all of it
 */
export function largeSuite(open: OpenStore, few: boolean): void {
  const test = testsOf(open);

  describe('a large set of rows', () => {
    const count = few ? MEMBERS_FEW : MEMBERS;
    const keyAt = (index: number) => String(index).padStart(8, '0');

    test(`of ${count} is read in pages, in order`, async (store) => {
      for (let start = 0; start < count; start += MEMBERS_AT_ONCE) {
        const rows = Array.from({ length: MEMBERS_AT_ONCE }, (_, index) =>
          row('members', keyAt(start + index), String(start + index)),
        );
        await store.transact(transaction(...rows));
      }
      let read = 0;
      for (let after = ''; ; ) {
        const page = await store.rows('members', after, MEMBERS_AT_ONCE);
        if (page.length === 0) break;
        assert.equal(page[0]?.key, keyAt(read));
        assert.equal(page.at(-1)?.value, String(read + page.length - 1));
        read += page.length;
        after = page.at(-1)?.key ?? '';
      }
      assert.equal(read, count);
      assert.equal(await store.row('members', keyAt(count - 1)), String(count - 1));
      assert.equal(await store.position(), 0);
    }).timeout(300_000);
  });

  describe('a large transaction', () => {
    test('means on every store what it means to the model', async (store) => {
      const model = makeModelStore(WINDOW_MS);
      for (const round of [0, 1, 2]) {
        const given = { ...transaction(...writesOf(round)), references: 'strict' } as const;
        assert.deepEqual(await store.transact(given), await model.transact(given));
      }
      for (const question of questions) {
        assert.deepEqual(await question(store), await question(model));
      }
    }).timeout(60_000);

    test('is refused whole by one of its writes', async (store) => {
      const writes = [...writesOf(0), put('Patient/last', {}, { expect: 3 })];
      const refusal = await refusalOf(store.transact(transaction(...writes)));
      assert.equal(refusal.reason, 'version-changed');
      assert.equal(await store.position(), 0);
      assert.equal(await store.count(everything('Immunization')), 0);
    });

    test('may be under way beside others, large and small', async (store) => {
      const large = [0, 1].map((half) =>
        transaction(
          ...Array.from({ length: 1_200 }, (_, index) => put(`Patient/${half}-${index}`)),
        ),
      );
      const small = Array.from({ length: 30 }, (_, index) => transaction(put(`Patient/${index}`)));
      const commits = await Promise.all([...large, ...small].map((one) => store.transact(one)));
      const lengths = commits.map(({ versions }) => versions.length);
      assert.deepEqual(lengths, [1_200, 1_200, ...small.map(() => 1)]);
      for (const { versions } of commits) {
        const [first] = versions;
        const last = versions.at(-1);
        assert.equal((last?.sequence ?? 0) - (first?.sequence ?? 0), versions.length - 1);
      }
      assert.equal(await store.position(), 2_430);
      assert.equal(await store.count(everything('Patient')), 2_430);
    });
  });
}

const questions: readonly ((store: ResourceStore) => Promise<unknown>)[] = [
  (store) => store.changes(0, 10_000),
  (store) => store.rows('done', '', 200),
  ...['2', '4'].map((code) => (store: ResourceStore) => {
    const where = { kind: 'token', parameter: 'vaccine-code', anyOf: [{ code }] } as const;
    return store.search({ ...everything('Immunization'), where }, { count: 1_000 });
  }),
  (store) => {
    const where = { kind: 'token', parameter: 'vaccine-code', anyOf: [{ code: '3' }] } as const;
    return store.count({ ...everything('Immunization'), where }, 1_307);
  },
];
