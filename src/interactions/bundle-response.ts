// The answers to the entries of a batch or transaction, as they stand in the answering Bundle
// (http://hl7.org/fhir/R4/http.html#transaction-response).

import { STATUS_CODES } from 'node:http';
import type { BundleEntry } from '../fhir/bundle.ts';
import type { FhirError } from '../fhir/fhir-error.ts';
import type { Issue } from '../fhir/types.ts';
import { etagOf } from './etag.ts';
import type { FhirResponse, Method } from './interaction.ts';

/** The answer to one entry. An OperationOutcome stands in `response.outcome`. */
export function responseEntry(method: Method, response: FhirResponse): BundleEntry {
  const { status, location, versionId, lastModifiedMs, body } = response;
  const outcome = status >= 400 ? body : response.outcome;
  const hasResource = body !== undefined && body !== outcome && method !== 'HEAD';
  return {
    ...(hasResource ? { resource: body } : {}),
    response: {
      status: `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
      ...(location === undefined ? {} : { location }),
      ...(versionId === undefined ? {} : { etag: etagOf(versionId) }),
      ...(lastModifiedMs === undefined
        ? {}
        : { lastModified: new Date(lastModifiedMs).toISOString() }),
      ...(outcome === undefined ? {} : { outcome }),
    },
  };
}

/** The issues of an entry's refusal, with locations as seen from the Bundle. */
export function issuesInEntry(error: FhirError, index: number): readonly Issue[] {
  const here = `Bundle.entry[${index}]`;
  return error.issues.map((issue) => ({
    ...issue,
    expression: issue.expression?.map((path) => fromBundle(index, path)) ?? [here],
  }));
}

/** A location within an entry's resource (`Patient.name[0]`) as seen from the Bundle. */
export function fromBundle(index: number, path: string): string {
  return `Bundle.entry[${index}].resource${path.replace(/^[A-Za-z]+/, '')}`;
}
