// Brings what the log has committed into the collections that are read. Every step is idempotent
// and its values are fixed by the log, so that it does not matter how many instances take it, or
// how late; readers look as at a head that is wholly projected.

import { setTimeout as pause } from 'node:timers/promises';
import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from 'mongodb';
import { assert } from '../../lib/assert.ts';
import type { StoreError } from '../resource-store.ts';
import { readParts } from './content-parts.ts';
import { type Database, DUPLICATE_KEY, unavailable } from './database.ts';
import {
  type Content,
  type Head,
  type LogDocument,
  orderedId,
  type VersionDocument,
} from './models.ts';

/** How often the log is looked at for others' commits, milliseconds. */
const LOOK_EVERY_MS = 250;

/** After so long without a look, milliseconds, one is taken before anything is answered: the
 * process may have been stopped. */
const FRESH_FOR_MS = 1_000;

/** The mark that says how far some instance has projected: where another begins. */
export const APPLIED = 'applied';

/** The mark that holds the last slot that an instance lost while it waited for its turn. */
export const WAITING = 'waiting';

const START: Head = { slot: 0, last: 0, lastMs: Number.MIN_SAFE_INTEGER, counters: {} };

export class Projector {
  readonly #database: Database;
  #head: Head = START;
  /** The last step, done or under way: steps follow each other. */
  #work: Promise<unknown> = Promise.resolve();
  /** When the last look that found nothing more began, milliseconds of the monotonic clock. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #hinted = 0;
  #waitingAt = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Starts where some instance has come to, and comes to the end of the log. */
  static async open(database: Database): Promise<Projector> {
    const projector = new Projector(database);
    const hint = (await database.marks.findOne({ _id: APPLIED }))?.number ?? 0;
    const known = await database.log.findOne(
      { _id: orderedId(hint) },
      { projection: { content: 0 } },
    );
    if (known !== null) projector.#head = headOf(known);
    await projector.look();
    return projector;
  }

  /** The last commit that is wholly projected. */
  get head(): Head {
    return this.#head;
  }

  /** The last slot that was lost by an instance that said so. */
  get waitingAt(): number {
    return this.#waitingAt;
  }

  /** Looks at the log again and again until `stop`. */
  start(): void {
    this.#timer = setInterval(() => {
      // The next look, or whoever reads, meets the same trouble and says so.
      this.look()
        .then(() => this.#exchangeMarks())
        .catch(() => {});
    }, LOOK_EVERY_MS).unref();
  }

  /** Ends the looking; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work.catch(() => {});
  }

  /** Makes sure that the log was looked at lately. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#lookedAt > FRESH_FOR_MS) await this.look();
  }

  /** Whether everything up to the sequence number is projected, now or within so many
   * milliseconds. */
  async reach(sequence: number, withinMs: number): Promise<boolean> {
    const late = performance.now() + withinMs;
    for (;;) {
      if (this.#head.last >= sequence) return true;
      await this.look();
      if (this.#head.last >= sequence) return true;
      if (performance.now() + LOOK_EVERY_MS > late) return false;
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Projects all that is in the log now. */
  look(): Promise<void> {
    return this.#after(async () => {
      const began = performance.now();
      for (;;) {
        const _id = orderedId(this.#head.slot + 1);
        const next = await this.#database.log.findOne({ _id });
        if (next === null) break;
        await this.#project(next);
      }
      this.#lookedAt = began;
    });
  }

  /** Projects the commit that comes next, unless a look has done so. */
  projectOwn(content: Content, head: Head): Promise<void> {
    return this.#after(async () => {
      if (this.#head.slot >= head.slot) return;
      assert(this.#head.slot === head.slot - 1, 'a group follows the head it was derived from');
      await project(this.#database, content);
      this.#head = head;
    });
  }

  async #project(document: LogDocument): Promise<void> {
    const { slot, nonce, parts, content, emptied } = document;
    // What is emptied was projected before.
    if (emptied === undefined) {
      if (content !== undefined) await project(this.#database, content);
      let found = 0;
      for await (const part of readParts(this.#database, slot, nonce)) {
        await project(this.#database, part);
        found += 1;
      }
      if (found !== parts || (parts === 0 && content === undefined)) throw damaged(slot);
    }
    this.#head = headOf(document);
  }

  async #exchangeMarks(): Promise<void> {
    this.#waitingAt = (await this.#database.marks.findOne({ _id: WAITING }))?.number ?? 0;
    const { slot } = this.#head;
    if (slot === this.#hinted) return;
    await this.#database.marks.updateOne({ _id: APPLIED }, { $max: { number: slot } });
    this.#hinted = slot;
  }

  #after(step: () => Promise<void>): Promise<void> {
    const done = this.#work.catch(() => {}).then(step);
    this.#work = done;
    return done;
  }
}

/** Somebody has changed the log by hand: what follows cannot be known. */
function damaged(slot: number): StoreError {
  return unavailable('no', `The commit in slot ${slot} of the database's log is damaged.`);
}

function headOf({ slot, last, lastMs, counters }: Head): Head {
  return { slot, last, lastMs, counters };
}

/** At most three commands: versions, what changes in others, rows. */
async function project(database: Database, content: Content): Promise<void> {
  const { versions, replacements, additions, rows } = content;
  const { versionFilter } = database;
  await insertMissing(database.versions, versions);
  // Each is of one document; FerretDB would hold a connection for every `updateOne` of a command.
  const updates: AnyBulkWriteOperation<VersionDocument>[] = [
    ...replacements.map(({ _id, owner, to }) => ({
      updateMany: { filter: versionFilter({ _id, owner }), update: { $set: { to } } },
    })),
    // Whoever comes late gives them to a version behind the window, which is never looked at.
    ...additions.map(({ _id, owner, entries }) => ({
      updateMany: {
        filter: versionFilter({ _id, owner }),
        update: { $addToSet: { entries: { $each: [...entries] } } },
      },
    })),
  ];
  if (updates.length > 0) await database.versions.bulkWrite(updates, { ordered: false });
  await insertMissing(database.rows, rows);
}

async function insertMissing<Kept extends { readonly _id: string }>(
  collection: Collection<Kept>,
  documents: readonly Kept[],
): Promise<void> {
  if (documents.length === 0) return;
  try {
    const operations = documents.map((document) => ({ insertOne: { document } }));
    await collection.bulkWrite(operations as AnyBulkWriteOperation<Kept>[], { ordered: false });
  } catch (error) {
    if (!isAllDuplicates(error)) throw error;
  }
}

function isAllDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  if (error.result.getWriteConcernError() !== undefined) return false;
  const errors = [error.writeErrors].flat();
  // Without any, it was the way to the database that failed.
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
}
