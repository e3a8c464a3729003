// Conditional interactions: the resources a criterion finds, with the guard that makes the store
// check the finding again at commit (http://hl7.org/fhir/R4/http.html#cond-update).

import { fhirError } from '../fhir/fhir-error.ts';
import type { Caller } from '../search/caller.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import { resolveCriteria } from '../search/resolve.ts';
import { restrictExpression } from '../search/restrict.ts';
import type { Guard, Version } from '../store/resource-store.ts';
import type { Context, FhirRequest } from './interaction.ts';
import { maySee } from './visibility.ts';

/** What a criterion found. */
export interface ConditionalMatches {
  readonly guard: Guard;
  readonly matches: readonly Version[];
}

/** What search needs to know of the service, for strict handling unless said otherwise. */
export function searchEnvironment(
  context: Context,
  handling: 'strict' | 'lenient' = 'strict',
): SearchEnvironment {
  return {
    registry: context.search,
    terminology: context.terminology,
    zone: context.zone,
    baseUrl: context.baseUrl,
    nowMs: context.now(),
    handling,
  };
}

/**
 * The one resource of the type that a condition is met by, hidden ones included: whether a
 * resource exists already must not depend on who asks, else the same one is made twice.
 * @param criterion a query string of search parameters
 * @throws FhirError `invalid-search`, `unsupported-search` or `multiple-matches`; `conflict`,
 *   naming nothing, when the match is hidden from the caller
 */
export async function findTheMatch(
  context: Context,
  request: FhirRequest,
  type: string,
  criterion: string,
): Promise<{ readonly guard: Guard; readonly match: Version | undefined }> {
  const { guard, matches } = await findMatches(context, undefined, type, criterion, 1);
  const match = matches[0];
  if (match !== undefined && !(await maySee(context, request.caller, match))) {
    throw fhirError('conflict', 'The condition is met by a resource that is not open to you');
  }
  return { guard, match };
}

/**
 * All resources of the type that a criterion finds.
 * @param caller only what this caller may see; everything when undefined
 * @param criterion a query string of search parameters
 * @param most more matches than this are refused
 * @throws FhirError `invalid-search`, `unsupported-search` or `multiple-matches`
 */
export async function findMatches(
  context: Context,
  caller: Caller | undefined,
  type: string,
  criterion: string,
  most: number,
): Promise<ConditionalMatches> {
  const asked = resolveCriteria(type, criterion, searchEnvironment(context));
  const where = caller === undefined ? asked : restrictExpression(type, asked, caller);
  const answer = await context.store.search({ type, where, sort: [] }, { count: most });
  if (answer.total > most) {
    const limit = most === 1 ? 'one' : `the ${most} that are allowed`;
    throw fhirError('multiple-matches', `The condition finds more than ${limit} of type ${type}`);
  }
  const ids = answer.versions.map(({ id }) => id);
  return { guard: { type, where, ids }, matches: answer.versions };
}
