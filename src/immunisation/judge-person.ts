// Puts a campaign of NHS England's rule model (campaign.ts) to a person's attributes: whether they
// are eligible, whether they are asked now, and why. Rules of one kind and priority are true
// together or not at all; those of the next priority are looked at by themselves.

import type {
  Attribute,
  Campaign,
  CampaignAction,
  CampaignCohort,
  CampaignRule,
  CampaignStatus,
  Iteration,
} from './campaign.ts';
import { type AttributeValue, holds } from './campaign-operators.ts';
import type { Day } from './days.ts';

/** What is known of a person, by the names of the rule model. */
export interface PersonAttributes {
  /** `DATE_OF_BIRTH`, `ICB`; dates as `20261125`. */
  readonly person: Readonly<Record<string, AttributeValue>>;
  /** By target, `RSV`: `LAST_SUCCESSFUL_DATE`. */
  readonly targets: Readonly<Record<string, Readonly<Record<string, AttributeValue>>>>;
  /** Labels of the cohorts they are in. */
  readonly cohorts: readonly string[];
}

/** A rule that is true of somebody, and by which value. */
export interface RuleReason {
  readonly rule: Pick<CampaignRule, 'kind' | 'name' | 'code' | 'words' | 'priority'>;
  /** `DATE_OF_BIRTH`, `RSV.LAST_SUCCESSFUL_DATE`, `COHORT_LABEL`. */
  readonly attribute: string;
  readonly value: AttributeValue;
}

/** Somebody as one of a cohort. */
export interface CohortJudgement {
  readonly label: string;
  readonly group: string;
  readonly status: CampaignStatus;
  /** The cohort's own words for it; '' when it has none. */
  readonly words: string;
  /** Rules that left them out or hold them back; none for those who are not of the cohort. */
  readonly reasons: readonly RuleReason[];
}

/** Somebody as a campaign finds them. */
export interface PersonJudgement {
  /** The best of any cohort. */
  readonly status: CampaignStatus;
  /** In a sentence. */
  readonly words: string;
  /** By whose rules; absent when none is in force on the day. */
  readonly iteration?: Pick<Iteration, 'id' | 'name' | 'date'>;
  /** All cohorts, by priority. */
  readonly cohorts: readonly CohortJudgement[];
  /** Those of the cohorts with that status, the first of each kind and priority. */
  readonly reasons: readonly RuleReason[];
  /** Where they are sent. */
  readonly actions: readonly CampaignAction[];
}

/** Judges a person. @param onDate the day of asking */
export function judgePerson(
  campaign: Campaign,
  attributes: PersonAttributes,
  onDate: Day,
): PersonJudgement {
  const iteration = iterationOn(campaign, onDate);
  if (iteration === undefined) {
    const words = `${campaign.name} is not in force on ${onDate}.`;
    return { status: 'not_eligible', words, cohorts: [], reasons: [], actions: [] };
  }
  const question: Question = { iteration, attributes, onDate };
  const cohorts = iteration.cohorts.map((cohort) => judgeCohort(cohort, question));
  const status = bestOf(cohorts);
  const best = cohorts.filter((each) => each.status === status);
  const { id, name, date } = iteration;
  return {
    status,
    words: iteration.words[status] ?? `${campaign.name}: ${statusWords[status]}.`,
    iteration: { id, name, date },
    cohorts,
    reasons: firstOfEach(best.flatMap(({ reasons }) => reasons)),
    actions: actionsFor(status, question),
  };
}

/** The rules in force on a day. */
function iterationOn({ iterations, start, end }: Campaign, onDate: Day): Iteration | undefined {
  if (onDate < start || onDate > end) return undefined;
  return iterations.findLast(({ date }) => date <= onDate);
}

/**
 * What the rules in force on a day look at and these attributes say nothing of, not even that it is
 * unknown, by the names of a RuleReason: rules judge it as absent.
 */
export function attributesNotHeld(
  campaign: Campaign,
  attributes: PersonAttributes,
  onDate: Day,
): readonly string[] {
  const rules = iterationOn(campaign, onDate)?.rules ?? [];
  const looked = rules.map(({ attribute }) => attribute);
  return [...new Set(looked.filter((each) => !isHeld(each, attributes)).map(nameOf))];
}

function isHeld(attribute: Attribute, { person, targets }: PersonAttributes): boolean {
  switch (attribute.level) {
    case 'person':
      return Object.hasOwn(person, attribute.name);
    case 'target':
      return Object.hasOwn(own(targets, attribute.target) ?? {}, attribute.name);
    case 'cohort':
      return true;
  }
}

const statusWords: Readonly<Record<CampaignStatus, string>> = {
  not_eligible: 'not eligible',
  not_actionable: 'eligible, not to be asked now',
  actionable: 'eligible',
};

/** From the best to the worst. */
const statuses: readonly CampaignStatus[] = ['actionable', 'not_actionable', 'not_eligible'];

function bestOf(cohorts: readonly CohortJudgement[]): CampaignStatus {
  return (
    statuses.find((status) => cohorts.some((each) => each.status === status)) ?? 'not_eligible'
  );
}

/** What is asked. */
interface Question {
  readonly iteration: Iteration;
  readonly attributes: PersonAttributes;
  readonly onDate: Day;
}

function judgeCohort(cohort: CampaignCohort, question: Question): CohortJudgement {
  const { label, group, positive, negative, isEverybody } = cohort;
  const judged = (status: CampaignStatus, words: string, reasons: readonly RuleReason[]) => {
    return { label, group, status, words, reasons };
  };
  const isOfCohort = isEverybody || question.attributes.cohorts.includes(label);
  if (!isOfCohort) return judged('not_eligible', negative, []);
  const filtered = trueGroups('filter', label, question).next().value;
  if (filtered !== undefined) return judged('not_eligible', negative, filtered.reasons);
  const reasons: RuleReason[] = [];
  for (const suppressed of trueGroups('suppression', label, question)) {
    reasons.push(...suppressed.reasons);
    if (suppressed.rules.some(({ isLast }) => isLast)) break;
  }
  return judged(reasons.length === 0 ? 'actionable' : 'not_actionable', positive, reasons);
}

interface TrueGroup {
  readonly rules: readonly CampaignRule[];
  readonly reasons: readonly RuleReason[];
}

/**
 * The groups of rules that are true of somebody as one of a cohort, by priority. A group with
 * rules of other cohorts alone, beside those of all, is not this cohort's: what they say together
 * cannot be said by half of them.
 */
function* trueGroups(
  kind: CampaignRule['kind'],
  label: string,
  question: Question,
): Generator<TrueGroup, undefined> {
  const rules = question.iteration.rules.filter((rule) => rule.kind === kind);
  for (const group of byPriority(rules)) {
    const applicable = group.filter(
      ({ cohorts }) => cohorts.length === 0 || cohorts.includes(label),
    );
    const special = group.filter(({ cohorts }) => cohorts.length > 0);
    const isOthers = special.length > 0 && special.every((rule) => !applicable.includes(rule));
    if (isOthers) continue;
    const reasons = applicable.flatMap((rule) => reasonOf(rule, question) ?? []);
    if (reasons.length === applicable.length) yield { rules: applicable, reasons };
  }
}

function byPriority(rules: readonly CampaignRule[]): readonly (readonly CampaignRule[])[] {
  const groups = Map.groupBy(rules, ({ priority }) => priority);
  return [...groups].toSorted(([one], [other]) => one - other).map(([, group]) => group);
}

/** Why a rule is true; undefined when it is not. */
function reasonOf(rule: CampaignRule, question: Question): RuleReason | undefined {
  const value = found(rule.attribute, question.attributes);
  if (!holds(rule.test, value, question.onDate)) return undefined;
  const { kind, name, code, words, priority } = rule;
  return { rule: { kind, name, code, words, priority }, attribute: nameOf(rule.attribute), value };
}

function found(attribute: Attribute, attributes: PersonAttributes): AttributeValue {
  switch (attribute.level) {
    case 'person':
      return own(attributes.person, attribute.name) ?? null;
    case 'target':
      return own(own(attributes.targets, attribute.target) ?? {}, attribute.name) ?? null;
    case 'cohort':
      return attributes.cohorts.length === 0 ? null : attributes.cohorts.join(',');
  }
}

/** A member by a name that somebody else chose: not what every object has. */
function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function nameOf(attribute: Attribute): string {
  switch (attribute.level) {
    case 'person':
      return attribute.name;
    case 'target':
      return `${attribute.target}.${attribute.name}`;
    case 'cohort':
      return 'COHORT_LABEL';
  }
}

function firstOfEach(reasons: readonly RuleReason[]): readonly RuleReason[] {
  const first = new Map<string, RuleReason>();
  for (const reason of reasons) {
    const key = `${reason.rule.kind} ${reason.rule.priority}`;
    if (!first.has(key)) first.set(key, reason);
  }
  return [...first.values()];
}

/** Where people of a status are sent: by the first group of routing rules that is true, else where
 * everybody is. Codes that stand for no action are passed over. */
function actionsFor(status: CampaignStatus, question: Question): readonly CampaignAction[] {
  const { rules, routing, actions } = question.iteration;
  const actionsOf = (codes: readonly string[]) => codes.flatMap((code) => actions.get(code) ?? []);
  const routes = rules.filter((rule) => rule.kind === 'routing' && rule.of === status);
  const first = byPriority(routes).find(
    ([rule, ...others]) =>
      rule !== undefined &&
      rule.routing.length > 0 &&
      [rule, ...others].every((each) => reasonOf(each, question) !== undefined),
  );
  const special = actionsOf(first?.[0]?.routing ?? []);
  return special.length > 0 ? special : actionsOf(routing[status]);
}
