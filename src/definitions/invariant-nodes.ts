// Paths of a constraint as JavaScript: from an element to its children by the members that R4 gives
// it. A part of write-invariant.ts.

import type { Element, ElementTree, Member } from './element-tree.ts';
import { type Expression, UnknownElement } from './fhirpath-expression.ts';

/** A type that a node may have: its FHIR name and the key of its children in the element tree. */
export interface TypeRef {
  readonly type: string;
  readonly owner: string;
}

/** What an expression is written within. */
export interface Scope {
  readonly tree: ElementTree;
  /** The JavaScript variable that holds the focus. */
  readonly variable: string;
  readonly types: readonly TypeRef[];
  /** What `%resource` is. */
  readonly resourceType: string;
  readonly depth: number;
  /** Takes JavaScript that is made once; answers the name to call it by. */
  readonly constant: (code: string) => string;
  /** Writes a truth. */
  readonly criterion: (expression: Expression, scope: Scope) => string;
}

/** A collection as JavaScript. */
export interface Nodes {
  /** An array of JSON values; the extensions of a primitive stand for its absent value. */
  readonly code: string;
  /** Empty for what is no element. */
  readonly types: readonly TypeRef[];
  /** Whether there is any, where that is cheaper to say. */
  readonly exists?: string;
  /** The JSON value, where there can be one at most; an object for extensions that stand for it. */
  readonly value?: string;
}

/** Elements with more variants than this are looked for among the members that are there. */
const VARIANTS_MAX = 4;

/**
 * The children of that name.
 * @param only the type that they are to be of; any when absent
 * @throws UnknownElement when no type of the nodes has such an element
 */
export function stepFrom(of: Nodes, name: string, { tree, constant }: Scope, only?: string): Nodes {
  const elements = of.types.flatMap(({ owner }) => tree.elements.get(owner)?.get(name) ?? []);
  if (elements.length === 0) {
    const owners = of.types.map(({ owner }) => owner).join(' or ');
    throw new UnknownElement(`${owners || 'a value'} has no element ${name}`);
  }
  const members = uniqueMembers(elements).filter(
    ({ type }) => only === undefined || tree.isA(type, only),
  );
  const types = members.map(({ type, owner }) => ({ type, owner }));
  const code = `children(${of.code}, ${constant(memberTable(members))})`;
  if (of.value === undefined) return { code, types };
  const plain = { code, types, exists: existsCode(of.value, name, members) };
  const [first, ...others] = members;
  const isOne = first !== undefined && others.length === 0 && !elements.some(({ list }) => list);
  return isOne ? { ...plain, value: valueCode(of.value, first) } : plain;
}

/** Name and name of the extensions beside it, of each member. */
export function memberTable(members: readonly Member[]): string {
  return JSON.stringify(
    members.map(({ json, type }) => (hasSibling(type) ? [json, `_${json}`] : [json])),
  );
}

function uniqueMembers(elements: readonly Element[]): readonly Member[] {
  const members = elements.flatMap((element) => element.members);
  return [...new Map(members.map((member) => [`${member.json} ${member.type}`, member])).values()];
}

function hasSibling(type: string): boolean {
  return /^[a-z]/.test(type) && type !== 'xhtml';
}

function existsCode(value: string, name: string, members: readonly Member[]): string {
  if (members.length === 0) return 'false';
  if (members.length > VARIANTS_MAX) return `hasVariant(${value}, ${JSON.stringify(name)})`;
  const of = value === 'node' || value.startsWith('item') ? value : `(${value})?`;
  const tests = members.flatMap(({ json, type }) =>
    (hasSibling(type) ? [json, `_${json}`] : [json]).map((key) => `${dotted(of, key)} != null`),
  );
  return tests.length === 1 ? `(${tests[0]})` : `(${tests.join(' || ')})`;
}

function valueCode(value: string, { json, type }: Member): string {
  const of = `(${value})?`;
  return hasSibling(type) ? `(${dotted(of, json)} ?? ${dotted(of, `_${json}`)})` : dotted(of, json);
}

function dotted(of: string, key: string): string {
  return `${of}.${key}`;
}
