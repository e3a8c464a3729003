// Identifiers that only one resource of a type may hold: who is refused, who is told what, and how
// a number becomes free again.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import { nhsNumber } from '../../src/population/nhs-number.ts';
import type { Caller } from '../../src/search/caller.ts';
import {
  bundleOf,
  entryOf,
  fresh,
  immunization,
  patient,
  token,
} from '../support/sample-resources.ts';
import { type Answer, idsOf, onEveryBackEnd, type Service } from '../support/service.ts';

const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

interface Identifier {
  readonly system: string;
  readonly value: string;
  readonly use?: string;
}

let numbers = 0;
const freshNumber = (): Identifier => {
  numbers += 1;
  return { system: NHS, value: nhsNumber(numbers) };
};

const holder = (...identifier: readonly Identifier[]): Resource => patient({ identifier });

const put = (service: Service, resource: Resource): Promise<Answer> =>
  service.request('PUT', `/${resource.resourceType}/${resource.id}`, resource);

/** Stores a Patient under a fresh id, which is answered. */
async function stored(service: Service, ...identifiers: readonly Identifier[]): Promise<string> {
  const answer = await service.request('POST', '/Patient', holder(...identifiers));
  assert.equal(answer.status, 201, answer.body);
  return answer.resource.id ?? '';
}

function assertTaken(answer: Answer, resource: string, ...named: readonly string[]): void {
  assert.equal(answer.status, 409, answer.body);
  const [issue] = answer.issues;
  assert.equal(issue?.code, 'duplicate');
  assert.deepEqual(issue?.expression, [`${resource}.identifier`]);
  for (const text of named) assert.ok(issue?.diagnostics.includes(text), issue?.diagnostics);
}

onEveryBackEnd('a unique identifier', {}, (service) => {
  const found = async (number: Identifier): Promise<string[]> => {
    const answer = await service().request('GET', `/Patient?identifier=${token(number)}`);
    return idsOf(answer.bundle).sort();
  };

  it('is refused to a second create with 409, naming identifier and first holder', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const second = await service().request('POST', '/Patient', holder(number));
    assertTaken(second, 'Patient', `${NHS}|${number.value}`, `Patient/${first}`);
    assert.deepEqual(await found(number), [first]);
  });

  it('is found by If-None-Exist as before', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const condition = { 'if-none-exist': `identifier=${token(number)}` };
    const again = await service().request('POST', '/Patient', holder(number), condition);
    assert.equal(again.status, 200);
    assert.equal(again.resource.id, first);
  });

  it('goes to one of 64 creates at once, conditional or not', async () => {
    for (const conditional of [true, false]) {
      const number = freshNumber();
      const headers = { 'if-none-exist': `identifier=${token(number)}` };
      const calls = Array.from({ length: 64 }, () =>
        service().request('POST', '/Patient', holder(number), conditional ? headers : {}),
      );
      const statuses = (await Promise.all(calls)).map(({ status }) => status).sort();
      const rest = Array.from({ length: 63 }, () => (conditional ? 200 : 409));
      assert.deepEqual(statuses, conditional ? [...rest, 201] : [201, ...rest]);
      assert.equal((await found(number)).length, 1);
    }
  });

  it('is refused to an update that takes it, and kept by its own updates', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const other = await stored(service(), freshNumber());
    assertTaken(await put(service(), { ...holder(number), id: other }), 'Patient', first);
    const update = await put(service(), { ...holder(number), id: first, gender: 'female' });
    assert.equal(update.status, 200);
  });

  it('is refused to a patch that takes it', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const other = await stored(service(), freshNumber());
    const patch = [{ op: 'replace', path: '/identifier/0/value', value: number.value }];
    assertTaken(await service().request('PATCH', `/Patient/${other}`, patch), 'Patient', first);
  });

  it('is free again when its Patient is merged into another; search finds both', async () => {
    const number = freshNumber();
    const old = await stored(service(), number);
    const survivor = await stored(service(), freshNumber());
    const link = [{ type: 'replaced-by', other: { reference: `Patient/${survivor}` } }];
    assert.equal((await put(service(), { ...holder(number), id: old, link })).status, 200);
    const superseded: Resource = { ...holder(number), id: survivor };
    assert.equal((await put(service(), superseded)).status, 200);
    assert.deepEqual(await found(number), [old, survivor].sort());
  });

  it('of use old may be held beside its holder, and search finds both', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const second = await stored(service(), freshNumber(), { ...number, use: 'old' });
    assert.deepEqual(await found(number), [first, second].sort());
  });

  it('is free again after a delete, and refused to the one that comes back', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    assert.equal((await service().request('DELETE', `/Patient/${first}`)).status, 204);
    const second = await stored(service(), number);
    assertTaken(await put(service(), { ...holder(number), id: first }), 'Patient', second);
  });

  it('is any identifier of an Immunization and the ODS code of an Organization', async () => {
    const person = `Patient/${await stored(service(), freshNumber())}`;
    const identifier = [{ system: 'https://supplier.test/doses', value: fresh('dose') }];
    const dose = immunization(person, { identifier });
    const first = await service().request('POST', '/Immunization', dose);
    assert.equal(first.status, 201, first.body);
    const second = await service().request('POST', '/Immunization', dose);
    assertTaken(second, 'Immunization', `Immunization/${first.resource.id}`);
    const practice = {
      resourceType: 'Organization',
      name: 'Practice',
      identifier: [{ system: ODS, value: fresh('Y') }],
    };
    assert.equal((await service().request('POST', '/Organization', practice)).status, 201);
    assertTaken(await service().request('POST', '/Organization', practice), 'Organization', ODS);
  });

  it('is no constraint on other systems and types', async () => {
    const mrn = { system: 'https://hospital.test/mrn', value: fresh('mrn') };
    await stored(service(), mrn);
    await stored(service(), mrn);
    assert.equal((await found(mrn)).length, 2);
  });

  it('cannot be asked for by its index entries', async () => {
    const number = freshNumber();
    await stored(service(), number);
    for (const query of [`_unique=${token(number)}`, '_sort=_unique']) {
      const answer = await service().request('GET', `/Patient?${query}`, undefined, {
        prefer: 'handling=strict',
      });
      assert.equal(answer.status, 400, query);
    }
  });
});

onEveryBackEnd('a unique identifier in a transaction', {}, (service) => {
  const transact = (...entries: readonly object[]) =>
    service().request('POST', '/', bundleOf('transaction', ...entries));

  const putEntry = (id: string, ...identifiers: readonly Identifier[]): object =>
    entryOf('PUT', `Patient/${id}`, { ...holder(...identifiers), id });

  it('that is taken is refused at its entry, naming the holder', async () => {
    const number = freshNumber();
    const first = await stored(service(), number);
    const free = entryOf('POST', 'Patient', holder(freshNumber()));
    const refused = await transact(free, entryOf('POST', 'Patient', holder(number)));
    assertTaken(refused, 'Bundle.entry[1].resource', number.value, `Patient/${first}`);
  });

  it('that two entries hold is refused, naming both entries', async () => {
    const entry = entryOf('POST', 'Patient', holder(freshNumber()));
    const refused = await transact(entry, entry);
    assertTaken(refused, 'Bundle.entry[1].resource', 'Bundle.entry[0].resource.identifier');
  });

  it('may be swapped, and passed on from one that is deleted', async () => {
    const [a, b] = [freshNumber(), freshNumber()];
    const first = await stored(service(), a);
    const second = await stored(service(), b);
    const swapped = await transact(putEntry(first, b), putEntry(second, a));
    assert.equal(swapped.status, 200, swapped.body);
    const created = entryOf('POST', 'Patient', holder(b));
    const passed = await transact(created, entryOf('DELETE', `Patient/${first}`));
    assert.equal(passed.status, 200, passed.body);
  });

  it('stops one entry of a batch and no other', async () => {
    const entry = entryOf('POST', 'Patient', holder(freshNumber()));
    const other = entryOf('POST', 'Patient', holder(freshNumber()));
    const answer = await service().request('POST', '/', bundleOf('batch', entry, entry, other));
    const statuses = answer.bundle.entry?.map(({ response }) => response?.status.slice(0, 3));
    assert.deepEqual(statuses, ['201', '409', '201']);
  });
});

onEveryBackEnd('the holder of a unique identifier', {}, (service) => {
  const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
  const clerk: Caller = {
    id: 'clerk',
    maySee: (type) => {
      if (type !== 'Patient') return { kind: 'everything' };
      const anyOf = [{ system: CONFIDENTIALITY, code: 'R' }];
      return { kind: 'not', of: { kind: 'token', parameter: '_security', anyOf } };
    },
  };

  it('is named to a caller who may see it, and not to one who may not', async () => {
    const [openNumber, hiddenNumber] = [freshNumber(), freshNumber()];
    const open = await stored(service(), openNumber);
    const id = fresh('hidden');
    const security = [{ system: CONFIDENTIALITY, code: 'R' }];
    await put(service(), { ...holder(hiddenNumber), id, meta: { security } });
    const create = (number: Identifier) =>
      service().as(clerk).request('POST', '/Patient', holder(number));
    assertTaken(await create(openNumber), 'Patient', `Patient/${open}`);
    const refused = await create(hiddenNumber);
    assertTaken(refused, 'Patient', hiddenNumber.value, 'another Patient');
    assert.ok(!refused.body?.includes(id), refused.body);
  });
});
