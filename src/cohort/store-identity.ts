// What a store is known by: a text made once and kept in it. Files beside the service that are
// made from the store say whose they are by it.

import { type ResourceStore, StoreError } from '../store/resource-store.ts';

const SET = 'identity';
const KEY = 'store';

/** The store's identity, made now if it has none. @param newId a text that nobody else ever has */
export async function storeIdentity(
  store: ResourceStore,
  nowMs: number,
  newId: () => string,
): Promise<string> {
  const known = await store.row(SET, KEY);
  if (known !== undefined) return JSON.parse(known) as string;
  const write = {
    kind: 'row',
    set: SET,
    key: KEY,
    value: JSON.stringify(newId()),
    expect: null,
  } as const;
  try {
    await store.transact({ guards: [], writes: [write], nowMs, references: 'strict' });
  } catch (error) {
    // Another instance was faster: its identity counts.
    if (!(error instanceof StoreError) || error.refusal.reason !== 'row-changed') throw error;
  }
  return storeIdentity(store, nowMs, newId);
}
