// NHS mode of the real service, over HTTP: the headers of NHS England's APIs in and out, and what
// is refused before an interaction sees it.

import assert from 'node:assert/strict';

import { nhsImmunization } from '../support/nhs-immunization.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';

const REQUEST_ID = '60e0b220-8136-4ca5-ae46-1d97ef59d068';
const CORRELATION_ID = '11c46f5f-cdef-4865-94b2-0ee0edcc26da';

describe('NHS mode over HTTP', () => {
  const directory = temporaryDirectory();
  let service: RunningService;

  before(async function () {
    this.timeout(30_000);
    service = await startService({ data: directory.path, flags: ['--mode', 'nhs'] });
  });
  after(async () => {
    assert.equal(await service.stop(), 0);
    directory.remove();
  });

  const send = (method: string, path: string, body?: unknown, headers: object = {}) =>
    fetch(`${service.baseUrl}/${path}`, {
      method,
      headers: { 'content-type': 'application/fhir+json', ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  const diagnosticsOf = async (response: Response): Promise<string> => {
    const { issue } = (await response.json()) as { issue: [{ diagnostics: string }] };
    return issue[0].diagnostics;
  };

  it('tells versions by E-Tag, both ways', async () => {
    const created = await send('POST', 'Immunization', nhsImmunization());
    assert.equal(created.status, 201);
    assert.equal(created.headers.get('e-tag'), '1');
    assert.equal(await created.text(), '');
    const url = created.headers.get('location') ?? '';
    const id = url.split('/').at(-1) ?? '';
    const read = await send('GET', `Immunization/${id}`);
    assert.equal(read.headers.get('e-tag'), '1');
    const body = { ...nhsImmunization(), id };
    const updated = await send('PUT', `Immunization/${id}`, body, { 'E-Tag': '1' });
    assert.equal(updated.status, 200);
    assert.equal(updated.headers.get('e-tag'), '2');
    const head = await send('HEAD', `Immunization/${id}`);
    assert.equal(head.headers.get('e-tag'), '2');
  });

  it('repeats request and correlation ids', async () => {
    const ids = { 'X-Request-ID': REQUEST_ID, 'X-Correlation-ID': CORRELATION_ID };
    const answers = [
      await send('GET', 'metadata', undefined, ids),
      await send('GET', 'Immunization/', undefined, ids),
      await send('POST', 'Immunization', '{', ids),
    ];
    for (const { headers } of answers) {
      assert.equal(headers.get('x-request-id'), REQUEST_ID);
      assert.equal(headers.get('x-correlation-id'), CORRELATION_ID);
    }
  });

  it('repeats no correlation id that is unsafe, and none that was not sent', async () => {
    const unsafe = await send('GET', 'metadata', undefined, { 'X-Correlation-ID': '<b>' });
    assert.equal(unsafe.headers.get('x-correlation-id'), null);
    assert.equal((await send('GET', 'metadata')).headers.get('x-correlation-id'), null);
  });

  it('tells of a body that is no JSON as of any other fault', async () => {
    const answer = await send('POST', 'Immunization', '{');
    assert.equal(answer.status, 400);
    const { issue } = (await answer.json()) as { issue: [{ details: { coding: unknown[] } }] };
    assert.equal(issue[0].details.coding.length, 1);
  });

  it('refuses a Patch of another content type as PDS does', async () => {
    const headers = { 'content-type': 'application/bananas', 'x-request-id': REQUEST_ID };
    const answer = await send('PATCH', 'Patient/9000000009', '{}', headers);
    assert.equal(answer.status, 400);
    assert.equal(await diagnosticsOf(answer), 'UNSUPPORTED_SERVICE');
  });

  it('leaves the rest as R4 has it', async () => {
    const answer = await send('POST', 'Organization', { resourceType: 'Organization', name: 'A' });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('e-tag'), null);
    assert.equal(answer.headers.get('etag'), 'W/"1"');
    const refused = await send('POST', 'Organization', { resourceType: 'Organization', nam: 'A' });
    assert.match(await diagnosticsOf(refused), /nam/);
    assert.equal((await send('POST', 'Organization', '{')).status, 400);
  });
});
