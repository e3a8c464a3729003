// A client that others wrote, fhir-kit-client, against the real service over HTTP: whatever it
// takes for granted has to be there.

import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import type { Resource } from '../../src/fhir/types.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import {
  bundleOf,
  entryOf,
  fresh,
  freshIdentifier,
  freshUrn,
  immunization,
  observation,
  patient,
  token,
} from '../support/sample-resources.ts';
import type { TestBundle } from '../support/service.ts';

// The client's types say less than its answers hold.
const asResource = (answer: unknown): Resource => answer as Resource;
const asBundle = (answer: unknown): TestBundle | undefined => answer as TestBundle | undefined;

describe('fhir-kit-client', () => {
  const directory = temporaryDirectory();
  let running: RunningService | undefined;
  let client: Client;

  before(async function () {
    this.timeout(30_000);
    running = await startService({ data: directory.path });
    client = new Client({ baseUrl: running.baseUrl });
  });
  after(async () => {
    await running?.stop();
    directory.remove();
  });

  const create = async (body: Resource): Promise<Resource & { id: string }> => {
    const created = await client.create({ resourceType: body.resourceType, body });
    assert.ok('id' in created && typeof created.id === 'string');
    return created as unknown as Resource & { id: string };
  };

  it('reads the capability statement', async () => {
    const statement = await client.capabilityStatement();
    assert.equal(statement.resourceType, 'CapabilityStatement');
  });

  it('creates, reads and vreads', async () => {
    const created = await create(patient({ gender: 'female' }));
    const { response } = Client.httpFor(created);
    assert.equal(response?.status, 201);
    assert.equal(response?.headers.get('etag'), 'W/"1"');
    const location = response?.headers.get('location');
    assert.equal(location, `${running?.baseUrl}/Patient/${created.id}/_history/1`);
    const read = await client.read({ resourceType: 'Patient', id: created.id });
    assert.deepEqual(read, created);
    const version = await client.vread({ resourceType: 'Patient', id: created.id, version: '1' });
    assert.deepEqual(version, created);
  });

  it('updates, with If-Match, and by search', async () => {
    const identifier = freshIdentifier();
    const created = await create(patient({ identifier: [identifier] }));
    const { id } = created;
    const body = { ...created, active: true };
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const updated = await client.update({ resourceType: 'Patient', id, body, options });
    assert.equal(asResource(updated).meta?.versionId, '2');
    await assert.rejects(
      client.update({ resourceType: 'Patient', id, body, options }),
      (error: { response?: { status: number } }) => error.response?.status === 412,
    );
    const searchParams = { identifier: token(identifier) };
    const conditional = await client.update({ resourceType: 'Patient', searchParams, body });
    assert.equal(asResource(conditional).meta?.versionId, '3');
  });

  it('patches', async () => {
    const { id } = await create(patient({ gender: 'female' }));
    const jsonPatch = [{ op: 'replace' as const, path: '/gender', value: 'male' }];
    const patched = await client.patch({ resourceType: 'Patient', id, jsonPatch });
    assert.equal(asResource(patched).gender, 'male');
  });

  it('deletes, and is told that it is gone', async () => {
    const { id } = await create(patient());
    await client.delete({ resourceType: 'Patient', id });
    await assert.rejects(
      client.read({ resourceType: 'Patient', id }),
      (error: { response?: { status: number; data?: Resource } }) =>
        error.response?.status === 410 && error.response.data?.resourceType === 'OperationOutcome',
    );
  });

  it('searches, and follows the pages to the end', async () => {
    const family = fresh('Paged');
    const ids = [];
    for (let index = 0; index < 5; index += 1) {
      ids.push((await create(patient({ name: [{ family }] }))).id);
    }
    const searchParams = { family, _count: 2 };
    const found: string[] = [];
    let page = asBundle(await client.search({ resourceType: 'Patient', searchParams }));
    while (page !== undefined) {
      assert.equal(page.total, 5);
      found.push(...(page.entry ?? []).map(({ resource }) => resource?.id ?? ''));
      page = asBundle(await client.nextPage({ bundle: { ...page, link: [...(page.link ?? [])] } }));
    }
    assert.deepEqual(found, ids);
  });

  it('sends a batch and a transaction', async () => {
    const batch = await client.batch({
      body: bundleOf(
        'batch',
        entryOf('POST', 'Patient', patient()),
        entryOf('GET', 'Patient/nobody'),
      ),
    });
    const statuses = (asBundle(batch)?.entry ?? []).map(({ response }) => response?.status);
    assert.deepEqual(statuses, ['201 Created', '404 Not Found']);
    const person = freshUrn();
    const transaction = await client.transaction({
      body: bundleOf(
        'transaction',
        entryOf('POST', 'Patient', patient(), { fullUrl: person }),
        entryOf('POST', 'Immunization', immunization(person)),
      ),
    });
    const [, dose] = asBundle(transaction)?.entry ?? [];
    const stored = await client.resolve({ reference: dose?.response?.location ?? '' });
    const { patient: subject } = stored as unknown as { patient: { reference: string } };
    assert.equal((await client.resolve(subject)).resourceType, 'Patient');
  });

  it('asks for history of a resource, a type and the system', async () => {
    const { id } = await create(observation());
    await client.delete({ resourceType: 'Observation', id });
    const own = await client.history({ resourceType: 'Observation', id });
    assert.equal(asBundle(own)?.total, 2);
    for (const scope of [{ resourceType: 'Observation' }, {}]) {
      const { type, entry } = asBundle(await client.history(scope)) ?? assert.fail();
      assert.equal(type, 'history');
      assert.equal(entry?.[0]?.request?.url, `Observation/${id}`);
    }
  });
});
