// OperationOutcome: the one shape in which anything is refused, warned of or confirmed
// (http://hl7.org/fhir/R4/operationoutcome.html).

import { OUTCOME_ISSUES_MAX } from '../limits.ts';
import type { Issue } from './types.ts';

/** The OperationOutcome of the issues, as JSON text; at most OUTCOME_ISSUES_MAX of them. */
export function operationOutcome(issues: readonly Issue[]): string {
  const shown = issues.slice(0, OUTCOME_ISSUES_MAX);
  return JSON.stringify({ resourceType: 'OperationOutcome', issue: shown });
}

/** An informational OperationOutcome of one sentence. */
export function informationOutcome(diagnostics: string): string {
  return operationOutcome([information(diagnostics)]);
}

/** That sentence as an issue. */
export function information(diagnostics: string): Issue {
  return { severity: 'information', code: 'informational', diagnostics };
}
