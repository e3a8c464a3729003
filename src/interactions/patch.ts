// patch and conditional patch with JSON Patch (http://hl7.org/fhir/R4/http.html#patch).

import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type { Guard, Version } from '../store/resource-store.ts';
import { findMatches } from './conditional.ts';
import { requirePreconditions } from './etag.ts';
import type { Context, FhirRequest, Interaction } from './interaction.ts';
import { type PatchOperation, patchText, readPatch } from './json-patch.ts';
import { requireValid } from './put-write.ts';
import { requireExisting } from './read.ts';
import { type Planner, type PutPlan, runPlan } from './write-plan.ts';

const CONTENT_TYPE = 'application/json-patch+json';

export const patch: Interaction = (context, request) => runPlan(context, request, planPatch);

export const conditionalPatch: Interaction = (context, request) =>
  runPlan(context, request, planConditionalPatch);

/** The current version of the resource in the url, patched. */
export const planPatch: Planner = async (context, request) => {
  const [type, id] = request.path as [string, string];
  const operations = readOperations(request);
  const current = await requireExisting(context, request.caller, { type, id });
  return planPatched(context, request, operations, current, []);
};

/** The one match that the caller may see, patched. */
export const planConditionalPatch: Planner = async (context, request) => {
  const type = request.path[0] as string;
  const { caller, query } = request;
  const operations = readOperations(request);
  const { guard, matches } = await findMatches(context, caller, type, query, 1);
  const [match] = matches;
  if (match === undefined) {
    throw fhirError('not-found', `The condition finds no ${type} to patch`);
  }
  return planPatched(context, request, operations, match, [guard]);
};

function readOperations({ body, contentType }: FhirRequest): readonly PatchOperation[] {
  if (body === undefined) throw fhirError('malformed-body', 'A JSON Patch is expected in the body');
  if (contentType !== CONTENT_TYPE) {
    const found = contentType ?? 'unknown';
    throw fhirError('unsupported-media-type', `A patch must be ${CONTENT_TYPE}, not ${found}`);
  }
  return readPatch(body);
}

function planPatched(
  context: Context,
  request: FhirRequest,
  operations: readonly PatchOperation[],
  current: Version,
  guards: readonly Guard[],
): PutPlan {
  const { type, id, versionId } = current;
  requirePreconditions(request, versionId);
  const document = patchText(current.text ?? '', operations);
  requireValid(context, document, type);
  if ((document.value as Resource).id !== id) {
    throw fhirError('id-mismatch', `A patch cannot change the id of ${type}/${id}`, [`${type}.id`]);
  }
  return { kind: 'put', guards, key: { type, id }, method: 'PATCH', expect: versionId, document };
}
