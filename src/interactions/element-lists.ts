// The elements of a JSON tree as FHIR sees them, to be changed: by element name, whichever variant
// of a choice stands there; as lists, whether or not they repeat; each with what stands beside a
// primitive (`_birthDate`). For fhirpath-patch.ts. http://hl7.org/fhir/R4/json.html

import { elementShapes, membersOf } from '../definitions/element-shapes.ts';
import type { Member } from '../definitions/element-tree.ts';
import type { ElementShape } from '../definitions/schema-shapes.ts';
import type { Place } from '../fhir/fhirpath.ts';
import { assert } from '../lib/assert.ts';

type JsonObject = Record<string, unknown>;

/** An object of the tree that has elements. */
export interface Node {
  readonly object: JsonObject;
  /** Its type, or the path of an element that R4 defines in place (`Patient.contact`). */
  readonly type: string;
  /** The element that it is; undefined for the resource at the root. */
  readonly item?: Item;
}

/** All there can be of one element in a node. */
export interface ElementList {
  readonly node: Node;
  readonly shape: ElementShape;
  /** The variant that is there; undefined when there is none. */
  readonly member: Member | undefined;
}

/** One of a list. */
export interface Item {
  readonly list: ElementList;
  readonly index: number;
}

/** What JSON holds of one element: its value and, of a primitive, its id and extensions. */
export interface Content {
  readonly value?: unknown;
  readonly beside?: unknown;
}

/** Why a value or a place does not fit, in a clause. */
export class ElementFault extends Error {}

/** Whether elements of the type are JSON scalars. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/** Whether an element stands in an array. */
export function repeats({ max }: ElementShape): boolean {
  return max > 1;
}

/** The root of a resource's tree. */
export function rootNode(resource: unknown): Node {
  return nodeOf(resource as JsonObject, 'Resource');
}

function nodeOf(object: JsonObject, type: string, item?: Item): Node {
  const resource = type === 'Resource' ? String(object.resourceType) : type;
  return { object, type: resource, ...(item === undefined ? {} : { item }) };
}

/** The element of a node by its name (`value`) or that of one of its JSON members
 * (`valueQuantity`); undefined when R4 has no such element there. */
export function listIn(node: Node, name: string): ElementList | undefined {
  const shapes = elementShapes(node.type);
  const shape = shapes?.get(name) ?? variantShape(shapes?.values() ?? [], name);
  if (shape === undefined) return undefined;
  const isThere = ({ json }: Member) =>
    node.object[json] !== undefined || node.object[`_${json}`] !== undefined;
  return { node, shape, member: membersOf(shape).find(isThere) };
}

function variantShape(shapes: Iterable<ElementShape>, name: string): ElementShape | undefined {
  for (const shape of shapes) {
    if (shape.choice && membersOf(shape).some(({ json }) => json === name)) return shape;
  }
  return undefined;
}

/** The element at a place; undefined for the resource itself.
 * @throws ElementFault for what JSON has and FHIR does not count as an element */
export function itemAt(root: Node, place: Place): Item | undefined {
  let item: Item | undefined;
  for (const { name, index } of place) {
    const list = listIn(item === undefined ? root : nodeAt(item), name);
    if (list === undefined) throw new ElementFault(`'${name}' is no element`);
    item = { list, index };
  }
  return item;
}

/** The node that an element is; of a primitive, what stands beside it, made when there is nothing
 * yet. */
export function nodeAt(item: Item): Node {
  const { member } = item.list;
  const contents = contentsOf(item.list);
  const content = contents[item.index];
  assert(member !== undefined && content !== undefined, 'the element is there');
  if (!isPrimitive(member.type)) return nodeOf(content.value as JsonObject, member.owner, item);
  if (content.beside !== undefined) return nodeOf(content.beside as JsonObject, 'Element', item);
  const beside = {};
  setContents(item.list, member, contents.with(item.index, { ...content, beside }));
  return nodeOf(beside, 'Element', item);
}

/** What the list holds, in order. */
export function contentsOf({ node, shape, member }: ElementList): readonly Content[] {
  if (member === undefined) return [];
  const value = node.object[member.json];
  const beside = node.object[`_${member.json}`];
  if (!repeats(shape)) return [contentOf(value, beside)];
  const values = asArray(value);
  const besides = asArray(beside);
  const length = Math.max(values.length, besides.length);
  return Array.from({ length }, (_, index) => contentOf(values[index], besides[index]));
}

/** Null holds the place of what is absent. */
function contentOf(value: unknown, beside: unknown): Content {
  return { ...((value ?? null) === null ? {} : { value }), ...(beside ? { beside } : {}) };
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Puts the contents in the place of all that the list holds, as that member. */
export function setContents(
  { node, shape, member: before }: ElementList,
  member: Member,
  contents: readonly Content[],
): void {
  if (before !== undefined && before.json !== member.json) {
    setMember(node.object, before.json, undefined);
    setMember(node.object, `_${before.json}`, undefined);
  }
  const values = contents.map(({ value }) => value);
  const besides = contents.map(({ beside }) => beside);
  setMember(node.object, member.json, repeats(shape) ? arrayOf(values) : values[0]);
  setMember(node.object, `_${member.json}`, repeats(shape) ? arrayOf(besides) : besides[0]);
}

function arrayOf(values: readonly unknown[]): unknown {
  const isEmpty = values.every((value) => value === undefined);
  return isEmpty ? undefined : values.map((value) => value ?? null);
}

function setMember(object: JsonObject, name: string, value: unknown): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

/** Takes an element out, and with it the elements around it that nothing is left of. */
export function removeItem({ list, index }: Item): void {
  assert(list.member !== undefined, 'the element is there');
  setContents(list, list.member, contentsOf(list).toSpliced(index, 1));
  const { object, item } = list.node;
  if (item !== undefined && Object.keys(object).length === 0) removeEmptied(item);
}

/** Removes the element whose node is empty; of a primitive with a value only what is beside it. */
function removeEmptied(item: Item): void {
  const { list, index } = item;
  assert(list.member !== undefined, 'the element is there');
  const contents = contentsOf(list);
  const value = isPrimitive(list.member.type) ? contents[index]?.value : undefined;
  if (value === undefined) removeItem(item);
  else setContents(list, list.member, contents.with(index, { value }));
}
