// Versions as they are read: what is fetched of a document, and what it is to a caller.

import type { ResourceKey } from '../../fhir/types.ts';
import type { Version } from '../resource-store.ts';
import { type Database, unavailable } from './database.ts';
import { orderedId, type VersionDocument } from './models.ts';
import { currentAt, existingAt } from './moment.ts';

/** The members of a document that make a version. */
export const VERSION_MEMBERS = {
  _id: 0,
  type: 1,
  id: 1,
  versionId: 1,
  from: 1,
  commitLast: 1,
  number: 1,
  lastUpdatedMs: 1,
  method: 1,
  text: 1,
} as const;

/** A document with those members. */
export type ShownDocument = Pick<VersionDocument, Exclude<keyof typeof VERSION_MEMBERS, '_id'>>;

/** The version of a document.
 * @throws StoreError `unavailable` when the document is none that this store has written */
export function toVersion(document: ShownDocument): Version {
  const { type, id, versionId, from, commitLast, number, lastUpdatedMs, method, text } = document;
  const hasText = method === 'DELETE' ? text == null : typeof text === 'string';
  const isSound = hasText && [versionId, from, commitLast, number, lastUpdatedMs].every(isWhole);
  // Somebody has changed it by hand.
  if (!isSound) throw unavailable('no', `Version ${versionId} of ${type}/${id} is damaged.`);
  const version = {
    type,
    id,
    versionId,
    sequence: from,
    commitLast,
    number,
    lastUpdatedMs,
    method,
  };
  return text === undefined || text === null ? version : { ...version, text };
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

/** The versions of the resources that are current as at the number, one answer per key. */
export async function readResources(
  { versions }: Database,
  keys: readonly ResourceKey[],
  at: number,
): Promise<(Version | undefined)[]> {
  const names = keys.map(({ type, id }) => `${type}/${id}`);
  const found = await versions
    .find({ key: { $in: [...new Set(names)] }, ...currentAt(at) })
    .project<ShownDocument>(VERSION_MEMBERS)
    .toArray();
  const byName = new Map(found.map((one) => [`${one.type}/${one.id}`, toVersion(one)]));
  return names.map((name) => byName.get(name));
}

/** The undeleted resources of those numbers within the type, one answer per number. */
export async function readByNumber(
  { versions }: Database,
  type: string,
  numbers: readonly number[],
  at: number,
): Promise<(Version | undefined)[]> {
  const found = await versions
    .find({ number: { $in: [...new Set(numbers)] }, ...existingAt(type, at) })
    .project<ShownDocument>(VERSION_MEMBERS)
    .toArray();
  const byNumber = new Map(found.map((one) => [one.number, toVersion(one)]));
  return numbers.map((number) => byNumber.get(number));
}

/** The ids of the undeleted resources of those numbers within the type, one answer per number. */
export async function readIds(
  { versions }: Database,
  type: string,
  numbers: readonly number[],
  at: number,
): Promise<(string | undefined)[]> {
  const found = await versions
    .find({ number: { $in: [...new Set(numbers)] }, ...existingAt(type, at) })
    .project<Pick<VersionDocument, 'number' | 'id'>>({ _id: 0, number: 1, id: 1 })
    .toArray();
  const byNumber = new Map(found.map(({ number, id }) => [number, id]));
  return numbers.map((number) => byNumber.get(number));
}

/** That version of the resource, however old, written up to the number. */
export async function readResourceVersion(
  { versions }: Database,
  { type, id }: ResourceKey,
  versionId: number,
  upTo: number,
): Promise<Version | undefined> {
  const [found] = await versions
    .find({ key: `${type}/${id}`, versionId, from: { $lte: upTo } })
    .project<ShownDocument>(VERSION_MEMBERS)
    .limit(1)
    .toArray();
  return found === undefined ? undefined : toVersion(found);
}

/** The versions of those sequence numbers, in their order. */
export async function readSequences(
  { versions }: Database,
  sequences: readonly number[],
): Promise<Version[]> {
  if (sequences.length === 0) return [];
  const found = await versions
    .find({ _id: { $in: sequences.map(orderedId) } })
    .project<ShownDocument>(VERSION_MEMBERS)
    .toArray();
  const bySequence = new Map(found.map((one) => [one.from, toVersion(one)]));
  return sequences.flatMap((sequence) => bySequence.get(sequence) ?? []);
}
