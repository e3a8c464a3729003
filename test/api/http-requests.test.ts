// How an HTTP request becomes a FhirRequest.

import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { FhirRequest } from '../../src/interactions/interaction.ts';
import { type ServedApp, serve } from '../support/fake-app.ts';

const json = { 'content-type': 'application/fhir+json' };

describe('http: requests', () => {
  let served: ServedApp;
  before(async () => {
    served = await serve(() => ({ status: 200, body: '{}' }));
  });
  after(() => served.close());

  async function send(path: string, init: RequestInit = {}): Promise<FhirRequest> {
    const response = await fetch(served.url + path, init);
    assert.equal(response.status, 200, await response.text());
    const request = served.requests.at(-1);
    assert.ok(request);
    return request;
  }

  for (const [address, path] of [
    ['', []],
    ['/', []],
    ['/metadata', ['metadata']],
    ['/Patient/', ['Patient']],
    ['/Patient/123/_history/2', ['Patient', '123', '_history', '2']],
    ['/Patient/a%2Fb', ['Patient', 'a/b']],
    ['/Patient/%C3%A9', ['Patient', 'é']],
    ['/Patient/$everything', ['Patient', '$everything']],
    ['//Patient', ['', 'Patient']],
  ] as const) {
    it(`splits the path ${address || '(none)'}`, async () => {
      assert.deepEqual((await send(address)).path, path);
    });
  }

  for (const [query, left] of [
    ['', ''],
    ['?', ''],
    ['?family=Khan&given=A%26B', 'family=Khan&given=A%26B'],
    ['?family=Khan&_format=json&given=Amina', 'family=Khan&given=Amina'],
    ['?_pretty=true&_format=application/fhir%2Bjson', ''],
    ['?%5Fformat=json&a=1', 'a=1'],
    ['?a=x_format&b=_pretty', 'a=x_format&b=_pretty'],
    ['?name=M%FCller+x', 'name=M%FCller+x'],
  ] as const) {
    it(`passes on the query ${query || '(none)'} as sent but for _format`, async () => {
      assert.equal((await send(`/Patient${query}`)).query, left);
    });
  }

  it('hands preconditions over as sent', async () => {
    const since = 'Wed, 25 Nov 2026 01:02:03 GMT';
    const request = await send('/Patient/1', {
      headers: {
        'If-Match': 'W/"3"',
        'If-None-Match': '"4"',
        'If-Modified-Since': since,
        'If-None-Exist': 'identifier=a|b',
      },
    });
    assert.equal(request.ifMatch, 'W/"3"');
    assert.equal(request.ifNoneMatch, '"4"');
    assert.equal(request.ifModifiedSince, since);
    assert.equal(request.ifNoneExist, 'identifier=a|b');
  });

  it('has no precondition where none was sent', async () => {
    const request = await send('/Patient/1');
    for (const name of ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist']) {
      assert.equal(name in request, false, name);
    }
  });

  it('reads Prefer', async () => {
    const prefer = 'return=minimal, handling=lenient';
    const request = await send('/Patient', { headers: { prefer } });
    assert.deepEqual(request.prefer, { return: 'minimal', handling: 'lenient' });
  });

  it('parses a body and names its media type without parameters', async () => {
    const headers = { 'content-type': 'Application/FHIR+JSON; charset=UTF-8; fhirVersion=4.0' };
    const body = '{"resourceType":"Patient","x":0.10}';
    const request = await send('/Patient', { method: 'POST', headers, body });
    assert.equal(request.contentType, 'application/fhir+json');
    assert.deepEqual(request.body?.value, { resourceType: 'Patient', x: 0.1 });
    assert.notEqual(request.body?.exact, undefined);
  });

  it('has no body where none was sent', async () => {
    const request = await send('/Patient', { method: 'POST' });
    assert.equal('body' in request, false);
    assert.equal('contentType' in request, false);
  });

  it('tolerates a byte order mark', async () => {
    const request = await send('/Patient', { method: 'PUT', headers: json, body: '\uFEFF{"a":1}' });
    assert.deepEqual(request.body?.value, { a: 1 });
  });

  for (const type of ['application/json-patch+json', 'application/fhir+json']) {
    it(`takes a patch of type ${type}`, async () => {
      const headers = { 'content-type': `${type}; charset=utf-8` };
      const request = await send('/Patient/1', { method: 'PATCH', headers, body: '[]' });
      assert.equal(request.contentType, type);
      assert.deepEqual(request.body?.value, []);
    });
  }

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
    ['identity', Buffer.from],
  ] as const) {
    it(`decompresses ${encoding}`, async () => {
      const body = new Uint8Array(compress(Buffer.from('{"a":"é"}')));
      const headers = { ...json, 'content-encoding': encoding };
      const request = await send('/Patient', { method: 'POST', headers, body });
      assert.deepEqual(request.body?.value, { a: 'é' });
    });
  }

  it('ignores what is sent with GET and DELETE', async () => {
    const request = await send('/Patient/1', { method: 'DELETE', body: 'nonsense' });
    assert.equal('body' in request, false);
  });

  it('answers an absolute-form target and an expectation it does not know', async () => {
    const answer = await served.raw(
      'GET http://ims.test/fhir/R4/Patient?a=1 HTTP/1.1\r\nHost: ims.test\r\n' +
        'Expect: the-unexpected\r\nConnection: close\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.deepEqual(served.requests.at(-1)?.path, ['Patient']);
    assert.equal(served.requests.at(-1)?.query, 'a=1');
  });

  it('asks for the body of a client that waits for 100 Continue', async () => {
    const answer = await served.raw(
      'POST /fhir/R4/Patient HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n' +
        'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});
