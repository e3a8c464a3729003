// The header OpenIMS-Sequence: a write says how far the log has come with it, and a request that
// brings the number is answered with what it names, by any instance, or not at all.

import assert from 'node:assert/strict';
import { fhirError } from '../../src/fhir/fhir-error.ts';
import { errorResponse } from '../../src/interactions/responses.ts';
import { serve } from '../support/fake-app.ts';
import { bundleOf, entryOf, patient } from '../support/sample-resources.ts';
import { onEveryBackEnd } from '../support/service.ts';

onEveryBackEnd('the sequence number of a write', {}, (service) => {
  const position = () => service().context.store.position();

  it('is told of every write, and of nothing else', async () => {
    const created = await service().request('POST', '/Patient', patient({}));
    assert.equal(created.sequence, await position());
    const url = `/Patient/${created.resource.id}`;
    const updated = await service().request('PUT', url, { ...created.resource, active: true });
    assert.equal(updated.sequence, (created.sequence ?? 0) + 1);
    const deleted = await service().request('DELETE', url);
    assert.equal(deleted.sequence, (created.sequence ?? 0) + 2);
    for (const read of ['/metadata', '/Patient', '/Patient/unknown', `${url}/_history`]) {
      assert.equal((await service().request('GET', read)).sequence, undefined, read);
    }
    const refused = await service().request('PUT', '/Patient/x', { resourceType: 'Patient' });
    assert.equal(refused.sequence, undefined);
  });

  for (const type of ['batch', 'transaction'] as const) {
    it(`of a ${type} is that of its last`, async () => {
      const entries = [1, 2, 3].map((index) =>
        entryOf('PUT', `Patient/${type}-${index}`, patient({ id: `${type}-${index}` })),
      );
      const answer = await service().request('POST', '/', bundleOf(type, ...entries));
      assert.equal(answer.status, 200);
      assert.equal(answer.sequence, await position());
    });
  }

  it('lets a request be answered that brings it', async () => {
    const { sequence } = await service().request('PUT', '/Patient/a', patient({ id: 'a' }));
    const headers = { 'openims-sequence': String(sequence) };
    const read = await service().request('GET', '/Patient/a', undefined, headers);
    assert.equal(read.status, 200);
  });

  it('that is not known here within its time makes a request fail, naming the header', async () => {
    const headers = { 'openims-sequence': '999999' };
    const read = await service().request('GET', '/Patient/a', undefined, headers);
    assert.equal(read.status, 503);
    assert.match(read.issues[0]?.diagnostics ?? '', /OpenIMS-Sequence 999999/);
  });
});

describe('the header OpenIMS-Sequence', () => {
  it('is sent with what was written', async () => {
    const app = await serve(() => ({ status: 201, sequence: 7 }));
    const response = await fetch(`${app.url}/Patient`, { method: 'POST' });
    assert.equal(response.headers.get('openims-sequence'), '7');
    await app.close();
  });

  it('reaches the request, and is refused where it is no number', async () => {
    const app = await serve(() => ({ status: 200 }));
    const ask = (value: string) =>
      fetch(`${app.url}/Patient/a`, { headers: { 'OpenIMS-Sequence': value } });
    assert.equal((await ask('42')).status, 200);
    assert.equal(app.requests[0]?.sequence, 42);
    for (const wrong of ['-1', '1.5', 'x', '99999999999999999', '1, 2']) {
      const refused = await ask(wrong);
      assert.equal(refused.status, 400, wrong);
      assert.match(await refused.text(), /OpenIMS-Sequence/);
    }
    await app.close();
  });

  it('comes with when to ask again, where the service cannot answer', async () => {
    const app = await serve(() => errorResponse(fhirError('unavailable', 'Not now')));
    const response = await fetch(`${app.url}/Patient/a`);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '1');
    await app.close();
  });
});
