// Every fault of the transport ends in an OperationOutcome, and the service goes on.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  BODY_BYTES_MAX,
  DISCARDED_BYTES_MAX,
  HEADER_BYTES_MAX,
  URL_LENGTH_MAX,
} from '../../src/limits.ts';
import { type ServedApp, serve } from '../support/fake-app.ts';
import { readOutcome, readRawOutcome } from '../support/outcome.ts';

const json = 'application/fhir+json';

describe('http: faults', () => {
  let served: ServedApp;
  before(async () => {
    served = await serve(({ path }) => {
      if (path[0] === 'broken') throw new TypeError('Mrs Khan, 943 476 5919');
      return { status: 200, body: '{}' };
    });
  });
  afterEach('the service still answers', async () => {
    const response = await fetch(`${served.url}/metadata`);
    assert.equal(response.status, 200);
    await response.text();
  });
  after(() => served.close());

  const post = (body: RequestInit['body'], headers: Record<string, string>, method = 'POST') =>
    fetch(`${served.url}/Patient`, { method, headers, body: body ?? null });

  for (const [name, address, status, code] of [
    ['an address outside the base', '/', 404, 'not-found'],
    ['an unknown version of FHIR', '/fhir/R5/Patient', 404, 'not-found'],
    ['a path that only begins like the base', '/fhir/R4Patient', 404, 'not-found'],
    ['a malformed escape', '/fhir/R4/Patient/%ZZ', 400, 'invalid'],
    ['an escape that is not UTF-8', '/fhir/R4/Patient/%FF', 400, 'invalid'],
    ['a malformed escape outside the base', '/%E0%A4%A', 400, 'invalid'],
    ['a meaningless _pretty', '/fhir/R4/Patient?_pretty=yes', 400, 'invalid'],
    ['an overlong address', `/fhir/R4/Patient?a=${'b'.repeat(URL_LENGTH_MAX)}`, 414, 'too-long'],
    ['an endless address', `/fhir/R4/Patient?a=${'b'.repeat(200_000)}`, 414, 'too-long'],
  ] as const) {
    it(`refuses ${name} with ${status}`, async () => {
      const request = `GET ${address} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const outcome = readRawOutcome(await served.raw(request), status);
      assert.equal(outcome.issue[0]?.code, code);
    });
  }

  for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
    it(`refuses ${method} with 405 and what is allowed`, async () => {
      const request = `${method} /fhir/R4/Patient HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      const answer = await served.raw(request);
      assert.match(answer, /\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n/);
      readRawOutcome(answer, 405);
    });
  }

  for (const [name, text, status] of [
    ['what is not HTTP', 'HELO ims.test\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: a\r\n\r\n', 400],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n', 400],
    ['HTTP/1.1 without Host', 'GET /fhir/R4 HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'a bad chunk',
      'POST /fhir/R4/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
        'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    [
      'two lengths',
      'POST /fhir/R4 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      400,
    ],
    [
      'endless headers',
      `GET /fhir/R4 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(HEADER_BYTES_MAX)}\r\n\r\n`,
      431,
    ],
  ] as const) {
    it(`refuses ${name} with ${status}`, async () => {
      readRawOutcome(await served.raw(text), status);
    });
  }

  it('answers a request before it refuses the broken one sent behind it', async () => {
    const good = 'GET /fhir/R4/Patient HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await served.raw(`${good}nonsense\r\n\r\n`);
    const second = answer.indexOf('HTTP/1.1 400 ');
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.notEqual(second, -1);
    readRawOutcome(answer.slice(second), 400);
  });

  for (const [name, method, type] of [
    ['a body without Content-Type', 'POST', ''],
    ['text', 'POST', 'text/plain'],
    ['XML', 'PUT', 'application/fhir+xml'],
    ['a form', 'POST', 'application/x-www-form-urlencoded'],
    ['another charset', 'POST', `${json}; charset=iso-8859-1`],
    ['another version of FHIR', 'POST', `${json}; fhirVersion=5.0`],
    ['a patch of no kind', 'PATCH', 'application/json'],
    ['a patch as a resource', 'PUT', 'application/json-patch+json'],
    ['a Content-Type that is none', 'POST', ';;;'],
  ] as const) {
    it(`refuses ${name} with 415`, async () => {
      const body = new Uint8Array(Buffer.from('{}'));
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
      await readOutcome(await post(body, headers, method), 415);
    });
  }

  it('refuses an unknown Content-Encoding with 415', async () => {
    const headers = { 'content-type': json, 'content-encoding': 'zip' };
    await readOutcome(await post('{}', headers), 415);
  });

  for (const [name, body] of [
    ['malformed JSON', '{"resourceType":'],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['an overlong UTF-8 sequence', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ['UTF-16', new Uint8Array(Buffer.from('\uFEFF{}', 'utf16le'))],
    ['a repeated member', '{"a":1,"a":2}'],
    ['arrays 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000)],
  ] as const) {
    it(`refuses ${name} with 400`, async () => {
      await readOutcome(await post(body, { 'content-type': json }), 400);
    });
  }

  for (const [name, body] of [
    ['is not what its Content-Encoding says', new Uint8Array(Buffer.from('{}'))],
    ['is cut off within its compression', new Uint8Array(gzipSync('{"a":1}').subarray(0, 12))],
  ] as const) {
    it(`refuses a body that ${name} with 400`, async () => {
      const headers = { 'content-type': json, 'content-encoding': 'gzip' };
      await readOutcome(await post(body, headers), 400);
    });
  }

  it('takes a body of the greatest size and refuses one byte more with 413', async () => {
    const body = (length: number) => `"${'a'.repeat(length - 2)}"`;
    const greatest = await post(body(BODY_BYTES_MAX), { 'content-type': json });
    assert.equal(greatest.status, 200);
    await readOutcome(await post(body(BODY_BYTES_MAX + 1), { 'content-type': json }), 413);
  });

  it('refuses 20 MB in chunks of unannounced length with 413', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    const stream = ReadableStream.from(Array.from({ length: 20 }, () => chunk));
    const init = { method: 'POST', headers: { 'content-type': json }, body: stream };
    const response = await fetch(`${served.url}/Patient`, {
      ...init,
      duplex: 'half',
    } as RequestInit);
    await readOutcome(response, 413);
  });

  it('stops a gzip bomb at the bound, not after inflating it', async () => {
    // 1 GiB of spaces: a gzip file may consist of many, one behind the other.
    const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    const bomb = new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => member)));
    const before = process.memoryUsage();
    const headers = { 'content-type': json, 'content-encoding': 'gzip' };
    await readOutcome(await post(bomb, headers), 413);
    const { arrayBuffers } = process.memoryUsage();
    assert.ok(arrayBuffers - before.arrayBuffers < 8 * BODY_BYTES_MAX, `${arrayBuffers}`);
  });

  it('cuts a client that goes on sending what was refused', async () => {
    const socket = connect(Number(new URL(served.origin).port), '127.0.0.1');
    const received: Buffer[] = [];
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {}).on('data', (chunk) => received.push(chunk));
    const length = 1_000 * BODY_BYTES_MAX;
    socket.write(
      `POST /fhir/R4/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: ${json}\r\n` +
        `Content-Length: ${length}\r\n\r\n`,
    );
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    let sent = 0;
    const pump = () => {
      while (!socket.destroyed && sent < length) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('drain', pump);
    pump();
    await closed;
    assert.ok(sent < DISCARDED_BYTES_MAX + 4 * BODY_BYTES_MAX, `sent ${sent}`);
  });

  it('hides what went wrong inside', async () => {
    const outcome = await readOutcome(await fetch(`${served.url}/broken`), 500);
    assert.equal(outcome.issue[0]?.code, 'exception');
    assert.doesNotMatch(JSON.stringify(outcome), /Khan|TypeError/);
  });
});
