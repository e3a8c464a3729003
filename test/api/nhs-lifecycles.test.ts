// The lifecycles of an Immunization in NHS mode, step by step as in NHS England's own scenarios
// (cases/api/immunization-lifecycle.json), those about suppliers' permissions apart.

import assert from 'node:assert/strict';

import type { Resource } from '../../src/fhir/types.ts';
import type { Method } from '../../src/interactions/interaction.ts';
import { nhsNumber } from '../../src/population/nhs-number.ts';
import { nhsImmunization } from '../support/nhs-immunization.ts';
import { needsRealMaterial, scenarioNames } from '../support/real-material.ts';
import { type Answer, BASE_URL, type Headers, onEveryBackEnd } from '../support/service.ts';

const SYSTEM = 'https://supplier.example/doses';

/** The details code and the diagnostics of the one issue. */
function refusalOf(answer: Answer): readonly [number, string, string] {
  assert.equal(answer.issues.length, 1, answer.body);
  const [issue] = answer.issues as unknown as [Told];
  const [coding] = issue.details.coding;
  assert.equal(coding?.system, 'https://fhir.nhs.uk/Codesystem/http-error-codes');
  assert.equal(coding?.code, issue.code.toUpperCase());
  return [answer.status, issue.code, issue.diagnostics];
}

interface Told {
  readonly code: string;
  readonly diagnostics: string;
  readonly details: { readonly coding: readonly { system: string; code: string }[] };
}

function invalid(sentence: string): readonly [number, string, string] {
  return [400, 'invariant', `Validation errors: ${sentence}`];
}

function missing(id: string): readonly [number, string, string] {
  return [404, 'not-found', `Immunization resource does not exist. ID: ${id}`];
}

/** Scenarios about what a supplier may do: every caller of NHS mode may do all. */
const OF_PERMISSIONS = /permission/;

/** Every other scenario: each is gone through below, step by step. */
const SCENARIOS: readonly string[] = [
  'create',
  'create with id in the body',
  'duplicate identifier',
  'update',
  'update twice then read',
  'update unknown id',
  'bad E-Tag 0',
  'bad E-Tag -1',
  'bad E-Tag abcde',
  'missing E-Tag',
  'stale E-Tag',
  'identifier may not change',
  'delete',
  'reinstate by create',
  'reinstate by update',
  'read without id',
  'correlation headers',
  'accepted although doubtful',
];

describe('The lifecycles that the NHS publishes', () => {
  it('all have a test here', function () {
    needsRealMaterial(this, 'cases');
    const published = scenarioNames('api/immunization-lifecycle.json');
    const ours = published.filter((name) => !OF_PERMISSIONS.test(name));
    assert.deepEqual(SCENARIOS.toSorted(), ours.toSorted());
  });
});

onEveryBackEnd('An Immunization in NHS mode', { mode: 'nhs' }, (service) => {
  let doses = 0;
  const newDose = () => {
    doses += 1;
    return nhsImmunization(`lifecycle-${doses}`);
  };
  const send = (method: Method, url: string, body?: Resource, headers?: Headers) =>
    service().request(method, url, body, headers);
  const create = async (body: Resource): Promise<string> => {
    const answer = await send('POST', '/Immunization', body);
    assert.equal(answer.status, 201, answer.body);
    return (answer.location ?? '').slice(`${BASE_URL}/Immunization/`.length);
  };
  const update = (id: string, body: Resource, eTag?: string) =>
    send(
      'PUT',
      `/Immunization/${id}`,
      { ...body, id },
      eTag === undefined ? {} : { 'e-tag': eTag },
    );
  const remove = (id: string) => send('DELETE', `/Immunization/${id}`);
  const found = async (query: string): Promise<readonly Resource[]> => {
    const { bundle } = await send('GET', `/Immunization?${query}`);
    return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
  };
  const byIdentifier = (body: Resource) => {
    const [{ value }] = body.identifier as [{ value: string }];
    return found(`identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`);
  };

  it('is created without a body in the answer', async () => {
    const answer = await send('POST', '/Immunization', newDose());
    assert.equal(answer.status, 201);
    assert.equal(answer.body, undefined);
    assert.equal(answer.eTag, '1');
    assert.match(answer.location ?? '', /\/Immunization\/id-\d+$/);
  });

  it('shows itself to a creator who prefers it', async () => {
    const prefer = { prefer: 'return=representation' };
    const answer = await send('POST', '/Immunization', newDose(), prefer);
    assert.equal(answer.resource.resourceType, 'Immunization');
  });

  it('is not created with an id in the body', async () => {
    const answer = await send('POST', '/Immunization', { ...newDose(), id: 'mine' });
    const diagnostics = 'id field must not be present for CREATE operation';
    assert.deepEqual(refusalOf(answer), [400, 'invariant', diagnostics]);
  });

  it('is not created twice with one identifier', async () => {
    const dose = newDose();
    await create(dose);
    const [{ value }] = dose.identifier as [{ value: string }];
    const diagnostics = `The provided identifier: ${SYSTEM}#${value} is duplicated`;
    const again = await send('POST', '/Immunization', dose);
    assert.deepEqual(refusalOf(again), [422, 'duplicate', diagnostics]);
    assert.equal((await byIdentifier(dose)).length, 1);
  });

  it('is created once of many simultaneous times, and put back once', async () => {
    const dose = newDose();
    const statuses = async () => {
      const all = Array.from({ length: 8 }, () => send('POST', '/Immunization', dose));
      return (await Promise.all(all)).map(({ status }) => status).sort();
    };
    const once = [201, ...Array.from({ length: 7 }, () => 422)];
    assert.deepEqual(await statuses(), once);
    await remove((await byIdentifier(dose))[0]?.id ?? '');
    assert.deepEqual(await statuses(), once);
    assert.equal((await byIdentifier(dose)).length, 1);
  });

  it('is replaced', async () => {
    const dose = newDose();
    const id = await create(dose);
    const answer = await update(id, dose, '1');
    assert.equal(answer.status, 200);
    assert.equal(answer.body, undefined);
    assert.equal(answer.eTag, '2');
  });

  it('is replaced twice, read and found', async () => {
    const dose = newDose();
    const id = await create(dose);
    await update(id, dose, '1');
    assert.equal((await update(id, { ...dose, lotNumber: 'B2' }, '2')).status, 200);
    const read = await send('GET', `/Immunization/${id}`);
    assert.equal(read.status, 200);
    assert.equal(read.eTag, '3');
    assert.equal(read.resource.lotNumber, 'B2');
    const [match] = await byIdentifier(dose);
    assert.equal(match?.meta?.versionId, '3');
  });

  it('is not replaced where it never was', async () => {
    assert.deepEqual(refusalOf(await update('unknown', newDose(), '1')), missing('unknown'));
  });

  it('is not replaced without a version that can be one', async () => {
    const dose = newDose();
    const id = await create(dose);
    for (const eTag of ['0', '-1', 'abcde', '1.0', '']) {
      const sentence = `Immunization resource version:${eTag} in the request headers is invalid.`;
      assert.deepEqual(refusalOf(await update(id, dose, eTag)), invalid(sentence));
    }
    const none = 'Immunization resource version not specified in the request headers';
    assert.deepEqual(refusalOf(await update(id, dose)), invalid(none));
  });

  it('is not replaced when it has changed since, nor in a version to come', async () => {
    const dose = newDose();
    const id = await create(dose);
    await update(id, dose, '1');
    const stale = `The requested immunization resource ${id} has changed since the last retrieve.`;
    assert.deepEqual(refusalOf(await update(id, dose, '1')), invalid(stale));
    const early = 'version is inconsistent with the existing version.';
    const sentence = `The requested immunization resource ${id} ${early}`;
    assert.deepEqual(refusalOf(await update(id, dose, '3')), invalid(sentence));
  });

  it('is replaced by the If-Match of R4 too', async () => {
    const dose = newDose();
    const id = await create(dose);
    const url = `/Immunization/${id}`;
    const answer = await send('PUT', url, { ...dose, id }, { 'if-match': 'W/"1"' });
    assert.equal(answer.status, 200, answer.body);
  });

  it('keeps its identifier', async () => {
    const dose = newDose();
    const id = await create(dose);
    const [identifier] = dose.identifier as [{ system: string; value: string }];
    const changed = async (change: object) =>
      refusalOf(await update(id, { ...dose, identifier: [{ ...identifier, ...change }] }, '1'));
    const system = { system: 'https://other.example' };
    const sentence = (names: string) => invalid(`${names} doesn't match with the stored content`);
    assert.deepEqual(await changed(system), sentence('identifier[0].system'));
    assert.deepEqual(await changed({ value: 'x' }), sentence('identifier[0].value'));
    const both = 'identifier[0].system and identifier[0].value';
    assert.deepEqual(await changed({ ...system, value: 'x' }), sentence(both));
  });

  it('is not replaced by one of another id', async () => {
    const dose = newDose();
    const id = await create(dose);
    const url = `/Immunization/${id}`;
    const answer = await send('PUT', url, { ...dose, id: 'other' }, { 'e-tag': '1' });
    const match = "doesn't match with the content of the request body";
    assert.deepEqual(refusalOf(answer), invalid(`The provided immunization id:${id} ${match}`));
  });

  it('is deleted once, and is then neither read nor found', async () => {
    const dose = newDose();
    const id = await create(dose);
    const deleted = await remove(id);
    assert.equal(deleted.status, 204);
    assert.equal(deleted.body, undefined);
    assert.deepEqual(refusalOf(await send('GET', `/Immunization/${id}`)), missing(id));
    assert.deepEqual(refusalOf(await remove(id)), missing(id));
    assert.deepEqual(await byIdentifier(dose), []);
    assert.deepEqual(await found(`_id=${id}`), []);
  });

  it('comes back under its id when it is sent again', async () => {
    const dose = newDose();
    const id = await create(dose);
    await remove(id);
    const again = await send('POST', '/Immunization', dose);
    assert.equal(again.status, 201, again.body);
    assert.equal(again.location, `${BASE_URL}/Immunization/${id}`);
    // The deletion is a version of its own.
    assert.equal(again.eTag, '3');
    assert.equal((await send('POST', '/Immunization', dose)).status, 422);
    await remove(id);
    assert.equal(await create(dose), id);
  });

  it('comes back when it is replaced', async () => {
    const dose = newDose();
    const id = await create(dose);
    await remove(id);
    const other = nhsImmunization('lifecycle-other');
    const sentence = "identifier[0].value doesn't match with the stored content";
    assert.deepEqual(refusalOf(await update(id, other, '1')), invalid(sentence));
    const answer = await update(id, dose, '1');
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.eTag, '3');
    assert.equal((await send('GET', `/Immunization/${id}`)).eTag, '3');
  });

  it('is not read without an id that can be one', async () => {
    const sentence = 'the provided event ID is either missing or not in the expected format.';
    for (const id of ['', '%20', 'a%20b', 'a_b', 'x'.repeat(65)]) {
      const answer = await send('GET', `/Immunization/${id}`);
      assert.deepEqual(refusalOf(answer), invalid(sentence), id);
    }
    const dose = { ...newDose(), id: 'a_b' };
    const put = await send('PUT', '/Immunization/a_b', dose, { 'e-tag': '1' });
    assert.deepEqual(refusalOf(put), invalid(sentence));
    assert.deepEqual(refusalOf(await remove('a_b')), invalid(sentence));
  });

  it('tells all that is wrong in one issue', async () => {
    const { manufacturer: _m, recorded: _r, primarySource: _p, ...dose } = newDose();
    const answer = await send('POST', '/Immunization', dose as Resource);
    const both = 'recorded is a mandatory field; primarySource is a mandatory field';
    assert.deepEqual(refusalOf(answer), invalid(both));
  });

  it('repeats the correlation id in answers and refusals', async () => {
    const headers = { 'x-correlation-id': 'c0ffee-1' };
    const accepted = await send('POST', '/Immunization', newDose(), headers);
    assert.equal(accepted.correlationId, 'c0ffee-1');
    const refused = await send('GET', '/Immunization/unknown', undefined, headers);
    assert.equal(refused.correlationId, 'c0ffee-1');
    const other = await send('GET', '/Patient/unknown', undefined, headers);
    assert.equal(other.status, 404);
  });

  for (const [title, change] of [
    ['of a person born after it', { birthDate: '2021-02-08' }],
    ['of a person without an NHS number', { identifier: undefined }],
    [
      'of a person whose NHS number nobody knows',
      { identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber(7) }] },
    ],
  ] as const) {
    it(`is accepted although doubtful: ${title}`, async () => {
      const dose = newDose();
      const [practitioner, patient] = dose.contained as [object, object];
      await create({ ...dose, contained: [practitioner, { ...patient, ...change }] });
    });
  }
});
