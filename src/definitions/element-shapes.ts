// The door to the elements of every R4 type with their cardinalities and types, for profiles, which
// constrain them and are compiled when the service starts. Loaded when first asked for.

import { createRequire } from 'node:module';

import type { Element, ElementTree, Member } from './element-tree.ts';
import type { ElementShape, ElementType, TypeShape } from './schema-shapes.ts';

interface Shapes {
  readonly shapes: readonly TypeShape[];
  /** By type: what it derives from. */
  readonly parents: Readonly<Record<string, string>>;
}

const generated = createRequire(import.meta.resolve('../../build/definitions/schemas/'));

interface Loaded {
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, ElementShape>>;
  readonly tree: ElementTree;
}

let loaded: Loaded | undefined;

/** The elements of a type or backbone element by name, without `[x]`; undefined for what R4 does
 * not know. A maximum without bound is Infinity. */
export function elementShapes(owner: string): ReadonlyMap<string, ElementShape> | undefined {
  loaded ??= load();
  return loaded.elements.get(owner);
}

/** The same as the tree that constraints are written over. */
export function elementTree(): ElementTree {
  loaded ??= load();
  return loaded.tree;
}

/** The JSON names of an element, one for each type that it may have. */
export function membersOf(shape: ElementShape): readonly Member[] {
  return shape.types.map((type) => ({
    json: shape.choice ? shape.name + capitalised(type.code) : shape.name,
    type: isInPlace(type) ? 'BackboneElement' : type.code,
    owner: type.code,
    targets: type.targets,
    ...(shape.valueSet === undefined ? {} : { valueSet: shape.valueSet }),
  }));
}

function load(): Loaded {
  const { shapes, parents } = generated('./shapes.json') as Shapes;
  const elements = new Map(
    shapes.map(({ name, elements: own }) => [
      name,
      new Map(own.map((element) => [element.name, withBound(element)])),
    ]),
  );
  return { elements, tree: treeOf(shapes, elements, parents) };
}

/** JSON has no Infinity; it is null there. */
function withBound(shape: ElementShape): ElementShape {
  return { ...shape, max: (shape.max as number | null) ?? Number.POSITIVE_INFINITY };
}

function treeOf(
  shapes: readonly TypeShape[],
  elements: Loaded['elements'],
  parents: Shapes['parents'],
): ElementTree {
  const isA: ElementTree['isA'] = (type, ancestor) => {
    let current: string | undefined = type;
    while (current !== undefined && current !== ancestor) current = parents[current];
    return current === ancestor;
  };
  const byOwner = [...elements].map(
    ([owner, own]) =>
      [owner, new Map([...own].map(([name, shape]) => [name, elementOf(shape)]))] as const,
  );
  const resourceTypes = shapes.filter(({ resource }) => resource).map(({ name }) => name);
  return { resourceTypes, elements: new Map(byOwner), isA };
}

function elementOf(shape: ElementShape): Element {
  return { name: shape.name, list: shape.max > 1, members: membersOf(shape) };
}

function isInPlace({ code }: ElementType): boolean {
  return code.includes('.');
}

function capitalised(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1);
}
