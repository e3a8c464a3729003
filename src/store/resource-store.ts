// The contract of a store: one ordered log of committed versions, searchable as at any commit of
// the window. test/conformance/store-suite.ts states it one test per sentence; every store passes.

import type { DocumentText } from '../fhir/document-text.ts';
import type { ResourceKey } from '../fhir/types.ts';
import type { Expression, SearchQuery } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';

/** How a version came about (Bundle.entry.request.method of a history). */
export type VersionMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One committed version of one resource. A deletion is a version too: its `text` is absent. */
export interface Version extends ResourceKey {
  /** Counts from 1 within the resource; goes on after a deletion. */
  readonly versionId: number;
  /** Place in the one log: dense, in commit order, from 1. */
  readonly sequence: number;
  /** Sequence number of the last version of the same commit. */
  readonly commitLast: number;
  /** Dense number within the type, from 1; given when the resource is first created or, where
   * references are lenient, first mentioned; never reused. At most 2^40 - 1. */
  readonly number: number;
  /** Milliseconds since 1970 UTC; never decreases along `sequence`, whatever the clock does. */
  readonly lastUpdatedMs: number;
  readonly method: VersionMethod;
  /** The resource's JSON, without white space between tokens, `id` and `meta` set. */
  readonly text?: string;
}

/** A literal reference to a resource of this server, found at FHIRPath location `expression`. */
export interface OutgoingReference extends ResourceKey {
  readonly expression: string;
}

/** Creates or replaces a resource. */
export interface PutWrite extends ResourceKey {
  readonly kind: 'put';
  readonly method: 'POST' | 'PUT' | 'PATCH';
  /** What the current version must be: `absent` (never created, or deleted), a version id, or
   * anything. */
  readonly expect: 'absent' | 'any' | number;
  readonly document: DocumentText;
  readonly entries: readonly IndexEntry[];
  /** Every literal local reference in the resource, each target once. */
  readonly references: readonly OutgoingReference[];
}

/** Deletes a resource. Deleting what is absent or deleted already writes nothing. */
export interface DeleteWrite extends ResourceKey {
  readonly kind: 'delete';
  readonly expect: 'any' | number;
}

/** Sets an operational row, or removes it (`value: null`). */
export interface RowWrite {
  readonly kind: 'row';
  readonly set: string;
  readonly key: string;
  /** JSON text. */
  readonly value: string | null;
  /** When present, the row's current value must be this (`null`: absent). */
  readonly expect?: string | null;
}

/** Adds index entries to a version that was written without them: how a search parameter that is
 * new to the service is filled. Nothing happens when that version is no longer the current one.
 * It is no change: it uses no sequence number and stands in no history. */
export interface EntriesWrite extends ResourceKey {
  readonly kind: 'entries';
  /** Of the version. */
  readonly sequence: number;
  /** Under parameters of which the version has no entry yet. */
  readonly entries: readonly IndexEntry[];
}

export type Write = PutWrite | DeleteWrite | RowWrite | EntriesWrite;

/**
 * A search whose answer the writes were prepared from. `transact` asks it again before the first
 * write is applied; unless it then has exactly these ids (in any order), the commit is refused
 * with `guard-changed` and the caller prepares anew. Conditional creates, updates, deletes and
 * references rest on this, so that simultaneous ones cannot both act.
 */
export interface Guard {
  readonly type: string;
  readonly where: Expression;
  readonly ids: readonly string[];
}

export interface Transaction {
  readonly guards: readonly Guard[];
  /** At most one write per resource and per row. Applied in order. */
  readonly writes: readonly Write[];
  /** The caller's clock, milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** strict: every reference's target must exist, undeleted, after the whole transaction, and no
   * remaining resource may point at a deleted one. */
  readonly references: 'strict' | 'lenient';
}

/** What became of the writes: one entry per put or delete in order, `null` for a delete of what
 * was not there. Other writes have no entry. `last` is the log's last sequence number after it. */
export interface Commit {
  readonly versions: readonly (Version | null)[];
  readonly last: number;
}

export type StoreRefusal =
  /** `expect` of a put or delete does not hold; `key` and `currentVersionId` say where
   * (0: absent). */
  | {
      readonly reason: 'version-changed';
      readonly key: ResourceKey;
      readonly currentVersionId: number;
    }
  | { readonly reason: 'guard-changed' }
  | { readonly reason: 'row-changed'; readonly set: string; readonly key: string }
  /** strict references: these targets do not exist. */
  | {
      readonly reason: 'reference-missing';
      readonly missing: readonly (OutgoingReference & { readonly from: ResourceKey })[];
    }
  /** strict references: `key` would be deleted while `by` (at most 10) still point at it. */
  | {
      readonly reason: 'still-referenced';
      readonly key: ResourceKey;
      readonly by: readonly ResourceKey[];
    }
  /** The put of `key` would hold a unique identifier that `other` holds. */
  | {
      readonly reason: 'not-unique';
      readonly key: ResourceKey;
      readonly system: string;
      readonly code: string;
      readonly other: ResourceKey;
    }
  /** The store cannot hold a resource of that size. */
  | { readonly reason: 'too-large'; readonly key: ResourceKey; readonly bytesMax: number }
  /** `at` lies before the window in which the past can be asked. */
  | { readonly reason: 'behind-window'; readonly floor: number }
  /** The store cannot answer now (locked, closing, disk full). `committed` says whether the write
   * may still have happened: `no`, or `unknown`. */
  | {
      readonly reason: 'unavailable';
      readonly committed: 'no' | 'unknown';
      readonly detail: string;
    };

/** A refused call. Nothing of a refused transaction is kept. */
export class StoreError extends Error {
  readonly refusal: StoreRefusal;
  constructor(refusal: StoreRefusal) {
    super(`The store refused: ${JSON.stringify(refusal)}`);
    this.refusal = refusal;
  }
}

/** One page of a search. */
export interface SearchPage {
  /** How many at most; 0 asks for the total alone. */
  readonly count: number;
  /** The `next` of the page before; absent for the first. */
  readonly after?: string;
  /** The `previous` of the page after; the answer is then the `count` resources, or fewer, that
   * come just before it. Not together with `after`. */
  readonly before?: string;
}

export interface SearchAnswer {
  /** The sequence number that the answer is as at; pass it for the next page. */
  readonly at: number;
  /** Exact number of matches, all pages. */
  readonly total: number;
  readonly versions: readonly Version[];
  /** Opaque position after the last of `versions`; absent when nothing follows. */
  readonly next?: string;
  /** Opaque position before the first of `versions`; absent when nothing precedes. */
  readonly previous?: string;
}

/** How a store answers a search: for people who wonder why it is slow. */
export interface SearchExplanation {
  /** Each statement that a first page takes, in the store's own language, with the steps that the
   * database says it takes. */
  readonly statements: readonly { readonly text: string; readonly steps: readonly string[] }[];
  /** What was counted to choose the order of the clauses: each clause with its matches, counted up
   * to `limit` where there are more. */
  readonly clauses: readonly {
    readonly expression: Expression;
    readonly matches: number;
    readonly limit?: number;
  }[];
  /** The exact number of matches. */
  readonly total: number;
}

/** Which versions of the log. */
export interface HistoryScope {
  readonly type?: string;
  /** With `type` only. */
  readonly id?: string;
  /** Only versions with a greater sequence number. */
  readonly after?: number;
  /** Only versions with at most this sequence number. */
  readonly upTo?: number;
  /** Only versions that were current at some sequence number from this one on (`_at`). */
  readonly currentFrom?: number;
  /** Per type, which resources the caller may see, judged on the current version as at `at`. A
   * type absent from it is hidden. Without it everything is visible. Resources whose current
   * version is a deletion match `everything` alone. */
  readonly visible?: Readonly<Record<string, Expression>>;
}

export interface HistoryPage {
  readonly count: number;
  /** Only versions with a smaller sequence number (the last one of the page before). */
  readonly before?: number;
}

export interface HistoryAnswer {
  readonly at: number;
  /** Exact number of versions in scope, all pages. */
  readonly total: number;
  /** Newest first. */
  readonly versions: readonly Version[];
  /** `before` of the next page; absent when nothing follows. */
  readonly next?: number;
}

/** Resources of a type that match an expression and point at another by a reference parameter. */
export interface ReferrerQuery {
  readonly type: string;
  readonly parameter: string;
  readonly where: Expression;
}

export interface Row {
  readonly key: string;
  readonly value: string;
}

export interface StoreProperties {
  /** For logs and test titles. */
  readonly name: string;
  /** Whether other instances of the service may be at work on the same data. */
  readonly isShared: boolean;
}

/**
 * Everything is asynchronous. `at` is a sequence number: the answer is as if nothing later had
 * been written; without it the answer is as at the last commit. Any `at` that is the last number
 * of a commit within the window is answered; older ones are refused with `behind-window`.
 * After `close` every call is refused with `unavailable`.
 */
export interface ResourceStore {
  readonly properties: StoreProperties;

  /** The current version, a deletion included; undefined when the resource never existed. */
  read(key: ResourceKey, at?: number): Promise<Version | undefined>;

  /** That version, a deletion included, however old. */
  readVersion(key: ResourceKey, versionId: number): Promise<Version | undefined>;

  /** As `read`, one answer per key, in their order. */
  readMany(keys: readonly ResourceKey[], at?: number): Promise<readonly (Version | undefined)[]>;

  /** The undeleted resources of those dense numbers within the type, one answer per number, in
   * their order; undefined where there is none. */
  readNumbers(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (Version | undefined)[]>;

  /** The undeleted resources that point at each key, which need not exist: a list for each key, in
   * their order; in it those that each query finds, in the order of queries, then by `number`. No
   * two queries are of the same type and parameter. */
  referrers(
    keys: readonly ResourceKey[],
    queries: readonly ReferrerQuery[],
    at?: number,
  ): Promise<readonly (readonly Version[])[]>;

  /** As `readNumbers`, the ids alone: a tenth of the work, for whoever looks at nothing else. */
  readIds(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (string | undefined)[]>;

  /** Versions newest first. Not bounded by the window: `at` may be any sequence number when
   * `visible` is absent. */
  history(scope: HistoryScope, page: HistoryPage, at?: number): Promise<HistoryAnswer>;

  /** One page of the undeleted resources that match. */
  search(query: SearchQuery, page: SearchPage, at?: number): Promise<SearchAnswer>;

  /** How many undeleted resources match. */
  count(query: SearchQuery, at?: number): Promise<number>;

  /** How the search would be answered. */
  explain(query: SearchQuery): Promise<SearchExplanation>;

  /** The numbers of all that match, ascending (sort is ignored): eight bytes a match. */
  numbers(query: SearchQuery, at?: number): Promise<Float64Array>;

  /** All that match, by `number` ascending (sort is ignored), in constant memory. */
  stream(query: SearchQuery, at?: number): AsyncIterable<Version>;

  /** The only write: all or nothing, durable when answered. Callers are committed in groups; one
   * caller's refusal fails that caller alone, and guards see earlier members of the group. No two
   * undeleted resources of a type may have an equal token entry under the parameter `_unique`
   * (search/unique-identifiers.ts), as they stand after the whole transaction. */
  transact(transaction: Transaction): Promise<Commit>;

  /** Versions with a greater sequence number, oldest first: whole commits, at least one if there
   * is any, else about `limit` versions. */
  changes(after: number, limit: number): Promise<readonly Version[]>;

  /** The last sequence number of all; 0 when the log is empty. With `beforeMs`, the last one of a
   * version whose lastUpdated is earlier than that instant. */
  position(beforeMs?: number): Promise<number>;

  /** Waits until everything up to the sequence number can be read here, which another instance may
   * have written; false when that is not so within `withinMs` milliseconds. */
  reach(sequence: number, withinMs: number): Promise<boolean>;

  /** Rows of a set, by key in code-unit order, keys greater than `after`. */
  rows(set: string, after: string, limit: number): Promise<readonly Row[]>;

  /** The names of all sets that have rows, in code-unit order. */
  rowSets(): Promise<readonly string[]>;

  /** One row's value. */
  row(set: string, key: string): Promise<string | undefined>;

  /** Moves the window's floor to what was current at `nowMs` minus the window, then drops what
   * only older questions needed. Called by the timetable; safe at any time. */
  maintain(nowMs: number): Promise<void>;

  /** Answers what was accepted, then lets go of files, connections and threads. */
  close(): Promise<void>;
}
