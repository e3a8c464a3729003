// Request headers that carry wishes.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readPrefer } from '../../../src/http/headers.ts';

describe('Prefer', () => {
  for (const [header, expected] of [
    [undefined, {}],
    ['', {}],
    ['return=minimal', { return: 'minimal' }],
    ['return="representation"', { return: 'representation' }],
    ['Return = OperationOutcome', { return: 'OperationOutcome' }],
    ['handling=strict, return=minimal', { handling: 'strict', return: 'minimal' }],
    ['return=minimal; handling=lenient', { return: 'minimal', handling: 'lenient' }],
    ['return=minimal, return=representation', { return: 'minimal' }],
    ['respond-async, wait=10, handling=lenient', { handling: 'lenient' }],
    ['return=everything', {}],
    ['return=strict', {}],
    ['minimal', {}],
  ] as const) {
    it(`reads '${header}'`, () => {
      assert.deepEqual(readPrefer(header), expected);
    });
  }

  it('reads anything without failing', () => {
    fc.assert(fc.property(fc.string(), (header) => void readPrefer(header)));
  });
});
