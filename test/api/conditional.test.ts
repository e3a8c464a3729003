// Conditional create, update, patch and delete: none, one or many matches, and many at once.

import assert from 'node:assert/strict';
import { fresh, freshIdentifier, patient, token } from '../support/sample-resources.ts';
import { BASE_URL, onEveryBackEnd, type Service } from '../support/service.ts';

type Identifier = ReturnType<typeof freshIdentifier>;

/** Stores a patient with the identifier and answers its id. */
async function stored(service: Service, identifier: Identifier): Promise<string> {
  const { resource } = await service.request(
    'POST',
    '/Patient',
    patient({ identifier: [identifier] }),
  );
  return resource.id ?? '';
}

const total = async (service: Service, identifier: Identifier): Promise<number | undefined> =>
  (await service.request('GET', `/Patient?identifier=${token(identifier)}`)).bundle.total;

onEveryBackEnd('conditional create', {}, (service) => {
  const create = (identifier: Identifier, criterion?: string) =>
    service().request('POST', '/Patient', patient({ identifier: [identifier] }), {
      'if-none-exist': criterion ?? `identifier=${token(identifier)}`,
    });

  it('creates when nothing matches', async () => {
    const created = await create(freshIdentifier());
    assert.equal(created.status, 201);
    assert.equal(created.versionId, '1');
  });

  it('answers 200 with the one match and changes nothing', async () => {
    const identifier = freshIdentifier();
    const id = await stored(service(), identifier);
    const found = await create(identifier);
    assert.equal(found.status, 200);
    assert.equal(found.resource.id, id);
    assert.equal(found.location, `${BASE_URL}/Patient/${id}/_history/1`);
    assert.equal(found.versionId, '1');
    assert.equal(await total(service(), identifier), 1);
  });

  it('is 412 when several match, and creates nothing', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    await stored(service(), identifier);
    const refused = await create(identifier);
    assert.equal(refused.status, 412);
    assert.equal(refused.issues[0]?.code, 'multiple-matches');
    assert.equal(await total(service(), identifier), 2);
  });

  it('does not count deleted matches', async () => {
    const identifier = freshIdentifier();
    const id = await stored(service(), identifier);
    await service().request('DELETE', `/Patient/${id}`);
    assert.equal((await create(identifier)).status, 201);
  });

  it('refuses criteria that it cannot hold to', async () => {
    for (const criterion of [
      '',
      'colour=blue',
      'identifier=',
      '_count=1',
      '_sort=_id',
      'birthdate=x',
    ]) {
      const refused = await create(freshIdentifier(), criterion);
      assert.equal(refused.status, 400, criterion);
    }
  });

  it('takes a criterion with the type or the address before it', async () => {
    const identifier = { system: 'https://ims.test/id?a=b', value: fresh('n') };
    const encoded = encodeURIComponent(token(identifier));
    assert.equal((await create(identifier, `identifier=${token(identifier)}`)).status, 201);
    for (const address of ['Patient?', '?', `${BASE_URL}/Patient?`]) {
      const found = await create(identifier, `${address}identifier=${encoded}`);
      assert.equal(found.status, 200, address);
    }
  });

  it('64 simultaneous ones make exactly one resource and all answer with it', async function () {
    this.timeout(30_000);
    const identifier = freshIdentifier();
    const answers = await Promise.all(Array.from({ length: 64 }, () => create(identifier)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 200).length, 63);
    assert.equal(new Set(answers.map(({ resource }) => resource.id)).size, 1);
    assert.equal(await total(service(), identifier), 1);
  });
});

onEveryBackEnd('conditional update', {}, (service) => {
  const update = (identifier: Identifier, elements: Record<string, unknown> = {}) =>
    service().request(
      'PUT',
      `/Patient?identifier=${token(identifier)}`,
      patient({ identifier: [identifier], ...elements }),
    );

  it('creates when nothing matches', async () => {
    const created = await update(freshIdentifier());
    assert.equal(created.status, 201);
    assert.ok(created.resource.id);
  });

  it('creates under the id of the body when nothing matches', async () => {
    const id = fresh('given');
    const created = await update(freshIdentifier(), { id });
    assert.equal(created.status, 201);
    assert.equal(created.resource.id, id);
  });

  it('does not overwrite a resource that the condition does not find', async () => {
    const id = await stored(service(), freshIdentifier());
    const refused = await update(freshIdentifier(), { id });
    assert.equal(refused.status, 409);
  });

  it('updates the one match, whether the body has its id or none', async () => {
    const identifier = freshIdentifier();
    const id = await stored(service(), identifier);
    const without = await update(identifier, { gender: 'female' });
    assert.equal(without.status, 200);
    assert.equal(without.resource.id, id);
    assert.equal(without.versionId, '2');
    assert.equal((await update(identifier, { id })).versionId, '3');
  });

  it('is 400 when the body has another id than the match', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    const refused = await update(identifier, { id: fresh('other') });
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.issues[0]?.expression, ['Patient.id']);
  });

  it('is 412 when several match', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    await stored(service(), identifier);
    assert.equal((await update(identifier)).status, 412);
  });

  it('refuses to run without criteria', async () => {
    assert.equal((await service().request('PUT', '/Patient', patient())).status, 400);
    assert.equal((await service().request('PUT', '/Patient?', patient())).status, 400);
  });

  it('heeds If-Match', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    const put = (tag: string) =>
      service().request(
        'PUT',
        `/Patient?identifier=${token(identifier)}`,
        patient({ identifier: [identifier] }),
        { 'if-match': tag },
      );
    assert.equal((await put('W/"9"')).status, 412);
    assert.equal((await put('W/"1"')).status, 200);
  });

  it('64 simultaneous ones of an identifier make one resource of 64 versions', async function () {
    this.timeout(30_000);
    const identifier = freshIdentifier();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        update(identifier, { name: [{ family: `Writer ${index}` }] }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 200).length, 63);
    assert.equal(await total(service(), identifier), 1);
    const id = answers[0]?.resource.id ?? '';
    const history = await service().request('GET', `/Patient/${id}/_history?_count=100`);
    const names = (history.bundle.entry ?? []).map(({ resource }) =>
      JSON.stringify(resource?.name),
    );
    assert.equal(names.length, 64);
    assert.equal(new Set(names).size, 64, 'every writer has a version of its own');
  });
});

onEveryBackEnd('conditional patch', {}, (service) => {
  const operations = [{ op: 'add', path: '/active', value: true }];
  const patch = (identifier: Identifier, headers = {}) =>
    service().request('PATCH', `/Patient?identifier=${token(identifier)}`, operations, headers);

  it('patches the one match', async () => {
    const identifier = freshIdentifier();
    const id = await stored(service(), identifier);
    const patched = await patch(identifier);
    assert.equal(patched.status, 200);
    assert.equal(patched.resource.id, id);
    assert.equal(patched.resource.active, true);
  });

  it('is 404 when nothing matches and 412 when several do', async () => {
    const identifier = freshIdentifier();
    assert.equal((await patch(identifier)).status, 404);
    await stored(service(), identifier);
    await stored(service(), identifier);
    assert.equal((await patch(identifier)).status, 412);
  });

  it('heeds If-Match', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    assert.equal((await patch(identifier, { 'if-match': 'W/"2"' })).status, 412);
    assert.equal((await patch(identifier, { 'if-match': 'W/"1"' })).status, 200);
  });
});

onEveryBackEnd('conditional delete', {}, (service) => {
  const remove = (identifier: Identifier, headers = {}) =>
    service().request('DELETE', `/Patient?identifier=${token(identifier)}`, undefined, headers);

  it('deletes none, one or all that match', async () => {
    const identifier = freshIdentifier();
    assert.equal((await remove(identifier)).status, 204);
    for (const count of [1, 3]) {
      const ids = [];
      for (let index = 0; index < count; index += 1) ids.push(await stored(service(), identifier));
      assert.equal((await remove(identifier)).status, 204);
      assert.equal(await total(service(), identifier), 0);
      for (const id of ids) {
        assert.equal((await service().request('GET', `/Patient/${id}`)).status, 410);
      }
    }
  });

  it('says how many with Prefer: return=OperationOutcome', async () => {
    const identifier = freshIdentifier();
    await stored(service(), identifier);
    await stored(service(), identifier);
    const told = await remove(identifier, { prefer: 'return=OperationOutcome' });
    assert.equal(told.status, 200);
    assert.match(told.issues[0]?.diagnostics ?? '', /2/);
  });

  it('refuses to run without criteria', async () => {
    assert.equal((await service().request('DELETE', '/Patient')).status, 400);
    assert.equal((await service().request('DELETE', '/Patient?_count=1')).status, 400);
  });

  it('heeds If-Match', async () => {
    const identifier = freshIdentifier();
    const id = await stored(service(), identifier);
    assert.equal((await remove(identifier, { 'if-match': 'W/"2"' })).status, 412);
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 200);
    assert.equal((await remove(identifier, { 'if-match': 'W/"1"' })).status, 204);
  });
});
