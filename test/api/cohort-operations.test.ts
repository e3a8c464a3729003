// Patient/$explain-cohort, $compare-cohorts, $sample-cohort, and people per free appointment: with
// an index and without one, on every store.

import assert from 'node:assert/strict';
import type { Caller } from '../../src/search/caller.ts';
import { cohortPeople, putResource } from '../support/cohort-people.ts';
import { type Parameter, parametersOf } from '../support/parameters.ts';
import { onEveryBackEnd } from '../support/service.ts';

const valueNamed = (parameters: readonly Parameter[] | undefined, name: string): unknown => {
  const found = parameters?.find((each) => each.name === name);
  const [, value] = Object.entries(found ?? {}).find(([key]) => key.startsWith('value')) ?? [];
  return value;
};

const OVER_65 = 'birthdate=le1961-11-25';
const SERVICE = 'https://openims.example/fhir/CodeSystem/vaccination-service';

/** Two sites in one district, with three and one free appointments to come. */
const sites = ['one', 'two'].flatMap((id, index) => [
  {
    ...{ resourceType: 'Location', id, name: `Site ${id}` },
    partOf: { reference: `Location/E0100000${index + 1}` },
  },
  { resourceType: 'Schedule', id, actor: [{ reference: `Location/${id}` }] },
]);

const slot = (id: string, schedule: string, start: string, status = 'free', service = 'FLU') => ({
  ...{ resourceType: 'Slot', id, status, start, end: '2026-12-24T09:10:00Z' },
  schedule: { reference: `Schedule/${schedule}` },
  serviceType: [{ coding: [{ system: SERVICE, code: service }] }],
});

const slots = [
  slot('s1', 'one', '2026-12-01T09:00:00Z'),
  slot('s2', 'one', '2026-12-01T09:00:00Z'),
  slot('s3', 'one', '2026-12-01T09:00:00Z'),
  slot('s4', 'one', '2026-11-01T09:00:00Z'),
  slot('s5', 'one', '2026-12-01T09:00:00Z', 'busy'),
  slot('s6', 'one', '2026-12-01T09:00:00Z', 'free', 'RSV'),
  slot('s7', 'two', '2026-12-01T09:00:00Z'),
];

for (const cohortIndex of [true, false]) {
  const title = cohortIndex ? 'cohort operations by the index' : 'cohort operations from the store';
  onEveryBackEnd(title, { cohortIndex }, (service) => {
    let last = 0;

    before(async () => {
      for (const resource of [...cohortPeople, ...sites, ...slots]) {
        last = await putResource(service(), resource);
      }
    });

    const ask = async (operation: string, pairs: readonly (readonly [string, string])[]) => {
      const query = new URLSearchParams();
      for (const [name, value] of pairs) query.append(name, value);
      query.set('_asOf', String(last));
      return service().request('GET', `/Patient/${operation}?${query}`);
    };

    const explain = async (patient: string) =>
      parametersOf(
        await ask('$explain-cohort', [
          ['include', OVER_65],
          ['exclude', 'risk-group=respiratory'],
          ['programme', 'flu-2026'],
          ['patient', patient],
        ]),
      );

    it('explain that somebody is in, and what every rule looked at', async () => {
      const told = await explain('Patient/bert');
      assert.equal(valueNamed(told, 'member'), true);
      assert.equal(valueNamed(told, 'decided-by'), undefined);
      const rules = told.filter(({ name }) => name === 'rule').map(({ part }) => part);
      assert.deepEqual(
        rules.map((part) => `${valueNamed(part, 'code')} ${valueNamed(part, 'outcome')}`),
        [
          ...['include-1 kept', 'exclude-1 kept', 'deceased kept', 'not-registered kept'],
          ...[
            'restricted kept',
            'opted-out kept',
            'vaccinated kept',
            'invited kept',
            'booked kept',
          ],
        ],
      );
      const [first] = rules[0]?.filter(({ name }) => name === 'evidence') ?? [];
      assert.equal(valueNamed(first?.part, 'words'), 'birthdate 1955-06-07');
      assert.deepEqual(valueNamed(first?.part, 'record'), { reference: 'Patient/bert' });
    });

    it('explain who is out by the rule, the record and its date', async () => {
      for (const [patient, rule, record, words] of [
        ['anna', 'exclude-1', 'Condition/asthma', /195967001 \(Condition\/asthma/],
        ['dosed', 'vaccinated', 'Immunization/dose', /Immunization\/dose, 2026-10-02/],
        ['invited', 'invited', 'Communication/letter', /Invitation sent.*2026-09-10/],
        ['young', 'include-1', 'Patient/young', /does not match include-1.*1990-12-31/],
        ['dead', 'deceased', 'Patient/dead', /left out by deceased, Has died/],
      ] as const) {
        const told = await explain(patient);
        assert.equal(valueNamed(told, 'member'), false, patient);
        assert.equal(valueNamed(told, 'decided-by'), rule);
        assert.match(String(valueNamed(told, 'summary')), words);
        const decisive = told.find(({ part }) => valueNamed(part, 'code') === rule);
        const evidence = decisive?.part?.find(({ name }) => name === 'evidence');
        assert.deepEqual(valueNamed(evidence?.part, 'record'), { reference: record });
      }
    });

    it('explain nobody who is not there, or not to be seen', async () => {
      const absent = await ask('$explain-cohort', [['patient', 'Patient/nobody']]);
      assert.equal(absent.status, 404);
      const clerk: Caller = {
        id: 'clerk',
        maySee: (type) =>
          type === 'Patient' ? { kind: 'id', ids: ['bert'] } : { kind: 'everything' },
      };
      const url = '/Patient/$explain-cohort?patient=anna';
      assert.equal((await service().as(clerk).request('GET', url)).status, 404);
      const unnamed = await ask('$explain-cohort', []);
      assert.match(unnamed.issues[0]?.diagnostics ?? '', /'patient' names the person/);
    });

    it('compare two cohorts', async () => {
      const told = parametersOf(
        await ask('$compare-cohorts', [
          ['a-include', OVER_65],
          ['b-include', 'gender=female'],
          ['b-exclude', 'birthdate=ge2000'],
          ['a-without', 'deceased'],
        ]),
      );
      assert.deepEqual(
        ['a-only', 'both', 'b-only'].map((name) => valueNamed(told, name)),
        [2, 4, 1],
      );
    });

    it('say of which of two cohorts a clause is wrong', async () => {
      const refusal = async (name: string, value: string) => {
        const answer = await ask('$compare-cohorts', [[name, value]]);
        assert.equal(answer.status, 400, answer.body);
        return answer.issues[0]?.diagnostics ?? '';
      };
      assert.match(await refusal('b-include', 'shoe-size=44'), /^b: include-1 'shoe-size=44': /);
      assert.match(await refusal('a-exclude', 'icb=NOWHERE'), /^a: exclude-1 'icb=NOWHERE': /);
      assert.match(
        await refusal('b-programme', 'flu-1918'),
        /^b: Programme 'flu-1918' is not known/,
      );
    });

    it('sample under pseudonyms, the same for the same question', async () => {
      const draw = (count: number) =>
        ask('$sample-cohort', [
          ['include', OVER_65],
          ['count', String(count)],
        ]);
      const told = parametersOf(await draw(3));
      assert.equal(valueNamed(told, 'total'), 5);
      const people = told.filter(({ name }) => name === 'person').map(({ part }) => part);
      assert.equal(people.length, 3);
      assert.equal(new Set(people.map((part) => valueNamed(part, 'pseudonym'))).size, 3);
      assert.ok(!JSON.stringify(told).includes('anna'), 'nobody is named');
      assert.deepEqual(parametersOf(await draw(3)), told);
      const all = parametersOf(await draw(200));
      assert.equal(all.filter(({ name }) => name === 'person').length, 5);
      assert.equal((await draw(201)).status, 400);
    });

    it('tell people per free appointment by area', async () => {
      const told = await ask('$cohort', [
        ['include', OVER_65],
        ['programme', 'flu-2026'],
        ['without', 'invited'],
        ['appointments', 'small-area'],
      ]);
      assert.equal(told.status, 200, told.body);
      const [group] = told.resource.group as readonly {
        readonly stratifier: readonly { readonly stratum: readonly unknown[] }[];
      }[];
      const strata = group?.stratifier[0]?.stratum as readonly {
        readonly value: { readonly coding: readonly { readonly code: string }[] };
        readonly population: readonly { readonly count: number }[];
        readonly measureScore?: { readonly value: number };
      }[];
      assert.deepEqual(
        strata.map(({ value, population, measureScore }) => [
          value.coding[0]?.code,
          ...population.map(({ count }) => count),
          measureScore?.value,
        ]),
        [
          ['E01000001', 2, 3, 0.667],
          ['E01000002', 1, 1, 1],
          ['unknown', 1, 0, undefined],
        ],
      );
      const refused = await ask('$cohort', [['appointments', 'practice']]);
      assert.match(refused.issues[0]?.diagnostics ?? '', /'appointments' is one of small-area/);
    });
  });
}
