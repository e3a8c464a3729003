// uri parameters: equal to the last character, and canonicals with and without their version.

import assert from 'node:assert/strict';
import { readUri, uriEntries } from '../../../../src/search/types/uri.ts';
import { refusal } from '../small-world.ts';
import { clauseOf, found } from './clauses.ts';

describe('uri parameters', () => {
  const rows = [
    ['uri', 'http://a.org/x', 'p=http://a.org/x', true],
    ['uri', 'http://a.org/x', 'p=http://a.org/X', false],
    ['uri', 'http://a.org/x', 'p=http://a.org/', false],
    ['uri', 'http://a.org/x', 'p=http://a.org/x/', false],
    ['uri', 'http://a.org/x', 'p=urn:oid:1,http://a.org/x', true],
    ['uri', 'http://a.org/%41', 'p=http://a.org/%2541', true],
    ['uri', 'http://a.org/%41', 'p=http://a.org/A', false],
    ['canonical', 'http://a.org/x|1.0', 'p=http://a.org/x', true],
    ['canonical', 'http://a.org/x|1.0', 'p=http://a.org/x|1.0', true],
    ['canonical', 'http://a.org/x|1.0', 'p=http://a.org/x|1', false],
    ['canonical', 'http://a.org/x', 'p=http://a.org/x|1.0', false],
  ] as const;
  for (const [fhirType, node, query, expected] of rows) {
    it(`${query} ${expected ? 'finds' : 'does not find'} ${fhirType} ${node}`, () => {
      const entries = uriEntries('p', node, fhirType);
      assert.equal(found(readUri(clauseOf('uri', query)), entries), expected);
    });
  }

  it('have no entry of what is no text', () => {
    for (const node of [null, 1, {}, []]) assert.deepEqual(uriEntries('p', node, 'uri'), []);
  });

  it('refuse modifiers', () => {
    assert.throws(
      () => readUri(clauseOf('uri', 'p:contains=http://a.org/')),
      refusal('unsupported-search', /:contains/, /:missing, :above, :below/),
    );
  });
});
