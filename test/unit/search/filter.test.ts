// `_filter`: its grammar, and what each comparison means for each type of parameter.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import type { Expression } from '../../../src/search/expression.ts';
import { readFilter } from '../../../src/search/filter.ts';
import { resolveSearch } from '../../../src/search/resolve.ts';
import { environment, refusal } from './small-world.ts';

const read = (text: string, type = 'Patient') => readFilter(type, text, environment);
/** The criterion that a query would make. */
const asked = (query: string, type = 'Patient') =>
  resolveSearch(type, query, environment).query.where;

describe('_filter', () => {
  describe('means what a query means', () => {
    const rows: readonly (readonly [string, string, string?])[] = [
      ['gender eq female', 'gender=female'],
      ['gender eq "female"', 'gender=female'],
      ['identifier eq "urn:s|1"', 'identifier=urn:s|1'],
      ['birthdate ge 1961-11-22', 'birthdate=ge1961-11-22'],
      ['birthdate ne 1961', 'birthdate=ne1961'],
      ['family sw "Kh"', 'family=kh'],
      ['family co "ha"', 'family:contains=ha'],
      ['birthdate pr true', 'birthdate:missing=false'],
      ['gender pr false', 'gender:missing=true'],
      ['_id eq a', '_id=a'],
      ['_lastUpdated gt 2026', '_lastUpdated=gt2026'],
      ['organization re "Organization/1"', 'organization=Organization/1'],
      ['organization.name sw x', 'organization.name=x'],
      [
        '_has:Immunization:patient:status eq completed',
        '_has:Immunization:patient:status=completed',
      ],
      ['patient.gender eq female', 'patient.gender=female', 'Immunization'],
    ];
    for (const [filter, query, type] of rows) {
      it(filter, () => assert.deepEqual(read(filter, type), asked(query, type)));
    }
  });

  it('binds "and" closer than "or", and groups by parentheses', () => {
    const [a, b, c] = ['gender eq a', 'gender eq b', 'gender eq c'].map((text) => read(text)) as [
      Expression,
      Expression,
      Expression,
    ];
    assert.deepEqual(read('gender eq a or gender eq b and gender eq c'), {
      kind: 'or',
      of: [a, { kind: 'and', of: [b, c] }],
    });
    assert.deepEqual(read('(gender eq a or gender eq b) and not (gender eq c)'), {
      kind: 'and',
      of: [
        { kind: 'or', of: [a, b] },
        { kind: 'not', of: c },
      ],
    });
  });

  it('compares texts without case, and to their ends', () => {
    const compared = (text: string) => read(text) as Extract<Expression, { kind: 'string' }>;
    assert.equal(compared('family eq "KHAN"').compare, 'equals');
    assert.deepEqual(compared('family ew "Án"').anyOf, ['an']);
    assert.equal(compared('family ew "Án"').compare, 'suffix');
  });

  it('reads quotes, escapes and commas within a value', () => {
    const found = read('family sw "a,\\"b\\" \\\\"') as Extract<Expression, { kind: 'string' }>;
    assert.equal(found.anyOf.length, 1);
    assert.deepEqual(found, { ...found, compare: 'prefix' });
    const raw = `_filter=${encodeURIComponent('family sw "a,b" and gender eq female')}`;
    assert.equal(asked(raw).kind, 'and');
  });

  it('means by "ne" that there is a value, and no equal one', () => {
    assert.deepEqual(read('gender ne female'), {
      kind: 'and',
      of: [read('gender pr true'), { kind: 'not', of: read('gender eq female') }],
    });
  });

  it('overlaps periods by "po"', () => {
    const { anyOf } = read('birthdate po 1961') as Extract<Expression, { kind: 'date' }>;
    const day = Date.UTC(1961, 0, 1);
    assert.deepEqual(anyOf, [{ lowBelow: Date.UTC(1962, 0, 1), highAbove: day }]);
  });

  it('narrows what a reference points at', () => {
    assert.deepEqual(read('organization[name sw x].identifier eq 1'), {
      kind: 'chain',
      parameter: 'organization',
      type: 'Organization',
      where: {
        kind: 'and',
        of: [read('name sw x', 'Organization'), read('identifier eq 1', 'Organization')],
      },
    });
  });

  describe('refuses, saying where', () => {
    const rows = [
      ['gender', /character 7 it ends, where one of eq/],
      ['gender eq', /character 10 it ends, where a value/],
      ['gender is female', /has "is female", where one of/],
      ['(gender eq a', /where "\)" is expected/],
      ['gender eq a gender eq b', /"gender eq b", where the end, "and" or "or"/],
      ['not gender eq a', /where one of eq/],
      ['family eq "a', /where a value/],
      ['family eq "\\q"', /a text in quotes/],
      ['organization[name eq x]', /"\." and a parameter/],
      ['', /a search parameter/],
    ] as const;
    for (const [text, pattern] of rows) {
      it(JSON.stringify(text), () => {
        assert.throws(() => read(text), refusal('invalid-search', /_filter/, pattern));
      });
    }
  });

  it('refuses what a type of parameter is not compared by, and unknown parameters', () => {
    assert.throws(() => read('gender gt 1'), refusal('unsupported-search', /eq, ne, ss/));
    assert.throws(() => read('colour eq red'), refusal('unsupported-search', /"colour"/));
    assert.throws(() => read('gender:not eq red'), refusal('unsupported-search', /_filter/));
    assert.throws(() => read('gender pr maybe'), refusal('invalid-search', /true or false/));
    assert.throws(() => read('birthdate ge soon'), refusal('invalid-search', /not a date/));
    const deep = `${'('.repeat(30)}gender eq a${')'.repeat(30)}`;
    assert.throws(() => read(deep), refusal('limit-exceeded', /nest/));
    assert.throws(() => read('x'.repeat(10_001)), refusal('limit-exceeded', /characters/));
  });

  it('throws nothing but a FhirError, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...['gender', 'family', 'birthdate', 'organization', '_has:Immunization:patient:status'],
      ...[' eq ', ' ne ', ' pr ', ' in ', ' and ', ' or ', ' not ', '(', ')', '[', ']', '.', '"'],
      ...['\\', 'female', '1961', 'true', ' '],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          read(pieces.join(''));
        } catch (error) {
          assert.ok(error instanceof FhirError, String(error));
        }
      }),
      { seed: 20261125 },
    );
  });
});
