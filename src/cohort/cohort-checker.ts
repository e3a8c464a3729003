// Keeps the cohort index from being silently wrong: again and again some people are worked out anew
// from the store, as at the index's own moment, and compared with what is held of them. What
// differs is told and put right.

import { isDeepStrictEqual } from 'node:util';
import { errorFields, type Log } from '../lib/logging.ts';
import { COHORT_CHECK_INTERVAL_MS, COHORT_CHECKED_AT_ONCE } from '../limits.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { CohortIndex } from './cohort-index.ts';
import type { EnginePerson, RemovedRow } from './engine/cohort-engine.ts';

export interface CheckerOptions {
  readonly index: CohortIndex;
  readonly store: ResourceStore;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Waits that many milliseconds, or until the signal aborts; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log?: Log;
}

/** What has been found since the start. */
export interface CheckerFindings {
  /** People compared. */
  readonly checked: number;
  /** Those of whom something else was held than the records say; all were put right. */
  readonly wrong: number;
}

type Held = EnginePerson | RemovedRow;

export class CohortChecker {
  readonly #options: CheckerOptions;
  readonly #stopping = new AbortController();
  #findings: CheckerFindings = { checked: 0, wrong: 0 };
  #running: Promise<void> | undefined;

  constructor(options: CheckerOptions) {
    this.#options = options;
  }

  get findings(): CheckerFindings {
    return this.#findings;
  }

  /** Checks until stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Checks some people who follow one another, from anywhere on. */
  async check(): Promise<void> {
    const { index, random, log } = this.#options;
    if (index.readiness.state !== 'ready' || index.engine.full) return;
    const highest = await this.#highestRow();
    if (highest === 0) return;
    const first = 1 + Math.floor(random() * highest);
    // Beyond the highest row somebody may be missing.
    const rows = Array.from({ length: COHORT_CHECKED_AT_ONCE }, (_, place) => first + place);
    const compared = await index.gate.hold(() => this.#compare(rows));
    const wrong = compared.filter(({ isRight }) => !isRight).map(({ row }) => row);
    const { checked, wrong: before } = this.#findings;
    this.#findings = { checked: checked + compared.length, wrong: before + wrong.length };
    if (wrong.length === 0) return;
    log?.error({ rows: wrong, ...this.#findings }, 'the cohort index was wrong; it is put right');
    await index.repair(async () => (await this.#derive(wrong)).map(({ held }) => held));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { wait, log } = this.#options;
    while (!signal.aborted) {
      await wait(COHORT_CHECK_INTERVAL_MS, signal);
      if (signal.aborted) return;
      await this.check().catch((error: unknown) => log?.warn(errorFields(error), 'not checked'));
    }
  }

  /** The rows that the store or the index has somebody in. */
  async #compare(rows: readonly number[]) {
    const { engine } = this.#options.index;
    const derived = await this.#derive(rows);
    return derived.flatMap(({ row, held }) => {
      const person = engine.person(row);
      if ('removed' in held && person === undefined) return [];
      return [{ row, isRight: isSame(held, person) }];
    });
  }

  /** What is to be held of rows, by all records of the store as at the index's moment. */
  async #derive(rows: readonly number[]) {
    const { index, store } = this.#options;
    const { sequence } = index.engine.moment();
    const versions = await store.readNumbers('Patient', rows, sequence);
    const patients = versions.filter((version) => version !== undefined);
    const people = await index.model.people(patients, sequence);
    const held = Array.from(people, (person) => index.model.valuesInFull(person, index.today));
    const byRow = new Map(held.map((person) => [person.row, person]));
    return rows.map((row): { readonly row: number; readonly held: Held } => {
      return { row, held: byRow.get(row) ?? { row, removed: true } };
    });
  }

  async #highestRow(): Promise<number> {
    const { engine } = this.#options.index;
    let [low, high] = [0, 1];
    const isBeyond = async (row: number) =>
      (await engine.rows({ kind: 'all' }, row, 1)).length === 0;
    while (!(await isBeyond(high))) [low, high] = [high, 2 * high];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await isBeyond(middle)) high = middle;
      else low = middle;
    }
    return (await isBeyond(low)) ? low : high;
  }
}

function isSame(held: Held, person: EnginePerson | undefined): boolean {
  if ('removed' in held || person === undefined) return 'removed' in held && person === undefined;
  return isDeepStrictEqual(plain(held), plain(person));
}

/** Without what is nothing, and in order. */
function plain({ bitmaps, days, counts, codes }: EnginePerson) {
  const values = Object.entries({ ...days, ...counts, ...codes }).filter(([, value]) => value > 0);
  return { bitmaps: bitmaps.toSorted(), values: Object.fromEntries(values.toSorted()) };
}
