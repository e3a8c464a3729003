// What the store contract says of unique identifiers, one test per sentence. Takes any store.

import assert from 'node:assert/strict';
import { UNIQUE } from '../../src/search/unique-identifiers.ts';
import type { PutWrite, StoreRefusal, Transaction } from '../../src/store/resource-store.ts';
import { keyOf, put, remove, token, transaction } from '../support/plain-resource.ts';
import type { OpenStore } from './back-ends.ts';
import { everything, refusalOf, testsOf, write } from './store-suite.ts';

const SYSTEM = 'https://fhir.nhs.uk/Id/nhs-number';

/** A put of a resource that holds the numbers. */
const holding = (key: string, ...codes: readonly string[]): PutWrite =>
  put(key, { entries: codes.map((code) => token(UNIQUE, SYSTEM, code)) });

const notUnique = (key: string, code: string, other: string): StoreRefusal => ({
  reason: 'not-unique',
  key: keyOf(key),
  system: SYSTEM,
  code,
  other: keyOf(other),
});

/** States what `transact` promises of entries under `_unique`. */
export function uniqueSuite(open: OpenStore): void {
  const test = testsOf(open);

  describe('a unique identifier', () => {
    test('is refused to a second resource, naming both and itself', async (store) => {
      await write(store, holding('Patient/a', '1'));
      const refusal = await refusalOf(write(store, holding('Patient/b', '2', '1')));
      assert.deepEqual(refusal, notUnique('Patient/b', '1', 'Patient/a'));
      assert.equal(await store.position(), 1);
    });

    test('is refused to an update that takes it from another', async (store) => {
      await write(store, holding('Patient/a', '1'), holding('Patient/b', '2'));
      const refusal = await refusalOf(write(store, holding('Patient/b', '1')));
      assert.deepEqual(refusal, notUnique('Patient/b', '1', 'Patient/a'));
    });

    test('refuses the whole transaction, and leaves no trace of it', async (store) => {
      await write(store, holding('Patient/a', '1'));
      const refused = write(store, holding('Patient/b', '2'), holding('Patient/c', '1'));
      assert.equal((await refusalOf(refused)).reason, 'not-unique');
      await write(store, holding('Patient/d', '2'));
      assert.equal((await store.read(keyOf('Patient/d')))?.number, 2);
      assert.equal(await store.read(keyOf('Patient/b')), undefined);
    });

    test('stays with its holder through updates', async (store) => {
      await write(store, holding('Patient/a', '1'));
      await write(store, holding('Patient/a', '1'));
      await write(store, holding('Patient/a', '1', '2'));
      assert.equal(await store.position(), 3);
    });

    test('is told apart by system, code as written, and type', async (store) => {
      await write(store, holding('Patient/a', 'x'));
      await write(store, holding('Patient/b', 'X'), holding('Organization/a', 'x'));
      await write(store, put('Patient/c', { entries: [token(UNIQUE, 'urn:other', 'x')] }));
      await write(store, put('Patient/d', { entries: [token('identifier', SYSTEM, 'x')] }));
      assert.equal(await store.position(), 5);
    });

    test('is free again after a deletion', async (store) => {
      await write(store, holding('Patient/a', '1'));
      await write(store, remove('Patient/a'));
      await write(store, holding('Patient/b', '1'));
      const refusal = await refusalOf(write(store, holding('Patient/a', '1')));
      assert.deepEqual(refusal, notUnique('Patient/a', '1', 'Patient/b'));
    });

    test('is free again after an update that lets go of it', async (store) => {
      await write(store, holding('Patient/a', '1'));
      await write(store, holding('Patient/a'));
      await write(store, holding('Patient/b', '1'));
      assert.equal(await store.position(), 3);
    });

    test('may pass from one to another in one transaction, in either order', async (store) => {
      await write(store, holding('Patient/a', '1'));
      await write(store, holding('Patient/b', '1'), holding('Patient/a'));
      await write(store, holding('Patient/b'), holding('Patient/a', '1'));
      await write(store, holding('Patient/c', '1'), remove('Patient/a'));
      assert.equal(await store.count(everything('Patient')), 2);
    });

    test('may be swapped in one transaction', async (store) => {
      await write(store, holding('Patient/a', '1'), holding('Patient/b', '2'));
      await write(store, holding('Patient/a', '2'), holding('Patient/b', '1'));
      const refusal = await refusalOf(write(store, holding('Patient/c', '1')));
      assert.deepEqual(refusal, notUnique('Patient/c', '1', 'Patient/b'));
    });

    test('is refused to two puts of one transaction', async (store) => {
      const refusal = await refusalOf(
        write(store, holding('Patient/a', '1'), holding('Patient/b', '1')),
      );
      assert.deepEqual(refusal, notUnique('Patient/b', '1', 'Patient/a'));
      assert.equal(await store.position(), 0);
    });

    test('is refused where a third keeps what two of a transaction exchange', async (store) => {
      await write(store, holding('Patient/a', '1'), holding('Patient/b', '2'));
      await write(store, holding('Patient/c', '3'));
      const exchange = write(store, holding('Patient/a', '2'), holding('Patient/b', '3'));
      assert.deepEqual(await refusalOf(exchange), notUnique('Patient/b', '3', 'Patient/c'));
    });

    test('goes to one of 64 who ask at once', async (store) => {
      const calls = Array.from({ length: 64 }, (_, index) => {
        return write(store, holding(`Patient/p${index}`, '1'));
      });
      const settled = await Promise.allSettled(calls);
      const winners = settled.flatMap((one, index) => (one.status === 'fulfilled' ? index : []));
      assert.equal(winners.length, 1);
      for (const [index, one] of settled.entries()) {
        if (one.status === 'fulfilled') continue;
        const expected = notUnique(`Patient/p${index}`, '1', `Patient/p${winners[0]}`);
        assert.deepEqual(one.reason.refusal, expected);
      }
      assert.equal(await store.count(everything('Patient')), 1);
    });

    test('is judged after guards, expectations and references', async (store) => {
      await write(store, holding('Patient/a', '1'));
      const taken = holding('Patient/b', '1');
      const guards = [{ type: 'Patient', where: everything('Patient').where, ids: [] }];
      const reasonOf = async (refused: Transaction) =>
        (await refusalOf(store.transact(refused))).reason;
      assert.equal(await reasonOf({ ...transaction(taken), guards }), 'guard-changed');
      assert.equal(await reasonOf(transaction({ ...taken, expect: 5 })), 'version-changed');
      const references = [{ ...keyOf('Patient/none'), expression: 'Patient.link[0].other' }];
      const strict = { ...transaction({ ...taken, references }), references: 'strict' } as const;
      assert.equal(await reasonOf(strict), 'reference-missing');
    });

    test('is kept when the store is opened anew', async (store, lease) => {
      if (lease.reopen === undefined) return;
      await write(store, holding('Patient/a', '1'));
      await store.close();
      const again = await lease.reopen();
      const refusal = await refusalOf(write(again, holding('Patient/b', '1')));
      assert.deepEqual(refusal, notUnique('Patient/b', '1', 'Patient/a'));
    });
  });
}
