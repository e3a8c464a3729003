// Campaigns as PlanDefinitions: nothing of the document is lost, ids are valid and their own.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import {
  campaignDocument,
  isPlanOf,
  planKey,
  planOf,
  readCampaignText,
} from '../../../src/immunisation/campaign-plan.ts';
import { targetsOf } from '../../../src/immunisation/campaign-targets.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { campaignConfig } from '../../support/sample-campaign.ts';

const seed = 20_261_125;
const sample = JSON.stringify(campaignConfig('c1'), null, 2);

describe('a campaign as a PlanDefinition', () => {
  it('has what FHIR has words for', () => {
    const plan = planOf(readCampaignText(sample), { text: sample, programme: 'rsv' });
    const { relatedArtifact: _held, ...elements } = plan;
    assert.deepEqual(elements, {
      resourceType: 'PlanDefinition',
      id: 'c1',
      url: 'https://openims.example/fhir/PlanDefinition/c1',
      identifier: [{ system: 'https://openims.example/fhir/Id/campaign', value: 'c1' }],
      version: '3',
      title: 'RSV, autumn 2026',
      type: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/plan-definition-type',
            code: 'protocol',
          },
        ],
      },
      status: 'active',
      useContext: [
        {
          code: {
            system: 'http://terminology.hl7.org/CodeSystem/usage-context-type',
            code: 'program',
          },
          valueCodeableConcept: {
            coding: [{ system: 'https://openims.example/fhir/CodeSystem/programme', code: 'rsv' }],
          },
        },
      ],
      effectivePeriod: { start: '2026-09-01', end: '2027-03-31' },
    });
  });

  it('holds the document to the last character, whatever it is', () => {
    const anyText = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(anyText, fc.option(fc.constantFrom('rsv', 'flu-2026')), (text, chosen) => {
        const document = chosen === null ? { text } : { text, programme: chosen };
        const plan = planOf(readCampaignText(sample), document);
        assert.deepEqual(campaignDocument(JSON.parse(JSON.stringify(plan)) as Resource), document);
      }),
      { seed },
    );
  });

  it('is found out to hold none', () => {
    const plain = { resourceType: 'PlanDefinition', id: 'p', status: 'active' };
    const other = {
      type: 'derived-from',
      document: { contentType: 'application/json', data: 'e30=' },
    };
    const linked = {
      type: 'derived-from',
      label: 'CampaignConfig',
      document: { url: 'https://x' },
    };
    for (const relatedArtifact of [undefined, [], [other], [linked]]) {
      assert.equal(campaignDocument({ ...plain, relatedArtifact }), undefined);
    }
  });

  it('keeps an id that FHIR allows', () => {
    for (const id of ['c1', '8fcb742b-45fa-4e0d-8f2f-9c2efb1f46d2', 'a'.repeat(64)]) {
      assert.equal(planKey(id).id, id);
    }
  });

  it('derives an id of its own from any other', () => {
    assert.equal(planKey('NBS_COVID').id, 'NBS-COVID-92d50e6b6c2c');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
        assert.match(planKey(one).id, /^[A-Za-z0-9\-.]{1,64}$/);
        assert.equal(planKey(one).id === planKey(other).id, one === other);
      }),
      { seed },
    );
  });

  it('knows of which campaign it is', () => {
    const plan = planOf(readCampaignText(sample), { text: sample });
    assert.equal(isPlanOf(plan, 'c1'), true);
    assert.equal(isPlanOf(plan, 'c2'), false);
    assert.equal(isPlanOf({ ...plan, identifier: [{ system: 'x', value: 'c1' }] }, 'c1'), false);
  });
});

describe('readCampaignText', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['a text that is no JSON', '{"CampaignConfig":', /^CampaignConfig is not JSON as it is read/],
    [
      'a member given twice',
      '{"CampaignConfig":{"ID":"a","ID":"b"}}',
      /^CampaignConfig.ID is not JSON .* repeated$/,
    ],
    ['a blank id', JSON.stringify(campaignConfig(' ')), /^CampaignConfig.ID is blank$/],
    ['a number for a text', '5', /^CampaignConfig is not an object$/],
  ];
  for (const [what, text, words] of rows) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => readCampaignText(text),
        (error) => {
          assert.ok(error instanceof FhirError);
          assert.equal(error.status, 400);
          assert.match(error.issues[0]?.diagnostics ?? '', words);
          return true;
        },
      );
    });
  }
});

describe('the programmes that targets stand for', () => {
  const on = (target: string, day: string, chosen?: string) => {
    const text = JSON.stringify(campaignConfig('c', { Target: target }));
    const own = programmes.find(({ id }) => id === chosen);
    const found = targetsOf(readCampaignText(text), programmes, day, own);
    return Object.fromEntries(Object.entries(found).map(([name, { id }]) => [name, id]));
  };

  it("are those whose season began last, of the rules' targets too", () => {
    assert.deepEqual(on('FLU', '2026-11-25'), { FLU: 'flu-2026', RSV: 'rsv' });
    assert.deepEqual(on('FLU', '2026-08-31'), { FLU: 'flu-2025', RSV: 'rsv' });
    assert.deepEqual(on('COVID', '2026-11-25'), { COVID: 'covid-autumn-2026', RSV: 'rsv' });
  });

  it("are what somebody said, of the campaign's own target alone", () => {
    assert.deepEqual(on('RSV', '2026-11-25', 'rsv-pregnancy'), { RSV: 'rsv-pregnancy' });
    assert.deepEqual(on('FLU', '2026-11-25', 'flu-2025'), { FLU: 'flu-2025', RSV: 'rsv' });
  });

  it('are not guessed for what no programme of ours is', () => {
    assert.deepEqual(on('AAA_SCREENING', '2026-11-25'), { RSV: 'rsv' });
    assert.deepEqual(on('FLU', '2000-01-01'), {});
  });
});
