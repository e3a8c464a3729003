// The calling side of a thread: numbers the calls, sends those of one turn of the event loop
// together, settles them by their replies, and refuses them all when the thread ends.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StoreError, type StoreRefusal } from '../resource-store.ts';
import type { Readiness, Reply } from './thread-messages.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that answers calls. */
export class ThreadCalls {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lost: StoreRefusal;
  /** What this turn of the event loop has to send. */
  #unsent: (object | 'close')[] = [];
  #callCount = 0;
  #ended = false;

  /** @param lost what callers are told whose answer the thread's end has cut off */
  constructor(worker: Worker, lost: StoreRefusal) {
    this.#worker = worker;
    this.#lost = lost;
    worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) this.#settle(reply);
    });
    worker.on('error', () => this.#end());
    worker.on('exit', () => this.#end());
  }

  /** Asks the thread; `request` is plain data without `call`. */
  ask(request: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(new StoreError(this.#lost));
        return;
      }
      this.#callCount += 1;
      this.#waiting.set(this.#callCount, { resolve, reject });
      this.#send({ ...request, call: this.#callCount });
    });
  }

  /** Tells the thread something that has no reply. */
  tell(message: object): void {
    if (!this.#ended) this.#send(message);
  }

  /** Tells the thread to end and waits until it has. */
  async close(message?: 'close'): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#worker, 'exit');
    if (message !== undefined) this.#send(message);
    await ended;
  }

  /** A message each would wake the thread at the first, and the others would miss its group. */
  #send(message: object | 'close'): void {
    this.#unsent.push(message);
    if (this.#unsent.length > 1) return;
    setImmediate(() => {
      this.#worker.postMessage(this.#unsent);
      this.#unsent = [];
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.call);
    this.#waiting.delete(reply.call);
    if ('result' in reply) waiting?.resolve(reply.result);
    else if ('refusal' in reply) waiting?.reject(new StoreError(reply.refusal));
    else waiting?.reject(new Error(`The store failed: ${reply.fault}`));
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new StoreError(this.#lost));
    this.#waiting.clear();
  }
}

/** Starts a thread and waits until it answers calls.
 * @throws Error saying why it cannot */
export async function startThread(script: URL, workerData: object): Promise<Worker> {
  const worker = new Worker(script, { workerData });
  const [readiness] = (await once(worker, 'message')) as [Readiness];
  if (readiness.ready) return worker;
  await worker.terminate();
  throw new Error(readiness.why);
}
