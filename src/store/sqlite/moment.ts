// A moment to answer as at: one read transaction, in which the window's floor is checked. All that
// is read within it is of one state of the database.

import { StoreError } from '../resource-store.ts';
import type { Connection } from './connection.ts';
import type { Dictionary } from './dictionary.ts';
import type { Moment } from './statement.ts';
import { lastSequence, positionBefore } from './versions.ts';

/** The connection and names of one reading thread. */
export interface Reader {
  readonly connection: Connection;
  readonly dictionary: Dictionary;
}

/** The least sequence number that can be asked about. */
export function windowFloor(connection: Connection): number {
  const sql = "SELECT value FROM meta WHERE key = 'floor'";
  return connection.get<{ value: number }>(sql)?.value ?? 0;
}

/**
 * Runs `work` in one read transaction.
 * @param at sequence number to answer as at; without it, or from the last one on, the present
 * @throws StoreError `behind-window`
 */
export function atMoment<Result>(
  reader: Reader,
  at: number | undefined,
  work: (moment: Moment) => Result,
): Result {
  return reader.connection.snapshot(() => {
    checkWindow(reader.connection, at);
    return work(momentOf(reader, at));
  });
}

/** Refuses a sequence number behind the window. */
export function checkWindow(connection: Connection, at: number | undefined): void {
  if (at === undefined) return;
  const floor = windowFloor(connection);
  if (at < floor) throw new StoreError({ reason: 'behind-window', floor });
}

/** The moment in a transaction that is already open; the window is not checked. */
export function momentOf(reader: Reader, at: number | undefined): Moment {
  const head = lastSequence(reader.connection);
  const past = at !== undefined && at < head;
  const last = past ? at : head;
  return {
    names: reader.dictionary,
    at: past ? at : undefined,
    last,
    positionBefore: (instantMs) => positionBefore(reader.connection, instantMs, last),
  };
}
