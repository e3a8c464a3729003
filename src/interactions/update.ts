// update, update as create, and conditional update
// (http://hl7.org/fhir/R4/http.html#update, #upsert, #cond-update).

import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import type { Guard, Version } from '../store/resource-store.ts';
import { findTheMatch } from './conditional.ts';
import { requirePreconditions } from './etag.ts';
import type { Context, FhirRequest, Interaction } from './interaction.ts';
import { type Accepted, isLogicalId, requireBody } from './put-write.ts';
import { maySee } from './visibility.ts';
import { type Planner, type PutPlan, runPlan } from './write-plan.ts';

export const update: Interaction = (context, request) => runPlan(context, request, planUpdate);

export const conditionalUpdate: Interaction = (context, request) =>
  runPlan(context, request, planConditionalUpdate);

/** The body under the id in the url, whether it exists or not. */
export const planUpdate: Planner = async (context, request) => {
  const [type, id] = request.path as [string, string];
  if (!isLogicalId(id)) {
    throw fhirError('invalid-request', `'${id}' cannot be a logical id`, [`${type}.id`]);
  }
  const accepted = requireBody(context, request, type);
  const bodyId = (accepted.document.value as Resource).id;
  if (bodyId !== id) {
    const told = bodyId === undefined ? 'has no id' : `has the id '${bodyId}'`;
    const sentence = `The url names ${type}/${id}, and the resource ${told}`;
    throw fhirError('id-mismatch', sentence, [`${type}.id`]);
  }
  return planPut(context, request, { type, id }, accepted, []);
};

/** The body under the id of the one match, or as a new resource when nothing matches. */
export const planConditionalUpdate: Planner = async (context, request) => {
  const type = request.path[0] as string;
  const accepted = requireBody(context, request, type);
  const bodyId = (accepted.document.value as Resource).id;
  const { guard, match } = await findTheMatch(context, request, type, request.query);
  if (match === undefined) {
    const key = { type, id: bodyId ?? context.newId() };
    return planPut(context, request, key, accepted, [guard], requireFree);
  }
  if (bodyId !== undefined && bodyId !== match.id) {
    const sentence = `The condition finds ${type}/${match.id}, and the body has the id '${bodyId}'`;
    throw fhirError('id-mismatch', sentence, [`${type}.id`]);
  }
  return planPut(context, request, { type, id: match.id }, accepted, [guard]);
};

type Check = (current: Version | undefined) => void;

// R5 says what R4 leaves open: overwriting a resource that the condition does not find would be
// a surprise (http://hl7.org/fhir/R5/http.html#cond-update).
const requireFree: Check = (current) => {
  if (current?.text === undefined) return;
  const { type, id } = current;
  throw fhirError('conflict', `The condition does not find ${type}/${id}, which exists`);
};

async function planPut(
  context: Context,
  request: FhirRequest,
  key: ResourceKey,
  accepted: Accepted,
  guards: readonly Guard[],
  check?: Check,
): Promise<PutPlan> {
  const current = await context.store.read(key);
  if (current !== undefined && !(await maySee(context, request.caller, key))) {
    throw fhirError('conflict', `${key.type}/${key.id} is not open to you`);
  }
  check?.(current);
  const currentVersionId = current?.text === undefined ? 0 : current.versionId;
  requirePreconditions(request, currentVersionId);
  if (currentVersionId === 0 && !context.capabilities.offers(key.type, 'updateCreate')) {
    throw fhirError('not-supported', `${key.type}/${key.id} does not exist; create it by POST`);
  }
  const expect = currentVersionId === 0 ? 'absent' : currentVersionId;
  return { kind: 'put', guards, key, method: 'PUT', expect, ...accepted };
}
