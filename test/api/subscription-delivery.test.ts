// A dose reaches the GP: two real services, a pharmacy that writes to the first with a client that
// others made, and the GP's system, which is the second. Also when the first one is killed.

import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import type { Resource } from '../../src/fhir/types.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import {
  fresh,
  freshIdentifier,
  immunization,
  patient,
  token,
} from '../support/sample-resources.ts';
import type { TestBundle } from '../support/service.ts';

/** From the pharmacy's 201, or from the restart, until the GP's system has the dose. */
const DELIVERY_MS = 2_000;

const KILLS = process.env.CI === 'true' ? 20 : 3;

type Identifier = ReturnType<typeof freshIdentifier>;

const person = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };

describe('a dose reaches the GP', () => {
  const directories = { ims: temporaryDirectory(), gp: temporaryDirectory() };
  let ims: RunningService;
  let gp: RunningService;
  let pharmacy: Client;
  let ourPatient: string;
  let theirPatient: string;

  before(async function () {
    this.timeout(30_000);
    gp = await startService({ data: directories.gp.path });
    ims = await startService({ data: directories.ims.path });
    pharmacy = new Client({ baseUrl: ims.baseUrl });
    ourPatient = await create(pharmacy, patient({ identifier: [person] }));
    const practice = new Client({ baseUrl: gp.baseUrl });
    theirPatient = await create(practice, patient({ identifier: [person] }));
    await create(pharmacy, {
      resourceType: 'Subscription',
      status: 'requested',
      reason: 'The GP record holds every dose',
      criteria: 'Immunization?status=completed',
      channel: { type: 'rest-hook', endpoint: gp.baseUrl, payload: 'application/fhir+json' },
    });
  });

  after(async () => {
    await ims?.stop();
    await gp?.stop();
    directories.ims.remove();
    directories.gp.remove();
  });

  async function create(client: Client, body: Resource): Promise<string> {
    const created: unknown = await client.create({ resourceType: body.resourceType, body });
    const { resourceType, id } = created as Resource;
    return `${resourceType}/${id}`;
  }

  const record = (identifier: Identifier, elements: Record<string, unknown> = {}) =>
    create(pharmacy, immunization(ourPatient, { identifier: [identifier], ...elements }));

  async function search(identifier: Identifier, signal?: AbortSignal): Promise<TestBundle> {
    const query = new URLSearchParams({ identifier: token(identifier) });
    const options = signal === undefined ? {} : { signal };
    const response = await fetch(`${gp.baseUrl}/Immunization?${query}`, options);
    assert.equal(response.status, 200);
    return (await response.json()) as TestBundle;
  }

  /** Asks the GP's system again and again until its copy is as wanted, or the time is over. */
  async function arrival(
    identifier: Identifier,
    isWanted: (dose: Resource) => boolean = () => true,
  ): Promise<Resource> {
    const deadline = AbortSignal.timeout(DELIVERY_MS);
    for (;;) {
      const { total, entry } = await search(identifier, deadline).catch((error: unknown) => {
        throw deadline.aborted ? new Error(`No dose in ${DELIVERY_MS} ms: ${ims.stderr()}`) : error;
      });
      const dose = entry?.[0]?.resource;
      if (dose === undefined || !isWanted(dose)) continue;
      assert.equal(total, 1);
      return dose;
    }
  }

  async function killAndRestart(): Promise<void> {
    const port = Number(new URL(ims.baseUrl).port);
    await ims.kill9();
    ims = await startService({ data: directories.ims.path, port });
  }

  it("within two seconds, under the GP's own patient", async () => {
    const identifier = freshIdentifier();
    await record(identifier, { lotNumber: '4120Z001' });
    const dose = await arrival(identifier);
    assert.equal((dose.patient as { reference?: string }).reference, theirPatient);
    assert.deepEqual(dose.identifier, [identifier]);
    assert.equal(dose.lotNumber, '4120Z001');
    assert.equal(dose.meta?.versionId, '1');
  });

  it('with its corrections, in one resource', async () => {
    const identifier = freshIdentifier();
    const location = await record(identifier, { lotNumber: 'wrong' });
    const first = await arrival(identifier);
    const [, id = ''] = location.split('/');
    const body = immunization(ourPatient, { id, identifier: [identifier], lotNumber: 'right' });
    await pharmacy.update({ resourceType: 'Immunization', id, body });
    const corrected = await arrival(identifier, ({ lotNumber }) => lotNumber === 'right');
    assert.equal(corrected.id, first.id);
  });

  it('in the order in which doses were recorded', async () => {
    const identifiers = Array.from({ length: 20 }, freshIdentifier);
    for (const identifier of identifiers) await record(identifier);
    const last = identifiers.at(-1);
    assert.ok(last !== undefined);
    await arrival(last);
    const response = await fetch(`${gp.baseUrl}/Immunization?_sort=-_lastUpdated&_count=20`);
    const { entry = [] } = (await response.json()) as TestBundle;
    const received = entry.map(({ resource }) => resource?.identifier).reverse();
    assert.deepEqual(
      received,
      identifiers.map((identifier) => [identifier]),
    );
  });

  it('not when it was not given', async () => {
    const [refused, given] = [freshIdentifier(), freshIdentifier()];
    await record(refused, { status: 'not-done', statusReason: { text: fresh('refused') } });
    await record(given);
    await arrival(given);
    assert.equal((await search(refused)).total, 0);
  });

  it(`once, also when we are killed right after the 201, ${KILLS} times`, async function () {
    this.timeout(KILLS * 10_000);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const identifier = freshIdentifier();
      await record(identifier);
      await killAndRestart();
      await arrival(identifier);
    }
  });

  it(`once, also when we are killed as soon as the GP has it, ${KILLS} times`, async function () {
    this.timeout(KILLS * 10_000);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [identifier, next] = [freshIdentifier(), freshIdentifier()];
      await record(identifier);
      await arrival(identifier);
      await killAndRestart();
      await record(next);
      // Changes arrive in order: what was pushed twice has come twice by now.
      await arrival(next);
      const dose = await arrival(identifier);
      assert.equal(dose.meta?.versionId, '1');
    }
  });
});
