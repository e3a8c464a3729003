// References of a resource that leaves this server: literal ones to resources of ours would mean
// nothing elsewhere, so each becomes one that does. Part of pushed-bundle.ts
// (http://hl7.org/fhir/R4/references.html#logical).

import { readReference } from '../fhir/reference.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import { identifierQuery, nhsNumber, ownIdentifier, preferredIdentifier } from './identity.ts';

/** The resources that a resource refers to, as they are now. */
export interface Targets {
  /** This server's base address, without trailing slash. */
  readonly baseUrl: string;
  /** By `Type/id`; those that do not exist are absent. */
  readonly found: ReadonlyMap<string, Resource>;
}

/** How a target is found in Targets. */
export function targetName({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

type Members = Readonly<Record<string, unknown>>;

/** Elements that say whom a resource is about: the receiver must know the person. */
const personElements: readonly string[] = ['patient', 'subject'];

/** The name of a person of ours whom the resource is about and whom no NHS number identifies. */
export function unidentifiedPerson(resource: Resource, targets: Targets): string | undefined {
  for (const node of personElements.flatMap((element) => resource[element])) {
    const key = isMembers(node) ? localTarget(node, targets.baseUrl) : undefined;
    if (key?.type !== 'Patient') continue;
    const person = targets.found.get(targetName(key));
    if (person === undefined || nhsNumber(person) === undefined) return targetName(key);
  }
  return undefined;
}

/**
 * The resource with every literal reference to this server replaced: whom it is about by a
 * conditional reference to the NHS number, all else by a logical one.
 * @param resource an exact tree (lib/json.ts) or a plain value
 */
export function moveReferences(resource: Resource, targets: Targets): Resource {
  const members = Object.entries(resource).map(([name, value]) => {
    const isPerson = personElements.includes(name);
    return [name, moveNode(value, targets, isPerson)];
  });
  return Object.fromEntries(members) as Resource;
}

function moveNode(node: unknown, targets: Targets, isPerson: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => moveNode(item, targets, isPerson));
  if (!isMembers(node)) return node;
  const key = localTarget(node, targets.baseUrl);
  const moved = key === undefined ? node : movedReference(node, key, targets, isPerson);
  const members = Object.entries(moved).map(([name, value]) => [
    name,
    moveNode(value, targets, false),
  ]);
  return Object.fromEntries(members);
}

function isMembers(node: unknown): node is Members {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function localTarget({ reference }: Members, baseUrl: string): ResourceKey | undefined {
  if (typeof reference !== 'string') return undefined;
  const target = readReference(reference, baseUrl);
  return target.kind === 'local' ? target : undefined;
}

function movedReference(
  { reference: _reference, ...rest }: Members,
  key: ResourceKey,
  { found, baseUrl }: Targets,
  isPerson: boolean,
): Members {
  const target = found.get(targetName(key));
  const person = isPerson && key.type === 'Patient' && target ? nhsNumber(target) : undefined;
  if (person !== undefined) return { reference: `Patient?${identifierQuery(person)}`, ...rest };
  const logical = { ...rest, type: key.type };
  if (rest.identifier !== undefined) return logical;
  const identifier = target && preferredIdentifier(target);
  if (identifier !== undefined) return { ...logical, identifier };
  // A Reference must say something, if only which of our resources was meant.
  return rest.display === undefined
    ? { ...logical, identifier: ownIdentifier(key, baseUrl) }
    : logical;
}
