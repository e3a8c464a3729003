// The service itself, twice, on one database: each reads what the other wrote, and when the one
// that tells subscribers is killed the other does so within half a minute, and nothing is lost.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import { mongoSource } from '../conformance/back-ends.ts';
import { dropDatabase, freePort, freshDatabase } from '../support/mongo-server.ts';
import { openReceivingServer, type ReceivingServer } from '../support/receiving-server.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import { immunization, patient } from '../support/sample-resources.ts';

const TAKEOVER_MS = 30_000;
const PERSON = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };
const PUBLIC = 'https://ims.example/fhir/R4';

describe('two processes of the service on one MongoDB', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();
  let uri = '';
  let services: RunningService[] = [];
  let gp: ReceivingServer;

  before(async function () {
    const source = mongoSource();
    if (source.kind === 'absent') return this.skip();
    uri = await freshDatabase(source);
    gp = await openReceivingServer();
    // As behind a proxy: both have the one public address.
    const shared = ['--store', 'mongodb', '--mongodb-uri', uri, '--base-url', PUBLIC];
    // The first one that starts takes the leases.
    for (let count = 0; count < 2; count += 1) {
      const port = await freePort();
      const service = await startService({ data: directory.path, port, flags: shared });
      services.push({ ...service, baseUrl: `http://127.0.0.1:${port}/fhir/R4` });
    }
  });
  after(async () => {
    for (const service of services) await service.stop();
    await gp?.close();
    directory.remove();
    if (uri !== '') await dropDatabase(uri);
  });

  async function send(service: RunningService | undefined, body: Resource): Promise<Response> {
    assert.ok(service !== undefined);
    const response = await fetch(`${service.baseUrl}/${body.resourceType}/${body.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.clone().text());
    return response;
  }

  it('read what the other wrote, by its number', async () => {
    const [one, other] = services;
    const written = await send(one, patient({ id: 'a', identifier: [PERSON] }));
    const sequence = written.headers.get('openims-sequence') ?? '';
    assert.match(sequence, /^[1-9]\d*$/);
    const read = await fetch(`${other?.baseUrl}/Patient/a`, {
      headers: { 'openims-sequence': sequence },
    });
    assert.equal(read.status, 200);
  });

  it('tell a subscriber of every dose, also when the one that does so is killed', async () => {
    const [one, other] = services;
    await send(other, {
      resourceType: 'Subscription',
      id: 'gp',
      status: 'requested',
      reason: 'The GP record holds every dose',
      criteria: 'Immunization?status=completed',
      channel: { type: 'rest-hook', endpoint: gp.url, payload: 'application/fhir+json' },
    });
    const dose = (id: string) =>
      immunization('Patient/a', { id, identifier: [{ system: 'https://gp.example', value: id }] });
    await send(other, dose('first'));
    await gp.received(1);
    await one?.kill9();
    services = services.slice(1);
    await send(other, dose('second'));
    const began = performance.now();
    const told = () => gp.requests.map(({ entry }) => entry?.resource.identifier?.[0]?.value);
    // What was told just before the kill may be told again.
    for (let count = 2; !told().includes('second'); count += 1) await gp.received(count);
    assert.ok(performance.now() - began < TAKEOVER_MS, 'the other has taken over');
    assert.deepEqual([...new Set(told())], ['first', 'second']);
  });
});
