// Values by codes: each distinct set of entries once, judged once, and honest when there are more
// values than codes.

import assert from 'node:assert/strict';
import { EntryDictionary } from '../../../src/cohort/entry-dictionary.ts';
import type { Expression } from '../../../src/search/expression.ts';
import type { IndexEntry } from '../../../src/search/index-entry.ts';

const token = (parameter: string, code: string): IndexEntry => ({
  ...{ kind: 'token', parameter, system: '', code },
});

const male: Expression = { kind: 'token', parameter: 'gender', anyOf: [{ code: 'male' }] };

describe('a dictionary of values', () => {
  it('gives one code to the same entries in any order, none to other parameters', () => {
    const dictionary = new EntryDictionary(['gender', 'active']);
    const both = [token('gender', 'male'), token('active', 'true')];
    const code = dictionary.codeOf(both);
    assert.equal(code, 1);
    assert.equal(dictionary.codeOf([...both].reverse()), code);
    assert.equal(dictionary.codeOf([...both, token('family', 'khan')]), code);
    assert.equal(dictionary.codeOf([]), 2, 'no entries are a value too');
    assert.deepEqual(dictionary.valueOf(code), both);
    assert.equal(dictionary.size, 3);
  });

  it('judges each value once, values that come later too', () => {
    const dictionary = new EntryDictionary(['gender']);
    let judged = 0;
    const judge = (entries: readonly IndexEntry[]) => {
      judged += 1;
      return entries.some((entry) => entry.kind === 'token' && entry.code === 'male');
    };
    const first = dictionary.codeOf([token('gender', 'male')]);
    dictionary.codeOf([token('gender', 'female')]);
    assert.deepEqual(dictionary.codesWhere(male, judge), [first]);
    assert.deepEqual(dictionary.codesWhere(male, judge), [first]);
    assert.equal(judged, 2);
    dictionary.codeOf([]);
    dictionary.codesWhere(male, judge);
    assert.equal(judged, 3);
    dictionary.codesWhere(male, judge, 1);
    assert.equal(judged, 6, 'another version judges anew');
  });

  it('is restored with the same codes', () => {
    const dictionary = new EntryDictionary(['gender'], 200);
    const codes = ['male', 'female'].map((code) => dictionary.codeOf([token('gender', code)]));
    const restored = new EntryDictionary(['gender'], 200);
    restored.restore(JSON.parse(JSON.stringify(dictionary.values())));
    assert.deepEqual(
      ['female', 'male'].map((code) => restored.codeOf([token('gender', code)])),
      [...codes].reverse(),
    );
  });

  it('says when there are more values than codes', () => {
    const dictionary = new EntryDictionary(['gender'], 65_534);
    assert.equal(dictionary.codeOf([token('gender', 'a')]), 65_534);
    assert.equal(dictionary.codeOf([token('gender', 'b')]), 65_535);
    assert.equal(dictionary.isOverflowing, false);
    assert.equal(dictionary.codeOf([token('gender', 'c')]), 0);
    assert.equal(dictionary.isOverflowing, true);
    assert.equal(dictionary.codeOf([token('gender', 'a')]), 65_534);
  });
});
