// The embedded store: a directory with one SQLite database. Writes go to the writing thread, long
// reads to reading threads, short reads happen at once on a connection of the calling thread.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { completeText } from '../../fhir/document-text.ts';
import type { ResourceKey } from '../../fhir/types.ts';
import type { SearchQuery } from '../../search/expression.ts';
import {
  type Commit,
  type HistoryAnswer,
  type HistoryPage,
  type HistoryScope,
  type PutWrite,
  type ReferrerQuery,
  type ResourceStore,
  type Row,
  type SearchAnswer,
  type SearchExplanation,
  type SearchPage,
  StoreError,
  type StoreRefusal,
  type Transaction,
  type Version,
  type Write,
} from '../resource-store.ts';
import type { TextIndexerSource } from '../text-indexer.ts';
import type { Applied } from './apply-transaction.ts';
import { asRefusal, openForReading, openingFailure } from './connection.ts';
import { Dictionary } from './dictionary.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import type { Reader } from './moment.ts';
import { unpackFound, unpackVersions } from './packed-versions.ts';
import { packWrites } from './packed-writes.ts';
import { ReaderThreads } from './reader-threads.ts';
import {
  readByNumber,
  readCurrent,
  readIds,
  readPosition,
  readResources,
  readResourceVersion,
  readRow,
  readRowSets,
  readRows,
} from './short-reads.ts';
import { startThread, ThreadCalls } from './thread-calls.ts';
import type { WriterData, WriterRequest, WritesMessage } from './thread-messages.ts';

export interface SqliteStoreOptions {
  /** Where the files are; made when absent. One process at a time uses it. */
  readonly directory: string;
  /** How long the past can be asked, milliseconds. */
  readonly windowMs: number;
  /** How a stored text's index entries are made again. */
  readonly indexer: TextIndexerSource;
}

/** Threads for searches: one long search must not hold up all others. */
const READER_THREADS_MAX = 2;

/** Keys or rows that are read on the calling thread; more would make others wait. */
const SHORT_READ_MAX = 100;

/** Writes that are handed to the writing thread at once: a few milliseconds' work. */
const WRITES_PER_MESSAGE = 250;

const CLOSED: StoreRefusal = {
  reason: 'unavailable',
  committed: 'no',
  detail: 'The store is closed.',
};

const WRITER_LOST: StoreRefusal = {
  reason: 'unavailable',
  committed: 'unknown',
  detail: 'The writing thread has ended.',
};

/**
 * Opens the store, making it when absent and its index anew when the indexer has changed.
 * @throws StoreError `unavailable` whose `detail` is one plain sentence: the directory is in use
 * by another process, the database is locked or damaged, …
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<ResourceStore> {
  const { directory, windowMs, indexer } = options;
  const file = join(directory, 'openims.db');
  const opened: (() => Promise<void> | void)[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    const lock = lockDirectory(directory);
    opened.push(() => lock.release());
    const data: WriterData = { file, windowMs, indexer };
    const script = new URL('./writer-thread.ts', import.meta.url);
    const writer = new ThreadCalls(await startThread(script, data), WRITER_LOST);
    opened.push(() => closeWriter(writer));
    const readers = new ReaderThreads(file, READER_THREADS_MAX);
    const connection = openForReading(file);
    const reader = { connection, dictionary: new Dictionary(connection) };
    return new SqliteStore(writer, readers, reader, lock);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    const detail = `The data directory ${directory} cannot be opened: ${openingFailure(error)}.`;
    throw new StoreError({ reason: 'unavailable', committed: 'no', detail });
  }
}

async function closeWriter(writer: ThreadCalls): Promise<void> {
  const request: WriterRequest = { kind: 'close' };
  await writer.ask(request);
  await writer.close();
}

class SqliteStore implements ResourceStore {
  readonly properties = { name: 'sqlite', isShared: false };
  readonly #writer: ThreadCalls;
  readonly #readers: ReaderThreads;
  readonly #reader: Reader;
  readonly #lock: DirectoryLock;
  /** Calls that were accepted and not answered yet. */
  readonly #accepted = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #transactionCount = 0;

  constructor(writer: ThreadCalls, readers: ReaderThreads, reader: Reader, lock: DirectoryLock) {
    this.#writer = writer;
    this.#readers = readers;
    this.#reader = reader;
    this.#lock = lock;
  }

  read(key: ResourceKey, at?: number): Promise<Version | undefined> {
    if (at === undefined) return this.#now(() => readCurrent(this.#reader, key));
    return this.#now(() => readResources(this.#reader, [key], at)[0]);
  }

  readVersion(key: ResourceKey, versionId: number): Promise<Version | undefined> {
    return this.#now(() => readResourceVersion(this.#reader, key, versionId));
  }

  readMany(keys: readonly ResourceKey[], at?: number): Promise<readonly (Version | undefined)[]> {
    if (keys.length <= SHORT_READ_MAX) {
      return this.#now(() => readResources(this.#reader, keys, at));
    }
    return this.#accept(async () => {
      return unpackVersions(await this.#readers.ask('readMany', keys, at));
    });
  }

  readNumbers(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (Version | undefined)[]> {
    if (numbers.length <= SHORT_READ_MAX) {
      return this.#now(() => readByNumber(this.#reader, type, numbers, at));
    }
    return this.#accept(async () => {
      return unpackVersions(await this.#readers.ask('readNumbers', type, numbers, at));
    });
  }

  referrers(
    keys: readonly ResourceKey[],
    queries: readonly ReferrerQuery[],
    at?: number,
  ): Promise<readonly (readonly Version[])[]> {
    return this.#accept(async () => {
      const { packed, counts } = await this.#readers.ask('referrers', keys, queries, at);
      const versions = unpackFound(packed);
      let end = 0;
      return counts.map((count) => {
        end += count;
        return versions.slice(end - count, end);
      });
    });
  }

  readIds(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (string | undefined)[]> {
    if (numbers.length <= SHORT_READ_MAX) {
      return this.#now(() => readIds(this.#reader, type, numbers, at));
    }
    return this.#accept(() => this.#readers.ask('readIds', type, numbers, at));
  }

  history(scope: HistoryScope, page: HistoryPage, at?: number): Promise<HistoryAnswer> {
    return this.#accept(() => this.#readers.ask('history', scope, page, at));
  }

  search(query: SearchQuery, page: SearchPage, at?: number): Promise<SearchAnswer> {
    return this.#accept(() => this.#readers.ask('search', query, page, at));
  }

  count(query: SearchQuery, at?: number): Promise<number> {
    return this.#accept(() => this.#readers.ask('count', query, at));
  }

  numbers(query: SearchQuery, at?: number): Promise<Float64Array> {
    return this.#accept(() => this.#readers.ask('numbers', query, at));
  }

  explain(query: SearchQuery): Promise<SearchExplanation> {
    return this.#accept(() => this.#readers.ask('explain', query));
  }

  async *stream(query: SearchQuery, at?: number): AsyncGenerator<Version> {
    const stream = await this.#accept(() => this.#readers.openStream(query, at));
    try {
      for (let after: number | undefined; ; ) {
        const chunk = await this.#accept(() => stream.read(after));
        yield* unpackFound(chunk.packed);
        after = chunk.after;
        if (after === undefined) return;
      }
    } finally {
      if (this.#closing === undefined) await this.#accept(() => stream.close());
    }
  }

  async transact(transaction: Transaction): Promise<Commit> {
    const applied = (await this.#accept(() => this.#send(transaction))) as Applied;
    return commitOf(transaction.writes, applied);
  }

  changes(after: number, limit: number): Promise<readonly Version[]> {
    return this.#accept(async () => {
      return unpackFound(await this.#readers.ask('changes', after, limit));
    });
  }

  position(beforeMs?: number): Promise<number> {
    return this.#now(() => readPosition(this.#reader.connection, beforeMs));
  }

  /** Nobody else writes here: what is not there now will not come. */
  async reach(sequence: number): Promise<boolean> {
    return sequence <= (await this.position());
  }

  rows(set: string, after: string, limit: number): Promise<readonly Row[]> {
    if (limit <= SHORT_READ_MAX) {
      return this.#now(() => readRows(this.#reader.connection, set, after, limit));
    }
    return this.#accept(() => this.#readers.ask('rows', set, after, limit));
  }

  rowSets(): Promise<readonly string[]> {
    return this.#now(() => readRowSets(this.#reader.connection));
  }

  row(set: string, key: string): Promise<string | undefined> {
    return this.#now(() => readRow(this.#reader.connection, set, key));
  }

  async maintain(nowMs: number): Promise<void> {
    const request: WriterRequest = { kind: 'maintain', nowMs };
    await this.#accept(() => this.#writer.ask(request));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Hands a transaction to the writing thread, a large one in slices between which others have
   * their turn. */
  async #send({ writes, ...transaction }: Transaction): Promise<unknown> {
    this.#transactionCount += 1;
    const number = this.#transactionCount;
    let start = 0;
    for (; writes.length - start > WRITES_PER_MESSAGE; start += WRITES_PER_MESSAGE) {
      const slice = packWrites(writes.slice(start, start + WRITES_PER_MESSAGE));
      const message: WritesMessage = { kind: 'writes', number, writes: slice };
      this.#writer.tell(message);
      await setImmediate();
    }
    const rest = packWrites(start === 0 ? writes : writes.slice(start));
    const request: WriterRequest = { kind: 'transact', number, transaction, writes: rest };
    return this.#writer.ask(request);
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#accepted);
    await this.#readers.close();
    this.#reader.connection.close();
    await closeWriter(this.#writer);
    this.#lock.release();
  }

  /** A short read, at once. */
  async #now<Result>(read: () => Result): Promise<Result> {
    if (this.#closing !== undefined) throw new StoreError(CLOSED);
    try {
      return read();
    } catch (error) {
      throw asRefusal(error, 'no');
    }
  }

  /** A call of a thread; `close` waits for its answer. */
  #accept<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(new StoreError(CLOSED));
    const answer = call();
    this.#accepted.add(answer);
    const settled = () => this.#accepted.delete(answer);
    answer.then(settled, settled);
    return answer;
  }
}

/** The commit as the contract says it: what the writing thread decided with what was given. */
function commitOf(writes: readonly Write[], applied: Applied): Commit {
  const { last, lastUpdatedMs } = applied;
  const versionWrites = writes.filter((write) => write.kind === 'put' || write.kind === 'delete');
  const versions = versionWrites.map((write, index): Version | null => {
    const written = applied.versions[index];
    if (written === undefined || written === null) return null;
    const { type, id } = write;
    const common = { type, id, ...written, commitLast: last, lastUpdatedMs };
    return write.kind === 'delete'
      ? { ...common, method: 'DELETE' }
      : { ...common, method: write.method, text: textOf(write, written.versionId, lastUpdatedMs) };
  });
  return { versions, last };
}

function textOf(write: PutWrite, versionId: number, lastUpdatedMs: number): string {
  return completeText(write.document, versionId, lastUpdatedMs);
}
