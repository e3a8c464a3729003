// The secret that page links are sealed with: made once for a store and kept in it, so that every
// instance of the service reads the links of every other, and a restart breaks none.

import { type ResourceStore, StoreError } from '../store/resource-store.ts';
import { type PageKey, pageKeyOf } from './search-page.ts';

const SET = 'secrets';
const KEY = 'page-links';
const SECRET_BYTES = 64;

/**
 * The store's secret, made now if it has none.
 * @param randomBytes that many unpredictable bytes
 */
export async function openPageKey(
  store: ResourceStore,
  nowMs: number,
  randomBytes: (count: number) => Buffer,
): Promise<PageKey> {
  const known = await store.row(SET, KEY);
  if (known !== undefined) return pageKeyOf(Buffer.from(JSON.parse(known) as string, 'base64'));
  const value = JSON.stringify(randomBytes(SECRET_BYTES).toString('base64'));
  try {
    const write = { kind: 'row', set: SET, key: KEY, value, expect: null } as const;
    await store.transact({ guards: [], writes: [write], nowMs, references: 'strict' });
  } catch (error) {
    // Another instance was faster: its secret counts.
    if (!(error instanceof StoreError) || error.refusal.reason !== 'row-changed') throw error;
  }
  return openPageKey(store, nowMs, randomBytes);
}
