// Where a fault is, in FHIRPath: turns the JSON pointer of a value into the path of its element,
// `/_birthDate/extension/0/valueCode` into `Patient.birthDate.extension[0].value`.

import { childElements } from '../definitions/definitions.ts';
import { primitiveChoice } from '../definitions/schemas.ts';
import { member } from './nodes.ts';

const INDEX = /^\d+$/;
/** http://hl7.org/fhirpath/#identifiers: anything else stands between backticks. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An element of a document. */
export interface Location {
  /** FHIRPath, from the resource type. */
  readonly path: string;
  /** The element's value; undefined when it is absent. */
  readonly value: unknown;
  /** Its resource, data or backbone type; '' for primitives and where it is not known. */
  readonly type: string;
}

/**
 * Follows a JSON pointer.
 * @param type the type of the document's root, which the path begins with
 */
export function locate(document: unknown, type: string, pointer: string): Location {
  let location: Location = { path: type, value: document, type };
  for (const segment of pointer.split('/').slice(1)) {
    location =
      Array.isArray(location.value) && INDEX.test(segment)
        ? itemOf(location, Number(segment))
        : memberOf(location, segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return location;
}

function itemOf({ path, value, type }: Location, index: number): Location {
  const item = (value as readonly unknown[])[index];
  return { path: `${path}[${index}]`, value: item, type: ownType(item, type) };
}

function memberOf({ path, value, type }: Location, name: string): Location {
  const sibling = name.startsWith('_');
  const plain = sibling ? name.slice(1) : name;
  const [childType = '', childName] = childElements(type)?.get(plain) ?? [];
  const element = childName ?? primitiveChoice(type, plain) ?? plain;
  const child = member(value, name);
  return {
    path: childPath(path, element),
    value: child,
    type: sibling ? 'Element' : ownType(child, childType),
  };
}

/** A resource within another is of the type it says it is. */
function ownType(value: unknown, type: string): string {
  if (type !== 'Resource') return type;
  const named = member(value, 'resourceType');
  return typeof named === 'string' ? named : type;
}

/** The path of an element's child. */
export function childPath(path: string, element: string): string {
  return IDENTIFIER.test(element) ? `${path}.${element}` : `${path}.\`${escaped(element)}\``;
}

function escaped(name: string): string {
  return JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll('`', '\\`');
}
