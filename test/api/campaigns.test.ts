// Campaigns of NHS England's rule model: imported as PlanDefinitions, again and again, and put to
// people; on every store.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { campaignDocument, readCampaignText } from '../../src/immunisation/campaign-plan.ts';
import type { Caller } from '../../src/search/caller.ts';
import { putResource } from '../support/cohort-people.ts';
import { type Parameter, parametersOf } from '../support/parameters.ts';
import { needsRealMaterial } from '../support/real-material.ts';
import { campaignCohort, campaignConfig, campaignIteration } from '../support/sample-campaign.ts';
import { immunization, patient } from '../support/sample-resources.ts';
import { type Answer, inMemory, onEveryBackEnd, shippedStatement } from '../support/service.ts';

/** Parameters by name, each as its value or its parts. */
function told(parameters: readonly Parameter[]): Record<string, unknown[]> {
  const rows = parameters.map(({ name, part, ...values }) => {
    return [name, part === undefined ? Object.values(values)[0] : plain(part)] as const;
  });
  const byName = Map.groupBy(rows, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.map(([, value]) => value)]),
  );
}

function plain(parts: readonly Parameter[]): Record<string, unknown> {
  return Object.fromEntries(parts.map(({ name, ...values }) => [name, Object.values(values)[0]]));
}

/** The examples of ../shared/cases, a rule each. */
function publishedRules(): object[] {
  const file = join(import.meta.dirname, '../../../shared/cases/rules/eligibility-operators.json');
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    cases: readonly { operator: string; comparator: string | null }[];
  };
  return cases.map(({ operator, comparator }, index) => ({
    ...{ Type: 'S', Name: `Rule ${index}`, Description: 'As published', Priority: index },
    ...{ AttributeLevel: 'PERSON', AttributeName: `A${index}`, Operator: operator },
    Comparator: comparator ?? '',
  }));
}

const NO_RULES = { resourceType: 'PlanDefinition', id: 'plain', status: 'active', title: 'Plain' };

onEveryBackEnd('campaigns of the rule model', {}, (service) => {
  const send = async (body: object, caller?: Caller) => {
    const asker = caller === undefined ? service() : service().as(caller);
    return asker.request('POST', '/PlanDefinition/$import-campaign', body);
  };
  const given = (campaign: unknown, programme?: string) => {
    const text = typeof campaign === 'string' ? campaign : JSON.stringify(campaign);
    const more = programme === undefined ? [] : [{ name: 'programme', valueCode: programme }];
    const parameter = [{ name: 'campaign', valueString: text }, ...more];
    return { resourceType: 'Parameters', parameter };
  };
  const bring = async (campaign: unknown, programme?: string): Promise<Answer> => {
    const answer = await send(given(campaign, programme));
    assert.ok(answer.status < 300, answer.body);
    return answer;
  };
  const refused = async (answer: Promise<Answer>, status: number, words: RegExp) => {
    const { status: found, issues, body } = await answer;
    assert.equal(found, status, body);
    assert.match(issues.map(({ diagnostics }) => diagnostics).join('\n'), words);
  };

  describe('$import-campaign', () => {
    it('makes a PlanDefinition that holds the document whole', async () => {
      const text = `\r\n${JSON.stringify(campaignConfig('whole'), null, '\t')} `;
      const answer = await bring(text, 'rsv');
      assert.equal(answer.status, 201);
      const read = await service().request('GET', '/PlanDefinition/whole');
      assert.deepEqual(read.resource, answer.resource);
      assert.equal(read.resource.title, 'RSV, autumn 2026');
      assert.deepEqual(campaignDocument(read.resource), { text, programme: 'rsv' });
    });

    it('makes one that passes validation and is found by programme and campaign id', async () => {
      const { resource } = await bring(campaignConfig('Found_one'), 'rsv-pregnancy');
      const checked = await service().request('POST', '/PlanDefinition/$validate', resource);
      assert.deepEqual(
        checked.issues.filter(({ severity }) => severity === 'error'),
        [],
      );
      for (const search of [
        'identifier=https://openims.example/fhir/Id/campaign|Found_one',
        'context-type-value=program$rsv-pregnancy&title=RSV',
      ]) {
        const found = await service().request('GET', `/PlanDefinition?${search}`);
        assert.deepEqual(
          found.bundle.entry?.map((entry) => entry.resource?.id),
          [resource.id],
        );
      }
    });

    it('keeps every rule that there is a published example of', async function () {
      needsRealMaterial(this, 'cases');
      const rules = publishedRules();
      assert.equal(rules.length, 183);
      const iterations = [campaignIteration({ IterationRules: rules })];
      const config = campaignConfig('published', { Iterations: iterations });
      const { resource } = await bring(config);
      const held = campaignDocument(resource);
      assert.deepEqual(JSON.parse(held?.text ?? ''), config);
      const campaign = readCampaignText(held?.text ?? '');
      assert.deepEqual(campaign, readCampaignText(JSON.stringify(config)));
      assert.equal(campaign.iterations[0]?.rules.length, rules.length);
    });

    it('writes nothing when the same comes again, and a version when another does', async () => {
      const first = await bring(campaignConfig('again'), 'rsv');
      const before = await service().context.store.position();
      const same = await bring(campaignConfig('again'), 'rsv');
      assert.deepEqual([same.status, same.body], [200, first.body]);
      assert.equal(await service().context.store.position(), before);
      const other = await bring(campaignConfig('again', { Version: 4 }), 'rsv');
      assert.deepEqual([other.status, other.versionId], [200, '2']);
      assert.equal(other.resource.version, '4');
      const without = await bring(campaignConfig('again', { Version: 4 }));
      assert.deepEqual([without.versionId, without.resource.useContext], ['3', undefined]);
    });

    it('brings back a campaign that was deleted', async () => {
      await bring(campaignConfig('deleted'));
      await service().request('DELETE', '/PlanDefinition/deleted');
      const answer = await bring(campaignConfig('deleted'));
      assert.deepEqual([answer.status, answer.versionId], [201, '3']);
    });

    it('is all or nothing when many bring the same at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => bring(campaignConfig('at-once'))),
      );
      assert.deepEqual([...new Set(answers.map(({ versionId }) => versionId))], ['1']);
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    });

    it('tells every fault of a document, each with its place', async () => {
      const rule = {
        Type: 'F',
        Name: 'R',
        Description: 'D',
        Priority: 1,
        AttributeLevel: 'PERSON',
      };
      const rules = [{ ...rule, AttributeName: 'ICB', Operator: '~', Comparator: 'x' }];
      const iterations = [campaignIteration({ IterationRules: rules, IterationDate: '20261301' })];
      const config = campaignConfig('faults', { Name: ' ', Iterations: iterations });
      const { status, issues } = await send(given(config));
      assert.equal(status, 400);
      const at = 'CampaignConfig.Iterations[0]';
      const starts = ['CampaignConfig.Name is blank', `${at}.IterationDate is not a date`];
      for (const [index, start] of [...starts, `${at}.IterationRules[0].Operator is`].entries()) {
        assert.ok(issues[index]?.diagnostics?.startsWith(start), issues[index]?.diagnostics);
      }
      assert.equal((await service().request('GET', '/PlanDefinition/faults')).status, 404);
    });

    it('refuses what it cannot take', async () => {
      await refused(send(given('{')), 400, /^CampaignConfig is not JSON/);
      await refused(send(given(campaignConfig('p'), 'flu-1999')), 400, /'flu-1999' is not a prog/);
      await refused(send({ resourceType: 'Parameters' }), 400, /'campaign' is the CampaignConfig/);
      const twice = { name: 'campaign', valueString: '{}' };
      const both = { resourceType: 'Parameters', parameter: [twice, twice] };
      await refused(send(both), 400, /may be given once/);
      const get = service().request('GET', '/PlanDefinition/$import-campaign?campaign={}');
      await refused(get, 405, /GET is not offered/);
      assert.deepEqual((await get).allow, ['POST']);
    });

    it('writes over no PlanDefinition that is not of the campaign', async () => {
      await putResource(service(), NO_RULES);
      await refused(send(given(campaignConfig('plain'))), 409, /plain exists and is not of the/);
      await bring(campaignConfig('hidden'));
      const blind: Caller = { id: 'blind', maySee: () => ({ kind: 'nothing' }) };
      await refused(send(given(campaignConfig('hidden')), blind), 409, /is not open to you/);
    });
  });

  describe('$judge-campaign', () => {
    before(async () => {
      await bring(campaignConfig('rsv-autumn'), 'rsv');
      await putResource(service(), patient({ id: 'old', birthDate: '1940-02-03' }));
      await putResource(service(), patient({ id: 'young', birthDate: '1990-02-03' }));
      await putResource(service(), patient({ id: 'dosed', birthDate: '1941-02-03' }));
      await putResource(service(), dose('Patient/dosed'));
      await putResource(service(), NO_RULES);
    });

    const dose = (person: string): Resource => ({
      ...immunization(person, { id: 'rsv-dose', occurrenceDateTime: '2026-10-05' }),
      protocolApplied: [
        {
          doseNumberPositiveInt: 1,
          targetDisease: [{ coding: [{ system: 'http://snomed.info/sct', code: '55735004' }] }],
        },
      ],
    });

    const ask = (id: string, query: string, caller?: Caller) => {
      const asker = caller === undefined ? service() : service().as(caller);
      return asker.request('GET', `/Patient/${id}/$judge-campaign?${query}`);
    };
    const judge = async (id: string, more = '') =>
      told(parametersOf(await ask(id, `campaign=PlanDefinition/rsv-autumn${more}`)));

    it('finds who is asked, and where they are sent', async () => {
      assert.deepEqual(await judge('old'), {
        status: ['actionable'],
        words: ['RSV, autumn 2026: eligible.'],
        on: ['2026-11-25'],
        campaign: [{ reference: 'PlanDefinition/rsv-autumn/_history/1' }],
        iteration: [{ id: 'i1', name: 'Autumn', date: '2026-09-01' }],
        action: [
          { code: 'BOOK', type: 'Link', 'external-code': 'Book', url: 'https://book.example' },
        ],
        cohort: [
          { label: 'everybody', group: 'older', status: 'actionable', words: 'are 75 or over' },
        ],
        target: [
          {
            ...{ name: 'RSV', programme: 'rsv', eligible: true },
            words: 'RSV vaccination of older adults: Aged 80 or over. Open from 2026-04-01.',
            evidence: [
              { name: 'record', valueReference: { reference: 'Patient/old' } },
              { name: 'words', valueString: 'Born 1940-02-03' },
              { name: 'date', valueString: '1940-02-03' },
            ],
          },
        ],
        'not-held': ['DE_FLAG'],
      });
    });

    it('says by which rule and which value somebody is not eligible', async () => {
      const found = await judge('young');
      assert.deepEqual(found.status, ['not_eligible']);
      assert.deepEqual(found.target, [
        {
          ...{ name: 'RSV', programme: 'rsv', eligible: false },
          words: 'RSV vaccination of older adults: none of its groups applies on 2026-11-25.',
        },
      ]);
      assert.deepEqual(found.reason, [
        {
          ...{ rule: 'Too young', code: 'Too young', kind: 'filter', words: 'Younger than 75' },
          ...{ attribute: 'DATE_OF_BIRTH', value: '19900203' },
        },
      ]);
    });

    it('says why somebody is not asked now, by their records', async () => {
      const found = await judge('dosed');
      assert.deepEqual(found.status, ['not_actionable']);
      assert.deepEqual(found.reason, [
        {
          ...{ rule: 'Vaccinated', code: 'Vaccinated', kind: 'suppression' },
          words: 'You have had it – “RSV”.',
          ...{ attribute: 'RSV.LAST_SUCCESSFUL_DATE', value: '20261005' },
        },
      ]);
    });

    it('judges another day as that day was', async () => {
      assert.deepEqual((await judge('dosed', '&on=2026-10-04')).status, ['actionable']);
      const after = await judge('old', '&on=2027-04-01');
      assert.deepEqual(after.words, ['RSV, autumn 2026 is not in force on 2027-04-01.']);
      assert.equal(after.iteration, undefined);
    });

    it('counts only what the caller may see', async () => {
      const clerk: Caller = {
        id: 'clerk',
        maySee: (type) => ({ kind: type === 'Immunization' ? 'nothing' : 'everything' }),
      };
      const answer = await ask('dosed', 'campaign=rsv-autumn', clerk);
      assert.deepEqual(told(parametersOf(answer)).status, ['actionable']);
      const blind: Caller = { id: 'blind', maySee: () => ({ kind: 'nothing' }) };
      await refused(ask('dosed', 'campaign=rsv-autumn', blind), 404, /Patient\/dosed does not/);
    });

    it('takes the cohorts that somebody is said to be of', async () => {
      const cohorts = [campaignCohort('carers', false)];
      const iterations = [campaignIteration({ IterationCohorts: cohorts })];
      await bring(campaignConfig('carers-only', { Iterations: iterations }));
      const status = async (query: string) => told(parametersOf(await ask('old', query))).status;
      assert.deepEqual(await status('campaign=carers-only'), ['not_eligible']);
      assert.deepEqual(await status('campaign=carers-only&cohort=carers'), ['actionable']);
    });

    it('answers the same to the same question, by GET and by POST', async () => {
      const got = await ask('dosed', 'campaign=PlanDefinition/rsv-autumn&on=2026-11-01');
      const parameter = [
        { name: 'campaign', valueUri: 'PlanDefinition/rsv-autumn' },
        { name: 'on', valueDate: '2026-11-01' },
      ];
      const body = { resourceType: 'Parameters', parameter };
      const posted = await service().request('POST', '/Patient/dosed/$judge-campaign', body);
      assert.equal(posted.body, got.body);
      assert.deepEqual(
        service()
          .context.validator.validate({ value: got.resource }, 'Parameters')
          .filter(({ severity }) => severity === 'error'),
        [],
      );
    });

    it('refuses what is not there or has no meaning', async () => {
      await refused(ask('old', 'campaign=PlanDefinition/none'), 404, /none does not exist/);
      await refused(ask('nobody', 'campaign=rsv-autumn'), 404, /Patient\/nobody does not exist/);
      await refused(ask('old', 'campaign=plain'), 409, /PlanDefinition\/plain holds no rules/);
      await refused(ask('old', ''), 400, /'campaign' names the campaign/);
      await refused(ask('old', 'campaign=Group/x'), 400, /'campaign' names the campaign/);
      for (const day of ['2026-02-30', '2026-11', 'today', '']) {
        const query = `campaign=rsv-autumn&on=${day}`;
        await refused(ask('old', query), 400, /'on' of \$judge-campaign must be a day that exists/);
      }
    });

    it('refuses rules that somebody spoilt, and says what is wrong with them', async () => {
      const { resource } = await bring(campaignConfig('spoilt'));
      const data = Buffer.from('{"CampaignConfig":{"ID":"spoilt"}}').toString('base64');
      const document = { contentType: 'application/json', data };
      const relatedArtifact = [{ type: 'derived-from', label: 'CampaignConfig', document }];
      await putResource(service(), { ...resource, relatedArtifact });
      const words = /PlanDefinition\/spoilt cannot be read: .*CampaignConfig.Name is missing/;
      await refused(ask('old', 'campaign=spoilt'), 409, words);
    });
  });
});

interface Definition extends Resource {
  readonly url: string;
  readonly parameter: readonly { readonly name: string; readonly use: string }[];
}

inMemory('what is published of campaigns', {}, (service) => {
  const readDefinition = (code: string): Definition => {
    const file = `../../capability-statement/operations/${code}.json`;
    return JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Definition;
  };

  for (const [code, at] of [
    ['import-campaign', '/PlanDefinition'],
    ['judge-campaign', '/Patient/somebody'],
  ] as const) {
    it(`declares $${code} as its OperationDefinition has it`, async () => {
      const definition = readDefinition(code);
      const body = { resourceType: 'Parameters', parameter: [{ name: 'colour' }] };
      const { issues } = await service().request('POST', `${at}/$${code}`, body);
      const told = issues[0]?.diagnostics ?? '';
      const [, names = ''] = /takes (.*), not 'colour'/.exec(told) ?? [];
      const inputs = definition.parameter.filter(({ use }) => use === 'in');
      assert.deepEqual(names.split(', ').sort(), inputs.map(({ name }) => name).sort());
      assert.ok(JSON.stringify(shippedStatement()).includes(`"${definition.url}"`));
      const { validator } = service().context;
      const found = validator.validate({ value: definition }, 'OperationDefinition');
      assert.deepEqual(
        found.filter(({ severity }) => severity === 'error'),
        [],
      );
    });
  }
});
