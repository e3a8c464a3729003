// The collections, with what each index is for and costs. Sizes are of English patients and doses
// with about 40 entry texts each; MongoDB shortens what neighbouring keys share.

// versions  {entries, to}        every search clause, unique identifiers, referrers; `to` tells
//                                current entries from past ones. About 1 kB a version in the window
//           {searchType, number} all of a type in the order of creation, complements. About 20 B
//           {key, to}            reads, history of a resource. About 30 B
//           {type, from}         history of a type. About 20 B
// log       {firstMs, _id}       instants as sequence numbers. About 15 B a commit
// rows      {name, slot}         operational rows. About 60 B a row

import { type Connection, Schema } from 'mongoose';
import type { VersionMethod } from '../resource-store.ts';

/** `to` of a version that no other has replaced. */
export const NEVER_REPLACED = Number.MAX_SAFE_INTEGER;

/** One version; it is the current one as at S when `from` ≤ S < `to`. */
export interface VersionDocument {
  /** `orderedId(from)` */
  readonly _id: string;
  /** `Type/id` */
  readonly key: string;
  readonly type: string;
  readonly id: string;
  /** `Type/id` of the person it is about, else of itself: the shard key, so that a person's
   * records live together. */
  readonly owner: string;
  /** Present on what searches look at: undeleted versions of the window. */
  readonly searchType?: string;
  readonly number: number;
  readonly versionId: number;
  readonly from: number;
  readonly to: number;
  readonly commitLast: number;
  readonly lastUpdatedMs: number;
  readonly method: VersionMethod;
  readonly text?: string;
  /** entry-text.ts; with `searchType` */
  readonly entries?: readonly string[];
}

/** The value of an operational row from a slot of the log on; null: it was removed. */
export interface RowDocument {
  /** name and slot */
  readonly _id: string;
  /** set and key, both encoded, SEPARATOR between them */
  readonly name: string;
  readonly slot: number;
  readonly value: string | null;
}

/** The version `_id` is replaced by the one of sequence number `to`. */
export interface Replacement {
  readonly _id: string;
  readonly owner: string;
  readonly to: number;
}

/** Entries that are added to a version. */
export interface Addition {
  readonly _id: string;
  readonly owner: string;
  readonly entries: readonly string[];
}

/** What a commit puts into the other collections. */
export interface Content {
  readonly versions: readonly VersionDocument[];
  readonly replacements: readonly Replacement[];
  readonly additions: readonly Addition[];
  readonly rows: readonly RowDocument[];
}

/** Where the log stands after a commit. */
export interface Head {
  readonly slot: number;
  /** The last sequence number. */
  readonly last: number;
  /** Of the version of that number; the least possible instant before the first. */
  readonly lastMs: number;
  /** The greatest number of each type. */
  readonly counters: Readonly<Record<string, number>>;
}

/** One commit. Once it is there it is decided; it stays for ever, its content until it has left
 * the window. */
export interface LogDocument extends Head {
  /** `orderedId(slot)` */
  readonly _id: string;
  /** Of the one attempt that wrote it. */
  readonly nonce: string;
  /** Of its first version; one more than the last number where it has none. */
  readonly first: number;
  /** lastUpdated of its first version, else of the one before. */
  readonly firstMs: number;
  /** The writer's clock, milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Absent when it lies in parts, or has left the window. */
  readonly content?: Content;
  /** How many part documents hold the content. */
  readonly parts: number;
  readonly emptied?: true;
}

/** A piece of the content of a commit that is too large for one document. */
export interface PartDocument {
  /** slot, nonce and place */
  readonly _id: string;
  readonly slot: number;
  readonly nonce: string;
  readonly content: Content;
}

/** A number that is kept for the store itself, by name. */
export interface MarkDocument {
  readonly _id: string;
  readonly number?: number;
  readonly text?: string;
}

// Documents are written by the driver, as they stand: the schemas say what is indexed.
const options = { strict: false, versionKey: false, autoIndex: false, autoCreate: false } as const;

/** The schema of each collection, by its name. */
const schemas = {
  versions: new Schema<VersionDocument>({ _id: String }, options)
    .index({ entries: 1, to: 1 })
    .index({ searchType: 1, number: 1 })
    .index({ key: 1, to: 1 })
    .index({ type: 1, from: 1 }),
  rows: new Schema<RowDocument>({ _id: String }, options).index({ name: 1, slot: 1 }),
  log: new Schema<LogDocument>({ _id: String }, options).index({ firstMs: 1, _id: 1 }),
  parts: new Schema<PartDocument>({ _id: String }, options),
  marks: new Schema<MarkDocument>({ _id: String }, options),
} as const;

/** Builds the indexes that are not there yet. */
export async function buildIndexes(connection: Connection): Promise<void> {
  for (const [name, schema] of Object.entries(schemas)) {
    await connection.model(name, schema as Schema, name).createIndexes();
  }
}

/** A sequence number or slot as an `_id` that orders as the number does. */
export function orderedId(number: number): string {
  return String(number).padStart(16, '0');
}
