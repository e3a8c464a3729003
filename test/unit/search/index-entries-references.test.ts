// What a resource points at, for the store's referential integrity.

import assert from 'node:assert/strict';

import { outgoingReferences } from '../../../src/search/index-entries.ts';

const BASE_URL = 'https://openims.example/fhir/R4';

function targets(reference: string): readonly string[] {
  const resource = { resourceType: 'Immunization', patient: { reference } };
  return outgoingReferences(resource, BASE_URL).map(({ type, id }) => `${type}/${id}`);
}

describe('outgoing references', () => {
  const local = ['Patient/9', 'Patient/9/_history/3', `${BASE_URL}/Patient/9`];
  for (const reference of local) {
    it(`name the resource that ${reference} points at`, () => {
      assert.deepEqual(targets(reference), ['Patient/9']);
    });
  }

  const foreign = [
    '#p',
    '#',
    'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324',
    'https://elsewhere.example/fhir/R4/Patient/9',
    `${BASE_URL}2/Patient/9`,
    'Patient?identifier=9',
    'Dragon/9',
    'Patient',
    'Patient/not an id',
  ];
  for (const reference of foreign) {
    it(`leave out ${reference}`, () => {
      assert.deepEqual(targets(reference), []);
    });
  }

  it('stand at their FHIRPath location, each target once', () => {
    const resource = {
      resourceType: 'Observation',
      contained: [
        { resourceType: 'Patient', id: 'p', managingOrganization: { reference: 'Organization/1' } },
      ],
      extension: [{ url: 'urn:a', valueReference: { reference: 'Location/1' } }],
      status: 'final',
      _status: { extension: [{ url: 'urn:b', valueReference: { reference: 'Device/1' } }] },
      performer: [{ reference: '#p' }, { reference: 'Practitioner/1' }],
      hasMember: [{ reference: 'Observation/1' }, { reference: 'Practitioner/1' }],
      note: [{ authorReference: { reference: 'RelatedPerson/1' }, text: 'Practitioner/2' }],
    };
    assert.deepEqual(outgoingReferences(resource, BASE_URL), [
      {
        type: 'Organization',
        id: '1',
        expression: 'Observation.contained[0].managingOrganization',
      },
      { type: 'Location', id: '1', expression: 'Observation.extension[0].value' },
      { type: 'Device', id: '1', expression: 'Observation.status.extension[0].value' },
      { type: 'Practitioner', id: '1', expression: 'Observation.performer[1]' },
      { type: 'Observation', id: '1', expression: 'Observation.hasMember[0]' },
      { type: 'RelatedPerson', id: '1', expression: 'Observation.note[0].author' },
    ]);
  });

  it('are found in extensions of items of a primitive list', () => {
    const extension = [{ url: 'urn:a', valueReference: { reference: 'Device/1' } }];
    const name = [{ given: ['Ada', 'King'], _given: [null, { extension }] }];
    assert.deepEqual(outgoingReferences({ resourceType: 'Patient', name }, BASE_URL), [
      { type: 'Device', id: '1', expression: 'Patient.name[0].given[1].extension[0].value' },
    ]);
  });

  it('are found in the extensions of a choice', () => {
    const extension = [{ url: 'urn:a', valueReference: { reference: 'Device/1' } }];
    const resource = { resourceType: 'Observation', _valueDateTime: { extension } };
    assert.deepEqual(outgoingReferences(resource, BASE_URL), [
      { type: 'Device', id: '1', expression: 'Observation.value.extension[0].value' },
    ]);
  });

  it('are not seen in elements named reference that are none', () => {
    const resource = {
      resourceType: 'Immunization',
      education: [{ reference: 'DocumentReference/1' }],
      reasonReference: [{ reference: 'Condition/1' }],
    };
    assert.deepEqual(outgoingReferences(resource, BASE_URL), [
      { type: 'Condition', id: '1', expression: 'Immunization.reasonReference[0]' },
    ]);
  });

  it('follow elements within elements of their own kind', () => {
    const answer = [{ valueReference: { reference: 'Observation/1' } }];
    const item = [{ linkId: '1', item: [{ linkId: '1.1', item: [{ linkId: '1.1.1', answer }] }] }];
    assert.deepEqual(
      outgoingReferences({ resourceType: 'QuestionnaireResponse', item }, BASE_URL),
      [
        {
          type: 'Observation',
          id: '1',
          expression: 'QuestionnaireResponse.item[0].item[0].item[0].answer[0].value',
        },
      ],
    );
  });

  it('are not looked for in the entries of a Bundle', () => {
    const resource = { resourceType: 'Flag', subject: { reference: 'Patient/1' } };
    const bundle = { resourceType: 'Bundle', type: 'document', entry: [{ resource }] };
    assert.deepEqual(outgoingReferences(bundle, BASE_URL), []);
  });

  it('are none where the JSON is not what R4 defines', () => {
    const resource = {
      resourceType: 'Immunization',
      constructor: { reference: 'Patient/1' },
      performer: [null, 1, { actor: ['Patient/1'] }],
      patient: { reference: { reference: 'Patient/1' } },
      location: null,
    };
    assert.deepEqual(outgoingReferences(resource as never, BASE_URL), []);
  });
});
