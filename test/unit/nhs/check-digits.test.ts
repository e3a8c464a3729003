// Modulus 11 and Verhoeff, by published examples and by what a check digit is for.

import assert from 'node:assert/strict';
import fc from 'fast-check';

import { isConceptId, isNhsNumber, passesVerhoeff } from '../../../src/nhs/check-digits.ts';
import { vaccineTypes } from '../../../src/nhs/vaccine-types.ts';
import { nhsNumber } from '../../../src/population/nhs-number.ts';

const seed = 20_261_125;

/** The text with another digit at the place. */
function withDigit(text: string, place: number, shift: number): string {
  const digit = (Number(text[place]) + shift) % 10;
  return text.slice(0, place) + digit + text.slice(place + 1);
}

describe('isNhsNumber', () => {
  it('accepts the published examples', () => {
    for (const number of ['9000000009', '9000000025', '9990548609', '9111231130']) {
      assert.ok(isNhsNumber(number), number);
    }
  });

  it('refuses wrong digits, lengths and characters', () => {
    const wrong = ['1234567890', '9000000000', '900000000', '90000000090', '900000000X', ''];
    for (const number of wrong) assert.ok(!isNhsNumber(number), number);
  });

  it('accepts numbers made with a check digit and none with another last digit', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 9 }), (index, shift) => {
        const number = nhsNumber(index);
        assert.ok(isNhsNumber(number));
        assert.ok(!isNhsNumber(withDigit(number, 9, shift)));
      }),
      { seed },
    );
  });
});

describe('isConceptId', () => {
  const known = [...Object.values(vaccineTypes).flat(), '1324681000000101', '39114911000001105'];

  it('accepts concepts of both partitions', () => {
    for (const code of known) assert.ok(isConceptId(code), code);
  });

  it('refuses descriptions, zeros in front, and what is too short or long', () => {
    const wrong = ['12345', '0840539006', '840539006 ', '84053900x', '', '1'.repeat(19)];
    for (const code of wrong) assert.ok(!isConceptId(code), code);
    // 751689013 is a description: its partition is 01.
    assert.ok(passesVerhoeff('751689013'));
    assert.ok(!isConceptId('751689013'));
  });

  it('notices every single wrong digit and every swap of neighbours', () => {
    const place = fc.nat(30);
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        place,
        fc.integer({ min: 1, max: 9 }),
        (code, at, by) => {
          const index = at % code.length;
          assert.ok(!passesVerhoeff(withDigit(code, index, by)));
          const [a = '', b = ''] = code.slice(index, index + 2);
          const swapped = code.slice(0, index) + b + a + code.slice(index + 2);
          assert.equal(passesVerhoeff(swapped), swapped === code);
        },
      ),
      { seed },
    );
  });
});
