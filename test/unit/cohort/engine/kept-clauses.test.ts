// Which clauses are kept as bitmaps, and which make room.

import assert from 'node:assert/strict';
import { toClause } from '../../../../src/cohort/engine/clause.ts';
import { KeptClauses } from '../../../../src/cohort/engine/kept-clauses.ts';
import { EngineMemory } from '../../../../src/cohort/engine/memory.ts';

const layout = { bitmaps: [], days: ['birth'], counts: [], codes: [], maxRows: 1_000 };

describe('kept clauses', () => {
  let memory: EngineMemory;
  let kept: KeptClauses;

  beforeEach(() => {
    memory = new EngineMemory(layout, 1, 2);
    kept = new KeptClauses(memory);
  });

  function clauseOf(from: number) {
    return toClause({ kind: 'days', column: 'birth', from, to: 9_000 }, memory.columns);
  }

  /** Asks for a clause as a program does. @returns whether it was kept already */
  function ask(from: number): boolean {
    const isKept = kept.find(clauseOf(from)) !== undefined;
    if (!isKept) kept.claim(clauseOf(from));
    kept.settle(true);
    return isKept;
  }

  it('are those that are asked a second time', () => {
    assert.deepEqual([ask(1), ask(1), ask(1)], [false, false, true]);
  });

  it('stay when more are asked in turn than have room', () => {
    for (let round = 0; round < 10; round += 1) for (const from of [1, 2, 3]) ask(from);
    assert.deepEqual([1, 2, 3].map(ask), [true, true, false]);
  });

  it('make room when they have not been asked for long', () => {
    for (const from of [1, 1, 2, 2]) ask(from);
    for (let asking = 0; asking < 64; asking += 1) ask(2);
    assert.deepEqual([ask(3), ask(3), ask(3)], [false, false, true]);
    assert.deepEqual([ask(2), ask(1)], [true, false]);
  });

  it('are dropped when what works them out fails', () => {
    ask(1);
    kept.find(clauseOf(1));
    kept.claim(clauseOf(1));
    kept.settle(false);
    assert.equal(kept.find(clauseOf(1)), undefined);
  });

  it('follow the people', () => {
    ask(1);
    ask(1);
    const place = kept.find(clauseOf(1)) ?? -1;
    const isIn = () => (((memory.block(0).bytes[place] ?? 0) >> 7) & 1) === 1;
    memory.reach(7);
    memory.write({ row: 7, bitmaps: [], days: { birth: 5 }, counts: {}, codes: {} });
    kept.update(7);
    assert.equal(isIn(), true);
    memory.remove(7);
    kept.update(7);
    assert.equal(isIn(), false);
  });
});
