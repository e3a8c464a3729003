// The one error that a request can end in, and the catalogue of its kinds. Everything that
// refuses a request throws a FhirError; interactions/router.ts turns it into an OperationOutcome.

import type { Issue, IssueType } from './types.ts';

interface ErrorKind {
  readonly status: number;
  readonly code: IssueType;
}

/** Every way to refuse, by name: HTTP status and issue type. Names are never reused. */
const errorKinds = {
  'malformed-body': { status: 400, code: 'structure' },
  'limit-exceeded': { status: 400, code: 'too-costly' },
  'invalid-request': { status: 400, code: 'invalid' },
  'invalid-search': { status: 400, code: 'invalid' },
  'unsupported-search': { status: 400, code: 'not-supported' },
  'invalid-resource': { status: 400, code: 'invalid' },
  'id-mismatch': { status: 400, code: 'invalid' },
  'invalid-transaction': { status: 400, code: 'invalid' },
  'unknown-type': { status: 404, code: 'not-supported' },
  'not-found': { status: 404, code: 'not-found' },
  'unknown-version': { status: 404, code: 'not-found' },
  'not-supported': { status: 405, code: 'not-supported' },
  'not-acceptable': { status: 406, code: 'not-supported' },
  'request-timeout': { status: 408, code: 'timeout' },
  conflict: { status: 409, code: 'conflict' },
  'still-referenced': { status: 409, code: 'conflict' },
  'not-unique': { status: 409, code: 'duplicate' },
  gone: { status: 410, code: 'deleted' },
  'page-expired': { status: 410, code: 'processing' },
  'precondition-failed': { status: 412, code: 'conflict' },
  'multiple-matches': { status: 412, code: 'multiple-matches' },
  'body-too-large': { status: 413, code: 'too-long' },
  'uri-too-long': { status: 414, code: 'too-long' },
  'unsupported-media-type': { status: 415, code: 'not-supported' },
  'headers-too-large': { status: 431, code: 'too-long' },
  'unprocessable-patch': { status: 422, code: 'processing' },
  'reference-not-found': { status: 422, code: 'not-found' },
  'reference-ambiguous': { status: 412, code: 'multiple-matches' },
  'internal-error': { status: 500, code: 'exception' },
  unavailable: { status: 503, code: 'transient' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof errorKinds;

/** A refused request: HTTP `status` and the OperationOutcome `issues` that say why. */
export class FhirError extends Error {
  readonly errorName: ErrorName;
  readonly status: number;
  readonly issues: readonly Issue[];

  constructor(errorName: ErrorName, issues: readonly Issue[]) {
    super(`${errorName}: ${issues.map((issue) => issue.diagnostics).join('; ')}`);
    this.errorName = errorName;
    this.status = errorKinds[errorName].status;
    this.issues = issues;
  }
}

/**
 * A FhirError with one issue of the kind's own type.
 * @param diagnostics what was wrong, in a sentence that names the element, parameter or header
 * @param expression FHIRPath locations, where an element is at fault
 */
export function fhirError(
  errorName: ErrorName,
  diagnostics: string,
  expression?: readonly string[],
): FhirError {
  const { code } = errorKinds[errorName];
  const issue: Issue = { severity: 'error', code, diagnostics };
  return new FhirError(errorName, [expression === undefined ? issue : { ...issue, expression }]);
}
