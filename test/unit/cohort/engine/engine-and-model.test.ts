// The cohort engine answers what the model of it in arrays answers, whatever the people, the
// changes and the questions.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {
  CohortEngine,
  EngineBreakdown,
  EngineExpression,
  EnginePerson,
  RemovedRow,
} from '../../../../src/cohort/engine/cohort-engine.ts';
import { openCohortEngine } from '../../../../src/cohort/engine/open-engine.ts';
import { holds } from '../../../../src/cohort/holds.ts';
import {
  breakdowns,
  changes,
  expression,
  layout,
  row,
} from '../../../support/engine-arbitraries.ts';
import { openModelEngine } from '../../../support/model-engine.ts';

type Question = readonly [EngineExpression, readonly EngineBreakdown[]];

/** Total, and people by cell: histograms of the two may be of different sizes. */
async function answers(engine: CohortEngine, questions: readonly Question[]) {
  const answered = await engine.run(
    questions.map(([asked]) => asked),
    questions.map(([, by]) => by),
  );
  return answered.map(({ total, asOf, breakdowns: histograms }, index) => ({
    total,
    asOf,
    cells: histograms.map((cells, place) => {
      const [, second] = questions[index]?.[1][place]?.columns ?? [];
      return peopleByCell(cells, second === undefined ? 1 : engine.size(second));
    }),
  }));
}

function peopleByCell(cells: Uint32Array, width: number): readonly string[] {
  const texts: string[] = [];
  for (const [cell, people] of cells.entries()) {
    if (people > 0) texts.push(`${Math.floor(cell / width)},${cell % width}: ${people}`);
  }
  return texts;
}

const question = fc.tuple(expression, breakdowns);
const step = fc.record({ changes, questions: fc.array(question, { minLength: 1, maxLength: 4 }) });

/** An engine and a model of nobody. */
class Pair {
  readonly engine: CohortEngine;
  readonly model: CohortEngine;
  #sequence = 0;

  constructor(engine: CohortEngine, model: CohortEngine) {
    this.engine = engine;
    this.model = model;
  }

  async apply(people: readonly (EnginePerson | RemovedRow)[]): Promise<void> {
    this.#sequence += 1;
    const moment = { sequence: this.#sequence, timeMs: this.#sequence * 1_000 };
    await Promise.all([this.engine.apply(people, moment), this.model.apply(people, moment)]);
  }

  async empty(): Promise<void> {
    const rows = await this.model.rows({ kind: 'all' }, 0, layout.maxRows);
    await this.apply([...rows].map((gone) => ({ row: gone, removed: true })));
  }
}

async function withPair(keptClauses: number, work: (pair: Pair) => Promise<void>): Promise<void> {
  const { engine } = await openCohortEngine({ layout, workers: 2, keptClauses });
  const { engine: model } = await openModelEngine({ layout, workers: 0 });
  await work(new Pair(engine, model)).finally(() => engine.close());
}

/** As many people as there are rows, with values of all kinds. */
const everybody = Array.from({ length: layout.maxRows }, (_, index) => {
  const at = index + 1;
  return {
    row: at,
    bitmaps: layout.bitmaps.filter((name, bit) =>
      name === 'pregnant' ? at % 1_000 === 7 : ((at >> bit) & 1) === 1,
    ),
    days: { birth: (at * 7) % 65_536, dose: at % 11 },
    counts: { doses: at % 5, reminders: at % 256 },
    codes: { home: (at * 31) % 90, practice: at % 97, age: (at >> 3) % 110 },
  };
});

const scattered = Array.from({ length: 40 }, (_, index) => index * 2 + 1);
const homes: EngineExpression = { kind: 'codes', column: 'home', values: scattered };
const manyHomes: EngineExpression = {
  kind: 'codes',
  column: 'home',
  values: [...scattered, 9_000],
};
const born: EngineExpression = { kind: 'days', column: 'birth', from: 20_000, to: 50_000 };
const reminded: EngineExpression = { kind: 'counts', column: 'reminders', from: 100, to: 255 };
const staff: EngineExpression = { kind: 'bitmap', name: 'staff' };
const few: EngineExpression = { kind: 'bitmap', name: 'pregnant' };

/** Of many and of few, who are asked one by one; with each way in which bits can meet. */
const asksOfFullBlocks: Readonly<Record<string, EngineExpression>> = {
  everybody: { kind: 'all' },
  'those in a table': homes,
  'those not in a table': { kind: 'not', of: homes },
  'those in a long table': { kind: 'and', of: [staff, manyHomes] },
  'many in a range and a table': { kind: 'and', of: [born, homes] },
  'those with a bit or in a table': { kind: 'or', of: [staff, homes] },
  'those in neither': {
    kind: 'and',
    of: [staff, { kind: 'not', of: { kind: 'or', of: [born, homes] } }],
  },
  'those in a range of counts': { kind: 'counts', column: 'doses', from: 0, to: 2 },
  'few in ranges and a table': { kind: 'and', of: [few, born, reminded, homes] },
  'few outside ranges and a table': {
    kind: 'and',
    of: [few, ...[born, reminded, homes].map((of) => ({ kind: 'not', of }) as const)],
  },
  'all but a few, or those in ranges': {
    kind: 'or',
    of: [{ kind: 'not', of: few }, born, reminded],
  },
  'all but a few, or those in a table': { kind: 'or', of: [{ kind: 'not', of: few }, homes] },
};

type Somebody = (typeof everybody)[number];

function histogram(people: readonly Somebody[], cellOf: (one: Somebody) => number, cells: number) {
  const counts = new Uint32Array(cells);
  for (const one of people) counts[cellOf(one)] = (counts[cellOf(one)] ?? 0) + 1;
  return counts;
}

describe('the cohort engine', function () {
  this.timeout(60_000);
  // With none, with fewer than are asked, and with many clauses kept as bitmaps.
  for (const keptClauses of [0, 2, 16]) {
    it(`with ${keptClauses} kept clauses answers what its model answers`, async () => {
      const steps = fc.array(step, { minLength: 1, maxLength: 3 });
      await withPair(keptClauses, async (pair) => {
        const property = fc.asyncProperty(steps, async (taken) => {
          await pair.empty();
          const asked: Question[] = [];
          for (const { changes: people, questions } of taken) {
            await pair.apply(people);
            asked.push(...questions);
            assert.deepEqual(await answers(pair.engine, asked), await answers(pair.model, asked));
          }
        });
        await fc.assert(property, { numRuns: 60 });
      });
    });
  }

  it('gives the rows of a set in pages, in order', async () => {
    const pages = fc.tuple(changes, expression, fc.oneof(fc.constant(0), row), fc.nat(50));
    await withPair(0, async (pair) => {
      const property = fc.asyncProperty(pages, async ([people, asked, after, limit]) => {
        await pair.apply(people);
        const { engine, model } = pair;
        const [ours, wanted] = [engine, model].map((one) => one.rows(asked, after, limit));
        assert.deepEqual(await ours, await wanted);
      });
      await fc.assert(property, { numRuns: 100 });
    });
  });

  it('gives back the people it was given', async () => {
    await withPair(0, async (pair) => {
      const property = fc.asyncProperty(changes, async (people) => {
        await pair.apply(people);
        for (const { row: changed } of people) {
          assert.deepEqual(pair.engine.person(changed), pair.model.person(changed));
        }
      });
      await fc.assert(property);
    });
  });

  describe('of full blocks', () => {
    let engine: CohortEngine;

    before(async () => {
      ({ engine } = await openCohortEngine({ layout, workers: 2, keptClauses: 2 }));
      await engine.apply(everybody, { sequence: 1, timeMs: 0 });
    });

    after(() => engine.close());

    async function check(asked: EngineExpression): Promise<void> {
      const members = everybody.filter((one) => holds(asked, one));
      const by = [{ columns: ['practice'] }, { columns: ['age', 'home'] }] as const;
      const [answer] = await engine.run([asked], [[by[0]]]);
      const [both] = await engine.run([asked], [by]);
      const practices = histogram(members, ({ codes }) => codes.practice, 97);
      const crossed = histogram(members, ({ codes }) => codes.age * 90 + codes.home, 110 * 90);
      assert.equal(answer?.total, members.length);
      assert.deepEqual(answer?.breakdowns, [practices]);
      assert.deepEqual(both?.breakdowns, [practices, crossed]);
    }

    for (const [name, asked] of Object.entries(asksOfFullBlocks)) {
      it(`counts ${name}`, async () => {
        await check(asked);
        await check(asked);
      });
    }

    it('counts whatever is asked', async () => {
      await fc.assert(fc.asyncProperty(expression, check), { numRuns: 40 });
    });
  });
});
