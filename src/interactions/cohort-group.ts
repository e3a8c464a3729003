// What a write to a Group with filters brings with it: the filters are read, their people counted,
// and the service's own elements set, whatever the client says of them. Between a plan and its
// commit (write-plan.ts).

import { selectCohort } from '../cohort/attrition.ts';
import type { CohortDefinition } from '../cohort/cohort-rules.ts';
import { readCohortRules } from '../cohort/cohort-rules.ts';
import {
  definitionOf,
  elementsOf,
  isFrozen,
  isSameDefinition,
  type OwnElements,
  ownElements,
  withOwnElements,
} from '../cohort/group-definition.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import { searchEnvironment } from './conditional.ts';
import type { Context, FhirRequest } from './interaction.ts';
import type { DeletePlan, PutPlan, WritePlan } from './write-plan.ts';

/**
 * The plan with its Group counted; any other plan as it is.
 * @throws FhirError `conflict` for a frozen cohort that would change, `invalid-resource` and the
 *   errors of searches for filters that cannot be read, `unavailable` when nobody can be counted
 *   now
 */
export async function planCohort(
  context: Context,
  request: FhirRequest,
  plan: WritePlan,
): Promise<WritePlan> {
  if (plan.kind === 'put' && plan.key.type === 'Group') {
    return planGroup(context, request, plan);
  }
  if (plan.kind === 'delete') await refuseFrozen(context, plan);
  return plan;
}

async function planGroup(context: Context, request: FhirRequest, plan: PutPlan): Promise<PutPlan> {
  const definition = definitionOf(plan.document.value as Resource);
  const before = plan.expect === 'absent' ? undefined : await readGroup(context, plan.key.id);
  const isSame = before !== undefined && isSameDefinition(definition, definitionOf(before));
  if (before !== undefined && isFrozen(before) && !isSame) throw frozen(plan.key.id);
  if (definition === undefined) return plan;
  const own = isSame ? ownElements(before) : await count(context, request, definition);
  return { ...plan, document: withOwnElements(plan.document, own) };
}

async function readGroup({ store }: Context, id: string): Promise<Resource | undefined> {
  const version = await store.read({ type: 'Group', id });
  return version?.text === undefined ? undefined : (JSON.parse(version.text) as Resource);
}

async function refuseFrozen(context: Context, { targets }: DeletePlan): Promise<void> {
  for (const { type, id } of targets) {
    if (type !== 'Group') continue;
    const group = await readGroup(context, id);
    if (group !== undefined && isFrozen(group)) throw frozen(id);
  }
}

function frozen(id: string) {
  const sentence = `The cohort Group/${id} is frozen: what was approved stays as it is`;
  return fhirError('conflict', sentence);
}

async function count(
  context: Context,
  { caller, sequence }: FhirRequest,
  definition: CohortDefinition,
): Promise<OwnElements> {
  const { cohorts } = context;
  const environment = searchEnvironment(context);
  const { programmes } = cohorts;
  const { rules } = readCohortRules(definition, { environment, programmes });
  const asker = sequence === undefined ? { caller } : { caller, atLeast: sequence };
  return cohorts.ask(asker, async (people) => {
    refuseUnknownPlaces(rules, people.model.places);
    const { cohort } = await selectCohort(rules, {
      people,
      store: cohorts.storeOf(people),
      caller,
    });
    const [counted] = await people.run([cohort], [[]]);
    return elementsOf({ count: counted?.total ?? 0, asOf: people.asOf });
  });
}
