// What a commit holds, in pieces that each fit into a document of the database: a large group's
// content lies beside the log, in part documents that are there before the log document is.

import { BSON } from 'mongodb';
import type { Database } from './database.ts';
import { type Content, orderedId, type PartDocument } from './models.ts';
import type { Filter } from './value-filter.ts';

/** What one document may hold, bytes: half of what a server takes. */
const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;

/** What a version's text and entries may take, bytes: of what a server takes, that leaves room for
 * the document's other members. */
export const VERSION_BYTES_MAX = 15 * 1024 * 1024;

/** Bytes of a version beside its text and entries, at most. */
const VERSION_BYTES = 1_000;
const BYTES_PER_CHARACTER_MAX = 3;

/** Of an entry beside its text: its place in the array, its type and its length. */
const BYTES_PER_ENTRY = 12;

type Item = {
  readonly [Member in keyof Content]: [Member, Content[Member][number]];
}[keyof Content];

/** The content in parts; none when it fits into the log document. */
export function partsOf(content: Content, slot: number, nonce: string): PartDocument[] {
  if (mostBytes(content) <= DOCUMENT_BYTES_MAX) return [];
  const pieces = split(content);
  if (pieces.length === 1) return [];
  return pieces.map((piece, place) => ({
    _id: `${partName(slot)}${nonce}.${orderedId(place)}`,
    slot,
    nonce,
    content: piece,
  }));
}

/** The parts of a commit, in order. */
export async function* readParts(
  { parts }: Database,
  slot: number,
  nonce: string,
): AsyncGenerator<Content> {
  const start = `${partName(slot)}${nonce}.`;
  const cursor = parts.find({ _id: { $gte: start, $lt: `${start}~` } }).sort({ _id: 1 });
  // One at a time: each may be of eight megabytes.
  for await (const { content } of cursor.batchSize(1)) yield content;
}

/** All parts that were ever written for the slot. */
export function partsFilter(slot: number): Filter {
  return { _id: { $gte: partName(slot), $lt: `${partName(slot)}~` } };
}

function partName(slot: number): string {
  return `${orderedId(slot)}.`;
}

/** Whether text and entries are more than a version may hold. */
export function isTooLarge(text: string, entries: readonly string[]): boolean {
  const bytes = (sum: number, one: string) => sum + Buffer.byteLength(one) + BYTES_PER_ENTRY;
  return Buffer.byteLength(text) + entries.reduce(bytes, 0) > VERSION_BYTES_MAX;
}

/** An upper bound that takes no look at the characters. */
function mostBytes({ versions, replacements, additions, rows }: Content): number {
  let characters = 0;
  const add = (texts: readonly string[] = []) => {
    for (const text of texts) characters += text.length + 10;
  };
  for (const { text, entries } of versions) {
    characters += text?.length ?? 0;
    add(entries);
  }
  for (const { entries } of additions) add(entries);
  for (const { name, value } of rows) characters += 2 * name.length + (value?.length ?? 0);
  const items = versions.length + replacements.length + additions.length + rows.length;
  return characters * BYTES_PER_CHARACTER_MAX + items * VERSION_BYTES;
}

function split(content: Content): Content[] {
  const pieces: Content[] = [];
  let items: Item[] = [];
  let bytes = 0;
  for (const item of itemsOf(content)) {
    const size = BSON.calculateObjectSize(item[1]) + VERSION_BYTES;
    if (bytes + size > DOCUMENT_BYTES_MAX && items.length > 0) {
      pieces.push(contentOf(items));
      items = [];
      bytes = 0;
    }
    items.push(item);
    bytes += size;
  }
  return [...pieces, contentOf(items)];
}

function itemsOf({ versions, replacements, additions, rows }: Content): Item[] {
  return [
    ...versions.map((one): Item => ['versions', one]),
    ...replacements.map((one): Item => ['replacements', one]),
    ...additions.map((one): Item => ['additions', one]),
    ...rows.map((one): Item => ['rows', one]),
  ];
}

function contentOf(items: readonly Item[]): Content {
  return {
    versions: items.flatMap((item) => (item[0] === 'versions' ? item[1] : [])),
    replacements: items.flatMap((item) => (item[0] === 'replacements' ? item[1] : [])),
    additions: items.flatMap((item) => (item[0] === 'additions' ? item[1] : [])),
    rows: items.flatMap((item) => (item[0] === 'rows' ? item[1] : [])),
  };
}
