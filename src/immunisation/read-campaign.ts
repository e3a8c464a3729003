// Reads a CampaignConfig of NHS England's rule model into a campaign of ours. Every fault of a
// document is told at once, each with its place in the JSON.

import { FhirError } from '../fhir/fhir-error.ts';
import type { Issue } from '../fhir/types.ts';
import { OUTCOME_ISSUES_MAX } from '../limits.ts';
import type {
  Approval,
  Attribute,
  Campaign,
  CampaignAction,
  CampaignCohort,
  CampaignRule,
  CampaignStatus,
  Iteration,
  RuleKind,
} from './campaign.ts';
import { type OperatorTest, operators, readTest } from './campaign-operators.ts';
import { compareTexts } from './days.ts';
import { type DocumentFault, JsonPlace } from './json-place.ts';

/**
 * Reads a campaign.
 * @param json a parsed document: `{"CampaignConfig": …}`, or what stands in it
 * @throws FhirError `invalid-request` with an issue for each fault, naming its place
 */
export function readCampaign(json: unknown): Campaign {
  const faults: DocumentFault[] = [];
  const wrapped = new JsonPlace(json, '', faults).member('CampaignConfig');
  const place = wrapped.isPresent ? wrapped : new JsonPlace(json, 'CampaignConfig', faults);
  if (!place.isObject) {
    place.fault('is not an object');
    throw refused(faults);
  }
  const campaign = campaignOf(place);
  if (faults.length > 0) throw refused(faults);
  return campaign;
}

function refused(faults: readonly DocumentFault[]): FhirError {
  const issues = faults.slice(0, OUTCOME_ISSUES_MAX).map(({ path, message }): Issue => {
    return { severity: 'error', code: 'invalid', diagnostics: `${path} ${message}` };
  });
  return new FhirError('invalid-request', issues);
}

function campaignOf(place: JsonPlace): Campaign {
  const start = place.member('StartDate').day();
  const end = place.member('EndDate').day();
  if (start > end) place.member('EndDate').fault('is before StartDate');
  return {
    id: place.member('ID').words(),
    version: place.member('Version').integer(),
    name: place.member('Name').words(),
    kind: place.member('Type').oneOf(['V', 'S']) === 'V' ? 'vaccination' : 'screening',
    target: place.member('Target').text(),
    managers: names(place.member('Manager')),
    approvers: names(place.member('Approver')),
    reviewers: names(place.member('Reviewer')),
    start,
    end,
    approval: approvalOf(place),
    frequency: place.member('IterationFrequency').oneOf(['X', 'D', 'W', 'M', 'Q', 'A']),
    iterationType: place.member('IterationType').oneOf(['A', 'M', 'S', 'O']),
    iterations: iterationsOf(place.member('Iterations')),
  };
}

/** Names in a list; older documents have one as a text. */
function names(place: JsonPlace): readonly string[] {
  if (typeof place.value === 'string') return place.value === '' ? [] : [place.value];
  return place.items().map((item) => item.text());
}

function approvalOf(place: JsonPlace): Approval {
  const minimum = place.member('ApprovalMinimum').integerOrNone();
  const maximum = place.member('ApprovalMaximum').integerOrNone();
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    place.member('ApprovalMinimum').fault('is more than ApprovalMaximum');
  }
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

function iterationsOf(place: JsonPlace): readonly Iteration[] {
  const items = place.items();
  if (items.length === 0) place.fault('has no iteration');
  const seen = new Set<string>();
  const iterations = items.map((item) => {
    const iteration = iterationOf(item);
    if (seen.has(iteration.date))
      item.member('IterationDate').fault('is that of another iteration');
    seen.add(iteration.date);
    return iteration;
  });
  return iterations.toSorted((one, other) => compareTexts(one.date, other.date));
}

function iterationOf(place: JsonPlace): Iteration {
  const routing = (name: string) => codesOf(place.member(name));
  return {
    id: place.member('ID').text(),
    name: place.member('Name').text(),
    date: place.member('IterationDate').day(),
    approval: approvalOf(place),
    cohorts: cohortsOf(place.member('IterationCohorts')),
    rules: rulesOf(place.member('IterationRules'), replacementsOf(place.member('RulesMapper'))),
    routing: {
      not_eligible: routing('DefaultNotEligibleRouting'),
      not_actionable: routing('DefaultNotActionableRouting'),
      actionable: routing('DefaultCommsRouting'),
    },
    actions: new Map(place.member('ActionsMapper').members().map(actionOf)),
    words: wordsOf(place.member('StatusText')),
  };
}

/** Codes of actions, `BOOK_NBS|CONTACT_GP`. */
function codesOf(place: JsonPlace): readonly string[] {
  return partsOf(place.textOrNone() ?? '', '|');
}

function partsOf(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const statusTexts: readonly (readonly [CampaignStatus, string])[] = [
  ['not_eligible', 'NotEligible'],
  ['not_actionable', 'NotActionable'],
  ['actionable', 'Actionable'],
];

function wordsOf(place: JsonPlace): Iteration['words'] {
  const texts = statusTexts.flatMap(([status, name]) => {
    const text = place.member(name).textOrNone();
    return text === undefined ? [] : [[status, text] as const];
  });
  return Object.fromEntries(texts);
}

function actionOf([code, place]: readonly [string, JsonPlace]): readonly [string, CampaignAction] {
  const optional = (name: string, as: 'description' | 'url' | 'urlLabel') => {
    const text = place.member(name).textOrNone();
    return text === undefined || text === '' ? {} : { [as]: text };
  };
  const action: CampaignAction = {
    code,
    type: place.member('ActionType').text(),
    externalCode: place.member('ExternalRoutingCode').text(),
    ...optional('ActionDescription', 'description'),
    ...optional('UrlLink', 'url'),
    ...optional('UrlLabel', 'urlLabel'),
  };
  return [code, action];
}

/** The label that older documents have everybody under; newer ones say `"Virtual": "Y"`. */
const EVERYBODY = 'elid_all_people';

function cohortsOf(place: JsonPlace): readonly CampaignCohort[] {
  if (!place.isPresent) place.fault('is missing');
  const seen = new Set<string>();
  const cohorts = place.items().map((item) => {
    const cohort = cohortOf(item);
    if (seen.has(cohort.label)) item.member('CohortLabel').fault('is that of another cohort');
    seen.add(cohort.label);
    return cohort;
  });
  return cohorts.toSorted((one, other) => one.priority - other.priority);
}

function cohortOf(place: JsonPlace): CampaignCohort {
  const label = place.member('CohortLabel').text();
  const virtual = place.member('Virtual');
  const isVirtual = virtual.isPresent && virtual.oneOf(['N', 'Y', 'n', 'y']).toUpperCase() === 'Y';
  return {
    label,
    group: place.member('CohortGroup').text(),
    positive: (place.member('PositiveDescription').textOrNone() ?? '').trim(),
    negative: (place.member('NegativeDescription').textOrNone() ?? '').trim(),
    priority: place.member('Priority').integerOrNone() ?? Number.MAX_SAFE_INTEGER,
    isEverybody: isVirtual || label.toLowerCase() === EVERYBODY,
  };
}

/** What rules are called where the iteration has a word for several, by the rules' names. */
type Replacements = ReadonlyMap<string, { readonly code?: string; readonly words?: string }>;

function replacementsOf(place: JsonPlace): Replacements {
  const rows = place.members().flatMap(([, entry]) => {
    const code = entry.member('RuleCode').textOrNone();
    const words = entry.member('RuleText').textOrNone();
    const replacement = {
      ...(code === undefined ? {} : { code }),
      ...(words === undefined ? {} : { words }),
    };
    return entry
      .member('RuleNames')
      .items()
      .map((name) => [name.text(), replacement] as const);
  });
  return new Map(rows);
}

function rulesOf(place: JsonPlace, replacements: Replacements): readonly CampaignRule[] {
  if (!place.isPresent) place.fault('is missing');
  return place.items().map((item) => ruleOf(item, replacements));
}

/** What the letters of rules mean. */
const ruleTypes: Readonly<
  Record<'F' | 'S' | 'R' | 'X' | 'Y', { readonly kind: RuleKind; readonly of?: CampaignStatus }>
> = {
  F: { kind: 'filter' },
  S: { kind: 'suppression' },
  R: { kind: 'routing', of: 'actionable' },
  X: { kind: 'routing', of: 'not_eligible' },
  Y: { kind: 'routing', of: 'not_actionable' },
};

function ruleOf(place: JsonPlace, replacements: Replacements): CampaignRule {
  const name = place.member('Name').text();
  const description = place.member('Description').text();
  const replacement = replacements.get(name);
  return {
    ...ruleTypes[place.member('Type').oneOf(['F', 'S', 'R', 'X', 'Y'])],
    name,
    code: replacement?.code ?? place.member('Code').textOrNone() ?? name,
    words: replacement?.words ?? description,
    priority: place.member('Priority').integer(),
    cohorts: partsOf(place.member('CohortLabel').textOrNone() ?? '', ','),
    attribute: attributeOf(place),
    test: testOf(place),
    isLast: isYes(place.member('RuleStop')),
    routing: codesOf(place.member('CommsRouting')),
  };
}

function attributeOf(place: JsonPlace): Attribute {
  const name = place.member('AttributeName');
  const level = place.member('AttributeLevel').oneOf(['PERSON', 'TARGET', 'COHORT']);
  switch (level) {
    case 'PERSON':
      return { level: 'person', name: name.text() };
    case 'TARGET':
      return {
        level: 'target',
        target: place.member('AttributeTarget').text(),
        name: name.text(),
      };
    case 'COHORT':
      if (!['', 'COHORT_LABEL'].includes(name.textOrNone() ?? '')) {
        name.fault('is not COHORT_LABEL, the only one of cohorts');
      }
      return { level: 'cohort' };
  }
}

function testOf(place: JsonPlace): OperatorTest {
  const operator = place.member('Operator').oneOf(operators);
  const comparator = place.member('Comparator');
  const test = readTest(operator, comparator.textOrNone() ?? '');
  if (typeof test === 'string') {
    comparator.fault(`with Operator ${operator}: ${test}`);
    return { kind: 'absent', is: true };
  }
  const needsComparator =
    test.kind !== 'absent' && test.kind !== 'empty' && test.kind !== 'boolean';
  if (needsComparator && !comparator.isPresent) comparator.fault('is missing');
  return test;
}

function isYes(place: JsonPlace): boolean {
  if (!place.isPresent || place.value === '') return false;
  if (typeof place.value === 'boolean') return place.value;
  return place.oneOf(['N', 'Y', 'n', 'y']).toUpperCase() === 'Y';
}
