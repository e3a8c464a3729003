// The log: one document is the commit. Inserting it under the next slot decides who has the slot;
// only inserts of unique `_id`s decide anything, so that no outcome depends on when a message
// arrives, or how often.

import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, OptionalUnlessRequiredId } from 'mongodb';
import { partsOf } from './content-parts.ts';
import {
  asRefusal,
  type Database,
  isDuplicate,
  isOfDatabase,
  unavailable,
  wasNotTried,
} from './database.ts';
import type { DerivedGroup } from './derive-group.ts';
import { type Head, type LogDocument, orderedId, type PartDocument } from './models.ts';

/** Between two attempts to find out what became of a commit, milliseconds. */
const ATTEMPT_PAUSE_MS = 100;

/** What is in the slot: the group's own document, or another's. */
type Decision = 'won' | 'lost';

/**
 * Puts the group into its slot, or finds out that another is there. While neither is known the same
 * document is inserted again.
 * @param nonce of this attempt alone
 * @param deadlineMs how long that goes on, milliseconds
 * @throws StoreError `unavailable`: `unknown` where the commit may still appear
 */
export async function commitGroup(
  database: Database,
  head: Head,
  group: DerivedGroup,
  nonce: string,
  deadlineMs: number,
): Promise<Decision> {
  const parts = partsOf(group.content, group.head.slot, nonce);
  const document = logDocument(head, group, nonce, parts.length);
  const started = performance.now();
  const isLate = () => performance.now() - started > deadlineMs;
  for (let isTried = false; ; ) {
    try {
      const decision = await attempt(database, document, parts);
      if (decision !== undefined) return decision;
      isTried = true;
      if (isLate()) throw unavailable('unknown', 'A majority of the database does not answer.');
    } catch (error) {
      if (!isOfDatabase(error)) throw error;
      isTried ||= !wasNotTried(error);
      if (isLate()) throw asRefusal(error, isTried ? 'unknown' : 'no');
    }
    await pause(ATTEMPT_PAUSE_MS);
  }
}

/** Undefined: something is in the slot that a majority does not have yet. */
async function attempt(
  database: Database,
  document: LogDocument,
  parts: readonly PartDocument[],
): Promise<Decision | undefined> {
  for (const part of parts) await insertOnce(database.parts, part);
  if (await insertOnce(database.log, document)) return 'won';
  const { _id } = document;
  const winner = await database.log.findOne({ _id }, { projection: { nonce: 1 } });
  if (winner === null) return undefined;
  if (winner.nonce === document.nonce) return 'won';
  const own = parts.map((part) => part._id);
  if (own.length > 0) await database.parts.deleteMany({ _id: { $in: own } });
  return 'lost';
}

/** Whether it was not there yet. */
async function insertOnce<Kept extends { readonly _id: string }>(
  collection: Collection<Kept>,
  document: Kept,
): Promise<boolean> {
  try {
    await collection.insertOne(document as OptionalUnlessRequiredId<Kept>);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

function logDocument(head: Head, group: DerivedGroup, nonce: string, parts: number): LogDocument {
  const { content } = group;
  return {
    _id: orderedId(group.head.slot),
    ...group.head,
    nonce,
    first: head.last + 1,
    firstMs: content.versions[0]?.lastUpdatedMs ?? head.lastMs,
    atMs: group.nowMs,
    parts,
    ...(parts === 0 ? { content } : {}),
  };
}
