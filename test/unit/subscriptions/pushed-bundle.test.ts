// What a subscriber is sent, element by element.

import assert from 'node:assert/strict';

import type { Resource } from '../../../src/fhir/types.ts';
import { pushedBundle } from '../../../src/subscriptions/pushed-bundle.ts';
import {
  baseUrl,
  immunization,
  model,
  NHS_NUMBER,
  openWorld,
  patient,
  type SubscribedWorld,
} from './subscribed-world.ts';

interface SentEntry {
  readonly resource: Resource;
  readonly request: Readonly<Record<string, string>>;
}

describe('pushed bundle', () => {
  let world: SubscribedWorld;

  beforeEach(async () => {
    world = await openWorld(model);
    await world.put(patient('amina', '9000000009'));
  });

  afterEach(() => world.close());

  async function bundleOf(type: string, id: string) {
    const version = await world.store.read({ type, id });
    assert.ok(version !== undefined);
    return pushedBundle(version, world.store, baseUrl);
  }

  async function sentText(type: string, id: string): Promise<string> {
    const bundle = await bundleOf(type, id);
    assert.equal(bundle.kind, 'bundle');
    return bundle.kind === 'bundle' ? bundle.text : '';
  }

  async function sent(type: string, id: string): Promise<SentEntry> {
    const bundle = JSON.parse(await sentText(type, id));
    assert.equal(bundle.resourceType, 'Bundle');
    assert.equal(bundle.type, 'transaction');
    assert.equal(bundle.entry.length, 1);
    return bundle.entry[0];
  }

  it('creates a first version on condition that its identifier is unknown', async () => {
    await world.put(immunization('d1'));
    const { request } = await sent('Immunization', 'd1');
    assert.deepEqual(request, {
      method: 'POST',
      url: 'Immunization',
      ifNoneExist: 'identifier=https://pharmacy.test/dose%7Cd1',
    });
  });

  it('updates by the identifier for later versions', async () => {
    await world.put(immunization('d1'));
    await world.put(immunization('d1', { status: 'entered-in-error' }));
    const { request, resource } = await sent('Immunization', 'd1');
    const url = 'Immunization?identifier=https://pharmacy.test/dose%7Cd1';
    assert.deepEqual(request, { method: 'PUT', url });
    assert.equal(resource.status, 'entered-in-error');
  });

  it('leaves out what only this server gave: id, version and instant', async () => {
    await world.put(immunization('d1', { meta: { source: 'https://pharmacy.test' } }));
    await world.put(immunization('d2'));
    const [d1, d2] = [await sent('Immunization', 'd1'), await sent('Immunization', 'd2')];
    assert.equal(d1.resource.id, undefined);
    assert.deepEqual(d1.resource.meta, { source: 'https://pharmacy.test' });
    assert.equal('meta' in d2.resource, false);
  });

  it('names the person by NHS number, in patient and in subject', async () => {
    const display = 'Amina Khan';
    await world.put(immunization('d1', { patient: { reference: 'Patient/amina', display } }));
    await world.put({
      resourceType: 'Encounter',
      id: 'e1',
      subject: { reference: `${baseUrl}/Patient/amina/_history/1` },
    });
    const reference = `Patient?identifier=${NHS_NUMBER}%7C9000000009`;
    const dose = await sent('Immunization', 'd1');
    assert.deepEqual(dose.resource.patient, { reference, display });
    assert.deepEqual((await sent('Encounter', 'e1')).resource.subject, { reference });
  });

  it('takes the number that is in use now', async () => {
    await world.put(immunization('d1'));
    await world.put({
      resourceType: 'Patient',
      id: 'amina',
      identifier: [
        { use: 'old', system: NHS_NUMBER, value: '9000000009' },
        { system: 'https://pharmacy.test/customer', value: '7' },
        { system: NHS_NUMBER, value: '9000000025' },
      ],
    });
    const { resource } = await sent('Immunization', 'd1');
    assert.deepEqual(resource.patient, {
      reference: `Patient?identifier=${NHS_NUMBER}%7C9000000025`,
    });
  });

  for (const [whom, person] of [
    ['has no identifier', patient('ben')],
    [
      'has an old number alone',
      {
        resourceType: 'Patient',
        id: 'ben',
        identifier: [{ use: 'old', system: NHS_NUMBER, value: '9000000017' }],
      },
    ],
  ] as const) {
    it(`is undeliverable when the person ${whom}`, async () => {
      await world.put(person, immunization('d1', { patient: { reference: 'Patient/ben' } }));
      assert.deepEqual(await bundleOf('Immunization', 'd1'), {
        kind: 'undeliverable',
        why: 'Patient/ben has no NHS number',
      });
    });
  }

  it('is undeliverable when the person is not held here', async () => {
    await world.put(immunization('d1', { patient: { reference: 'Patient/ghost' } }));
    assert.equal((await bundleOf('Immunization', 'd1')).kind, 'undeliverable');
  });

  it('leaves references to others as they are', async () => {
    const elsewhere = { reference: 'https://pds.test/Patient/9000000009' };
    const contained = [{ resourceType: 'Organization', id: 'o' }];
    await world.put(
      immunization('d1', { patient: elsewhere, contained, manufacturer: { reference: '#o' } }),
    );
    const { resource } = await sent('Immunization', 'd1');
    assert.deepEqual(resource.patient, elsewhere);
    assert.deepEqual(resource.manufacturer, { reference: '#o' });
  });

  it('makes other references logical: by identifier, display, or our own identifier', async () => {
    const identifier = [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'FA565' }];
    await world.put(
      { resourceType: 'Organization', id: 'known', identifier },
      { resourceType: 'Organization', id: 'nameless' },
    );
    const actor = (id: string, display?: string) => ({
      actor: { reference: `Organization/${id}`, ...(display !== undefined && { display }) },
    });
    const performer = [actor('known', 'Boots'), actor('nameless', 'Site 7'), actor('nameless')];
    await world.put(immunization('d1', { performer, encounter: { reference: 'Encounter/gone' } }));
    const { resource } = await sent('Immunization', 'd1');
    const type = 'Organization';
    assert.deepEqual(resource.performer, [
      { actor: { type, identifier: identifier[0], display: 'Boots' } },
      { actor: { type, display: 'Site 7' } },
      { actor: { type, identifier: { system: `${baseUrl}/Organization`, value: 'nameless' } } },
    ]);
    assert.deepEqual(resource.encounter, {
      type: 'Encounter',
      identifier: { system: `${baseUrl}/Encounter`, value: 'gone' },
    });
  });

  it('moves references in extensions, contained resources and identifiers too', async () => {
    const reference = { reference: 'Organization/o1' };
    await world.put({ resourceType: 'Organization', id: 'o1', name: 'O' });
    await world.put(
      immunization('d1', {
        extension: [{ url: 'https://a.test', valueReference: reference }],
        contained: [{ resourceType: 'Encounter', id: 'e', serviceProvider: reference }],
        identifier: [{ system: 'https://pharmacy.test/dose', value: 'd1', assigner: reference }],
      }),
    );
    assert.doesNotMatch(await sentText('Immunization', 'd1'), /"reference":"Organization/);
  });

  it('gives an identifier of ours to what has none', async () => {
    const own = { system: `${baseUrl}/Immunization`, value: 'd1' };
    const { identifier: _identifier, ...bare } = immunization('d1');
    await world.put({ ...bare, resourceType: 'Immunization' });
    const { resource, request } = await sent('Immunization', 'd1');
    assert.deepEqual(resource.identifier, [own]);
    const ifNoneExist = `identifier=${baseUrl}/Immunization%7Cd1`;
    assert.deepEqual(request, { method: 'POST', url: 'Immunization', ifNoneExist });
  });

  it('keeps the identity of the first version whatever becomes of the identifiers', async () => {
    const other = { system: 'https://other.test/dose', value: '5' };
    await world.put(immunization('d1'));
    await world.put(immunization('d1', { identifier: [other] }));
    const { resource, request } = await sent('Immunization', 'd1');
    assert.equal(request.url, 'Immunization?identifier=https://pharmacy.test/dose%7Cd1');
    const first = { system: 'https://pharmacy.test/dose', value: 'd1' };
    assert.deepEqual(resource.identifier, [other, first]);
  });

  it('passes over identifiers without system, which may mean anything', async () => {
    await world.put(immunization('d1', { identifier: [{ value: '1' }] }));
    const { request } = await sent('Immunization', 'd1');
    assert.equal(request.ifNoneExist, `identifier=${baseUrl}/Immunization%7Cd1`);
  });

  it('escapes an identifier for search, then for the url', async () => {
    const identifier = [{ system: 'https://a.test/x', value: 'a|b,c$d\\e&f=g+h i%#é' }];
    await world.put(immunization('d1', { identifier }));
    const { request } = await sent('Immunization', 'd1');
    const query = new URLSearchParams(request.ifNoneExist);
    assert.deepEqual([...query.keys()], ['identifier']);
    const escaped = 'https://a.test/x|a\\|b\\,c\\$d\\\\e&f=g+h i%#é';
    assert.equal(query.get('identifier'), escaped);
  });

  it('keeps the digits of decimals', async () => {
    const dose = '"doseQuantity":{"value":0.30,"unit":"mL"}';
    const rest = JSON.stringify(immunization('d1')).slice(1);
    await world.putText(`{${dose},${rest}`);
    assert.ok((await sentText('Immunization', 'd1')).includes(dose));
  });
});
