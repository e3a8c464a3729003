// Pauses of what runs on and on: how long after failures, and the timer that waits. The timer is
// passed to its users, so that tests need not wait.

import { setTimeout } from 'node:timers/promises';

import { FOLLOWER_BACKOFF_FIRST_MS, FOLLOWER_BACKOFF_MAX_MS } from '../limits.ts';

/** Waits that many milliseconds, or until the signal aborts; never rejects. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** Waits by the machine's clock. */
export const waitOnTimer: Wait = async (ms, signal) => {
  // Rejects when aborted, and for no other reason.
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
};

/** The pause in milliseconds after that many failures in a row (at least 1). */
export function backoffMs(failures: number): number {
  return Math.min(FOLLOWER_BACKOFF_FIRST_MS * 2 ** (failures - 1), FOLLOWER_BACKOFF_MAX_MS);
}
