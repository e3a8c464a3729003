// The cohort index: a follower of the log that keeps the engine's columns what the store's records
// make of every person. It starts from a snapshot or from the store, answers sets of people at one
// moment, and says how far it has come.

import { errorFields, type Log } from '../lib/logging.ts';
import {
  COHORT_CHANGES_MAX,
  COHORT_PAUSE_MAX_MS,
  COHORT_POLL_MS,
  COHORT_SNAPSHOT_INTERVAL_MS,
} from '../limits.ts';
import type { SearchQuery } from '../search/expression.ts';
import { type ResourceStore, StoreError, type Version } from '../store/resource-store.ts';
import { type Change, changesOf, deriveChanges } from './changed-people.ts';
import type { CohortEngine, EngineMoment } from './engine/cohort-engine.ts';
import { AGE, BIRTH } from './facets.ts';
import { Gate } from './gate.ts';
import { peopleInSlices } from './people-in-slices.ts';
import { ageCode, yearsBetween } from './person-values.ts';
import type { Snapshots } from './snapshots.ts';
import type { ValueModel } from './value-model.ts';

/** How far the index is. */
export type CohortReadiness =
  /** people read so far, of about so many */
  | { readonly state: 'filling'; readonly done: number; readonly total: number }
  | { readonly state: 'ready'; readonly asOf: EngineMoment; readonly full: boolean };

export interface CohortIndexOptions {
  readonly store: ResourceStore;
  readonly model: ValueModel;
  readonly snapshots: Snapshots;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Waits that many milliseconds, or until the signal aborts; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log?: Log;
}

interface Waiter {
  readonly sequence: number;
  readonly done: () => void;
}

export class CohortIndex {
  readonly model: ValueModel;
  readonly gate = new Gate();
  readonly #options: CohortIndexOptions;
  readonly #stopping = new AbortController();
  #pause = new AbortController();
  #engine: CohortEngine;
  #readiness: CohortReadiness = { state: 'filling', done: 0, total: 0 };
  #running: Promise<void> | undefined;
  #waiters: Waiter[] = [];
  #today = '';
  /** What the first changes after a snapshot are read as at: nobody asks before they are in. */
  #caughtUpAt = 0;
  #savedSequence = -1;
  #savedMs = 0;

  private constructor(options: CohortIndexOptions, engine: CohortEngine) {
    this.#options = options;
    this.model = options.model;
    this.#engine = engine;
  }

  /** Opens the engine over the last snapshot, if there is a good one. It is filled by `start`. */
  static async open(options: CohortIndexOptions): Promise<CohortIndex> {
    const { engine, note } = await options.snapshots.open(await options.store.position());
    const state = { snapshot: note, bytes: engine.bytes, bound: engine.bytesBound };
    if (note.startsWith('refused')) options.log?.warn(state, 'cohorts are filled anew');
    else options.log?.debug(state, 'cohorts');
    return new CohortIndex(options, engine);
  }

  get engine(): CohortEngine {
    return this.#engine;
  }

  get readiness(): CohortReadiness {
    if (this.#readiness.state === 'filling') return this.#readiness;
    return { state: 'ready', asOf: this.#engine.moment(), full: this.#engine.full };
  }

  /** The day that ages are counted to, YYYY-MM-DD. */
  get today(): string {
    return this.#today;
  }

  /** Follows the log until stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends, after a snapshot. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pause.abort();
    await this.#running;
    if (this.#readiness.state === 'ready') await this.#save();
    await this.#engine.close();
  }

  /** Resolves when everything up to a sequence number is held; false when it took too long. */
  async reached(sequence: number, timeoutMs: number): Promise<boolean> {
    if (this.#holds(sequence)) return true;
    const giveUp = new AbortController();
    const told = Promise.withResolvers<void>();
    const waiter: Waiter = { sequence, done: told.resolve };
    this.#waiters.push(waiter);
    // Whoever waits has seen a write: it is looked for now.
    this.#pause.abort();
    await Promise.race([told.promise, this.#options.wait(timeoutMs, giveUp.signal)]);
    giveUp.abort();
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    return this.#holds(sequence);
  }

  #holds(sequence: number): boolean {
    return this.#readiness.state === 'ready' && this.#engine.moment().sequence >= sequence;
  }

  /** Does what is to be done now: fills, follows one batch, lets ages move.
   * @returns whether there was anything to follow */
  async step(): Promise<boolean> {
    if (this.#today === '') await this.#begin();
    await this.#moveAges();
    const batch = await this.#options.store.changes(
      this.#engine.moment().sequence,
      COHORT_CHANGES_MAX,
    );
    if (batch.length > 0) await this.#follow(batch);
    const { sequence } = this.#engine.moment();
    if (this.#readiness.state === 'filling' && sequence >= this.#caughtUpAt) {
      this.#readiness = { state: 'ready', asOf: this.#engine.moment(), full: this.#engine.full };
    }
    this.#tellWaiters();
    await this.#saveSometimes();
    return batch.length > 0;
  }

  /** Puts right what the index holds of some people (cohort-checker.ts).
   * @param derive works them out, while nothing else changes */
  async repair(derive: () => Promise<readonly Change[]>): Promise<void> {
    await this.gate.change(async () => {
      await this.#engine.apply(await derive(), this.#engine.moment());
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { wait, log } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      this.#pause = new AbortController();
      try {
        const hadWork = await this.step();
        failures = 0;
        if (!hadWork && !signal.aborted) await wait(COHORT_POLL_MS, this.#pause.signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log?.warn({ failures, ...errorFields(error) }, 'cohorts not followed');
        if (isBehindWindow(error)) await this.#startAnew();
        await wait(Math.min(COHORT_POLL_MS * 2 ** failures, COHORT_PAUSE_MAX_MS), signal);
      }
    }
  }

  /** Reads places, and people too unless a snapshot had them. */
  async #begin(): Promise<void> {
    const today = this.#dayNow();
    const { snapshots, store } = this.#options;
    this.#caughtUpAt = await store.position();
    await this.model.loadPlaces(this.#caughtUpAt);
    if (snapshots.today === '') await this.#fill(today, this.#caughtUpAt);
    this.#today = snapshots.today === '' ? today : snapshots.today;
  }

  /** What was held is of a past that can no longer be read on from. */
  async #startAnew(): Promise<void> {
    this.#readiness = { state: 'filling', done: 0, total: 0 };
    this.#engine = await this.#options.snapshots.renew(this.#engine);
    this.#today = '';
  }

  /** Reads everybody from the store as at one moment, at which the places were read. */
  async #fill(today: string, sequence: number): Promise<void> {
    const { store, snapshots } = this.#options;
    this.#readiness = { state: 'filling', done: 0, total: 0 };
    const total = await store.count(EVERYBODY, sequence);
    this.#readiness = { state: 'filling', done: 0, total };
    this.#engine = await snapshots.renew(this.#engine);
    this.model.reset();
    const before: EngineMoment = { sequence: 0, timeMs: 0 };
    let done = 0;
    const everybody = store.stream(EVERYBODY, sequence);
    for await (const people of peopleInSlices(this.model, everybody, sequence)) {
      if (this.#stopping.signal.aborted) throw new Error('stopped while filling');
      const changes = Array.from(people, (person) => this.model.values(person, today));
      await this.#engine.apply(changes, before);
      done += changes.length;
      this.#readiness = { state: 'filling', done, total: Math.max(total, done) };
    }
    await this.#engine.apply([], await this.#momentAt(sequence));
  }

  async #momentAt(sequence: number): Promise<EngineMoment> {
    const [version] = await this.#options.store.changes(Math.max(0, sequence - 1), 1);
    return { sequence, timeMs: version?.lastUpdatedMs ?? 0 };
  }

  /** Works out anew everybody whom some commits concern. */
  async #follow(batch: readonly Version[]): Promise<void> {
    const last = batch.at(-1) as Version;
    const at = Math.max(last.sequence, this.#caughtUpAt);
    const derived = await deriveChanges(batch, at, {
      ...{ store: this.#options.store, model: this.model },
      ...{ engine: this.#engine, today: this.#today },
    });
    const moment = { sequence: last.sequence, timeMs: last.lastUpdatedMs };
    await this.gate.change(() => {
      // Places and people change together: no question is asked in between.
      for (const version of batch) {
        if (this.model.places.isPlace(version.type)) this.model.setPlace(version);
      }
      return this.#engine.apply(changesOf(derived, this.#engine, this.model), moment);
    });
  }

  #dayNow(): string {
    const { days } = this.model;
    return days.textOf(days.dayAt(this.#options.now()));
  }

  /** At midnight everybody whose birthday it is becomes a year older, all at once. */
  async #moveAges(): Promise<void> {
    const today = this.#dayNow();
    const before = this.#today;
    if (today === before) return;
    const { days } = this.model;
    const last = days.dayAt(this.#options.now());
    const of = Array.from({ length: last }, (_, index) => index + 1)
      .filter((day) => {
        const birth = days.textOf(day);
        return ageCode(yearsBetween(birth, today)) !== ageCode(yearsBetween(birth, before));
      })
      .map((day) => ({ kind: 'days', column: BIRTH, from: day, to: day }) as const);
    await this.gate.change(async () => {
      const rows = await this.#engine.rows({ kind: 'or', of }, 0, this.#options.snapshots.maxRows);
      const older = [...rows].flatMap((row) => {
        const person = this.#engine.person(row);
        if (person === undefined) return [];
        const birth = days.textOf(person.days[BIRTH] ?? 1);
        const age = ageCode(yearsBetween(birth, today));
        return [{ ...person, codes: { ...person.codes, [AGE]: age } }];
      });
      await this.#engine.apply(older, this.#engine.moment());
      this.#today = today;
    });
  }

  #tellWaiters(): void {
    if (this.#readiness.state !== 'ready') return;
    const { sequence } = this.#engine.moment();
    for (const waiter of this.#waiters) if (waiter.sequence <= sequence) waiter.done();
    this.#waiters = this.#waiters.filter((waiter) => waiter.sequence > sequence);
  }

  async #saveSometimes(): Promise<void> {
    const nowMs = this.#options.now();
    if (this.#readiness.state !== 'ready') return;
    if (nowMs - this.#savedMs < COHORT_SNAPSHOT_INTERVAL_MS) return;
    this.#savedMs = nowMs;
    await this.#save();
  }

  /** Without a snapshot the index goes on as well; the next start takes longer. */
  async #save(): Promise<void> {
    const { sequence } = this.#engine.moment();
    if (sequence === this.#savedSequence) return;
    try {
      await this.#options.snapshots.save(this.#engine, this.#today);
      this.#savedSequence = sequence;
    } catch (error) {
      this.#options.log?.warn(errorFields(error), 'cohorts not kept on disk');
    }
  }
}

const EVERYBODY: SearchQuery = { type: 'Patient', where: { kind: 'everything' }, sort: [] };

function isBehindWindow(error: unknown): boolean {
  return error instanceof StoreError && error.refusal.reason === 'behind-window';
}
