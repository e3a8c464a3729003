// Group commit: callers that wait are committed together, one group after the other. A group that
// finds its slot taken by another instance is derived again upon what that one has committed. Who
// wins is ahead of who must first learn of it, so that the loser asks to be left time.

import { setTimeout as pause } from 'node:timers/promises';
import type { Commit, Transaction } from '../resource-store.ts';
import { commitGroup } from './commit-log.ts';
import { asRefusal, type Database, unavailable } from './database.ts';
import { type DerivedGroup, deriveGroup, isEmpty, type Outcome } from './derive-group.ts';
import { type Projector, WAITING } from './projector.ts';

/** Transactions, and writes, of one group; a transaction with more is a group of its own. */
const GROUP_TRANSACTIONS_MAX = 500;
const GROUP_WRITES_MAX = 2_000;

/** How long the outcome of a commit is looked into, milliseconds. */
const OUTCOME_WITHIN_MS = 10_000;

/** How long a caller waits for its turn while other instances take every slot, milliseconds. */
const TURN_WITHIN_MS = 30_000;

/** Slots lost in a row before an instance says that it waits, and for how many slots the others
 * then leave it time after each of their own. */
const LOSSES_BORNE = 1;
const COURTESY_SLOTS = 20;
const COURTESY_MS_MAX = 1_000;

interface Waiting {
  readonly transaction: Transaction;
  readonly since: number;
  readonly resolve: (commit: Commit) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupWriter {
  readonly #database: Database;
  readonly #projector: Projector;
  readonly #newNonce: () => string;
  #queue: Waiting[] = [];
  #isRunning = false;
  /** Slots lost since the last that was won, and where this instance last said that it waits. */
  #losses = 0;
  #waitedAt = 0;

  constructor(database: Database, projector: Projector, newNonce: () => string) {
    this.#database = database;
    this.#projector = projector;
    this.#newNonce = newNonce;
  }

  /** Commits the transaction, together with others. */
  transact(transaction: Transaction): Promise<Commit> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ transaction, since: performance.now(), resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      const began = performance.now();
      try {
        this.#queue.unshift(...(await this.#commit(group)));
        if (this.#isCourteous()) await pause(Math.min(performance.now() - began, COURTESY_MS_MAX));
      } catch (error) {
        for (const one of group) one.reject(error);
      }
    }
    this.#isRunning = false;
  }

  #takeGroup(): Waiting[] {
    let writes = 0;
    const end = this.#queue.findIndex(({ transaction }, index) => {
      writes += transaction.writes.length;
      return index > 0 && (index >= GROUP_TRANSACTIONS_MAX || writes > GROUP_WRITES_MAX);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  /** Answers those that are decided and returns the others. */
  async #commit(group: readonly Waiting[]): Promise<Waiting[]> {
    const waiting = group.filter((one) => !isLate(one));
    if (waiting.length === 0) return [];
    const { head } = this.#projector;
    const transactions = waiting.map(({ transaction }) => transaction);
    const derived = await deriveGroup(this.#database, head, transactions);
    const isDecided = isEmpty(derived.content)
      ? await this.#isStillHead(head.slot)
      : await this.#hasWon(derived);
    if (!isDecided) return waiting;
    return waiting.filter((one, index) => !settle(one, derived.outcomes[index]));
  }

  async #sayWaiting(slot: number): Promise<void> {
    this.#waitedAt = slot;
    await this.#database.marks.updateOne({ _id: WAITING }, { $max: { number: slot } });
  }

  /** Whether the slot was won while another instance waits for one. */
  #isCourteous(): boolean {
    const { waitingAt, head } = this.#projector;
    const isOther = waitingAt > this.#waitedAt;
    return this.#losses === 0 && isOther && head.slot - waitingAt < COURTESY_SLOTS;
  }

  /** Whether nothing was committed since: what was refused was refused rightly. */
  async #isStillHead(slot: number): Promise<boolean> {
    await this.#projector.look();
    return this.#projector.head.slot === slot;
  }

  async #hasWon(derived: DerivedGroup): Promise<boolean> {
    const { head } = this.#projector;
    // A look of the timer may have found another's commit in the meantime.
    if (head.slot !== derived.head.slot - 1) return false;
    const nonce = this.#newNonce();
    const decision = await commitGroup(this.#database, head, derived, nonce, OUTCOME_WITHIN_MS);
    if (decision === 'lost') {
      this.#losses += 1;
      if (this.#losses > LOSSES_BORNE) await this.#sayWaiting(derived.head.slot);
      await this.#projector.look();
      return false;
    }
    this.#losses = 0;
    try {
      await this.#projector.projectOwn(derived.content, derived.head);
    } catch (error) {
      // It is committed, and will be seen; whoever asks now cannot see it yet.
      throw asRefusal(error, 'unknown');
    }
    return true;
  }
}

/** Whether the caller was told. */
function settle({ resolve, reject }: Waiting, outcome: Outcome | undefined): boolean {
  if (outcome === undefined || 'postponed' in outcome) return false;
  if ('error' in outcome) reject(outcome.error);
  else resolve(outcome.commit);
  return true;
}

function isLate({ since, reject }: Waiting): boolean {
  if (performance.now() - since < TURN_WITHIN_MS) return false;
  reject(unavailable('no', 'The database was written to by others all the time.'));
  return true;
}
