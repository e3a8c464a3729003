// Positions come back from links that anyone may have changed: what is not one must be found out.

import assert from 'node:assert/strict';
import { readPosition, writePosition } from '../../../src/store/sqlite/page-position.ts';

const position = { at: 7, total: 90, values: ['smith', null, -5], rid: 2 ** 42 + 3 };

describe('a page position', () => {
  it('is read back as it was written', () => {
    assert.deepEqual(readPosition(writePosition(position), 3), position);
  });

  it('is text that needs no escaping in a url', () => {
    assert.match(writePosition({ ...position, values: ['é?&\u{1F489}'] }), /^[A-Za-z0-9_-]+$/);
  });

  const asText = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forgeries: readonly [string, string][] = [
    ['of another sort', writePosition({ ...position, values: [] })],
    ['that is no JSON', 'abc'],
    ['that is empty', ''],
    ['that is no list', asText({ length: 6 })],
    ['with a negative number', asText([-1, 1, 1, 1, 1, 1])],
    ['with a fraction', asText([1.5, 1, 1, 1, 1, 1])],
    ['with an object for a value', asText([1, 1, 1, {}, 1, 1])],
    ['with a boolean for a value', asText([1, 1, 1, true, 1, 1])],
  ];
  for (const [name, text] of forgeries) {
    it(`${name} is none`, () => assert.equal(readPosition(text, 3), undefined));
  }
});
