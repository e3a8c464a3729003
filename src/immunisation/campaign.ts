// A campaign of NHS England's rule model in our form: cohorts, rules in groups by priority, what
// people are told and where they are sent. read-campaign.ts makes it from a CampaignConfig,
// judge-person.ts puts it to people (domain: Eligibility Signposting API).

import type { OperatorTest } from './campaign-operators.ts';
import type { Day } from './days.ts';

/** What somebody is found to be, from the least to the most. */
export type CampaignStatus = 'not_eligible' | 'not_actionable' | 'actionable';

/** How many people may be selected: outside of it nothing goes out. */
export interface Approval {
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Campaign {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly kind: 'vaccination' | 'screening';
  /** `RSV`, `COVID`: of which its rules look at targets. */
  readonly target: string;
  readonly managers: readonly string[];
  readonly approvers: readonly string[];
  readonly reviewers: readonly string[];
  /** Both included. */
  readonly start: Day;
  readonly end: Day;
  readonly approval: Approval;
  /** How often, and how, it is worked out anew: letters of the model. */
  readonly frequency: string;
  readonly iterationType: string;
  /** By date, the earliest first. */
  readonly iterations: readonly Iteration[];
}

/** The rules from a day on, until the next one's. */
export interface Iteration {
  readonly id: string;
  readonly name: string;
  readonly date: Day;
  readonly approval: Approval;
  /** By priority. */
  readonly cohorts: readonly CampaignCohort[];
  readonly rules: readonly CampaignRule[];
  /** Codes of actions where no rule says otherwise. */
  readonly routing: Readonly<Record<CampaignStatus, readonly string[]>>;
  readonly actions: ReadonlyMap<string, CampaignAction>;
  readonly words: Readonly<Partial<Record<CampaignStatus, string>>>;
}

/** People who are considered. */
export interface CampaignCohort {
  readonly label: string;
  readonly group: string;
  /** Of those in it: `are aged 75 to 79 years old`; and of those who are not. */
  readonly positive: string;
  readonly negative: string;
  readonly priority: number;
  /** Everybody is of it. */
  readonly isEverybody: boolean;
}

/** What a rule decides when it is true: who is left out, who is not asked now, where people of a
 * status are sent. */
export type RuleKind = 'filter' | 'suppression' | 'routing';

export interface CampaignRule {
  readonly kind: RuleKind;
  /** Of `routing`: of people of which status. */
  readonly of?: CampaignStatus;
  readonly name: string;
  readonly code: string;
  readonly words: string;
  /** Rules of one kind and priority are true together or not at all. */
  readonly priority: number;
  /** Labels of the cohorts it is about; all when empty. */
  readonly cohorts: readonly string[];
  readonly attribute: Attribute;
  readonly test: OperatorTest;
  /** Of a suppression: when its group is true, those of later priorities are not looked at. */
  readonly isLast: boolean;
  /** Codes of actions. */
  readonly routing: readonly string[];
}

/** What of a person a rule looks at. */
export type Attribute =
  | { readonly level: 'person'; readonly name: string }
  | { readonly level: 'target'; readonly target: string; readonly name: string }
  | { readonly level: 'cohort' };

/** Where somebody is sent, or what they are shown. */
export interface CampaignAction {
  readonly code: string;
  readonly type: string;
  readonly externalCode: string;
  readonly description?: string;
  readonly url?: string;
  readonly urlLabel?: string;
}
