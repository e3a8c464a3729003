// JSON Patch (RFC 6902) on exact trees (lib/json.ts), so that decimals keep their digits.
// patch.ts puts it around the store. Pointers reach own members and array indexes alone.

import { isDeepStrictEqual } from 'node:util';
import { fhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import { type JsonDocument, parseExact, printExact } from '../lib/json.ts';
import { BODY_BYTES_MAX, JSON_DEPTH_MAX } from '../limits.ts';

/** One operation; `value` is an exact tree. */
export type PatchOperation =
  | {
      readonly op: 'add' | 'replace' | 'test';
      readonly path: string;
      readonly value: unknown;
    }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

const OPS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const OPS_WITH_VALUE = ['add', 'replace', 'test'];
const OPS_WITH_FROM = ['move', 'copy'];
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/**
 * Reads a patch document.
 * @throws FhirError `malformed-body` naming the first operation that is none
 */
export function readPatch(document: JsonDocument): readonly PatchOperation[] {
  const tree = document.exact ?? parseExact(JSON.stringify(document.value));
  if (!Array.isArray(tree)) {
    throw fhirError('malformed-body', 'A JSON Patch is an array of operations (RFC 6902)');
  }
  for (const [index, operation] of tree.entries()) {
    const fault = operationFault(operation);
    if (fault !== undefined) throw fhirError('malformed-body', `Operation ${index} ${fault}`);
  }
  return tree as PatchOperation[];
}

function operationFault(operation: unknown): string | undefined {
  if (!isObject(operation)) return 'is not an object';
  const { op, path, from } = operation;
  if (typeof op !== 'string' || !OPS.includes(op)) return `has no 'op' of ${OPS.join(', ')}`;
  if (!isPointer(path)) return `has no 'path' that is a JSON Pointer`;
  if (OPS_WITH_FROM.includes(op) && !isPointer(from)) {
    return `has no 'from' that is a JSON Pointer`;
  }
  if (OPS_WITH_VALUE.includes(op) && !Object.hasOwn(operation, 'value')) return `has no 'value'`;
  return undefined;
}

function isPointer(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    POINTER.test(text) &&
    // Beyond this no accepted resource has anything; it bounds what operations can pile up.
    text.split('/').length <= JSON_DEPTH_MAX
  );
}

/**
 * The document with the operations applied in order.
 * @param text well-formed JSON
 * @throws FhirError `unprocessable-patch` naming the first operation that cannot be applied,
 *   `limit-exceeded` when the result is too large or deep
 */
export function patchText(text: string, operations: readonly PatchOperation[]): JsonDocument {
  const tree = parseExact(text);
  const copier = makeCopier();
  for (const [index, operation] of operations.entries()) {
    const fault = apply(tree, operation, copier);
    if (fault === undefined) continue;
    const sentence = `Operation ${index} (${operation.op} ${operation.path}) failed: ${fault}`;
    throw fhirError('unprocessable-patch', sentence);
  }
  return readJson(printExact(tree));
}

/** Applies one operation to the tree; answers why it cannot. */
function apply(tree: unknown, operation: PatchOperation, copy: Copier): string | undefined {
  const { path } = operation;
  switch (operation.op) {
    case 'test':
      return test(valueAt(tree, path), operation.value);
    case 'add':
      return add(tree, path, operation.value);
    case 'replace':
      return replace(tree, path, operation.value);
    case 'remove':
      return remove(tree, path);
    case 'copy': {
      const value = valueAt(tree, operation.from);
      return value === undefined ? NOTHING_FROM : add(tree, path, copy(value));
    }
    case 'move': {
      if (path.startsWith(`${operation.from}/`)) return 'nothing can be moved into itself';
      const value = valueAt(tree, operation.from);
      if (value === undefined) return NOTHING_FROM;
      const moved = copy(value);
      return remove(tree, operation.from) ?? add(tree, path, moved);
    }
  }
}

const NOTHING = 'there is no such element';
const NOTHING_FROM = `there is no element at 'from'`;
const WHOLE = 'the whole resource cannot be replaced by a patch';

type Copier = (tree: unknown) => unknown;

// Copies of copies grow exponentially, so what one patch copies in all is bounded.
function makeCopier(): Copier {
  let copied = 0;
  return (tree) => {
    const text = printExact(tree);
    copied += text.length;
    if (copied > BODY_BYTES_MAX) {
      throw fhirError('limit-exceeded', 'The patch copies more than a resource may hold');
    }
    readJson(text);
    return parseExact(text);
  };
}

// RFC 6902 4.6: numbers are compared by value.
function test(actual: unknown, expected: unknown): string | undefined {
  if (actual === undefined) return NOTHING;
  return isDeepStrictEqual(plain(actual), plain(expected)) ? undefined : 'it differs';
}

function plain(exact: unknown): unknown {
  return JSON.parse(printExact(exact));
}

function add(tree: unknown, path: string, value: unknown): string | undefined {
  if (path === '') return WHOLE;
  const { parent, token } = locate(tree, path);
  if (Array.isArray(parent)) {
    const index = token === '-' ? parent.length : readIndex(token);
    if (index > parent.length) return `the array has ${parent.length} items`;
    parent.splice(index, 0, value);
    return undefined;
  }
  if (!isObject(parent)) return NOTHING;
  setMember(parent, token, value);
  return undefined;
}

function replace(tree: unknown, path: string, value: unknown): string | undefined {
  if (path === '') return WHOLE;
  const { parent, token } = locate(tree, path);
  if (childOf(parent, token) === undefined) return NOTHING;
  setMember(parent as object, token, value);
  return undefined;
}

function remove(tree: unknown, path: string): string | undefined {
  if (path === '') return WHOLE;
  const { parent, token } = locate(tree, path);
  if (childOf(parent, token) === undefined) return NOTHING;
  if (Array.isArray(parent)) parent.splice(readIndex(token), 1);
  else if (isObject(parent)) delete parent[token];
  return undefined;
}

function locate(tree: unknown, path: string): { parent: unknown; token: string } {
  const tokens = readPointer(path);
  const token = tokens.pop() ?? '';
  return { parent: tokens.reduce(childOf, tree), token };
}

function valueAt(tree: unknown, path: string): unknown {
  return readPointer(path).reduce(childOf, tree);
}

function readPointer(path: string): string[] {
  const tokens = path.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The child of a node; undefined when it has none of that name or index. */
function childOf(node: unknown, token: string): unknown {
  if (Array.isArray(node)) return node[readIndex(token)];
  return isObject(node) && Object.hasOwn(node, token) ? node[token] : undefined;
}

/** Infinity for what is no index of RFC 6901. */
function readIndex(token: string): number {
  return /^(?:0|[1-9]\d{0,9})$/.test(token) ? Number(token) : Number.POSITIVE_INFINITY;
}

/** Sets an own member, also where the name means something to JavaScript (`__proto__`). */
function setMember(node: object, name: string, value: unknown): void {
  const attributes = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(node, name, attributes);
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
