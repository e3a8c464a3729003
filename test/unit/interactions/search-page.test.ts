// Sealed page tokens: one token is one text, and no other text is taken for it.

import assert from 'node:assert/strict';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { openPage, pageKeyOf, sealPage } from '../../../src/interactions/search-page.ts';
import { localOperator } from '../../../src/search/caller.ts';

const key = pageKeyOf(Buffer.alloc(64, 7));
const path = ['Patient'];
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Tokens of contents of growing length: every number of bits that the last character lacks. */
const tokens = ['', 'x', 'xx', 'xxx'].map((after) => {
  const token = { after } as unknown as Parameters<typeof sealPage>[3];
  return [sealPage(key, localOperator, path, token), token] as const;
});

describe('a sealed page token', () => {
  it('opens to what it was made of', () => {
    for (const [text, token] of tokens) {
      assert.deepEqual(openPage(key, localOperator, path, text), token);
    }
  });

  it('is refused with any other last character', () => {
    for (const [text] of tokens) {
      for (const character of ALPHABET) {
        const altered = text.slice(0, -1) + character;
        if (altered === text) continue;
        assert.throws(() => openPage(key, localOperator, path, altered), FhirError, altered);
      }
    }
  });
});
