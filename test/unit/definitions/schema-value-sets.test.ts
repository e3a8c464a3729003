// Value sets are expanded as R4's composition rules say, or not at all.

import assert from 'node:assert/strict';

import {
  type CodeSystem,
  expandValueSet,
  type ValueSet,
} from '../../../src/definitions/schema-value-sets.ts';

const SYSTEM = 'https://ims.test/system';
const OTHER = 'https://ims.test/other';

type Compose = NonNullable<ValueSet['compose']>;

const codeSystems: readonly CodeSystem[] = [
  {
    resourceType: 'CodeSystem',
    url: SYSTEM,
    content: 'complete',
    concept: [
      { code: 'animal', concept: [{ code: 'bird', concept: [{ code: 'owl' }] }] },
      { code: 'plant' },
      { code: 'robin', property: [{ code: 'subsumedBy', valueCode: 'bird' }] },
    ],
  },
  { resourceType: 'CodeSystem', url: OTHER, content: 'not-present' },
];

function expand(compose: Compose, further: Readonly<Record<string, Compose>> = {}) {
  const sets = { asked: compose, ...further };
  const valueSets = Object.entries(sets).map(
    ([url, value]) => [url, { resourceType: 'ValueSet', url, compose: value } as const] as const,
  );
  const members = expandValueSet('asked|4.0.1', {
    valueSets: new Map(valueSets),
    codeSystems: new Map(codeSystems.map((system) => [system.url, system])),
  });
  return members === undefined
    ? undefined
    : [...members].map((member) => member.replace(`${SYSTEM}|`, ''));
}

const filtered = (op: string, property = 'concept') =>
  expand({ include: [{ system: SYSTEM, filter: [{ property, op, value: 'bird' }] }] });

describe('the expansion of a value set', () => {
  it('has every code of a complete system, those below others included', () => {
    assert.deepEqual(expand({ include: [{ system: SYSTEM }] }), [
      'animal',
      'bird',
      'owl',
      'plant',
      'robin',
    ]);
  });

  it('has the listed codes, also of a system that is not at hand', () => {
    const include = [{ system: OTHER, concept: [{ code: 'a' }] }];
    assert.deepEqual(expand({ include }), [`${OTHER}|a`]);
  });

  it('filters by descent, by nesting and by property', () => {
    assert.deepEqual(filtered('is-a'), ['bird', 'owl', 'robin']);
    assert.deepEqual(filtered('descendent-of'), ['owl', 'robin']);
    assert.deepEqual(filtered('is-not-a'), ['animal', 'plant']);
  });

  it('leaves out what is excluded', () => {
    const exclude = [{ system: SYSTEM, concept: [{ code: 'plant' }, { code: 'owl' }] }];
    assert.deepEqual(expand({ include: [{ system: SYSTEM }], exclude }), [
      'animal',
      'bird',
      'robin',
    ]);
  });

  it('intersects a system with other value sets', () => {
    const birds = { include: [{ system: SYSTEM, concept: [{ code: 'owl' }, { code: 'x' }] }] };
    assert.deepEqual(expand({ include: [{ system: SYSTEM, valueSet: ['birds'] }] }, { birds }), [
      'owl',
    ]);
  });

  it('is unknown when anything it needs is not at hand', () => {
    assert.equal(expand({ include: [{ system: OTHER }] }), undefined);
    assert.equal(expand({ include: [{ system: 'https://ims.test/none' }] }), undefined);
    assert.equal(expand({ include: [{ valueSet: ['none'] }] }), undefined);
    assert.equal(expand({ include: [], exclude: [{ system: OTHER }] }), undefined);
    assert.equal(filtered('regex'), undefined);
    assert.equal(filtered('is-a', 'kind'), undefined);
  });
});
