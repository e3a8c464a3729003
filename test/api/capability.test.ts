// The capability statement is the configuration: what it declares answers, and nothing else does.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import type { DeclaredType } from '../../src/interactions/capability-statement.ts';
import type { Method } from '../../src/interactions/interaction.ts';
import { isFault } from '../../src/interactions/put-write.ts';
import { fresh } from '../support/sample-resources.ts';
import { BASE_URL, inMemory, onEveryBackEnd, shippedStatement } from '../support/service.ts';

interface Rest {
  readonly resource: readonly DeclaredType[];
  readonly interaction: readonly { readonly code: string }[];
}

const restOf = (statement: Resource): Rest => (statement.rest as Rest[])[0] as Rest;
/** Values of parameters that are read in a way of their own. */
const ownValues: Readonly<Record<string, string>> = {
  _id: 'one',
  near: '51.5|-0.1|1|km',
  '-date.from': '2026-10-01',
  '-date.to': '2026-10-01',
  '-immunization.target': 'FLU',
  'target-disease-status-date': 'a$completed$ge2026',
  'vaccine-code-status-date': 'a$completed$ge2026',
  'risk-group': 'diabetes',
  'priority-group': 'nhs-staff',
  registered: 'true',
  'opted-out': 'true',
  'vaccination-doses': 'flu-2026$ge1',
  'vaccination-date': 'flu-2026$ge2026-10-01',
  'vaccination-invitation-date': 'flu-2026$ge2026-10-01',
  'vaccination-refused': 'flu-2026',
  'vaccination-contraindicated': 'flu-2026',
  'vaccination-invited': 'flu-2026',
  'vaccination-reminded': 'flu-2026',
  'vaccination-booked': 'flu-2026',
  'vaccination-opted-out': 'flu-2026',
};

/** What a composite's parts are, as its name says. */
const partValues: readonly (readonly [RegExp, string])[] = [
  [/quantity$/, 'a$5'],
  [/date$/, 'a$2026'],
];

function valueFor({ name, type }: { readonly name: string; readonly type: string }): string {
  const parts = partValues.find(([pattern]) => pattern.test(name))?.[1] ?? 'a$b';
  return ownValues[name] ?? (type === 'composite' ? parts : (values[type] ?? 'A1'));
}

const everyOperation = [
  ...['validate', 'expand', 'lookup', 'subsumes', 'validate-code', 'everything'],
  ...['cohort', 'explain-cohort', 'compare-cohorts', 'sample-cohort', 'cohort-status'],
  'import-campaign',
];

/** Those that are of an instance alone. */
const ofInstances = [
  ...['everything', 'members', 'refresh-members', 'freeze-members', 'judge-campaign'],
];

const declared = restOf(shippedStatement()).resource;

/** A request for each interaction, and what the router must not answer to it when it is offered. */
const requests: Readonly<Record<string, readonly [Method, (type: string) => string]>> = {
  read: ['GET', (type) => `/${type}/nobody`],
  vread: ['GET', (type) => `/${type}/nobody/_history/1`],
  create: ['POST', (type) => `/${type}`],
  update: ['PUT', (type) => `/${type}/nobody`],
  patch: ['PATCH', (type) => `/${type}/nobody`],
  delete: ['DELETE', (type) => `/${type}/nobody`],
  'history-instance': ['GET', (type) => `/${type}/nobody/_history`],
  'history-type': ['GET', (type) => `/${type}/_history`],
  'search-type': ['GET', (type) => `/${type}`],
};

/** A plausible value for a search parameter of each kind. */
const values: Readonly<Record<string, string>> = {
  token: 'https://ims.test/system|code',
  string: 'text',
  date: 'ge2026-01-01',
  reference: 'Patient/1',
  uri: 'https://ims.test/uri',
  number: 'gt1.5',
  quantity: '5.4|http://unitsofmeasure.org|mg',
};

/** The shipped statement with one type's row changed. */
function statementWith(type: string, change: (row: DeclaredType) => object): Resource {
  const statement = shippedStatement();
  const rest = restOf(statement);
  const resource = rest.resource.map((row) => (row.type === type ? change(row) : row));
  return { ...statement, rest: [{ ...rest, resource }] };
}

onEveryBackEnd('what the capability statement declares', {}, (service) => {
  it('is served at /metadata with version and address filled in', async () => {
    const { status, resource } = await service().request('GET', '/metadata');
    assert.equal(status, 200);
    assert.equal(resource.resourceType, 'CapabilityStatement');
    assert.deepEqual(resource.software, { name: 'OpenIMS', version: '0.0.0-test' });
    assert.equal((resource.implementation as { url: string }).url, BASE_URL);
    assert.deepEqual(resource.rest, shippedStatement().rest);
    const issues = service().context.validator.validate({ value: resource }, 'CapabilityStatement');
    assert.deepEqual(issues.filter(isFault), []);
  });

  for (const { type, operation = [] } of declared) {
    it(`answers: the operations of ${type}, and no other`, async () => {
      const names = operation.map(({ name }) => name);
      for (const name of new Set([...names, ...everyOperation])) {
        if (ofInstances.includes(name)) continue;
        const answer = await service().request('POST', `/${type}/$${name}`, { resourceType: type });
        const offered = answer.status !== 404 && answer.status !== 405;
        assert.equal(offered, names.includes(name), `${name}: ${answer.status} ${answer.body}`);
      }
    });
  }

  for (const { type, interaction = [] } of declared) {
    it(`answers: every interaction of ${type}`, async () => {
      for (const { code } of interaction) {
        const [method, url] = requests[code] ?? assert.fail(`no request for ${code}`);
        const answer = await service().request(method, url(type), undefined);
        assert.notEqual(answer.status, 405, code);
        assert.doesNotMatch(answer.body ?? '', /not-supported/, code);
      }
    });
  }

  for (const { type, searchParam = [] } of declared) {
    it(`answers: a search by each of the ${searchParam.length} parameters of ${type}`, async () => {
      for (const parameter of searchParam) {
        const value = valueFor(parameter);
        const url = `/${type}?${parameter.name}=${encodeURIComponent(value)}`;
        const answer = await service().request('GET', url);
        assert.equal(answer.status, 200, `${url}: ${answer.body}`);
        assert.equal(typeof answer.bundle.total, 'number');
      }
    });
  }

  it('answers: conditional interactions on every type that declares them', async () => {
    for (const row of declared) {
      if (row.interaction === undefined) continue;
      const criterion = `_id=${fresh('nobody')}`;
      assert.equal(row.conditionalUpdate, true, row.type);
      const update = await service().request('PUT', `/${row.type}?${criterion}`, undefined);
      assert.equal(update.status, 400, 'the missing body is what is wrong');
      const patch = await service().request('PATCH', `/${row.type}?${criterion}`, []);
      assert.equal(patch.status, 404);
      assert.equal(row.conditionalDelete, 'multiple', row.type);
      const remove = await service().request('DELETE', `/${row.type}?${criterion}`);
      assert.equal(remove.status, 204);
    }
  });

  it('answers: batch, transaction and history of the system', async () => {
    const codes = restOf(shippedStatement()).interaction.map(({ code }) => code);
    assert.deepEqual(codes.sort(), ['batch', 'history-system', 'search-system', 'transaction']);
    for (const type of ['batch', 'transaction']) {
      const answer = await service().request('POST', '/', { resourceType: 'Bundle', type });
      assert.equal(answer.status, 200, type);
    }
    assert.equal((await service().request('GET', '/_history')).status, 200);
  });
});

onEveryBackEnd('what the capability statement does not declare', {}, (service) => {
  it('is refused: types with 404, known to R4 or not', async () => {
    for (const type of ['Account', 'Medication', 'Unicorn', 'CapabilityStatement']) {
      for (const [method, url] of Object.values(requests)) {
        const answer = await service().request(method, url(type));
        assert.equal(answer.status, 404, `${method} ${url(type)}`);
      }
    }
  });

  it('is refused: addresses with 404 and methods with 405 and Allow', async () => {
    for (const url of [
      '/Patient/1/Observation/2/3',
      '/patient',
      '/$export',
      '/Patient/$everything/x',
    ]) {
      assert.equal((await service().request('GET', url)).status, 404, url);
    }
    for (const [method, url, allow] of [
      ['DELETE', '/metadata', ['GET', 'HEAD']],
      ['DELETE', '/', ['POST', 'GET', 'HEAD']],
      ['POST', '/Patient/1', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD']],
      ['PUT', '/Patient/1/_history/1', ['GET', 'HEAD']],
      ['POST', '/_history', ['GET', 'HEAD']],
    ] as const) {
      const answer = await service().request(method, url);
      assert.equal(answer.status, 405, url);
      assert.deepEqual(answer.allow, allow);
      assert.equal(answer.issues[0]?.code, 'not-supported');
    }
  });

  it('is refused: every interaction with 405 on what is only asked', async () => {
    for (const type of ['CodeSystem', 'ValueSet']) {
      for (const [method, url] of Object.values(requests)) {
        const answer = await service().request(method, url(type));
        assert.equal(answer.status, 405, `${method} ${url(type)}`);
      }
    }
  });

  it('is refused: search parameters with 400, those of other types too', async () => {
    for (const { type, interaction, searchParam = [] } of declared) {
      if (interaction === undefined) continue;
      for (const parameter of ['colour', '_text', '_content', '_query']) {
        if (searchParam.some(({ name }) => name === parameter)) continue;
        const answer = await service().request('GET', `/${type}?${parameter}=x`);
        assert.equal(answer.status, 400, `${type}?${parameter}`);
      }
    }
    assert.equal((await service().request('GET', '/Patient?vaccine-code=140')).status, 400);
    const has = '/Patient?_has:Account:patient:status=x';
    assert.equal((await service().request('GET', has)).status, 400);
  });
});

for (const [code, [method, url]] of Object.entries(requests)) {
  const without = statementWith('Patient', (row) => ({
    ...row,
    interaction: row.interaction?.filter((offered) => offered.code !== code) ?? [],
  }));
  inMemory(`a statement without ${code} of Patient`, { statement: without }, (service) => {
    it('offers it no more, and everything else as before', async () => {
      const refused = await service().request(method, url('Patient'));
      assert.equal(refused.status, 405);
      const sent = method === 'GET' ? ['GET', 'HEAD'] : [method];
      assert.ok(!refused.allow?.some((allowed) => sent.includes(allowed)), `${refused.allow}`);
      const other = await service().request(method, url('Practitioner'));
      assert.notEqual(other.status, 405);
    });
  });
}

const plain = statementWith('Patient', (row) => ({
  ...row,
  updateCreate: false,
  conditionalCreate: false,
  conditionalUpdate: false,
  conditionalDelete: 'not-supported',
  searchParam: row.searchParam?.filter(({ name }) => name !== 'family'),
}));

inMemory(
  'a statement without the conditional interactions of Patient',
  { statement: plain },
  (service) => {
    it('offers none of them', async () => {
      const criterion = '_id=1';
      const resource = { resourceType: 'Patient' };
      for (const [method, body] of [
        ['PUT', resource],
        ['PATCH', []],
        ['DELETE', undefined],
      ] as const) {
        const refused = await service().request(method, `/Patient?${criterion}`, body);
        assert.equal(refused.status, 405, method);
      }
      const headers = { 'if-none-exist': criterion };
      assert.equal((await service().request('POST', '/Patient', resource, headers)).status, 400);
      const chosen = { ...resource, id: 'mine' };
      assert.equal((await service().request('PUT', '/Patient/mine', chosen)).status, 405);
    });

    it('offers no search by a parameter that was taken out', async () => {
      assert.equal((await service().request('GET', '/Patient?family=x')).status, 400);
      assert.equal((await service().request('GET', '/Practitioner?family=x')).status, 200);
    });
  },
);

const single = statementWith('Patient', (row) => ({ ...row, conditionalDelete: 'single' }));

inMemory('a statement with single conditional delete', { statement: single }, (service) => {
  it('refuses to delete several', async () => {
    const meta = { tag: [{ code: 'several' }] };
    for (const id of ['a', 'b']) {
      await service().request('PUT', `/Patient/${id}`, { resourceType: 'Patient', id, meta });
    }
    assert.equal((await service().request('DELETE', '/Patient?_tag=several')).status, 412);
    assert.equal((await service().request('DELETE', '/Patient?_id=a')).status, 204);
    assert.equal((await service().request('DELETE', '/Patient?_tag=several')).status, 204);
  });
});
