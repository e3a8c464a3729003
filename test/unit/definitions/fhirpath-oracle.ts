// The oracle for extractors: a search parameter's own FHIRPath, evaluated by fhirpath.js.

import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

import { extractorOf, searchParametersOf } from '../../../src/definitions/definitions.ts';
import type { Resource } from '../../../src/fhir/types.ts';

/** A node that a parameter finds, as JSON text behind its FHIR type. */
type FoundNode = string;

interface OracleParameter {
  readonly code: string;
  readonly expression: string;
  readonly evaluate: (resource: Resource) => readonly FoundNode[];
}

const parametersByType = new Map<string, readonly OracleParameter[]>();

/** Where extractor and oracle differ on the resource, each in one line; empty when nowhere. */
export function differencesFromOracle(resource: Resource): readonly string[] {
  const differences: string[] = [];
  for (const { code, expression, evaluate } of oracleParameters(resource.resourceType)) {
    const expected = evaluate(resource);
    const actual = comparable(expression, extract(resource, code));
    if (expected.length === actual.length && expected.every((each, at) => each === actual[at])) {
      continue;
    }
    const where = `${resource.resourceType}/${resource.id} ${code} [${expression}]`;
    differences.push(`${where}: expected ${expected.join(', ')} but found ${actual.join(', ')}`);
  }
  return differences;
}

/** The codes of the type's parameters that the oracle evaluates. */
export function comparedCodes(type: string): readonly string[] {
  return oracleParameters(type).map((parameter) => parameter.code);
}

/** The codes of the parameters whose extractors find something in the resource. */
export function foundCodes(resource: Resource): readonly string[] {
  const codes = comparedCodes(resource.resourceType);
  return codes.filter((code) => extract(resource, code).length > 0);
}

function extract(resource: Resource, code: string): readonly FoundNode[] {
  const found: FoundNode[] = [];
  extractorOf(resource.resourceType, code)?.(resource, (node, fhirType) => {
    found.push(`${isResource(node) ? 'Resource' : fhirType} ${JSON.stringify(node)}`);
  });
  return found;
}

function oracleParameters(type: string): readonly OracleParameter[] {
  const known = parametersByType.get(type);
  if (known !== undefined) return known;
  const parameters = searchParametersOf(type)
    .filter((parameter) => parameter.expression !== '')
    .map(({ code, expression }): OracleParameter => {
      const compiled = fhirpath.compile(castEach(nameReferencedType(expression)), r4, {
        resolveInternalTypes: false,
      });
      const evaluate = (resource: Resource): readonly FoundNode[] =>
        comparable(expression, compiled(resource).flatMap(foundNodes));
      return { code, expression, evaluate };
    });
  parametersByType.set(type, parameters);
  return parameters;
}

/**
 * fhirpath.js cannot resolve references without a server. `resolve() is X` becomes what our
 * extractors promise instead: the literal reference names X, or, where it names no type, the
 * Reference's `type` does.
 */
function nameReferencedType(expression: string): string {
  return expression.replace(/resolve\(\) is (\w+)/g, (_, type: string) => {
    const names = (pattern: string): string =>
      `(reference.exists() and reference.matches('(^|/)${pattern}/[^/?]+(/_history/[^/]+)?$'))`;
    return `${names(type)} or (${names('[A-Z][A-Za-z]+')}.not() and type = '${type}')`;
  });
}

/** R4 writes `as` on whole lists, where FHIRPath allows one item; `ofType` says it for each. */
function castEach(expression: string): string {
  return expression
    .replace(/\((\S+) as (\w+)\)/g, '$1.ofType($2)')
    .replace(/\.as\((\w+)\)/g, '.ofType($1)');
}

/** Elements that have only extensions carry no value to search for. */
function foundNodes(node: unknown): readonly FoundNode[] {
  const value: unknown = fhirpath.resolveInternalTypes(node);
  const plain: unknown = Array.isArray(value) ? value[0] : value;
  if (plain === null || plain === undefined) return [];
  return [`${declaredType(node, plain)} ${JSON.stringify(plain)}`];
}

/** Ids and computed booleans have System types; resources are compared as such. */
function declaredType(node: unknown, plain: unknown): string {
  if (isResource(plain)) return 'Resource';
  const [namespace, name = ''] = (fhirpath.types(node)[0] ?? '').split('.');
  return namespace === 'System' ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

function isResource(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'resourceType' in node;
}

/** A union drops equal elements and has no order; a plain path keeps both. */
function comparable(expression: string, found: readonly FoundNode[]): readonly FoundNode[] {
  return expression.includes('|') ? [...new Set(found)].sort() : found;
}
