// The store on a MongoDB: many instances of the service on one database. A commit is one document
// of the log (commit-log.ts), which every instance brings into the collections that are read
// (projector.ts); reads look as at what their own instance has projected (moment.ts).

// Mongoose holds the connection, the models and their indexes. Documents are read and written by
// the driver's own calls on that connection: a commit is many documents in one command, a page of a
// search is texts that are passed on as they lie, and models would make an object of each.

import type { ResourceKey } from '../../fhir/types.ts';
import type { SearchQuery } from '../../search/expression.ts';
import {
  type Commit,
  type HistoryAnswer,
  type HistoryPage,
  type HistoryScope,
  type ReferrerQuery,
  type ResourceStore,
  type Row,
  type SearchAnswer,
  type SearchExplanation,
  type SearchPage,
  StoreError,
  type Transaction,
  type Version,
} from '../resource-store.ts';
import { loadTextIndexer, type TextIndexerSource } from '../text-indexer.ts';
import {
  asRefusal,
  type CommandWatch,
  type Database,
  openDatabase,
  unavailable,
} from './database.ts';
import { checkFormat, checkIndexing } from './format.ts';
import { GroupWriter } from './group-writer.ts';
import { readChanges, readHistory } from './history.ts';
import { checkWindow } from './moment.ts';
import { positionBefore } from './positions.ts';
import { Projector } from './projector.ts';
import { readReferrers } from './referrers.ts';
import { restoreVersions } from './restore.ts';
import { readRow, readRowSets, readRows } from './rows.ts';
import {
  countMatches,
  explainSearch,
  matchingNumbers,
  searchPage,
  streamMatches,
} from './search.ts';
import { readByNumber, readIds, readResources, readResourceVersion } from './versions.ts';
import { moveWindow } from './window.ts';

export interface MongoStoreOptions {
  /** `mongodb://…/name` of a replica set, a sharded cluster or a compatible server. */
  readonly uri: string;
  /** How long the past can be asked, milliseconds. */
  readonly windowMs: number;
  /** How a stored text's index entries are made again. */
  readonly indexer: TextIndexerSource;
  /** A text that nobody else ever has. */
  readonly newNonce: () => string;
  /** Sees each command before it is sent. */
  readonly watch?: CommandWatch;
}

/** An answer that took longer may have lost what it reads to the window, milliseconds. */
const ANSWER_WITHIN_MS = 300_000;

/**
 * Opens the store, making its collections when absent and the entries anew when the indexer has
 * changed.
 * @throws StoreError `unavailable` whose `detail` is one plain sentence: no server, wrong
 * credentials, a server too old, a database of a newer program, …
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<RestorableStore> {
  const database = await openDatabase(options.uri, options.watch);
  try {
    await checkFormat(database);
    const projector = await Projector.open(database);
    await checkIndexing(database, options.indexer);
    projector.start();
    return new MongoStore(database, projector, options);
  } catch (error) {
    await database.connection.close();
    throw asRefusal(error, 'no');
  }
}

/** A store that can be filled with the history of another. */
export interface RestorableStore extends ResourceStore {
  /**
   * Appends whole commits as they were, with their sequence numbers; durable when answered.
   * @param versions oldest first; the first one follows the last of all that is here
   * @throws StoreError `unavailable` when it does not, or somebody else writes
   */
  restore(versions: readonly Version[]): Promise<void>;
}

class MongoStore implements RestorableStore {
  readonly properties = { name: 'mongodb', isShared: true };
  readonly #database: Database;
  readonly #projector: Projector;
  readonly #writer: GroupWriter;
  readonly #options: MongoStoreOptions;
  /** Calls that were accepted and not answered yet. */
  readonly #accepted = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(database: Database, projector: Projector, options: MongoStoreOptions) {
    this.#database = database;
    this.#projector = projector;
    this.#options = options;
    this.#writer = new GroupWriter(database, projector, options.newNonce);
  }

  async read(key: ResourceKey, at?: number): Promise<Version | undefined> {
    const [version] = await this.readMany([key], at);
    return version;
  }

  readVersion(key: ResourceKey, versionId: number): Promise<Version | undefined> {
    return this.#asAt(undefined, (at) => readResourceVersion(this.#database, key, versionId, at));
  }

  readMany(keys: readonly ResourceKey[], at?: number): Promise<readonly (Version | undefined)[]> {
    return this.#asAt(at, (moment) => readResources(this.#database, keys, moment));
  }

  readNumbers(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (Version | undefined)[]> {
    return this.#asAt(at, (moment) => readByNumber(this.#database, type, numbers, moment));
  }

  referrers(
    keys: readonly ResourceKey[],
    queries: readonly ReferrerQuery[],
    at?: number,
  ): Promise<readonly (readonly Version[])[]> {
    return this.#asAt(at, (moment) => readReferrers(this.#database, keys, queries, moment));
  }

  readIds(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (string | undefined)[]> {
    return this.#asAt(at, (moment) => readIds(this.#database, type, numbers, moment));
  }

  history(scope: HistoryScope, page: HistoryPage, at?: number): Promise<HistoryAnswer> {
    const read = (moment: number) => readHistory(this.#database, scope, page, moment);
    return scope.visible === undefined ? this.#asEver(at, read) : this.#asAt(at, read);
  }

  search(query: SearchQuery, page: SearchPage, at?: number): Promise<SearchAnswer> {
    return this.#asAt(at, (moment) => searchPage(this.#database, query, page, moment));
  }

  count(query: SearchQuery, at?: number): Promise<number> {
    return this.#asAt(at, (moment) => countMatches(this.#database, query, moment));
  }

  explain(query: SearchQuery): Promise<SearchExplanation> {
    return this.#asAt(undefined, (moment) => explainSearch(this.#database, query, moment));
  }

  numbers(query: SearchQuery, at?: number): Promise<Float64Array> {
    return this.#asAt(at, (moment) => matchingNumbers(this.#database, query, moment));
  }

  async *stream(query: SearchQuery, at?: number): AsyncGenerator<Version> {
    const moment = await this.#accept(() => this.#momentOf(at));
    const versions = streamMatches(this.#database, query, moment);
    for (;;) {
      const next = await this.#accept(async () => {
        const step = await versions.next();
        return step;
      });
      if (next.done) break;
      yield next.value;
    }
    await this.#accept(() => checkWindow(this.#database, moment));
  }

  transact(transaction: Transaction): Promise<Commit> {
    return this.#accept(() => this.#writer.transact(transaction));
  }

  restore(versions: readonly Version[]): Promise<void> {
    const { indexer, newNonce } = this.#options;
    return this.#accept(async () => {
      const indexText = await loadTextIndexer(indexer);
      await restoreVersions(this.#database, this.#projector, { versions, indexText, newNonce });
    });
  }

  changes(after: number, limit: number): Promise<readonly Version[]> {
    return this.#asEver(undefined, (at) => readChanges(this.#database, after, limit, at));
  }

  position(beforeMs?: number): Promise<number> {
    return this.#asEver(undefined, async (at) =>
      beforeMs === undefined ? at : positionBefore(this.#database, beforeMs, at),
    );
  }

  reach(sequence: number, withinMs: number): Promise<boolean> {
    return this.#accept(() => this.#projector.reach(sequence, withinMs));
  }

  rows(set: string, after: string, limit: number): Promise<readonly Row[]> {
    return this.#accept(async () => {
      await this.#projector.refresh();
      return readRows(this.#database, set, after, limit, this.#projector.head.slot);
    });
  }

  rowSets(): Promise<readonly string[]> {
    return this.#accept(async () => {
      await this.#projector.refresh();
      return readRowSets(this.#database, this.#projector.head.slot);
    });
  }

  row(set: string, key: string): Promise<string | undefined> {
    return this.#accept(async () => {
      await this.#projector.refresh();
      return readRow(this.#database, set, key, this.#projector.head.slot);
    });
  }

  maintain(nowMs: number): Promise<void> {
    return this.#accept(async () => {
      await this.#projector.refresh();
      await moveWindow(this.#database, nowMs - this.#options.windowMs, this.#projector.head);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#accepted);
    await this.#projector.stop();
    await this.#database.connection.close();
  }

  /** Answers as at the number, or as at the last commit. */
  #asAt<Answer>(at: number | undefined, read: (at: number) => Promise<Answer>): Promise<Answer> {
    return this.#asEver(at, async (moment) => {
      const answer = await read(moment);
      await checkWindow(this.#database, at);
      return answer;
    });
  }

  /** As `#asAt`, of what the window does not end. */
  #asEver<Answer>(at: number | undefined, read: (at: number) => Promise<Answer>): Promise<Answer> {
    return this.#accept(async () => {
      const began = performance.now();
      const answer = await read(await this.#momentOf(at));
      if (performance.now() - began < ANSWER_WITHIN_MS) return answer;
      throw unavailable('no', 'The answer took too long.');
    });
  }

  /** The number to answer as at, which this instance has projected. */
  async #momentOf(at: number | undefined): Promise<number> {
    await this.#projector.refresh();
    // A page link of another instance may be of a commit that this one has not looked at.
    if (at !== undefined && at > this.#projector.head.last) await this.#projector.look();
    const { last } = this.#projector.head;
    return at === undefined ? last : Math.min(at, last);
  }

  /** A call whose answer `close` waits for. */
  #accept<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) {
      return Promise.reject(unavailable('no', 'The store is closed.'));
    }
    const answer = call().catch((error: unknown) => {
      throw error instanceof StoreError ? error : asRefusal(error, 'no');
    });
    this.#accepted.add(answer);
    const settled = () => this.#accepted.delete(answer);
    answer.then(settled, settled);
    return answer;
  }
}
