// Splitting query strings: names, values, both levels of escapes, and the bounds.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import {
  SEARCH_ALTERNATIVES_MAX,
  SEARCH_PARAMETERS_MAX,
  SEARCH_STEPS_MAX,
  SEARCH_VALUE_LENGTH_MAX,
} from '../../../src/limits.ts';
import {
  escapeValue,
  hasLegalEscapes,
  splitUnescaped,
  unescapeValue,
} from '../../../src/search/escapes.ts';
import { parseQuery, printQuery } from '../../../src/search/query-string.ts';
import { refusal } from './small-world.ts';

describe('parseQuery', () => {
  it('splits parameters in their order and keeps repeats', () => {
    const found = parseQuery('a=1&b=2&a=3').map(({ name, text }) => [name, text]);
    assert.deepEqual(found, [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
  });

  it('skips empty parts and reads a name without = as one without value', () => {
    assert.deepEqual(parseQuery(''), []);
    const found = parseQuery('&a&&b=&').map(({ name, text }) => [name, text]);
    assert.deepEqual(found, [
      ['a', ''],
      ['b', ''],
    ]);
  });

  it('removes percent-encoding from names and values, and reads + as a space', () => {
    const [first] = parseQuery('fam%69ly%3Aexact=van+der%20Berg%2B%3D%26');
    assert.equal(first?.name, 'family:exact');
    assert.equal(first?.text, 'van der Berg+=&');
  });

  it('splits at the first = only', () => {
    assert.equal(parseQuery('code=a=b')[0]?.text, 'a=b');
  });

  it('splits alternatives at commas, encoded or not, but not at escaped ones', () => {
    assert.deepEqual(parseQuery('code=a,b%2Cc')[0]?.values, ['a', 'b', 'c']);
    assert.deepEqual(parseQuery('code=a%5C,b,c')[0]?.values, ['a\\,b', 'c']);
    // an escaped backslash does not protect the comma behind it
    assert.deepEqual(parseQuery('code=a%5C%5C,b')[0]?.values, ['a\\\\', 'b']);
  });

  describe('reads names', () => {
    const rows = [
      ['family', { kind: 'plain', code: 'family' }],
      ['family:exact', { kind: 'plain', code: 'family', modifier: 'exact' }],
      [
        'patient.identifier',
        { kind: 'chain', code: 'patient', rest: { kind: 'plain', code: 'identifier' } },
      ],
      [
        'subject:Patient.name:exact',
        {
          kind: 'chain',
          code: 'subject',
          type: 'Patient',
          rest: { kind: 'plain', code: 'name', modifier: 'exact' },
        },
      ],
      [
        '_has:Immunization:patient:vaccine-code:not',
        {
          kind: 'has',
          type: 'Immunization',
          reference: 'patient',
          rest: { kind: 'plain', code: 'vaccine-code', modifier: 'not' },
        },
      ],
      [
        'patient._has:Group:member:_has:List:item:_id',
        {
          kind: 'chain',
          code: 'patient',
          rest: {
            kind: 'has',
            type: 'Group',
            reference: 'member',
            rest: {
              kind: 'has',
              type: 'List',
              reference: 'item',
              rest: { kind: 'plain', code: '_id' },
            },
          },
        },
      ],
    ] as const;
    for (const [name, path] of rows) {
      it(name, () => assert.deepEqual(parseQuery(`${name}=1`)[0]?.path, path));
    }
  });

  describe('refuses malformed names, naming them', () => {
    for (const name of [
      '',
      ':exact',
      'family:',
      'a:b:c',
      'a.',
      '.a',
      'a..b',
      'a:.b',
      '_has:',
      '_has:Patient',
      '_has:Patient:link',
      '_has::link:name',
    ]) {
      it(`"${name}"`, () => {
        assert.throws(() => parseQuery(`${name}=1`), refusal('invalid-search', /malformed/));
      });
    }
  });

  describe('refuses', () => {
    const refused = [
      ['a cut percent escape', 'a=%4', /percent escape/],
      ['a percent escape that is none', 'a=%zz', /percent escape/],
      ['a percent escape in a name', '%=1', /percent escape/],
      ['bytes that are not UTF-8', 'a=%ff', /UTF-8/],
      ['an overlong UTF-8 sequence', 'a=%c0%80', /UTF-8/],
      ['an encoded surrogate', 'a=%ed%a0%80', /UTF-8/],
      ['a lone surrogate', 'a=\ud800', /UTF-8/],
      ['NUL in a value', 'a=x%00y', /NUL/],
      ['NUL in a name', 'a%00=x', /NUL/],
      ['a backslash before another character', 'a=x%5Cx', /"a".*backslash/],
      ['a backslash at the end', 'a=x%5C', /backslash/],
    ] as const;
    for (const [what, raw, pattern] of refused) {
      it(what, () => assert.throws(() => parseQuery(raw), refusal('invalid-search', pattern)));
    }
  });

  it('bounds the number of parameters, alternatives and steps, and lengths', () => {
    const parameters = (count: number) => Array(count).fill('a=1').join('&');
    assert.equal(parseQuery(parameters(SEARCH_PARAMETERS_MAX)).length, SEARCH_PARAMETERS_MAX);
    const alternatives = (count: number) => `a=${Array(count).fill('1').join(',')}`;
    assert.equal(
      parseQuery(alternatives(SEARCH_ALTERNATIVES_MAX))[0]?.values.length,
      SEARCH_ALTERNATIVES_MAX,
    );
    const chain = (steps: number) => `${'a.'.repeat(steps)}b=1`;
    assert.equal(parseQuery(chain(SEARCH_STEPS_MAX)).length, 1);
    const longest = 'x'.repeat(SEARCH_VALUE_LENGTH_MAX);
    assert.equal(parseQuery(`a=${longest},${longest}`)[0]?.values.length, 2);
    for (const raw of [
      parameters(SEARCH_PARAMETERS_MAX + 1),
      alternatives(SEARCH_ALTERNATIVES_MAX + 1),
      chain(SEARCH_STEPS_MAX + 1),
      `${'_has:A:b:'.repeat(SEARCH_STEPS_MAX + 1)}c=1`,
      `a=${longest}x`,
      `${longest}x=1`,
    ]) {
      assert.throws(() => parseQuery(raw), refusal('limit-exceeded'));
    }
  });

  it('throws nothing but a FhirError, whatever it is given', () => {
    const piece = fc.constantFrom(
      '&',
      '=',
      '%',
      '%2',
      '%5C',
      '+',
      ',',
      ':',
      '.',
      '_has:',
      '|',
      'a',
    );
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(raw, (text) => {
        try {
          parseQuery(text);
        } catch (error) {
          assert.ok(error instanceof FhirError, String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('printQuery', () => {
  it('leaves legible what a URL allows, and encodes the rest', () => {
    const printed = printQuery(parseQuery('identifier=http://a.b/c|1,2&family=D%26G+%2B'));
    assert.equal(printed, 'identifier=http://a.b/c%7C1,2&family=D%26G%20%2B');
  });

  it('prints what parseQuery reads back as the same', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
    const parameter = fc.record(
      {
        name: fc.constantFrom('family', 'a:b', 'subject:Patient.name', '_has:A:b:c', 'é=&%+'),
        text: fc.array(text.map(escapeValue)).map((values) => values.join(',')),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 5 }), (parameters) => {
        const read = parseQuery(printQuery(parameters));
        assert.deepEqual(
          read.map(({ name, text: value }) => ({ name, text: value })),
          parameters,
        );
        assert.equal(printQuery(read), printQuery(parameters));
      }),
    );
  });
});

describe('escapes', () => {
  it('escaped text is one piece wherever it is split, and comes back as it was', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('\\', ',', '|', '$', 'a')).map((characters) => characters.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(',', '|'), (value, separator) => {
        const escaped = escapeValue(value);
        assert.ok(hasLegalEscapes(escaped));
        assert.deepEqual(splitUnescaped(escaped, separator), [escaped]);
        assert.equal(unescapeValue(escaped), value);
      }),
    );
  });

  it('splits at separators only, and pieces joined again are the text', () => {
    assert.deepEqual(splitUnescaped('a|b\\|c|', '|'), ['a', 'b\\|c', '']);
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(splitUnescaped(text, ',').join(','), text);
      }),
    );
  });
});
