// The writing thread. All calls that are waiting when it is free become one group with one durable
// commit; between groups it drops what lies behind the window and takes statistics.

import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import { GROUP_CALLERS_MAX } from '../../limits.ts';
import type { Transaction, Write } from '../resource-store.ts';
import { loadTextIndexer } from '../text-indexer.ts';
import { Checkpoints } from './checkpoints.ts';
import { commitGroup } from './commit-group.ts';
import { openForWriting, openingFailure } from './connection.ts';
import { unpackWrites } from './packed-writes.ts';
import { ensureIndexVersion } from './rebuild-entries.ts';
import { prepareSchema } from './schema.ts';
import { Statistics } from './statistics.ts';
import {
  errorReply,
  type Readiness,
  type Reply,
  type WriterCall,
  type WriterData,
  type WritesMessage,
} from './thread-messages.ts';
import { dropBehindFloor, moveFloor } from './window.ts';
import { Writer } from './writer.ts';

/** Writes that one group carries, unless a single transaction has more. */
const GROUP_WRITES_MAX = 2_000;

type TransactCall = Extract<WriterCall, { kind: 'transact' }>;
type WriterMessage = WriterCall | WritesMessage;

/** A transaction that is complete. */
interface WaitingTransaction {
  readonly call: number;
  readonly transaction: Transaction;
}
type MaintainCall = Extract<WriterCall, { kind: 'maintain' }>;

class WriterThread {
  readonly #port: MessagePort;
  readonly #windowMs: number;
  readonly #writer: Writer;
  readonly #checkpoints: Checkpoints;
  readonly #statistics: Statistics;
  /** The maintenance that is under way; later ones wait for it. */
  #maintaining: MaintainCall[] = [];
  /** Writes of transactions that are not complete yet. */
  readonly #incomplete = new Map<number, Write[]>();

  constructor(port: MessagePort, writer: Writer, data: WriterData) {
    this.#port = port;
    this.#windowMs = data.windowMs;
    this.#writer = writer;
    this.#checkpoints = new Checkpoints(writer.connection, data.file);
    this.#statistics = new Statistics(writer);
    port.on('message', (messages: readonly WriterMessage[]) => this.#work(messages));
  }

  /** Does all that is waiting. */
  #work(first: readonly WriterMessage[]): void {
    let group: WaitingTransaction[] = [];
    let writeCount = 0;
    for (const call of this.#withWaiting(first)) {
      if (call.kind === 'writes') {
        this.#gather(call);
        continue;
      }
      if (call.kind !== 'transact') {
        this.#commit(group);
        group = [];
        writeCount = 0;
        this.#handle(call);
        continue;
      }
      const waiting = { call: call.call, transaction: this.#complete(call) };
      group.push(waiting);
      writeCount += waiting.transaction.writes.length;
      if (group.length < GROUP_CALLERS_MAX && writeCount < GROUP_WRITES_MAX) continue;
      this.#commit(group);
      group = [];
      writeCount = 0;
    }
    this.#commit(group);
    this.#atLeisure(() => this.#statistics.keep());
  }

  #gather({ number, writes }: WritesMessage): void {
    const gathered = this.#incomplete.get(number) ?? [];
    this.#incomplete.set(number, gathered);
    for (const write of unpackWrites(writes)) gathered.push(write);
  }

  #complete({ number, transaction, writes }: TransactCall): Transaction {
    const gathered = this.#incomplete.get(number) ?? [];
    this.#incomplete.delete(number);
    return { ...transaction, writes: [...gathered, ...unpackWrites(writes)] };
  }

  /** The messages and all that wait at the port by the time these are worked on. */
  *#withWaiting(first: readonly WriterMessage[]): Generator<WriterMessage> {
    let received: { message: readonly WriterMessage[] } | undefined = { message: first };
    while (received !== undefined) {
      yield* received.message;
      received = receiveMessageOnPort(this.#port);
    }
  }

  #handle(call: Exclude<WriterCall, TransactCall>): void {
    if (call.kind === 'maintain') {
      this.#maintaining.push(call);
      if (this.#maintaining.length === 1) this.#maintain(call);
      return;
    }
    void this.#close(call.call);
  }

  #commit(group: readonly WaitingTransaction[]): void {
    if (group.length === 0) return;
    const outcomes = commitGroup(
      this.#writer,
      group.map(({ transaction }) => transaction),
    );
    this.#reply(
      group.map(({ call }, index) => {
        return { call, ...(outcomes[index] ?? { fault: 'a group has an outcome for each' }) };
      }),
    );
    this.#atLeisure(() => this.#checkpoints.afterCommit());
  }

  #maintain({ call, nowMs }: MaintainCall): void {
    try {
      moveFloor(this.#writer, nowMs - this.#windowMs);
    } catch (error) {
      this.#maintained(errorReply(call, error));
      return;
    }
    this.#dropStep(call);
  }

  /** One step, then whatever waits, then the next. */
  #dropStep(call: number): void {
    try {
      if (dropBehindFloor(this.#writer)) {
        this.#checkpoints.afterCommit();
        setImmediate(() => this.#dropStep(call));
        return;
      }
      this.#maintained({ call, result: null });
    } catch (error) {
      this.#maintained(errorReply(call, error));
    }
  }

  #maintained(reply: Reply): void {
    this.#reply([reply]);
    this.#maintaining.shift();
    const [next] = this.#maintaining;
    if (next !== undefined) this.#maintain(next);
  }

  /** Upkeep that can be done later as well: a lock or a full disk must not end the thread. */
  #atLeisure(upkeep: () => void): void {
    try {
      upkeep();
    } catch (error) {
      const reply = errorReply(0, error);
      if ('fault' in reply) throw error;
    }
  }

  async #close(call: number): Promise<void> {
    try {
      await this.#checkpoints.close();
      this.#writer.connection.close();
      this.#reply([{ call, result: null }]);
    } catch (error) {
      this.#reply([errorReply(call, error)]);
    }
    this.#port.close();
  }

  #reply(replies: readonly Reply[]): void {
    this.#port.postMessage(replies);
  }
}

async function openWriter(data: WriterData): Promise<Writer> {
  const indexText = await loadTextIndexer(data.indexer);
  const connection = openForWriting(data.file);
  prepareSchema(connection.database);
  const writer = new Writer(connection, indexText);
  ensureIndexVersion(writer, data.indexer.version);
  return writer;
}

assert(parentPort !== null, 'this module is the script of a thread');
const port = parentPort;
const data = workerData as WriterData;
const tell = (readiness: Readiness) => port.postMessage(readiness);
try {
  new WriterThread(port, await openWriter(data), data);
  tell({ ready: true });
} catch (error) {
  tell({ ready: false, why: openingFailure(error) });
}
