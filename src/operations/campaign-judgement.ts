// What $judge-campaign answers: a judgement as parameters, each reason with its rule and the value
// that made it true, so that nobody has to believe it.

import type { CampaignAction } from '../immunisation/campaign.ts';
import type { Day } from '../immunisation/days.ts';
import type { Eligibility } from '../immunisation/eligibility.ts';
import type { CohortJudgement, PersonJudgement, RuleReason } from '../immunisation/judge-person.ts';
import type { Version } from '../store/resource-store.ts';
import { evidenceParameter } from './explain-cohort.ts';
import type { AnswerParameter } from './parameters.ts';

/** A target of a campaign's rules. */
export interface AnsweredTarget {
  /** `RSV` */
  readonly name: string;
  /** The programme of ours that it stands for. */
  readonly programme: string;
  /** By the programme's own rules. */
  readonly eligibility: Eligibility;
}

/** What was found, and what it was found by. */
export interface CampaignAnswer {
  readonly judgement: PersonJudgement;
  readonly onDate: Day;
  /** The version of the PlanDefinition that holds the campaign. */
  readonly plan: Version;
  readonly targets: readonly AnsweredTarget[];
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
    ...targets.map(target),
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

/** With what our own rules say, for comparison. */
function target({ name, programme, eligibility }: AnsweredTarget): AnswerParameter {
  const { eligible, words } = eligibility;
  return {
    name: 'target',
    part: [
      ...text('name', name),
      { name: 'programme', valueCode: programme },
      { name: 'eligible', valueBoolean: eligible },
      ...text('words', words),
      ...(eligible ? eligibility.evidence.map(evidenceParameter) : []),
    ],
  };
}
