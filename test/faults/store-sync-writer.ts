// Started by store-sync.test.ts under strace: writes groups to the embedded store and says on
// standard output, unbuffered, when each is acknowledged. Arguments: directory, count of groups.

import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { plainIndexer, put, transaction } from '../support/plain-resource.ts';

const [, , directory = '', groups = ''] = process.argv;
const store = await openSqliteStore({ directory, windowMs: 60_000, indexer: plainIndexer });
for (let group = 1; group <= Number(groups); group += 1) {
  const writes = ['a', 'b', 'c'].map((id) => store.transact(transaction(put(`Patient/${id}`))));
  await Promise.all(writes);
  writeSync(1, `acknowledged ${group}\n`);
}
await store.close();
