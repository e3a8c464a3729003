// Reads R4's StructureDefinition snapshots into the little that structural schemas need: which
// elements each type and backbone element has. First step of generate-schemas.ts.
// http://hl7.org/fhir/R4/structuredefinition.html

import { judgedByHand } from './constraint-notes.ts';

/** One way an element may be typed. */
export interface ElementType {
  /** A FHIR type, or the path of a backbone element such as `Patient.contact`. */
  readonly code: string;
  /** Resource types a Reference may point at; empty when any. */
  readonly targets: readonly string[];
}

/** One element of a type. */
export interface ElementShape {
  /** Without `[x]`. */
  readonly name: string;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  /** Whether its JSON name carries the type: `value[x]`. */
  readonly choice: boolean;
  /** Whether it is an attribute in XML (`id`, `url` of Extension), which has no extensions. */
  readonly attribute: boolean;
  readonly types: readonly ElementType[];
  /** Canonical url, without version, of the value set of a required binding. */
  readonly valueSet?: string;
  /** Whether it belongs to a summary (ElementDefinition.isSummary). */
  readonly summary?: true;
}

/** A resource type, data type or backbone element. */
export interface TypeShape {
  /** `Patient`, `HumanName`, `Patient.contact`. */
  readonly name: string;
  readonly resource: boolean;
  readonly elements: readonly ElementShape[];
  /** Whether constraints hold on it that generate-invariants.ts writes. */
  readonly constrained: boolean;
}

interface DefinedType {
  readonly code: string;
  readonly targetProfile?: readonly string[];
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string }[];
}

interface DefinedElement {
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type?: readonly DefinedType[];
  readonly contentReference?: string;
  readonly isSummary?: boolean;
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
  readonly constraint?: readonly { readonly key: string }[];
}

/** A StructureDefinition, as far as it is read here. */
export interface StructureDefinition {
  readonly resourceType: 'StructureDefinition';
  readonly name: string;
  readonly kind: string;
  readonly abstract: boolean;
  readonly derivation?: string;
  readonly baseDefinition?: string;
  readonly snapshot: { readonly element: readonly DefinedElement[] };
}

const ATTRIBUTE_TYPE = 'http://hl7.org/fhirpath/System.';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const CHOICE = '[x]';

/** Constraints that the snapshots repeat on elements although their types state them. */
const OF_EVERY_ELEMENT = new Set(['ele-1', 'ext-1']);

/** Types that only other types are made from; `Element` is also what stands beside a primitive. */
const ABSTRACT_TYPES_NEEDED = new Set(['Element']);

/**
 * The shapes of a definition: its own first, then those of its backbone elements. Empty for
 * primitive types, profiles and abstract types.
 */
export function shapesOf(definition: StructureDefinition): readonly TypeShape[] {
  const abstract = definition.abstract && !ABSTRACT_TYPES_NEEDED.has(definition.name);
  const profile = definition.derivation === 'constraint';
  if (abstract || profile || definition.kind === 'primitive-type') return [];
  const resource = definition.kind === 'resource';
  const children = Map.groupBy(definition.snapshot.element.slice(1), (element) =>
    element.path.slice(0, element.path.lastIndexOf('.')),
  );
  return [...children].map(([path, elements]) => ({
    name: path,
    resource: resource && !path.includes('.'),
    elements: elements
      .filter((element) => element.max !== '0')
      .map((element) => shapeOf(element, children, resource)),
    constrained: isConstrained(path, elements, definition, children),
  }));
}

/** Whether the type itself, or an element of it that has no shape of its own, has a constraint. */
function isConstrained(
  path: string,
  elements: readonly DefinedElement[],
  definition: StructureDefinition,
  children: ReadonlyMap<string, unknown>,
): boolean {
  const itself = definition.snapshot.element.find((candidate) => candidate.path === path);
  const leaves = elements.filter((element) => !children.has(element.path));
  return (
    itself?.constraint?.some(({ key }) => !Object.hasOwn(judgedByHand, key)) === true ||
    leaves.some(({ constraint = [] }) => constraint.some(({ key }) => !OF_EVERY_ELEMENT.has(key)))
  );
}

function shapeOf(
  element: DefinedElement,
  children: ReadonlyMap<string, unknown>,
  resource: boolean,
): ElementShape {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = last.endsWith(CHOICE);
  const { strength, valueSet } = element.binding ?? {};
  return {
    name: choice ? last.slice(0, -CHOICE.length) : last,
    min: element.min,
    max: element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max),
    choice,
    attribute: element.type?.[0]?.code.startsWith(ATTRIBUTE_TYPE) ?? false,
    types: typesOf(element, children, resource),
    ...(strength === 'required' && valueSet !== undefined
      ? { valueSet: valueSet.replace(/\|.*$/, '') }
      : {}),
    ...(element.isSummary === true ? { summary: true } : {}),
  };
}

function typesOf(
  element: DefinedElement,
  children: ReadonlyMap<string, unknown>,
  resource: boolean,
): ElementType[] {
  if (element.contentReference !== undefined) {
    return [{ code: element.contentReference.replace(/^.*#/, ''), targets: [] }];
  }
  if (children.has(element.path)) return [{ code: element.path, targets: [] }];
  return (element.type ?? []).map((type) => ({
    code: type.code.startsWith(ATTRIBUTE_TYPE) ? attributeType(element, type, resource) : type.code,
    targets: (type.targetProfile ?? [])
      .map((profile) => profile.slice(profile.lastIndexOf('/') + 1))
      .filter((target) => target !== 'Resource'),
  }));
}

// R4's snapshots call the logical id of a resource a string; its page calls it an id.
function attributeType(element: DefinedElement, type: DefinedType, resource: boolean): string {
  const depth = element.path.split('.').length;
  if (resource && depth === 2 && element.path.endsWith('.id')) return 'id';
  return type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ?? 'string';
}
