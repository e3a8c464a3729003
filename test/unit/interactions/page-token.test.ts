// Page tokens: what we wrote is read back, anything else is refused.

import assert from 'node:assert/strict';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { readPageToken, writePageToken } from '../../../src/interactions/page-token.ts';

describe('a page token', () => {
  it('is read back as it was written, and needs no escape in a url', () => {
    const token = { at: 9_007_199_254_740_991, after: '["Ñandú",1]&=+/' };
    const text = writePageToken(token);
    assert.match(text, /^[\w-]+$/);
    assert.deepEqual(readPageToken(text), token);
  });

  it('that is none of ours is refused', () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const text of [
      '',
      '%%%',
      'null',
      encode(null),
      encode({}),
      encode([]),
      encode([1]),
      encode([1, 2]),
      encode(['1', 'x']),
      encode([-1, 'x']),
      encode([0.5, 'x']),
      encode([1e300, 'x']),
    ]) {
      assert.throws(
        () => readPageToken(text),
        (error) => error instanceof FhirError && error.errorName === 'invalid-search',
        text,
      );
    }
  });
});
