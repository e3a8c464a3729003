// delete and conditional delete (http://hl7.org/fhir/R4/http.html#delete, #3.1.0.7.1).

import { CONDITIONAL_DELETE_MAX } from '../limits.ts';
import { findMatches } from './conditional.ts';
import { requirePreconditions } from './etag.ts';
import type { Interaction } from './interaction.ts';
import { readVisible } from './visibility.ts';
import { type Planner, runPlan } from './write-plan.ts';

export const deleteInstance: Interaction = (context, request) =>
  runPlan(context, request, planDelete);

export const conditionalDelete: Interaction = (context, request) =>
  runPlan(context, request, planConditionalDelete);

/** The resource in the url; deleting what is not there succeeds and does nothing. */
export const planDelete: Planner = async (context, request) => {
  const [type, id] = request.path as [string, string];
  const current = await readVisible(context, request.caller, { type, id });
  const exists = current?.text !== undefined;
  requirePreconditions(request, exists ? current.versionId : 0);
  const targets = exists ? [{ type, id, expect: current.versionId }] : [];
  return { kind: 'delete', guards: [], targets };
};

/** All matches that the caller may see; several only where the statement declares `multiple`. */
export const planConditionalDelete: Planner = async (context, request) => {
  const type = request.path[0] as string;
  const { caller, query } = request;
  const several = context.capabilities.offers(type, 'conditionalDeleteMultiple');
  const most = several ? CONDITIONAL_DELETE_MAX : 1;
  const { guard, matches } = await findMatches(context, caller, type, query, most);
  if (matches.length === 0) requirePreconditions(request, 0);
  for (const { versionId } of matches) requirePreconditions(request, versionId);
  const targets = matches.map(({ id, versionId }) => ({ type, id, expect: versionId }));
  return { kind: 'delete', guards: [guard], targets };
};
