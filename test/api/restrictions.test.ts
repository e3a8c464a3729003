// Who asks: what a caller may not see is as if it were not there, whichever way they ask.

import assert from 'node:assert/strict';
import type { Caller } from '../../src/search/caller.ts';
import type { Expression } from '../../src/search/expression.ts';
import {
  binaryPatch,
  bundleOf,
  entryOf,
  fresh,
  freshIdentifier,
  immunization,
  observation,
  patient,
  token,
} from '../support/sample-resources.ts';
import { allPages, idsOf, onEveryBackEnd, type Service } from '../support/service.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

const notRestricted: Expression = {
  kind: 'not',
  of: {
    kind: 'token',
    parameter: '_security',
    anyOf: [{ system: CONFIDENTIALITY, code: 'R' }],
  },
};

/** Sees Patients that are not marked R, no Observations, and everything else. */
const clerk: Caller = {
  id: 'clerk',
  maySee: (type) => {
    if (type === 'Patient') return notRestricted;
    return type === 'Observation' ? { kind: 'nothing' } : { kind: 'everything' };
  },
};

const restricted = { meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } };

/** An open and a hidden patient with the same tag and family, each with a dose, and an
 * observation of the open one. */
async function population(service: Service) {
  const [open, hidden] = [fresh('open'), fresh('hidden')];
  const family = fresh('Family');
  const tagCode = fresh('tag');
  const tag = [{ system: 'https://ims.test/tag', code: tagCode }];
  const name = [{ family }];
  const hiddenIdentifier = freshIdentifier();
  const openIdentifier = freshIdentifier();
  const put = async (url: string, body: object): Promise<void> => {
    const answer = await service.request('PUT', url, body);
    assert.ok(answer.status < 300, answer.body);
  };
  await put(
    `/Patient/${open}`,
    patient({ id: open, name, identifier: [openIdentifier], meta: { tag } }),
  );
  const secret = { id: hidden, name, identifier: [hiddenIdentifier] };
  await put(`/Patient/${hidden}`, patient({ ...secret, meta: { ...restricted.meta, tag } }));
  const doses = [fresh('dose'), fresh('dose')];
  const seen = fresh('observation');
  for (const [index, id] of [open, hidden].entries()) {
    const dose = doses[index] ?? '';
    await put(`/Immunization/${dose}`, immunization(`Patient/${id}`, { id: dose, meta: { tag } }));
  }
  await put(
    `/Observation/${seen}`,
    observation({ id: seen, subject: { reference: `Patient/${open}` }, meta: { tag } }),
  );
  return {
    open,
    hidden,
    family,
    hiddenIdentifier,
    openIdentifier,
    doses,
    observation: seen,
    tag: `_tag=${tagCode}`,
  };
}

onEveryBackEnd('a caller who may not see everything', {}, (service) => {
  const asClerk = () => service().as(clerk);
  const search = async (query: string, type = 'Patient') => {
    const answer = await asClerk().request('GET', `/${type}?${query}`);
    assert.equal(answer.status, 200, answer.body);
    return answer.bundle;
  };

  it('reads and vreads only what they may see', async () => {
    const { open, hidden, observation: seen } = await population(service());
    assert.equal((await asClerk().request('GET', `/Patient/${open}`)).status, 200);
    assert.equal((await asClerk().request('GET', `/Patient/${open}/_history/1`)).status, 200);
    for (const url of [`/Patient/${hidden}`, `/Observation/${seen}`]) {
      for (const suffix of ['', '/_history/1', '/_history']) {
        const answer = await asClerk().request('GET', url + suffix);
        assert.equal(answer.status, 404, url + suffix);
        const other = await asClerk().request('GET', `/Patient/nobody${suffix}`);
        assert.equal(
          answer.issues[0]?.diagnostics.replace(url.slice(1), 'X'),
          other.issues[0]?.diagnostics.replace('Patient/nobody', 'X'),
          'hidden and absent look the same',
        );
      }
    }
  });

  it('sees old versions as they see the current one', async () => {
    const { open, hidden } = await population(service());
    const becomesHidden = patient({ id: open, ...restricted });
    await service().request('PUT', `/Patient/${open}`, becomesHidden);
    assert.equal((await asClerk().request('GET', `/Patient/${open}/_history/1`)).status, 404);
    await service().request('PUT', `/Patient/${hidden}`, patient({ id: hidden }));
    const old = await asClerk().request('GET', `/Patient/${hidden}/_history/1`);
    assert.equal(old.status, 200);
  });

  it('does not see that a hidden resource was deleted', async () => {
    const id = fresh('hidden');
    await service().request('PUT', `/Patient/${id}`, patient({ id, ...restricted }));
    await service().request('DELETE', `/Patient/${id}`);
    for (const suffix of ['', '/_history', '/_history/1', '/_history/2']) {
      assert.equal((await asClerk().request('GET', `/Patient/${id}${suffix}`)).status, 404, suffix);
    }
  });

  it('searches and counts only what they may see, negations included', async () => {
    const { open, hidden, family, tag } = await population(service());
    for (const query of [
      tag,
      `family=${family}`,
      `${tag}&gender:missing=true`,
      `${tag}&gender:not=male`,
      `_id=${open},${hidden}`,
      `${tag}&_sort=-family`,
    ]) {
      const bundle = await search(query);
      assert.equal(bundle.total, 1, query);
      assert.deepEqual(idsOf(bundle), [open], query);
    }
    assert.equal((await search(`${tag}&_summary=count`)).total, 1);
    assert.equal((await search(`_id=${hidden}`)).total, 0);
    assert.equal((await search(tag, 'Observation')).total, 0);
  });

  it('pages through what they may see, and not by links of those who see more', async () => {
    const { open, tag } = await population(service());
    const everything = await service().request('GET', `/Patient?${tag}&_count=1`);
    const link = everything.bundle.link?.find(({ relation }) => relation === 'next')?.url ?? '';
    assert.equal((await asClerk().request('GET', link)).status, 400);
    assert.deepEqual(idsOf(...(await allPages(asClerk(), `/Patient?${tag}&_count=1`))), [open]);
  });

  it('cannot reach through chains and _has what they may not see', async () => {
    const { family, hiddenIdentifier, doses, tag, open } = await population(service());
    const viaChain = await search(`patient.family=${family}`, 'Immunization');
    assert.deepEqual(idsOf(viaChain), [doses[0]]);
    const criterion = `patient.identifier=${token(hiddenIdentifier)}`;
    assert.equal((await search(criterion, 'Immunization')).total, 0);
    const viaHas = await search(`${tag}&_has:Observation:patient:status=final`);
    assert.equal(viaHas.total, 0);
    const has = await search(`${tag}&_has:Immunization:patient:status=completed`);
    assert.deepEqual(idsOf(has), [open]);
    const whole = await service().request(
      'GET',
      `/Patient?${tag}&_has:Observation:patient:status=final`,
    );
    assert.equal(whole.bundle.total, 1, 'who sees everything finds it');
  });

  it('gets histories of a type and of the system without what they may not see', async () => {
    service().clock.nowMs += 60_000;
    const since = `_since=${new Date(service().clock.nowMs).toISOString()}`;
    const { open, hidden, doses } = await population(service());
    await service().request('PUT', `/Patient/${hidden}`, patient({ id: hidden, ...restricted }));
    const gone = fresh('gone');
    await service().request('PUT', `/Patient/${gone}`, patient({ id: gone }));
    await service().request('DELETE', `/Patient/${gone}`);
    const type = await asClerk().request('GET', `/Patient/_history?${since}`);
    assert.deepEqual(idsOf(type.bundle), [open]);
    assert.equal(type.bundle.total, 1);
    const none = await asClerk().request('GET', `/Observation/_history?${since}`);
    assert.equal(none.bundle.total, 0);
    const system = await allPages(asClerk(), `/_history?${since}&_count=1`);
    assert.deepEqual(idsOf(...system), [...doses.toReversed(), open]);
    assert.ok(system.every(({ total }) => total === 3));
  });

  it('cannot write over what they may not see, nor learn more than that', async () => {
    const { hidden, family } = await population(service());
    const put = await asClerk().request('PUT', `/Patient/${hidden}`, patient({ id: hidden }));
    assert.equal(put.status, 409);
    assert.ok(!put.body?.includes(family));
    const operations = [{ op: 'test', path: '/name/0/family', value: family }];
    const patch = await asClerk().request('PATCH', `/Patient/${hidden}`, operations);
    assert.equal(patch.status, 404);
    assert.equal((await asClerk().request('DELETE', `/Patient/${hidden}`)).status, 204);
    const kept = await service().request('GET', `/Patient/${hidden}`);
    assert.equal(kept.status, 200);
    assert.equal(kept.versionId, '1');
  });

  it('meets hidden matches in conditional create and update as a nameless conflict', async () => {
    const { hiddenIdentifier, hidden, family } = await population(service());
    const criterion = `identifier=${token(hiddenIdentifier)}`;
    const body = patient({ identifier: [hiddenIdentifier] });
    const create = await asClerk().request('POST', '/Patient', body, {
      'if-none-exist': criterion,
    });
    const update = await asClerk().request('PUT', `/Patient?${criterion}`, body);
    for (const refused of [create, update]) {
      assert.equal(refused.status, 409);
      assert.ok(!refused.body?.includes(hidden), refused.body);
      assert.ok(!refused.body?.includes(family), refused.body);
    }
    const { bundle } = await service().request('GET', `/Patient?${criterion}`);
    assert.equal(bundle.total, 1, 'no second one was made');
    assert.equal(bundle.entry?.[0]?.resource?.meta?.versionId, '1');
  });

  it('does not meet hidden matches in conditional patch and delete at all', async () => {
    const { tag, open, hidden, hiddenIdentifier } = await population(service());
    const operations = [{ op: 'add', path: '/active', value: true }];
    const criterion = `identifier=${token(hiddenIdentifier)}`;
    const none = await asClerk().request('PATCH', `/Patient?${criterion}`, operations);
    assert.equal(none.status, 404);
    const one = await asClerk().request('PATCH', `/Patient?${tag}`, operations);
    assert.equal(one.status, 200);
    assert.equal(one.resource.id, open);
    const told = { prefer: 'return=OperationOutcome' };
    const doses = await asClerk().request(
      'DELETE',
      `/Immunization?patient=${open}`,
      undefined,
      told,
    );
    assert.match(doses.issues[0]?.diagnostics ?? '', /1/);
    const observed = await asClerk().request('DELETE', `/Observation?${tag}`, undefined, told);
    assert.match(observed.issues[0]?.diagnostics ?? '', /[Nn]othing/);
    assert.equal((await service().request('GET', `/Observation?${tag}`)).bundle.total, 1);
    const both = await asClerk().request('DELETE', `/Patient?${criterion}`, undefined, told);
    assert.match(both.issues[0]?.diagnostics ?? '', /[Nn]othing/);
    assert.equal((await service().request('GET', `/Patient/${hidden}`)).status, 200);
  });

  it('is not told who refers to what they would delete', async () => {
    const { open, doses, observation: seen } = await population(service());
    await service().request('DELETE', `/Immunization/${doses[0]}`);
    const refused = await asClerk().request('DELETE', `/Patient/${open}`);
    assert.equal(refused.status, 409);
    assert.ok(!refused.body?.includes(seen), refused.body);
    assert.ok(!refused.body?.includes('Observation'), refused.body);
  });

  it('is held to the same in the entries of a batch', async () => {
    const { hidden, open, tag, hiddenIdentifier } = await population(service());
    const criterion = `identifier=${token(hiddenIdentifier)}`;
    const batch = bundleOf(
      'batch',
      entryOf('GET', `Patient/${hidden}`),
      entryOf('GET', `Patient/${hidden}/_history`),
      entryOf('GET', `Patient?${tag}&_summary=count`),
      entryOf('PUT', `Patient/${hidden}`, patient({ id: hidden })),
      entryOf('PATCH', `Patient/${hidden}`, binaryPatch([])),
      entryOf('DELETE', `Patient/${hidden}`),
      entryOf('POST', 'Patient', patient(), { ifNoneExist: criterion }),
      entryOf('GET', `Patient/${open}`),
    );
    const { bundle } = await asClerk().request('POST', '/', batch);
    const statuses = bundle.entry?.map(({ response }) => response?.status.slice(0, 3));
    assert.deepEqual(statuses, ['404', '404', '200', '409', '404', '204', '409', '200']);
    assert.equal(bundle.entry?.[2]?.resource?.total, 1);
    assert.equal((await service().request('GET', `/Patient/${hidden}`)).versionId, '1');
  });

  it('is held to the same in the entries of a transaction', async () => {
    const { hidden, hiddenIdentifier, openIdentifier, open } = await population(service());
    const dose = (identifier: ReturnType<typeof freshIdentifier>) =>
      entryOf('POST', 'Immunization', immunization(`Patient?identifier=${token(identifier)}`));
    const send = (...entries: object[]) =>
      asClerk().request('POST', '/', bundleOf('transaction', ...entries));
    const toHidden = await send(dose(hiddenIdentifier));
    const toNobody = await send(dose(freshIdentifier()));
    assert.equal(toHidden.status, 422);
    assert.equal(toNobody.status, 422);
    assert.ok(!toHidden.body?.includes(hidden), toHidden.body);
    assert.equal((await send(dose(openIdentifier))).status, 200);
    for (const [status, entry] of [
      [409, entryOf('PUT', `Patient/${hidden}`, patient({ id: hidden }))],
      [404, entryOf('PATCH', `Patient/${hidden}`, binaryPatch([]))],
    ] as const) {
      const refused = await send(entry, entryOf('POST', 'Patient', patient()));
      assert.equal(refused.status, status);
    }
    const read = await send(
      entryOf('POST', 'Patient', patient()),
      entryOf('GET', `Patient/${hidden}`),
      entryOf('GET', `Patient/${open}`),
      entryOf('DELETE', `Patient/${hidden}`),
    );
    const statuses = read.bundle.entry?.map(({ response }) => response?.status.slice(0, 3));
    assert.deepEqual(statuses, ['201', '404', '200', '204']);
    assert.equal((await service().request('GET', `/Patient/${hidden}`)).status, 200);
  });
});
