// string parameters: what normalising makes equal, and what names and addresses are found by.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalise, readString, stringEntries } from '../../../../src/search/types/string.ts';
import { refusal } from '../small-world.ts';
import { clauseOf, found } from './clauses.ts';

describe('normalise', () => {
  const rows = [
    ['Smith', 'smith'],
    ['  van  der\tBerg ', 'van der berg'],
    ['Zoë', 'zoe'],
    ['Zoe\u0308', 'zoe'],
    ['ÅSA', 'asa'],
    ["O'Brien", 'obrien'],
    ['O’Brien', 'obrien'],
    ['O´Brien', 'obrien'],
    ['Anne-Marie', 'annemarie'],
    ['St. John', 'st john'],
    ['Straße', 'strasse'],
    ['Łukasz', 'lukasz'],
    ['Søren Ærø', 'soren aero'],
    ['Ðorđe', 'dorde'],
    ['İstanbul', 'istanbul'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['ﬁsh', 'fish'],
    ['Ｆｕｌｌ', 'full'],
    ['山田', '山田'],
    ['C&A +1', 'ca +1'],
    ['...', ''],
  ] as const;
  for (const [text, expected] of rows) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
      assert.equal(normalise(text), expected);
    });
  }

  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(normalise(normalise(text)), normalise(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not tell upper from lower case, nor composed from decomposed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(normalise(text.normalize('NFD')), normalise(text.normalize('NFC')));
        assert.equal(normalise(text.toUpperCase()), normalise(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('string parameters', () => {
  const name = {
    use: 'official',
    text: 'Dr Zoë O’Brien',
    family: 'O’Brien',
    given: ['Zoë', null, 'Evelyn Mary'],
    prefix: ['Dr'],
    suffix: ['MBE'],
    _given: [null, { extension: [] }, null],
  };
  const address = {
    use: 'home',
    line: ['1 High St', 'Flat 2'],
    city: 'Leeds',
    district: 'West Yorkshire',
    state: 'England',
    postalCode: 'LS1 4AP',
    country: 'GB',
  };

  describe('find', () => {
    const rows = [
      [name, 'p=obr', true],
      [name, "p=O'BRIEN", true],
      [name, 'p=zoe', true],
      [name, 'p=eve', true],
      // the beginning of a field, not of a word in it
      [name, 'p=mary', false],
      [name, 'p:contains=mary', true],
      [name, 'p:contains=rien', true],
      [name, 'p=mbe', true],
      [name, 'p=dr zoe', true],
      [name, 'p=official', false],
      [name, 'p:exact=O’Brien', true],
      [name, "p:exact=O'Brien", false],
      [name, 'p:exact=Zoe', false],
      [name, 'p:exact=Zo', false],
      [name, 'p=smith,zo', true],
      [address, 'p=leeds', true],
      [address, 'p=ls1', true],
      [address, 'p=flat 2', true],
      [address, 'p=west', true],
      [address, 'p=gb', true],
      [address, 'p=home', false],
      ['AB-123', 'p=ab123', true],
      ['a,b', 'p:exact=a%5C,b', true],
    ] as const;
    for (const [node, query, expected] of rows) {
      const fhirType =
        typeof node === 'string' ? 'string' : 'line' in node ? 'Address' : 'HumanName';
      it(`${query} ${expected ? 'finds' : 'does not find'} the ${fhirType}`, () => {
        const entries = stringEntries('p', node, fhirType);
        assert.equal(found(readString(clauseOf('string', query)), entries), expected);
      });
    }
  });

  it('find any text by any beginning of it that holds more than marks and punctuation', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, fc.nat(), (whole, seed) => {
        const graphemes = [...new Intl.Segmenter().segment(whole)].map((each) => each.segment);
        const start = graphemes.slice(0, 1 + (seed % graphemes.length)).join('');
        fc.pre(normalise(start) !== '' && !/\p{M}/u.test(start.normalize('NFKD')));
        const clause = {
          ...clauseOf('string', 'p=x'),
          values: [start.replace(/[\\,|$]/g, '\\$&')],
        };
        assert.ok(found(readString(clause), stringEntries('p', whole, 'string')));
      }),
      { numRuns: 500 },
    );
  });

  it('have one entry per part, as written and normalised', () => {
    assert.deepEqual(stringEntries('p', { family: 'O’Brien', given: ['Zoë'] }, 'HumanName'), [
      { kind: 'string', parameter: 'p', value: 'obrien', exact: 'O’Brien' },
      { kind: 'string', parameter: 'p', value: 'zoe', exact: 'Zoë' },
    ]);
  });

  it('have no entry of what is no text', () => {
    for (const node of [null, 1, true, [], {}, { family: 1, given: 'x' }]) {
      const entries = stringEntries('p', node, 'string');
      assert.deepEqual(entries, [], JSON.stringify(node));
    }
    assert.deepEqual(stringEntries('p', { family: 1, given: [[1], {}] }, 'HumanName'), []);
  });

  it('refuse a value of which nothing is left to look for', () => {
    assert.throws(
      () => readString(clauseOf('string', 'p=-')),
      refusal('invalid-search', /"p"/, /letter, digit/),
    );
    assert.equal(readString(clauseOf('string', 'p:exact=-')).kind, 'string');
  });

  it('refuse modifiers they do not know, naming those they do', () => {
    assert.throws(
      () => readString(clauseOf('string', 'p:text=a')),
      refusal('unsupported-search', /:text/, /:exact, :contains/),
    );
  });
});
