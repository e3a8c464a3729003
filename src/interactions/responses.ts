// The answers that several interactions share: a version as a response, and what Prefer asks for.

import type { FhirError } from '../fhir/fhir-error.ts';
import { information, informationOutcome, operationOutcome } from '../fhir/operation-outcome.ts';
import type { Issue, ResourceKey } from '../fhir/types.ts';
import { unreachable } from '../lib/assert.ts';
import type { Version } from '../store/resource-store.ts';
import { etagOf } from './etag.ts';
import type { Context, FhirRequest, FhirResponse } from './interaction.ts';

/** Absolute url of a resource. */
export function resourceUrl(context: Context, key: ResourceKey): string {
  return `${context.baseUrl}/${key.type}/${key.id}`;
}

/** Absolute url of one version, for `Location`. */
function versionUrl(context: Context, version: Version): string {
  return `${resourceUrl(context, version)}/_history/${version.versionId}`;
}

/** A refusal: its status and an OperationOutcome. */
export function errorResponse({ status, issues }: FhirError): FhirResponse {
  return { status, body: operationOutcome(issues) };
}

/** 200 with the version's text, its ETag and Last-Modified. */
export function versionResponse(version: Version): FhirResponse {
  const head = { status: 200, ...versionHead(version) };
  return version.text === undefined ? head : { ...head, body: version.text };
}

function versionHead({ versionId, lastUpdatedMs }: Version) {
  return { versionId: String(versionId), lastModifiedMs: lastUpdatedMs };
}

/**
 * The answer to a create, update or patch (http://hl7.org/fhir/R4/http.html#ops): the resource,
 * nothing, or an OperationOutcome, as Prefer asks.
 * @param status 201 when the resource came to be, else 200
 * @param warnings what was found but accepted
 */
export function writtenResponse(
  context: Context,
  request: FhirRequest,
  version: Version,
  status: 200 | 201,
  warnings: readonly Issue[],
): FhirResponse {
  const plain = { status, ...versionHead(version), location: versionUrl(context, version) };
  const verb = status === 201 ? 'created' : 'written';
  const sentence = `${version.type}/${version.id} was ${verb} as version ${version.versionId}`;
  if (warnings.length === 0) {
    return preferred(request, plain, version, () => informationOutcome(sentence));
  }
  const outcome = operationOutcome(warnings);
  return preferred(request, { ...plain, outcome }, version, () => {
    return operationOutcome([information(sentence), ...warnings]);
  });
}

/** The answer to a conditional create whose condition a resource met already. */
export function foundResponse(
  context: Context,
  request: FhirRequest,
  version: Version,
): FhirResponse {
  const plain = { status: 200, ...versionHead(version), location: versionUrl(context, version) };
  const sentence = `${version.type}/${version.id} meets the condition; nothing was created`;
  return preferred(request, plain, version, () => informationOutcome(sentence));
}

/** The response with the body that `Prefer: return` asks for; the resource when it says nothing. */
function preferred(
  request: FhirRequest,
  plain: FhirResponse,
  version: Version,
  outcomeOf: () => string,
): FhirResponse {
  const wanted = request.prefer.return ?? 'representation';
  switch (wanted) {
    case 'minimal':
      return plain;
    case 'representation':
      return version.text === undefined ? plain : { ...plain, body: version.text };
    case 'OperationOutcome': {
      const outcome = outcomeOf();
      return { ...plain, body: outcome, outcome };
    }
    default:
      return unreachable(wanted);
  }
}

/** An entity tag and instants of a version for a Bundle entry's response. */
export function entryVersion(version: Version): { etag: string; lastModified: string } {
  return {
    etag: etagOf(version.versionId),
    lastModified: new Date(version.lastUpdatedMs).toISOString(),
  };
}
