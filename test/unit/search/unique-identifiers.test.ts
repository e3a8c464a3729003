// Which identifiers count as unique.

import assert from 'node:assert/strict';
import { resourceTypes } from '../../../src/definitions/definitions.ts';
import { indexEntries } from '../../../src/search/index-entries.ts';
import { makeSearchRegistry } from '../../../src/search/search-registry.ts';
import { UNIQUE, uniqueEntries } from '../../../src/search/unique-identifiers.ts';

const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

const patient = (identifier: unknown, elements: object = {}) => ({
  resourceType: 'Patient',
  identifier,
  ...elements,
});

const codesOf = (resource: { resourceType: string }) =>
  uniqueEntries(resource).map((entry) => entry.kind === 'token' && [entry.system, entry.code]);

describe('unique identifiers', () => {
  it('of a Patient are the NHS numbers, as written', () => {
    const identifiers = [
      { system: NHS, value: '9000000009' },
      { system: 'https://hospital.test/mrn', value: '9000000009' },
      { value: '9000000009' },
      { system: NHS },
    ];
    assert.deepEqual(codesOf(patient(identifiers)), [[NHS, '9000000009']]);
  });

  it('of an Immunization are all that have system and value', () => {
    const identifier = [
      { system: 'urn:supplier', value: 'A/b' },
      { system: 'urn:other', value: 'A/b' },
      { value: 'A/b' },
      { system: 'urn:supplier' },
    ];
    assert.deepEqual(codesOf({ resourceType: 'Immunization', identifier } as never), [
      ['urn:supplier', 'A/b'],
      ['urn:other', 'A/b'],
    ]);
  });

  it('of an Organization are the ODS codes', () => {
    const identifier = [
      { system: ODS, value: 'Y12345' },
      { system: 'urn:x', value: '1' },
    ];
    const organization = { resourceType: 'Organization', identifier };
    assert.deepEqual(codesOf(organization), [[ODS, 'Y12345']]);
  });

  it('of other types are none', () => {
    const observation = { resourceType: 'Observation', identifier: [{ system: NHS, value: '1' }] };
    assert.deepEqual(codesOf(observation), []);
  });

  it('are each counted once', () => {
    const number = { system: NHS, value: '9000000009' };
    assert.deepEqual(codesOf(patient([number, { ...number, use: 'official' }])), [
      [NHS, '9000000009'],
    ]);
  });

  it('are not those of use old', () => {
    const identifiers = [
      { use: 'old', system: NHS, value: '9000000009' },
      { use: 'official', system: NHS, value: '9000000017' },
    ];
    assert.deepEqual(codesOf(patient(identifiers)), [[NHS, '9000000017']]);
  });

  it('are not those of a Patient that another has replaced', () => {
    const number = [{ system: NHS, value: '9000000009' }];
    const link = (type: string) => ({ link: [{ type, other: { reference: 'Patient/2' } }] });
    assert.deepEqual(codesOf(patient(number, link('replaced-by'))), []);
    for (const type of ['replaces', 'refer', 'seealso']) {
      assert.equal(codesOf(patient(number, link(type))).length, 1, type);
    }
  });

  it('are index entries beside those that searches find, and no search parameter', () => {
    const registry = makeSearchRegistry(() => 'all', [...resourceTypes]);
    const number = { system: NHS, value: '9000000009' };
    const options = { zone: 'Europe/London', baseUrl: 'http://x.test' };
    const entries = indexEntries(patient([number]), registry, options);
    const parameters = entries.filter((entry) => entry.kind === 'token' && entry.code !== 'false');
    assert.deepEqual(parameters.map(({ parameter }) => parameter).sort(), [UNIQUE, 'identifier']);
    assert.equal(registry.find('Patient', UNIQUE), undefined);
  });
});
