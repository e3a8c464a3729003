// The one door to the fhirpath library, with R4's model. For what generated code does not cover:
// constraints that need the whole language. Loaded when first needed: it takes a service that
// starts longer than all its other libraries. http://hl7.org/fhirpath/N1/

import { createRequire } from 'node:module';

import type fhirpath from 'fhirpath';
import type r4 from 'fhirpath/fhir-context/r4';

/** Values of `%resource`, `%rootResource` and the like, by name. */
export type Variables = Readonly<Record<string, unknown>>;

/** Evaluates one expression; gives the collection that it finds. Throws what the library throws,
 * for data of a shape that the expression does not expect. */
export type Evaluation = (node: unknown, variables: Variables) => readonly unknown[];

const require = createRequire(import.meta.url);

/**
 * Compiles an expression.
 * @param base the type or path of what it is evaluated on: `Patient`, `Patient.contact`, `Period`
 * @throws Error when it is not FHIRPath
 */
export function compileFhirPath(expression: string, base: string): Evaluation {
  const library = require('fhirpath') as typeof fhirpath;
  const model = require('fhirpath/fhir-context/r4') as typeof r4;
  const run = library.compile({ base, expression }, model, { traceFn: () => undefined });
  return (node, variables) => run(node, { ...variables }) as readonly unknown[];
}
