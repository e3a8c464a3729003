// The one door to what build.ts generated from the R4 definitions: resource types, search
// parameters with their extractors, the Patient compartment, where References can stand.
// Loaded type by type when first asked for.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Resource } from '../fhir/types.ts';

/** http://hl7.org/fhir/R4/searchparameter.html#SearchParameter, on one type. */
export interface SearchParameter {
  /** `code`: the name in a query. */
  readonly code: string;
  readonly url: string;
  readonly type:
    | 'number'
    | 'date'
    | 'string'
    | 'token'
    | 'reference'
    | 'composite'
    | 'quantity'
    | 'uri'
    | 'special';
  /** FHIRPath, as far as it speaks of this type; '' where R4 gives none. */
  readonly expression: string;
  /** Resource types a reference parameter may point at; empty for other kinds. */
  readonly targets: readonly string[];
  /** Of a composite parameter: its parts, in order. */
  readonly components?: readonly SearchComponent[];
}

/** A part of a composite parameter. */
export interface SearchComponent {
  readonly type: SearchParameter['type'];
  /** FHIRPath from each element that the composite finds; from the resource after `%resource.`. */
  readonly expression: string;
  readonly targets: readonly string[];
}

/** Receives one node that a parameter finds, with its FHIR type (`CodeableConcept`, `date`). */
export type Take = (node: unknown, fhirType: string) => void;

/** Hands every node that the parameter finds in the resource to `take`, in document order. Never
 * throws; what does not have the shape of its definition is passed over. */
export type Extractor = (resource: Resource, take: Take) => void;

/** What a member with elements of its own holds: the key of its children in `childElements`, and
 * its FHIRPath name where that differs from the JSON one (`value` for `valueReference`). */
export type ChildElement = readonly [owner: string, name?: string];

interface TypeModule {
  readonly parameters: readonly SearchParameter[];
  readonly extractors: Readonly<Record<string, Extractor>>;
}

const buildDir = new URL('../../build/definitions/', import.meta.url);
if (!existsSync(buildDir)) {
  throw new Error('The R4 definitions have not been generated: run "npm run build" first.');
}
const generated = createRequire(buildDir);

const index = generated('./index.json') as {
  readonly resourceTypes: readonly string[];
  readonly patientCompartment: Readonly<Record<string, readonly string[]>>;
};

/** Differs between two builds whenever what they generated may. */
export const definitionsStamp: string = readFileSync(new URL('stamp.txt', buildDir), 'utf8');

/** Every concrete resource type of R4. */
export const resourceTypes: ReadonlySet<string> = new Set(index.resourceTypes);

/** All search parameters that R4 defines for the type, those of every resource included; none
 * when R4 does not know the type. */
export function searchParametersOf(type: string): readonly SearchParameter[] {
  return typeModule(type)?.parameters ?? [];
}

/** How the type's parameter of that code finds its nodes; undefined when R4 gives no expression. */
export function extractorOf(type: string, code: string): Extractor | undefined {
  const module = typeModule(type);
  return module !== undefined && Object.hasOwn(module.extractors, code)
    ? module.extractors[code]
    : undefined;
}

/** The reference parameters that put a resource of the type into a patient's compartment
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html); none for types never in it. */
export function patientCompartment(type: string): readonly string[] {
  return Object.hasOwn(index.patientCompartment, type)
    ? (index.patientCompartment[type] ?? [])
    : [];
}

type ElementsByOwner = Readonly<Record<string, Readonly<Record<string, ChildElement>>>>;

let elements: ElementsByOwner | undefined;
const childrenByOwner = new Map<string, ReadonlyMap<string, ChildElement>>();
const NO_CHILDREN: ReadonlyMap<string, ChildElement> = new Map();

/** The members with elements of their own, by JSON name; none for what R4 does not know.
 * @param owner a type (`Patient`, `HumanName`) or the path of an element (`Patient.contact`) */
export function childElements(owner: string): ReadonlyMap<string, ChildElement> {
  return childrenByOwner.get(owner) ?? readChildElements(owner);
}

function readChildElements(owner: string): ReadonlyMap<string, ChildElement> {
  elements ??= generated('./elements.json') as ElementsByOwner;
  if (!Object.hasOwn(elements, owner)) return NO_CHILDREN;
  const children = new Map(Object.entries(elements[owner] ?? {}));
  childrenByOwner.set(owner, children);
  return children;
}

function typeModule(type: string): TypeModule | undefined {
  return resourceTypes.has(type) ? (generated(`./types/${type}.js`) as TypeModule) : undefined;
}
