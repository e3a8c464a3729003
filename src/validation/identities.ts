// What R4 says of ids in words alone: each Element.id once in its resource and never all that an
// element has (ele-1, http://hl7.org/fhir/R4/element.html), and each fullUrl of a Bundle in
// agreement with the id of its resource. Called by generated-checks.ts on every resource.

import type { LocatedFault } from '../definitions/schemas.ts';
import { isObject, items, member } from './nodes.ts';

/** The faults of one resource; those of resources within it are theirs.
 * @param path its JSON pointer */
export function identityFaults(resource: unknown, path: string): LocatedFault[] {
  if (!isObject(resource)) return [];
  const found: LocatedFault[] = [];
  // Few resources name their elements: only where one does is it worth knowing the places.
  if (Object.values(resource).some(namesElement)) {
    judgeElements(resource, path, { found, seen: new Set() });
  }
  if (resource.resourceType === 'Bundle') found.push(...urlFaults(resource, path));
  return found;
}

function namesElement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(namesElement);
  if ('resourceType' in value) return false;
  for (const name in value) {
    if (name === 'id' || namesElement((value as Record<string, unknown>)[name])) return true;
  }
  return false;
}

/** Members that hold resources, whose ids are none of elements; `_id` may not be there at all. */
const RESOURCES: ReadonlySet<string> = new Set(['contained', 'resource', '_id']);

interface Walk {
  readonly found: LocatedFault[];
  readonly seen: Set<unknown>;
}

function judgeElements(parent: Readonly<Record<string, unknown>>, path: string, walk: Walk): void {
  for (const [name, value] of Object.entries(parent)) {
    if (RESOURCES.has(name)) continue;
    const list = Array.isArray(value) ? value : [value];
    for (const [index, item] of list.entries()) {
      if (!isObject(item) || 'resourceType' in item) continue;
      const place = Array.isArray(value) ? `${path}/${name}/${index}` : `${path}/${name}`;
      judgeElement(item, place, standsBesideValue(parent, name, index), walk);
      judgeElements(item, place, walk);
    }
  }
}

/** Whether the element, `_name`, belongs to a primitive that has a value. */
function standsBesideValue(
  parent: Readonly<Record<string, unknown>>,
  name: string,
  index: number,
): boolean {
  if (!name.startsWith('_')) return false;
  const value = parent[name.slice(1)];
  return (Array.isArray(value) ? (value[index] ?? undefined) : value) !== undefined;
}

function judgeElement(
  element: Readonly<Record<string, unknown>>,
  path: string,
  hasValue: boolean,
  { found, seen }: Walk,
): void {
  const { id } = element;
  if (id === undefined) return;
  if (seen.has(id)) found.push(fault(path, 'Element.id', 'has the id of another element'));
  seen.add(id);
  if (!hasValue && Object.keys(element).length === 1) {
    found.push(fault(path, 'ele-1', 'has an id and nothing else'));
  }
}

/** An id that the fullUrl of a resource ends in. */
const RESTFUL = /^https?:\/\/.+\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** Bundles that are sent to be acted on: what they create has no id yet. */
const REQUESTS: ReadonlySet<unknown> = new Set(['batch', 'transaction']);

function urlFaults(bundle: unknown, path: string): LocatedFault[] {
  const mayLackIds = REQUESTS.has(member(bundle, 'type'));
  return items(bundle, 'entry').flatMap((entry, index) => {
    const resource = member(entry, 'resource');
    const [, type, id] = RESTFUL.exec(String(member(entry, 'fullUrl') ?? '')) ?? [];
    if (resource === undefined || id === undefined) return [];
    const own = member(resource, 'id');
    if (own === undefined && mayLackIds) return [];
    if (own === id && member(resource, 'resourceType') === type) return [];
    const problem = 'does not agree with the type and id of the resource';
    return [fault(`${path}/entry/${index}/fullUrl`, 'Bundle.entry.fullUrl', problem)];
  });
}

function fault(instancePath: string, key: string, problem: string): LocatedFault {
  return { instancePath, params: { fault: 'rule', key, problem } };
}
