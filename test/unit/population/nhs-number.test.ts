// Synthetic NHS numbers: valid by Modulus 11, all different, the first ones in range 999.

import assert from 'node:assert/strict';
import { checkDigit, nhsNumber } from '../../../src/population/nhs-number.ts';
import { passesModulus11 } from './modulus-11.ts';

describe('NHS numbers', () => {
  it('know published check digits', () => {
    assert.equal(checkDigit(900_000_000), 9);
    assert.equal(checkDigit(943_476_591), 9);
    assert.ok(!passesModulus11('1234567890'));
  });

  it('fill range 999 without repeating, then go on in 998', () => {
    const numbers = new Set<string>();
    for (let index = 0; index < 900_000; index += 1) {
      const number = nhsNumber(index);
      assert.ok(number.startsWith('999'), number);
      numbers.add(number);
    }
    assert.equal(numbers.size, 900_000);
    assert.ok(nhsNumber(900_000).startsWith('998'));
    assert.ok(nhsNumber(60_000_000).startsWith('93'));
  });

  it('are all valid', () => {
    for (let index = 0; index < 2_000_000; index += 97) {
      assert.ok(passesModulus11(nhsNumber(index)), nhsNumber(index));
    }
  });
});
