// batch: entries that know nothing of each other, each answered as it would be alone.

import assert from 'node:assert/strict';
import {
  binaryPatch,
  bundleOf,
  entryOf,
  fresh,
  freshIdentifier,
  observation,
  patient,
  token,
} from '../support/sample-resources.ts';
import { BASE_URL, type Headers, onEveryBackEnd } from '../support/service.ts';

onEveryBackEnd('batch', {}, (service) => {
  const send = async (entries: readonly object[], headers?: Headers) => {
    const answer = await service().request('POST', '/', bundleOf('batch', ...entries), headers);
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.bundle.type, 'batch-response');
    return answer.bundle.entry ?? [];
  };
  const statuses = async (entries: readonly object[], headers?: Headers) =>
    (await send(entries, headers)).map(({ response }) => response?.status);

  it('answers each entry in the order of the Bundle, whatever becomes of the others', async () => {
    const id = fresh('batched');
    const answers = await send([
      entryOf('PUT', `Patient/${id}`, patient({ id })),
      entryOf('GET', 'Patient/nobody'),
      entryOf('POST', 'Patient', patient({ gender: 'unheard of' })),
      entryOf('POST', 'Unicorn', { resourceType: 'Unicorn' }),
      entryOf('DELETE', 'Patient/never'),
      entryOf('POST', 'metadata', patient()),
    ]);
    assert.deepEqual(
      answers.map(({ response }) => response?.status),
      [
        '201 Created',
        '404 Not Found',
        '400 Bad Request',
        '404 Not Found',
        '204 No Content',
        '405 Method Not Allowed',
      ],
    );
    assert.deepEqual(answers[2]?.response?.outcome?.issue[0]?.expression, ['Patient.gender']);
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 200);
  });

  it('tells of each write its place, version and time', async () => {
    const id = fresh('batched');
    const [answer] = await send([entryOf('PUT', `Patient/${id}`, patient({ id }))]);
    assert.equal(answer?.resource, undefined);
    const { outcome, ...response } = answer?.response ?? {};
    assert.deepEqual(response, {
      status: '201 Created',
      location: `${BASE_URL}/Patient/${id}/_history/1`,
      etag: 'W/"1"',
      lastModified: new Date(service().clock.nowMs).toISOString(),
    });
    assert.ok(outcome?.issue.every(({ severity }) => severity === 'warning'));
  });

  it('gives resources back as Prefer says', async () => {
    const entry = entryOf('POST', 'Patient', patient());
    const [represented] = await send([entry], { prefer: 'return=representation' });
    assert.equal(represented?.resource?.resourceType, 'Patient');
    const [told] = await send([entry], { prefer: 'return=OperationOutcome' });
    assert.equal(told?.resource, undefined);
    assert.equal(told?.response?.outcome?.issue[0]?.severity, 'information');
  });

  it('reads, searches and asks for history', async () => {
    const id = fresh('batched');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const [read, search, history, head, unchanged] = await send([
      entryOf('GET', `Patient/${id}`),
      entryOf('GET', `/Patient?_id=${id}&_format=json`),
      entryOf('GET', `${BASE_URL}/Patient/${id}/_history`),
      entryOf('HEAD', `Patient/${id}`),
      entryOf('GET', `Patient/${id}`, undefined, { ifNoneMatch: 'W/"1"' }),
    ]);
    assert.equal(read?.resource?.id, id);
    assert.equal(read?.response?.etag, 'W/"1"');
    assert.equal(search?.resource?.total, 1);
    assert.equal(history?.resource?.type, 'history');
    assert.equal(head?.resource, undefined);
    assert.equal(head?.response?.status, '200 OK');
    assert.equal(unchanged?.response?.status, '304 Not Modified');
  });

  it('takes the conditions of its entries', async () => {
    const identifier = freshIdentifier();
    const criterion = `identifier=${token(identifier)}`;
    const resource = patient({ identifier: [identifier] });
    const create = entryOf('POST', 'Patient', resource, { ifNoneExist: criterion });
    assert.deepEqual(await statuses([create]), ['201 Created']);
    assert.deepEqual(await statuses([create]), ['200 OK']);
    const active = binaryPatch([{ op: 'add', path: '/active', value: true }]);
    const answers = await statuses([
      entryOf('PATCH', `Patient?${criterion}`, active, { ifMatch: 'W/"7"' }),
      entryOf('PUT', `Patient?${criterion}`, resource, { ifNoneMatch: '*' }),
    ]);
    assert.deepEqual(answers, ['412 Precondition Failed', '412 Precondition Failed']);
    assert.deepEqual(await statuses([entryOf('PATCH', `Patient?${criterion}`, active)]), [
      '200 OK',
    ]);
    assert.deepEqual(await statuses([entryOf('DELETE', `Patient?${criterion}`)]), [
      '204 No Content',
    ]);
  });

  it('refuses entries that cannot be read, each by itself', async () => {
    const answers = await statuses([
      entryOf('GET', 'Patient/%zz'),
      entryOf('GET', '/'),
      entryOf('PATCH', 'Patient/x', { resourceType: 'Binary', contentType: 'a/b' }),
      entryOf('PATCH', 'Patient/x', { resourceType: 'Binary', contentType: 'a/b', data: 'W10=' }),
      entryOf('PUT', 'Patient/x'),
      entryOf('POST', 'Observation', observation()),
    ]);
    assert.deepEqual(answers, [
      '400 Bad Request',
      '400 Bad Request',
      '400 Bad Request',
      '415 Unsupported Media Type',
      '400 Bad Request',
      '201 Created',
    ]);
  });

  it('holds no Bundle to be carried out within it', async () => {
    const inner = bundleOf('batch', entryOf('POST', 'Patient', patient()));
    assert.deepEqual(await statuses([entryOf('POST', '/', inner)]), ['400 Bad Request']);
  });

  it('keeps the digits of decimals', async () => {
    const id = fresh('decimal');
    const resource = observation({ id, valueQuantity: { value: 1 } });
    const text = JSON.stringify(
      bundleOf('batch', entryOf('PUT', `Observation/${id}`, resource)),
    ).replace('"value":1}', '"value":1.00}');
    assert.equal((await service().request('POST', '/', text)).status, 200);
    const read = await service().request('GET', `/Observation/${id}`);
    assert.ok(read.body?.includes('"value":1.00}'), read.body);
  });

  it('is refused as a whole when the Bundle around the entries is malformed', async () => {
    for (const bundle of [
      { resourceType: 'Bundle' },
      { resourceType: 'Bundle', type: 'searchset' },
      { resourceType: 'Bundle', type: 'batch', entry: [] },
      { resourceType: 'Bundle', type: 'batch', entry: {} },
      { resourceType: 'Bundle', type: 'batch', entry: [null] },
      { resourceType: 'Bundle', type: 'batch', entry: [{ resource: patient() }] },
      bundleOf('batch', entryOf('FETCH', 'Patient/1')),
      bundleOf('batch', { request: { method: 'GET' } }),
      patient(),
      [],
    ]) {
      const refused = await service().request('POST', '/', bundle);
      assert.equal(refused.status, 400, JSON.stringify(bundle));
      assert.notEqual(refused.issues.length, 0);
    }
    assert.equal((await service().request('POST', '/')).status, 400);
  });

  it('without entries is answered without any', async () => {
    assert.deepEqual(await send([]), []);
  });
});
