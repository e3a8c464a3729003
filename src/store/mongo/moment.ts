// Which versions are looked at: those that are current as at a sequence number of the log. Asked
// so, a commit is seen whole or not at all, at every moment of its projection.

import { StoreError } from '../resource-store.ts';
import type { Database } from './database.ts';
import type { Filter } from './value-filter.ts';

/** The mark that holds the least sequence number that can be asked about. */
export const FLOOR = 'floor';

/** Versions that are current as at the sequence number, deletions included. */
export function currentAt(at: number): Filter {
  return { from: { $lte: at }, to: { $gt: at } };
}

/** Undeleted versions of the type that are current then. */
export function existingAt(type: string, at: number): Filter {
  return { searchType: type, ...currentAt(at) };
}

/** Refuses a sequence number behind the window. Asked after reading: the floor moves before
 * anything behind it goes.
 * @throws StoreError `behind-window` */
export async function checkWindow(database: Database, at: number | undefined): Promise<void> {
  if (at === undefined) return;
  const floor = await readFloor(database);
  if (at < floor) throw new StoreError({ reason: 'behind-window', floor });
}

/** The least sequence number that can be asked about. */
export async function readFloor({ marks }: Database): Promise<number> {
  return (await marks.findOne({ _id: FLOOR }))?.number ?? 0;
}
