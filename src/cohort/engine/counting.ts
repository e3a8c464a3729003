// Answers questions by passes over all people. Nobody may change meanwhile (counting-engine.ts).

import type { EngineExpression } from './cohort-engine.ts';
import { Everybody } from './everybody.ts';
import type { KeptClauses } from './kept-clauses.ts';
import type { KernelThreads } from './kernel-threads.ts';
import type { EngineMemory } from './memory.ts';
import { CELLS_MAX, cellsOf, PassPlan, type Question } from './pass.ts';

export interface PeopleCounted {
  readonly total: number;
  /** One for each breakdown of the question. */
  readonly histograms: readonly Uint32Array[];
}

const ALL: EngineExpression = { kind: 'all' };
/** Blocks that are looked at to guess how many people a set has. */
const SAMPLE_BLOCKS = 8;
/** From this share on it is quicker to break down those who are left out. */
const MOST = 0.6;

export class Counting {
  readonly everybody: Everybody;
  readonly #memory: EngineMemory;
  readonly #threads: KernelThreads;
  readonly #kept: KeptClauses;

  constructor(memory: EngineMemory, threads: KernelThreads, kept: KeptClauses) {
    this.everybody = new Everybody(memory);
    this.#memory = memory;
    this.#threads = threads;
    this.#kept = kept;
  }

  async answer(questions: readonly Question[]): Promise<readonly PeopleCounted[]> {
    const most = await this.#findMost(questions);
    if (most.size === 0) return this.#count(questions);
    const { everybody } = this;
    const missing = everybody.missing([...most].flatMap(({ breakdowns }) => breakdowns));
    const asked = questions.map((question) => ({ ...question, isComplement: most.has(question) }));
    const [all, ...counted] = await this.#count([
      { expression: ALL, breakdowns: missing },
      ...asked,
    ]);
    for (const [index, breakdown] of missing.entries()) {
      const cells = all?.histograms[index];
      if (cells !== undefined) everybody.keep(breakdown, cells);
    }
    return counted.map((found, index) => {
      const question = questions[index];
      if (question === undefined || !most.has(question)) return found;
      const histograms = question.breakdowns.map((breakdown, place) =>
        everybody.without(breakdown, found.histograms[place] ?? new Uint32Array()),
      );
      return { total: (all?.total ?? 0) - found.total, histograms };
    });
  }

  async rows(expression: EngineExpression, after: number, limit: number): Promise<Uint32Array> {
    const plan = new PassPlan(this.#memory);
    plan.add({ expression, breakdowns: [] });
    return this.#threads.rows(plan.finish().pass, after, limit);
  }

  /** The questions with breakdowns whose people seem to be most of all. */
  async #findMost(questions: readonly Question[]): Promise<ReadonlySet<Question>> {
    const broken = questions.filter(({ breakdowns }) => breakdowns.length > 0);
    const most = new Set<Question>();
    const plan = new PassPlan(this.#memory);
    plan.add({ expression: ALL, breakdowns: [] });
    const sampled = broken.filter(({ expression }) => plan.add({ expression, breakdowns: [] }));
    if (sampled.length === 0) return most;
    const step = Math.ceil(this.#memory.blocks / SAMPLE_BLOCKS);
    const { totals } = await this.#threads.count(plan.finish(Math.max(1, step)).pass);
    const [all = 0, ...people] = totals;
    for (const [index, question] of sampled.entries()) {
      if ((people[index] ?? 0) > all * MOST) most.add(question);
    }
    const breakdowns = [...most].flatMap((question) => question.breakdowns);
    return this.everybody.canKeep(breakdowns) ? most : new Set();
  }

  async #count(questions: readonly Question[]): Promise<readonly PeopleCounted[]> {
    const parts = questions.flatMap((question, index) =>
      inParts(question, this.#memory).map((part) => ({ ...part, index })),
    );
    const totals = questions.map(() => 0);
    const histograms = questions.map((): Uint32Array[] => []);
    for (let rest: readonly (Question & { readonly index: number })[] = parts; rest.length > 0; ) {
      const counted = await this.#countSome(rest);
      for (const [place, { total, histograms: found }] of counted.entries()) {
        const index = rest[place]?.index ?? 0;
        totals[index] = total;
        histograms[index]?.push(...found);
      }
      rest = rest.slice(counted.length);
    }
    return totals.map((total, index) => ({ total, histograms: histograms[index] ?? [] }));
  }

  /** Counts as many of the questions as one pass takes, the first and others after it. */
  async #countSome(questions: readonly Question[]): Promise<readonly PeopleCounted[]> {
    let isGood = false;
    try {
      const plan = new PassPlan(this.#memory, this.#kept);
      for (const question of questions) if (!plan.add(question)) break;
      const { pass, sizes } = plan.finish();
      const { totals, cells } = await this.#threads.count(pass);
      isGood = true;
      let at = 0;
      const slice = (size: number) => {
        at += size;
        return cells.slice(at - size, at);
      };
      return sizes.map((of, index) => ({ total: totals[index] ?? 0, histograms: of.map(slice) }));
    } finally {
      this.#kept.settle(isGood);
    }
  }
}

/** Splits a question so that the histograms of each part have room in one pass. */
function inParts(question: Question, memory: EngineMemory): readonly Question[] {
  const parts: Question['breakdowns'][number][][] = [[]];
  let cells = 0;
  for (const breakdown of question.breakdowns) {
    const more = cellsOf(breakdown, memory);
    if (cells + more > CELLS_MAX && cells > 0) {
      parts.push([]);
      cells = 0;
    }
    parts.at(-1)?.push(breakdown);
    cells += more;
  }
  return parts.map((breakdowns) => ({ ...question, breakdowns }));
}
