// Two instances of the service on one database: what one answers, the other goes on from.

import assert from 'node:assert/strict';
import type { TextIndexerSource } from '../../src/store/text-indexer.ts';
import { type BackEnd, mongoSource, openMongo } from '../conformance/back-ends.ts';
import { dropDatabase, freshDatabase } from '../support/mongo-server.ts';
import { patient } from '../support/sample-resources.ts';
import { linkOf, openService, type Service } from '../support/service.ts';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

const late = (index: number) => patient({ id: `late-${index}`, gender: 'other' });

describe('two services on one MongoDB', function () {
  this.timeout(60_000);
  let uri = '';
  let one: Service;
  let other: Service;

  before(async function () {
    const source = mongoSource();
    if (source.kind === 'absent') return this.skip();
    uri = await freshDatabase(source);
    const open = async (indexer?: TextIndexerSource) => {
      assert.ok(indexer !== undefined);
      const store = await openMongo(uri, indexer, () => {});
      return { store, dispose: () => store.close() };
    };
    const backEnd: BackEnd = { name: 'mongodb', isSlow: true, open };
    one = await openService(backEnd);
    other = await openService(backEnd);
    // Ids are counted in each service of a test, and are to differ as they do in life.
    let ids = 0;
    Object.assign(other.context, { newId: () => `other-${++ids}` });
  });
  after(async () => {
    await one?.close();
    await other?.close();
    if (uri !== '') await dropDatabase(uri);
  });

  it('answers with what the other has written where its number is brought', async () => {
    for (const [writer, reader, id] of [
      [one, other, 'a'],
      [other, one, 'b'],
    ] as const) {
      const { sequence } = await writer.request('PUT', `/Patient/${id}`, patient({ id }));
      const headers = { 'openims-sequence': String(sequence) };
      const read = await reader.request('GET', `/Patient/${id}`, undefined, headers);
      assert.equal(read.status, 200);
      const found = await reader.request('GET', `/Patient?_id=${id}`, undefined, headers);
      assert.equal(found.bundle.total, 1);
    }
  });

  it('turns the pages of the other, of the same moment', async () => {
    for (let index = 0; index < 5; index += 1) {
      await one.request(
        'PUT',
        `/Patient/page-${index}`,
        patient({ id: `page-${index}`, gender: 'other' }),
      );
    }
    const first = await one.request('GET', '/Patient?gender=other&_sort=_id&_count=2');
    const ids = first.bundle.entry?.map(({ resource }) => resource?.id) ?? [];
    let services = [other, one];
    for (let next = linkOf(first.bundle, 'next'); next !== undefined; ) {
      await one.request('PUT', `/Patient/late-${ids.length}`, late(ids.length));
      const page = await services[0]?.request('GET', next);
      assert.equal(page?.bundle.total, first.bundle.total);
      ids.push(...(page?.bundle.entry?.map(({ resource }) => resource?.id) ?? []));
      next = page && linkOf(page.bundle, 'next');
      services = services.toReversed();
    }
    assert.deepEqual(
      ids,
      [0, 1, 2, 3, 4].map((index) => `page-${index}`),
    );
  });

  it('makes one of 64 conditional creates that come to both', async () => {
    const identifier = [{ system: 'https://gp.example/id', value: 'once' }];
    const headers = { 'if-none-exist': 'identifier=https://gp.example/id|once' };
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        (index % 2 === 0 ? one : other).request(
          'POST',
          '/Patient',
          patient({ identifier }),
          headers,
        ),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 201).length, 1, String(statuses));
    assert.equal(statuses.filter((status) => status === 200).length, 63, String(statuses));
  });

  it('gives one NHS number to one of those who ask both for it', async () => {
    const identifier = [{ system: NHS_NUMBER, value: '9990000018' }];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).request('POST', '/Patient', patient({ identifier })),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, ...Array.from({ length: 19 }, () => 409)]);
  });
});
