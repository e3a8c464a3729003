// What a resource can be found by, and what it points at: extractors find the nodes, types/ make
// them typed values. Called once per write; the store keeps the result
// (http://hl7.org/fhir/R4/search.html).

import { compileExpression } from '../definitions/compile-extractor.ts';
import {
  type ChildElement,
  childElements,
  extractorOf,
  resourceTypes,
  searchParametersOf,
} from '../definitions/definitions.ts';
import { readReference } from '../fhir/reference.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import { isAlias } from './aliases.ts';
import { keepDistinct } from './distinct-entries.ts';
import type { IndexEntry, ValueEntry } from './index-entry.ts';
import {
  type AnsweredKind,
  isWords,
  type SearchParameter,
  type SearchRegistry,
} from './search-registry.ts';
import { compileComposite, type ReadNode } from './types/composite.ts';
import { dateEntries } from './types/date.ts';
import { numberEntries } from './types/number.ts';
import { positionEntries } from './types/position.ts';
import { quantityEntries } from './types/quantity.ts';
import { referenceEntries } from './types/reference.ts';
import { stringEntries } from './types/string.ts';
import { tokenEntries } from './types/token.ts';
import { uriEntries } from './types/uri.ts';
import { wordsEntries } from './types/words.ts';
import { uniqueEntries } from './unique-identifiers.ts';

/** What the meaning of values depends on. */
export interface IndexOptions {
  /** IANA name: what dates without a zone mean. */
  readonly zone: string;
  /** The service's base address, without trailing slash. */
  readonly baseUrl: string;
}

type Reader = (
  parameter: string,
  node: unknown,
  fhirType: string,
  options: IndexOptions,
) => readonly ValueEntry[];

const readers: Readonly<Record<Exclude<AnsweredKind, 'composite'>, Reader>> = {
  token: tokenEntries,
  string: stringEntries,
  date: (parameter, node, fhirType, { zone }) => dateEntries(parameter, node, fhirType, zone),
  number: numberEntries,
  quantity: quantityEntries,
  reference: (parameter, node, fhirType, { baseUrl }) =>
    referenceEntries(parameter, node, fhirType, baseUrl),
  uri: uriEntries,
  special: positionEntries,
};

/** Columns of every version that the store itself searches. */
const answeredByStore: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** Indexed for every type, declared or not: access rules may rest on them. */
const alwaysIndexed: readonly string[] = ['_profile', '_security', '_source', '_tag'];

/** Gives the entries of one parameter: all that is known before a resource comes. */
type IndexParameter = (resource: Resource, options: IndexOptions) => readonly IndexEntry[];

/**
 * The values under every parameter that the registry declares for the resource's type, each once,
 * and the identifiers that no other may share. Contained resources have none of their own.
 * @param resource structurally valid, of a type that the registry serves
 */
export function indexEntries(
  resource: Resource,
  registry: SearchRegistry,
  options: IndexOptions,
): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const indexParameter of indexedParameters(registry, resource.resourceType)) {
    const start = entries.length;
    for (const entry of indexParameter(resource, options)) entries.push(entry);
    keepDistinct(entries, start);
  }
  for (const entry of uniqueEntries(resource)) entries.push(entry);
  return entries;
}

const plans = new WeakMap<SearchRegistry, Map<string, readonly IndexParameter[]>>();

function indexedParameters(registry: SearchRegistry, type: string): readonly IndexParameter[] {
  const byType = plans.get(registry) ?? new Map<string, readonly IndexParameter[]>();
  plans.set(registry, byType);
  const known = byType.get(type);
  if (known !== undefined) return known;
  const plan = planIndexing(registry, type);
  byType.set(type, plan);
  return plan;
}

function planIndexing(registry: SearchRegistry, type: string): readonly IndexParameter[] {
  const always = searchParametersOf(type).filter(({ code }) => alwaysIndexed.includes(code));
  const wanted = new Map([...always, ...registry.indexed(type)].map((each) => [each.code, each]));
  return [...wanted.values()]
    .filter(({ code }) => !answeredByStore.has(code) && !isAlias(type, code))
    .map((parameter) => indexerOf(type, parameter));
}

function indexerOf(type: string, parameter: SearchParameter): IndexParameter {
  const { code, type: kind, expression } = parameter;
  if (isWords(code)) return (resource) => wordsEntries(code, resource);
  if (kind === 'composite') {
    const readNode = (options: IndexOptions): ReadNode => {
      return (part, under, node, fhirType) => {
        return part === 'composite' ? [] : readers[part](under, node, fhirType, options);
      };
    };
    const compiled = compileComposite(type, parameter);
    return (resource, options) => compiled(resource, readNode(options));
  }
  const read = readers[kind];
  const extract = extractorOf(type, code) ?? compileExpression(expression, type).walk;
  return (resource, options) => {
    const entries: ValueEntry[] = [];
    extract(resource, (node, fhirType) => {
      for (const entry of read(code, node, fhirType, options)) entries.push(entry);
    });
    return entries;
  };
}

/** The values under one parameter of the resource's type, each once: what a parameter that is new
 * to the store is filled with. */
export function parameterEntries(
  resource: Resource,
  parameter: SearchParameter,
  options: IndexOptions,
): readonly IndexEntry[] {
  const entries = [...indexerOf(resource.resourceType, parameter)(resource, options)];
  keepDistinct(entries, 0);
  return entries;
}

/** A literal reference to a resource of this server, and the FHIRPath location it stands at. */
export interface LocalReference extends ResourceKey {
  readonly expression: string;
}

/**
 * Every literal reference to this server in any element, those in contained resources and
 * extensions included; each target once, with the first place that names it. Versioned references
 * count as references to the resource. The entries of a Bundle are left out: it is kept as it
 * is, and its references mean its own entries first (bundle.html#references).
 * @param resource structurally valid; absolute references count where they start with `baseUrl`
 */
export function outgoingReferences(resource: Resource, baseUrl: string): readonly LocalReference[] {
  const found = new Map<string, LocalReference>();
  const root: Place = { name: resource.resourceType, position: -1, parent: undefined };
  visit(resource, 'Resource', root, (reference, place) => {
    const key = localKey(reference, baseUrl);
    if (key === undefined) return;
    const target = `${key.type}/${key.id}`;
    if (!found.has(target)) found.set(target, { ...key, expression: locationOf(place) });
  });
  return [...found.values()];
}

/** Where the walk stands; a location is spelled out only when something is found there. */
interface Place {
  readonly name: string;
  /** -1 outside lists. */
  readonly position: number;
  readonly parent: Place | undefined;
}

type Found = (reference: string, place: Place) => void;

function visit(node: unknown, declaredOwner: string, place: Place, found: Found): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    const { name, parent } = place;
    for (let position = 0; position < node.length; position += 1) {
      visit(node[position], declaredOwner, { name, position, parent }, found);
    }
    return;
  }
  const members = node as Readonly<Record<string, unknown>>;
  const owner = declaredOwner === 'Resource' ? String(members.resourceType) : declaredOwner;
  if (owner === 'Reference' && typeof members.reference === 'string') {
    found(members.reference, place);
  }
  const children = childElements(owner);
  for (const json of Object.keys(members)) {
    const value = members[json];
    if (typeof value !== 'object' || value === null) continue;
    const child = children.get(json) ?? primitiveElement(json);
    if (child === undefined || (owner === 'Bundle.entry' && json === 'resource')) continue;
    visit(value, child[0], { name: child[1] ?? json, position: -1, parent: place }, found);
  }
}

/** `_birthDate` holds the extensions of `birthDate`. */
function primitiveElement(json: string): ChildElement | undefined {
  return json.startsWith('_') ? ['Element', json.slice(1)] : undefined;
}

function locationOf(place: Place): string {
  const step = place.position < 0 ? place.name : `${place.name}[${place.position}]`;
  return place.parent === undefined ? step : `${locationOf(place.parent)}.${step}`;
}

function localKey(text: string, baseUrl: string): ResourceKey | undefined {
  const target = readReference(text, baseUrl);
  if (target.kind !== 'local' || !resourceTypes.has(target.type)) return undefined;
  return { type: target.type, id: target.id };
}
