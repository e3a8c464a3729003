// patch with FHIRPath Patch: what a client may change, and what it is told when it may not.

import assert from 'node:assert/strict';
import {
  bundleOf,
  entryOf,
  fresh,
  freshIdentifier,
  freshUrn,
  observation,
  type PatchParts,
  pathPatch,
  patient,
  token,
} from '../support/sample-resources.ts';
import { type Answer, type Headers, onEveryBackEnd, type Service } from '../support/service.ts';

const parameters = { 'content-type': 'application/fhir+json' };

/** A stored patient of the test's own. */
async function stored(service: Service, elements: Record<string, unknown> = {}): Promise<string> {
  const id = fresh('path-patched');
  const body = patient({ id, gender: 'male', ...elements });
  assert.equal((await service.request('PUT', `/Patient/${id}`, body)).status, 201);
  return `/Patient/${id}`;
}

function send(
  service: Service,
  url: string,
  patch: unknown,
  headers: Headers = {},
): Promise<Answer> {
  return service.request('PATCH', url, patch, { ...parameters, ...headers });
}

const toFemale: PatchParts = {
  type: 'replace',
  path: 'Patient.gender',
  value: { valueCode: 'female' },
};

onEveryBackEnd('FHIRPath patch', {}, (service) => {
  it('applies the operations in order and makes a new version', async () => {
    const url = await stored(service());
    const patch = pathPatch(
      toFemale,
      { type: 'add', path: 'Patient', name: 'name', value: { valueHumanName: { family: 'Khan' } } },
      {
        type: 'add',
        path: "Patient.name.where(family = 'Khan')",
        name: 'given',
        value: { valueString: 'Aisha' },
      },
    );
    const patched = await send(service(), url, patch);
    assert.equal(patched.status, 200, patched.body);
    assert.equal(patched.versionId, '2');
    assert.match(patched.location ?? '', /\/_history\/2$/);
    const { resource } = await service().request('GET', url);
    assert.equal(resource.gender, 'female');
    assert.deepEqual(resource.name, [{ family: 'Khan', given: ['Aisha'] }]);
  });

  it('keeps the digits of decimals that it does not touch, and of those it brings', async () => {
    const id = fresh('path-weight');
    const before = observation({ id, valueQuantity: { value: 1 } });
    const text = JSON.stringify(before).replace('"value":1', '"value":70.10');
    await service().request('PUT', `/Observation/${id}`, text);
    const part = [
      { name: 'code', valueCodeableConcept: { text: 'fat' } },
      { name: 'value', valueQuantity: { value: 2 } },
    ];
    const patch = JSON.stringify(
      pathPatch({ type: 'add', path: 'Observation', name: 'component', value: { part } }),
    ).replace('"value":2}', '"value":0.250}');
    const patched = await send(service(), `/Observation/${id}`, patch);
    assert.equal(patched.status, 200, patched.body);
    assert.ok(patched.body?.includes('"value":70.10}'), patched.body);
    assert.ok(patched.body?.includes('"value":0.250}'), patched.body);
  });

  it('that cannot be applied is 422, and nothing of it is done', async () => {
    const url = await stored(service());
    const patch = pathPatch(toFemale, {
      type: 'replace',
      path: 'Patient.birthDate',
      value: { valueDate: '2001-01-01' },
    });
    const refused = await send(service(), url, patch);
    assert.equal(refused.status, 422);
    assert.match(
      refused.issues[0]?.diagnostics ?? '',
      /^Operation 1 \(replace Patient\.birthDate\) failed: there is no such element$/,
    );
    const { resource, versionId } = await service().request('GET', url);
    assert.equal(resource.gender, 'male');
    assert.equal(versionId, '1');
  });

  it('that is none is 400', async () => {
    const url = await stored(service());
    for (const body of [
      [],
      {},
      patient(),
      { resourceType: 'Parameters', parameter: [{ name: 'operation' }] },
      { resourceType: 'Parameters', parameter: [{ name: 'operation', valueString: 'add' }] },
      pathPatch({ type: 'delete', path: '' }),
      pathPatch({ type: 'delete', path: 'Patient.' }),
      pathPatch({ type: 'delete', path: '$this.repeat($this)' }),
      pathPatch({ type: 'delete', path: 'Patient.name'.repeat(100) }),
      pathPatch({ ...toFemale, value: { valueCode: 'not a  code' } }),
    ]) {
      const refused = await send(service(), url, body);
      assert.equal(refused.status, 400, JSON.stringify(body));
      assert.ok(refused.issues.every(({ diagnostics }) => diagnostics !== undefined));
    }
  });

  it('without a body is 400', async () => {
    const url = await stored(service());
    assert.equal((await service().request('PATCH', url)).status, 400);
  });

  it('cannot change the id', async () => {
    const url = await stored(service());
    for (const operation of [
      { type: 'replace', path: 'Patient.id', value: { valueId: 'other' } },
      { type: 'delete', path: 'Patient.id' },
    ] as const) {
      const refused = await send(service(), url, pathPatch(operation));
      assert.equal(refused.status, 400, refused.body);
      assert.deepEqual(refused.issues[0]?.expression, ['Patient.id']);
    }
  });

  it('whose result is no valid resource is refused with the faults of the result', async () => {
    const url = await stored(service());
    const refused = await send(
      service(),
      url,
      pathPatch(
        { ...toFemale, value: { valueCode: 'm' } },
        { type: 'add', path: 'Patient', name: 'birthDate', value: { valueString: 'May' } },
      ),
    );
    assert.equal(refused.status, 400);
    const locations = refused.issues.flatMap(({ expression = [] }) => expression);
    assert.deepEqual(locations.toSorted(), ['Patient.birthDate', 'Patient.gender']);
  });

  it('heeds If-Match', async () => {
    const url = await stored(service());
    const patch = (tag: string) => send(service(), url, pathPatch(toFemale), { 'if-match': tag });
    assert.equal((await patch('W/"2"')).status, 412);
    assert.equal((await patch('W/"1"')).status, 200);
  });

  it('patches the one match of a condition', async () => {
    const identifier = freshIdentifier();
    const condition = `/Patient?identifier=${token(identifier)}`;
    assert.equal((await send(service(), condition, pathPatch(toFemale))).status, 404);
    await stored(service(), { identifier: [identifier] });
    const patched = await send(service(), condition, pathPatch(toFemale));
    assert.equal(patched.status, 200);
    assert.equal(patched.resource.gender, 'female');
    await stored(service(), { identifier: [identifier] });
    assert.equal((await send(service(), condition, pathPatch(toFemale))).status, 412);
  });

  it('of what is absent is 404, of what was deleted 410', async () => {
    const patch = pathPatch(toFemale);
    assert.equal((await send(service(), '/Patient/none', patch)).status, 404);
    const url = await stored(service());
    await service().request('DELETE', url);
    assert.equal((await send(service(), url, patch)).status, 410);
  });

  it('64 simultaneous ones lose nothing', async function () {
    this.timeout(30_000);
    const url = await stored(service(), { name: [{ family: 'Khan' }] });
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => {
        const value = { valueHumanName: { family: `Name ${index}` } };
        const patch = pathPatch({ type: 'add', path: 'Patient', name: 'name', value });
        return send(service(), url, patch);
      }),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const { resource } = await service().request('GET', url);
    const families = (resource.name as { family: string }[]).map(({ family }) => family);
    assert.equal(new Set(families).size, 65);
  });
});

onEveryBackEnd('FHIRPath patch in a transaction', {}, (service) => {
  it('is the Parameters in the entry, and may refer to what the transaction makes', async () => {
    const url = await stored(service());
    const urn = freshUrn();
    const organization = { resourceType: 'Organization', name: 'A practice' };
    const answer = await service().request(
      'POST',
      '/',
      bundleOf(
        'transaction',
        entryOf('POST', 'Organization', organization, { fullUrl: urn }),
        entryOf(
          'PATCH',
          url.slice(1),
          pathPatch({
            type: 'add',
            path: 'Patient',
            name: 'managingOrganization',
            value: { valueReference: { reference: urn } },
          }),
        ),
      ),
    );
    assert.equal(answer.status, 200, answer.body);
    const [created, patched] = answer.bundle.entry ?? [];
    assert.equal(patched?.response?.etag, 'W/"2"');
    const { reference } = (await service().request('GET', url)).resource.managingOrganization as {
      reference: string;
    };
    assert.ok(created?.response?.location?.includes(`/${reference}/`), reference);
  });

  it('takes the conditions of the entry', async () => {
    const url = await stored(service());
    const entry = entryOf('PATCH', url.slice(1), pathPatch(toFemale), { ifMatch: 'W/"2"' });
    const refused = await service().request('POST', '/', bundleOf('transaction', entry));
    assert.equal(refused.status, 412);
  });

  it('is refused with its place in the Bundle', async () => {
    const url = await stored(service());
    for (const [patch, status, place] of [
      [patient(), 400, 'Bundle.entry[0].resource.resourceType'],
      [pathPatch({ type: 'delete', path: 'a b' }), 400, 'Bundle.entry[0]'],
      [pathPatch({ ...toFemale, path: 'Patient.birthDate' }), 422, 'Bundle.entry[0]'],
      [
        pathPatch({ ...toFemale, value: { valueCode: 'm' } }),
        400,
        'Bundle.entry[0].resource.gender',
      ],
    ] as const) {
      const entry = entryOf('PATCH', url.slice(1), patch);
      const refused = await service().request('POST', '/', bundleOf('transaction', entry));
      assert.equal(refused.status, status, refused.body);
      assert.deepEqual(refused.issues[0]?.expression, [place]);
    }
  });
});
