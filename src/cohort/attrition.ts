// From everybody to the cohort, rule by rule: whom each took away. All of it is counted at one
// moment, and what is left of a rule is what the next one begins with.

import type { CohortRule } from './cohort-rules.ts';
import type { EngineExpression } from './engine/cohort-engine.ts';
import { type AnsweredBy, type SelectionContext, select } from './selection.ts';

/** The cohort as a set of the engine's. */
export interface SelectedCohort {
  /** By rule, what is left after it; the last is the cohort. */
  readonly steps: readonly SelectedStep[];
  readonly everybody: EngineExpression;
  readonly cohort: EngineExpression;
}

export interface SelectedStep {
  readonly rule: CohortRule;
  /** Those who match the rule's own search, kept or not. */
  readonly matching: EngineExpression;
  readonly left: EngineExpression;
  readonly by: AnsweredBy;
}

/** Selects the people of some rules. */
export async function selectCohort(
  rules: readonly CohortRule[],
  context: SelectionContext,
): Promise<SelectedCohort> {
  const everybody: EngineExpression = { kind: 'all' };
  const steps: SelectedStep[] = [];
  const kept: EngineExpression[] = [everybody];
  for (const rule of rules) {
    const { expression: matching, by } = await select(rule.where, context);
    kept.push(rule.keeps ? matching : { kind: 'not', of: matching });
    steps.push({ rule, matching, left: { kind: 'and', of: [...kept] }, by });
  }
  return { steps, everybody, cohort: steps.at(-1)?.left ?? everybody };
}

/** One line of the attrition. */
export interface AttritionRow {
  readonly rule: CohortRule;
  readonly by: AnsweredBy;
  readonly removed: number;
  readonly left: number;
}

/** The lines, of counts by step. @param everybody how many there were before the first */
export function attritionRows(
  steps: readonly SelectedStep[],
  everybody: number,
  counts: readonly number[],
): readonly AttritionRow[] {
  let before = everybody;
  return steps.map(({ rule, by }, index) => {
    const left = counts[index] ?? 0;
    const row = { rule, by, removed: before - left, left };
    before = left;
    return row;
  });
}
