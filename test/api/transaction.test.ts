// transaction: all or nothing, in the specification's order, references resolved everywhere.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import {
  binaryPatch,
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
import { BASE_URL, type Headers, onEveryBackEnd, type Service } from '../support/service.ts';

const send = (service: Service, entries: readonly object[], headers?: Headers) =>
  service.request('POST', '/', bundleOf('transaction', ...entries), headers);

/** Sends a transaction that must succeed and answers its entries. */
async function commit(service: Service, entries: readonly object[], headers?: Headers) {
  const answer = await send(service, entries, headers);
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.bundle.type, 'transaction-response');
  return answer.bundle.entry ?? [];
}

/** Sends a transaction that must be refused and answers the refusal; nothing may be written. */
async function refuse(service: Service, entries: readonly object[]) {
  const before = await service.context.store.position();
  const answer = await send(service, entries);
  assert.ok(answer.status >= 400, answer.body);
  assert.equal(await service.context.store.position(), before, 'nothing was written');
  return answer;
}

/** The resource that an answered entry's location names, read back. */
async function readBack(
  service: Service,
  entry: { readonly response?: { readonly location?: string } } | undefined,
): Promise<Resource> {
  const answer = await service.request('GET', entry?.response?.location ?? '/nowhere');
  assert.equal(answer.status, 200, answer.body);
  return answer.resource;
}

onEveryBackEnd('transaction', {}, (service) => {
  it('writes all entries in one commit and answers them in the order of the Bundle', async () => {
    const id = fresh('t');
    const before = await service().context.store.position();
    const [first, second] = await commit(service(), [
      entryOf('PUT', `Patient/${id}`, patient({ id })),
      entryOf('POST', 'Observation', observation({ subject: { reference: `Patient/${id}` } })),
    ]);
    assert.equal(first?.response?.status, '201 Created');
    assert.equal(first?.response?.location, `${BASE_URL}/Patient/${id}/_history/1`);
    assert.equal(first?.response?.etag, 'W/"1"');
    const at = new Date(service().clock.nowMs).toISOString();
    assert.equal(first?.response?.lastModified, at);
    assert.match(second?.response?.location ?? '', /\/Observation\//);
    const changes = await service().context.store.changes(before, 100);
    assert.deepEqual(
      changes.map(({ commitLast }) => commitLast),
      [before + 2, before + 2],
    );
  });

  it('of which the last entry fails leaves nothing behind', async () => {
    const id = fresh('t');
    const refused = await refuse(service(), [
      entryOf('PUT', `Patient/${id}`, patient({ id })),
      entryOf('PUT', `Patient/${fresh('t')}`, patient({ id: 'another' })),
    ]);
    assert.equal(refused.status, 400);
    assert.equal((await service().request('GET', `/Patient/${id}`)).status, 404);
  });

  it('tells all faults of all entries at once, each with its place in the Bundle', async () => {
    const refused = await refuse(service(), [
      entryOf('POST', 'Patient', patient({ gender: 'x', birthDate: 'y' })),
      entryOf('POST', 'Patient', patient()),
      entryOf('GET', '%zz'),
      entryOf('POST', 'Observation', { resourceType: 'Observation', code: { text: 'a' } }),
      entryOf('PATCH', 'Patient/none', binaryPatch([])),
      entryOf('POST', 'Observation', observation({ subject: { reference: freshUrn() } })),
    ]);
    const locations = refused.issues.flatMap(({ expression = [] }) => expression).sort();
    assert.deepEqual(locations, [
      'Bundle.entry[0].resource.birthDate',
      'Bundle.entry[0].resource.gender',
      'Bundle.entry[2].request.url',
      'Bundle.entry[3].resource.status',
      'Bundle.entry[4]',
      'Bundle.entry[5].resource.subject',
    ]);
  });

  it('takes effect in the order DELETE, POST, PUT, PATCH, GET', async () => {
    const identifier = freshIdentifier();
    const put = fresh('t');
    const patchedId = fresh('t');
    await service().request('PUT', `/Patient/${patchedId}`, patient({ id: patchedId }));
    const gone = fresh('t');
    await service().request('PUT', `/Patient/${gone}`, patient({ id: gone }));
    const before = await service().context.store.position();
    const answers = await commit(service(), [
      entryOf('GET', `Patient?identifier=${token(identifier)}&_summary=count`),
      entryOf(
        'PATCH',
        `Patient/${patchedId}`,
        binaryPatch([{ op: 'add', path: '/active', value: true }]),
      ),
      entryOf('PUT', `Patient/${put}`, patient({ id: put, identifier: [identifier] })),
      entryOf('POST', 'Patient', patient({ identifier: [identifier] })),
      entryOf('DELETE', `Patient/${gone}`),
    ]);
    const changes = await service().context.store.changes(before, 100);
    assert.deepEqual(
      changes.map(({ method }) => method),
      ['DELETE', 'POST', 'PUT', 'PATCH'],
    );
    assert.equal(answers[0]?.resource?.total, 2, 'the reading entry sees what was written');
    assert.deepEqual(
      answers.map(({ response }) => response?.status),
      ['200 OK', '200 OK', '201 Created', '201 Created', '204 No Content'],
    );
  });

  it('refuses two entries for one identity', async () => {
    const id = fresh('t');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const put = entryOf('PUT', `Patient/${id}`, patient({ id }));
    const created = entryOf('POST', 'Patient', patient(), { ifNoneExist: 'identifier=x|same' });
    for (const entries of [
      [put, put],
      [put, entryOf('DELETE', `Patient/${id}`)],
      [put, entryOf('PUT', `Patient?_id=${id}`, patient())],
      [
        entryOf('DELETE', `Patient?_id=${id}`),
        entryOf('POST', 'Patient', patient(), { ifNoneExist: `_id=${id}` }),
      ],
      [created, created],
    ]) {
      const refused = await refuse(service(), entries);
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.issues[0]?.expression, ['Bundle.entry[1]']);
    }
  });

  it('refuses two entries with one fullUrl', async () => {
    const fullUrl = freshUrn();
    const entry = entryOf('POST', 'Patient', patient(), { fullUrl });
    const refused = await refuse(service(), [entry, entry]);
    assert.match(JSON.stringify(refused.issues), /Bundle\.entry\[1\]\.fullUrl/);
  });

  it('heeds the conditions of its entries, for all of them', async () => {
    const id = fresh('t');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const other = entryOf('POST', 'Patient', patient());
    const late = entryOf('PUT', `Patient/${id}`, patient({ id }), { ifMatch: 'W/"3"' });
    const refused = await refuse(service(), [other, late]);
    assert.equal(refused.status, 412);
    assert.deepEqual(refused.issues[0]?.expression, ['Bundle.entry[1]']);
    await commit(service(), [
      other,
      entryOf('PUT', `Patient/${id}`, patient({ id }), { ifMatch: 'W/"1"' }),
    ]);
  });

  it('patches by a Binary', async () => {
    const id = fresh('t');
    await service().request('PUT', `/Patient/${id}`, patient({ id }));
    const operations = [{ op: 'add', path: '/gender', value: 'other' }];
    const [answer] = await commit(service(), [
      entryOf('PATCH', `Patient/${id}`, binaryPatch(operations)),
    ]);
    assert.equal(answer?.response?.etag, 'W/"2"');
    assert.equal((await readBack(service(), answer)).gender, 'other');
  });

  it('gives resources back on demand only', async () => {
    const identifier = freshIdentifier();
    const entry = entryOf('POST', 'Patient', patient({ identifier: [identifier] }), {
      ifNoneExist: `identifier=${token(identifier)}`,
    });
    const [quiet] = await commit(service(), [entry]);
    assert.equal(quiet?.resource, undefined);
    const [found] = await commit(service(), [entry]);
    assert.equal(found?.response?.status, '200 OK');
    assert.equal(found?.resource, undefined);
    const [shown] = await commit(service(), [entry], { prefer: 'return=representation' });
    assert.equal(shown?.resource?.resourceType, 'Patient');
  });

  it('tells of each entry what was judged but refuses nothing', async () => {
    const profile = 'https://elsewhere.example/fhir/StructureDefinition/traveller';
    const claiming = { ...patient(), meta: { profile: [profile] } };
    const entries = await commit(service(), [
      entryOf('POST', 'Patient', patient()),
      entryOf('POST', 'Patient', claiming),
    ]);
    const told = entries.map(({ response }) => response?.outcome?.issue ?? []);
    const counts = told.map(
      (issues) => issues.filter(({ diagnostics }) => diagnostics.includes(profile)).length,
    );
    assert.deepEqual(counts, [0, 1]);
  });

  it('can hold entries that a service of ours offers, and no others', async () => {
    for (const [method, url] of [
      ['POST', 'metadata'],
      ['POST', 'Unicorn'],
      ['PUT', 'Patient/1/_history/1'],
    ] as const) {
      const refused = await refuse(service(), [
        entryOf('POST', 'Patient', patient()),
        entryOf(method, url, patient()),
      ]);
      assert.deepEqual(refused.issues[0]?.expression, ['Bundle.entry[1]'], url);
    }
  });

  it('without entries is answered without any', async () => {
    assert.deepEqual(await commit(service(), []), []);
  });
});

onEveryBackEnd('references in a transaction', {}, (service) => {
  it('by urn become references to what was written, before and after in the Bundle', async () => {
    const person = freshUrn();
    const reaction = freshUrn();
    const [dose, , observed] = await commit(service(), [
      entryOf(
        'POST',
        'Immunization',
        immunization(person, { reaction: [{ detail: { reference: reaction } }] }),
      ),
      entryOf('POST', 'Patient', patient(), { fullUrl: person }),
      entryOf('POST', 'Observation', observation({ subject: { reference: person } }), {
        fullUrl: reaction,
      }),
    ]);
    const stored = await readBack(service(), dose);
    const { reference } = stored.patient as { reference: string };
    assert.match(reference, /^Patient\/id-/);
    assert.equal((await service().request('GET', `/${reference}`)).status, 200);
    const observation1 = await readBack(service(), observed);
    assert.deepEqual(observation1.subject, { reference });
    assert.deepEqual(stored.reaction, [
      { detail: { reference: `Observation/${observation1.id}` } },
    ]);
    const found = await service().request('GET', `/Immunization?patient=${reference}`);
    assert.equal(found.bundle.total, 1, 'the index knows the resolved reference');
  });

  it('by absolute and relative url mean the entry with that fullUrl', async () => {
    const [, absolute, relative] = await commit(service(), [
      entryOf('POST', 'Patient', patient(), { fullUrl: 'http://gp.test/fhir/Patient/7' }),
      entryOf('POST', 'Immunization', immunization('http://gp.test/fhir/Patient/7'), {
        fullUrl: freshUrn(),
      }),
      entryOf('POST', 'Immunization', immunization('Patient/7'), {
        fullUrl: 'http://gp.test/fhir/Immunization/8',
      }),
    ]);
    const first = await readBack(service(), absolute);
    assert.match((first.patient as { reference: string }).reference, /^Patient\/id-/);
    const second = await readBack(service(), relative);
    assert.deepEqual(second.patient, first.patient);
  });

  it('stand in extensions, uris and narrative, not in what looks like one', async () => {
    const person = freshUrn();
    const div =
      `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${person}">P</a> ` +
      `<img src="${person}" alt="${person}"/></div>`;
    const [, answer] = await commit(service(), [
      entryOf('POST', 'Patient', patient(), { fullUrl: person }),
      entryOf(
        'POST',
        'Observation',
        observation({
          text: { status: 'generated', div },
          extension: [
            { url: 'http://x.test/link', valueUri: person },
            { url: 'http://x.test/who', valueReference: { reference: person } },
          ],
          identifier: [{ system: 'urn:ietf:rfc:3986', value: person }],
          valueString: person,
        }),
      ),
    ]);
    const stored = await readBack(service(), answer);
    const [uri, reference] = stored.extension as [
      { valueUri: string },
      { valueReference: { reference: string } },
    ];
    const target = uri.valueUri;
    assert.match(target, /^Patient\/id-/);
    assert.deepEqual(reference.valueReference, { reference: target });
    const narrative = (stored.text as { div: string }).div;
    assert.ok(narrative.includes(`href="${target}"`), narrative);
    assert.ok(narrative.includes(`src="${target}" alt="${person}"`), narrative);
    assert.equal((stored.identifier as { value: string }[])[0]?.value, person);
    assert.equal(stored.valueString, person);
  });

  it('by a condition find what is stored', async () => {
    const identifier = freshIdentifier();
    const { resource } = await service().request(
      'POST',
      '/Patient',
      patient({ identifier: [identifier] }),
    );
    const [answer] = await commit(service(), [
      entryOf('POST', 'Immunization', immunization(`Patient?identifier=${token(identifier)}`)),
    ]);
    const stored = await readBack(service(), answer);
    assert.deepEqual(stored.patient, { reference: `Patient/${resource.id}` });
  });

  it('by a condition find what the same Bundle writes', async () => {
    const identifier = freshIdentifier();
    const [, answer] = await commit(service(), [
      entryOf('POST', 'Patient', patient({ identifier: [identifier] })),
      entryOf('POST', 'Immunization', immunization(`Patient?identifier=${token(identifier)}`)),
    ]);
    const { patient: subject } = await readBack(service(), answer);
    assert.match((subject as { reference: string }).reference, /^Patient\/id-/);
  });

  it('by a condition do not find what the same Bundle changes or deletes', async () => {
    const identifier = freshIdentifier();
    const { resource } = await service().request(
      'POST',
      '/Patient',
      patient({ identifier: [identifier] }),
    );
    const id = resource.id ?? '';
    const dose = entryOf(
      'POST',
      'Immunization',
      immunization(`Patient?identifier=${token(identifier)}`),
    );
    for (const entry of [
      entryOf('DELETE', `Patient/${id}`),
      entryOf('PUT', `Patient/${id}`, patient({ id })),
    ]) {
      const refused = await refuse(service(), [dose, entry]);
      assert.equal(refused.status, 422);
    }
  });

  it('by a condition that finds none are 422, several 412, unreadable 400', async () => {
    const identifier = freshIdentifier();
    const dose = (criterion: string) =>
      entryOf('POST', 'Immunization', immunization(`Patient?${criterion}`));
    const none = await refuse(service(), [dose(`identifier=${token(identifier)}`)]);
    assert.equal(none.status, 422);
    assert.deepEqual(none.issues[0]?.expression, ['Bundle.entry[0].resource.patient']);
    assert.match(none.issues[0]?.diagnostics ?? '', /Patient\?identifier=/);
    const twin = patient({ identifier: [identifier] });
    await commit(service(), [entryOf('POST', 'Patient', twin), entryOf('POST', 'Patient', twin)]);
    assert.equal((await refuse(service(), [dose(`identifier=${token(identifier)}`)])).status, 412);
    const unreadable = await refuse(service(), [dose('colour=blue')]);
    assert.equal(unreadable.status, 400);
    assert.deepEqual(unreadable.issues[0]?.expression, ['Bundle.entry[0].resource.patient']);
  });

  it('by an unknown urn are 422, naming element and urn', async () => {
    const unknown = freshUrn();
    const refused = await refuse(service(), [
      entryOf('POST', 'Immunization', immunization(unknown)),
    ]);
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.issues[0]?.expression, ['Bundle.entry[0].resource.patient']);
    assert.ok(refused.issues[0]?.diagnostics.includes(unknown));
  });

  it('to what a faulty entry would have written are no fault of their own', async () => {
    const person = freshUrn();
    const refused = await refuse(service(), [
      entryOf('POST', 'Patient', patient({ gender: 'x' }), { fullUrl: person }),
      entryOf('POST', 'Immunization', immunization(person)),
    ]);
    const locations = refused.issues.flatMap(({ expression = [] }) => expression);
    assert.deepEqual(locations, ['Bundle.entry[0].resource.gender']);
  });

  it('that resolve to a type which the element does not take are refused', async () => {
    const thing = freshUrn();
    const refused = await refuse(service(), [
      entryOf('POST', 'Observation', observation(), { fullUrl: thing }),
      entryOf('POST', 'Immunization', immunization(thing)),
    ]);
    assert.equal(refused.status, 400);
    assert.match(
      refused.issues[0]?.expression?.[0] ?? '',
      /^Bundle\.entry\[1\]\.resource\.patient/,
    );
  });

  it('to the match of a conditional create mean that match', async () => {
    const identifier = freshIdentifier();
    const { resource } = await service().request(
      'POST',
      '/Patient',
      patient({ identifier: [identifier] }),
    );
    const person = freshUrn();
    const [, answer] = await commit(service(), [
      entryOf('POST', 'Patient', patient({ identifier: [identifier] }), {
        fullUrl: person,
        ifNoneExist: `identifier=${token(identifier)}`,
      }),
      entryOf('POST', 'Immunization', immunization(person)),
    ]);
    const stored = await readBack(service(), answer);
    assert.deepEqual(stored.patient, { reference: `Patient/${resource.id}` });
  });

  it('16 simultaneous ones of a person and a dose make one person, 16 doses', async function () {
    this.timeout(30_000);
    const identifier = freshIdentifier();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => {
        const person = freshUrn();
        return send(service(), [
          entryOf('POST', 'Patient', patient({ identifier: [identifier] }), {
            fullUrl: person,
            ifNoneExist: `identifier=${token(identifier)}`,
          }),
          entryOf('POST', 'Immunization', immunization(person)),
        ]);
      }),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const persons = await service().request('GET', `/Patient?identifier=${token(identifier)}`);
    assert.equal(persons.bundle.total, 1);
    const reference = `Patient/${persons.bundle.entry?.[0]?.resource?.id}`;
    const doses = await service().request('GET', `/Immunization?patient=${reference}`);
    assert.equal(doses.bundle.total, 16);
  });
});
