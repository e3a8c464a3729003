// Reading JSON without loss: what is accepted, what is refused, and which digits are kept.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type JsonBounds,
  JsonFault,
  NUMBER_MARK,
  parseExact,
  parseJson,
  printExact,
} from '../../../src/lib/json.ts';

const bounds: JsonBounds = { depthMax: 64, valuesMax: 1_000 };

function fault(text: string, within: JsonBounds = bounds): JsonFault {
  try {
    parseJson(text, within);
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe('reading JSON', () => {
  it('gives the value that JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        // Keys may repeat in no object that fast-check prints, but U+0000 and unpaired
        // surrogates may stand in its strings.
        fc.pre(!/\\u0000|\\ud[89a-f]/i.test(text) && text.isWellFormed());
        assert.deepEqual(parseJson(text, bounds).value, JSON.parse(text));
      }),
    );
  });

  it('never throws anything but a JsonFault, whatever the text', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', '-', 'a', ' ', 'u');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseJson(pieces.join(''), bounds);
        } catch (error) {
          assert(error instanceof JsonFault);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has no exact tree when every number prints as it was written', () => {
    assert.equal(parseJson('[0,-1,1.5,1e+21,999999999999999]', bounds).exact, undefined);
  });

  it('has an exact tree when a number would lose digits', () => {
    for (const number of ['0.10', '1.0', '-0', '1E3', '0.1234567890123456789', '1e2']) {
      const { exact } = parseJson(`{"a":[${number}]}`, bounds);
      assert.deepEqual(exact, { a: [NUMBER_MARK + number] });
    }
    assert.deepEqual(parseJson('[1, 2.0 ,-0]', bounds).exact, [
      1,
      `${NUMBER_MARK}2.0`,
      `${NUMBER_MARK}-0`,
    ]);
  });

  it('prints an exact tree with the digits it was read with', () => {
    const text = '{"a":0.10,"b":["0.10",-0,1E3,"\\\\u0000"],"c":{}}';
    assert.equal(printExact(parseExact(text)), text);
  });

  it('names the object that repeats a member name', () => {
    const refused = fault('{"x":{"y":[{"z":1},{"z":1,"z":2}]}}');
    assert.equal(refused.kind, 'malformed');
    assert.match(refused.message, /'z' is repeated/);
    assert.equal(refused.path, 'x.y[1].z');
  });

  it('sees a repeated name behind an escape and in a large object', () => {
    assert.match(fault('{"a":1,"\\u0061":2}').message, /'a' is repeated/);
    const members = Array.from({ length: 40 }, (_, index) => `"m${index}":0`);
    assert.match(fault(`{${members.join(',')},"m3":1}`).message, /'m3' is repeated/);
  });

  it('allows one name in several objects', () => {
    assert.deepEqual(parseJson('[{"a":1},{"a":{"a":2}}]', bounds).value, [
      { a: 1 },
      { a: { a: 2 } },
    ]);
  });

  it('refuses U+0000 and unpaired surrogates in strings and names', () => {
    for (const text of ['"\\u0000"', '{"\\u0000":1}', '"\\ud800"', '"\\udc00x"', '"\ud800"']) {
      assert.equal(fault(text).kind, 'malformed', JSON.stringify(text));
    }
    assert.equal(parseJson('"\\ud83d\\ude00"', bounds).value, '😀');
  });

  it('keeps an own member named __proto__ apart from the prototype', () => {
    const { value } = parseJson('{"__proto__":{"polluted":true}}', bounds);
    assert.equal((value as { polluted?: boolean }).polluted, undefined);
    assert.deepEqual(Object.keys(value as object), ['__proto__']);
  });

  it('refuses what is nested too deep or holds too many values', () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    assert.equal(fault(deep(65)).kind, 'limit');
    assert.equal(fault('['.repeat(10_000)).kind, 'limit');
    parseJson(deep(64), bounds);
    assert.equal(fault(`[${'0,'.repeat(1_000)}0]`).kind, 'limit');
  });

  it('refuses a text that is not JSON', () => {
    for (const text of ['', '{', '{"a":}', '[1,]', "{'a':1}", '01', 'nul', '"\\x"', '"a', '1 2']) {
      assert.equal(fault(text).kind, 'malformed', text);
    }
  });
});
