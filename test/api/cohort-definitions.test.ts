// What is published of the operations on cohorts is what they do: their OperationDefinitions, the
// code systems of a report, and the report as FHIR has it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dimensions } from '../../src/cohort/dimensions.ts';
import { standardExclusions } from '../../src/cohort/standard-exclusions.ts';
import { readJson } from '../../src/fhir/read-json.ts';
import { shippedJudge } from '../support/our-judge.ts';
import { patient } from '../support/sample-resources.ts';
import { inMemory, shippedStatement } from '../support/service.ts';

const root = join(import.meta.dirname, '../..');

interface Definition {
  readonly code: string;
  readonly resource: readonly [string];
  readonly instance: boolean;
  readonly url: string;
  readonly concept: readonly { readonly code: string; readonly display: string }[];
  readonly parameter: readonly { readonly name: string; readonly use: string }[];
}

const readDefinition = (path: string): Definition =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Definition;

const codes = ['cohort', 'explain-cohort', 'compare-cohorts', 'sample-cohort'];

inMemory('what is published of cohorts', { cohortIndex: true }, (service) => {
  for (const code of codes) {
    it(`declares $${code} as its OperationDefinition has it`, async () => {
      const definition = readDefinition(`capability-statement/operations/${code}.json`);
      const [type] = definition.resource;
      const refused = await service().request('GET', `/${type}/$${code}?colour=red`);
      const told = refused.issues[0]?.diagnostics ?? '';
      const [, names = ''] = /takes (.*), not 'colour'/.exec(told) ?? [];
      const inputs = definition.parameter.filter(({ use }) => use === 'in');
      assert.deepEqual(names.split(', ').sort(), inputs.map(({ name }) => name).sort());
      assert.ok(JSON.stringify(shippedStatement()).includes(`"${definition.url}"`));
    });
  }

  it('names every dimension and every standard exclusion in a code system', () => {
    const known = (id: string) =>
      readDefinition(`profiles/codesystems/${id}.json`).concept.map(({ code }) => code);
    assert.deepEqual(known('cohort-dimension'), Object.keys(dimensions));
    const steps = known('cohort-step');
    for (const { name } of standardExclusions) assert.ok(steps.includes(name), name);
  });

  it('reports what is a valid MeasureReport', async () => {
    await service().request('PUT', '/Patient/one', patient({ id: 'one', birthDate: '1950' }));
    const breakdown = 'breakdown=sex&breakdown=age-band,sex&breakdown=small-area';
    const more = 'include=gender:missing%3Dtrue&without=deceased&appointments=district';
    const answer = await service().request('GET', `/Patient/$cohort?${breakdown}&${more}`);
    assert.equal(answer.status, 200, answer.body);
    const issues = shippedJudge().validate(readJson(answer.body ?? ''), 'MeasureReport');
    const faults = issues.filter(({ severity }) => severity === 'error');
    assert.deepEqual(faults, []);
  });
});
