// From query string to expression: what is understood, ignored and refused.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import {
  PAGE_COUNT_DEFAULT,
  PAGE_COUNT_MAX,
  SEARCH_WAYS_MAX,
  SORT_KEYS_MAX,
} from '../../../src/limits.ts';
import type { Expression } from '../../../src/search/expression.ts';
import { resolveCriteria, resolveSearch } from '../../../src/search/resolve.ts';
import type { SearchParameter, SearchRegistry } from '../../../src/search/search-registry.ts';
import { environment, refusal } from './small-world.ts';

const lenient = { ...environment, handling: 'lenient' } as const;

function whereOf(type: string, raw: string): Expression {
  return resolveSearch(type, raw, environment).query.where;
}

function token(parameter: string, code: string): Expression {
  return { kind: 'token', parameter, anyOf: [{ code }] };
}

const missing = (...parameters: readonly string[]): Expression => ({
  kind: 'and',
  of: parameters.map((parameter) => ({ kind: 'missing', parameter })),
});

describe('resolveSearch', () => {
  it('reads no parameters as everything, in order of creation', () => {
    assert.deepEqual(resolveSearch('Patient', '', environment), {
      query: { type: 'Patient', where: { kind: 'everything' }, sort: [] },
      count: PAGE_COUNT_DEFAULT,
      summary: 'none',
      includes: [],
      explain: false,
      understood: '',
      ignored: [],
    });
  });

  describe('makes expressions', () => {
    const rows: readonly (readonly [string, string, Expression])[] = [
      ['Patient', 'gender=female', token('gender', 'female')],
      [
        'Patient',
        'gender=female&identifier=1&gender=x',
        {
          kind: 'and',
          of: [token('gender', 'female'), token('identifier', '1'), token('gender', 'x')],
        },
      ],
      ['Patient', 'gender:not=female', { kind: 'not', of: token('gender', 'female') }],
      ['Patient', 'gender:missing=true', missing('gender', 'gender:text')],
      ['Patient', 'link:missing=false', { kind: 'not', of: missing('link', 'link:identifier') }],
      ['Patient', 'birthdate:missing=true', { kind: 'missing', parameter: 'birthdate' }],
      ['Patient', '_id=a,b-1.C', { kind: 'id', ids: ['a', 'b-1.C'] }],
      [
        'Patient',
        '_lastUpdated=ge2026-11-25T00:00:00Z',
        {
          kind: 'lastUpdated',
          anyOf: [
            { highAbove: Date.UTC(2026, 10, 25, 0, 0, 1) },
            { lowFrom: Date.UTC(2026, 10, 25), highTo: Date.UTC(2026, 10, 25, 0, 0, 1) },
          ],
        },
      ],
      [
        'Patient',
        '_tag=s|x',
        { kind: 'token', parameter: '_tag', anyOf: [{ system: 's', code: 'x' }] },
      ],
      [
        'Patient',
        '_profile=http://p',
        { kind: 'uri', parameter: '_profile', compare: 'exact', anyOf: ['http://p'] },
      ],
      [
        'Patient',
        'family:exact=Ng',
        { kind: 'string', parameter: 'family', compare: 'exact', anyOf: ['Ng'] },
      ],
      [
        'Patient',
        '_has:Immunization:patient:vaccine-code=140',
        {
          kind: 'has',
          type: 'Immunization',
          parameter: 'patient',
          where: token('vaccine-code', '140'),
        },
      ],
      [
        'Patient',
        '_has:Immunization:patient:status:not=completed',
        {
          kind: 'has',
          type: 'Immunization',
          parameter: 'patient',
          where: { kind: 'not', of: token('status', 'completed') },
        },
      ],
      [
        'Organization',
        '_has:Patient:organization:_has:Immunization:patient:_id=7',
        {
          kind: 'has',
          type: 'Patient',
          parameter: 'organization',
          where: {
            kind: 'has',
            type: 'Immunization',
            parameter: 'patient',
            where: { kind: 'id', ids: ['7'] },
          },
        },
      ],
      [
        'Immunization',
        'patient.organization.name:exact=A',
        {
          kind: 'chain',
          parameter: 'patient',
          type: 'Patient',
          where: {
            kind: 'chain',
            parameter: 'organization',
            type: 'Organization',
            where: { kind: 'string', parameter: 'name', compare: 'exact', anyOf: ['A'] },
          },
        },
      ],
      // a chain leads through every served type that knows what follows
      [
        'Observation',
        'subject.identifier=1',
        {
          kind: 'or',
          of: [
            {
              kind: 'chain',
              parameter: 'subject',
              type: 'Patient',
              where: token('identifier', '1'),
            },
            {
              kind: 'chain',
              parameter: 'subject',
              type: 'Organization',
              where: token('identifier', '1'),
            },
          ],
        },
      ],
      [
        'Observation',
        'subject.gender=female',
        { kind: 'chain', parameter: 'subject', type: 'Patient', where: token('gender', 'female') },
      ],
      [
        'Observation',
        'subject:Organization.identifier=1',
        {
          kind: 'chain',
          parameter: 'subject',
          type: 'Organization',
          where: token('identifier', '1'),
        },
      ],
    ];
    for (const [type, raw, expected] of rows) {
      it(`${type}?${raw}`, () => assert.deepEqual(whereOf(type, raw), expected));
    }
  });

  describe('refuses, when strict, what it cannot answer, naming the parameter', () => {
    const rows = [
      ['Patient', 'foo=1', [/"foo"/, /birthdate/]],
      ['Patient', '__proto__=1', [/"__proto__"/]],
      ['Patient', 'constructor=1', [/"constructor"/]],
      ['Patient', 'Gender=female', [/"Gender"/, /gender/]],
      ['Patient', '_has:Foo:patient:status=1', [/_has:Foo/, /"Foo" is no type served/]],
      ['Patient', '_has:Immunization:foo:status=1', [/"foo"/, /patient, performer/]],
      ['Patient', '_has:Immunization:status:status=1', [/no reference parameter "status"/]],
      ['Patient', '_has:Immunization:patient:foo=1', [/"foo"/]],
      ['Patient', '_has:Immunization:performer:status=1', [/points at Practitioner/]],
      ['Patient', 'family.name=1', [/no reference parameter "family"/]],
      ['Patient', 'organization.foo=1', [/Organization has no search parameter "foo"/]],
      ['Patient', 'organization:Patient.family=1', [/points at Organization, not at "Patient"/]],
      ['Immunization', 'performer:Practitioner.name=1', [/Practitioner, not served/]],
      ['Observation', 'subject.foo=1', [/nothing that "subject"/]],
      ['Foo', 'bar=1', [/"bar"/]],
    ] as const;
    for (const [type, raw, patterns] of rows) {
      it(`${type}?${raw}`, () => {
        assert.throws(() => whereOf(type, raw), refusal('unsupported-search', ...patterns));
      });

      it(`${type}?${raw} is ignored and reported when lenient`, () => {
        const found = resolveSearch(type, `${raw}&_count=3`, lenient);
        assert.deepEqual(found.query.where, { kind: 'everything' });
        assert.equal(found.understood, '_count=3');
        const [issue, ...others] = found.ignored;
        assert.equal(others.length, 0);
        assert.equal(issue?.severity, 'warning');
        assert.equal(issue?.code, 'not-supported');
        for (const pattern of patterns) assert.match(issue?.diagnostics ?? '', pattern);
      });
    }
  });

  describe('refuses malformed values and modifiers even when lenient', () => {
    const rows = [
      ['gender=|', 'invalid-search', /"gender"/],
      ['gender=a,,b', 'invalid-search', /"gender".*empty/],
      ['gender=,', 'invalid-search', /"gender"/],
      ['birthdate=soon', 'invalid-search', /"birthdate"/],
      ['_lastUpdated=soon', 'invalid-search', /"_lastUpdated"/],
      ['_id=a b', 'invalid-search', /"_id".*logical id/],
      ['_id=Patient/1', 'invalid-search', /"_id"/],
      ['gender:missing=yes', 'invalid-search', /"gender:missing".*true or false/],
      ['gender:missing=true,false', 'invalid-search', /"gender:missing"/],
      ['gender:exact=a', 'unsupported-search', /":exact"/],
      ['gender:in=urn:none', 'invalid-search', /"gender:in".*"urn:none" is not held/],
      ['gender:below=urn:none|1', 'invalid-search', /"urn:none" is not held/],
      ['gender:below=1', 'invalid-search', /system\|code/],
      ['_id:missing=true', 'unsupported-search', /"_id:missing".*no modifier/],
      ['_lastUpdated:missing=true', 'unsupported-search', /no modifier/],
      ['organization.name:text=a', 'unsupported-search', /"organization.name:text"/],
      ['_has:Immunization:patient:date=soon', 'invalid-search', /"_has:Immunization:patient:date"/],
      ['a..b=1', 'invalid-search', /malformed/],
      ['_count=-1', 'invalid-search', /"_count".*whole number/],
      ['_count=1.5', 'invalid-search', /"_count"/],
      ['_count=ten', 'invalid-search', /"_count"/],
      ['_count=1&_count=2', 'invalid-search', /"_count".*once/],
      ['_count:exact=1', 'unsupported-search', /"_count:exact".*no modifier/],
      ['_summary=all', 'invalid-search', /"_summary"/],
      ['_summary=most', 'invalid-search', /"_summary".*count, false/],
      ['_include=Patient:name', 'invalid-search', /"_include".*"name".*organization/],
      ['_include=Observation:subject', 'invalid-search', /only :iterate/],
      ['_include:deep=Patient:organization', 'unsupported-search', /:iterate alone/],
      ['_revinclude=Foo:bar', 'invalid-search', /"Foo" is no type served/],
      ['_include=Patient', 'invalid-search', /Type:parameter/],
      ['_contained=true', 'unsupported-search', /"_contained"/],
      ['_query=mine', 'unsupported-search', /"_query"/],
      ['_list=$current-problems', 'unsupported-search', /"_list"/],
      ['_elements=Patient.1', 'invalid-search', /"_elements"/],
      ['_sort=organization.name', 'unsupported-search', /another resource/],
      ['_total=exact', 'invalid-search', /"_total".*accurate/],
      ['_sort=foo', 'unsupported-search', /"_sort".*"foo".*birthdate/],
      ['_sort=colour', 'unsupported-search', /"_sort".*"colour"/],
      ['_sort=--family', 'unsupported-search', /"_sort"/],
      ['_sort=family,-family', 'invalid-search', /"_sort".*different/],
    ] as const;
    for (const [raw, errorName, pattern] of rows) {
      it(raw, () => {
        for (const each of [environment, lenient]) {
          assert.throws(
            () => resolveSearch('Patient', raw, each),
            refusal(errorName, pattern),
            each.handling,
          );
        }
      });
    }
  });

  it('ignores a parameter without value, as R4 says, and reports it', () => {
    for (const each of [environment, lenient]) {
      const found = resolveSearch('Patient', 'family=&gender=female&_sort=', each);
      assert.deepEqual(found.query, {
        type: 'Patient',
        where: token('gender', 'female'),
        sort: [],
      });
      assert.equal(found.understood, 'gender=female');
      assert.deepEqual(
        found.ignored.map((issue) => [issue.severity, issue.diagnostics]),
        [
          ['warning', 'Parameter "family" has no value and was ignored'],
          ['warning', 'Parameter "_sort" has no value and was ignored'],
        ],
      );
    }
    assert.throws(() => whereOf('Patient', 'foo='), refusal('unsupported-search', /"foo"/));
  });

  it('refuses a chain that leaves too many ways open until its types are named', () => {
    const types = Array.from({ length: SEARCH_WAYS_MAX + 1 }, (_, index) => `Type${index}`);
    const parameterOf = (code: string): SearchParameter => ({
      code,
      url: `urn:${code}`,
      type: code === 'any' ? 'reference' : 'token',
      expression: code,
      targets: code === 'any' ? types : [],
    });
    const wide: SearchRegistry = {
      find: (_, code) => parameterOf(code),
      all: () => [],
      indexed: () => [],
      isFilling: () => false,
      serves: () => true,
      types: () => [],
    };
    const resolve = (raw: string) =>
      resolveSearch('Type0', raw, { ...lenient, registry: wide }).query.where;
    assert.throws(() => resolve('any.code=1'), refusal('limit-exceeded', /code:Type\.code/));
    // five steps of 201 ways each must be refused without walking them
    assert.throws(() => resolve('any.any.any.any.any.code=1'), refusal('limit-exceeded'));
    assert.equal(resolve('any:Type7.code=1').kind, 'chain');
  });

  it('reads _count, caps it, and says in `understood` what it used', () => {
    const used = (raw: string) => {
      const { count, summary, understood } = resolveSearch('Patient', raw, environment);
      return [count, summary, understood];
    };
    assert.deepEqual(used('_count=7'), [7, 'none', '_count=7']);
    assert.deepEqual(used('_count=007'), [7, 'none', '_count=7']);
    assert.deepEqual(used(`_count=${PAGE_COUNT_MAX + 1}`), [
      PAGE_COUNT_MAX,
      'none',
      `_count=${PAGE_COUNT_MAX}`,
    ]);
    assert.deepEqual(used('_count=0'), [0, 'count', '_count=0']);
    assert.deepEqual(used('_summary=count'), [0, 'count', '_summary=count']);
    assert.deepEqual(used('_summary=count&_count=9'), [0, 'count', '_summary=count&_count=9']);
    assert.deepEqual(used('_summary=false'), [PAGE_COUNT_DEFAULT, 'none', '_summary=false']);
  });

  it('reads sort keys in order', () => {
    const { query } = resolveSearch('Patient', '_sort=-birthdate,family,_id', environment);
    assert.deepEqual(query.sort, [
      { parameter: 'birthdate', descending: true },
      { parameter: 'family', descending: false },
      { parameter: '_id', descending: false },
    ]);
    const keys = Array.from({ length: SORT_KEYS_MAX + 1 }, (_, index) => `k${index}`).join(',');
    assert.throws(() => whereOf('Patient', `_sort=${keys}`), refusal('limit-exceeded', /"_sort"/));
  });

  it('accepts every legal _total, since totals are always exact', () => {
    for (const total of ['none', 'estimate', 'accurate']) {
      const { understood } = resolveSearch('Patient', `_total=${total}`, environment);
      assert.equal(understood, `_total=${total}`);
    }
  });

  it('understands what it printed as understood the same way', () => {
    const raw =
      'identifier=a%5C,b|c,d&family:exact=O%27Brien+Jr&_sort=-birthdate&_count=4000&foo=1';
    const first = resolveSearch('Patient', raw, lenient);
    const second = resolveSearch('Patient', first.understood, environment);
    assert.deepEqual(second, { ...first, ignored: [] });
  });

  it('throws nothing but a FhirError, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...['&', '=', ',', ':', '.', '|', '%5C', '+', '-', '/', '1', 'ge2026', '%00', 'é', '_has:'],
      ...['Patient', 'Immunization', 'patient', 'gender', 'family', 'birthdate', 'organization'],
      ...[
        '_id',
        '_lastUpdated',
        '_count',
        '_sort',
        '_summary',
        '_total',
        '_page',
        'missing',
        'not',
      ],
    );
    const raw = fc.oneof(
      { weight: 3, arbitrary: fc.array(piece, { maxLength: 12 }).map((all) => all.join('')) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    );
    fc.assert(
      fc.property(raw, fc.constantFrom(environment, lenient), (text, each) => {
        for (const resolve of [resolveSearch, resolveCriteria]) {
          try {
            resolve('Patient', text, each);
          } catch (error) {
            assert.ok(error instanceof FhirError, String(error));
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('resolveCriteria', () => {
  it('makes one expression of all parameters', () => {
    assert.deepEqual(resolveCriteria('Patient', 'identifier=1&gender=x', environment), {
      kind: 'and',
      of: [token('identifier', '1'), token('gender', 'x')],
    });
  });

  it('refuses to act without criteria', () => {
    for (const raw of ['', '&']) {
      assert.throws(
        () => resolveCriteria('Patient', raw, environment),
        refusal('invalid-search', /at least one/),
      );
    }
  });

  it('ignores nothing, even when lenient', () => {
    const rows = [
      ['identifier=1&foo=2', 'unsupported-search', /"foo"/],
      ['identifier=1&family=', 'invalid-search', /"family"/],
      ['identifier=', 'invalid-search', /"identifier"/],
      ['identifier=1&_count=2', 'invalid-search', /"_count"/],
      ['identifier=1&_sort=family', 'invalid-search', /"_sort"/],
      ['identifier=1&_page=x', 'unsupported-search', /"_page"/],
      ['identifier=1&_include=Patient:organization', 'invalid-search', /"_include"/],
    ] as const;
    for (const [raw, errorName, pattern] of rows) {
      assert.throws(
        () => resolveCriteria('Patient', raw, lenient),
        refusal(errorName, pattern),
        raw,
      );
    }
  });
});
