// Why somebody is in a cohort or not: each rule with what it looked at, and the one that decided.
// As at the moment that the cohort was selected.

import type { Evidence } from '../immunisation/record-elements.ts';
import type { SelectedStep } from './attrition.ts';
import type { EnginePerson } from './engine/cohort-engine.ts';
import { type EvidenceContext, evidenceFor, patientSays } from './evidence.ts';
import { holds } from './holds.ts';
import type { PersonRecords } from './person-records.ts';

/** One rule, for one person. */
export interface ExplainedRule {
  readonly code: string;
  readonly display: string;
  /** Whether those who match are kept, else they are left out. */
  readonly keeps: boolean;
  readonly matches: boolean;
  /** What it looked at. */
  readonly evidence: readonly Evidence[];
}

export interface PersonExplanation {
  readonly isMember: boolean;
  /** The first rule that took the person away. */
  readonly decisive?: ExplainedRule;
  readonly rules: readonly ExplainedRule[];
}

/** Explains. @param values what is held of the person @param person with every entry */
export function explainPerson(
  steps: readonly SelectedStep[],
  values: EnginePerson,
  person: PersonRecords,
  context: EvidenceContext,
): PersonExplanation {
  const explained = steps.map(({ rule, matching }): ExplainedRule => {
    const { code, display, keeps, where } = rule;
    const found = evidenceFor(where, person, context);
    const evidence = found ?? patientSays(where, person, context);
    return { code, display, keeps, matches: holds(matching, values), evidence };
  });
  const decisive = explained.find(({ keeps, matches }) => keeps !== matches);
  return decisive === undefined
    ? { isMember: true, rules: explained }
    : { isMember: false, decisive, rules: explained };
}

/** An explanation in a sentence or two. */
export function explanationText({ decisive }: PersonExplanation): string {
  if (decisive === undefined) return 'In the cohort: every rule is met.';
  const { code, display, keeps, evidence } = decisive;
  const why = keeps ? `does not match ${code}, ${display}` : `is left out by ${code}, ${display}`;
  const told = evidence.map(({ words, date, source, reference }) => {
    const from = source === undefined ? '' : `, from ${source}`;
    return `${words} (${reference}${date === undefined ? '' : `, ${date}`}${from})`;
  });
  return `Not in the cohort: ${why}${told.length === 0 ? '.' : `: ${told.join('; ')}.`}`;
}
