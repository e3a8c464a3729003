// A search parameter that is added to a store with resources in it: filled while others write,
// stopped and gone on with, declared and answered only when it is complete.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import type { Context } from '../../src/interactions/interaction.ts';
import { route } from '../../src/interactions/router.ts';
import { AddedParameterIndex, startReindex } from '../../src/jobs/reindex.ts';
import { localOperator } from '../../src/search/caller.ts';
import type { CustomParameter } from '../../src/search/search-parameter-files.ts';
import { makeSearchRegistry } from '../../src/search/search-registry.ts';
import { bundleOf, entryOf, patient } from '../support/sample-resources.ts';
import { onEveryBackEnd, type Service, shippedStatement } from '../support/service.ts';

const SHOE = 'https://ims.test/shoe';
const shoe: CustomParameter = {
  type: 'Patient',
  hash: 'first',
  parameter: {
    code: 'shoe',
    url: 'https://ims.test/SearchParameter/shoe',
    type: 'token',
    expression: `Patient.extension.where(url='${SHOE}').value`,
    targets: [],
  },
};

/** The shipped statement, which offers the parameter too. */
function statement(): Resource {
  const shipped = shippedStatement();
  const [rest] = shipped.rest as { resource: { type: string; searchParam: object[] }[] }[];
  const resource = rest?.resource.map((row) =>
    row.type === 'Patient'
      ? { ...row, searchParam: [...row.searchParam, { name: 'shoe', type: 'token' }] }
      : row,
  );
  return { ...shipped, rest: [{ ...rest, resource }] };
}

const wearing = (id: string, size: number) =>
  patient({ id, extension: [{ url: SHOE, valueString: String(size) }] });

onEveryBackEnd('a new search parameter', { added: [shoe], statement: statement() }, (service) => {
  /** A context that knows the parameter as the index says. */
  const contextWith = ({ context }: Service, isFilled: () => boolean, known: boolean): Context => {
    const declared = (type: string) =>
      context.capabilities.searchParameters(type).filter((code) => known || code !== 'shoe');
    const { types } = context.capabilities;
    const list = context.search
      .indexed('Patient')
      .map((parameter) => ({ type: 'Patient', parameter }));
    const others = types.flatMap((type) =>
      context.search.indexed(type).map((parameter) => ({ type, parameter })),
    );
    const isShoe = (type: string, code: string) => type === 'Patient' && code === 'shoe';
    const registry = makeSearchRegistry(declared, types, {
      list: [...list, ...others],
      isFilled: (type, code) => !isShoe(type, code) || isFilled(),
    });
    return { ...context, search: registry };
  };
  const send = async (
    context: Context,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
  ) => {
    const [address = '', query = ''] = path.split('?');
    const segments = address.split('/').filter(Boolean);
    const plain = { method, path: segments, query, prefer: {}, caller: localOperator } as const;
    const response = await route(
      context,
      body === undefined
        ? plain
        : { ...plain, contentType: 'application/fhir+json', body: { value: body } },
    );
    return { status: response.status, body: JSON.parse(response.body ?? '{}') };
  };

  it('is filled across restarts while others write, and only then answered', async function () {
    this.timeout(30_000);
    const { store } = service().context;
    const before = contextWith(service(), () => false, false);
    const entries = Array.from({ length: 450 }, (_, index) =>
      entryOf('PUT', `Patient/p${index}`, wearing(`p${index}`, index % 7)),
    );
    const loaded = await send(before, 'POST', '/', bundleOf('transaction', ...entries));
    assert.equal(loaded.status, 200, JSON.stringify(loaded.body).slice(0, 300));

    const { now } = service().context;
    let index = await AddedParameterIndex.open(store, [shoe], now());
    const during = contextWith(service(), () => index.isFilled('Patient', 'shoe'), true);
    assert.equal(index.isFilled('Patient', 'shoe'), false);
    assert.equal(await index.fill(shoe, during), true, 'more is to be done');
    const early = await send(during, 'GET', '/Patient?shoe=3');
    assert.equal(early.status, 400);
    assert.match(early.body.issue[0].diagnostics, /"shoe" of Patient is new, and still being/);
    const { rest } = (await send(during, 'GET', '/metadata')).body;
    assert.ok(!JSON.stringify(rest).includes('"shoe"'), 'not declared yet');

    await send(during, 'PUT', '/Patient/p3', wearing('p3', 6));
    await send(during, 'PUT', '/Patient/p449', wearing('p449', 3));
    await send(during, 'PUT', '/Patient/late', wearing('late', 3));
    index = await AddedParameterIndex.open(store, [shoe], now());
    const run = startReindex(index, during);
    await run.finished;
    assert.equal(index.isFilled('Patient', 'shoe'), true);

    for (let size = 0; size < 7; size += 1) {
      const found = await send(during, 'GET', `/Patient?shoe=${size}&_count=1000`);
      const ids = found.body.entry.map(({ resource }: { resource: Resource }) => resource.id);
      const expected = entries
        .map((_, number) => [`p${number}`, number % 7] as const)
        .map(([id, own]) => [id, id === 'p3' ? 6 : id === 'p449' ? 3 : own] as const)
        .filter(([, own]) => own === size)
        .map(([id]) => id);
      assert.deepEqual(ids.sort(), [...expected, ...(size === 3 ? ['late'] : [])].sort());
    }
    const task = await send(during, 'GET', '/Task/reindex-Patient-shoe');
    assert.equal(task.body.status, 'completed');
    assert.equal(
      task.body.output[0].valueInteger,
      449,
      'all but the one that was changed before its turn',
    );
    const verdict = during.validator.validate({ value: task.body }, 'Task');
    assert.deepEqual(
      verdict.filter(({ severity }) => severity === 'error'),
      [],
    );
    const after = JSON.stringify((await send(during, 'GET', '/metadata')).body);
    assert.ok(after.includes('"shoe"'));
  });

  it('is answered at once where it stands for others, and nothing is indexed for it', async () => {
    const { store, now } = service().context;
    await service().request('PUT', '/Patient/somebody', wearing('somebody', 3));
    const code = 'vaccination-opted-out';
    const url = `https://ims.test/SearchParameter/${code}`;
    const parameter = { code, url, type: 'special', expression: '', targets: [] } as const;
    const alias: CustomParameter = { type: 'Patient', hash: 'first', parameter };
    const index = await AddedParameterIndex.open(store, [alias], now());
    assert.deepEqual(index.unfilled(), []);
    assert.equal(index.isFilled('Patient', code), true);
  });

  it('cannot change its meaning unnoticed', async () => {
    const { store, now } = service().context;
    const changed = { ...shoe, hash: 'second' };
    await assert.rejects(AddedParameterIndex.open(store, [changed], now()), /another code/);
  });
});
