// Patients in NHS mode: PATCH as the Personal Demographics Service has it, step by step as in its
// own scenarios (cases/api/patient-patch-pds.json), and its rules of creates and births.

import assert from 'node:assert/strict';

import type { Resource } from '../../src/fhir/types.ts';
import { needsRealMaterial, scenarioNames } from '../support/real-material.ts';
import { type Answer, type Headers, onEveryBackEnd } from '../support/service.ts';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const REQUEST_ID = '60e0b220-8136-4ca5-ae46-1d97ef59d068';

function patient(): Resource {
  return {
    resourceType: 'Patient',
    name: [{ use: 'usual', family: 'Begum', given: ['Amina'], suffix: ['MBE', 'FRS'] }],
    gender: 'female',
    birthDate: '1965-02-28',
    address: [{ use: 'home', period: { start: '2020-01-01' }, line: ['1 High Street', 'Leeds'] }],
  };
}

interface Told {
  readonly diagnostics: string;
  readonly details: { readonly coding: readonly { system: string; code: string }[] };
}

function refusalOf(answer: Answer): readonly [number, string, string | undefined] {
  assert.equal(answer.issues.length, 1, answer.body);
  const [{ diagnostics, details }] = answer.issues as unknown as [Told];
  return [answer.status, diagnostics, details.coding[0]?.code];
}

/** Each is gone through below. */
const SCENARIOS: readonly string[] = [
  'no operations',
  'wrong If-Match version',
  'X-Request-ID not a UUID',
  'no If-Match',
  'wrong content type',
  'bad op',
  'NHS number fails mod 11',
  'not found',
  'no X-Request-ID',
];

describe('The faults of a PATCH that PDS publishes', () => {
  it('all have a test here', function () {
    needsRealMaterial(this, 'cases');
    const published = scenarioNames('api/patient-patch-pds.json');
    assert.deepEqual(SCENARIOS.toSorted(), published.toSorted());
  });
});

onEveryBackEnd('PATCH of a Patient in NHS mode', { mode: 'nhs' }, (service) => {
  // The check digit is right.
  const id = '9000000009';

  before(async () => {
    const answer = await service().request('PUT', `/Patient/${id}`, { ...patient(), id });
    assert.equal(answer.status, 201, answer.body);
  });

  const version = async () => (await service().request('GET', `/Patient/${id}`)).versionId ?? '';

  /** A patch that is in order but for what is changed. */
  const patch = async (change: {
    readonly id?: string;
    readonly body?: unknown;
    readonly headers?: Headers;
    readonly without?: string;
  }): Promise<Answer> => {
    const all: Headers = {
      'if-match': `W/"${await version()}"`,
      'x-request-id': REQUEST_ID,
      'content-type': 'application/json-patch+json',
      ...change.headers,
    };
    const names = Object.keys(all).filter((name) => name !== change.without);
    const headers = Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
    const body = change.body ?? { patches: [{ op: 'remove', path: '/name/0/suffix/0' }] };
    return service().request('PATCH', `/Patient/${change.id ?? id}`, body, headers);
  };

  it('without operations is refused', async () => {
    const told = [400, 'Invalid update with error - No patches found', 'INVALID_UPDATE'];
    assert.deepEqual(refusalOf(await patch({ body: {} })), told);
    assert.deepEqual(refusalOf(await patch({ body: { patches: [] } })), told);
    assert.deepEqual(refusalOf(await patch({ body: [] })), told);
  });

  it('of another version is refused', async () => {
    const headers = { 'if-match': `W/"${Number(await version()) + 1}"` };
    const told = [409, 'RESOURCE_VERSION_MISMATCH', 'RESOURCE_VERSION_MISMATCH'];
    assert.deepEqual(refusalOf(await patch({ headers })), told);
  });

  it('without a request id that is a UUID is refused', async () => {
    const wrong = await patch({ headers: { 'x-request-id': '12345' } });
    const sentence = "Invalid value - '12345' in header 'X-Request-ID'";
    assert.deepEqual(refusalOf(wrong), [400, sentence, 'INVALID_VALUE']);
    const none = await patch({ without: 'x-request-id' });
    const supply = 'X-Request-ID header must be supplied to access this resource';
    assert.deepEqual(refusalOf(none), [400, supply, 'MISSING_VALUE']);
  });

  it('without If-Match is refused', async () => {
    const sentence = 'If-Match header must be supplied to update this resource';
    const answer = await patch({ without: 'if-match' });
    assert.deepEqual(refusalOf(answer), [412, sentence, 'PRECONDITION_FAILED']);
  });

  it('of another content type is refused', async () => {
    const answer = await patch({ headers: { 'content-type': 'application/bananas' } });
    assert.deepEqual(refusalOf(answer), [400, 'UNSUPPORTED_SERVICE', 'UNSUPPORTED_SERVICE']);
  });

  it('with an operation that there is not is refused', async () => {
    const body = { patches: [{ op: 'bad_value', path: 'not a path' }] };
    const sentence = "Invalid value - 'bad_value' in field '0/op'";
    assert.deepEqual(refusalOf(await patch({ body })), [400, sentence, 'INVALID_VALUE']);
  });

  it('of a number that fails Modulus 11 is refused', async () => {
    const answer = await patch({ id: '9000000000' });
    assert.deepEqual(refusalOf(answer), [400, 'INVALID_RESOURCE_ID', 'INVALID_RESOURCE_ID']);
  });

  it('of someone unknown is refused', async () => {
    const answer = await patch({ id: '9111231130' });
    assert.deepEqual(refusalOf(answer), [404, 'RESOURCE_NOT_FOUND', 'RESOURCE_NOT_FOUND']);
  });

  it('that cannot be applied is refused', async () => {
    const body = { patches: [{ op: 'remove', path: '/photo/0' }] };
    const [status, diagnostics, code] = refusalOf(await patch({ body }));
    assert.deepEqual([status, code], [400, 'INVALID_UPDATE']);
    assert.match(diagnostics, /^Invalid update with error - Operation 0/);
  });

  it('is applied, as PDS sends it and as RFC 6902 has it', async () => {
    const removed = await patch({});
    assert.equal(removed.status, 200, removed.body);
    const [name] = removed.resource.name as [{ suffix: string[] }];
    assert.deepEqual(name.suffix, ['FRS']);
    const plain = await patch({ body: [{ op: 'replace', path: '/gender', value: 'unknown' }] });
    assert.equal(plain.resource.gender, 'unknown');
  });
});

onEveryBackEnd('A Patient in NHS mode', { mode: 'nhs' }, (service) => {
  const create = (body: Resource) => service().request('POST', '/Patient', body);

  it('is judged by the rules of PDS when it is created or replaced', async () => {
    const { address: _a, ...homeless } = patient();
    const sentence = "Validation errors: Missing value - 'address'";
    const told = [400, sentence, 'INVARIANT'];
    assert.deepEqual(refusalOf(await create(homeless as Resource)), told);
    const body = { ...homeless, id: 'p1' };
    assert.deepEqual(refusalOf(await service().request('PUT', '/Patient/p1', body)), told);
  });

  it('is answered as R4 has it', async () => {
    const answer = await create(patient());
    assert.equal(answer.status, 201);
    assert.equal(answer.resource.resourceType, 'Patient');
    assert.equal(answer.eTag, undefined);
  });

  it('is not created twice with one NHS number', async () => {
    const status =
      'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';
    const system = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus';
    const valueCodeableConcept = { coding: [{ system, code: '01' }] };
    const extension = [{ url: status, valueCodeableConcept }];
    const body = {
      ...patient(),
      identifier: [{ extension, system: NHS_NUMBER, value: '9000000009' }],
    };
    const first = await create(body);
    assert.equal(first.status, 201, first.body);
    const sentence = `The provided identifier: ${NHS_NUMBER}#9000000009 is duplicated`;
    assert.deepEqual(refusalOf(await create(body)), [422, sentence, 'DUPLICATE']);
  });

  it('gets from $validate the verdict of its create', async () => {
    const { gender: _g, ...body } = patient();
    const answer = await service().request('POST', '/Patient/$validate', body);
    const faults = answer.issues.filter(({ severity }) => severity === 'error');
    const told = faults.map(({ diagnostics }) => diagnostics);
    assert.deepEqual(told, ["Missing value - 'gender'"]);
  });

  it('may lack an address in a transaction that notifies no birth', async () => {
    const { address: _a, ...resource } = patient();
    const entry = [{ resource, request: { method: 'POST', url: 'Patient' } }];
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    assert.equal((await service().request('POST', '/', body)).status, 200);
  });
});
