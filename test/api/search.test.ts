// search-type: criteria, totals, order, pages as one answer, and what is said of mistakes.

import assert from 'node:assert/strict';
import { fresh, immunization, patient } from '../support/sample-resources.ts';
import {
  allPages,
  BASE_URL,
  idsOf,
  linkOf,
  onEveryBackEnd,
  type Service,
} from '../support/service.ts';

/** Stores patients that share a tag of their own; answers the tag's criterion. */
async function tagged(
  service: Service,
  patients: readonly Record<string, unknown>[],
): Promise<string> {
  const code = fresh('tag');
  for (const elements of patients) {
    const meta = { tag: [{ system: 'https://ims.test/tag', code }] };
    const body = patient({ ...elements, meta });
    const answer = await service.request('PUT', `/Patient/${elements.id}`, body);
    assert.ok(answer.status < 300, answer.body);
  }
  return `_tag=${code}`;
}

onEveryBackEnd('search-type', {}, (service) => {
  const search = async (query: string, type = 'Patient') => {
    const answer = await service().request('GET', `/${type}?${query}`);
    assert.equal(answer.status, 200, `${query}: ${answer.body}`);
    return answer.bundle;
  };
  const found = async (query: string) => idsOf(await search(query)).sort();

  it('answers a searchset with total, links, and each match with its url and mode', async () => {
    const id = fresh('s');
    const tag = await tagged(service(), [{ id }]);
    const bundle = await search(tag);
    assert.equal(bundle.type, 'searchset');
    assert.equal(bundle.total, 1);
    assert.equal(linkOf(bundle, 'self'), `${BASE_URL}/Patient?${tag}`);
    assert.equal(linkOf(bundle, 'next'), undefined);
    const [entry] = bundle.entry ?? [];
    assert.equal(entry?.fullUrl, `${BASE_URL}/Patient/${id}`);
    assert.deepEqual(entry?.search, { mode: 'match' });
    assert.equal(entry?.resource?.id, id);
  });

  it('that finds nothing is 200 without entries', async () => {
    const bundle = await search(`_tag=${fresh('nothing')}`);
    assert.equal(bundle.total, 0);
    assert.equal(bundle.entry, undefined);
  });

  it('takes AND of parameters, OR of values, prefixes and modifiers', async () => {
    const [a, b, c] = [fresh('s'), fresh('s'), fresh('s')];
    const tag = await tagged(service(), [
      { id: a, gender: 'female', birthDate: '1950-06-01', name: [{ family: 'Khan' }] },
      { id: b, gender: 'male', birthDate: '1961-11-22', name: [{ family: 'Khanum' }] },
      { id: c, birthDate: '1999', name: [{ family: 'Smith', given: ['Zoë'] }] },
    ]);
    const expected: readonly [string, string[]][] = [
      ['gender=female', [a]],
      ['gender=female,male', [a, b]],
      ['gender=female&gender=male', []],
      ['gender:not=female', [b, c]],
      ['gender:missing=true', [c]],
      ['birthdate=le1961-11-22', [a, b]],
      ['birthdate=lt1961-11-22', [a]],
      ['birthdate=gt1961-11-22', [c]],
      ['birthdate=ge1961-11-22&birthdate=le1980', [b]],
      ['birthdate=1999', [c]],
      ['family=khan', [a, b]],
      ['family:exact=Khan', [a]],
      ['name=zoe', [c]],
      [`_id=${a},${c}`, [a, c]],
      ['_lastUpdated=ge2026-11-25', [a, b, c]],
      ['_lastUpdated=gt2026-11-26', []],
    ];
    for (const [query, ids] of expected) {
      assert.deepEqual(await found(`${tag}&${query}`), ids.sort(), query);
    }
  });

  it('finds by references, chains and _has', async () => {
    const [a, b] = [fresh('s'), fresh('s')];
    const family = fresh('Family');
    const tag = await tagged(service(), [{ id: a, name: [{ family }] }, { id: b }]);
    const dose = await service().request('POST', '/Immunization', immunization(`Patient/${a}`));
    await service().request(
      'POST',
      '/Immunization',
      immunization(`Patient/${b}`, { status: 'not-done', statusReason: { text: 'refused' } }),
    );
    const doseId = dose.resource.id;
    for (const query of [`patient=Patient/${a}`, `patient=${a}`, `patient.family=${family}`]) {
      assert.deepEqual(idsOf(await search(query, 'Immunization')), [doseId], query);
    }
    assert.deepEqual(await found(`${tag}&_has:Immunization:patient:vaccine-code=140`), [a, b]);
    assert.deepEqual(await found(`${tag}&_has:Immunization:patient:status=completed`), [a]);
  });

  it('does not find what was deleted, nor by values that were changed', async () => {
    const id = fresh('s');
    const tag = await tagged(service(), [{ id, gender: 'female' }]);
    await service().request('PUT', `/Patient/${id}`, patient({ id, gender: 'male' }));
    assert.deepEqual(await found(tag), [], 'the tag went with the update');
    assert.deepEqual(await found(`_id=${id}&gender=female`), []);
    assert.deepEqual(await found(`_id=${id}&gender=male`), [id]);
    await service().request('DELETE', `/Patient/${id}`);
    assert.deepEqual(await found(`_id=${id}`), []);
  });

  it('sorts, upwards and downwards, those without a value last', async () => {
    const [a, b, c] = [fresh('s'), fresh('s'), fresh('s')];
    const tag = await tagged(service(), [
      { id: a, birthDate: '1970-01-01', name: [{ family: 'Begum' }] },
      { id: b, name: [{ family: 'Ali' }] },
      { id: c, birthDate: '1960-01-01', name: [{ family: 'Craig' }] },
    ]);
    const order = async (sort: string) => idsOf(await search(`${tag}&_sort=${sort}`));
    assert.deepEqual(await order('birthdate'), [c, a, b]);
    assert.deepEqual(await order('-birthdate'), [a, c, b]);
    assert.deepEqual(await order('family'), [b, a, c]);
    assert.deepEqual(await order('-_lastUpdated'), [c, b, a]);
    assert.deepEqual(idsOf(await search(tag)), [a, b, c], 'unsorted is the order of creation');
  });

  it('_summary=count and _count=0 answer the exact total alone', async () => {
    const tag = await tagged(service(), [{ id: fresh('s') }, { id: fresh('s') }]);
    for (const query of ['_summary=count', '_count=0']) {
      const bundle = await search(`${tag}&${query}`);
      assert.equal(bundle.total, 2);
      assert.equal(bundle.entry, undefined);
      assert.equal(linkOf(bundle, 'next'), undefined);
    }
  });

  it('next links lead through all matches, each once, whatever is written between', async () => {
    const ids = Array.from({ length: 7 }, () => fresh('s'));
    const years = [1950, 1940, 1950, 1930, 1960, 1940, 1950];
    const people = ids.map((id, index) => ({ id, birthDate: `${years[index]}-01-01` }));
    const [first = '', second = '', ...others] = ids;
    for (const sort of ['', '&_sort=birthdate', '&_sort=-birthdate', '&_sort=-_id']) {
      const tag = await tagged(service(), people);
      const all = idsOf(await search(`${tag}${sort}`));
      let bundle = await search(`${tag}${sort}&_count=2`);
      const pages = [bundle];
      const remove = [first, others[0] ?? ''];
      for (let next = linkOf(bundle, 'next'); next !== undefined; next = linkOf(bundle, 'next')) {
        await service().request('DELETE', `/Patient/${remove.shift() ?? 'none'}`);
        await service().request('PUT', `/Patient/${second}`, patient({ id: second }));
        ({ bundle } = await service().request('GET', next));
        assert.equal(linkOf(bundle, 'self'), next);
        pages.push(bundle);
      }
      assert.deepEqual(idsOf(...pages), all, sort);
      assert.deepEqual(
        pages.map(({ total, entry }) => [total, entry?.length]),
        [
          [7, 2],
          [7, 2],
          [7, 2],
          [7, 1],
        ],
      );
    }
  });

  it('pages hold what the resources were when the first page was answered', async () => {
    const [a, b] = [fresh('s'), fresh('s')];
    const tag = await tagged(service(), [
      { id: a, gender: 'female' },
      { id: b, gender: 'female' },
    ]);
    const first = await search(`${tag}&_count=1`);
    await service().request('PUT', `/Patient/${b}`, patient({ id: b, gender: 'male' }));
    const [second] = await allPages(service(), linkOf(first, 'next') ?? '');
    assert.equal(second?.entry?.[0]?.resource?.gender, 'female');
  });

  it('refuses what it does not know, and says what it does, under strict handling', async () => {
    for (const query of [
      'colour=blue',
      'gender:above=male',
      'birthdate=soon',
      '_sort=colour',
      '_has:Immunization:colour:status=x',
      'patient.colour=x',
      '_count=many',
      '_summary=everything',
      '_page=nonsense',
      'name=%zz',
    ]) {
      const refused = await service().request('GET', `/Patient?${query}`);
      assert.equal(refused.status, 400, `${query}: ${refused.body}`);
    }
    const refused = await service().request('GET', '/Patient?colour=blue');
    assert.match(refused.issues[0]?.diagnostics ?? '', /colour.*birthdate/);
  });

  it('survives page links that were forged', async () => {
    for (const token of [
      [1e9, 'x'],
      [1, 'x'],
      [0, ''],
      [1, 'WzEsMSwxXQ'],
      [-1, 'x'],
      [0.5, 'x'],
    ]) {
      const text = Buffer.from(JSON.stringify(token)).toString('base64url');
      const answer = await service().request('GET', `/Patient?_page=${text}`);
      assert.ok(answer.status < 500, `${token}: ${answer.body}`);
    }
  });

  it('ignores what it does not know under lenient handling, and reports it', async () => {
    const id = fresh('s');
    const tag = await tagged(service(), [{ id }]);
    const lenient = { prefer: 'handling=lenient' };
    const url = `/Patient?${tag}&colour=blue`;
    const { bundle, status } = await service().request('GET', url, undefined, lenient);
    assert.equal(status, 200);
    assert.equal(bundle.total, 1);
    assert.equal(linkOf(bundle, 'self'), `${BASE_URL}/Patient?${tag}`);
    const [match, outcome] = bundle.entry ?? [];
    assert.equal(match?.search?.mode, 'match');
    assert.equal(outcome?.search?.mode, 'outcome');
    assert.equal(outcome?.resource?.resourceType, 'OperationOutcome');
    assert.match(JSON.stringify(outcome?.resource), /colour/);
  });
});
