// Which resource type a Reference points at, as far as its JSON says, and whether its element
// allows that type (http://hl7.org/fhir/R4/references.html). Called by the generated checks.

import { resourceTypes } from '../definitions/definitions.ts';
import { member } from './nodes.ts';
import { shown } from './primitives.ts';

const ID = '[A-Za-z0-9\\-.]{1,64}';
/** `Type/id`, `Type/id/_history/v` or `Type?query`, after an optional base address or relative
 * path. */
const LITERAL = new RegExp(
  `^(?:https?://[^?#]*/|/|(?:\\.\\./)+)?([A-Z][A-Za-z]{1,63})(?:/${ID}(?:/_history/${ID})?|\\?.*)$`,
);

const DEFINITIONS = 'http://hl7.org/fhir/StructureDefinition/';

/** References are URLs. Blanks alone are a fault of the string already. */
const BROKEN_BY_WHITE_SPACE = /\S\s|\s\S/;

/** What references of the form `#id` refer into. */
export interface Container {
  /** The type of the contained resource of that id, '' for the container itself; undefined when
   * there is none. */
  typeOf(id: string): string | undefined;
  /** Whether its `contained` can be read, so that a missing id is a fault of the reference. */
  readonly readable: boolean;
}

/** The container that a resource is. Its contained resources are indexed at the first question. */
export function containerOf(resource: unknown): Container {
  const contained = member(resource, 'contained') ?? [];
  let types: Map<unknown, unknown> | undefined;
  return {
    readable: Array.isArray(contained),
    typeOf(id) {
      types ??= new Map(
        Array.isArray(contained)
          ? contained.map((item) => [member(item, 'id'), member(item, 'resourceType')])
          : [],
      );
      const type = id === '' ? member(resource, 'resourceType') : types.get(id);
      return typeof type === 'string' ? type : undefined;
    },
  };
}

/**
 * What is wrong with a Reference, to be read after the element's name; undefined when nothing is,
 * or when it does not say to which type it points.
 * @param targets the types allowed; empty when any
 * @param container what a `#id` refers into
 * @param isContained whether the reference stands in a contained resource, where `#` is its
 *   container
 */
export function referenceProblem(
  reference: unknown,
  targets: ReadonlySet<string>,
  container: Container,
  isContained: boolean,
): string | undefined {
  const literal = member(reference, 'reference');
  if (typeof literal === 'string' && BROKEN_BY_WHITE_SPACE.test(literal)) {
    return `refers to ${shown(literal)}, which is no URL: it has white space in it`;
  }
  if (literal === '#' && !isContained) {
    return 'is "#", which means the container where only contained resources have one (ref-1)';
  }
  const pointed = typeof literal === 'string' ? typeOfLiteral(literal, container) : undefined;
  if (pointed === undefined && isLocal(literal) && container.readable) {
    return `refers to ${shown(literal)}, but no contained resource has that id (ref-1)`;
  }
  const stated = statedType(reference);
  if (pointed !== undefined && !allows(targets, pointed)) return mismatch(pointed, targets);
  if (stated === undefined) return undefined;
  if (!allows(targets, stated)) return mismatch(stated, targets);
  // The two have to agree where the reference is a FHIR URL (Reference.type); `#id` is none.
  return pointed === undefined || pointed === stated || isLocal(literal)
    ? undefined
    : `says that its type is ${stated} but points at a ${pointed}`;
}

/** `Reference.type` is a URL relative to the definitions of R4; written out it means the same. */
function statedType(reference: unknown): string | undefined {
  const stated = member(reference, 'type');
  if (typeof stated !== 'string' || stated.trim() === '') return undefined;
  return stated.startsWith(DEFINITIONS) ? stated.slice(DEFINITIONS.length) : stated;
}

function isLocal(literal: unknown): boolean {
  return typeof literal === 'string' && literal.startsWith('#');
}

function allows(targets: ReadonlySet<string>, type: string): boolean {
  return targets.size === 0 || targets.has(type);
}

function mismatch(type: string, targets: ReadonlySet<string>): string {
  return `points at a ${type}, but may only point at ${[...targets].join(', ')}`;
}

function typeOfLiteral(literal: string, container: Container): string | undefined {
  if (isLocal(literal)) return container.typeOf(literal.slice(1));
  const type = LITERAL.exec(literal)?.[1];
  return type !== undefined && resourceTypes.has(type) ? type : undefined;
}
