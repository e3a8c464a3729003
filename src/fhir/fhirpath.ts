// The one door to the fhirpath library, with R4's model. For what generated code does not cover:
// constraints that need the whole language, and the paths of patches. Loaded when first needed: it
// takes a service that starts longer than all its other libraries. http://hl7.org/fhirpath/N1/

import { createRequire } from 'node:module';

import type fhirpath from 'fhirpath';
import type { ResourceNode } from 'fhirpath';
import type r4 from 'fhirpath/fhir-context/r4';

/** Values of `%resource`, `%rootResource` and the like, by name. */
export type Variables = Readonly<Record<string, unknown>>;

/** Evaluates one expression; gives the collection that it finds. Throws what the library throws,
 * for data of a shape that the expression does not expect. */
export type Evaluation = (node: unknown, variables: Variables) => readonly unknown[];

/** Where an element stands in its resource: the elements that lead to it, outermost first; none
 * for the resource itself. Names are FHIRPath's (`value`, never `valueQuantity`) or JSON's; the
 * index is 0 for what does not repeat. */
export type Place = readonly { readonly name: string; readonly index: number }[];

/** Where the elements stand that an expression finds in a resource, in order; undefined for what
 * it computes. Throws what the library throws. */
export type PlaceFinder = (resource: unknown) => readonly (Place | undefined)[];

const require = createRequire(import.meta.url);

function load(): { library: typeof fhirpath; model: typeof r4 } {
  return { library: require('fhirpath'), model: require('fhirpath/fhir-context/r4') };
}

/**
 * Compiles an expression.
 * @param base the type or path of what it is evaluated on: `Patient`, `Patient.contact`, `Period`
 * @throws Error when it is not FHIRPath
 */
export function compileFhirPath(expression: string, base: string): Evaluation {
  const { library, model } = load();
  const run = library.compile({ base, expression }, model, { traceFn: () => undefined });
  return (node, variables) => run(node, { ...variables }) as readonly unknown[];
}

/**
 * Compiles an expression over whole resources that tells where it finds its elements.
 * @param spend told after each step of the evaluation how many nodes it gave, plus one; may throw
 *   to end it
 * @throws Error when it is not FHIRPath
 */
export function compilePlaces(expression: string, spend: (steps: number) => void): PlaceFinder {
  const { library, model } = load();
  const run = library.compile(expression, model, {
    resolveInternalTypes: false,
    debugger: (_context, _focus, result: unknown) =>
      spend(1 + (Array.isArray(result) ? result.length : 1)),
  });
  return (resource) => (run(resource) as readonly unknown[]).map(placeOf);
}

function placeOf(found: unknown): Place | undefined {
  if (typeof found !== 'object' || found === null || !('parentResNode' in found)) return undefined;
  const place: { name: string; index: number }[] = [];
  let node: ResourceNode | null = found as ResourceNode;
  while (node !== null && node.parentResNode !== null) {
    if (typeof node.propName !== 'string') return undefined;
    place.unshift({ name: node.propName, index: node.index ?? 0 });
    node = node.parentResNode;
  }
  return place;
}
