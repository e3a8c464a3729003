// The shape that terminology/ relies on in CodeSystem, ValueSet and NamingSystem files: each
// element that is read, its JSON type and whether it must be there, as a table.

import type { Refuse } from './check-resources.ts';
import type { TerminologyResource } from './resources.ts';

type Leaf = 'string' | 'boolean';

/** An element: a primitive, or a list of objects (`[…]`) or an object with elements of its own. */
type Shape = Leaf | { readonly list: Elements | Leaf | 'self' } | { readonly object: Elements };

interface Elements {
  readonly required: Readonly<Record<string, Shape>>;
  readonly optional: Readonly<Record<string, Shape>>;
}

const concept: Elements = {
  required: { code: 'string' },
  optional: {
    display: 'string',
    definition: 'string',
    designation: { list: { required: { value: 'string' }, optional: { language: 'string' } } },
    property: {
      list: {
        required: { code: 'string' },
        optional: { valueCode: 'string', valueString: 'string', valueBoolean: 'boolean' },
      },
    },
    concept: { list: 'self' },
  },
};

const conceptSet: Elements = {
  required: {},
  optional: {
    system: 'string',
    version: 'string',
    concept: { list: { required: { code: 'string' }, optional: { display: 'string' } } },
    filter: {
      list: { required: { property: 'string', op: 'string', value: 'string' }, optional: {} },
    },
    valueSet: { list: 'string' },
  },
};

const contained: Elements = {
  required: {},
  optional: {
    system: 'string',
    code: 'string',
    display: 'string',
    abstract: 'boolean',
    contains: { list: 'self' },
  },
};

const shapes: Readonly<Record<TerminologyResource['resourceType'], Elements>> = {
  CodeSystem: {
    required: { id: 'string', url: 'string', status: 'string', content: 'string' },
    optional: {
      version: 'string',
      name: 'string',
      title: 'string',
      caseSensitive: 'boolean',
      valueSet: 'string',
      property: { list: { required: { code: 'string' }, optional: { uri: 'string' } } },
      concept: { list: concept },
    },
  },
  ValueSet: {
    required: { id: 'string', url: 'string', status: 'string' },
    optional: {
      version: 'string',
      name: 'string',
      title: 'string',
      compose: {
        object: {
          required: { include: { list: conceptSet } },
          optional: { inactive: 'boolean', exclude: { list: conceptSet } },
        },
      },
      expansion: { object: { required: {}, optional: { contains: { list: contained } } } },
    },
  },
  NamingSystem: {
    required: {
      id: 'string',
      name: 'string',
      status: 'string',
      uniqueId: { list: { required: { type: 'string', value: 'string' }, optional: {} } },
    },
    optional: {},
  },
};

const CONTENTS: readonly string[] = [
  'not-present',
  'example',
  'fragment',
  'complete',
  'supplement',
];

/** Refuses the first element that does not have its shape. */
export function checkShape(resource: TerminologyResource, refuse: Refuse): void {
  const type = resource.resourceType;
  checkElements(resource, shapes[type], type, refuse);
  if (type === 'CodeSystem' && !CONTENTS.includes(resource.content)) {
    refuse('CodeSystem.content', `is '${resource.content}', not one of ${CONTENTS.join(', ')}`);
  }
  if (type !== 'ValueSet') return;
  const { compose, expansion } = resource;
  if (compose === undefined && expansion?.contains === undefined) {
    refuse('ValueSet.compose', 'is missing, so that nothing says what is in the set');
  }
  const sets = [...(compose?.include ?? []), ...(compose?.exclude ?? [])];
  for (const { system, concept: codes, filter, valueSet } of sets) {
    if (system === undefined && (valueSet === undefined || codes !== undefined || filter)) {
      refuse('ValueSet.compose', 'has a set of codes without a system');
    }
  }
}

function checkElements(value: unknown, elements: Elements, path: string, refuse: Refuse): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(path, 'must be an object');
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const [name, shape] of Object.entries(elements.required)) {
    if (object[name] === undefined) refuse(`${path}.${name}`, 'is missing');
    checkElement(object[name], shape, elements, `${path}.${name}`, refuse);
  }
  for (const [name, shape] of Object.entries(elements.optional)) {
    if (object[name] === undefined) continue;
    checkElement(object[name], shape, elements, `${path}.${name}`, refuse);
  }
}

function checkElement(
  value: unknown,
  shape: Shape,
  parent: Elements,
  path: string,
  refuse: Refuse,
): void {
  if (typeof shape === 'string') checkLeaf(value, shape, path, refuse);
  else if ('object' in shape) checkElements(value, shape.object, path, refuse);
  else if (Array.isArray(value)) checkItems(value, shape.list, parent, path, refuse);
  else refuse(path, 'must be a list');
}

function checkItems(
  items: readonly unknown[],
  list: Elements | Leaf | 'self',
  parent: Elements,
  path: string,
  refuse: Refuse,
): void {
  for (const [index, item] of items.entries()) {
    const here = `${path}[${index}]`;
    if (list === 'self') checkElements(item, parent, here, refuse);
    else if (typeof list === 'string') checkLeaf(item, list, here, refuse);
    else checkElements(item, list, here, refuse);
  }
}

function checkLeaf(value: unknown, type: Leaf, path: string, refuse: Refuse): void {
  const isRight = type === 'string' ? typeof value === 'string' : typeof value === 'boolean';
  if (!isRight || value === '') refuse(path, `must be a ${type}`);
}
