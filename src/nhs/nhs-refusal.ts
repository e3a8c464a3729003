// How NHS England's APIs tell a refusal: an OperationOutcome of one issue, whose details hold a
// code of theirs.

import { FhirError } from '../fhir/fhir-error.ts';
import type { Issue, IssueType } from '../fhir/types.ts';
import type { FhirResponse } from '../interactions/interaction.ts';
import { isFault } from '../interactions/put-write.ts';

const PROFILE = 'https://simplifier.net/guide/UKCoreDevelopment2/ProfileUKCore-OperationOutcome';
const HTTP_ERROR_CODES = 'https://fhir.nhs.uk/Codesystem/http-error-codes';
const SPINE_CODES = 'https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode';

/** A refusal as it is to be told. */
export interface Told {
  readonly status: number;
  readonly code: IssueType;
  readonly diagnostics: string;
  /** A code of Spine; when absent the details repeat the issue's own code in capitals. */
  readonly spineCode?: string;
}

/** A refusal that NHS mode makes itself, word for word. */
export class NhsRefusal extends FhirError {
  readonly told: Told;

  constructor(told: Told) {
    const { code, diagnostics } = told;
    super('invalid-request', [{ severity: 'error', code, diagnostics }]);
    this.told = told;
  }
}

/** A 400 of the Immunisation FHIR API. @param finding what is wrong, a sentence */
export function validationRefusal(finding: string): NhsRefusal {
  const diagnostics = `Validation errors: ${finding}`;
  return new NhsRefusal({ status: 400, code: 'invariant', diagnostics });
}

/** Any refusal in one issue; what is wrong with a resource all in one sentence. */
export function toldOf(error: FhirError): Told {
  if (error instanceof NhsRefusal) return error.told;
  const sentences = sentencesOf(error);
  if (error.errorName === 'invalid-resource') return validationRefusal(sentences).told;
  return { status: error.status, code: codeOf(error.issues), diagnostics: sentences };
}

/** All that is wrong, as one text. */
export function sentencesOf({ issues }: FhirError): string {
  return issues
    .filter(isFault)
    .map(({ diagnostics }) => diagnostics)
    .join('; ');
}

function codeOf([first]: readonly Issue[]): IssueType {
  return first?.code ?? 'processing';
}

/** The response that tells a refusal. @param id of the OperationOutcome */
export function nhsResponse(
  { status, code, diagnostics, spineCode }: Told,
  id: string,
): FhirResponse {
  const coding =
    spineCode === undefined
      ? { system: HTTP_ERROR_CODES, code: code.toUpperCase() }
      : { system: SPINE_CODES, version: '1', code: spineCode };
  const issue = { severity: 'error', code, details: { coding: [coding] }, diagnostics };
  const outcome = { resourceType: 'OperationOutcome', id, meta: { profile: [PROFILE] } };
  return { status, body: JSON.stringify({ ...outcome, issue: [issue] }) };
}
