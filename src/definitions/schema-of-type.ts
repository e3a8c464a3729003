// Turns the shape of a type into its JSON Schema, in the vocabulary of schema-keywords.ts.
// Second step of generate-schemas.ts.

import type { ElementShape, ElementType, TypeShape } from './schema-shapes.ts';

/** What the value of one JSON member must be. */
export interface MemberSchema {
  /** A primitive type's format. */
  readonly primitive?: string;
  /** A resource, data or backbone type. */
  readonly fhirType?: string;
  /** A whole resource: inside `contained`, or standing for itself as in a Bundle. */
  readonly resource?: 'contained' | 'whole';
  /** The type's own name, as the value of `resourceType`. */
  readonly resourceName?: string;
  /** An array of at least one such item. */
  readonly list?: MemberSchema;
  readonly listMax?: number;
  /** The member whose items stand beside this list's: `_given` beside `given`, and back. */
  readonly beside?: string;
  /** Required binding of a code. */
  readonly codes?: string;
  /** Required binding of a Coding or CodeableConcept. */
  readonly concepts?: string;
  /** Resource types a Reference may point at; empty when any. */
  readonly targets?: readonly string[];
}

/** A mandatory element with the members any of which provides it. */
export interface Mandatory {
  readonly element: string;
  readonly members: readonly string[];
}

/** An element of the form `value[x]`: each variant's members (`valueCode` and `_valueCode`). */
export interface Choice {
  readonly element: string;
  readonly mandatory: boolean;
  readonly variants: readonly (readonly string[])[];
}

/** The JSON Schema of a resource, data or backbone type. */
export interface TypeSchema {
  readonly $id: string;
  readonly elements: Readonly<Record<string, MemberSchema>>;
  readonly mandatory: readonly Mandatory[];
  readonly choices: readonly Choice[];
  /** Whether constraints hold on the type; generate-invariants.ts writes them. */
  readonly rules?: true;
}

const CONCEPT_TYPES = new Set(['Coding', 'CodeableConcept']);

/** The JSON names of an element, one per type: `status`, or `valueCode`, `valueString`, … */
function membersOf(element: ElementShape): { name: string; type: ElementType }[] {
  return element.types.map((type) => ({
    name: element.choice ? element.name + type.code.replace(/^./, upper) : element.name,
    type,
  }));
}

function upper(letter: string): string {
  return letter.toUpperCase();
}

/** Whether the value is a JSON string, number or boolean, and not an object. */
function isPrimitive(type: ElementType): boolean {
  return /^[a-z]/.test(type.code);
}

function hasSibling(element: ElementShape, type: ElementType): boolean {
  return isPrimitive(type) && !element.attribute && type.code !== 'xhtml';
}

/**
 * The schema of a type.
 * @param listable whether the value set's members are known, so that codes can be judged
 */
export function schemaOfType(
  shape: TypeShape,
  listable: (valueSet: string) => boolean,
): TypeSchema {
  const elements: Record<string, MemberSchema> = {};
  if (shape.resource) elements.resourceType = { resourceName: shape.name };
  for (const element of shape.elements) {
    for (const { name, type } of membersOf(element)) {
      const sibling = hasSibling(element, type) ? `_${name}` : undefined;
      elements[name] = repeated(element, valueSchema(element, type, listable), sibling);
      if (sibling !== undefined) {
        elements[sibling] = repeated(element, { fhirType: 'Element' }, name);
      }
    }
  }
  return {
    $id: shape.name,
    elements,
    mandatory: shape.elements
      .filter((element) => element.min > 0 && !element.choice)
      .map((element) => ({ element: element.name, members: variantsOf(element).flat() })),
    choices: shape.elements
      .filter((element) => element.choice)
      .map((element) => ({
        element: element.name,
        mandatory: element.min > 0,
        variants: variantsOf(element),
      })),
    ...(shape.constrained ? { rules: true } : {}),
  };
}

function variantsOf(element: ElementShape): string[][] {
  return membersOf(element).map(({ name, type }) =>
    hasSibling(element, type) ? [name, `_${name}`] : [name],
  );
}

function repeated(
  element: ElementShape,
  item: MemberSchema,
  sibling: string | undefined,
): MemberSchema {
  if (element.max === 1) return item;
  return {
    list: item,
    ...(element.max === Number.POSITIVE_INFINITY ? {} : { listMax: element.max }),
    ...(sibling === undefined ? {} : { beside: sibling }),
  };
}

function valueSchema(
  element: ElementShape,
  type: ElementType,
  listable: (valueSet: string) => boolean,
): MemberSchema {
  const { valueSet } = element;
  const bound = valueSet !== undefined && listable(valueSet) ? valueSet : undefined;
  if (type.code === 'Resource') {
    return { resource: element.name === 'contained' ? 'contained' : 'whole' };
  }
  if (isPrimitive(type)) {
    const coded = bound !== undefined && type.code === 'code';
    return coded ? { primitive: type.code, codes: bound } : { primitive: type.code };
  }
  return {
    fhirType: type.code,
    ...(bound !== undefined && CONCEPT_TYPES.has(type.code) ? { concepts: bound } : {}),
    ...(type.code === 'Reference' ? { targets: type.targets } : {}),
  };
}

/** The element's name for each JSON member that carries a primitive variant of a choice:
 * `deceasedBoolean` → `deceased`. */
export function primitiveChoicesOf(shape: TypeShape): Readonly<Record<string, string>> {
  const choices = shape.elements.filter((element) => element.choice);
  return Object.fromEntries(
    choices.flatMap((element) =>
      membersOf(element)
        .filter(({ type }) => isPrimitive(type))
        .map(({ name }) => [name, element.name]),
    ),
  );
}
