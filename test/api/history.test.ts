// history of an instance, a type and the system: what is in it, since when, and page by page as
// one answer whatever is written between.

import assert from 'node:assert/strict';
import { fresh, observation, patient } from '../support/sample-resources.ts';
import {
  allPages,
  BASE_URL,
  idsOf,
  linkOf,
  onEveryBackEnd,
  type Service,
  type TestBundle,
} from '../support/service.ts';

const MINUTE_MS = 60_000;

/** Puts a patient, a minute after whatever was before. */
async function put(service: Service, id: string, elements = {}): Promise<void> {
  service.clock.nowMs += MINUTE_MS;
  const answer = await service.request('PUT', `/Patient/${id}`, patient({ id, ...elements }));
  assert.ok(answer.status < 300, answer.body);
}

/** The version ids in a history, newest first. */
function versionsOf(...bundles: readonly TestBundle[]): string[] {
  return bundles.flatMap(({ entry = [] }) =>
    entry.map(({ response }) => response?.etag?.replace(/\D/g, '') ?? ''),
  );
}

const instant = (nowMs: number): string => new Date(nowMs).toISOString();

onEveryBackEnd('history of an instance', {}, (service) => {
  it('holds every version, newest first, with what made it', async () => {
    const id = fresh('h');
    await put(service(), id);
    await service().request('PATCH', `/Patient/${id}`, [
      { op: 'add', path: '/active', value: true },
    ]);
    await service().request('DELETE', `/Patient/${id}`);
    await put(service(), id, { gender: 'other' });
    const { bundle, status } = await service().request('GET', `/Patient/${id}/_history`);
    assert.equal(status, 200);
    assert.equal(bundle.type, 'history');
    assert.equal(bundle.total, 4);
    assert.equal(linkOf(bundle, 'self'), `${BASE_URL}/Patient/${id}/_history`);
    assert.equal(linkOf(bundle, 'next'), undefined);
    assert.deepEqual(versionsOf(bundle), ['4', '3', '2', '1']);
    const told = (bundle.entry ?? []).map(({ request, response, resource }) => [
      request?.method,
      response?.status,
      resource?.meta?.versionId,
    ]);
    assert.deepEqual(told, [
      ['PUT', '200 OK', '4'],
      ['DELETE', '204 No Content', undefined],
      ['PATCH', '200 OK', '2'],
      ['PUT', '201 Created', '1'],
    ]);
    for (const { fullUrl, request, response } of bundle.entry ?? []) {
      assert.equal(fullUrl, `${BASE_URL}/Patient/${id}`);
      assert.equal(request?.url, `Patient/${id}`);
      assert.match(response?.lastModified ?? '', /^2026-11-25T\d\d:\d\d:00\.000Z$/);
    }
  });

  it('says how a created one came by its id', async () => {
    const { resource } = await service().request('POST', '/Patient', patient());
    const { bundle } = await service().request('GET', `/Patient/${resource.id}/_history`);
    assert.deepEqual(bundle.entry?.[0]?.request, { method: 'POST', url: 'Patient' });
    assert.equal(bundle.entry?.[0]?.response?.status, '201 Created');
  });

  it('of what never existed is 404', async () => {
    const answer = await service().request('GET', '/Patient/never/_history');
    assert.equal(answer.status, 404);
  });

  it('_since leaves out what is older than the instant', async () => {
    const id = fresh('h');
    await put(service(), id);
    await put(service(), id);
    const { nowMs } = service().clock;
    const since = async (ms: number) =>
      versionsOf(
        (await service().request('GET', `/Patient/${id}/_history?_since=${instant(ms)}`)).bundle,
      );
    assert.deepEqual(await since(nowMs), ['2'], 'the very instant is in');
    assert.deepEqual(await since(nowMs + 1), []);
    assert.deepEqual(await since(nowMs - MINUTE_MS), ['2', '1']);
    const url = `/Patient/${id}/_history?_since=2026-11-25T09:00:00+00:00`;
    assert.deepEqual(versionsOf((await service().request('GET', url)).bundle), ['2', '1']);
  });

  it('_at holds the versions that were current at some time of the period', async () => {
    const id = fresh('h');
    await put(service(), id);
    const firstMs = service().clock.nowMs;
    await put(service(), id);
    await put(service(), id);
    const at = async (text: string) =>
      versionsOf((await service().request('GET', `/Patient/${id}/_history?_at=${text}`)).bundle);
    assert.deepEqual(await at(instant(firstMs + 30_000)), ['1']);
    assert.deepEqual(await at(instant(firstMs - 1)), []);
    assert.deepEqual(await at(instant(firstMs + MINUTE_MS + 1)), ['2']);
    assert.deepEqual(await at('2026-11-25'), ['3', '2', '1']);
    assert.deepEqual(await at('2026-11-24'), []);
    assert.deepEqual(await at('2027'), ['3'], 'the current one stays current');
  });

  it('refuses parameters that it cannot read or does not know', async () => {
    const id = fresh('h');
    await put(service(), id);
    for (const query of [
      '_since=yesterday',
      '_at=2026-13',
      '_count=-1',
      '_count=x',
      '_page=x',
      '_page=WzEsImEiXQ',
      '_sort=_id',
    ]) {
      const refused = await service().request('GET', `/Patient/${id}/_history?${query}`);
      assert.equal(refused.status, 400, query);
    }
    const lenient = { prefer: 'handling=lenient' };
    const url = `/Patient/${id}/_history?_sort=_id`;
    assert.equal((await service().request('GET', url, undefined, lenient)).status, 200);
  });

  it('_count=0 answers the total alone', async () => {
    const id = fresh('h');
    await put(service(), id);
    const { bundle } = await service().request('GET', `/Patient/${id}/_history?_count=0`);
    assert.equal(bundle.total, 1);
    assert.equal(bundle.entry, undefined);
    assert.equal(linkOf(bundle, 'next'), undefined);
  });

  it('all pages are one answer though versions are written between them', async () => {
    const id = fresh('h');
    for (let version = 1; version <= 7; version += 1) await put(service(), id);
    const url = `/Patient/${id}/_history?_count=3&_at=2026`;
    let { bundle } = await service().request('GET', url);
    const pages = [bundle];
    for (let next = linkOf(bundle, 'next'); next !== undefined; next = linkOf(bundle, 'next')) {
      await put(service(), id);
      ({ bundle } = await service().request('GET', next));
      assert.equal(linkOf(bundle, 'self'), next);
      pages.push(bundle);
    }
    assert.deepEqual(versionsOf(...pages), ['7', '6', '5', '4', '3', '2', '1']);
    assert.deepEqual(
      pages.map(({ total }) => total),
      [7, 7, 7],
    );
  });
});

onEveryBackEnd('history of a type and of the system', {}, (service) => {
  it('holds the versions of all resources in the order of writing', async () => {
    const [a, b] = [fresh('h'), fresh('h')];
    const since = () => instant(service().clock.nowMs + 1);
    const start = since();
    await put(service(), a);
    await put(service(), b);
    const { resource } = await service().request('POST', '/Observation', observation());
    await put(service(), a);
    const type = await service().request('GET', `/Patient/_history?_since=${start}`);
    assert.deepEqual(idsOf(type.bundle), [a, b, a]);
    assert.equal(type.bundle.total, 3);
    const system = await service().request('GET', `/_history?_since=${start}`);
    assert.deepEqual(idsOf(system.bundle), [a, resource.id, b, a]);
    assert.equal(linkOf(system.bundle, 'self'), `${BASE_URL}/_history?_since=${start}`);
  });

  it('all pages are one answer though resources are written between them', async () => {
    const ids = Array.from({ length: 5 }, () => fresh('h'));
    const start = instant(service().clock.nowMs + 1);
    for (const id of ids) await put(service(), id);
    for (const base of ['/Patient/_history', '/_history']) {
      const url = `${base}?_since=${start}&_count=2`;
      const first = await service().request('GET', url);
      const total = first.bundle.total ?? 0;
      await put(service(), fresh('h'));
      const rest = await allPages(service(), linkOf(first.bundle, 'next') ?? '');
      const found = idsOf(first.bundle, ...rest);
      assert.equal(found.length, total);
      assert.deepEqual(found.slice(-5), ids.toReversed());
      assert.ok(rest.every((page) => page.total === total));
    }
  });

  it('lastUpdated never goes back in it though the clock does', async () => {
    const id = fresh('h');
    await put(service(), id);
    service().clock.nowMs -= 60 * MINUTE_MS;
    await put(service(), id);
    service().clock.nowMs += 60 * MINUTE_MS;
    const { bundle } = await service().request('GET', `/Patient/${id}/_history`);
    const [later, earlier] = (bundle.entry ?? []).map(
      ({ resource }) => resource?.meta?.lastUpdated,
    );
    assert.ok((later ?? '') >= (earlier ?? '~'));
    assert.deepEqual(versionsOf(bundle), ['2', '1']);
  });
});
