// read and conditional read (http://hl7.org/fhir/R4/http.html#read, #cread).

import { fhirError } from '../fhir/fhir-error.ts';
import type { ResourceKey } from '../fhir/types.ts';
import type { Caller } from '../search/caller.ts';
import type { Version } from '../store/resource-store.ts';
import { namesVersion } from './etag.ts';
import type { Context, FhirRequest, Interaction } from './interaction.ts';
import { versionResponse } from './responses.ts';
import { readVisible } from './visibility.ts';

export const read: Interaction = async (context, request) => {
  const [type, id] = request.path as [string, string];
  const version = await requireExisting(context, request.caller, { type, id });
  const response = versionResponse(version);
  if (!isUnchanged(request, version)) return response;
  const { body: _unsent, ...head } = response;
  return { ...head, status: 304 };
};

/**
 * The current version of a resource that exists and that the caller may see.
 * @throws FhirError `not-found`, or `gone` when it was deleted
 */
export async function requireExisting(
  context: Context,
  caller: Caller,
  key: ResourceKey,
): Promise<Version> {
  const version = await readVisible(context, caller, key);
  if (version === undefined) throw fhirError('not-found', `${key.type}/${key.id} does not exist`);
  if (version.text === undefined) {
    throw fhirError('gone', `${key.type}/${key.id} was deleted`);
  }
  return version;
}

// RFC 9110 13.1.3: If-None-Match decides when both are sent.
function isUnchanged(request: FhirRequest, version: Version): boolean {
  if (request.ifNoneMatch !== undefined) {
    return namesVersion('If-None-Match', request.ifNoneMatch, version.versionId);
  }
  if (request.ifModifiedSince === undefined) return false;
  const sinceMs = Date.parse(request.ifModifiedSince);
  // HTTP dates have whole seconds; an unreadable one is ignored, as the RFC demands.
  return Math.floor(version.lastUpdatedMs / 1000) * 1000 <= sinceMs;
}
