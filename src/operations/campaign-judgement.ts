// What $judge-campaign answers: a judgement as parameters, each reason with its rule and the value
// that made it true, so that nobody has to believe it.

import type { CampaignAction } from '../immunisation/campaign.ts';
import type { Day } from '../immunisation/days.ts';
import type { CohortJudgement, PersonJudgement, RuleReason } from '../immunisation/judge-person.ts';
import type { Programme } from '../immunisation/programme.ts';
import type { Version } from '../store/resource-store.ts';
import type { AnswerParameter } from './parameters.ts';

/** What was found, and what it was found by. */
export interface CampaignAnswer {
  readonly judgement: PersonJudgement;
  readonly onDate: Day;
  /** The version of the PlanDefinition that holds the campaign. */
  readonly plan: Version;
  /** By the campaign's names. */
  readonly targets: Readonly<Record<string, Programme>>;
  /** Attributes that rules look at and that are not held here. */
  readonly notHeld: readonly string[];
}

/** The parameters of an answer. */
export function judgementParameters(answer: CampaignAnswer): readonly AnswerParameter[] {
  const { judgement, onDate, plan, targets, notHeld } = answer;
  const reference = `${plan.type}/${plan.id}/_history/${plan.versionId}`;
  return [
    { name: 'status', valueCode: judgement.status },
    ...text('words', judgement.words),
    { name: 'on', valueDate: onDate },
    { name: 'campaign', valueReference: { reference } },
    ...iteration(judgement),
    ...judgement.reasons.map(reason),
    ...judgement.actions.map(action),
    ...judgement.cohorts.map(cohort),
    ...Object.entries(targets).map(([name, { id }]) => target(name, id)),
    ...notHeld.map((name) => ({ name: 'not-held', valueString: name })),
  ];
}

/** FHIR has no empty texts. */
function text(name: string, value: string | undefined): readonly AnswerParameter[] {
  return value === undefined || value.trim() === '' ? [] : [{ name, valueString: value }];
}

function iteration({ iteration: found }: PersonJudgement): readonly AnswerParameter[] {
  if (found === undefined) return [];
  const { id, name, date } = found;
  const part = [...text('id', id), ...text('name', name), { name: 'date', valueDate: date }];
  return [{ name: 'iteration', part }];
}

function reason({ rule, attribute, value }: RuleReason): AnswerParameter {
  return {
    name: 'reason',
    part: [
      ...text('rule', rule.name),
      ...text('code', rule.code),
      { name: 'kind', valueCode: rule.kind },
      ...text('words', rule.words),
      ...text('attribute', attribute),
      ...text('value', value === null ? undefined : String(value)),
    ],
  };
}

function action({ code, type, externalCode, ...more }: CampaignAction): AnswerParameter {
  return {
    name: 'action',
    part: [
      ...text('code', code),
      ...text('type', type),
      ...text('external-code', externalCode),
      ...text('description', more.description),
      ...text('url', more.url),
      ...text('url-label', more.urlLabel),
    ],
  };
}

function cohort({ label, group, status, words }: CohortJudgement): AnswerParameter {
  return {
    name: 'cohort',
    part: [
      ...text('label', label),
      ...text('group', group),
      { name: 'status', valueCode: status },
      ...text('words', words),
    ],
  };
}

function target(name: string, programme: string): AnswerParameter {
  return {
    name: 'target',
    part: [...text('name', name), { name: 'programme', valueCode: programme }],
  };
}
