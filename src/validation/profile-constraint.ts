// Compiles a profile's constraint: to JavaScript like R4's own where the expression is of the
// subset that is understood, else for the fhirpath library. Once, when the service starts.

import { elementTree } from '../definitions/element-shapes.ts';
import { namesOf } from '../definitions/expression-names.ts';
import { readExpression, UnknownElement, Unsupported } from '../definitions/fhirpath-expression.ts';
import type { TypeRef } from '../definitions/invariant-nodes.ts';
import { writeInvariant } from '../definitions/write-invariant.ts';
import { compileFhirPath } from '../fhir/fhirpath.ts';
import { evaluated, invariantValues } from './invariant-values.ts';

/** Whether a constraint holds on a node; undefined where its expression does not tell.
 * @param resource what `%resource` is */
export type Holds = (node: unknown, resource: unknown) => boolean | undefined;

/**
 * @param focus the type that the constraint is on
 * @param resourceType of the resource that it is in
 * @throws Error when the expression is no FHIRPath or names an element that R4 does not have
 */
export function compileConstraint(expression: string, focus: TypeRef, resourceType: string): Holds {
  try {
    return generated(expression, focus, resourceType);
  } catch (error) {
    if (!(error instanceof Unsupported) || error instanceof UnknownElement) throw error;
    return byLibrary(expression, focus);
  }
}

function generated(expression: string, focus: TypeRef, resourceType: string): Holds {
  const constants: string[] = [];
  const constant = (code: string) => `constants[${constants.push(code) - 1}]`;
  const tree = elementTree();
  const code = writeInvariant(expression, [focus], { tree, resourceType, constant });
  const names = Object.keys(invariantValues);
  const body = `const constants = [${constants.join(', ')}];
return (node, resource) => ${code};`;
  return new Function(...names, body)(...Object.values(invariantValues)) as Holds;
}

function byLibrary(expression: string, { type, owner }: TypeRef): Holds {
  const base = type === 'BackboneElement' ? owner : type;
  compileFhirPath(expression, base);
  const names = dependencies(expression);
  return evaluated(base, expression, names ?? null);
}

/** The members that the verdict depends on, where that can be told. */
function dependencies(expression: string): readonly string[] | undefined {
  try {
    return namesOf(readExpression(expression));
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}
