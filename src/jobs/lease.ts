// Background work that one instance of the service does at a time. A lease is two operational
// rows: its term, which changes hands, and a beat, which its holder renews. Everything the holder
// writes requires its term within the commit, so that a holder that slept can do no harm.

import { errorFields, type Log } from '../lib/logging.ts';
import { LEASE_MS, LEASE_STEP_MS } from '../limits.ts';
import { type ResourceStore, type RowWrite, StoreError } from '../store/resource-store.ts';
import { LeasedStore } from './leased-store.ts';
import type { Wait } from './pause.ts';

/** The sets of rows that hold the terms and the beats, by the lease's name. */
const TERM_SET = 'lease-term';
const BEAT_SET = 'lease-beat';

/** Work under way. */
export interface Work {
  stop(): Promise<void>;
}

export interface LeaseOptions {
  readonly store: ResourceStore;
  /** Of the work. */
  readonly name: string;
  /** Of this instance, like no other's. */
  readonly holder: string;
  /** Begins the work; what it writes goes through the store that it is given. */
  readonly work: (store: ResourceStore) => Promise<Work>;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forwards: clocks of instances are never compared. */
  readonly elapsedMs: () => number;
  readonly wait: Wait;
  readonly log?: Log;
}

/** What a lease's rows are, and since when this instance has seen them so. */
interface Seen {
  readonly term: string | undefined;
  readonly beat: string | undefined;
  readonly sinceMs: number;
}

/** What is held. */
interface Held {
  /** The value of the term's row. */
  readonly term: string;
  beat: number;
  renewedMs: number;
  work: Work | undefined;
}

/** One instance's part in a lease. It runs from `start` to `stop`; tests may call `step`. */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #stopping = new AbortController();
  #seen: Seen | undefined;
  #held: Held | undefined;
  #running: Promise<void> | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Whether the work is this instance's. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Takes the lease whenever it can be had, and keeps it, until stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the work and gives the lease back, so that another instance need not wait. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    const held = this.#held;
    await this.#lose();
    if (held === undefined) return;
    const { term } = JSON.parse(held.term) as Term;
    const released: RowWrite = { ...this.#termRow(termText({ holder: null, term })) };
    // If it cannot be given back it runs out.
    await this.#commit({ ...released, expect: held.term }).catch(() => {});
  }

  /** Renews what is held, or takes what nobody holds. Never rejects. */
  async step(): Promise<void> {
    try {
      if (this.#held === undefined) await this.#tryTake();
      else await this.#renew(this.#held);
      if (this.#held !== undefined) await this.#begin(this.#held);
    } catch (error) {
      const { log, name } = this.#options;
      log?.warn({ lease: name, ...errorFields(error) }, 'a lease could not be looked after');
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.step();
      await this.#options.wait(LEASE_STEP_MS, signal);
    }
  }

  async #tryTake(): Promise<void> {
    const { store, name, holder, elapsedMs } = this.#options;
    const term = await store.row(TERM_SET, name);
    const beat = await store.row(BEAT_SET, name);
    const isUnchanged = this.#seen?.term === term && this.#seen?.beat === beat;
    const seen = isUnchanged && this.#seen ? this.#seen : { term, beat, sinceMs: elapsedMs() };
    this.#seen = seen;
    const last = term === undefined ? undefined : (JSON.parse(term) as Term);
    const isFree = last === undefined || last.holder === null || !store.properties.isShared;
    if (!isFree && elapsedMs() - seen.sinceMs < LEASE_MS) return;
    const own = termText({ holder, term: (last?.term ?? 0) + 1 });
    try {
      await this.#commit({ ...this.#termRow(own), expect: term ?? null }, this.#beatRow(0));
    } catch (error) {
      if (isTaken(error)) return;
      throw error;
    }
    this.#held = { term: own, beat: 0, renewedMs: elapsedMs(), work: undefined };
    this.#options.log?.debug({ lease: name }, 'lease taken');
  }

  async #renew(held: Held): Promise<void> {
    const { elapsedMs } = this.#options;
    try {
      await this.#commit(
        { ...this.#termRow(held.term), expect: held.term },
        this.#beatRow(held.beat + 1),
      );
      held.beat += 1;
      held.renewedMs = elapsedMs();
    } catch (error) {
      // Others may have taken it, who saw no beat.
      if (isTaken(error) || elapsedMs() - held.renewedMs >= LEASE_MS) await this.#lose();
      if (!isTaken(error)) throw error;
    }
  }

  async #begin(held: Held): Promise<void> {
    if (held.work !== undefined) return;
    const term = { ...this.#termRow(held.term), expect: held.term };
    held.work = await this.#options.work(new LeasedStore(this.#options.store, term));
  }

  async #lose(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    this.#seen = undefined;
    await held?.work?.stop();
  }

  #termRow(value: string): RowWrite {
    return { kind: 'row', set: TERM_SET, key: this.#options.name, value };
  }

  #beatRow(beat: number): RowWrite {
    return { kind: 'row', set: BEAT_SET, key: this.#options.name, value: String(beat) };
  }

  async #commit(...writes: readonly RowWrite[]): Promise<void> {
    const { store, now } = this.#options;
    await store.transact({ guards: [], writes, nowMs: now(), references: 'lenient' });
  }
}

/** Who has the lease, for the how manieth time it was taken; null: who had it gave it back. */
interface Term {
  readonly holder: string | null;
  readonly term: number;
}

function termText({ holder, term }: Term): string {
  return JSON.stringify({ holder, term });
}

/** Whether a commit was refused since another instance has taken the lease. */
export function isTaken(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    error.refusal.reason === 'row-changed' &&
    error.refusal.set === TERM_SET
  );
}
