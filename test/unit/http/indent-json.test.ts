// Pretty printing changes white space and nothing else.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { indentJson } from '../../../src/http/indent-json.ts';

describe('indentJson', () => {
  it('indents as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        assert.equal(indentJson(JSON.stringify(value)), `${JSON.stringify(value, null, 2)}\n`);
      }),
    );
  });

  it('keeps numbers and escapes as they are written', () => {
    const text = '{"a":[0.10,1e400,-0],"b":"\\u00e9\\"{"}';
    assert.equal(indentJson(text).replace(/\n\s*|(?<=:) /g, ''), text);
  });
});
