// What happens to the cohort engine over time: changes while questions run, its bound, its errors.

import assert from 'node:assert/strict';
import type {
  CohortEngine,
  EngineExpression,
  EngineLayout,
} from '../../../../src/cohort/engine/cohort-engine.ts';
import { openCohortEngine } from '../../../../src/cohort/engine/open-engine.ts';

const layout: EngineLayout = {
  bitmaps: ['carer'],
  days: ['birth'],
  counts: ['doses'],
  codes: ['home', 'practice'],
  maxRows: 140_000,
};

const everybody: EngineExpression = { kind: 'all' };
const personAt = (row: number, home: number) => ({
  row,
  bitmaps: home % 2 === 0 ? ['carer'] : [],
  days: { birth: home },
  counts: { doses: home % 256 },
  codes: { home, practice: home },
});

describe('the cohort engine over time', function () {
  this.timeout(30_000);
  let engine: CohortEngine;
  beforeEach(async () => {
    ({ engine } = await openCohortEngine({ layout, workers: 2, keptClauses: 4 }));
  });
  afterEach(() => engine.close());

  it('tears no answer while people change', async () => {
    // In each commit everybody moves to the next home; the sequence number says which.
    const rows = [1, 2, 65_535, 65_536, 100_000, 131_071, 131_072, 139_999];
    const move = (home: number) =>
      engine.apply(
        rows.map((row) => personAt(row, home)),
        { sequence: home, timeMs: home },
      );
    await move(1);
    const working: Promise<void>[] = [];
    for (let home = 2; home <= 60; home += 1) {
      working.push(move(home), ask());
      await ask();
    }
    await Promise.all(working);
    async function ask(): Promise<void> {
      const at = Array.from({ length: 60 }, (_, index) => index + 1);
      const born = (day: number): EngineExpression => ({
        kind: 'days',
        column: 'birth',
        from: day,
        to: day,
      });
      const answered = await engine.run(
        [everybody, ...at.map(born), { kind: 'bitmap', name: 'carer' }],
        [[{ columns: ['home'] }, { columns: ['home', 'practice'] }]],
      );
      const { sequence } = answered[0]?.asOf ?? { sequence: 0 };
      const totals = answered.map(({ total }) => total);
      const wanted = at.map((home) => (home === sequence ? rows.length : 0));
      assert.deepEqual(totals, [rows.length, ...wanted, sequence % 2 === 0 ? rows.length : 0]);
      const [byHome, crossed] = answered[0]?.breakdowns ?? [];
      assert.equal(byHome?.[sequence], rows.length);
      assert.equal(crossed?.[sequence * ((byHome?.length ?? 0) + 1)], rows.length);
    }
  });

  it('makes changes before the questions that were asked after them', async () => {
    const first = engine.run([everybody], []);
    const applied = engine.apply([personAt(7, 1)], { sequence: 9, timeMs: 5 });
    const second = engine.run([everybody], []);
    await applied;
    assert.deepEqual(engine.moment(), { sequence: 9, timeMs: 5 });
    const [before] = await first;
    const [after] = await second;
    assert.deepEqual([before?.total, before?.asOf.sequence], [0, 0]);
    assert.deepEqual([after?.total, after?.asOf.sequence], [1, 9]);
  });

  it('makes a change wait for one question, not for all that are asked', async () => {
    const asked = Array.from({ length: 5 }, () => engine.run([everybody], []));
    await engine.apply([personAt(7, 1)], { sequence: 9, timeMs: 5 });
    const answered = (await Promise.all(asked)).map(([answer]) => answer?.total);
    assert.deepEqual(answered, [0, 1, 1, 1, 1]);
  });

  it('at its bound refuses rows, says so, and goes on', async () => {
    assert.equal(engine.full, false);
    const people = [personAt(140_000, 3), personAt(140_001, 3), personAt(5_000_000, 3)];
    await engine.apply(people, { sequence: 1, timeMs: 0 });
    assert.equal(engine.full, true);
    assert.ok(engine.bytes <= engine.bytesBound);
    assert.equal(engine.person(140_001), undefined);
    await engine.apply([{ row: 140_001, removed: true }, personAt(4, 3)], {
      sequence: 2,
      timeMs: 0,
    });
    const [answer] = await engine.run([everybody], []);
    assert.deepEqual([answer?.total, answer?.asOf.sequence], [2, 2]);
  });

  it('changes nothing when one of the people has no place in the layout', async () => {
    const moment = { sequence: 1, timeMs: 0 };
    const faulty = [
      { ...personAt(2, 1), bitmaps: ['nobody'] },
      { ...personAt(2, 1), codes: { home: 65_536 } },
      { ...personAt(2, 1), counts: { doses: -1 } },
      { ...personAt(2, 1), days: { birth: 1.5 } },
      { ...personAt(2, 1), days: { nothing: 1 } },
      personAt(0, 1),
      personAt(1.5, 1),
    ];
    for (const person of faulty) {
      await assert.rejects(engine.apply([personAt(1, 1), person], moment), /Broken promise/);
    }
    assert.equal(engine.person(1), undefined);
    assert.equal(engine.moment().sequence, 0);
  });

  it('answers on after a question it cannot answer', async () => {
    await engine.apply([personAt(1, 2)], { sequence: 1, timeMs: 0 });
    let deep: EngineExpression = { kind: 'bitmap', name: 'carer' };
    for (let depth = 0; depth < 100; depth += 1) {
      deep = { kind: depth % 2 === 0 ? 'and' : 'or', of: [deep, everybody] };
    }
    const unknown: EngineExpression = { kind: 'bitmap', name: 'nobody' };
    const rows = { kind: 'rows', rows: Uint32Array.of(2, 1) } as const;
    await assert.rejects(engine.run([everybody, deep], []), RangeError);
    await assert.rejects(engine.rows(deep, 0, 10), RangeError);
    await assert.rejects(engine.run([unknown], []), /nobody is a bitmap/);
    await assert.rejects(engine.run([rows], []), /rows from outside ascend/);
    await assert.rejects(engine.run([everybody], [[{ columns: ['birth'] }]]), /code column/);
    const [answer] = await engine.run([everybody], []);
    assert.equal(answer?.total, 1);
  });

  it('answers at one moment what takes several passes', async () => {
    await engine.apply([personAt(1, 2_000), personAt(2, 1_999)], { sequence: 1, timeMs: 0 });
    const crosses = Array.from({ length: 4 }, () => ({ columns: ['home', 'practice'] }) as const);
    const asking = engine.run([everybody, everybody], [crosses, crosses]);
    const applied = engine.apply([personAt(3, 2_000)], { sequence: 2, timeMs: 0 });
    for (const { total, asOf, breakdowns } of await asking) {
      assert.deepEqual([total, asOf.sequence, breakdowns.length], [2, 1, 4]);
      for (const cells of breakdowns) {
        assert.equal(cells[2_000 * 2_001 + 2_000], 1);
        assert.equal(cells[1_999 * 2_001 + 1_999], 1);
      }
    }
    await applied;
  });

  it('refuses a cross with more cells than a pass has', async () => {
    await engine.apply([personAt(1, 60_000)], { sequence: 1, timeMs: 0 });
    const cross = { columns: ['home', 'practice'] } as const;
    await assert.rejects(engine.run([everybody], [[cross]]), RangeError);
  });

  it('answers nothing when it is closed', async () => {
    await engine.close();
    await assert.rejects(engine.run([everybody], []), /closed/);
    await assert.rejects(engine.apply([], { sequence: 1, timeMs: 0 }), /closed/);
  });

  it('does not open for more people than can be addressed', async () => {
    const opening = openCohortEngine({ layout: { ...layout, maxRows: 700_000_000 }, workers: 1 });
    await assert.rejects(opening, RangeError);
  });
});
