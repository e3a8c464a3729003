// The registry: what is declared is found, and nothing else can be declared.

import assert from 'node:assert/strict';

import { resourceTypes } from '../../../src/definitions/definitions.ts';
import { isAnsweredKind, makeSearchRegistry } from '../../../src/search/search-registry.ts';

describe('the search registry', () => {
  const declared = { Patient: ['name', '_id'], Immunization: ['date'] };
  const registry = makeSearchRegistry(
    (type) => declared[type as keyof typeof declared],
    Object.keys(declared),
  );

  it('finds what the type declares', () => {
    assert.equal(registry.find('Patient', 'name')?.type, 'string');
    assert.equal(registry.find('Patient', '_id')?.type, 'token');
  });

  it('finds nothing else', () => {
    assert.equal(registry.find('Patient', 'birthdate'), undefined);
    assert.equal(registry.find('Immunization', 'name'), undefined);
    assert.equal(registry.find('Condition', 'code'), undefined);
  });

  it('serves the types it was given', () => {
    assert.ok(registry.serves('Patient'));
    assert.ok(!registry.serves('Condition'));
    assert.deepEqual(registry.all('Condition'), []);
  });

  it('lists the parameters by code', () => {
    const codes = registry.all('Patient').map((parameter) => parameter.code);
    assert.deepEqual(codes, ['_id', 'name']);
  });

  it('means by "all" every parameter that is answered', () => {
    const everything = makeSearchRegistry(() => 'all', [...resourceTypes]);
    for (const type of resourceTypes) {
      for (const parameter of everything.all(type)) {
        assert.ok(isAnsweredKind(parameter.type), `${type} ${parameter.code}`);
      }
    }
    const codes = everything.all('Observation').map((parameter) => parameter.code);
    assert.ok(codes.includes('value-concept'));
    assert.ok(codes.includes('code-value-quantity'));
    assert.ok(!codes.includes('_content'));
    assert.ok(!codes.includes('_text'));
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['nickname', /R4 defines no search parameter nickname for Observation/],
    ['_query', /The search parameter _query of Observation cannot be answered/],
  ];
  for (const [code, message] of refused) {
    it(`refuses a declared ${code}`, () => {
      assert.throws(() => makeSearchRegistry(() => [code], ['Observation']), message);
    });
  }
});
