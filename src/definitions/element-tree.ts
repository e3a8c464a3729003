// The elements of every R4 type, as the generators need them: which JSON members an element may
// have, which types these carry, what they may point at. Read from the StructureDefinitions'
// snapshots at build time (http://hl7.org/fhir/R4/structuredefinition.html).

/** The parts of a StructureDefinition that are read here. */
export interface StructureDefinition {
  readonly resourceType: string;
  readonly name: string;
  readonly kind: string;
  readonly abstract: boolean;
  readonly fhirVersion: string;
  readonly derivation?: string;
  readonly baseDefinition?: string;
  readonly snapshot: { readonly element: readonly ElementDefinition[] };
}

interface ElementDefinition {
  readonly path: string;
  readonly max: string;
  readonly contentReference?: string;
  readonly type?: readonly ElementType[];
}

interface ElementType {
  readonly code: string;
  readonly targetProfile?: readonly string[];
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string }[];
}

/** One JSON member that an element may stand in: `valueQuantity` for the element `value[x]`. */
export interface Member {
  readonly json: string;
  /** FHIR type code; `BackboneElement` or `Element` where the children are defined in place. */
  readonly type: string;
  /** Key of the children: the type's name, or the path of an element defined in place. */
  readonly owner: string;
  /** Resource types a Reference or canonical may point at; `Resource` means any. */
  readonly targets: readonly string[];
  /** Canonical url of the value set of a required binding. */
  readonly valueSet?: string;
}

export interface Element {
  /** Its FHIRPath name: `value` for `value[x]`. */
  readonly name: string;
  readonly list: boolean;
  readonly members: readonly Member[];
}

export interface ElementTree {
  /** The concrete resource types, in alphabetical order. */
  readonly resourceTypes: readonly string[];
  /** Elements by owner (`Patient`, `Patient.contact`, `HumanName`) and FHIRPath name. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, Element>>;
  /** Whether `type` is `ancestor` or derives from it (`canonical` is a `uri`). */
  isA(type: string, ancestor: string): boolean;
}

/** The package has a few definitions of later versions among R4's. */
export const R4_VERSION = '4.0.1';
const FHIR_TYPE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/**
 * @param definitions what r4-definitions.ts reads; what is not a base definition of R4 itself
 *   (constraints, later versions) is left out
 */
export function makeElementTree(definitions: readonly StructureDefinition[]): ElementTree {
  const base = definitions.filter(isBaseDefinition);
  const parents = new Map(base.map((each) => [each.name, lastSegment(each.baseDefinition ?? '')]));
  const elements = new Map<string, Map<string, Element>>();
  for (const definition of base) addElements(elements, definition);
  return {
    resourceTypes: base
      .filter((each) => each.kind === 'resource' && !each.abstract)
      .map((each) => each.name)
      .sort(),
    elements,
    isA(type, ancestor) {
      let current: string | undefined = type;
      while (current !== undefined && current !== ancestor) current = parents.get(current);
      return current === ancestor;
    },
  };
}

function isBaseDefinition(definition: StructureDefinition): boolean {
  return (
    definition.resourceType === 'StructureDefinition' &&
    definition.derivation !== 'constraint' &&
    definition.fhirVersion === R4_VERSION
  );
}

function addElements(
  elements: Map<string, Map<string, Element>>,
  definition: StructureDefinition,
): void {
  const typeOfPath = new Map(
    definition.snapshot.element.map((each) => [each.path, each.type?.[0]?.code ?? 'Element']),
  );
  for (const each of definition.snapshot.element) {
    const dot = each.path.lastIndexOf('.');
    if (dot < 0) continue;
    const owner = each.path.slice(0, dot);
    const element = readElement(each, each.path.slice(dot + 1), typeOfPath);
    const siblings = elements.get(owner) ?? new Map<string, Element>();
    elements.set(owner, siblings.set(element.name, element));
  }
}

function readElement(
  definition: ElementDefinition,
  lastName: string,
  typeOfPath: ReadonlyMap<string, string>,
): Element {
  const choice = lastName.endsWith('[x]');
  const name = choice ? lastName.slice(0, -'[x]'.length) : lastName;
  const list = definition.max !== '0' && definition.max !== '1';
  if (definition.contentReference !== undefined) {
    const owner = definition.contentReference.replace(/^.*#/, '');
    const type = typeOfPath.get(owner) ?? 'BackboneElement';
    return { name, list, members: [{ json: name, type, owner, targets: [] }] };
  }
  const members = (definition.type ?? []).map((each): Member => {
    const type = fhirTypeCode(each);
    const inPlace = type === 'BackboneElement' || type === 'Element';
    return {
      json: choice ? name + type.charAt(0).toUpperCase() + type.slice(1) : name,
      type,
      owner: inPlace ? definition.path : type,
      targets: (each.targetProfile ?? []).map(lastSegment),
    };
  });
  return { name, list, members };
}

/** Ids and values of primitives carry a FHIRPath system type; an extension says the FHIR one. */
function fhirTypeCode(type: ElementType): string {
  if (!type.code.startsWith('http://hl7.org/fhirpath/')) return type.code;
  const extension = type.extension?.find((each) => each.url === FHIR_TYPE_EXTENSION);
  return extension?.valueUrl ?? 'string';
}

function lastSegment(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
