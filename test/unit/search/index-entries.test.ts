// The index entries of whole resources.

import assert from 'node:assert/strict';

import type { Resource } from '../../../src/fhir/types.ts';
import { indexEntries } from '../../../src/search/index-entries.ts';
import type { IndexEntry } from '../../../src/search/index-entry.ts';
import { makeSearchRegistry } from '../../../src/search/search-registry.ts';

const options = { zone: 'Europe/London', baseUrl: 'https://openims.example/fhir/R4' };

const registry = makeSearchRegistry(
  () => 'all',
  ['Patient', 'Immunization', 'Observation', 'Group', 'Bundle'],
);

function entriesUnder(code: string, resource: Resource): readonly IndexEntry[] {
  return indexEntries(resource, registry, options).filter((entry) => entry.parameter === code);
}

describe('index entries', () => {
  it('hold every value that a search can ask an Immunization for', () => {
    const immunization = {
      resourceType: 'Immunization',
      id: '1',
      meta: { lastUpdated: '2021-05-06T07:08:09Z', source: 'urn:pharmacy' },
      identifier: [{ system: 'https://supplier.example', value: 'A-1' }],
      status: 'completed',
      vaccineCode: { coding: [{ system: 'http://snomed.info/sct', code: '39114911000001105' }] },
      patient: { reference: 'https://openims.example/fhir/R4/Patient/9' },
      occurrenceDateTime: '2021-03-28',
      lotNumber: 'PT-7',
      performer: [{ actor: { reference: 'Organization/B' } }, { actor: { display: 'a nurse' } }],
      protocolApplied: [{ targetDisease: [{ coding: [{ code: '840539006' }] }] }],
    };
    const byCode = (a: IndexEntry, b: IndexEntry) => (a.parameter < b.parameter ? -1 : 1);
    assert.deepEqual(indexEntries(immunization, registry, options).sort(byCode), [
      { kind: 'uri', parameter: '_source', value: 'urn:pharmacy' },
      {
        kind: 'token',
        parameter: '_unique',
        system: 'https://supplier.example',
        code: 'A-1',
      },
      {
        kind: 'date',
        parameter: 'date',
        low: Date.UTC(2021, 2, 28),
        // The day on which British clocks go forward has 23 hours.
        high: Date.UTC(2021, 2, 28, 23),
      },
      {
        kind: 'token',
        parameter: 'identifier',
        system: 'https://supplier.example',
        code: 'A-1',
      },
      { kind: 'string', parameter: 'lot-number', value: 'pt7', exact: 'PT-7' },
      { kind: 'reference', parameter: 'patient', target: 'Patient/9' },
      { kind: 'reference', parameter: 'performer', target: 'Organization/B' },
      { kind: 'token', parameter: 'status', system: '', code: 'completed' },
      { kind: 'token', parameter: 'target-disease', system: '', code: '840539006' },
      {
        kind: 'token',
        parameter: 'vaccine-code',
        system: 'http://snomed.info/sct',
        code: '39114911000001105',
      },
    ]);
  });

  it('hold a value once, however often it stands', () => {
    const name = [
      { use: 'official', family: 'Hopper', given: ['Grace', 'Grace'] },
      { use: 'old', family: 'Hopper', given: ['Grace'] },
    ];
    const patient = { resourceType: 'Patient', name };
    assert.equal(entriesUnder('family', patient).length, 1);
    assert.equal(entriesUnder('given', patient).length, 1);
  });

  it('hold a value once among many others', () => {
    const member = Array.from({ length: 50 }, (_, at) => ({
      entity: { reference: `Patient/${at % 25}` },
    }));
    const entries = entriesUnder('member', { resourceType: 'Group', member });
    assert.equal(entries.length, 25);
    assert.deepEqual(entries[24], {
      kind: 'reference',
      parameter: 'member',
      target: 'Patient/24',
    });
  });

  it('keep values apart that differ in one part alone', () => {
    const identifier = [
      { system: 'urn:a', value: '1' },
      { system: 'urn:b', value: '1' },
      { system: 'urn:a', value: '2' },
      { value: '1' },
    ];
    const entries = entriesUnder('identifier', { resourceType: 'Patient', identifier });
    assert.equal(entries.length, 4);
  });

  it('say of a patient without a word on death that they are not deceased', () => {
    assert.deepEqual(entriesUnder('deceased', { resourceType: 'Patient' }), [
      { kind: 'token', parameter: 'deceased', system: '', code: 'false' },
    ]);
  });

  it('hold nothing of contained resources', () => {
    const contained = [{ resourceType: 'Patient', id: 'p', name: [{ family: 'Hidden' }] }];
    const patient = { resourceType: 'Immunization', contained, patient: { reference: '#p' } };
    assert.deepEqual(indexEntries(patient, registry, options), []);
  });

  it('hold nothing for a reference by identifier alone', () => {
    const patient = { type: 'Patient', identifier: { system: 'urn:nhs', value: '9000000009' } };
    assert.deepEqual(entriesUnder('patient', { resourceType: 'Immunization', patient }), []);
  });

  it("hold nothing for a Bundle's first resource, which is no reference", () => {
    const entry = [{ resource: { resourceType: 'Composition', id: '1' } }];
    assert.deepEqual(indexEntries({ resourceType: 'Bundle', entry }, registry, options), []);
  });

  it('leave _id and _lastUpdated to the store', () => {
    const resource = { resourceType: 'Group', id: '1', meta: { lastUpdated: '2021-01-01T00:00Z' } };
    assert.deepEqual(indexEntries(resource, registry, options), []);
  });

  it('hold what stands on one element together', () => {
    const resource = {
      resourceType: 'Observation',
      component: [
        { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
        { code: { coding: [{ code: 'b' }] } },
        { code: { coding: [{ code: 'c' }] }, valueQuantity: { value: 3 } },
      ],
    };
    const together = indexEntries(resource, registry, options)
      .filter((entry) => entry.kind === 'composite')
      .filter(({ parameter }) => parameter === 'component-code-value-quantity')
      .map(({ values }) => values.map((value) => ('code' in value ? value.code : '')).join());
    assert.deepEqual(together, ['a,', 'c,']);
  });

  it('hold the words of narrative and resource where these are declared', () => {
    const declared = makeSearchRegistry(() => ['_text', '_content'], ['Patient']);
    const div = '<div>Flu &amp; <b>Shingles</b></div>';
    const patient = {
      resourceType: 'Patient',
      id: 'a',
      text: { div },
      name: [{ family: 'Śmith' }],
    };
    const words = indexEntries(patient, declared, options)
      .filter((entry) => entry.kind === 'string')
      .map(({ parameter, value }) => [parameter, value]);
    assert.deepEqual(words, [
      ['_content', ' patient flu shingles smith '],
      ['_text', ' flu shingles '],
    ]);
  });

  it('are the same before the service sets id and version as after', () => {
    const declared = makeSearchRegistry(() => ['_text', '_content'], ['Patient']);
    const meta = { tag: [{ code: 't' }] };
    const sent = { resourceType: 'Patient', meta, name: [{ family: 'Smith' }] };
    const own = { ...meta, versionId: '1', lastUpdated: '2026-11-25T10:00:00.000Z' };
    const stored = { ...sent, id: 'a', meta: own };
    assert.deepEqual(
      indexEntries(stored, declared, options),
      indexEntries(sent, declared, options),
    );
  });

  it('hold declared parameters and the four of all resources, and no other', () => {
    const narrow = makeSearchRegistry(() => ['gender'], ['Patient']);
    const patient = {
      resourceType: 'Patient',
      meta: {
        profile: ['urn:profile'],
        security: [{ system: 'urn:s', code: 'R' }],
        source: 'urn:source',
        tag: [{ code: 't' }],
      },
      gender: 'female',
      birthDate: '1906-12-09',
    };
    const codes = indexEntries(patient, narrow, options).map((entry) => entry.parameter);
    assert.deepEqual(codes.sort(), ['_profile', '_security', '_source', '_tag', 'gender']);
  });
});
