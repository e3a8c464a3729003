// Everything that is wrong with a transaction, told at once instead of one fault per attempt.

import { type ErrorName, FhirError } from '../fhir/fhir-error.ts';
import type { Issue } from '../fhir/types.ts';

/** Collects refusals whose locations are as seen from the Bundle. */
export interface Faults {
  readonly take: (error: FhirError) => void;
  /** @throws FhirError of the first one's kind with the issues of all, when there are any */
  readonly throwIfAny: () => void;
}

/** @param bundleFaults what is wrong with the Bundle itself */
export function collectFaults(bundleFaults: readonly Issue[]): Faults {
  let kind: ErrorName | undefined = bundleFaults.length > 0 ? 'invalid-resource' : undefined;
  const issues = [...bundleFaults];
  return {
    take: (error) => {
      kind ??= error.errorName;
      issues.push(...error.issues);
    },
    throwIfAny: () => {
      if (kind !== undefined) throw new FhirError(kind, issues);
    },
  };
}
