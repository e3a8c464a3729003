// One instance of the store as a process of its own, which writes pairs of resources and says on
// standard output what it was told of each: `ack NAME`, `no NAME` or `unknown NAME`. Started by
// faults.test.ts with the database's address and a name for the instance.

import { randomUUID } from 'node:crypto';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { type ResourceStore, StoreError } from '../../src/store/resource-store.ts';
import { plainIndexer, put, row, transaction } from '../support/plain-resource.ts';

/** Callers that write at the same time. */
const CALLERS = 3;

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

/** `unknown` or `no`, where that is all that went wrong. */
function committedBy(error: unknown): string {
  if (error instanceof StoreError && error.refusal.reason === 'unavailable') {
    return error.refusal.committed;
  }
  throw error;
}

async function writeForEver(store: ResourceStore, caller: number): Promise<void> {
  for (let index = 0; ; index += 1) {
    const name = `${instance}-${caller}-${index}`;
    const pair = [put(`Patient/${name}-a`), put(`Patient/${name}-b`)];
    const shared = index % 5 === 0 ? [put('Patient/shared', { note: name })] : [];
    try {
      await store.transact(transaction(...pair, ...shared, row('names', name, '1')));
      process.stdout.write(`ack ${name}\n`);
    } catch (error) {
      process.stdout.write(`${committedBy(error)} ${name}\n`);
    }
  }
}

const store = await openUntilOpen();
process.stdout.write(`open ${instance}\n`);
await Promise.all(Array.from({ length: CALLERS }, (_, caller) => writeForEver(store, caller)));
