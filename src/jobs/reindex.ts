// Fills the index for search parameters that are new to the store, while the service runs: resource
// by resource, with its place saved in the same commit as the entries, so that a stopped run goes
// on where it was. New writes are indexed for them from the start, so that only what was written
// before is looked at. Each parameter is a Task that anyone may read.

import type { Resource } from '../fhir/types.ts';
import type { Context } from '../interactions/interaction.ts';
import { putWrite } from '../interactions/put-write.ts';
import type { Log } from '../lib/logging.ts';
import { REINDEX_BATCH_MAX } from '../limits.ts';
import { isAlias } from '../search/aliases.ts';
import { parameterEntries } from '../search/index-entries.ts';
import type { CustomParameter } from '../search/search-parameter-files.ts';
import type { EntriesWrite, ResourceStore, RowWrite, Version } from '../store/resource-store.ts';
import { isTaken } from './lease.ts';

const SET = 'search-parameters';

/** How far one parameter is filled. */
interface Progress {
  readonly hash: string;
  /** What was written up to this sequence number was written without it. */
  readonly upTo: number;
  /** The store's position after the last resource that was looked at; null before the first. */
  readonly after: string | null;
  readonly count: number;
  readonly done: boolean;
}

/** Which added parameters the store has entries of for every resource. */
export interface FilledParameters {
  isFilled(type: string, code: string): boolean;
}

interface Filling {
  readonly custom: CustomParameter;
  progress: Progress;
}

/** The parameters that were added to a store, and how far each is filled. */
export class AddedParameterIndex implements FilledParameters {
  readonly #store: ResourceStore;
  readonly #byName: ReadonlyMap<string, Filling>;

  private constructor(store: ResourceStore, fillings: readonly Filling[]) {
    this.#store = store;
    this.#byName = new Map(fillings.map((filling) => [nameOf(filling.custom), filling]));
  }

  /**
   * Reads how far each parameter is filled, and notes those that are new. One that stands for
   * others has no entries, and is as good as filled.
   * @param nowMs milliseconds since 1970 UTC
   * @throws Error when the definition of a parameter has changed: its entries mean something else
   */
  static async open(
    store: ResourceStore,
    parameters: readonly CustomParameter[],
    nowMs: number,
  ): Promise<AddedParameterIndex> {
    const upTo = await store.position();
    const fillings: Filling[] = [];
    const own = parameters.filter(({ type, parameter }) => !isAlias(type, parameter.code));
    for (const custom of own) {
      const row = await store.row(SET, nameOf(custom));
      const known = row === undefined ? undefined : (JSON.parse(row) as Progress);
      if (known !== undefined && known.hash !== custom.hash) throw changed(custom);
      const fresh = { hash: custom.hash, upTo, after: null, count: 0, done: upTo === 0 };
      const progress: Progress = known ?? fresh;
      fillings.push({ custom, progress });
      if (known === undefined) {
        const write = rowWrite(custom, progress);
        await store.transact({ guards: [], writes: [write], nowMs, references: 'lenient' });
      }
    }
    return new AddedParameterIndex(store, fillings);
  }

  isFilled(type: string, code: string): boolean {
    return this.#byName.get(`${type} ${code}`)?.progress.done ?? true;
  }

  /** Reads again how far the others have come that are filled by another instance. */
  async refresh(): Promise<void> {
    for (const custom of this.unfilled()) {
      const row = await this.#store.row(SET, nameOf(custom));
      const filling = this.#byName.get(nameOf(custom));
      if (row !== undefined && filling !== undefined)
        filling.progress = JSON.parse(row) as Progress;
    }
  }

  /** The parameters that are still to be filled. */
  unfilled(): readonly CustomParameter[] {
    const open = [...this.#byName.values()].filter(({ progress }) => !progress.done);
    return open.map(({ custom }) => custom);
  }

  /**
   * Looks at the next resources for one parameter; false when it was the last of them.
   * @param context what entries are made by, the store that they go to, and the clock
   */
  async fill(custom: CustomParameter, context: Context): Promise<boolean> {
    const filling = this.#byName.get(nameOf(custom));
    if (filling === undefined) throw new Error(`${nameOf(custom)} is no added parameter`);
    const { progress } = filling;
    const query = { type: custom.type, where: { kind: 'everything' }, sort: [] } as const;
    const after = progress.after === null ? {} : { after: progress.after };
    const page = { count: REINDEX_BATCH_MAX, ...after };
    const { versions, next } = await context.store.search(query, page);
    const old = versions.filter(({ sequence }) => sequence <= progress.upTo);
    const writes = old.map((version) => entriesWrite(custom, version, context));
    const reached: Progress = {
      ...progress,
      after: next ?? null,
      count: progress.count + old.length,
      done: next === undefined,
    };
    await context.store.transact({
      guards: [],
      writes: [...writes, rowWrite(custom, reached)],
      nowMs: context.now(),
      references: 'lenient',
    });
    filling.progress = reached;
    return !reached.done;
  }

  /** How many resources were looked at for the parameter. */
  count(custom: CustomParameter): number {
    return this.#byName.get(nameOf(custom))?.progress.count ?? 0;
  }
}

function nameOf({ type, parameter }: CustomParameter): string {
  return `${type} ${parameter.code}`;
}

function rowWrite(custom: CustomParameter, progress: Progress): RowWrite {
  return { kind: 'row', set: SET, key: nameOf(custom), value: JSON.stringify(progress) };
}

function entriesWrite(
  { parameter }: CustomParameter,
  { type, id, sequence, text = '{}' }: Version,
  { zone, baseUrl }: Context,
): EntriesWrite {
  const resource = JSON.parse(text) as Resource;
  const entries = parameterEntries(resource, parameter, { zone, baseUrl });
  return { kind: 'entries', type, id, sequence, entries };
}

function changed({ type, parameter }: CustomParameter): Error {
  const name = `${parameter.code} of ${type}`;
  return new Error(
    `The definition of the search parameter ${name} has changed since it was indexed: ` +
      'give what it is now another code.',
  );
}

/** A run over all unfilled parameters. */
export interface ReindexRun {
  /** Resolves when all are filled, or the run was stopped. Never rejects. */
  readonly finished: Promise<void>;
  /** Ends it after the batch under way. */
  stop(): Promise<void>;
}

/** Fills what is unfilled, one parameter after the other. */
export function startReindex(index: AddedParameterIndex, context: Context, log?: Log): ReindexRun {
  let stopped = false;
  const run = async () => {
    await index.refresh().catch(context.reportFault);
    for (const custom of index.unfilled()) {
      try {
        await writeTask(index, custom, context, 'in-progress');
        while (!stopped && (await index.fill(custom, context)));
        if (stopped) return;
        await writeTask(index, custom, context, 'completed');
        log?.info({ parameter: nameOf(custom), resources: index.count(custom) }, 'indexed');
      } catch (error) {
        // Another instance goes on with it.
        if (isTaken(error)) return;
        context.reportFault(error);
        await writeTask(index, custom, context, 'failed').catch(context.reportFault);
      }
    }
  };
  const finished = run();
  return {
    finished,
    stop: async () => {
      stopped = true;
      await finished;
    },
  };
}

async function writeTask(
  index: AddedParameterIndex,
  custom: CustomParameter,
  context: Context,
  status: 'in-progress' | 'completed' | 'failed',
): Promise<void> {
  const id = `reindex-${custom.type}-${custom.parameter.code}`;
  const at = new Date(context.now()).toISOString();
  const task = {
    resourceType: 'Task',
    id,
    status,
    intent: 'order',
    code: { coding: [{ system: TASK_CODES, code: 'reindex' }], text: 'Index a search parameter' },
    description: `${custom.parameter.code} of ${custom.type}`,
    lastModified: at,
    output: [{ type: { text: 'resources indexed' }, valueInteger: index.count(custom) }],
  };
  const write = putWrite(context, { type: 'Task', id }, { value: task }, 'PUT', 'any');
  const { store, references } = context;
  await store.transact({ guards: [], writes: [write], nowMs: context.now(), references });
}

const TASK_CODES = 'https://openims.example/fhir/CodeSystem/task-code';
