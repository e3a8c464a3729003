// Operational rows: each value is a document from its slot of the log on, and the value as at a
// slot is the one with the greatest slot up to it. A removed row leaves a document without value,
// so that a late projector brings nothing back.

import { decodeText, encodeText, HIGHEST, SEPARATOR } from '../ordered-text.ts';
import type { Row } from '../resource-store.ts';
import type { Database } from './database.ts';
import { orderedId, type RowDocument } from './models.ts';

/** Documents read at once while rows are listed. */
const BATCH_COUNT = 1_000;

/** Names the numbers of resources that were mentioned and never written; no set is empty. */
const NUMBERS = `${SEPARATOR}number${SEPARATOR}`;

/** A row's name, ordered by set, then key. */
export function rowName(set: string, key: string): string {
  return encodeText(set) + SEPARATOR + encodeText(key);
}

/** The value of a row from a slot on. */
export function rowDocument(set: string, key: string, slot: number, value: string | null) {
  const name = rowName(set, key);
  return { _id: `${name}${SEPARATOR}${orderedId(slot)}`, name, slot, value };
}

/** The `_id` under which the number of the resource `Type/id` is kept. */
export function numberName(resource: string): string {
  return NUMBERS + resource;
}

/** The number of a resource that is mentioned for the first time. It never changes. */
export function numberDocument(resource: string, slot: number, number: number): RowDocument {
  const name = numberName(resource);
  return { _id: name, name, slot, value: String(number) };
}

/** The row's value as at the slot; undefined when it has none. */
export async function readRow(
  { rows }: Database,
  set: string,
  key: string,
  slot: number,
): Promise<string | undefined> {
  const filter = { name: rowName(set, key), slot: { $lte: slot } };
  const [found] = await rows.find(filter).sort({ slot: -1 }).limit(1).toArray();
  return found?.value ?? undefined;
}

/** The sets that have rows as at the slot: from one to the next. */
export async function readRowSets(database: Database, slot: number): Promise<string[]> {
  const sets: string[] = [];
  for (let after = `${NUMBERS}${HIGHEST}`; ; ) {
    const [found] = await database.rows
      .find({ name: { $gt: after } })
      .sort({ name: 1 })
      .limit(1)
      .toArray();
    if (found === undefined) return sets;
    const [start = ''] = found.name.split(SEPARATOR, 1);
    const set = decodeText(start);
    if ((await readRows(database, set, '', 1, slot)).length > 0) sets.push(set);
    after = start + SEPARATOR + HIGHEST;
  }
}

/** Rows of the set as at the slot, by key, keys greater than `after`. */
export async function readRows(
  { rows }: Database,
  set: string,
  after: string,
  limit: number,
  slot: number,
): Promise<Row[]> {
  const start = rowName(set, '');
  const from = rowName(set, after) + SEPARATOR;
  const filter = { name: { $gte: from, $lt: start + HIGHEST }, slot: { $lte: slot } };
  const cursor = rows.find(filter).sort({ name: 1, slot: 1 }).batchSize(BATCH_COUNT);
  const found: Row[] = [];
  let last: RowDocument | undefined;
  const take = () => {
    if (last?.value != null)
      found.push({ key: decodeText(last.name.slice(start.length)), value: last.value });
  };
  for await (const row of cursor) {
    if (last !== undefined && last.name !== row.name) take();
    if (found.length === limit) return found;
    last = row;
  }
  take();
  return found.slice(0, limit);
}
