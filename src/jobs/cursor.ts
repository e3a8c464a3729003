// How far a follower of the log has come: an operational row, kept by the store beside the
// versions. change-follower.ts loads it once and saves it after what it handled.

import { assert } from '../lib/assert.ts';
import type { ResourceStore, RowWrite } from '../store/resource-store.ts';

/** The place of one follower in the log. */
export interface Cursor {
  /** The sequence number up to which everything has been handled. */
  load(): Promise<number>;
  /** @throws StoreError when the place could not be kept */
  save(position: number): Promise<void>;
}

/** The set of operational rows that holds every follower's cursor, by the follower's name. */
export const CURSOR_SET = 'follower-cursor';

/** The write that keeps a follower's place, or forgets it (`null`). For those who must do so in
 * one commit with something else. */
export function cursorWrite(name: string, position: number | null): RowWrite {
  const value = position === null ? null : JSON.stringify({ position });
  return { kind: 'row', set: CURSOR_SET, key: name, value };
}

/**
 * A cursor kept in the store.
 * @param startAt where a follower begins that has never saved its place
 * @param now milliseconds since 1970 UTC
 */
export function savedCursor(
  store: ResourceStore,
  name: string,
  startAt: number,
  now: () => number,
): Cursor {
  return {
    load: async () => {
      const value = await store.row(CURSOR_SET, name);
      return value === undefined ? startAt : positionOf(value);
    },
    save: async (position) => {
      const writes = [cursorWrite(name, position)];
      await store.transact({ guards: [], writes, nowMs: now(), references: 'lenient' });
    },
  };
}

function positionOf(value: string): number {
  const { position } = JSON.parse(value) as { position?: unknown };
  assert(Number.isSafeInteger(position), 'a cursor row holds a position');
  return position as number;
}
