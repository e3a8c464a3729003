// The values that a FHIRPath Patch brings: from a part of a Parameters resource to the element that
// it stands for, with the parts of anonymous types put together
// (http://hl7.org/fhir/R4/fhirpatch.html#anonymous).

import { elementShapes, elementTree, membersOf } from '../definitions/element-shapes.ts';
import type { Member } from '../definitions/element-tree.ts';
import type { ElementShape } from '../definitions/schema-shapes.ts';
import {
  type Content,
  contentsOf,
  ElementFault,
  isPrimitive,
  listIn,
  type Node,
  repeats,
  setContents,
} from './element-lists.ts';

/** A parameter or part of a valid Parameters resource: it has one of a value, a resource, parts. */
export interface ParameterPart {
  readonly name: string;
  readonly resource?: unknown;
  readonly part?: readonly ParameterPart[];
  readonly [member: string]: unknown;
}

/** An element to put somewhere: the JSON member that it is for, and its content. */
interface NewElement {
  readonly member: Member;
  readonly content: Content;
}

/**
 * Adds an element to a node: at the end of a list, or where there is none yet.
 * @param name the element's, or that of one of its JSON members
 * @throws ElementFault
 */
export function addElement(node: Node, name: string, part: ParameterPart): void {
  const list = listIn(node, name);
  if (list === undefined) throw new ElementFault(`${node.type} has no element '${name}'`);
  const contents = contentsOf(list);
  if (!repeats(list.shape) && contents.length > 0) {
    throw new ElementFault(`'${name}' is there already and does not repeat`);
  }
  const { member, content } = readContent(list.shape, name, part);
  if (name !== list.shape.name && name !== member.json) {
    throw new ElementFault(`the value is for '${member.json}' and not for '${name}'`);
  }
  setContents(list, member, [...contents, content]);
}

/**
 * Reads a part as an element.
 * @param name the element's, or the JSON name of the variant it is to be when only its parts are
 *   given
 * @throws ElementFault when its type is none of the element's
 */
export function readContent(shape: ElementShape, name: string, part: ParameterPart): NewElement {
  if (part.resource !== undefined) return readResource(shape, part.resource);
  if (part.part !== undefined) return readParts(shape, name, part.part);
  return readValue(shape, part);
}

function readResource(shape: ElementShape, resource: unknown): NewElement {
  const member = membersOf(shape).find(({ type }) => type === 'Resource');
  if (member === undefined) throw wrongType(shape, 'a resource');
  return { member, content: { value: structuredClone(resource) } };
}

function readParts(shape: ElementShape, name: string, parts: readonly ParameterPart[]): NewElement {
  const members = membersOf(shape).filter(({ type }) => !isPrimitive(type) && type !== 'Resource');
  const member = members.find(({ json }) => json === name) ?? members[0];
  if (member === undefined) throw wrongType(shape, 'made of parts');
  if (members.length > 1 && member.json !== name) {
    throw new ElementFault(`parts do not say which type of '${shape.name}' they make`);
  }
  const node: Node = { object: {}, type: member.owner };
  for (const part of parts) addElement(node, part.name, part);
  return { member, content: { value: node.object } };
}

function readValue(shape: ElementShape, part: ParameterPart): NewElement {
  const { json, type } = givenMember(part);
  const members = membersOf(shape);
  const fits = shape.choice
    ? (member: Member) => member.type === type
    : (member: Member) => isInterchangeable(type, member.type);
  const member = members.find(fits);
  if (member === undefined) throw wrongType(shape, `of type ${type}`);
  const value = structuredClone(part[json]);
  const beside = structuredClone(part[`_${json}`]);
  return {
    member,
    content: {
      ...(value === undefined ? {} : { value }),
      ...(beside === undefined ? {} : { beside }),
    },
  };
}

function givenMember(part: ParameterPart): Member {
  const shape = elementShapes('Parameters.parameter')?.get('value');
  const members = shape === undefined ? [] : membersOf(shape);
  const given = members.find(
    ({ json }) => part[json] !== undefined || part[`_${json}`] !== undefined,
  );
  if (given === undefined) throw new ElementFault('the value is missing');
  return given;
}

/** Primitives come in the types that a Parameters has (a div as a string); whether the text is one
 * of its element's type is judged with the whole. Of the others, an Age is a Quantity. */
function isInterchangeable(given: string, wanted: string): boolean {
  if (isPrimitive(given) && isPrimitive(wanted)) return true;
  const { isA } = elementTree();
  return isA(given, wanted) || isA(wanted, given);
}

function wrongType(shape: ElementShape, given: string): ElementFault {
  const types = shape.types.map(({ code }) => code).join(', ');
  return new ElementFault(`the value is ${given}, but '${shape.name}' must be of type ${types}`);
}
