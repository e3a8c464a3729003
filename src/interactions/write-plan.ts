// What a write interaction means to do, as plain data. Each write interaction makes a plan; one
// alone is committed as it is, a transaction links the plans of its entries and commits them all.

import { informationOutcome } from '../fhir/operation-outcome.ts';
import type { ResourceKey } from '../fhir/types.ts';
import { assert, unreachable } from '../lib/assert.ts';
import type { DeleteWrite, Guard, PutWrite, Version } from '../store/resource-store.ts';
import { planCohort } from './cohort-group.ts';
import { commitAnew } from './commit.ts';
import type { Context, FhirRequest, FhirResponse } from './interaction.ts';
import { type Accepted, danglingTargets, danglingWarnings, putWrite } from './put-write.ts';
import { foundResponse, writtenResponse } from './responses.ts';

/** A resource to write. `expect` is the version that the plan was made from. */
export interface PutPlan extends Accepted {
  readonly kind: 'put';
  readonly guards: readonly Guard[];
  readonly key: ResourceKey;
  readonly method: PutWrite['method'];
  readonly expect: 'absent' | number;
}

/** Resources to delete: one, or all that a condition found. */
export interface DeletePlan {
  readonly kind: 'delete';
  readonly guards: readonly Guard[];
  readonly targets: readonly (ResourceKey & { readonly expect: 'any' | number })[];
}

/** Nothing to write: a conditional create found `version`. */
export interface FoundPlan {
  readonly kind: 'found';
  readonly guards: readonly Guard[];
  readonly version: Version;
}

export type WritePlan = PutPlan | DeletePlan | FoundPlan;

/** A write interaction. Refuses by throwing a FhirError; writes nothing itself. */
export type Planner = (context: Context, request: FhirRequest) => Promise<WritePlan>;

/** Runs one write interaction as a commit of its own. */
export async function runPlan(
  context: Context,
  request: FhirRequest,
  planner: Planner,
): Promise<FhirResponse> {
  return commitAnew(context, request.caller, async (commit) => {
    const plan = await planCohort(context, request, await planner(context, request));
    const writes = planWrites(context, plan);
    if (writes.length === 0) return answerPlan(context, request, plan, NOTHING_WRITTEN);
    const { versions } = await commit(plan.guards, writes);
    const dangling = await danglingTargets(context, writes);
    return answerPlan(context, request, plan, { writes, versions, dangling });
  });
}

/** The writes that carry out a plan, in order. */
export function planWrites(context: Context, plan: WritePlan): readonly (PutWrite | DeleteWrite)[] {
  switch (plan.kind) {
    case 'put':
      return [putWrite(context, plan.key, plan.document, plan.method, plan.expect)];
    case 'delete':
      return plan.targets.map((target) => ({ kind: 'delete', ...target }));
    case 'found':
      return [];
    default:
      return unreachable(plan);
  }
}

/** What became of a plan. */
export interface Outcome {
  /** What planWrites made of it. */
  readonly writes: readonly (PutWrite | DeleteWrite)[];
  /** What the commit answered, one each. */
  readonly versions: readonly (Version | null)[];
  /** Targets of references that do not exist (danglingTargets). */
  readonly dangling: ReadonlySet<string>;
}

const NOTHING_WRITTEN: Outcome = { writes: [], versions: [], dangling: new Set() };

/** The response to a plan that was carried out. */
export function answerPlan(
  context: Context,
  request: FhirRequest,
  plan: WritePlan,
  { writes, versions, dangling }: Outcome,
): FhirResponse {
  switch (plan.kind) {
    case 'put': {
      const [version] = versions;
      const [write] = writes;
      assert(version !== undefined && version !== null, 'a put makes a version');
      assert(write?.kind === 'put', 'a put plan makes a put');
      const warnings = [...plan.warnings, ...danglingWarnings(write, dangling)];
      const status = plan.expect === 'absent' ? 201 : 200;
      return writtenResponse(context, request, version, status, warnings);
    }
    case 'delete':
      return deletedResponse(request, versions);
    case 'found':
      return foundResponse(context, request, plan.version);
    default:
      return unreachable(plan);
  }
}

function deletedResponse(
  request: FhirRequest,
  versions: readonly (Version | null)[],
): FhirResponse {
  const deleted = versions.filter((version) => version !== null);
  const only = versions.length === 1 ? deleted[0] : undefined;
  const etag = only === undefined ? {} : { versionId: String(only.versionId) };
  if (request.prefer.return !== 'OperationOutcome') return { status: 204, ...etag };
  const sentence =
    deleted.length === 0 ? 'Nothing was there to delete' : `${deleted.length} deleted`;
  const outcome = informationOutcome(sentence);
  return { status: 200, ...etag, body: outcome, outcome };
}
