// Entity tags of the FHIR API, and the preconditions that rest on them
// (http://hl7.org/fhir/R4/http.html#concurrency, RFC 9110 section 13.1).

import { fhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest } from './interaction.ts';

const ETAG = /^(?:W\/)?"([^"]*)"$/;

/** The weak entity tag of a version. */
export function etagOf(versionId: number | string): string {
  return `W/"${versionId}"`;
}

/**
 * Whether an `If-Match` or `If-None-Match` names the current version: `*` names any, a list names
 * those in it.
 * @param currentVersionId 0 when the resource is absent or deleted
 * @throws FhirError `invalid-request` naming the header when the value is no entity tag
 */
export function namesVersion(header: string, value: string, currentVersionId: number): boolean {
  if (value.trim() === '*') return currentVersionId !== 0;
  const tags = value.split(',').map((part) => {
    const match = ETAG.exec(part.trim());
    if (match !== null) return match[1];
    throw fhirError('invalid-request', `${header} must be an entity tag like W/"3", not ${value}`);
  });
  return tags.includes(String(currentVersionId));
}

/**
 * Refuses a write whose `If-Match` or `If-None-Match` the current version does not meet.
 * @param currentVersionId 0 when the resource is absent or deleted
 * @throws FhirError `precondition-failed`
 */
export function requirePreconditions(request: FhirRequest, currentVersionId: number): void {
  const { ifMatch, ifNoneMatch } = request;
  const found =
    currentVersionId === 0 ? 'the resource does not exist' : `its version is ${currentVersionId}`;
  if (ifMatch !== undefined && !namesVersion('If-Match', ifMatch, currentVersionId)) {
    throw fhirError('precondition-failed', `If-Match asks for ${ifMatch}, and ${found}`);
  }
  if (ifNoneMatch !== undefined && namesVersion('If-None-Match', ifNoneMatch, currentVersionId)) {
    throw fhirError('precondition-failed', `If-None-Match forbids ${ifNoneMatch}, and ${found}`);
  }
}
