// What was generated from R4: types, tables, extractors of each shape on resources made by hand.

import assert from 'node:assert/strict';

import {
  childElements,
  extractorOf,
  patientCompartment,
  resourceTypes,
  searchParametersOf,
} from '../../../src/definitions/definitions.ts';
import type { Resource } from '../../../src/fhir/types.ts';

function found(resource: Resource, code: string): readonly (readonly [string, unknown])[] {
  const nodes: (readonly [string, unknown])[] = [];
  const extract = extractorOf(resource.resourceType, code);
  assert.ok(extract, `${resource.resourceType} has ${code}`);
  extract(resource, (node, fhirType) => nodes.push([fhirType, node]));
  return nodes;
}

function parameter(type: string, code: string) {
  return searchParametersOf(type).find((each) => each.code === code);
}

describe('the R4 definitions', () => {
  it("hold R4's 146 concrete resource types and no later one", () => {
    assert.equal(resourceTypes.size, 146);
    assert.ok(resourceTypes.has('Immunization'));
    assert.ok(!resourceTypes.has('SubscriptionStatus'));
    assert.ok(!resourceTypes.has('DomainResource'));
  });

  it('give every type the parameters of all resources', () => {
    for (const type of resourceTypes) {
      for (const code of ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag']) {
        assert.ok(extractorOf(type, code), `${type} has ${code}`);
      }
    }
  });

  it('narrow a shared parameter to what it is on the type', () => {
    const { expression, targets } = parameter('Immunization', 'patient') ?? {};
    assert.deepEqual(
      { expression, targets },
      {
        expression: 'Immunization.patient',
        targets: ['Patient'],
      },
    );
    assert.deepEqual(parameter('Condition', 'patient')?.targets, ['Patient']);
    assert.deepEqual(parameter('Condition', 'subject')?.targets, ['Patient', 'Group']);
  });

  it('know nothing of what R4 does not have', () => {
    assert.deepEqual(searchParametersOf('Dragon'), []);
    assert.deepEqual(searchParametersOf('constructor'), []);
    assert.equal(extractorOf('Patient', 'toString'), undefined);
    assert.equal(extractorOf('Patient', '_text'), undefined);
    assert.deepEqual(patientCompartment('constructor'), []);
    assert.equal(childElements('constructor').size, 0);
  });

  it('hold the Patient compartment', () => {
    assert.deepEqual(patientCompartment('Immunization'), ['patient']);
    assert.deepEqual(patientCompartment('Patient'), ['link']);
    assert.deepEqual(patientCompartment('Organization'), []);
  });

  it('say where References can stand', () => {
    assert.deepEqual(childElements('Immunization.performer').get('actor'), ['Reference']);
    assert.deepEqual(childElements('Extension').get('valueReference'), ['Reference', 'value']);
    assert.equal(childElements('Immunization').has('status'), false);
  });
});

describe('generated extractors', () => {
  it('walk lists within lists, passing over nulls', () => {
    const name = [{ given: ['Ada', null], _given: [null, { id: 'a' }] }, {}, { given: ['Bea'] }];
    assert.deepEqual(found({ resourceType: 'Patient', name }, 'given'), [
      ['string', 'Ada'],
      ['string', 'Bea'],
    ]);
  });

  it('take a choice by each of its types', () => {
    const resource = { resourceType: 'Observation', effectivePeriod: { start: '2021' } };
    assert.deepEqual(found(resource, 'date'), [['Period', { start: '2021' }]]);
  });

  it('take only the type that a cast names', () => {
    const resource = { resourceType: 'Condition', onsetString: 'childhood' };
    assert.deepEqual(found(resource, 'onset-info'), [['string', 'childhood']]);
    assert.deepEqual(found(resource, 'onset-date'), []);
  });

  it('keep what a condition allows', () => {
    const email = { system: 'email', value: 'a@example.org' };
    const telecom = [{ system: 'phone', value: '1' }, email, { value: '2' }];
    assert.deepEqual(found({ resourceType: 'Patient', telecom }, 'email'), [
      ['ContactPoint', email],
    ]);
  });

  const patients: readonly (readonly [Record<string, unknown>, boolean])[] = [
    [{}, false],
    [{ deceasedBoolean: false }, false],
    [{ deceasedBoolean: true }, true],
    [{ deceasedDateTime: '2021-03-04' }, true],
  ];
  for (const [members, expected] of patients) {
    it(`find a patient with ${JSON.stringify(members)} deceased: ${expected}`, () => {
      assert.deepEqual(found({ resourceType: 'Patient', ...members }, 'deceased'), [
        ['boolean', expected],
      ]);
    });
  }

  it("take the first entry's resource of a Bundle alone", () => {
    const [first, second] = [{ resourceType: 'Composition' }, { resourceType: 'Patient' }];
    const entry = [{ resource: first }, { resource: second }];
    assert.deepEqual(found({ resourceType: 'Bundle', entry }, 'composition'), [
      ['Resource', first],
    ]);
    assert.deepEqual(found({ resourceType: 'Bundle' }, 'composition'), []);
  });

  const references: readonly (readonly [unknown, boolean])[] = [
    [{ reference: 'Patient/1' }, true],
    [{ reference: 'Patient/1/_history/2' }, true],
    [{ reference: 'https://example.org/fhir/Patient/1' }, true],
    [{ reference: 'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324', type: 'Patient' }, true],
    [{ type: 'Patient', identifier: { value: '1' } }, true],
    [{ reference: 'Group/1', type: 'Patient' }, false],
    [{ reference: 'https://example.org/Patient/fhir/Group/1' }, false],
    [{ reference: 'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324' }, false],
    [{ reference: '#patient' }, false],
    [{ display: 'a patient' }, false],
    ['Patient/1', false],
    [null, false],
  ];
  for (const [subject, expected] of references) {
    it(`${expected ? 'take' : 'pass over'} the subject ${JSON.stringify(subject)}`, () => {
      const nodes = found({ resourceType: 'Flag', subject }, 'patient');
      assert.deepEqual(nodes, expected ? [['Reference', subject]] : []);
    });
  }

  it('pass over what does not have the shape of its definition', () => {
    const resource = { resourceType: 'Patient', name: { given: 'Ada' }, telecom: [null, 1, 'a'] };
    assert.deepEqual(found(resource, 'given'), []);
    assert.deepEqual(found(resource, 'email'), []);
  });
});
