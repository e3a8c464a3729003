// Says a fault in FHIR's words: one Issue each, with the element's FHIRPath location. Last step of
// structural validation; only documents with faults come here.

import type { Fault, LocatedFault, RuleFailure } from '../definitions/schemas.ts';
import type { Issue, IssueType } from '../fhir/types.ts';
import { unreachable } from '../lib/assert.ts';
import { childPath, type Location, locate } from './location.ts';
import { isVariant, member } from './nodes.ts';
import { nameOfJson, primitiveProblem, shown } from './primitives.ts';

/** Characters of an unknown element's name that a message repeats. */
const NAME_LENGTH_MAX = 64;

interface Statement {
  readonly code: IssueType;
  /** What is wrong, to be read after the location. */
  readonly problem: string;
  /** The element at fault, when it is not the located one. */
  readonly path?: string;
}

/**
 * The issue that tells a fault.
 * @param document the parsed resource that was judged
 * @param type its resource type
 */
export function issueOf(found: LocatedFault, document: unknown, type: string): Issue {
  const location = locate(document, type, found.instancePath);
  const { code, problem, path = location.path } = statementOf(found.params, location);
  return { severity: 'error', code, diagnostics: `${path} ${problem}.`, expression: [path] };
}

/**
 * The issue that tells a constraint of severity warning.
 * @param path where the element with the constraint is, as FHIRPath
 */
export function warningOf({ key, human, at }: RuleFailure, path: string): Issue {
  const place = at === '' ? path : `${path}.${at}`;
  const diagnostics = `${place} does not follow ${key}: ${human.replace(/\.$/, '')}.`;
  return { severity: 'warning', code: 'invariant', diagnostics, expression: [place] };
}

function statementOf(fault: Fault, location: Location): Statement {
  const { path, value } = location;
  switch (fault.fault) {
    case 'object':
      return notAnObject(value, location.type);
    case 'empty':
      return structure('is an empty object: leave the element out instead');
    case 'unknown':
      return unknownElement(fault.element, location);
    case 'missing':
      return { code: 'required', problem: 'is missing', path: childPath(path, fault.element) };
    case 'choice': {
      const problem = `may have one type only: ${variantsPresent(value, fault.element)} are given`;
      return { ...structure(problem), path: childPath(path, fault.element) };
    }
    case 'array':
      return structure(`may repeat and must be an array, not ${nameOfJson(value)}`);
    case 'empty-array':
      return structure('is an empty array: leave the element out instead');
    case 'too-many':
      return structure(`may occur ${fault.max} times at most`);
    case 'unpaired':
      return {
        ...structure('is null, without a value or an extension in its place'),
        path: `${path}[${fault.index}]`,
      };
    case 'primitive':
      return primitiveStatement(value, fault.type);
    case 'code':
      return codeStatement(value, fault.type, fault.valueSet);
    case 'concept':
      return {
        code: 'code-invalid',
        problem: `must have a coding of the value set ${fault.valueSet}, with its system`,
      };
    case 'target':
      return { code: 'value', problem: fault.problem };
    case 'resource-type':
      return structure(`must be ${shown(fault.type)}, not ${shown(value)}`);
    case 'unknown-resource':
      return unknownResource(value, path);
    case 'rule':
      return { code: 'invariant', problem: `${fault.problem} (${fault.key})` };
    case 'invariant': {
      const { key, human, at } = fault.failure;
      const code = key.startsWith('ext-') ? 'extension' : 'invariant';
      const problem = `breaks the rule ${key}: ${human.replace(/\.$/, '')}`;
      return { code, problem, path: at === '' ? path : `${path}.${at}` };
    }
    default:
      return unreachable(fault);
  }
}

function structure(problem: string): Statement {
  return { code: 'structure', problem };
}

function notAnObject(value: unknown, type: string): Statement {
  if (value === null) return structure('is null: leave the element out instead');
  const what = type === '' ? 'an object' : `an object (${type})`;
  return Array.isArray(value)
    ? structure(`does not repeat: it must be ${what}, not an array`)
    : structure(`must be ${what}, not ${nameOfJson(value)}`);
}

function unknownElement(element: string, { path, type }: Location): Statement {
  const problem = `is unknown: ${type === '' ? path : type} has no such element`;
  return { ...structure(problem), path: childPath(path, element.slice(0, NAME_LENGTH_MAX)) };
}

function variantsPresent(value: unknown, element: string): string {
  const variants = Object.keys(value as object).filter((key) => isVariant(key, element));
  return variants.join(' and ');
}

function primitiveStatement(value: unknown, type: string): Statement {
  if (value === null) return structure('is null: leave the element out instead');
  if (Array.isArray(value)) return structure('does not repeat: it must be one value, not an array');
  return primitiveProblem(value, type);
}

function codeStatement(value: unknown, type: string, valueSet: string): Statement {
  if (typeof value !== 'string' || value.trim() === '') return primitiveStatement(value, type);
  const problem = `is ${shown(value)}, which is not a code of the value set ${valueSet}`;
  return { code: 'code-invalid', problem };
}

function unknownResource(value: unknown, path: string): Statement {
  const type = member(value, 'resourceType');
  if (type === undefined) return structure('must be a resource, and say which in resourceType');
  const problem =
    typeof type === 'string' ? `is ${shown(type)}, which R4 does not know` : 'must be a string';
  return { ...structure(problem), path: `${path}.resourceType` };
}
