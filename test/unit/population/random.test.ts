// The nation's source of chance: the same on every machine, and evenly spread.

import assert from 'node:assert/strict';
import { Random, weighted } from '../../../src/population/random.ts';

describe('random', () => {
  it('gives these numbers on every machine', () => {
    const random = new Random(42, 7);
    const bits = Array.from({ length: 4 }, () => random.bits());
    assert.deepEqual(bits, [225_154_331, 3_186_419_220, 2_986_217_853, 3_843_755_087]);
  });

  it('gives unrelated sequences to neighbouring keys', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => [42, index]);
    const firsts = new Set(keys.map((key) => new Random(...key).bits()));
    assert.equal(firsts.size, 1000);
    const mean = keys.reduce((sum, key) => sum + new Random(...key).fraction(), 0) / 1000;
    assert.ok(Math.abs(mean - 0.5) < 0.04, `mean ${mean}`);
  });

  it('tells seeds apart that differ beyond 32 bits', () => {
    assert.notEqual(new Random(1).bits(), new Random(1 + 2 ** 32).bits());
  });

  it('spreads integers evenly and within bounds', () => {
    const random = new Random(5);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 20_000; draw += 1) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? Number.NaN) + 1;
    }
    for (const count of counts) assert.ok(count > 1800 && count < 2200, `${counts}`);
    assert.ok([1, 2, 3].includes(new Random(9).between(1, 3)));
  });

  it('draws in proportion to weights, and never what has none', () => {
    const random = new Random(6);
    const table = weighted([
      ['often', 9],
      ['never', 0],
      ['seldom', 1],
    ]);
    let often = 0;
    for (let draw = 0; draw < 10_000; draw += 1) {
      const value = table.pick(random);
      assert.notEqual(value, 'never');
      if (value === 'often') often += 1;
    }
    assert.ok(often > 8850 && often < 9150, `${often}`);
  });

  it('refuses to pick from nothing', () => {
    assert.throws(() => new Random(1).pick([]), RangeError);
  });
});
