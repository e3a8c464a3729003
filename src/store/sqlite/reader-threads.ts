// The reading threads as seen by the store: each call goes to the one with the fewest waiting; a
// stream stays with its thread.

import type { SearchQuery } from '../../search/expression.ts';
import type { StoreRefusal } from '../resource-store.ts';
import type { ReaderMethods } from './reader-thread.ts';
import { startThread, ThreadCalls } from './thread-calls.ts';
import type { ReaderData, ReaderRequest } from './thread-messages.ts';

const READER_LOST: StoreRefusal = {
  reason: 'unavailable',
  committed: 'no',
  detail: 'A reading thread has ended.',
};

/** A stream that is being read. */
export interface OpenedStream {
  read(after: number | undefined): Promise<ReaderMethods['readChunk']['result']>;
  close(): Promise<void>;
}

/** Threads for reading, each started when all before it are busy. */
export class ReaderThreads {
  readonly #file: string;
  readonly #threadsMax: number;
  readonly #threads: ReaderThread[] = [];
  #streamCount = 0;

  /** @param file a database that exists */
  constructor(file: string, threadsMax: number) {
    this.#file = file;
    this.#threadsMax = threadsMax;
  }

  /** Asks the thread with the fewest waiting calls. */
  ask<Name extends keyof ReaderMethods>(
    method: Name,
    ...given: ReaderMethods[Name]['given']
  ): Promise<ReaderMethods[Name]['result']> {
    return this.#idlest().ask(method, given);
  }

  /** Finds a search's matches, to be read in chunks. */
  async openStream(query: SearchQuery, at: number | undefined): Promise<OpenedStream> {
    const thread = this.#idlest();
    this.#streamCount += 1;
    const handle = await thread.ask('openStream', [query, this.#streamCount, at]);
    return {
      read: (after) => thread.ask('readChunk', [query, handle, after]),
      close: () => thread.ask('closeStream', [handle]),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #idlest(): ReaderThread {
    const [first, ...others] = this.#threads;
    const idlest = others.reduce(
      (best, thread) => (best !== undefined && best.waiting <= thread.waiting ? best : thread),
      first,
    );
    const mayStart = this.#threads.length < this.#threadsMax;
    if (idlest !== undefined && (idlest.waiting === 0 || !mayStart)) return idlest;
    const started = new ReaderThread(this.#file);
    this.#threads.push(started);
    return started;
  }
}

/** A thread that may still be starting. */
class ReaderThread {
  readonly #calls: Promise<ThreadCalls>;
  waiting = 0;

  constructor(file: string) {
    const data: ReaderData = { file };
    const script = new URL('./reader-thread.ts', import.meta.url);
    this.#calls = startThread(script, data).then((worker) => new ThreadCalls(worker, READER_LOST));
    // Whoever asks is told; nobody may ask.
    this.#calls.catch(() => {});
  }

  async ask<Name extends keyof ReaderMethods>(
    method: Name,
    given: ReaderMethods[Name]['given'],
  ): Promise<ReaderMethods[Name]['result']> {
    const request: ReaderRequest = { method, given };
    this.waiting += 1;
    try {
      const calls = await this.#calls;
      return (await calls.ask(request)) as ReaderMethods[Name]['result'];
    } finally {
      this.waiting -= 1;
    }
  }

  async close(): Promise<void> {
    const calls = await this.#calls.catch(() => undefined);
    await calls?.close('close');
  }
}
