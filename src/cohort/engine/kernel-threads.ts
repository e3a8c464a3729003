// The threads that count, seen from the engine: one task at a time for all of them.

import { Worker } from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import type { ThreadData, ThreadReply, ThreadTask } from './kernel-thread.ts';
import type { EngineMemory } from './memory.ts';
import type { Pass } from './pass.ts';

/** What all threads counted together. */
export interface Counted {
  readonly totals: readonly number[];
  readonly cells: Uint32Array;
}

interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts a counting thread. */
export type StartThread = (data: ThreadData) => Worker;

export function startThread(data: ThreadData): Worker {
  return new Worker(new URL('./kernel-thread.ts', import.meta.url), { workerData: data });
}

/** A thread; when it dies the next task starts another, since the people are not its own. */
class KernelThread {
  readonly #start: () => Worker;
  #worker: Worker | undefined;
  #waiting: Waiting | undefined;

  constructor(start: () => Worker) {
    this.#start = start;
    this.#worker = this.#begin();
  }

  async ask(task: ThreadTask): Promise<ThreadReply> {
    assert(this.#waiting === undefined, 'a thread has one task at a time');
    this.#worker ??= this.#begin();
    const worker = this.#worker;
    worker.ref();
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      worker.postMessage(task);
    });
    worker.unref();
    if (reply.kind === 'failed') throw new Error(`a counting thread failed: ${reply.message}`);
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = this.#start();
    worker.on('message', (reply: ThreadReply) => this.#take()?.resolve(reply));
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('a counting thread has ended')));
    worker.unref();
    return worker;
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #lose(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#take()?.reject(error);
  }
}

export class KernelThreads {
  readonly #threads: readonly KernelThread[];
  readonly #nextBlock: Int32Array;

  /** @param count at least one, and as many as the memory has scratch for */
  constructor(memory: EngineMemory, count: number, start: StartThread = startThread) {
    this.#nextBlock = new Int32Array(memory.memory.buffer, 0, 1);
    this.#threads = Array.from({ length: count }, (_, thread) => {
      const data: ThreadData = {
        memory: memory.memory,
        scratch: memory.scratch(thread),
        firstBlock: memory.blockAddress(0),
        blockBytes: memory.columns.bytes,
      };
      return new KernelThread(() => start(data));
    });
  }

  /** Counts a pass. Nothing else may be asked until it is done. */
  async count(pass: Pass): Promise<Counted> {
    Atomics.store(this.#nextBlock, 0, 0);
    // All are waited for, also when one fails: none may still be reading when people change.
    const settled = await Promise.allSettled(
      this.#threads.map((thread) => thread.ask({ kind: 'count', pass })),
    );
    const totals = pass.programs.map(() => 0);
    const cells = new Uint32Array(pass.histograms.cells);
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      const { value } = result;
      assert(value.kind === 'counted', 'a count is answered by one');
      for (const [index, total] of value.totals.entries()) {
        totals[index] = (totals[index] ?? 0) + total;
      }
      for (let cell = 0; cell < cells.length; cell += 1) {
        cells[cell] = (cells[cell] ?? 0) + (value.cells[cell] ?? 0);
      }
    }
    return { totals, cells };
  }

  /** Rows of a pass's one program after one, at most so many. */
  async rows(pass: Pass, after: number, limit: number): Promise<Uint32Array> {
    const [thread] = this.#threads;
    assert(thread !== undefined, 'there is a counting thread');
    const reply = await thread.ask({ kind: 'rows', pass, after, limit });
    assert(reply.kind === 'rows', 'rows are answered by rows');
    return reply.rows;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
