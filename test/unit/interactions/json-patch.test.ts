// JSON Patch (RFC 6902): every operation on every kind of place, and the bounds on what a small
// patch can blow up.

import assert from 'node:assert/strict';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { readJson } from '../../../src/fhir/read-json.ts';
import { patchText, readPatch } from '../../../src/interactions/json-patch.ts';
import { printExact } from '../../../src/lib/json.ts';

/** The text after the patch. */
function patched(text: string, operations: readonly object[]): string {
  const document = patchText(text, readPatch(readJson(JSON.stringify(operations))));
  return printExact(document.exact ?? document.value);
}

function refusal(text: string, operations: readonly object[]): string {
  try {
    return `accepted: ${patched(text, operations)}`;
  } catch (error) {
    assert.ok(error instanceof FhirError, String(error));
    return error.errorName;
  }
}

describe('JSON Patch', () => {
  // From the appendix of RFC 6902 and the corners of RFC 6901.
  const accepted: readonly [string, string, object[], string][] = [
    ['adds a member', '{"a":1}', [{ op: 'add', path: '/b', value: 2 }], '{"a":1,"b":2}'],
    ['replaces by adding', '{"a":1}', [{ op: 'add', path: '/a', value: 2 }], '{"a":2}'],
    ['inserts an item', '[1,3]', [{ op: 'add', path: '/1', value: 2 }], '[1,2,3]'],
    ['appends by length', '[1]', [{ op: 'add', path: '/1', value: 2 }], '[1,2]'],
    ['appends by -', '[1]', [{ op: 'add', path: '/-', value: 2 }], '[1,2]'],
    ['removes a member', '{"a":1,"b":2}', [{ op: 'remove', path: '/a' }], '{"b":2}'],
    ['removes an item', '[1,2,3]', [{ op: 'remove', path: '/1' }], '[1,3]'],
    [
      'replaces in place',
      '{"a":1,"b":2}',
      [{ op: 'replace', path: '/a', value: 0 }],
      '{"a":0,"b":2}',
    ],
    ['replaces null', '[null]', [{ op: 'replace', path: '/0', value: 1 }], '[1]'],
    [
      'moves a member',
      '{"a":{"x":1}}',
      [{ op: 'move', from: '/a/x', path: '/b' }],
      '{"a":{},"b":1}',
    ],
    ['moves an item', '[1,2,3]', [{ op: 'move', from: '/0', path: '/2' }], '[2,3,1]'],
    ['moves onto itself', '{"a":1}', [{ op: 'move', from: '/a', path: '/a' }], '{"a":1}'],
    ['copies', '{"a":[1]}', [{ op: 'copy', from: '/a', path: '/b' }], '{"a":[1],"b":[1]}'],
    [
      'copies by value',
      '{"a":[1]}',
      [
        { op: 'copy', from: '/a', path: '/b' },
        { op: 'add', path: '/b/-', value: 2 },
      ],
      '{"a":[1],"b":[1,2]}',
    ],
    [
      'reads ~0 and ~1',
      '{"a/b~c":1}',
      [{ op: 'replace', path: '/a~1b~0c', value: 2 }],
      '{"a/b~c":2}',
    ],
    ['reads the empty name', '{"":1}', [{ op: 'replace', path: '/', value: 2 }], '{"":2}'],
    [
      'tests deeply',
      '{"a":{"x":[1],"y":2}}',
      [{ op: 'test', path: '/a', value: { y: 2, x: [1] } }],
      '{"a":{"x":[1],"y":2}}',
    ],
    ['tests numbers by value', '{"a":1.0}', [{ op: 'test', path: '/a', value: 1 }], '{"a":1.0}'],
    ['tests the whole', '[1]', [{ op: 'test', path: '', value: [1] }], '[1]'],
    [
      'ignores other members of an operation',
      '[]',
      [{ op: 'add', path: '/0', value: 1, x: 1 }],
      '[1]',
    ],
    ['sets a null value', '[]', [{ op: 'add', path: '/0', value: null }], '[null]'],
  ];
  for (const [title, before, operations, after] of accepted) {
    it(title, () => assert.equal(patched(before, operations), after));
  }

  const refused: readonly [string, string, object][] = [
    ['an index beyond the end', '[1]', { op: 'add', path: '/2', value: 1 }],
    ['an index with a leading zero', '[1,2]', { op: 'replace', path: '/01', value: 1 }],
    ['an index that is no number', '[1]', { op: 'remove', path: '/1e0' }],
    ['a negative index', '[1]', { op: 'replace', path: '/-1', value: 1 }],
    ['- where nothing is', '[1]', { op: 'remove', path: '/-' }],
    ['a member of a string', '{"a":"b"}', { op: 'add', path: '/a/x', value: 1 }],
    ['an inherited member', '{}', { op: 'replace', path: '/constructor', value: 1 }],
    ['the missing parent of a new member', '{}', { op: 'add', path: '/a/b', value: 1 }],
    ['a test of another type', '{"a":"1"}', { op: 'test', path: '/a', value: 1 }],
    ['a test of null against nothing', '{}', { op: 'test', path: '/a', value: null }],
    ['a move into itself', '{"a":{}}', { op: 'move', from: '/a', path: '/a/b' }],
  ];
  for (const [title, before, operation] of refused) {
    it(`refuses ${title}`, () => {
      assert.equal(refusal(before, [operation]), 'unprocessable-patch');
    });
  }

  it('bounds what copies of copies grow to', () => {
    const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    assert.equal(refusal('{"a":["0123456789"]}', doubling), 'limit-exceeded');
  });

  it('bounds how deep copies and moves nest', () => {
    const nesting = Array.from({ length: 100 }, () => ({ op: 'copy', from: '', path: '/a' }));
    assert.equal(refusal('{}', nesting), 'limit-exceeded');
    const path = '/a'.repeat(100);
    assert.equal(refusal('{}', [{ op: 'add', path, value: 1 }]), 'malformed-body');
  });

  it('leaves no trace in JavaScript of what a member is named', () => {
    const text = patched('{}', [{ op: 'add', path: '/constructor', value: { a: 1 } }]);
    assert.equal(text, '{"constructor":{"a":1}}');
    const own = readJson('[{"op":"add","path":"/__proto__","value":{"polluted":1}}]');
    const { value } = patchText('{}', readPatch(own));
    assert.ok(Object.hasOwn(value as object, '__proto__'));
    assert.equal((value as { polluted?: number }).polluted, undefined);
  });
});
