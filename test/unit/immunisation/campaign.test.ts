// Campaigns of NHS England's rule model: what is read, what is refused and where, and how people
// are judged by rules in groups.

import assert from 'node:assert/strict';
import fc from 'fast-check';

import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { attributesOf } from '../../../src/immunisation/campaign-attributes.ts';
import { operators } from '../../../src/immunisation/campaign-operators.ts';
import { judgePerson, type PersonAttributes } from '../../../src/immunisation/judge-person.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { readCampaign } from '../../../src/immunisation/read-campaign.ts';
import { readHistory } from '../../../src/immunisation/vaccination-history.ts';
import { booking, dose, flag, patient, RSV } from './sample-records.ts';

const seed = 20_261_125;
const today = '2026-11-25';

type Json = Record<string, unknown>;

/** Leaves out who is younger than 75. */
const tooYoung = {
  Type: 'F',
  Name: 'Too young',
  Description: 'Younger than 75',
  Priority: 100,
  AttributeLevel: 'PERSON',
  AttributeName: 'DATE_OF_BIRTH',
  Operator: 'Y>',
  Comparator: '-75',
};

/** Holds back who had a dose. */
const vaccinated = {
  Type: 'S',
  Name: 'Vaccinated',
  Description: 'Has had the vaccine',
  Priority: 200,
  AttributeLevel: 'TARGET',
  AttributeTarget: 'RSV',
  AttributeName: 'LAST_SUCCESSFUL_DATE',
  Operator: 'is_not_empty',
  Comparator: '',
};

/** Holds back who lives in a care home. */
const careHome = {
  ...vaccinated,
  Name: 'Care home',
  Description: 'Is vaccinated at home',
  Priority: 210,
  AttributeLevel: 'PERSON',
  AttributeName: 'CARE_HOME_FLAG',
  Operator: '=',
  Comparator: 'Y',
};

/** Sends who has an appointment to it. */
const booked = {
  ...vaccinated,
  Type: 'R',
  Name: 'Booked',
  Priority: 300,
  AttributeName: 'BOOKED_APPOINTMENT_DATE',
  Operator: 'D>=',
  Comparator: '0',
  CommsRouting: 'AMEND',
};

function cohort(label: string, more: Json = {}): Json {
  return {
    CohortLabel: label,
    CohortGroup: `${label}-group`,
    PositiveDescription: `are of ${label}`,
    NegativeDescription: `are not of ${label}`,
    Priority: 0,
    ...more,
  };
}

function iteration(rules: readonly Json[], more: Json = {}): Json {
  return {
    ID: 'i1',
    Version: '1',
    Name: 'First',
    Type: 'O',
    IterationDate: '20260901',
    DefaultCommsRouting: 'BOOK',
    DefaultNotEligibleRouting: '',
    DefaultNotActionableRouting: 'GP|UNKNOWN',
    IterationCohorts: [cohort('older'), cohort('carers', { Priority: 10 })],
    IterationRules: rules,
    ActionsMapper: {
      BOOK: { ActionType: 'Link', ExternalRoutingCode: 'Book', UrlLink: 'https://book.example' },
      AMEND: { ActionType: 'Link', ExternalRoutingCode: 'Amend' },
      GP: { ActionType: 'Text', ExternalRoutingCode: 'Gp', ActionDescription: 'Ask your GP' },
    },
    ...more,
  };
}

function config(rules: readonly Json[], more: Json = {}): Json {
  return {
    CampaignConfig: {
      ID: 'c1',
      Version: 2,
      Name: 'RSV',
      Type: 'V',
      Target: 'RSV',
      Manager: ['m@nhs.example'],
      Approver: 'a@nhs.example',
      IterationFrequency: 'X',
      IterationType: 'O',
      StartDate: '20260901',
      EndDate: '20270331',
      ApprovalMinimum: 10,
      ApprovalMaximum: 1000,
      Iterations: [iteration(rules)],
      ...more,
    },
  };
}

function person(more: Partial<PersonAttributes> = {}): PersonAttributes {
  return {
    person: { DATE_OF_BIRTH: '19500101', CARE_HOME_FLAG: 'N' },
    targets: { RSV: {} },
    cohorts: ['older'],
    ...more,
  };
}

const hadDose = { RSV: { LAST_SUCCESSFUL_DATE: '20251001' } };

function judge(rules: readonly Json[], attributes: PersonAttributes, more: Json = {}) {
  const campaign = readCampaign(config([], { Iterations: [iteration(rules, more)] }));
  return judgePerson(campaign, attributes, today);
}

/** The sentences a document is refused with. */
function faultsOf(json: unknown): readonly string[] {
  try {
    readCampaign(json);
  } catch (error) {
    assert.ok(error instanceof FhirError);
    assert.equal(error.errorName, 'invalid-request');
    return error.issues.map(({ diagnostics }) => diagnostics);
  }
  return [];
}

describe('readCampaign', () => {
  it('reads a configuration into our form', () => {
    const campaign = readCampaign(config([tooYoung, vaccinated]));
    assert.deepEqual(
      { ...campaign, iterations: campaign.iterations.length },
      {
        id: 'c1',
        version: 2,
        name: 'RSV',
        kind: 'vaccination',
        target: 'RSV',
        managers: ['m@nhs.example'],
        approvers: ['a@nhs.example'],
        reviewers: [],
        start: '2026-09-01',
        end: '2027-03-31',
        approval: { minimum: 10, maximum: 1000 },
        frequency: 'X',
        iterationType: 'O',
        iterations: 1,
      },
    );
    assert.deepEqual(campaign.iterations[0]?.rules[0], {
      kind: 'filter',
      name: 'Too young',
      code: 'Too young',
      words: 'Younger than 75',
      priority: 100,
      cohorts: [],
      attribute: { level: 'person', name: 'DATE_OF_BIRTH' },
      test: { kind: 'date', how: '>', unit: 'years', moved: -75 },
      isLast: false,
      routing: [],
    });
  });

  it('reads what stands in CampaignConfig without it, too', () => {
    const { CampaignConfig } = config([tooYoung]);
    assert.deepEqual(readCampaign(CampaignConfig), readCampaign(config([tooYoung])));
  });

  it('reads every operator', () => {
    const comparators: Json = { between: '1,3', not_between: '1,3' };
    const rules = operators.map((operator) => ({
      ...tooYoung,
      Operator: operator,
      Comparator: comparators[operator] ?? '1',
    }));
    assert.equal(readCampaign(config(rules)).iterations[0]?.rules.length, 35);
  });

  it('gives rules the code and words that the iteration has for them', () => {
    const mapper = { X: { RuleNames: ['Vaccinated'], RuleCode: 'VAC', RuleText: 'You had it.' } };
    const json = config([], { Iterations: [iteration([vaccinated], { RulesMapper: mapper })] });
    const rule = readCampaign(json).iterations[0]?.rules[0];
    assert.deepEqual([rule?.code, rule?.words], ['VAC', 'You had it.']);
  });

  const at = 'CampaignConfig.Iterations[0]';
  const rows: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['a document that is no object', [], ['CampaignConfig is not an object']],
    [
      'a campaign without a name',
      config([], { Name: undefined }),
      ['CampaignConfig.Name is missing'],
    ],
    ['an unknown type', config([], { Type: 'Q' }), ['CampaignConfig.Type is not one of V S']],
    [
      'a date that does not exist',
      config([], { StartDate: '20260230' }),
      ['CampaignConfig.StartDate is not a date like 20261125'],
    ],
    [
      'an end before the start',
      config([], { EndDate: '20260831' }),
      ['CampaignConfig.EndDate is before StartDate'],
    ],
    [
      'a minimum above the maximum',
      config([], { ApprovalMinimum: 2000 }),
      ['CampaignConfig.ApprovalMinimum is more than ApprovalMaximum'],
    ],
    [
      'no iteration',
      config([], { Iterations: [] }),
      ['CampaignConfig.Iterations has no iteration'],
    ],
    [
      'two iterations of one day',
      config([], { Iterations: [iteration([]), iteration([])] }),
      ['CampaignConfig.Iterations[1].IterationDate is that of another iteration'],
    ],
    [
      'two cohorts of one label',
      config([], { Iterations: [iteration([], { IterationCohorts: [cohort('a'), cohort('a')] })] }),
      [`${at}.IterationCohorts[1].CohortLabel is that of another cohort`],
    ],
    [
      'rules that are no list',
      config([], { Iterations: [iteration([], { IterationRules: {} })] }),
      [`${at}.IterationRules is not a list`],
    ],
    [
      'an unknown operator',
      config([tooYoung, { ...tooYoung, Operator: 'like' }]),
      [`${at}.IterationRules[1].Operator is not one of ${operators.join(' ')}`],
    ],
    [
      'a comparator that is none of its operator',
      config([{ ...tooYoung, Comparator: 'old' }]),
      [`${at}.IterationRules[0].Comparator with Operator Y>: "old" is no whole number of years`],
    ],
    [
      'a comparator that is missing',
      config([{ ...careHome, Comparator: undefined }]),
      [`${at}.IterationRules[0].Comparator is missing`],
    ],
    [
      'a rule of a target that it does not name',
      config([{ ...vaccinated, AttributeTarget: undefined }]),
      [`${at}.IterationRules[0].AttributeTarget is missing`],
    ],
    [
      'an attribute that cohorts do not have',
      config([{ ...tooYoung, AttributeLevel: 'COHORT' }]),
      [`${at}.IterationRules[0].AttributeName is not COHORT_LABEL, the only one of cohorts`],
    ],
    [
      'all faults at once',
      config([{ ...tooYoung, Priority: 'high', Type: 'Z' }], { ID: 7 }),
      [
        'CampaignConfig.ID is not a text',
        `${at}.IterationRules[0].Type is not one of F S R X Y`,
        `${at}.IterationRules[0].Priority is not a whole number`,
      ],
    ],
  ];
  for (const [what, json, faults] of rows) {
    it(`refuses ${what}, and says where`, () => assert.deepEqual(faultsOf(json), faults));
  }

  it('tells no more faults than an outcome holds', () => {
    const rules = Array.from({ length: 500 }, () => ({ ...tooYoung, Type: 'Z' }));
    assert.equal(faultsOf(config(rules)).length, 100);
  });

  it('reads or refuses any document, and never fails otherwise', () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('20260901', 'Y', '-75', 'F', 7));
    const members = Object.keys({ ...tooYoung, ...vaccinated });
    const broken = fc.dictionary(fc.constantFrom(...members), values);
    fc.assert(
      fc.property(broken, fc.jsonValue(), fc.boolean(), (rule, other, isRule) => {
        faultsOf(isRule ? config([{ ...vaccinated, ...rule }]) : other);
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe('judgePerson', () => {
  it('finds who is of a cohort and held back by nothing to be actionable', () => {
    const found = judge([tooYoung, vaccinated], person());
    assert.equal(found.status, 'actionable');
    assert.deepEqual(
      found.cohorts.map(({ label, status, words }) => [label, status, words]),
      [
        ['older', 'actionable', 'are of older'],
        ['carers', 'not_eligible', 'are not of carers'],
      ],
    );
    assert.deepEqual(found.reasons, []);
    assert.deepEqual(found.iteration, { id: 'i1', name: 'First', date: '2026-09-01' });
    assert.equal(found.words, 'RSV: eligible.');
  });

  it('finds who is of no cohort not eligible', () => {
    const found = judge([], person({ cohorts: [] }));
    assert.equal(found.status, 'not_eligible');
  });

  it('finds who is left out not eligible, by which rule and value', () => {
    const born = { DATE_OF_BIRTH: '19511126' };
    const found = judge([tooYoung, vaccinated], person({ person: born, targets: hadDose }));
    assert.equal(found.status, 'not_eligible');
    assert.deepEqual(found.reasons, [
      {
        rule: {
          kind: 'filter',
          name: 'Too young',
          code: 'Too young',
          words: 'Younger than 75',
          priority: 100,
        },
        attribute: 'DATE_OF_BIRTH',
        value: '19511126',
      },
    ]);
  });

  it('finds who turns 75 today eligible', () => {
    const born = { DATE_OF_BIRTH: '19511125' };
    assert.equal(judge([tooYoung], person({ person: born })).status, 'actionable');
  });

  it('finds who is held back eligible but not actionable, with every reason', () => {
    const found = judge(
      [careHome, vaccinated],
      person({ person: { CARE_HOME_FLAG: 'Y' }, targets: hadDose }),
    );
    assert.equal(found.status, 'not_actionable');
    assert.deepEqual(
      found.reasons.map(({ rule, attribute, value }) => [rule.name, attribute, value]),
      [
        ['Vaccinated', 'RSV.LAST_SUCCESSFUL_DATE', '20251001'],
        ['Care home', 'CARE_HOME_FLAG', 'Y'],
      ],
    );
  });

  it('looks no further after a rule that is the last', () => {
    const found = judge(
      [careHome, { ...vaccinated, RuleStop: 'Y' }],
      person({ person: { CARE_HOME_FLAG: 'Y' }, targets: hadDose }),
    );
    assert.deepEqual(
      found.reasons.map(({ rule }) => rule.name),
      ['Vaccinated'],
    );
  });

  it('takes rules of one priority together: all, or none', () => {
    const together = [vaccinated, { ...careHome, Priority: vaccinated.Priority }];
    const atHome = person({ targets: hadDose });
    assert.equal(judge(together, atHome).status, 'actionable');
    const inCare = person({ person: { CARE_HOME_FLAG: 'Y' }, targets: hadDose });
    const found = judge(together, inCare);
    assert.equal(found.status, 'not_actionable');
    assert.equal(found.reasons.length, 1);
  });

  it('puts a rule of one cohort to that cohort alone', () => {
    const ofCarers = { ...vaccinated, CohortLabel: 'carers, others' };
    const both = person({ targets: hadDose, cohorts: ['older', 'carers'] });
    const found = judge([ofCarers], both);
    assert.equal(found.status, 'actionable');
    assert.deepEqual(
      found.cohorts.map(({ status }) => status),
      ['actionable', 'not_actionable'],
    );
  });

  it('does not put half of a group to a cohort whose other half is another’s', () => {
    const group = [vaccinated, { ...careHome, Priority: 200, CohortLabel: 'carers' }];
    const inCare = { person: { CARE_HOME_FLAG: 'Y' }, targets: hadDose };
    assert.equal(judge(group, person(inCare)).status, 'actionable');
    const carers = judge(group, person({ ...inCare, cohorts: ['carers'] }));
    assert.equal(carers.status, 'not_actionable');
  });

  it('takes everybody for members of a virtual cohort', () => {
    const virtual = { IterationCohorts: [cohort('all', { Virtual: 'Y' })] };
    assert.equal(judge([], person({ cohorts: [] }), virtual).status, 'actionable');
    const older = { IterationCohorts: [cohort('elid_all_people')] };
    assert.equal(judge([], person({ cohorts: [] }), older).status, 'actionable');
  });

  it('asks cohorts by their labels', () => {
    const rule = { ...tooYoung, AttributeLevel: 'COHORT', AttributeName: '', Operator: 'MemberOf' };
    const members = [{ ...rule, Comparator: 'carers,staff' }];
    assert.equal(judge(members, person()).status, 'actionable');
    const both = person({ cohorts: ['older', 'carers'] });
    assert.equal(judge(members, both).status, 'not_eligible');
  });

  it('knows nothing of an attribute that nobody has, whatever it is called', () => {
    const rule = { ...tooYoung, AttributeName: 'constructor', Operator: 'is_null', Comparator: '' };
    assert.equal(judge([rule], person()).status, 'not_eligible');
    const target = { ...vaccinated, AttributeTarget: 'toString', Operator: 'is_not_null' };
    assert.equal(judge([target], person()).status, 'actionable');
  });

  it('sends people where rules say, else where everybody of their status is sent', () => {
    const codes = (rules: readonly Json[], attributes: PersonAttributes) =>
      judge(rules, attributes).actions.map(({ code }) => code);
    assert.deepEqual(codes([booked], person()), ['BOOK']);
    const appointment = { RSV: { BOOKED_APPOINTMENT_DATE: '20261125' } };
    assert.deepEqual(codes([booked], person({ targets: appointment })), ['AMEND']);
    assert.deepEqual(codes([vaccinated, booked], person({ targets: hadDose })), ['GP']);
    assert.deepEqual(codes([{ ...booked, Type: 'Y' }], person({ targets: appointment })), ['BOOK']);
    assert.deepEqual(codes([booked], person({ cohorts: [] })), []);
    const nowhere = { ...booked, Priority: 1, CommsRouting: undefined };
    assert.deepEqual(codes([nowhere, booked], person({ targets: appointment })), ['AMEND']);
  });

  it('goes by the iteration in force on the day', () => {
    const later = iteration([tooYoung], { ID: 'i2', Name: 'Second', IterationDate: '20261101' });
    const campaign = readCampaign(config([], { Iterations: [later, iteration([])] }));
    const young = person({ person: { DATE_OF_BIRTH: '19800101' } });
    const on = (day: string) => judgePerson(campaign, young, day);
    assert.deepEqual(
      [on('2026-10-31').status, on('2026-10-31').iteration?.id],
      ['actionable', 'i1'],
    );
    assert.deepEqual(
      [on('2026-11-01').status, on('2026-11-01').iteration?.id],
      ['not_eligible', 'i2'],
    );
  });

  it('is in force from its first day to its last', () => {
    const campaign = readCampaign(config([]));
    const on = (day: string) => judgePerson(campaign, person(), day).status;
    assert.equal(on('2026-08-31'), 'not_eligible');
    assert.equal(on('2026-09-01'), 'actionable');
    assert.equal(on('2027-03-31'), 'actionable');
    assert.equal(on('2027-04-01'), 'not_eligible');
    assert.equal(
      judgePerson(campaign, person(), '2027-04-01').words,
      'RSV is not in force on 2027-04-01.',
    );
  });

  it('has the words of the campaign for a status', () => {
    const found = judge([], person(), { StatusText: { Actionable: 'You should have it.' } });
    assert.equal(found.words, 'You should have it.');
  });
});

describe('attributesOf', () => {
  const rsv = programmes.find(({ id }) => id === 'rsv');
  assert.ok(rsv);

  it('has a history in the words of the model', () => {
    const records = [
      patient('1950-02-03'),
      dose('a', '2026-10-05', RSV),
      booking('b', '2026-12-01T09:00:00Z', 'booked', 'RSV'),
      booking('c', '2026-11-29T09:00:00Z', 'booked', 'RSV'),
      flag('f', 'care-home-resident', { start: '2024-01-01' }),
    ];
    const history = readHistory(records, 'Europe/London');
    const more = { person: { ICB: 'QWO' }, cohorts: ['older'] };
    assert.deepEqual(attributesOf(history, { RSV: rsv }, today, more), {
      person: { DATE_OF_BIRTH: '19500203', CARE_HOME_FLAG: 'Y', ICB: 'QWO' },
      targets: {
        RSV: {
          VALID_DOSES_COUNT: '1',
          LAST_SUCCESSFUL_DATE: '20261005',
          LAST_INVITE_DATE: null,
          BOOKED_APPOINTMENT_DATE: '20261129',
        },
      },
      cohorts: ['older'],
    });
  });

  it('lets a campaign judge a history', () => {
    const campaign = readCampaign(config([tooYoung, vaccinated]));
    const status = (birthDate: string, ...doses: ReturnType<typeof dose>[]) => {
      const history = readHistory([patient(birthDate), ...doses], 'Europe/London');
      const attributes = attributesOf(history, { RSV: rsv }, today, { cohorts: ['older'] });
      return judgePerson(campaign, attributes, today).status;
    };
    assert.equal(status('1951-11-25'), 'actionable');
    assert.equal(status('1951-11-26'), 'not_eligible');
    assert.equal(status('1950-01-01', dose('a', '2026-10-05', RSV)), 'not_actionable');
    assert.equal(status('1950-01-01', dose('a', '2026-12-05', RSV)), 'actionable');
  });
});
