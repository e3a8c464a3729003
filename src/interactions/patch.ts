// patch and conditional patch, with JSON Patch and FHIRPath Patch
// (http://hl7.org/fhir/R4/http.html#patch).

import { fhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import type { Resource } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import type { Guard, Version } from '../store/resource-store.ts';
import { findMatches } from './conditional.ts';
import { requirePreconditions } from './etag.ts';
import { patchByPaths, readPathPatch } from './fhirpath-patch.ts';
import type { Context, FhirRequest, Interaction } from './interaction.ts';
import { patchText, readPatch } from './json-patch.ts';
import { requireValid } from './put-write.ts';
import { requireExisting } from './read.ts';
import { type Planner, type PutPlan, runPlan } from './write-plan.ts';

/** A patch, read: gives the patched resource for a resource's text. */
type Patch = (text: string) => JsonDocument;

/** How to read a patch, by media type. */
const readers: ReadonlyMap<string, (context: Context, body: JsonDocument) => Patch> = new Map([
  ['application/json-patch+json', readJsonPatch],
  ['application/fhir+json', readFhirPathPatch],
]);

function readJsonPatch(_context: Context, body: JsonDocument): Patch {
  const operations = readPatch(body);
  return (text) => patchText(text, operations);
}

function readFhirPathPatch(context: Context, body: JsonDocument): Patch {
  requireValid(context, body, 'Parameters');
  const operations = readPathPatch(body);
  return (text) => patchByPaths(readJson(text), operations);
}

export const patch: Interaction = (context, request) => runPlan(context, request, planPatch);

export const conditionalPatch: Interaction = (context, request) =>
  runPlan(context, request, planConditionalPatch);

/** The current version of the resource in the url, patched. */
export const planPatch: Planner = async (context, request) => {
  const [type, id] = request.path as [string, string];
  const apply = readBody(context, request);
  const current = await requireExisting(context, request.caller, { type, id });
  return planPatched(context, request, apply, current, []);
};

/** The one match that the caller may see, patched. */
export const planConditionalPatch: Planner = async (context, request) => {
  const type = request.path[0] as string;
  const { caller, query } = request;
  const apply = readBody(context, request);
  const { guard, matches } = await findMatches(context, caller, type, query, 1);
  const [match] = matches;
  if (match === undefined) {
    throw fhirError('not-found', `The condition finds no ${type} to patch`);
  }
  return planPatched(context, request, apply, match, [guard]);
};

function readBody(context: Context, { body, contentType = 'unknown' }: FhirRequest): Patch {
  if (body === undefined) throw fhirError('malformed-body', 'A patch is expected in the body');
  const read = readers.get(contentType);
  if (read !== undefined) return read(context, body);
  const known = [...readers.keys()].join(' or ');
  throw fhirError('unsupported-media-type', `A patch must be ${known}, not ${contentType}`);
}

function planPatched(
  context: Context,
  request: FhirRequest,
  apply: Patch,
  current: Version,
  guards: readonly Guard[],
): PutPlan {
  const { type, id, versionId } = current;
  requirePreconditions(request, versionId);
  const accepted = requireValid(context, apply(current.text ?? ''), type);
  if ((accepted.document.value as Resource).id !== id) {
    throw fhirError('id-mismatch', `A patch cannot change the id of ${type}/${id}`, [`${type}.id`]);
  }
  const key = { type, id };
  return { kind: 'put', guards, key, method: 'PATCH', expect: versionId, ...accepted };
}
