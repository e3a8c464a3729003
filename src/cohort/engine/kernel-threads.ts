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
  readonly reject: (error: Error) => void;
}

class KernelThread {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  constructor(data: ThreadData) {
    this.#worker = new Worker(new URL('./kernel-thread.ts', import.meta.url), { workerData: data });
    this.#worker.on('message', (reply: ThreadReply) => this.#take()?.resolve(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a counting thread has ended')));
    this.#worker.unref();
  }

  async ask(task: ThreadTask): Promise<ThreadReply> {
    assert(this.#waiting === undefined, 'a thread has one task at a time');
    if (this.#failure !== undefined) throw this.#failure;
    this.#worker.ref();
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(task);
    });
    if (reply.kind === 'failed') throw new Error(`a counting thread failed: ${reply.message}`);
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    return waiting;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#take()?.reject(this.#failure);
  }
}

export class KernelThreads {
  readonly #threads: readonly KernelThread[];
  readonly #nextBlock: Int32Array;

  /** @param count at least one, and as many as the memory has scratch for */
  constructor(memory: EngineMemory, count: number) {
    this.#nextBlock = new Int32Array(memory.memory.buffer, 0, 1);
    this.#threads = Array.from(
      { length: count },
      (_, thread) =>
        new KernelThread({
          memory: memory.memory,
          scratch: memory.scratch(thread),
          firstBlock: memory.blockAddress(0),
          blockBytes: memory.columns.bytes,
        }),
    );
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
