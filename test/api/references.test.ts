// References to resources of this server: strict ones must lead somewhere, before and after every
// write; lenient ones may dangle, with a warning.

import assert from 'node:assert/strict';
import {
  bundleOf,
  entryOf,
  fresh,
  immunization,
  observation,
  patient,
} from '../support/sample-resources.ts';
import { BASE_URL, onEveryBackEnd } from '../support/service.ts';

onEveryBackEnd('strict references', {}, (service) => {
  it('to what does not exist are 422, naming element and target', async () => {
    const dose = immunization('Patient/nobody', {
      performer: [{ actor: { reference: 'Organization/none' } }],
    });
    const refused = await service().request('POST', '/Immunization', dose);
    assert.equal(refused.status, 422);
    const told = refused.issues.map(({ expression, diagnostics }) => [
      expression?.[0],
      diagnostics,
    ]);
    const [first, second] = told.sort();
    assert.equal(first?.[0], 'Immunization.patient');
    assert.match(first?.[1] ?? '', /Immunization\.patient.*Patient\/nobody/);
    assert.equal(second?.[0], 'Immunization.performer[0].actor');
    assert.match(second?.[1] ?? '', /Organization\/none/);
  });

  it('are found in contained resources, extensions and absolute urls too', async () => {
    for (const elements of [
      {
        contained: [observation({ id: 'o', subject: { reference: 'Patient/nobody' } })],
        hasMember: [{ reference: '#o' }],
      },
      { extension: [{ url: 'http://x.test', valueReference: { reference: 'Patient/nobody' } }] },
      { subject: { reference: `${BASE_URL}/Patient/nobody` } },
      { subject: { reference: 'Patient/nobody/_history/1' } },
    ]) {
      const refused = await service().request('POST', '/Observation', observation(elements));
      assert.equal(refused.status, 422, JSON.stringify(elements));
    }
  });

  it('to elsewhere, to contained resources and by identifier are free', async () => {
    for (const elements of [
      { subject: { reference: 'http://elsewhere.test/fhir/Patient/1' } },
      { subject: { reference: 'urn:uuid:6e0bd8ab-2c0f-4d4f-a4b8-111111111111' } },
      { subject: { identifier: { system: 'https://x.test', value: '1' } } },
      { contained: [patient({ id: 'p' })], subject: { reference: '#p' } },
    ]) {
      const created = await service().request('POST', '/Observation', observation(elements));
      assert.equal(created.status, 201, created.body);
    }
  });

  it('to itself are fine', async () => {
    const id = fresh('self');
    const body = patient({
      id,
      link: [{ type: 'seealso', other: { reference: `Patient/${id}` } }],
    });
    assert.equal((await service().request('PUT', `/Patient/${id}`, body)).status, 201);
    assert.equal((await service().request('DELETE', `/Patient/${id}`)).status, 204);
  });

  it('to what was deleted are 422', async () => {
    const id = fresh('deleted');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    await service().request('DELETE', `/Patient/${id}`);
    const refused = await service().request('POST', '/Immunization', immunization(`Patient/${id}`));
    assert.equal(refused.status, 422);
  });

  it('forbid deleting what is referred to with 409, naming who refers', async () => {
    const id = fresh('held');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const dose = await service().request('POST', '/Immunization', immunization(`Patient/${id}`));
    const refused = await service().request('DELETE', `/Patient/${id}`);
    assert.equal(refused.status, 409);
    assert.ok(refused.issues[0]?.diagnostics.includes(`Immunization/${dose.resource.id}`));
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 200);
    const conditional = await service().request('DELETE', `/Patient?_id=${id}`);
    assert.equal(conditional.status, 409);
    await service().request('DELETE', `/Immunization/${dose.resource.id}`);
    assert.equal((await service().request('DELETE', `/Patient/${id}`)).status, 204);
  });

  it('let both go in one transaction', async () => {
    const id = fresh('both');
    const doseId = fresh('both');
    const entries = [
      entryOf('PUT', `Immunization/${doseId}`, immunization(`Patient/${id}`, { id: doseId })),
      entryOf('PUT', `Patient/${id}`, patient({ id })),
    ];
    const made = await service().request('POST', '/', bundleOf('transaction', ...entries));
    assert.equal(made.status, 200, made.body);
    const removed = await service().request(
      'POST',
      '/',
      bundleOf(
        'transaction',
        entryOf('DELETE', `Patient/${id}`),
        entryOf('DELETE', `Immunization/${doseId}`),
      ),
    );
    assert.equal(removed.status, 200, removed.body);
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 410);
  });

  it('in a transaction are told with their place in the Bundle', async () => {
    const refused = await service().request(
      'POST',
      '/',
      bundleOf(
        'transaction',
        entryOf('POST', 'Patient', patient()),
        entryOf('POST', 'Immunization', immunization('Patient/nobody')),
      ),
    );
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.issues[0]?.expression, ['Bundle.entry[1].resource.patient']);
  });

  it('are checked by an update and a patch too', async () => {
    const { resource } = await service().request('POST', '/Observation', observation());
    const url = `/Observation/${resource.id}`;
    const dangling = { reference: 'Patient/nobody' };
    const put = await service().request(
      'PUT',
      url,
      observation({ id: resource.id, subject: dangling }),
    );
    assert.equal(put.status, 422);
    const patch = [{ op: 'add', path: '/subject', value: dangling }];
    assert.equal((await service().request('PATCH', url, patch)).status, 422);
  });
});

onEveryBackEnd('lenient references', { references: 'lenient' }, (service) => {
  it('may dangle; a warning in a Bundle entry names element and target', async () => {
    const dose = entryOf('POST', 'Immunization', immunization('Patient/nobody'));
    for (const type of ['batch', 'transaction'] as const) {
      const { bundle, status } = await service().request('POST', '/', bundleOf(type, dose));
      assert.equal(status, 200);
      const response = bundle.entry?.[0]?.response;
      assert.equal(response?.status, '201 Created');
      const warning = response?.outcome?.issue.find(({ code }) => code === 'not-found');
      assert.equal(warning?.severity, 'warning');
      assert.match(warning?.diagnostics ?? '', /Patient\/nobody/);
      assert.deepEqual(warning?.expression, ['Immunization.patient']);
    }
  });

  it('are found once their target arrives', async () => {
    const id = fresh('late');
    await service().request('POST', '/Immunization', immunization(`Patient/${id}`));
    const url = `/Patient?_id=${id}&_has:Immunization:patient:status=completed`;
    assert.equal((await service().request('GET', url)).bundle.total, 0);
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    assert.equal((await service().request('GET', url)).bundle.total, 1);
  });

  it('let what is referred to be deleted', async () => {
    const id = fresh('free');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    await service().request('POST', '/Immunization', immunization(`Patient/${id}`));
    assert.equal((await service().request('DELETE', `/Patient/${id}`)).status, 204);
  });
});
