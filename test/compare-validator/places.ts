// Every place of a resource that a mutation can change, with what R4 says should stand there.

import type { Element, ElementTree, Member } from '../../src/definitions/element-tree.ts';

export type JsonObject = Record<string, unknown>;

/** One value in a resource: a member of an object, or an item of a member's array. */
export interface Place {
  /** Of the resource, as in `name[0].given[1]`. */
  readonly path: string;
  /** The object that has the member. */
  readonly parent: JsonObject;
  /** Its name in JSON, `_birthDate` too. */
  readonly name: string;
  /** Position in the member's array; undefined when the place is the whole member. */
  readonly index: number | undefined;
  /** Key of the parent's elements: a type, or the path of an element defined in place. */
  readonly owner: string;
  /** The element's definition; undefined when R4 knows none. */
  readonly element: Element | undefined;
  /** FHIR type of the element, `date`; '' when unknown. */
  readonly type: string;
}

/** The value that stands there. */
export function valueAt({ parent, name, index }: Place): unknown {
  const member = parent[name];
  return index === undefined || !Array.isArray(member) ? member : member[index];
}

/** Puts another value there. */
export function putAt({ parent, name, index }: Place, value: unknown): void {
  const member = parent[name];
  if (index !== undefined && Array.isArray(member)) member[index] = value;
  else parent[name] = value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the FHIR type is a primitive one. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/** All places of a resource, each before those within it. */
export function placesOf(resource: JsonObject, tree: ElementTree): readonly Place[] {
  const places: Place[] = [];
  visit(resource, String(resource.resourceType), '', tree, places);
  return places;
}

function visit(
  parent: JsonObject,
  owner: string,
  prefix: string,
  tree: ElementTree,
  into: Place[],
): void {
  for (const [name, value] of Object.entries(parent)) {
    if (name === 'resourceType') continue;
    const [element, member] = definitionOf(tree, owner, name.replace(/^_/, ''));
    const type = name.startsWith('_') ? 'Element' : (member?.type ?? '');
    const place = { parent, name, owner, element, type };
    into.push({ ...place, path: `${prefix}${name}`, index: undefined });
    const children = childOwner(name, type, member);
    if (!Array.isArray(value)) {
      if (isObject(value)) visit(value, children(value), `${prefix}${name}.`, tree, into);
      continue;
    }
    for (const [index, item] of value.entries()) {
      const path = `${prefix}${name}[${index}]`;
      into.push({ ...place, path, index });
      if (isObject(item)) visit(item, children(item), `${path}.`, tree, into);
    }
  }
}

function definitionOf(
  tree: ElementTree,
  owner: string,
  json: string,
): readonly [Element | undefined, Member | undefined] {
  for (const element of tree.elements.get(owner)?.values() ?? []) {
    const member = element.members.find((each) => each.json === json);
    if (member !== undefined) return [element, member];
  }
  return [undefined, undefined];
}

function childOwner(
  name: string,
  type: string,
  member: Member | undefined,
): (child: JsonObject) => string {
  if (name.startsWith('_')) return () => 'Element';
  if (type === 'Resource') return (child) => String(child.resourceType);
  return () => member?.owner ?? '';
}
