// patch with JSON Patch: what a client may change, and what it is told when it may not.

import assert from 'node:assert/strict';
import { fresh, observation, patient } from '../support/sample-resources.ts';
import { onEveryBackEnd, type Service } from '../support/service.ts';

/** A stored patient of the test's own. */
async function stored(service: Service, elements: Record<string, unknown> = {}): Promise<string> {
  const id = fresh('patched');
  const body = patient({ id, gender: 'male', ...elements });
  assert.equal((await service.request('PUT', `/Patient/${id}`, body)).status, 201);
  return `/Patient/${id}`;
}

onEveryBackEnd('patch', {}, (service) => {
  it('applies the operations in order and makes a new version', async () => {
    const url = await stored(service());
    const patched = await service().request('PATCH', url, [
      { op: 'test', path: '/gender', value: 'male' },
      { op: 'replace', path: '/gender', value: 'female' },
      { op: 'add', path: '/name', value: [{ family: 'Khan' }] },
      { op: 'add', path: '/name/-', value: { family: 'Begum' } },
    ]);
    assert.equal(patched.status, 200);
    assert.equal(patched.versionId, '2');
    assert.match(patched.location ?? '', /\/_history\/2$/);
    const { resource } = await service().request('GET', url);
    assert.equal(resource.gender, 'female');
    assert.deepEqual(resource.name, [{ family: 'Khan' }, { family: 'Begum' }]);
  });

  it('keeps the digits of decimals that it does not touch, and of those it brings', async () => {
    const id = fresh('weight');
    const before = observation({ id, valueQuantity: { value: 1 } });
    const text = JSON.stringify(before).replace('"value":1', '"value":70.10');
    await service().request('PUT', `/Observation/${id}`, text);
    const fat = { code: { text: 'fat' }, valueQuantity: { value: 2 } };
    const operations = JSON.stringify([
      { op: 'add', path: '/component', value: [fat] },
      { op: 'test', path: '/valueQuantity/value', value: 70.1 },
    ]).replace('"value":2}', '"value":0.250}');
    const patched = await service().request('PATCH', `/Observation/${id}`, operations);
    assert.equal(patched.status, 200, patched.body);
    assert.ok(patched.body?.includes('"value":70.10}'), patched.body);
    assert.ok(patched.body?.includes('"value":0.250}'), patched.body);
  });

  it('whose test does not hold is 422, and nothing of it is done', async () => {
    const url = await stored(service());
    const refused = await service().request('PATCH', url, [
      { op: 'replace', path: '/gender', value: 'female' },
      { op: 'test', path: '/active', value: true },
    ]);
    assert.equal(refused.status, 422);
    assert.match(refused.issues[0]?.diagnostics ?? '', /Operation 1 \(test \/active\)/);
    const { resource, versionId } = await service().request('GET', url);
    assert.equal(resource.gender, 'male');
    assert.equal(versionId, '1');
  });

  it('whose pointer leads nowhere is 422', async () => {
    const url = await stored(service(), { name: [{ family: 'Khan' }] });
    for (const operation of [
      { op: 'replace', path: '/birthDate', value: '2001-01-01' },
      { op: 'remove', path: '/name/1' },
      { op: 'remove', path: '/name/first' },
      { op: 'remove', path: '/name/length' },
      { op: 'replace', path: '/name/-', value: { family: 'x' } },
      { op: 'add', path: '/name/5', value: { family: 'x' } },
      { op: 'add', path: '/contact/0/name', value: { family: 'x' } },
      { op: 'add', path: '/gender/length', value: 1 },
      { op: 'copy', from: '/nothing', path: '/name' },
      { op: 'move', from: '/toString', path: '/name' },
      { op: 'move', from: '/name', path: '/name/0/family' },
      { op: 'remove', path: '' },
      { op: 'add', path: '', value: {} },
    ]) {
      const refused = await service().request('PATCH', url, [operation]);
      assert.equal(refused.status, 422, JSON.stringify(operation));
    }
    assert.equal((await service().request('GET', url)).versionId, '1');
  });

  it('that is none is 400', async () => {
    const url = await stored(service());
    for (const body of [
      {},
      [null],
      [{ op: 'increment', path: '/gender' }],
      [{ op: 'add', path: 'gender', value: 'x' }],
      [{ op: 'add', path: '/a~2', value: 'x' }],
      [{ op: 'add', path: '/gender' }],
      [{ op: 'copy', path: '/gender' }],
    ]) {
      const refused = await service().request('PATCH', url, body);
      assert.equal(refused.status, 400, JSON.stringify(body));
    }
  });

  it('of another media type is 415', async () => {
    const url = await stored(service());
    const xml = { 'content-type': 'application/fhir+xml' };
    assert.equal((await service().request('PATCH', url, [], xml)).status, 415);
  });

  it('cannot change the id', async () => {
    const url = await stored(service());
    for (const operation of [
      { op: 'replace', path: '/id', value: 'other' },
      { op: 'remove', path: '/id' },
    ]) {
      const refused = await service().request('PATCH', url, [operation]);
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.issues[0]?.expression, ['Patient.id']);
    }
  });

  it('whose result is no valid resource is refused with the faults of the result', async () => {
    const url = await stored(service());
    const refused = await service().request('PATCH', url, [
      { op: 'replace', path: '/gender', value: 'm' },
      { op: 'add', path: '/__proto__', value: { polluted: true } },
    ]);
    assert.equal(refused.status, 400);
    const locations = refused.issues.flatMap(({ expression = [] }) => expression);
    assert.ok(locations.includes('Patient.gender'), refused.body);
    assert.match(refused.body ?? '', /__proto__/);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('heeds If-Match', async () => {
    const url = await stored(service());
    const operations = [{ op: 'add', path: '/active', value: true }];
    const patch = (tag: string) => service().request('PATCH', url, operations, { 'if-match': tag });
    assert.equal((await patch('W/"2"')).status, 412);
    assert.equal((await patch('W/"1"')).status, 200);
  });

  it('of what is absent is 404, of what was deleted 410', async () => {
    const operations = [{ op: 'add', path: '/active', value: true }];
    assert.equal((await service().request('PATCH', '/Patient/none', operations)).status, 404);
    const url = await stored(service());
    await service().request('DELETE', url);
    assert.equal((await service().request('PATCH', url, operations)).status, 410);
  });

  it('64 simultaneous ones lose nothing', async function () {
    this.timeout(30_000);
    const url = await stored(service(), { name: [{ family: 'Khan' }] });
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        service().request('PATCH', url, [
          { op: 'add', path: '/name/-', value: { family: `Name ${index}` } },
        ]),
      ),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const { resource } = await service().request('GET', url);
    const families = (resource.name as { family: string }[]).map(({ family }) => family);
    assert.equal(new Set(families).size, 65);
  });
});
