// $validate: the verdict of a write, without writing.

import assert from 'node:assert/strict';

import type { Issue, Resource } from '../../src/fhir/types.ts';
import { readPrefer } from '../../src/http/headers.ts';
import type { FhirRequest } from '../../src/interactions/interaction.ts';
import { parseJson } from '../../src/lib/json.ts';
import { validateOperations } from '../../src/operations/validate.ts';
import { localOperator } from '../../src/search/caller.ts';
import { shippedJudge } from '../support/our-judge.ts';
import { fresh, immunization, patient } from '../support/sample-resources.ts';
import { inMemory, onEveryBackEnd, type Service } from '../support/service.ts';

const judge = shippedJudge();
const bounds = { depthMax: 64, valuesMax: 10_000 };
const UK_CORE_PATIENT = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient';

/** Asks `$validate` at a url such as `Patient/$validate?mode=create`. */
async function ask(service: Service, url: string, body?: unknown): Promise<readonly Issue[]> {
  const [path = '', query = ''] = url.split('?');
  const segments = path.split('/');
  const level = segments.length === 2 ? 'type' : 'instance';
  const operation = validateOperations(judge).find((each) => each.level === level);
  assert.ok(operation !== undefined);
  const request: FhirRequest = {
    method: 'POST',
    path: segments,
    query,
    prefer: readPrefer(undefined),
    caller: localOperator,
    ...(body === undefined ? {} : { body: parseJson(JSON.stringify(body), bounds) }),
  };
  const response = await operation.run(service.context, request);
  assert.equal(response.status, 200);
  return (JSON.parse(response.body ?? '') as { issue: readonly Issue[] }).issue;
}

function faults(issues: readonly Issue[]): readonly string[] {
  return issues
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression }) => `${code} ${expression?.[0] ?? ''}`.trim());
}

function parameters(...parameter: readonly object[]): Resource {
  return { resourceType: 'Parameters', parameter };
}

function person(elements: Record<string, unknown> = {}): Resource {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">A</div>';
  return patient({ text: { status: 'generated', div }, birthDate: '1950', ...elements });
}

async function create(service: Service, resource: Resource): Promise<string> {
  const created = await service.request('POST', `/${resource.resourceType}`, resource);
  assert.equal(created.status, 201, created.body);
  return created.resource.id ?? '';
}

onEveryBackEnd('$validate', {}, (service) => {
  it('says of a valid resource that it is valid, and writes nothing', async () => {
    const before = await service().context.store.position();
    const issues = await ask(service(), 'Patient/$validate', person());
    assert.deepEqual(
      issues.map(({ severity }) => severity),
      ['information'],
    );
    assert.equal(await service().context.store.position(), before);
  });

  it('tells all faults and warnings at once', async () => {
    const issues = await ask(service(), 'Patient/$validate', patient({ gender: 'x', shoe: 1 }));
    assert.deepEqual(faults(issues), ['code-invalid Patient.gender', 'structure Patient.shoe']);
    assert.ok(issues.some(({ severity }) => severity === 'warning'));
  });

  it('refuses a body of another type', async () => {
    const issues = await ask(service(), 'Patient/$validate', immunization('Patient/1'));
    assert.deepEqual(faults(issues), ['structure Patient.resourceType']);
  });

  it('takes resource, mode and profile from Parameters', async () => {
    const resource = person({ identifier: [{ system: NHS_NUMBER, value: '9000000009' }] });
    const bare = parameters({ name: 'resource', resource });
    assert.deepEqual(faults(await ask(service(), 'Patient/$validate', bare)), []);
    const asked = parameters(
      { name: 'resource', resource },
      { name: 'mode', valueCode: 'create' },
      { name: 'profile', valueUri: UK_CORE_PATIENT },
    );
    const issues = await ask(service(), 'Patient/$validate', asked);
    assert.deepEqual(faults(issues), ['required Patient.identifier[0].extension']);
  });

  it('takes mode and profile from the url', async () => {
    const resource = person({ identifier: [{ system: NHS_NUMBER, value: '9000000009' }] });
    const url = `Patient/$validate?mode=profile&profile=${encodeURIComponent(UK_CORE_PATIENT)}`;
    const issues = await ask(service(), url, resource);
    assert.deepEqual(faults(issues), ['required Patient.identifier[0].extension']);
  });

  it('says when a profile that is asked for is not here', async () => {
    const url = 'Patient/$validate?profile=https://ims.test/none';
    assert.deepEqual(faults(await ask(service(), url, person())), ['not-found']);
  });

  it('tells of references that lead nowhere, as the write does', async () => {
    const dose = immunization('Patient/nobody');
    const issues = await ask(service(), 'Immunization/$validate', dose);
    assert.deepEqual(faults(issues), ['not-found Immunization.patient']);
    const refused = await service().request('POST', '/Immunization', dose);
    assert.equal(refused.status, 422);
    const told = refused.issues.map(({ diagnostics }) => diagnostics);
    assert.ok(issues.some(({ diagnostics }) => told.includes(diagnostics)));
  });

  it('tells of an identifier that another resource holds, but not of its own', async () => {
    const identifier = [{ system: 'https://ims.test/dose', value: fresh('dose') }];
    const id = await create(service(), person());
    const dose = immunization(`Patient/${id}`, { identifier });
    const doseId = await create(service(), dose);
    const again = await ask(service(), 'Immunization/$validate', dose);
    assert.deepEqual(faults(again), ['duplicate Immunization.identifier']);
    assert.match(again.at(-1)?.diagnostics ?? '', new RegExp(`Immunization/${doseId}`));
    const own = await ask(service(), `Immunization/${doseId}/$validate`, { ...dose, id: doseId });
    assert.deepEqual(faults(own), []);
  });

  it('judges what is stored when an instance is named without a resource', async () => {
    const id = await create(service(), person());
    const issues = await ask(service(), `Patient/${id}/$validate`);
    assert.deepEqual(
      issues.map(({ severity }) => severity),
      ['information'],
    );
  });

  it('refuses another id than that of the instance', async () => {
    const id = await create(service(), person());
    const url = `Patient/${id}/$validate?mode=update`;
    assert.deepEqual(faults(await ask(service(), url, person({ id: 'other' }))), [
      'value Patient.id',
    ]);
    assert.deepEqual(faults(await ask(service(), url, person({ id }))), []);
  });

  it('tells whether an instance can be deleted', async () => {
    const id = await create(service(), person());
    const url = `Patient/${id}/$validate?mode=delete`;
    assert.deepEqual(faults(await ask(service(), url)), []);
    const doseId = await create(service(), immunization(`Patient/${id}`));
    const issues = await ask(service(), url);
    assert.deepEqual(faults(issues), ['conflict']);
    assert.match(issues[0]?.diagnostics ?? '', new RegExp(`Immunization/${doseId}`));
    assert.equal((await service().request('DELETE', `/Patient/${id}`)).status, 409);
  });

  for (const [what, url, body, kind] of [
    ['a request without resource', 'Patient/$validate', undefined, 'malformed-body'],
    ['an unknown mode', 'Patient/$validate?mode=guess', person(), 'invalid-request'],
    ['two modes', 'Patient/$validate?mode=create&mode=update', person(), 'invalid-request'],
    ['an unknown parameter', 'Patient/$validate?strict=yes', person(), 'invalid-request'],
    ['a deletion of nothing', 'Patient/$validate?mode=delete', undefined, 'invalid-request'],
    ['an instance that is not there', 'Patient/nobody/$validate', undefined, 'not-found'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(ask(service(), url, body), { errorName: kind });
    });
  }
});

inMemory('$validate under lenient references', { references: 'lenient' }, (service) => {
  it('warns of references that lead nowhere', async () => {
    const issues = await ask(service(), 'Immunization/$validate', immunization('Patient/nobody'));
    assert.deepEqual(faults(issues), []);
    assert.ok(issues.some(({ severity, code }) => severity === 'warning' && code === 'not-found'));
  });
});

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
