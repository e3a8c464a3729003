// The cohort engine: people in shared memory, changed between questions, counted by threads. One
// question is under way at a time; changes that come meanwhile wait for its end and go before the
// next, so that no answer is torn and no change waits for more than one question.

import { assert } from '../../lib/assert.ts';
import type {
  CohortEngine,
  EngineAnswer,
  EngineBreakdown,
  EngineExpression,
  EngineMoment,
  EnginePerson,
  RemovedRow,
} from './cohort-engine.ts';
import { Counting } from './counting.ts';
import type { KeptClauses } from './kept-clauses.ts';
import type { KernelThreads } from './kernel-threads.ts';
import type { EngineMemory } from './memory.ts';
import { saveSnapshot } from './save-snapshot.ts';

type Change = EnginePerson | RemovedRow;

export interface CountingEngineParts {
  readonly memory: EngineMemory;
  readonly threads: KernelThreads;
  readonly kept: KeptClauses;
  readonly moment: EngineMoment;
  /** Whether rows were refused before. */
  readonly full: boolean;
}

export class CountingEngine implements CohortEngine {
  readonly #memory: EngineMemory;
  readonly #threads: KernelThreads;
  readonly #kept: KeptClauses;
  readonly #counting: Counting;
  #moment: EngineMoment;
  #isFull: boolean;
  #isClosed = false;
  /** Changes that wait for the question under way. */
  #changes: (() => void)[] = [];
  #questions: (() => Promise<void>)[] = [];
  #isAsking = false;
  /** Rows changed since a snapshot began, while one is written. */
  #changedRows: Set<number> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor({ memory, threads, kept, moment, full }: CountingEngineParts) {
    this.#isFull = full;
    this.#memory = memory;
    this.#threads = threads;
    this.#kept = kept;
    this.#counting = new Counting(memory, threads, kept);
    this.#moment = moment;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  get bytesBound(): number {
    return this.#memory.bytesBound;
  }

  get full(): boolean {
    return this.#isFull;
  }

  moment(): EngineMoment {
    return this.#moment;
  }

  size(column: string): number {
    return this.#memory.size(column);
  }

  person(row: number): EnginePerson | undefined {
    return this.#memory.read(row);
  }

  async apply(people: readonly Change[], moment: EngineMoment): Promise<void> {
    this.#assertOpen();
    for (const change of people) {
      assert(Number.isInteger(change.row) && change.row >= 1, `${change.row} is a row`);
      if (!('removed' in change)) this.#memory.check(change);
    }
    return new Promise((resolve, reject) => {
      this.#changes.push(() => {
        try {
          for (const change of people) this.#change(change);
          this.#moment = moment;
          resolve();
        } catch (error) {
          reject(error);
        }
      });
      this.#proceed();
    });
  }

  async run(
    expressions: readonly EngineExpression[],
    breakdowns: readonly (readonly EngineBreakdown[])[],
  ): Promise<readonly EngineAnswer[]> {
    return this.#ask(async () => {
      const asOf = this.#moment;
      const counted = await this.#counting.answer(
        expressions.map((expression, index) => ({
          expression,
          breakdowns: breakdowns[index] ?? [],
        })),
      );
      return counted.map(({ total, histograms }) => ({ total, asOf, breakdowns: histograms }));
    });
  }

  async rows(expression: EngineExpression, after: number, limit: number): Promise<Uint32Array> {
    return this.#ask(() => this.#counting.rows(expression, after, limit));
  }

  async save(file: string): Promise<void> {
    this.#assertOpen();
    const saved = this.#saving.then(() => this.#save(file));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** Lets what was asked before end. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#saving;
    await this.#inTurn(async () => {});
    await this.#threads.close();
  }

  async #save(file: string): Promise<void> {
    await saveSnapshot(file, {
      memory: this.#memory,
      changedRows: () => {
        const changed = this.#changedRows ?? new Set();
        this.#changedRows = new Set();
        return changed;
      },
      state: () => ({
        moment: this.#moment,
        full: this.#isFull,
        highest: this.#memory.highestCodes(),
      }),
    }).finally(() => {
      this.#changedRows = undefined;
    });
  }

  #change(change: Change): void {
    const { row } = change;
    const { everybody } = this.#counting;
    if (row > this.#memory.layout.maxRows) {
      this.#isFull ||= !('removed' in change);
      return;
    }
    if (this.#memory.isPresent(row)) everybody.leave(row);
    if ('removed' in change) {
      this.#memory.remove(row);
    } else {
      this.#memory.reach(row);
      this.#memory.write(change);
      this.#kept.update(row);
      everybody.join(row);
    }
    this.#changedRows?.add(row);
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    this.#assertOpen();
    return this.#inTurn(question);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('the cohort engine is closed');
  }

  /** Answers when its turn comes. */
  #inTurn<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#questions.push(() => question().then(resolve, reject));
      this.#proceed();
    });
  }

  /** Makes the changes that wait, then begins the next question, unless one is under way. */
  #proceed(): void {
    if (this.#isAsking) return;
    for (const change of this.#changes.splice(0)) change();
    const question = this.#questions.shift();
    if (question === undefined) return;
    this.#isAsking = true;
    void question().then(() => {
      this.#isAsking = false;
      this.#proceed();
    });
  }
}
