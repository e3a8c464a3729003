// How a FhirResponse becomes an HTTP answer, and what every answer carries.

import assert from 'node:assert/strict';
import { createListener, listen } from '../../src/http/listener.ts';
import type { FhirResponse } from '../../src/interactions/interaction.ts';
import { type ServedApp, serve } from '../support/fake-app.ts';
import { readOutcome } from '../support/outcome.ts';

const body = '{"resourceType":"Basic","value":0.10,"items":[],"text":"a \\"b\\" {,}"}';
const large = JSON.stringify({ resourceType: 'Basic', text: 'lorem ipsum '.repeat(500) });

const answers: Record<string, FhirResponse> = {
  plain: { status: 200, body },
  large: { status: 200, body: large },
  version: { status: 200, body, versionId: '7', lastModifiedMs: Date.UTC(2026, 10, 25, 1, 2, 3) },
  created: { status: 201, body, location: 'http://ims.test/fhir/R4/Basic/1/_history/1' },
  minimal: { status: 200 },
  deleted: { status: 204 },
  unmodified: { status: 304, versionId: '7' },
  refused: { status: 405, body: '{}', allow: ['GET', 'POST'] },
};

describe('http: responses', () => {
  let served: ServedApp;
  before(async () => {
    served = await serve(({ path }) => answers[path[0] ?? ''] ?? { status: 404, body: '{}' });
  });
  after(() => served.close());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${served.url}/${path}`, {
      headers: { 'accept-encoding': 'identity', ...headers },
      method,
    });

  it('sends the text as it is, as FHIR JSON', async () => {
    const response = await get('plain');
    assert.equal(response.headers.get('content-type'), 'application/fhir+json; charset=utf-8');
    assert.equal(await response.text(), body);
  });

  it('sends ETag and Last-Modified of a version', async () => {
    const { headers } = await get('version');
    assert.equal(headers.get('etag'), 'W/"7"');
    assert.equal(headers.get('last-modified'), 'Wed, 25 Nov 2026 01:02:03 GMT');
  });

  it('keeps the ETag under compression', async () => {
    const response = await get('version', { 'accept-encoding': 'gzip' });
    assert.equal(response.headers.get('etag'), 'W/"7"');
  });

  it('sends Location', async () => {
    const response = await get('created', {}, 'POST');
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('location'), answers.created?.location);
  });

  it('sends Allow with 405', async () => {
    const response = await get('refused');
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, POST');
  });

  for (const [name, status] of [
    ['minimal', 200],
    ['deleted', 204],
    ['unmodified', 304],
  ] as const) {
    it(`sends no body and no Content-Type with an empty ${status}`, async () => {
      const response = await get(name);
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), null);
      assert.equal(await response.text(), '');
    });
  }

  it('answers HEAD with the headers of GET and no body', async () => {
    const response = await get('version', {}, 'HEAD');
    assert.equal(served.requests.at(-1)?.method, 'HEAD');
    assert.equal(response.headers.get('content-length'), String(Buffer.byteLength(body)));
    assert.equal(response.headers.get('etag'), 'W/"7"');
    assert.equal(await response.text(), '');
  });

  it('indents under _pretty=true and keeps every digit', async () => {
    const text = await (await get('plain?_pretty=true')).text();
    const lines = ['{', '  "resourceType": "Basic",', '  "value": 0.10,', '  "items": [],'];
    assert.equal(text, [...lines, '  "text": "a \\"b\\" {,}"', '}', ''].join('\n'));
  });

  for (const encoding of ['gzip', 'deflate', 'br']) {
    it(`compresses long answers with ${encoding}`, async () => {
      const response = await get('large', { 'accept-encoding': encoding });
      assert.equal(response.headers.get('content-encoding'), encoding);
      assert.match(response.headers.get('vary') ?? '', /accept-encoding/);
      assert.equal(await response.text(), large);
    });
  }

  it('does not compress short answers', async () => {
    const response = await get('plain', { 'accept-encoding': 'gzip' });
    assert.equal(response.headers.get('content-encoding'), null);
  });

  const fhirJson = 'application/fhir+json; charset=utf-8';
  const plainJson = 'application/json; charset=utf-8';
  for (const [accept, query, expected] of [
    ['*/*', '', fhirJson],
    ['application/*', '', fhirJson],
    ['application/json', '', plainJson],
    ['application/json, application/fhir+json', '', fhirJson],
    ['application/fhir+json;q=0.5, application/json', '', plainJson],
    ['application/fhir+xml, application/fhir+json;q=0.1', '', fhirJson],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', '', fhirJson],
    ['application/fhir+json; fhirVersion=4.0', '', fhirJson],
    ['application/fhir+json;q=0, */*', '', plainJson],
    ['application/fhir+xml', '?_format=json', fhirJson],
    ['*/*', '?_format=application/json', plainJson],
    ['*/*', '?_format=application/fhir+json', fhirJson],
    ['*/*', '?_format=application%2Ffhir%2Bjson', fhirJson],
    ['application/json', '?_format=', plainJson],
  ] as const) {
    it(`answers Accept: ${accept} ${query} with ${expected}`, async () => {
      const response = await get(`plain${query}`, { accept });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), expected);
    });
  }

  for (const [accept, query] of [
    ['application/fhir+xml', ''],
    ['text/turtle', ''],
    ['application/fhir+json; fhirVersion=5.0', ''],
    ['application/fhir+json;q=0', ''],
    ['nonsense', ''],
    ['*/*', '?_format=xml'],
    ['*/*', '?_format=ttl'],
    ['*/*', '?_format=application/fhir%2Bjson;fhirVersion=3.0'],
  ] as const) {
    it(`refuses Accept: ${accept} ${query} with 406`, async () => {
      const outcome = await readOutcome(await get(`plain${query}`, { accept }), 406);
      assert.equal(outcome.issue[0]?.code, 'not-supported');
    });
  }

  it('repeats a safe X-Request-Id', async () => {
    const response = await get('plain', { 'x-request-id': 'spine-0001.a:b' });
    assert.equal(response.headers.get('x-request-id'), 'spine-0001.a:b');
  });

  for (const unsafe of ['', 'a b', 'x'.repeat(129), '<script>']) {
    it(`makes an X-Request-Id instead of '${unsafe.slice(0, 12)}'`, async () => {
      const response = await get('plain', { 'x-request-id': unsafe });
      assert.match(response.headers.get('x-request-id') ?? '', /^request-\d+$/);
    });
  }

  for (const path of ['plain', 'minimal', 'deleted', 'refused', '../..', 'plain?_format=xml']) {
    it(`protects the answer to ${path}`, async () => {
      const { headers } = await get(path);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.equal(headers.get('strict-transport-security'), null);
      assert.notEqual(headers.get('x-request-id'), null);
      assert.equal(headers.get('server'), null);
    });
  }

  it('insists on https where its public address is https', async () => {
    const secure = await serve(() => ({ status: 204 }), { baseUrl: 'https://ims.test/fhir/R4' });
    const { headers } = await fetch(`${secure.url}/Patient`);
    assert.match(headers.get('strict-transport-security') ?? '', /max-age=\d{8}/);
    await secure.close();
  });

  it('answers 503 while the service behind the port is not open yet', async () => {
    const listener = createListener();
    const port = await listen(listener, '127.0.0.1', 0);
    const response = await fetch(`http://127.0.0.1:${port}/fhir/R4/metadata`);
    assert.equal(response.headers.get('retry-after'), '1');
    await readOutcome(response, 503);
    listener.close();
  });

  it('lets requests under way finish when it stops', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<FhirResponse>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const stopping = await serve(() => {
      arrive();
      return held;
    });
    const response = fetch(`${stopping.url}/Patient/1`);
    await arrived;
    const closed = stopping.close();
    await assert.rejects(fetch(`${stopping.url}/Patient/2`));
    release({ status: 200, body });
    assert.equal(await (await response).text(), body);
    await closed;
  });
});
