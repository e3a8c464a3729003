// What a search tells beside its matches and of them: includes, summaries, elements; and the
// addresses that search more than one type, or less.

import assert from 'node:assert/strict';
import type { Caller } from '../../src/search/caller.ts';
import { bundleOf, entryOf, fresh, immunization, patient } from '../support/sample-resources.ts';
import {
  type Answer,
  allPages,
  BASE_URL,
  idsOf,
  linkOf,
  onEveryBackEnd,
  type Service,
} from '../support/service.ts';

const TAG = 'https://ims.test/tag';

/** A region with a practice, a person registered there, and two doses, all with one tag. */
async function household(service: Service) {
  const code = fresh('tag');
  const meta = { tag: [{ system: TAG, code }] };
  const [region, practice, person, first, second] = [
    'region',
    'practice',
    'person',
    'dose',
    'dose',
  ].map(fresh) as [string, string, string, string, string];
  const organisation = (id: string, more: object) => ({
    ...{ resourceType: 'Organization', id, meta, name: id },
    ...more,
  });
  const dose = (id: string, day: string) =>
    immunization(`Patient/${person}`, {
      id,
      meta,
      occurrenceDateTime: day,
      performer: [{ actor: { reference: `Organization/${practice}` } }],
    });
  const resources = [
    organisation(region, {}),
    organisation(practice, { partOf: { reference: `Organization/${region}` } }),
    patient({
      id: person,
      meta,
      gender: 'female',
      birthDate: '1950-06-01',
      name: [{ family: 'Khan', given: ['Amina'] }],
      generalPractitioner: [{ reference: `Organization/${practice}` }],
      photo: [{ title: 'not in a summary' }],
    }),
    dose(first, '2025-10-01'),
    dose(second, '2026-10-01'),
  ];
  for (const resource of resources) {
    const url = `/${resource.resourceType}/${resource.id}`;
    const answer = await service.request('PUT', url, resource);
    assert.ok(answer.status < 300, answer.body);
  }
  return { tag: `_tag=${code}`, region, practice, person, first, second };
}

const modes = ({ bundle }: Answer) =>
  (bundle.entry ?? []).map(({ resource, search }) => `${search?.mode} ${resource?.id}`);

onEveryBackEnd('includes', {}, (service) => {
  const get = async (url: string) => {
    const answer = await service().request('GET', url);
    assert.equal(answer.status, 200, `${url}: ${answer.body}`);
    return answer;
  };

  it('tell what matches point at, each once, and none that matches itself', async () => {
    const { tag, person, practice, first, second } = await household(service());
    const found = await get(
      `/Immunization?${tag}&_include=Immunization:patient&_include=Immunization:performer`,
    );
    assert.deepEqual(
      modes(found).sort(),
      [
        ...[practice, person].map((id) => `include ${id}`),
        ...[first, second].map((id) => `match ${id}`),
      ].sort(),
    );
    assert.equal(found.bundle.total, 2, 'the total is of the matches');
    const narrow = await get(`/Immunization?${tag}&_include=Immunization:performer:Practitioner`);
    assert.deepEqual(modes(narrow).length, 2);
    const all = await get(`/Immunization?${tag}&_include=*`);
    assert.deepEqual(modes(all).sort(), modes(found).sort());
  });

  it('follow on with :iterate, and backwards with _revinclude', async () => {
    const { tag, region, practice, person, first, second } = await household(service());
    const up = await get(
      `/Patient?${tag}&_include=Patient:general-practitioner` +
        '&_include:iterate=Organization:partof',
    );
    assert.deepEqual(modes(up), [`match ${person}`, `include ${practice}`, `include ${region}`]);
    const down = await get(
      `/Organization?_id=${practice}&_revinclude=Patient:general-practitioner` +
        '&_revinclude:iterate=Immunization:patient',
    );
    const told = [person, first, second].map((id) => `include ${id}`);
    assert.deepEqual(modes(down), [`match ${practice}`, ...told]);
    const whatever = await get(`/Patient?${tag}&_revinclude=*`);
    assert.deepEqual(
      modes(whatever).sort(),
      modes(await get(`/Patient?${tag}&_revinclude=Immunization:patient`)).sort(),
    );
  });

  it('leave out what the caller may not see', async () => {
    const { tag, person, first, second } = await household(service());
    const blind: Caller = {
      id: 'blind',
      maySee: (type) => ({ kind: type === 'Patient' ? 'nothing' : 'everything' }),
    };
    const url = `/Immunization?${tag}&_include=Immunization:patient`;
    const found = await service().as(blind).request('GET', url);
    assert.deepEqual(modes(found), [`match ${first}`, `match ${second}`]);
    const seen = await get(url);
    assert.ok(modes(seen).includes(`include ${person}`));
  });
});

onEveryBackEnd('parts of resources', {}, (service) => {
  const only = async (url: string) => {
    const { bundle, body } = await service().request('GET', url);
    const [entry] = bundle.entry ?? [];
    assert.ok(entry?.resource !== undefined, body);
    return entry.resource;
  };
  const SUBSETTED = 'SUBSETTED';

  it('are the elements asked for, the mandatory ones, id and meta, and marked', async () => {
    const { tag, person } = await household(service());
    const named = await only(`/Patient?${tag}&_elements=birthDate,name`);
    assert.deepEqual(Object.keys(named).sort(), [
      'birthDate',
      'id',
      'meta',
      'name',
      'resourceType',
    ]);
    assert.equal(named.id, person);
    assert.match(JSON.stringify(named.meta), new RegExp(`"${SUBSETTED}"\\}\\]`));
    const dose = await only(`/Immunization?${tag}&_elements=lotNumber&_count=1`);
    const mandatory = ['id', 'meta', 'occurrenceDateTime', 'patient', 'resourceType', 'status'];
    assert.deepEqual(Object.keys(dose).sort(), [...mandatory, 'vaccineCode']);
  });

  it('are summaries of each kind', async () => {
    const { tag } = await household(service());
    const summary = await only(`/Patient?${tag}&_summary=true`);
    assert.ok(Object.hasOwn(summary, 'gender') && !Object.hasOwn(summary, 'photo'));
    const text = await only(`/Patient?${tag}&_summary=text`);
    assert.deepEqual(Object.keys(text).sort(), ['id', 'meta', 'resourceType']);
    const data = await only(`/Patient?${tag}&_summary=data`);
    assert.ok(Object.hasOwn(data, 'photo') && !Object.hasOwn(data, 'text'));
    const whole = await only(`/Patient?${tag}&_summary=false`);
    assert.doesNotMatch(JSON.stringify(whole.meta), new RegExp(SUBSETTED));
    const counted = await service().request('GET', `/Patient?${tag}&_summary=count`);
    assert.equal(counted.bundle.total, 1);
    assert.equal(counted.bundle.entry, undefined);
  });

  it('keep the digits of decimals', async () => {
    const id = fresh('weight');
    const text =
      `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"a"},` +
      '"valueQuantity":{"value":0.10}}';
    await service().request('PUT', `/Observation/${id}`, text);
    const { body } = await service().request('GET', `/Observation?_id=${id}&_elements=value`);
    assert.match(body ?? '', /"value":0\.10\}/);
  });
});

onEveryBackEnd('searches of more types, and of fewer resources', {}, (service) => {
  const get = async (url: string) => {
    const answer = await service().request('GET', url);
    assert.equal(answer.status, 200, `${url}: ${answer.body}`);
    return answer;
  };

  it('of several types merge their pages and sum their totals', async () => {
    const { tag, region, practice, person, first, second } = await household(service());
    const types = '_type=Patient,Immunization,Organization';
    const whole = await get(`/?${types}&${tag}`);
    const ids = [first, second, region, practice, person];
    assert.deepEqual(idsOf(whole.bundle), ids, 'type by type, in order of creation');
    assert.equal(whole.bundle.total, 5);
    const pages = await allPages(service(), `/?${types}&${tag}&_count=2`);
    assert.deepEqual(idsOf(...pages), ids);
    assert.ok(pages.every(({ total }) => total === 5));
    const newest = await allPages(service(), `/?${types}&${tag}&_count=2&_sort=-_lastUpdated`);
    assert.deepEqual(idsOf(...newest), [second, first, person, practice, region]);
    const every = await get(`/?${tag}`);
    assert.equal(every.bundle.total, 5);
    for (const wrong of ['_type=Unicorn', `${types}&gender=female`, `${types}&_sort=name`]) {
      assert.equal((await service().request('GET', `/?${wrong}`)).status, 400, wrong);
    }
  });

  it('of a compartment find what is of the patient, and nothing else', async () => {
    const { person, first, second } = await household(service());
    const other = await household(service());
    const doses = await get(`/Patient/${person}/Immunization`);
    assert.deepEqual(idsOf(doses.bundle), [first, second]);
    const dated = await get(`/Patient/${person}/Immunization?date=ge2026`);
    assert.deepEqual(idsOf(dated.bundle), [second]);
    const all = await get(`/Patient/${person}/*`);
    assert.deepEqual(idsOf(all.bundle), [first, second, person]);
    assert.ok(!idsOf(all.bundle).includes(other.first));
    const pages = await allPages(service(), `/Patient/${person}/Immunization?_count=1`);
    assert.deepEqual(idsOf(...pages), [first, second]);
    for (const [url, status] of [
      ['/Patient/nobody/Immunization', 404],
      [`/Patient/${person}/Organization`, 404],
      [`/Patient/${person}/Unicorn`, 404],
      [`/Organization/${other.practice}/Patient`, 404],
      [`/Patient/${person}/Immunization?colour=red`, 400],
    ] as const) {
      assert.equal((await service().request('GET', url)).status, status, url);
    }
  });

  it('by POST agree with GET', async () => {
    const { tag, person } = await household(service());
    for (const [post, url] of [
      [`/Patient/_search?${tag}`, `/Patient?${tag}`],
      [`/_search?_type=Patient&${tag}`, `/?_type=Patient&${tag}`],
      [
        `/Patient/${person}/Immunization/_search?date=ge2026`,
        `/Patient/${person}/Immunization?date=ge2026`,
      ],
    ] as const) {
      const posted = await service().request('POST', post);
      assert.equal(posted.status, 200, posted.body);
      assert.equal(posted.body, (await get(url)).body);
    }
  });

  it('within a List find what it holds', async () => {
    const { first } = await household(service());
    const id = fresh('list');
    await service().request('PUT', `/List/${id}`, {
      ...{ resourceType: 'List', id, status: 'current', mode: 'working' },
      entry: [{ item: { reference: `Immunization/${first}` } }],
    });
    assert.deepEqual(idsOf((await get(`/Immunization?_list=${id}`)).bundle), [first]);
    assert.deepEqual(idsOf((await get(`/Patient?_list=${id}`)).bundle), []);
  });

  it('are explained instead of answered when asked', async () => {
    const { tag } = await household(service());
    const { resource } = await get(`/Patient?${tag}&gender=female&_explain=true`);
    const parts = resource.parameter as { name: string; valueInteger?: number }[];
    assert.equal(parts.find(({ name }) => name === 'total')?.valueInteger, 1);
    assert.ok(parts.some(({ name }) => name === 'statement'));
  });
});

onEveryBackEnd('$everything', {}, (service) => {
  const get = async (url: string) => {
    const answer = await service().request('GET', url);
    assert.equal(answer.status, 200, `${url}: ${answer.body}`);
    return answer;
  };

  it('tells the patient first, all that is of the patient, and who had to do with it', async () => {
    const { person, practice, first, second } = await household(service());
    const all = await get(`/Patient/${person}/$everything`);
    const told = [`match ${person}`, `match ${first}`, `match ${second}`, `include ${practice}`];
    assert.deepEqual(modes(all), told);
    const pages = await allPages(service(), `/Patient/${person}/$everything?_count=1`);
    const matches = pages.flatMap(({ entry = [] }) => {
      return entry.filter(({ search }) => search?.mode === 'match');
    });
    assert.deepEqual(
      matches.map(({ resource }) => resource?.id),
      [person, first, second],
    );
  });

  it('keeps to types, to what changed since, and to the period of care on every page', async () => {
    const { person, first, second } = await household(service());
    const doses = await get(`/Patient/${person}/$everything?_type=Immunization`);
    assert.deepEqual(modes(doses).slice(0, 2), [`match ${first}`, `match ${second}`]);
    const url = `/Patient/${person}/$everything?start=2026-01-01&end=2026&_count=1`;
    const pages = await allPages(service(), url);
    const ids = idsOf(...pages);
    assert.ok(ids.includes(person) && ids.includes(second) && !ids.includes(first), `${ids}`);
    const later = new Date(service().clock.nowMs + 60_000).toISOString();
    const none = await get(`/Patient/${person}/$everything?_since=${later}`);
    assert.equal(none.bundle.total, 0);
  });

  it('refuses what it does not know, and who is not there', async () => {
    const { person } = await household(service());
    for (const [url, status] of [
      ['/Patient/nobody/$everything', 404],
      [`/Patient/${person}/$everything?colour=red`, 400],
      [`/Patient/${person}/$everything?start=soon`, 400],
      [`/Patient/${person}/$everything?_type=Unicorn`, 400],
    ] as const) {
      assert.equal((await service().request('GET', url)).status, status, url);
    }
  });
});

onEveryBackEnd('pages of one answer', {}, (service) => {
  /** Thirteen patients of one tag. */
  async function many() {
    const code = fresh('tag');
    const ids = Array.from({ length: 13 }, () => fresh('many'));
    const entries = ids.map((id, index) =>
      entryOf('PUT', `Patient/${id}`, {
        ...patient({ id, name: [{ family: `Family${index % 5}` }] }),
        meta: { tag: [{ system: TAG, code }] },
      }),
    );
    const answer = await service().request('POST', '/', bundleOf('transaction', ...entries));
    assert.equal(answer.status, 200, answer.body);
    return { tag: `_tag=${code}`, code, ids };
  }

  /** Writes, changes and deletes among what is being paged. */
  async function disturb(code: string, ids: readonly string[], round: number) {
    const meta = { tag: [{ system: TAG, code }] };
    const changed = ids[round % ids.length] ?? '';
    const deleted = ids[(round * 5 + 2) % ids.length] ?? '';
    await service().request('PUT', `/Patient/${changed}`, {
      ...patient({ id: changed, name: [{ family: `Aaa${round}` }] }),
      meta,
    });
    await service().request('DELETE', `/Patient/${deleted}`);
    await service().request('POST', '/Patient', { ...patient(), meta });
  }

  const texts = ({ bundle }: Answer) =>
    (bundle.entry ?? []).map(({ resource }) => `${resource?.id} ${resource?.meta?.versionId}`);

  for (const sort of ['', '&_sort=family', '&_sort=-family,_id', '&_sort=-_lastUpdated']) {
    it(`are as at the first, forwards and backwards, whatever is written${sort}`, async () => {
      const { tag, code, ids } = await many();
      const whole = await service().request('GET', `/Patient?${tag}${sort}&_count=100`);
      let page = await service().request('GET', `/Patient?${tag}${sort}&_count=4`);
      const forwards = [...texts(page)];
      let round = 0;
      for (let next = linkOf(page.bundle, 'next'); next !== undefined; round += 1) {
        await disturb(code, ids, round);
        page = await service().request('GET', next);
        assert.equal(page.bundle.total, 13);
        forwards.push(...texts(page));
        next = linkOf(page.bundle, 'next');
      }
      assert.deepEqual(forwards, texts(whole));
      const backwards = [...texts(page)];
      for (let link = linkOf(page.bundle, 'previous'); link !== undefined; round += 1) {
        await disturb(code, ids, round);
        page = await service().request('GET', link);
        backwards.unshift(...texts(page));
        link = linkOf(page.bundle, 'previous');
      }
      assert.deepEqual(backwards, texts(whole));
      const first = await service().request('GET', linkOf(page.bundle, 'first') ?? '');
      assert.deepEqual(texts(first), texts(whole).slice(0, 4));
    });
  }

  it('have links that show nothing of the search, and belong to who asked', async () => {
    const { tag } = await many();
    const page = await service().request('GET', `/Patient?${tag}&family=family&_count=2`);
    const next = linkOf(page.bundle, 'next') ?? '';
    assert.match(next, new RegExp(`^${BASE_URL}/Patient\\?_page=[A-Za-z0-9_-]+$`));
    assert.ok(!Buffer.from(next.split('=')[1] ?? '', 'base64url').includes('family'));
    const other: Caller = { id: 'other', maySee: () => ({ kind: 'everything' }) };
    assert.equal((await service().as(other).request('GET', next)).status, 400);
    const elsewhere = next.replace('/Patient?', '/Immunization?');
    assert.equal((await service().request('GET', elsewhere)).status, 400);
    const altered = next.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    assert.equal((await service().request('GET', altered)).status, 400);
    assert.equal((await service().request('GET', `${next}&family=x`)).status, 400);
  });

  it('are gone when the window has passed them', async () => {
    const { tag, code, ids } = await many();
    const page = await service().request('GET', `/Patient?${tag}&_count=2`);
    await disturb(code, ids, 0);
    const { clock, context } = service();
    clock.nowMs += 3 * 86_400_000;
    await service().request('POST', '/Patient', patient());
    await context.store.maintain(clock.nowMs + 3 * 86_400_000);
    const gone = await service().request('GET', linkOf(page.bundle, 'next') ?? '');
    assert.equal(gone.status, 410, gone.body);
    assert.match(gone.issues[0]?.diagnostics ?? '', /anew/);
  });
});
