// Encoded text must compare by UTF-8 bytes as the original does by UTF-16 code units.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeText, encodeText, HIGHEST, SEPARATOR } from '../../../src/store/ordered-text.ts';

const SEED = 20_261_125;

/** Texts in which the awkward characters are frequent. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\0', '\u0001', '\u0002', '\u0003', 'a', 'b', 'c'),
    fc.constantFrom('\uD7FF', '\uE000', '\uF8FF', '\uFFFF', '\u{10000}', '\u{1F489}', '\u{10FFFF}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 6,
});

const byBytes = (left: string, right: string) =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));
const byCodeUnits = (left: string, right: string) => (left < right ? -1 : Number(left > right));

function check<Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void {
  fc.assert(property, { seed: SEED, numRuns: 3_000 });
}

describe('encoded text', () => {
  it('is decoded to what it was', () => {
    check(fc.property(text, (original) => decodeText(encodeText(original)) === original));
  });

  it('orders by bytes as the original orders by code units', () => {
    check(
      fc.property(text, text, (left, right) => {
        const encoded = byBytes(encodeText(left), encodeText(right));
        assert.equal(encoded, byCodeUnits(left, right));
      }),
    );
  });

  it('orders before every longer text when the separator follows', () => {
    check(
      fc.property(text, text, (start, rest) => {
        const longer = encodeText(start + rest);
        if (rest !== '') assert.equal(byBytes(encodeText(start) + SEPARATOR, longer), -1);
      }),
    );
  });

  it('of a prefix bounds exactly the texts that begin with it', () => {
    check(
      fc.property(text, text, (prefix, other) => {
        const encoded = encodeText(other);
        const within =
          byBytes(encoded, encodeText(prefix)) >= 0 &&
          byBytes(encoded, encodeText(prefix) + HIGHEST) < 0;
        assert.equal(within, other.startsWith(prefix));
      }),
    );
  });

  it('holds neither NUL nor the separator', () => {
    check(fc.property(text, (original) => !/[\0\u0001]/.test(encodeText(original))));
  });
});
