// FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html): a Parameters resource whose operations
// change the elements that FHIRPath leads to. patch.ts puts it around the store. Paths are followed
// in the plain tree and applied to the exact one (lib/json.ts), so that decimals keep their digits.

import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Place } from '../fhir/fhirpath.ts';
import { makePathFinder, PathFault } from '../fhir/patch-path.ts';
import { readJson } from '../fhir/read-json.ts';
import { unreachable } from '../lib/assert.ts';
import { type JsonDocument, printExact } from '../lib/json.ts';
import { FHIRPATH_OPERATIONS_MAX } from '../limits.ts';
import {
  contentsOf,
  ElementFault,
  type ElementList,
  type Item,
  itemAt,
  type Node,
  nodeAt,
  removeItem,
  repeats,
  rootNode,
  setContents,
} from './element-lists.ts';
import { addElement, type ParameterPart, readContent } from './patch-value.ts';

type OperationType = 'add' | 'insert' | 'delete' | 'replace' | 'move';

/** One operation, its value not yet read: what it is depends on where it goes. */
export interface PathOperation {
  readonly type: OperationType;
  readonly path: string;
  readonly name: string;
  readonly index: number;
  readonly source: number;
  readonly destination: number;
  /** The part `value`, from the plain tree and from the exact one. */
  readonly value: { readonly plain: ParameterPart; readonly exact: ParameterPart };
}

type PartName = Exclude<keyof PathOperation, 'type'>;

/** The parts of each operation beside `type`; each must be there once. */
const partsOf: Readonly<Record<OperationType, readonly PartName[]>> = {
  add: ['path', 'name', 'value'],
  insert: ['path', 'value', 'index'],
  delete: ['path'],
  replace: ['path', 'value'],
  move: ['path', 'source', 'destination'],
};

/** The JSON members that a part may stand in. */
const membersOfPart: Readonly<Record<string, readonly string[]>> = {
  type: ['valueCode', 'valueString'],
  path: ['valueString'],
  name: ['valueString', 'valueCode'],
  index: ['valueInteger'],
  source: ['valueInteger'],
  destination: ['valueInteger'],
};

interface Parameters {
  readonly parameter?: readonly (ParameterPart & { readonly name: string })[];
}

/**
 * Reads a patch.
 * @param document a Parameters resource, structurally valid
 * @throws FhirError `malformed-body` naming the first operation that is none, `limit-exceeded`
 */
export function readPathPatch(document: JsonDocument): readonly PathOperation[] {
  const { parameter: plain = [] } = document.value as Parameters;
  const { parameter: exact = [] } = (document.exact ?? document.value) as Parameters;
  if (plain.length > FHIRPATH_OPERATIONS_MAX) {
    const found = `The patch has ${plain.length} operations`;
    const sentence = `${found}; at most ${FHIRPATH_OPERATIONS_MAX} go`;
    throw fhirError('limit-exceeded', sentence, ['Parameters.parameter']);
  }
  return plain.map((each, index) => readOperation(index, each, exact[index] ?? each));
}

function readOperation(index: number, plain: ParameterPart, exact: ParameterPart): PathOperation {
  const malformed = (fault: string) => {
    const location = `Parameters.parameter[${index}]`;
    return fhirError('malformed-body', `Operation ${index} ${fault}`, [location]);
  };
  if (plain.name !== 'operation') throw malformed(`must be named 'operation', not '${plain.name}'`);
  const parts = new Map((plain.part ?? []).map((part) => [part.name, part]));
  if (parts.size !== (plain.part ?? []).length) throw malformed('has a part twice');
  const type = scalarOf('type', parts.get('type'));
  if (!isOperationType(type)) {
    throw malformed(`has no part 'type' that is one of ${Object.keys(partsOf).join(', ')}`);
  }
  for (const name of parts.keys()) {
    if (name !== 'type' && !partsOf[type].some((known) => known === name)) {
      throw malformed(`(${type}) takes no part '${name}'`);
    }
  }
  for (const name of partsOf[type]) {
    const part = parts.get(name);
    if (part !== undefined && (name === 'value' || scalarOf(name, part) !== undefined)) continue;
    const wanted = membersOfPart[name]?.join(' or ') ?? 'a value, a resource or parts';
    throw malformed(`(${type}) needs a part '${name}' with ${wanted}`);
  }
  const exactValue = (exact.part ?? []).find(({ name }) => name === 'value');
  return operationOf(type, parts, exactValue);
}

function isOperationType(type: unknown): type is OperationType {
  return typeof type === 'string' && Object.hasOwn(partsOf, type);
}

function operationOf(
  type: OperationType,
  parts: ReadonlyMap<string, ParameterPart>,
  exactValue: ParameterPart = NO_PART,
): PathOperation {
  const text = (name: string) => String(scalarOf(name, parts.get(name)) ?? '');
  const integer = (name: string) => Number(scalarOf(name, parts.get(name)) ?? 0);
  return {
    type,
    path: text('path'),
    name: text('name'),
    index: integer('index'),
    source: integer('source'),
    destination: integer('destination'),
    value: { plain: parts.get('value') ?? NO_PART, exact: exactValue },
  };
}

const NO_PART: ParameterPart = { name: '' };

function scalarOf(name: string, part: ParameterPart | undefined): unknown {
  const member = membersOfPart[name]?.find((each) => part?.[each] !== undefined);
  return member === undefined ? undefined : part?.[member];
}

/**
 * The resource with the operations applied in order.
 * @param document the resource, structurally valid
 * @throws FhirError `unprocessable-patch` naming the first operation that cannot be applied,
 *   `malformed-body` when its path is none, `limit-exceeded` when paths take too much work or the
 *   result is too large or deep
 */
export function patchByPaths(
  document: JsonDocument,
  operations: readonly PathOperation[],
): JsonDocument {
  const plain = structuredClone(document.value);
  // Values with digits to keep may come into a resource that had none.
  const exact = structuredClone(document.exact ?? document.value);
  const find = makePathFinder();
  for (const [index, operation] of operations.entries()) {
    try {
      const places = find(operation.path, plain);
      apply(rootNode(plain), places, operation, operation.value.plain);
      apply(rootNode(exact), places, operation, operation.value.exact);
    } catch (error) {
      throw operationError(index, operation, error);
    }
  }
  return readJson(printExact(exact));
}

const errorNames = {
  malformed: 'malformed-body',
  costly: 'limit-exceeded',
  unfit: 'unprocessable-patch',
} as const;

function operationError(index: number, { type, path }: PathOperation, error: unknown): unknown {
  const shown = path.length > PATH_SHOWN_MAX ? `${path.slice(0, PATH_SHOWN_MAX)}…` : path;
  const refuse = (name: (typeof errorNames)[keyof typeof errorNames], fault: string): FhirError =>
    fhirError(name, `Operation ${index} (${type} ${shown}) failed: ${fault}`);
  if (error instanceof PathFault)
    return refuse(errorNames[error.kind], `the path ${error.message}`);
  return error instanceof ElementFault ? refuse('unprocessable-patch', error.message) : error;
}

/** Characters of a path that an error repeats. */
const PATH_SHOWN_MAX = 120;

/** Applies one operation to a tree. Throws ElementFault. */
function apply(
  root: Node,
  places: readonly Place[],
  operation: PathOperation,
  value: ParameterPart,
): void {
  switch (operation.type) {
    case 'add': {
      const item = itemAt(root, onlyOf(places));
      addElement(item === undefined ? root : nodeAt(item), operation.name, value);
      return;
    }
    case 'insert': {
      insert(collectionAt(root, places), operation.index, value);
      return;
    }
    case 'delete': {
      if (places.length > 0) removeItem(elementAt(root, onlyOf(places)));
      return;
    }
    case 'replace': {
      replace(elementAt(root, onlyOf(places)), value);
      return;
    }
    case 'move': {
      move(collectionAt(root, places), operation);
      return;
    }
    default:
      unreachable(operation.type);
  }
}

function onlyOf(places: readonly Place[]): Place {
  const [place] = places;
  if (place === undefined) throw new ElementFault('there is no such element');
  if (places.length === 1) return place;
  throw new ElementFault(`the path leads to ${places.length} elements and must lead to one`);
}

function elementAt(root: Node, place: Place): Item {
  const item = itemAt(root, place);
  if (item !== undefined) return item;
  throw new ElementFault('the whole resource cannot be replaced or deleted by a patch');
}

/** The list whose elements, all of them, the places are. */
function collectionAt(root: Node, places: readonly Place[]): ElementList {
  const [first] = places;
  if (first === undefined) {
    throw new ElementFault(`there is no such element; the first of a list comes by 'add'`);
  }
  const { list } = elementAt(root, first);
  if (!repeats(list.shape)) throw new ElementFault(`'${list.shape.name}' does not repeat`);
  const expected = contentsOf(list).map((_, index) => printPlace(first, index));
  if (expected.join() === places.map((place) => printPlace(place)).join()) return list;
  throw new ElementFault('the path must lead to one list, and to all its elements');
}

function printPlace(place: Place, lastIndex = place.at(-1)?.index): string {
  const last = place.length - 1;
  return place
    .map(({ name, index }, step) => `${name}[${step === last ? lastIndex : index}]`)
    .join('.');
}

function insert(list: ElementList, index: number, value: ParameterPart): void {
  const contents = contentsOf(list);
  if (index < 0 || index > contents.length) {
    throw new ElementFault(`the list has ${contents.length} elements, so no index ${index}`);
  }
  const { member, content } = readContent(list.shape, list.shape.name, value);
  setContents(list, member, contents.toSpliced(index, 0, content));
}

function replace({ list, index }: Item, value: ParameterPart): void {
  const { member, content } = readContent(list.shape, list.member?.json ?? list.shape.name, value);
  setContents(list, member, contentsOf(list).with(index, content));
}

function move(list: ElementList, { source, destination }: PathOperation): void {
  const contents = contentsOf(list);
  for (const index of [source, destination]) {
    if (index >= 0 && index < contents.length) continue;
    throw new ElementFault(`the list has ${contents.length} elements, so none at index ${index}`);
  }
  const { member } = list;
  const [moved] = contents.slice(source, source + 1);
  if (member === undefined || moved === undefined) return;
  setContents(list, member, contents.toSpliced(source, 1).toSpliced(destination, 0, moved));
}
