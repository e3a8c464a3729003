// Fills an empty store with the synthetic nation: generated, judged and indexed like everything
// that comes in, written in large transactions. What was loaded is noted in the same commits, so
// that an interrupted load goes on where it was.

import { setImmediate } from 'node:timers/promises';
import type { Resource } from '../fhir/types.ts';
import type { Context } from '../interactions/interaction.ts';
import { putWrite, requireValid } from '../interactions/put-write.ts';
import { POPULATION_WRITES_PER_COMMIT } from '../limits.ts';
import type { PutWrite, ResourceStore, RowWrite } from '../store/resource-store.ts';
import { estimateResources, type NationOptions, nation } from './nation.ts';

/** How far the load has come. */
export interface LoadProgress {
  readonly loaded: number;
  /** An estimate until the end. */
  readonly expected: number;
}

/** What the operational row says. */
interface LoadState extends NationOptions {
  readonly loaded: number;
  readonly isComplete: boolean;
}

/** Resources that are made before others have a turn: about ten milliseconds' work. */
const RESOURCES_PER_TURN = 100;

const SET = 'synthetic-nation';
const KEY = 'load';

/**
 * Loads the nation if the store is empty, or the rest of one whose load was interrupted; does
 * nothing to any other store.
 * @param wanted which nation, where none has been begun
 * @param onProgress told after each commit
 * @returns how many resources were loaded now
 */
export async function loadNation(
  context: Context,
  wanted: NationOptions,
  onProgress: (progress: LoadProgress) => void,
): Promise<number> {
  const begun = await readState(context.store);
  if (begun?.isComplete === true) return 0;
  if (begun === undefined && (await context.store.position()) > 0) return 0;
  const options: NationOptions = begun ?? wanted;
  const expected = estimateResources(options.people);
  const before = begun?.loaded ?? 0;
  let loaded = before;
  let writes: PutWrite[] = [];
  let committing: Promise<unknown> = Promise.resolve();
  const commit = async (isComplete: boolean) => {
    const { people, seed, date } = options;
    const state: LoadState = { people, seed, date, loaded, isComplete };
    const row: RowWrite = { kind: 'row', set: SET, key: KEY, value: JSON.stringify(state) };
    const transaction = { guards: [], writes: [...writes, row], nowMs: context.now() };
    writes = [];
    // One commit is written while the next is prepared; no more, so that memory stays constant.
    await committing;
    committing = context.store.transact({ ...transaction, references: 'strict' });
    // A failure is met by the next await; until then it must not count as unheard.
    committing.catch(() => undefined);
    onProgress({ loaded, expected: isComplete ? loaded : Math.max(expected, loaded + 1) });
  };
  let index = 0;
  for (const resource of nation(options)) {
    index += 1;
    if (index <= before) continue;
    writes.push(toWrite(context, resource));
    loaded = index;
    // The store hands large commits to its thread in slices, between which others have their turn.
    if (index % RESOURCES_PER_TURN === 0) await setImmediate();
    if (writes.length === POPULATION_WRITES_PER_COMMIT) await commit(false);
  }
  await commit(true);
  await committing;
  return loaded - before;
}

async function readState(store: ResourceStore): Promise<LoadState | undefined> {
  const row = await store.row(SET, KEY);
  return row === undefined ? undefined : (JSON.parse(row) as LoadState);
}

function toWrite(context: Context, resource: Resource): PutWrite {
  const { resourceType: type, id = '' } = resource;
  const document = { value: resource };
  requireValid(context, document, type);
  return putWrite(context, { type, id }, document, 'PUT', 'absent');
}
