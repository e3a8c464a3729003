// read, vread, create, update, delete and what every answer to them says.

import assert from 'node:assert/strict';
import { fresh, immunization, observation, patient } from '../support/sample-resources.ts';
import { BASE_URL, onEveryBackEnd, START_MS } from '../support/service.ts';

onEveryBackEnd('create', {}, (service) => {
  it('gives a new id and answers 201 with the resource, its version and its place', async () => {
    const created = await service().request('POST', '/Patient', patient({ gender: 'female' }));
    assert.equal(created.status, 201);
    const { id } = created.resource;
    assert.equal(created.location, `${BASE_URL}/Patient/${id}/_history/1`);
    assert.equal(created.versionId, '1');
    assert.equal(created.lastModifiedMs, START_MS);
    assert.deepEqual(created.resource, {
      resourceType: 'Patient',
      id,
      meta: { versionId: '1', lastUpdated: '2026-11-25T10:00:00.000Z' },
      gender: 'female',
    });
  });

  it('replaces an id and a version that the client made up', async () => {
    const made = patient({ id: 'mine', meta: { versionId: '7', tag: [{ code: 'x' }] } });
    const { resource } = await service().request('POST', '/Patient', made);
    assert.notEqual(resource.id, 'mine');
    assert.equal(resource.meta?.versionId, '1');
    assert.deepEqual(resource.meta?.tag, [{ code: 'x' }]);
    assert.equal((await service().request('GET', '/Patient/mine')).status, 404);
  });

  it('tells every fault of a resource at once, each with its location', async () => {
    const wrong = patient({ gender: 'f', birthDate: '2001-02-30', colour: 'blue' });
    const refused = await service().request('POST', '/Patient', wrong);
    assert.equal(refused.status, 400);
    const locations = refused.issues.flatMap(({ expression = [] }) => expression);
    for (const member of ['gender', 'birthDate', 'colour']) {
      assert.ok(locations.includes(`Patient.${member}`), refused.body);
    }
  });

  it('refuses a body of another type, and no body', async () => {
    const other = await service().request('POST', '/Patient', observation());
    assert.equal(other.status, 400);
    assert.match(other.body ?? '', /Patient/);
    assert.equal((await service().request('POST', '/Patient')).status, 400);
  });
});

onEveryBackEnd('read and vread', {}, (service) => {
  const twoVersions = async () => {
    const id = fresh('two');
    await service().request('PUT', `/Patient/${id}`, patient({ id, gender: 'male' }));
    service().clock.nowMs += 60_000;
    await service().request('PUT', `/Patient/${id}`, patient({ id, gender: 'female' }));
    return id;
  };

  it('read answers the current version', async () => {
    const id = await twoVersions();
    const answer = await service().request('GET', `/Patient/${id}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.versionId, '2');
    assert.equal(answer.resource.gender, 'female');
    assert.equal(answer.resource.meta?.versionId, '2');
    assert.equal(
      new Date(answer.lastModifiedMs ?? 0).toISOString(),
      answer.resource.meta?.lastUpdated,
    );
  });

  it('vread answers each version as it was', async () => {
    const id = await twoVersions();
    const first = await service().request('GET', `/Patient/${id}/_history/1`);
    assert.equal(first.resource.gender, 'male');
    assert.equal(first.versionId, '1');
    const second = await service().request('GET', `/Patient/${id}/_history/2`);
    assert.equal(second.resource.gender, 'female');
  });

  it('what does not exist is 404', async () => {
    const id = await twoVersions();
    for (const url of [
      '/Patient/nobody',
      '/Patient/nobody/_history/1',
      `/Patient/${id}/_history/3`,
      `/Patient/${id}/_history/0`,
      `/Patient/${id}/_history/one`,
      `/Observation/${id}`,
    ]) {
      const answer = await service().request('GET', url);
      assert.equal(answer.status, 404, url);
      assert.equal(answer.issues[0]?.code, 'not-found');
    }
  });

  it('If-None-Match answers 304 without a body when the client has the version', async () => {
    const id = await twoVersions();
    const url = `/Patient/${id}`;
    for (const tag of ['W/"2"', '"2"', 'W/"1", W/"2"', '*']) {
      const answer = await service().request('GET', url, undefined, { 'if-none-match': tag });
      assert.equal(answer.status, 304, tag);
      assert.equal(answer.body, undefined);
      assert.equal(answer.versionId, '2');
    }
    for (const tag of ['W/"1"', '"abc"']) {
      const answer = await service().request('GET', url, undefined, { 'if-none-match': tag });
      assert.equal(answer.status, 200, tag);
    }
    const bare = await service().request('GET', url, undefined, { 'if-none-match': '2' });
    assert.equal(bare.status, 400);
  });

  it('If-Modified-Since answers 304 when nothing changed since, to the second', async () => {
    const id = await twoVersions();
    const { lastModifiedMs = 0 } = await service().request('GET', `/Patient/${id}`);
    const since = (shiftMs: number) =>
      service().request('GET', `/Patient/${id}`, undefined, {
        'if-modified-since': new Date(lastModifiedMs + shiftMs).toUTCString(),
      });
    assert.equal((await since(0)).status, 304);
    assert.equal((await since(-1_000)).status, 200);
    const unreadable = { 'if-modified-since': 'yesterday' };
    const answer = await service().request('GET', `/Patient/${id}`, undefined, unreadable);
    assert.equal(answer.status, 200);
  });
});

onEveryBackEnd('update', {}, (service) => {
  it('creates the resource under the id that the client chose', async () => {
    const id = fresh('chosen');
    const created = await service().request('PUT', `/Patient/${id}`, patient({ id }));
    assert.equal(created.status, 201);
    assert.equal(created.location, `${BASE_URL}/Patient/${id}/_history/1`);
    const again = await service().request('PUT', `/Patient/${id}`, patient({ id, active: true }));
    assert.equal(again.status, 200);
    assert.equal(again.versionId, '2');
    assert.equal(again.location, `${BASE_URL}/Patient/${id}/_history/2`);
  });

  it('refuses a body whose id is not that of the url', async () => {
    for (const body of [patient(), patient({ id: 'other' })]) {
      const refused = await service().request('PUT', '/Patient/this', body);
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.issues[0]?.expression, ['Patient.id']);
    }
  });

  it('refuses an id that is none', async () => {
    for (const id of ['under_score', 'x'.repeat(65), 'a%20b']) {
      const refused = await service().request('PUT', `/Patient/${id}`, patient({ id }));
      assert.equal(refused.status, 400, id);
    }
  });

  it('If-Match lets only the version through that the client has seen', async () => {
    const id = fresh('matched');
    const put = (ifMatch: string) =>
      service().request('PUT', `/Patient/${id}`, patient({ id }), { 'if-match': ifMatch });
    assert.equal((await put('W/"1"')).status, 412, 'absent');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    assert.equal((await put('W/"1"')).status, 200);
    const late = await put('W/"1"');
    assert.equal(late.status, 412);
    assert.match(late.issues[0]?.diagnostics ?? '', /W\/"1".*2/);
    assert.equal((await put('*')).status, 200);
    assert.equal((await put('1')).status, 400);
  });

  it('If-None-Match: * only creates', async () => {
    const id = fresh('new');
    const put = () =>
      service().request('PUT', `/Patient/${id}`, patient({ id }), { 'if-none-match': '*' });
    assert.equal((await put()).status, 201);
    assert.equal((await put()).status, 412);
    await service().request('DELETE', `/Patient/${id}`);
    assert.equal((await put()).status, 201);
  });

  it('64 simultaneous ones of one resource each make a version', async function () {
    this.timeout(30_000);
    const id = fresh('contended');
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => service().request('PUT', `/Patient/${id}`, patient({ id }))),
    );
    const versions = answers.map(({ versionId }) => Number(versionId)).sort((a, b) => a - b);
    assert.deepEqual(
      versions,
      Array.from({ length: 64 }, (_, index) => index + 1),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  });
});

onEveryBackEnd('delete', {}, (service) => {
  it('answers 204, after which read is 410 and the versions before stay readable', async () => {
    const id = fresh('gone');
    await service().request('PUT', `/Patient/${id}`, patient({ id, gender: 'other' }));
    const deleted = await service().request('DELETE', `/Patient/${id}`);
    assert.equal(deleted.status, 204);
    assert.equal(deleted.body, undefined);
    assert.equal(deleted.versionId, '2');
    const read = await service().request('GET', `/Patient/${id}`);
    assert.equal(read.status, 410);
    assert.equal(read.issues[0]?.code, 'deleted');
    assert.equal((await service().request('GET', `/Patient/${id}/_history/2`)).status, 410);
    const before = await service().request('GET', `/Patient/${id}/_history/1`);
    assert.equal(before.resource.gender, 'other');
  });

  it('is idempotent, and silent about what never existed', async () => {
    const id = fresh('twice');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    await service().request('DELETE', `/Patient/${id}`);
    assert.equal((await service().request('DELETE', `/Patient/${id}`)).status, 204);
    assert.equal((await service().request('DELETE', '/Patient/never')).status, 204);
    const history = await service().request('GET', `/Patient/${id}/_history`);
    assert.equal(history.bundle.total, 2);
    assert.equal((await service().request('GET', '/Patient/never')).status, 404);
  });

  it('can be taken back by an update, which goes on counting', async () => {
    const id = fresh('revived');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    await service().request('DELETE', `/Patient/${id}`);
    const revived = await service().request('PUT', `/Patient/${id}`, patient({ id }));
    assert.equal(revived.status, 201);
    assert.equal(revived.versionId, '3');
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 200);
  });

  it('heeds If-Match', async () => {
    const id = fresh('careful');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const remove = (tag: string) =>
      service().request('DELETE', `/Patient/${id}`, undefined, { 'if-match': tag });
    assert.equal((await remove('W/"2"')).status, 412);
    assert.equal((await remove('W/"1"')).status, 204);
    assert.equal((await remove('W/"1"')).status, 412);
  });
});

onEveryBackEnd('parameters that would have no effect', {}, (service) => {
  it('are refused under strict handling and ignored under lenient', async () => {
    const id = fresh('plain');
    const body = patient({ id });
    const url = `/Patient/${id}?identifier=1`;
    assert.equal((await service().request('PUT', url, body)).status, 400);
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 404);
    assert.equal((await service().request('POST', '/Patient?_id=1', patient())).status, 400);
    assert.equal((await service().request('DELETE', url)).status, 400);
    const lenient = { prefer: 'handling=lenient' };
    assert.equal((await service().request('PUT', url, body, lenient)).status, 201);
    assert.equal((await service().request('GET', url)).status, 400);
    assert.equal((await service().request('GET', `/Patient/${id}?&`)).status, 200);
  });
});

onEveryBackEnd('Prefer', { references: 'lenient' }, (service) => {
  it('return=minimal answers without a body', async () => {
    const minimal = { prefer: 'return=minimal' };
    const created = await service().request('POST', '/Patient', patient(), minimal);
    assert.equal(created.status, 201);
    assert.equal(created.body, undefined);
    assert.match(created.location ?? '', /\/Patient\/.+\/_history\/1$/);
  });

  it('return=OperationOutcome says what happened', async () => {
    const told = { prefer: 'return=OperationOutcome' };
    const id = fresh('told');
    const created = await service().request('PUT', `/Patient/${id}`, patient({ id }), told);
    assert.equal(created.status, 201);
    assert.equal(created.issues[0]?.severity, 'information');
    assert.match(created.issues[0]?.diagnostics ?? '', new RegExp(`Patient/${id} .*version 1`));
    const deleted = await service().request('DELETE', `/Patient/${id}`, undefined, told);
    assert.equal(deleted.status, 200);
    assert.equal(deleted.issues[0]?.severity, 'information');
  });

  it('return=OperationOutcome carries the warnings', async () => {
    const told = { prefer: 'return=OperationOutcome' };
    const dose = immunization('Patient/nobody');
    const { issues, status } = await service().request('POST', '/Immunization', dose, told);
    assert.equal(status, 201);
    const dangling = issues.filter(({ diagnostics }) => diagnostics.includes('Patient/nobody'));
    assert.deepEqual(
      dangling.map(({ severity, expression }) => [severity, expression]),
      [['warning', ['Immunization.patient']]],
    );
  });

  it('return=OperationOutcome carries what was judged but refuses nothing', async () => {
    const told = { prefer: 'return=OperationOutcome' };
    const profile = 'https://elsewhere.example/fhir/StructureDefinition/traveller';
    const id = fresh('traveller');
    const traveller = { ...patient({ id }), meta: { profile: [profile] } };
    const { issues, status } = await service().request('PUT', `/Patient/${id}`, traveller, told);
    assert.equal(status, 201);
    const about = issues.filter(({ diagnostics }) => diagnostics.includes(profile));
    assert.deepEqual(
      about.map(({ severity, expression }) => [severity, expression]),
      [['warning', ['Patient.meta.profile']]],
    );
    assert.ok(!issues.some(({ diagnostics }) => diagnostics.includes('dom-6')));
    const verdict = await service().request('GET', `/Patient/${id}/$validate`);
    assert.ok(verdict.issues.some(({ diagnostics }) => diagnostics.includes('dom-6')));
  });

  it('a patched resource is warned of like a written one', async () => {
    const told = { prefer: 'return=OperationOutcome' };
    const id = fresh('patched');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const profile = 'https://elsewhere.example/fhir/StructureDefinition/traveller';
    const operations = [{ op: 'add', path: '/meta/profile', value: [profile] }];
    const { issues } = await service().request('PATCH', `/Patient/${id}`, operations, told);
    assert.match(issues.map(({ diagnostics }) => diagnostics).join(), /traveller is not held/);
  });
});

onEveryBackEnd('the text', {}, (service) => {
  it('keeps the digits of decimals and the order of members', async () => {
    const id = fresh('text');
    const text =
      `{ "resourceType" : "Observation",\n\t"valueQuantity":{"unit":"kg","value":0.10},` +
      `"status":"final", "code":{"text":"a  b"}, "id":"${id}",` +
      `"component":[{"code":{"text":"c"},"valueQuantity":{"value":1.50e3}}]}`;
    const kept =
      `{"resourceType":"Observation","meta":{"versionId":"1","lastUpdated":` +
      `"${new Date(service().clock.nowMs).toISOString()}"},"valueQuantity":{"unit":"kg",` +
      `"value":0.10},"status":"final","code":{"text":"a  b"},"id":"${id}",` +
      `"component":[{"code":{"text":"c"},"valueQuantity":{"value":1.50e3}}]}`;
    const created = await service().request('PUT', `/Observation/${id}`, text);
    assert.equal(created.status, 201, created.body);
    assert.equal(created.body, kept);
    assert.equal((await service().request('GET', `/Observation/${id}`)).body, kept);
    const found = await service().request('GET', `/Observation?_id=${id}`);
    assert.ok(found.body?.includes(kept));
  });

  it('of a member that JavaScript knows by that name is refused as unknown', async () => {
    const text = '{"resourceType":"Patient","__proto__":{"active":true}}';
    const refused = await service().request('POST', '/Patient', text);
    assert.equal(refused.status, 400);
    assert.match(refused.body ?? '', /__proto__/);
  });

  it('keeps what people write in any script', async () => {
    const family = 'Ñandú \u{1F489} 王 \\ " \u2028';
    const { resource } = await service().request(
      'POST',
      '/Patient',
      patient({ name: [{ family }] }),
    );
    const read = await service().request('GET', `/Patient/${resource.id}`);
    assert.deepEqual(read.resource.name, [{ family }]);
  });
});
