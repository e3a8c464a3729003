// Refuses searches that name a place which there is not: a mistyped code would otherwise make an
// empty cohort, or leave nobody out.

import { fhirError } from '../fhir/fhir-error.ts';
import { type LeafClause, leafClauses } from '../search/leaf-clauses.ts';
import type { CohortRule } from './cohort-rules.ts';
import type { Places } from './places.ts';

/** @throws FhirError `invalid-request` that names the clause and the code */
export function refuseUnknownPlaces(rules: readonly CohortRule[], places: Places): void {
  for (const { code, display, where } of rules) {
    for (const leaf of leafClauses('Patient', where)) {
      const unknown = unknownIn(leaf, places);
      if (unknown === undefined) continue;
      throw fhirError('invalid-request', `${code} '${display}': there is no place '${unknown}'`);
    }
  }
}

/** Patient's parameters whose values are codes of places. */
const placeCodes: readonly string[] = ['small-area'];

function unknownIn({ type, clause }: LeafClause, places: Places): string | undefined {
  // Without places nothing is known of any.
  if (places.identifiers().size === 0) return undefined;
  if (clause.kind === 'reference') return clause.anyOf.find((target) => isAbsent(target, places));
  if (clause.kind !== 'token') return undefined;
  const isPlace = places.isPlace(type) && clause.parameter === 'identifier';
  if (!isPlace && !(type === 'Patient' && placeCodes.includes(clause.parameter))) return undefined;
  const codes = places.identifiers();
  const named = clause.anyOf.flatMap(({ code }) => (code === undefined ? [] : [code]));
  return named.find((code) => !codes.has(code));
}

function isAbsent(target: string, places: Places): boolean {
  const [type = '', id = '', ...more] = target.split('/');
  if (more.length > 0 || !places.isPlace(type)) return false;
  return places.resource(type, id) === undefined;
}
