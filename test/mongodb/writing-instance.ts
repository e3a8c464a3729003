// One instance of the store as a process of its own, which for each line of standard input writes a
// pair of resources and says on standard output what it was told: `ack NAME`, `no NAME` or
// `unknown NAME`. Started by faults.test.ts with the database's address and the instance's name.

import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { type ResourceStore, StoreError } from '../../src/store/resource-store.ts';
import { plainIndexer, put, row, transaction } from '../support/plain-resource.ts';

const [uri = '', instance = ''] = process.argv.slice(2);

async function openUntilOpen(): Promise<ResourceStore> {
  for (;;) {
    try {
      const options = { uri, windowMs: 3_600_000, indexer: plainIndexer };
      return await openMongoStore({ ...options, newNonce: () => randomUUID() });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

async function write(store: ResourceStore, index: number): Promise<void> {
  const name = `${instance}-${index}`;
  const pair = [put(`Patient/${name}-a`), put(`Patient/${name}-b`)];
  const shared = index % 5 === 0 ? [put('Patient/shared', { note: name })] : [];
  try {
    await store.transact(transaction(...pair, ...shared, row('names', name, '1')));
    process.stdout.write(`ack ${name}\n`);
  } catch (error) {
    const isExpected = error instanceof StoreError && error.refusal.reason === 'unavailable';
    if (!isExpected) throw error;
    const { committed, detail } = error.refusal;
    process.stdout.write(`${committed} ${name} ${detail}\n`);
  }
}

const store = await openUntilOpen();
let index = 0;
const asked = createInterface({ input: process.stdin });
asked.on('line', () => {
  index += 1;
  void write(store, index);
});
// Whoever asked is gone.
asked.on('close', () => process.exit());
