// Fifty callers' writes in a process of their own, for strace to count the syncs. Started by
// store-rows.ts with a data directory; prints how many writes were acknowledged.

import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { indexer } from './material.ts';

const WRITES = 4_000;
const CALLERS = 50;

const store = await openSqliteStore({
  directory: process.argv[2] ?? '',
  windowMs: 86_400_000,
  indexer: indexer(),
});
let next = 0;
await Promise.all(
  Array.from({ length: CALLERS }, async () => {
    while (next < WRITES) {
      next += 1;
      const id = `load-${next}`;
      const document = { before: `{"resourceType":"Flag","id":"${id}","meta":{`, after: '}}' };
      const write = { kind: 'put', type: 'Flag', id, method: 'POST', expect: 'absent' } as const;
      await store.transact({
        guards: [],
        writes: [{ ...write, document, entries: [], references: [] }],
        nowMs: 0,
        references: 'lenient',
      });
    }
  }),
);
await store.close();
process.stdout.write(String(WRITES));
