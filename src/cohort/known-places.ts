// Refuses searches that name a place which there is not: a mistyped code would otherwise make an
// empty cohort, or leave nobody out.

import { fhirError } from '../fhir/fhir-error.ts';
import type { Expression } from '../search/expression.ts';
import type { CohortRule } from './cohort-rules.ts';
import type { Places } from './places.ts';

/** @throws FhirError `invalid-request` that names the clause and the code */
export function refuseUnknownPlaces(rules: readonly CohortRule[], places: Places): void {
  for (const { code, display, where } of rules) {
    const unknown = unknownIn('Patient', where, places);
    if (unknown === undefined) continue;
    throw fhirError('invalid-request', `${code} '${display}': there is no place '${unknown}'`);
  }
}

/** Patient's parameters whose values are codes of places. */
const placeCodes: readonly string[] = ['small-area'];

function unknownIn(type: string, expression: Expression, places: Places): string | undefined {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return firstUnknown(expression.of, (part) => unknownIn(type, part, places));
    case 'not':
      return unknownIn(type, expression.of, places);
    case 'below':
    case 'above':
      return unknownIn(type, expression.of, places);
    case 'chain':
    case 'has':
      return unknownIn(expression.type, expression.where, places);
    case 'token': {
      const isPlace = places.isPlace(type) && expression.parameter === 'identifier';
      if (!isPlace && !(type === 'Patient' && placeCodes.includes(expression.parameter))) {
        return undefined;
      }
      const codes = places.identifiers();
      // Without places nothing is known of any.
      if (codes.size === 0) return undefined;
      const named = expression.anyOf.flatMap(({ code }) => (code === undefined ? [] : [code]));
      return named.find((code) => !codes.has(code));
    }
    case 'reference':
      return expression.anyOf.find((target) => isAbsent(target, places));
    default:
      return undefined;
  }
}

function isAbsent(target: string, places: Places): boolean {
  const [type = '', id = '', ...more] = target.split('/');
  if (more.length > 0 || !places.isPlace(type)) return false;
  return places.identifiers().size > 0 && places.resource(type, id) === undefined;
}

function firstUnknown(
  parts: readonly Expression[],
  find: (part: Expression) => string | undefined,
): string | undefined {
  for (const part of parts) {
    const unknown = find(part);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}
