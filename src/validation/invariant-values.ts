// The FHIRPath functions that the generated invariants call. Collections are arrays of JSON values;
// where a primitive has only extensions, these stand in its place. `undefined` is FHIRPath's empty
// result. None throws, whatever the JSON. http://hl7.org/fhirpath/N1/#operations

import type { providedNames } from '../definitions/invariant-functions.ts';
import { compileFhirPath, type Evaluation } from '../fhir/fhirpath.ts';
import { NUMBER_MARK, printExact } from '../lib/json.ts';
import { isObject, isVariant } from './nodes.ts';

type Truth = boolean | undefined;
type Holds = (node: unknown, resource: unknown) => Truth;
/** A member, and the one of its extensions. */
type MemberNames = readonly [json: string, sibling?: string];

const DATE_LENGTH = 'yyyy-mm-dd'.length;

/** The values of these members of every node, in order. */
function children(nodes: readonly unknown[], members: readonly MemberNames[]): unknown[] {
  const found: unknown[] = [];
  for (const node of nodes) {
    if (!isObject(node)) continue;
    for (const [json, sibling] of members) {
      add(found, node[json], sibling === undefined ? undefined : node[sibling]);
    }
  }
  return found;
}

function add(found: unknown[], value: unknown, sibling: unknown): void {
  if (!Array.isArray(value) && !Array.isArray(sibling)) {
    const node = value ?? sibling;
    if (node !== undefined && node !== null) found.push(node);
    return;
  }
  const values = Array.isArray(value) ? value : [];
  const siblings = Array.isArray(sibling) ? sibling : [];
  const length = Math.max(values.length, siblings.length);
  for (let index = 0; index < length; index++) {
    const node = values[index] ?? siblings[index];
    if (node !== undefined && node !== null) found.push(node);
  }
}

function hasVariant(node: unknown, name: string): boolean {
  if (!isObject(node)) return false;
  for (const key in node) if (isVariant(key, name)) return true;
  return false;
}

function asTruth(nodes: readonly unknown[]): Truth {
  const [only] = nodes;
  return typeof only === 'boolean' ? only : nodes.length === 0 ? undefined : true;
}

function booleanOf(node: unknown): Truth {
  return typeof node === 'boolean' ? node : undefined;
}

function andOpen(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : undefined;
}

function orOpen(a: Truth, b: Truth): Truth {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : undefined;
}

function xorOpen(a: Truth, b: Truth): Truth {
  return a === undefined || b === undefined ? undefined : a !== b;
}

function impliesOpen(a: Truth, b: Truth): Truth {
  return orOpen(notOpen(a), b);
}

function notOpen(a: Truth): Truth {
  return a === undefined ? undefined : !a;
}

/** Numbers that an exact tree keeps as their source are compared as numbers. */
function plain(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(NUMBER_MARK)
    ? Number(value.slice(NUMBER_MARK.length))
    : value;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || Number.isNaN(value);
}

function equal(a: unknown, b: unknown): Truth {
  return isAbsent(a) || isAbsent(b) ? undefined : plain(a) === plain(b);
}

function unequal(a: unknown, b: unknown): Truth {
  return notOpen(equal(a, b));
}

function equalAll(a: readonly unknown[], b: readonly unknown[]): Truth {
  if (a.length === 0 || b.length === 0) return undefined;
  return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
}

function unequalAll(a: readonly unknown[], b: readonly unknown[]): Truth {
  return notOpen(equalAll(a, b));
}

function isSame(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) {
    const bothLists = Array.isArray(a) && Array.isArray(b);
    return bothLists ? equalAll(a, b) !== false : plain(a) === plain(b);
  }
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

/** Whether the comparison's sign is what the operator asks for. */
function ordered(sign: number | undefined, operator: '<' | '>' | '<=' | '>='): Truth {
  if (sign === undefined) return undefined;
  switch (operator) {
    case '<':
      return sign < 0;
    case '>':
      return sign > 0;
    case '<=':
      return sign <= 0;
    case '>=':
      return sign >= 0;
  }
}

function compareNumbers(a: unknown, b: unknown): number | undefined {
  const first = plain(a);
  const second = plain(b);
  if (typeof first !== 'number' || typeof second !== 'number') return undefined;
  return Number.isNaN(first - second) ? undefined : first - second;
}

/** Compares as far as both are precise; undefined when that does not decide. */
function compareDates(a: unknown, b: unknown): number | undefined {
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  const length = Math.min(a.length, b.length);
  if (length > DATE_LENGTH) {
    const difference = instantMs(a) - instantMs(b);
    return Number.isNaN(difference) ? undefined : difference;
  }
  const first = a.slice(0, length);
  const second = b.slice(0, length);
  if (first === second) return a.length === b.length ? 0 : undefined;
  return first < second ? -1 : 1;
}

/** A leap second is the first second of the next minute; JavaScript knows none. */
function instantMs(text: string): number {
  const plain = text.replace(/^(.{17})60/, '$159');
  return Date.parse(plain) + (plain === text ? 0 : 1_000);
}

function isIn(item: unknown, list: readonly unknown[]): Truth {
  return isAbsent(item) ? undefined : list.some((each) => isSame(each, item));
}

function isResource(nodes: readonly unknown[], type: string): Truth {
  const [only] = nodes;
  return nodes.length === 0 ? undefined : isObject(only) && only.resourceType === type;
}

function hasValue(nodes: readonly unknown[]): boolean {
  return nodes.length === 1 && typeof nodes[0] !== 'object';
}

/** Whether the one node that there can be has a value of its own. */
function isValue(node: unknown): boolean {
  return node !== undefined && typeof node !== 'object';
}

function isDistinct(nodes: readonly unknown[]): boolean {
  const keys = nodes.map((node) => (typeof node === 'object' ? JSON.stringify(node) : node));
  return new Set(keys).size === nodes.length;
}

function matches(text: unknown, pattern: RegExp): Truth {
  return typeof text === 'string' ? pattern.test(text) : undefined;
}

function startsWith(text: unknown, start: unknown): Truth {
  return typeof text === 'string' ? text.startsWith(String(start)) : undefined;
}

function contains(text: unknown, part: unknown): Truth {
  return typeof text === 'string' ? text.includes(String(part)) : undefined;
}

function toInteger(text: unknown): number | undefined {
  return typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string' && value.startsWith(NUMBER_MARK)) {
    return value.slice(NUMBER_MARK.length);
  }
  return isAbsent(value) || typeof value === 'object' ? undefined : String(value);
}

function substring(text: unknown, start: unknown, length?: unknown): string | undefined {
  if (typeof text !== 'string' || typeof start !== 'number' || start >= text.length) {
    return undefined;
  }
  return typeof length === 'number' ? text.slice(start, start + length) : text.slice(start);
}

function replaced(text: unknown, pattern: unknown, by: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text.replaceAll(new RegExp(String(pattern), 'g'), String(by));
}

function joined(a: unknown, b: unknown): string {
  return (toText(a) ?? '') + (toText(b) ?? '');
}

function united(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  const all = [...a, ...b];
  return all.filter((item, index) => all.findIndex((each) => isSame(each, item)) === index);
}

function intersected(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  return united(a, []).filter((item) => b.some((each) => isSame(each, item)));
}

/**
 * A constraint that the fhirpath library judges, compiled when it is first needed.
 * @param base type or path of the node
 * @param members what the verdict depends on: where none is there, it is that on an empty node;
 *   null when it depends on more
 */
export function evaluated(
  base: string,
  expression: string,
  members: readonly string[] | null,
): Holds {
  let evaluation: Evaluation | undefined;
  let whenAbsent: Truth;
  const judge = (node: unknown, resource: unknown): Truth => {
    evaluation ??= compileFhirPath(expression, base);
    return verdict(evaluation, node, resource);
  };
  return (node, resource) => {
    if (members === null || members.some((name) => hasMember(node, name))) {
      return judge(node, resource);
    }
    if (evaluation === undefined) whenAbsent = judge({}, {});
    return whenAbsent;
  };
}

function hasMember(node: unknown, name: string): boolean {
  return isObject(node) && (node[name] !== undefined || node[`_${name}`] !== undefined);
}

/** The result of a constraint's expression. What it cannot be evaluated on has faults of another
 * kind, which are told instead. */
function verdict(evaluation: Evaluation, node: unknown, resource: unknown): Truth {
  const [ownNode, ownResource] = copies(node, resource);
  const variables = { resource: ownResource, rootResource: ownResource, context: ownNode };
  try {
    return asTruth(evaluation(ownNode, variables));
  } catch {
    return undefined;
  }
}

/** The library may write on what it is given, and knows nothing of numbers kept as their source. */
function copies(node: unknown, resource: unknown): readonly unknown[] {
  return JSON.parse(printExact([node, resource])) as readonly unknown[];
}

/** What generated code calls, by name. */
export const invariantValues: Readonly<Record<(typeof providedNames)[number], unknown>> = {
  children,
  hasVariant,
  asTruth,
  booleanOf,
  andOpen,
  orOpen,
  xorOpen,
  impliesOpen,
  notOpen,
  equal,
  unequal,
  equalAll,
  unequalAll,
  ordered,
  compareNumbers,
  compareDates,
  isIn,
  isResource,
  hasValue,
  isValue,
  isDistinct,
  matches,
  startsWith,
  contains,
  toInteger,
  toText,
  substring,
  replaced,
  joined,
  intersected,
  united,
  evaluated,
};
