// Keeps the write-ahead log within bounds without making commits wait: a thread of its own copies
// pages to the database file while the writer goes on. Only when the log reaches its bound does
// the writer stop to let it begin anew.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import type { Connection } from './connection.ts';

/** Pages of 8 KiB that may wait to be copied before the thread is asked: 32 MiB. Pages that are
 * written again and again are copied once, and commits wait less often for a busy disk. */
const WAITING_PAGES_MAX = 4_000;

/** Pages of the log at which the writer begins it anew: 128 MiB. */
const LOG_PAGES_MAX = 16_000;

/** How long the writer waits for the thread before it goes on with a longer log. */
const CHECKPOINT_WAIT_MS = 2_000;

interface LogState {
  /** 1 when a reader or another checkpoint was in the way. */
  readonly busy: number;
  /** Pages in the log. */
  readonly log: number;
  /** Pages of them that are copied. */
  readonly checkpointed: number;
}

/** Values of the flag that the two threads share. */
const IDLE = 0;
const RUNNING = 1;

export class Checkpoints {
  readonly #connection: Connection;
  readonly #data: CheckpointData;
  /** Started when first needed. */
  #worker: Worker | undefined;
  /** While a reader keeps the log from beginning anew, it is tried again only so much later. */
  #nextRestartPages = LOG_PAGES_MAX;

  constructor(connection: Connection, file: string) {
    this.#connection = connection;
    const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#data = { file, flag };
  }

  /** To be called after each commit. */
  afterCommit(): void {
    const state = this.#pragma('NOOP');
    if (state.log >= this.#nextRestartPages) {
      // Two checkpoints at once refuse each other.
      Atomics.wait(this.#data.flag, 0, RUNNING, CHECKPOINT_WAIT_MS);
      const { busy, log } = this.#pragma('RESTART');
      this.#nextRestartPages = busy === 0 ? LOG_PAGES_MAX : log + WAITING_PAGES_MAX;
      return;
    }
    if (state.log - state.checkpointed < WAITING_PAGES_MAX) return;
    if (Atomics.compareExchange(this.#data.flag, 0, IDLE, RUNNING) === RUNNING) return;
    this.#worker ??= this.#startThread();
    this.#worker.postMessage('checkpoint');
  }

  /** Ends the thread and empties the log. */
  async close(): Promise<void> {
    if (this.#worker !== undefined) {
      const ended = once(this.#worker, 'exit');
      this.#worker.postMessage('close');
      await ended;
    }
    this.#pragma('TRUNCATE');
  }

  #startThread(): Worker {
    const script = new URL('./checkpoint-thread.ts', import.meta.url);
    const worker = new Worker(script, { workerData: this.#data });
    // A thread that failed is started anew when it is needed next.
    worker.on('error', () => {
      this.#worker = undefined;
      announceIdle(this.#data);
    });
    return worker;
  }

  #pragma(mode: 'NOOP' | 'RESTART' | 'TRUNCATE'): LogState {
    const state = this.#connection.get<LogState>(`PRAGMA wal_checkpoint(${mode})`);
    assert(state !== undefined, 'a checkpoint answers with one row');
    return state;
  }
}

/** Given to the checkpoint thread. */
export interface CheckpointData {
  readonly file: string;
  /** One value: RUNNING from when the thread is asked until it is done. */
  readonly flag: Int32Array;
}

/** Tells the writer, which may be waiting, that the checkpoint is done. */
export function announceIdle({ flag }: CheckpointData): void {
  Atomics.store(flag, 0, IDLE);
  Atomics.notify(flag, 0);
}
