// create, and conditional create (http://hl7.org/fhir/R4/http.html#create, #ccreate).

import { fhirError } from '../fhir/fhir-error.ts';
import { findTheMatch } from './conditional.ts';
import type { Interaction } from './interaction.ts';
import { requireBody } from './put-write.ts';
import { type Planner, runPlan } from './write-plan.ts';

export const create: Interaction = (context, request) => runPlan(context, request, planCreate);

/** A new resource under a new id, or the one that `If-None-Exist` finds. */
export const planCreate: Planner = async (context, request) => {
  const type = request.path[0] as string;
  const accepted = requireBody(context, request, type);
  const put = { kind: 'put', method: 'POST', expect: 'absent', ...accepted } as const;
  if (request.ifNoneExist === undefined) {
    return { ...put, key: { type, id: context.newId() }, guards: [] };
  }
  if (!context.capabilities.offers(type, 'conditionalCreate')) {
    throw fhirError('invalid-request', `If-None-Exist is not offered for ${type}`);
  }
  const criterion = withoutAddress(request.ifNoneExist);
  const { guard, match } = await findTheMatch(context, request, type, criterion);
  if (match !== undefined) return { kind: 'found', version: match, guards: [guard] };
  return { ...put, key: { type, id: context.newId() }, guards: [guard] };
};

/** The criterion alone, as the specification has it; clients also send `Patient?…` and urls. */
function withoutAddress(ifNoneExist: string): string {
  return ifNoneExist.replace(/^[^?=]*\?/, '');
}
