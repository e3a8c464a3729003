// What a subscriber is sent: one version as a transaction Bundle that its server can take in under
// ids of its own. Conditional on an identifier, so that a Bundle that comes twice makes one
// resource (http://hl7.org/fhir/R4/http.html#transaction).

import type { Resource } from '../fhir/types.ts';
import { parseExact, printExact } from '../lib/json.ts';
import { outgoingReferences } from '../search/index-entries.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import {
  type BusinessIdentifier,
  identifierQuery,
  isHeld,
  ownIdentifier,
  preferredIdentifier,
} from './identity.ts';
import {
  moveReferences,
  type Targets,
  targetName,
  unidentifiedPerson,
} from './moved-references.ts';

/** A Bundle to push, as JSON text, or why the version cannot be pushed. */
export type PushedBundle =
  | { readonly kind: 'bundle'; readonly text: string }
  | { readonly kind: 'undeliverable'; readonly why: string };

/** Types that have one identifier, not a list (R4 StructureDefinitions, `identifier` 0..1). */
const typesWithOneIdentifier: ReadonlySet<string> = new Set([
  'AdverseEvent',
  'Bundle',
  'Composition',
  'ConceptMap',
  'MedicinalProductIngredient',
  'QuestionnaireResponse',
  'SpecimenDefinition',
  'SubstanceSpecification',
  'TestReport',
  'TestScript',
]);

/**
 * The Bundle for one version: a conditional create for the first version, a conditional update
 * for later ones.
 * - The identity is chosen from the resource's first version and stays with it: the subscriber
 *   finds its copy by it whatever happens to the identifiers later. A resource without an
 *   identifier gets one, `<base>/<Type>` and its id.
 * - `patient` and `subject` become conditional references by NHS number. Without an NHS number
 *   nobody could tell whose record it is: the version is undeliverable.
 * - Other references to this server become logical ones; they would mean nothing elsewhere.
 * Referred-to resources are taken as they are now.
 * @param version with a text
 * @param baseUrl this server's base address, without trailing slash
 */
export async function pushedBundle(
  version: Version,
  store: Pick<ResourceStore, 'readMany' | 'readVersion'>,
  baseUrl: string,
): Promise<PushedBundle> {
  const resource = parseExact(version.text ?? '') as Resource;
  const targets = await readTargets(resource, store, baseUrl);
  const stranger = unidentifiedPerson(resource, targets);
  if (stranger !== undefined) {
    return { kind: 'undeliverable', why: `${stranger} has no NHS number` };
  }
  const identity = await identityOf(version, resource, store, baseUrl);
  const sent = withIdentity(withoutOurs(moveReferences(resource, targets)), identity);
  const entry = [{ resource: sent, request: requestFor(version, identity) }];
  const text = printExact({ resourceType: 'Bundle', type: 'transaction', entry });
  return { kind: 'bundle', text };
}

function requestFor(
  { type, versionId }: Version,
  identity: BusinessIdentifier,
): { method: string; url: string; ifNoneExist?: string } {
  const query = identifierQuery(identity);
  return versionId === 1
    ? { method: 'POST', url: type, ifNoneExist: query }
    : { method: 'PUT', url: `${type}?${query}` };
}

async function readTargets(
  resource: Resource,
  store: Pick<ResourceStore, 'readMany'>,
  baseUrl: string,
): Promise<Targets> {
  const keys = outgoingReferences(resource, baseUrl);
  const versions = keys.length === 0 ? [] : await store.readMany(keys);
  const found = new Map<string, Resource>();
  for (const version of versions) {
    if (version?.text !== undefined) found.set(targetName(version), JSON.parse(version.text));
  }
  return { baseUrl, found };
}

async function identityOf(
  version: Version,
  resource: Resource,
  store: Pick<ResourceStore, 'readVersion'>,
  baseUrl: string,
): Promise<BusinessIdentifier> {
  const own = ownIdentifier(version, baseUrl);
  if (version.versionId === 1 || typesWithOneIdentifier.has(version.type)) {
    return preferredIdentifier(resource) ?? own;
  }
  const first = await store.readVersion(version, 1);
  if (first?.text === undefined) return own;
  return preferredIdentifier(JSON.parse(first.text) as Resource) ?? own;
}

/** The resource without what only this server gave it. */
function withoutOurs(resource: Resource): Resource {
  const { id: _id, meta, ...content } = resource;
  const { versionId: _version, lastUpdated: _instant, ...kept } = meta ?? {};
  return Object.keys(kept).length === 0 ? content : { ...content, meta: kept };
}

function withIdentity(resource: Resource, identity: BusinessIdentifier): Resource {
  if (isHeld(resource, identity)) return resource;
  const { resourceType, identifier } = resource;
  if (typesWithOneIdentifier.has(resourceType)) return { ...resource, identifier: identity };
  const others: readonly unknown[] = Array.isArray(identifier) ? identifier : [];
  return { ...resource, identifier: [...others, identity] };
}
