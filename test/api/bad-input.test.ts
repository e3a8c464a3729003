// What clients should never send, sent to the real service: each gets a clear refusal with the
// right status, nothing of it is kept, and the service goes on.

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import {
  BUNDLE_ENTRIES_MAX,
  SEARCH_PARAMETERS_MAX,
  SEARCH_VALUE_LENGTH_MAX,
} from '../../src/limits.ts';
import { readOutcome } from '../support/outcome.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';

const json = { 'content-type': 'application/fhir+json' };

/** A Patient's JSON with this put in as it is. */
const patient = (inside: string) => `{"resourceType":"Patient",${inside}}`;
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** Bodies POSTed to /Patient, and the status that each must get. */
const bodies: readonly (readonly [string, RequestInit['body'], number])[] = [
  ['an unfinished object', '{"resourceType":"Patient"', 400],
  ['a trailing comma', patient('"active":true,'), 400],
  ['two values', '{"resourceType":"Patient"} {}', 400],
  ['NaN', patient('"multipleBirthInteger":NaN'), 400],
  ['nothing but white space', '  \n', 400],
  ['null', 'null', 400],
  ['an array', '[]', 400],
  ['a string', '"Patient"', 400],
  ['a number', '1', 400],
  ['no resourceType', '{}', 400],
  ['a resourceType that is no text', '{"resourceType":{"a":1}}', 400],
  ['a resourceType that names a builtin', '{"resourceType":"__proto__"}', 400],
  ['another type than the address', '{"resourceType":"Observation","status":"final"}', 400],
  ['__proto__', patient('"__proto__":{"active":true}'), 400],
  ['constructor.prototype', patient('"constructor":{"prototype":{"active":true}}'), 400],
  ['__proto__ within', patient('"name":[{"__proto__":{"family":"Khan"}}]'), 400],
  ['a repeated member', patient('"active":true,"active":false'), 400],
  ['a member repeated by escape', patient('"active":true,"\\u0061ctive":false'), 400],
  ['arrays 10,000 deep', patient(`"name":${'['.repeat(10_000)}${']'.repeat(10_000)}`), 400],
  ['objects 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 400],
  ['extensions 100 deep', patient(nestedExtensions(100)), 400],
  ['a million values', patient(`"name":[${'1,'.repeat(1_000_000)}1]`), 400],
  ['20 MB', patient(`"name":[{"family":"${'x'.repeat(20_000_000)}"}]`), 413],
  ['invalid UTF-8', Buffer.concat([bytes('{"a":"'), new Uint8Array([0xff]), bytes('"}')]), 400],
  ['a surrogate in UTF-8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 400],
  ['a lone surrogate', patient('"name":[{"family":"\\ud800"}]'), 400],
  ['a lone surrogate in a name', patient('"\\udc00":1'), 400],
  ['NUL by escape', patient('"name":[{"family":"a\\u0000b"}]'), 400],
  ['a control character by escape', patient('"name":[{"family":"a\\u0001b"}]'), 400],
  ['a raw control character', patient('"name":[{"family":"a\u0001b"}]'), 400],
  ['an empty string', patient('"name":[{"family":""}]'), 400],
  ['an empty array', patient('"name":[]'), 400],
  ['an empty object', patient('"name":[{}]'), 400],
  ['a null', patient('"name":null'), 400],
  ['a date that does not exist', patient('"birthDate":"2023-02-29"'), 400],
  ['an endless number', patient('"multipleBirthInteger":1e999'), 400],
  ['a reference to nobody', patient('"generalPractitioner":[{"reference":"Organization/x"}]'), 422],
];

function nestedExtensions(depth: number): string {
  const open = '"extension":[{"url":"http://a.test/x",'.repeat(depth);
  return `${open}"valueBoolean":true${'}]'.repeat(depth)}`;
}

const entry = (resource: string, url = 'Patient') =>
  `{"resource":${resource},"request":{"method":"POST","url":"${url}"}}`;
const bundle = (entries: string, type = 'transaction') =>
  `{"resourceType":"Bundle","type":"${type}","entry":[${entries}]}`;
const good = entry(patient('"active":true'));

const dangling = '"generalPractitioner":[{"reference":"Organization/none"}]';

/** Bodies POSTed to the base. */
const bundles: readonly (readonly [string, string, number])[] = [
  ['a Patient', patient('"active":true'), 400],
  ['a Bundle without type', '{"resourceType":"Bundle"}', 400],
  ['a Bundle of another type', '{"resourceType":"Bundle","type":"collection"}', 400],
  ['no entries in an array', bundle(''), 400],
  ['a null entry', bundle('null'), 400],
  ['an empty entry', bundle('{}'), 400],
  ['an entry that is a text', bundle('"Patient"'), 400],
  ['entries that are an object', '{"resourceType":"Bundle","type":"batch","entry":{}}', 400],
  ['an entry without request', bundle('{"resource":{"resourceType":"Patient"}}'), 400],
  ['an entry without resource', bundle('{"request":{"method":"POST","url":"Patient"}}'), 400],
  ['an unknown method', bundle('{"request":{"method":"BREW","url":"Patient"}}'), 400],
  ['an entry of unknown type', bundle(entry('{"resourceType":"Patientt"}')), 400],
  ['a bad last entry', bundle(`${good},${entry(patient('"gender":"banana"'))}`), 400],
  ['a bad reference last', bundle(`${good},${entry(patient(dangling))}`), 422],
  [
    'the same resource twice',
    bundle(
      ['a', 'a']
        .map((id) => `{"resource":{"resourceType":"Patient","id":"${id}"},${put(id)}}`)
        .join(','),
    ),
    400,
  ],
  [
    'too many entries',
    bundle(
      Array(BUNDLE_ENTRIES_MAX + 1)
        .fill(good)
        .join(','),
    ),
    400,
  ],
];

/** GETs. */
const addresses: readonly (readonly [string, string, number])[] = [
  ['a type of Object.prototype', '/constructor', 404],
  ['__proto__ as a type', '/__proto__/1', 404],
  ['an unknown type', '/Patients', 404],
  ['NUL in a search value', '/Patient?family=a%00b', 400],
  ['NUL in a parameter name', '/Patient?fam%00ily=a', 400],
  ['an overlong value', `/Patient?family=${'x'.repeat(SEARCH_VALUE_LENGTH_MAX + 1)}`, 400],
  ['too many parameters', `/Patient?${'active=true&'.repeat(SEARCH_PARAMETERS_MAX + 1)}`, 400],
  ['a malformed escape', '/Patient?family=%ZZ', 400],
  ['an escape that is not UTF-8', '/Patient?family=%FF', 400],
  ['an unknown parameter', '/Patient?familie=Khan', 400],
  ['__proto__ as a parameter', '/Patient?__proto__=1', 400],
  ['constructor as a parameter', '/Patient?constructor=1', 400],
  ['an unknown modifier', '/Patient?family:toString=a', 400],
  ['an impossible date', '/Patient?birthdate=2023-02-30', 400],
  ['a count that is none', '/Patient?_count=many', 400],
  ['a negative count', '/Patient?_count=-1', 400],
  ['a chain without end', `/Patient?${'organization.partof.'.repeat(50)}name=a`, 400],
  ['_has without end', `/Patient?${'_has:Patient:link:'.repeat(50)}family=a`, 400],
  ['an instant that is none', '/Patient/_history?_since=yesterday', 400],
  ['a version that is none', '/Patient/a/_history/x', 404],
  ['an id that cannot be one', `/Patient/${'a'.repeat(65)}`, 404],
];

function put(id: string): string {
  return `"request":{"method":"PUT","url":"Patient/${id}"}`;
}

describe('bad input', function () {
  this.timeout(30_000);
  const directory = temporaryDirectory();
  let service: RunningService;
  before(async () => {
    service = await startService({ data: directory.path });
  });
  afterEach('the service still answers, and nothing bad was kept', async () => {
    const response = await fetch(`${service.baseUrl}/_history?_count=1`);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.equal((JSON.parse(text) as { total: number }).total, 0);
  });
  after(async () => {
    await service.stop();
    directory.remove();
  });

  const send = (path: string, body: RequestInit['body'], headers: Record<string, string> = json) =>
    fetch(service.baseUrl + path, { method: 'POST', headers, body: body ?? null });

  for (const [name, body, status] of bodies) {
    it(`refuses ${name} with ${status}`, async () => {
      await readOutcome(await send('/Patient', body), status);
    });
  }

  for (const [name, body, status] of bundles) {
    it(`refuses, as a Bundle, ${name} with ${status}`, async () => {
      await readOutcome(await send('', body), status);
    });
  }

  for (const [name, path, status] of addresses) {
    it(`refuses ${name} with ${status}`, async () => {
      await readOutcome(await fetch(service.baseUrl + path), status);
    });
  }

  it('refuses a gzip bomb with 413', async () => {
    const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
    const bomb = new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => member)));
    const headers = { ...json, 'content-encoding': 'gzip' };
    await readOutcome(await send('/Patient', bomb, headers), 413);
  });

  for (const type of ['text/xml', 'application/x-www-form-urlencoded', 'application/fhir+xml']) {
    it(`refuses ${type} with 415`, async () => {
      await readOutcome(await send('/Patient', 'x', { 'content-type': type }), 415);
    });
  }

  it('takes POST _search as a form, and as nothing else', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const found = await send('/Patient/_search?gender=female', 'family=Khan', form);
    assert.equal(found.status, 200);
    const { link } = (await found.json()) as { link: { url: string }[] };
    assert.match(link[0]?.url ?? '', /Patient\?gender=female&family=Khan$/);
    await readOutcome(await send('/Patient/_search', '{"family":"Khan"}', json), 415);
    await readOutcome(await send('/Patient/_search', 'family%ZZ=Khan', form), 400);
    await readOutcome(await send('/Patient/_search', 'colour=red', form), 400);
    await readOutcome(await send('/Patient', 'family=Khan', form), 415);
  });

  it('refuses preconditions that are none with 400', async () => {
    const headers = { ...json, 'if-match': 'three' };
    const body = '{"resourceType":"Patient","id":"a"}';
    const response = await fetch(`${service.baseUrl}/Patient/a`, { method: 'PUT', headers, body });
    await readOutcome(response, 400);
  });

  for (const [name, patch, status] of [
    ['that is no array', '{}', 400],
    ['with an unknown operation', '[{"op":"launch","path":"/a"}]', 400],
    ['of nothing', '[{"op":"add","path":"/__proto__/active","value":true}]', 404],
  ] as const) {
    it(`refuses a patch ${name} with ${status}`, async () => {
      const headers = { 'content-type': 'application/json-patch+json' };
      const init = { method: 'PATCH', headers, body: patch };
      await readOutcome(await fetch(`${service.baseUrl}/Patient/none`, init), status);
    });
  }
});
