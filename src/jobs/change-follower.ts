// Reads the one ordered log in order and hands every change to a handler, at least once each:
// the place is saved only after the handler is done. Subscriptions, and whatever else is derived
// from the log, are followers; the write path knows none of them.

import { unreachable } from '../lib/assert.ts';
import { FOLLOWER_BATCH_MAX, FOLLOWER_POLL_MS } from '../limits.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import type { Cursor } from './cursor.ts';
import { backoffMs, type Wait } from './pause.ts';

/** What a handler is given beside the changes. */
export interface Following {
  /** Saves the place within the batch: everything up to that sequence number is handled and will
   * not come again. For handlers whose work is costly or seen by others. */
  readonly reached: (sequence: number) => Promise<void>;
  /** Aborts when the follower is stopped; a handler under way may throw then. */
  readonly signal: AbortSignal;
}

export interface FollowerOptions {
  readonly store: Pick<ResourceStore, 'changes'>;
  readonly cursor: Cursor;
  /** Gets whole commits, oldest first. What it throws leaves the place where it was, and the same
   * changes come again after a pause. */
  readonly handle: (batch: readonly Version[], following: Following) => Promise<void>;
  /** Told of every failure with how many there were in a row; never rejects. */
  readonly onFailure: (error: unknown, failures: number) => Promise<void>;
  readonly wait: Wait;
}

/**
 * What one step did. `advanced`: handled all there was; `behind`: handled a full batch, more is
 * likely; `idle`: nothing was new; `failed`: will be tried again; `stopped`.
 */
export type Step = 'advanced' | 'behind' | 'idle' | 'failed' | 'stopped';

/** One follower. It runs from `start` to `stop`; tests may call `step` instead. */
export class ChangeFollower {
  readonly #options: FollowerOptions;
  readonly #stopping = new AbortController();
  #position: number | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Follows the log until stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Lets the handler finish or give up, and ends. Nothing is handled after it resolves. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Reads and handles one batch. Never rejects. Not to be called while one is under way. */
  async step(): Promise<Step> {
    const { signal } = this.#stopping;
    try {
      return signal.aborted ? 'stopped' : await this.#handleBatch(signal);
    } catch (error) {
      if (signal.aborted) return 'stopped';
      this.#failures += 1;
      await this.#options.onFailure(error, this.#failures);
      return 'failed';
    }
  }

  async #handleBatch(signal: AbortSignal): Promise<Step> {
    const { store, cursor, handle } = this.#options;
    this.#position ??= await cursor.load();
    const batch = await store.changes(this.#position, FOLLOWER_BATCH_MAX);
    const last = batch.at(-1);
    if (last !== undefined) {
      await handle(batch, { signal, reached: (sequence) => this.#reached(sequence) });
      await this.#reached(last.sequence);
    }
    this.#failures = 0;
    if (last === undefined) return 'idle';
    return batch.length < FOLLOWER_BATCH_MAX ? 'advanced' : 'behind';
  }

  async #reached(sequence: number): Promise<void> {
    if (this.#position !== undefined && sequence <= this.#position) return;
    await this.#options.cursor.save(sequence);
    this.#position = sequence;
    this.#failures = 0;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const pauseMs = this.#pauseMs(await this.step());
      if (pauseMs > 0) await this.#options.wait(pauseMs, signal);
    }
  }

  /** A pause after `advanced` too, so that under steady writing the place is saved a few times a
   * second, not once per write. */
  #pauseMs(step: Step): number {
    switch (step) {
      case 'behind':
      case 'stopped':
        return 0;
      case 'advanced':
      case 'idle':
        return FOLLOWER_POLL_MS;
      case 'failed':
        return backoffMs(this.#failures);
      default:
        return unreachable(step);
    }
  }
}
