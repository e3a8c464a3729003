// Snapshots of the cohort index: the engine's own file and, beside it, what its codes stand for.
// Both are of one generation, and a third file names the current one: whatever a crash leaves, a
// pair that belongs together is found, or none.

import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CohortEngine, EngineLayout } from './engine/cohort-engine.ts';
import type { KeptValues, ValueModel } from './value-model.ts';

/** How an engine is opened: over a snapshot when that is whole and of the layout, else empty. */
export type OpenEngine = (options: {
  readonly layout: EngineLayout;
  readonly workers: number;
  readonly snapshotFile?: string;
}) => Promise<{
  readonly engine: CohortEngine;
  readonly snapshot: 'loaded' | 'absent' | { readonly refused: string };
}>;

export interface SnapshotOptions {
  /** Where the files are; made when absent. */
  readonly directory: string;
  readonly layout: EngineLayout;
  readonly workers: number;
  readonly openEngine: OpenEngine;
  readonly model: ValueModel;
  /** What the store is known by: snapshots of another are not used. */
  readonly storeName: string;
}

interface Kept {
  readonly storeName: string;
  /** The day that ages were counted to, YYYY-MM-DD. */
  readonly today: string;
  readonly values: KeptValues;
}

const CURRENT = 'current.json';

export class Snapshots {
  readonly #options: SnapshotOptions;
  #generation = 0;
  #today = '';

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** People at most. */
  get maxRows(): number {
    return this.#options.layout.maxRows;
  }

  /** The day that the opened snapshot's ages were counted to; '' without one. */
  get today(): string {
    return this.#today;
  }

  /**
   * Opens the engine, over the current snapshot where it is good.
   * @param position of the store: a snapshot from after it is of another past
   * @returns the engine, and what became of the snapshot, in words
   */
  async open(position: number): Promise<{ engine: CohortEngine; note: string }> {
    const { directory, model, storeName } = this.#options;
    await mkdir(directory, { recursive: true });
    const found = await this.#current();
    if (found === undefined) return { engine: await this.#openEmpty(), note: 'absent' };
    const { generation, kept } = found;
    this.#generation = generation;
    if (kept.storeName !== storeName) return this.#refuse('is of another store');
    if (!model.restore(kept.values)) return this.#refuse('is of another version');
    const { layout, workers, openEngine } = this.#options;
    const snapshotFile = this.#file(generation, 'snapshot');
    const { engine, snapshot } = await openEngine({ layout, workers, snapshotFile });
    if (snapshot === 'loaded' && engine.moment().sequence <= position) {
      this.#today = kept.today;
      return { engine, note: 'loaded' };
    }
    await engine.close();
    const why = typeof snapshot === 'object' ? snapshot.refused : 'is not of this store';
    return this.#refuse(why);
  }

  /** An empty engine instead of one, whose snapshots are removed. */
  async renew(engine: CohortEngine): Promise<CohortEngine> {
    await engine.close();
    await this.#remove(() => true);
    this.#today = '';
    return this.#openEmpty();
  }

  /** Keeps what the engine holds. @param today the day that ages are counted to */
  async save(engine: CohortEngine, today: string): Promise<void> {
    const { storeName, model } = this.#options;
    const generation = this.#generation + 1;
    const kept: Kept = { storeName, today, values: model.keep() };
    // Codes are only ever added, so that values of later are good for a snapshot of before.
    await engine.save(this.#file(generation, 'snapshot'));
    await this.#write(`${generation}.json`, JSON.stringify({ ...kept, values: model.keep() }));
    await this.#write(CURRENT, JSON.stringify({ generation }));
    this.#generation = generation;
    const names = [CURRENT, `${generation}.json`, `${generation}.snapshot`];
    await this.#remove((name) => !names.includes(name));
  }

  #file(generation: number, kind: 'json' | 'snapshot'): string {
    return join(this.#options.directory, `${generation}.${kind}`);
  }

  async #current(): Promise<{ generation: number; kept: Kept } | undefined> {
    try {
      const text = await readFile(join(this.#options.directory, CURRENT), 'utf8');
      const { generation } = JSON.parse(text) as { readonly generation: number };
      const kept = JSON.parse(await readFile(this.#file(generation, 'json'), 'utf8')) as Kept;
      return { generation, kept };
    } catch {
      // Absent or damaged: people are read from the store, which has all of it.
      return undefined;
    }
  }

  async #refuse(why: string): Promise<{ engine: CohortEngine; note: string }> {
    await this.#remove(() => true);
    this.#options.model.reset();
    return { engine: await this.#openEmpty(), note: `refused: ${why}` };
  }

  async #openEmpty(): Promise<CohortEngine> {
    const { layout, workers, openEngine } = this.#options;
    return (await openEngine({ layout, workers })).engine;
  }

  async #remove(isOld: (name: string) => boolean): Promise<void> {
    const { directory } = this.#options;
    for (const name of (await readdir(directory)).filter(isOld)) await rm(join(directory, name));
  }

  /** Whole or not at all. */
  async #write(name: string, text: string): Promise<void> {
    const target = join(this.#options.directory, name);
    const file = await open(`${target}.new`, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${target}.new`, target);
  }
}
