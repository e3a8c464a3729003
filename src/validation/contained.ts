// What a contained resource must have and may not have (constraints dom-2 to dom-5 of
// http://hl7.org/fhir/R4/domainresource.html, and references.html#contained on its id).

import type { LocatedFault } from '../definitions/schemas.ts';
import { isObject, items, member } from './nodes.ts';

interface Ban {
  readonly key: string;
  readonly path: readonly string[];
  readonly problem: string;
}

const BANS: readonly Ban[] = [
  { key: 'dom-2', path: ['contained'], problem: 'stands in a resource that is contained itself' },
  { key: 'dom-4', path: ['meta', 'versionId'], problem: 'stands in a contained resource' },
  { key: 'dom-4', path: ['meta', 'lastUpdated'], problem: 'stands in a contained resource' },
  { key: 'dom-5', path: ['meta', 'security'], problem: 'stands in a contained resource' },
];

/** The faults of one resource as a contained one.
 * @param path its JSON pointer */
export function containedFaults(resource: unknown, path: string): LocatedFault[] {
  if (!isObject(resource) || resource.resourceType === undefined) return [];
  const faults: LocatedFault[] = BANS.filter(
    (ban) => ban.path.reduce<unknown>(member, resource) !== undefined,
  ).map(({ key, path: steps, problem }) => ({
    instancePath: [path, ...steps].join('/'),
    params: { fault: 'rule', key, problem },
  }));
  if (resource.id === undefined) {
    faults.push({ instancePath: path, params: { fault: 'missing', element: 'id' } });
  }
  return faults;
}

/** The contained resources that nothing refers to and that do not refer to their container
 * (dom-3).
 * @param path the container's JSON pointer */
export function strayFaults(container: unknown, path: string): LocatedFault[] {
  const contained = items(container, 'contained');
  if (contained.length === 0) return [];
  const mentioned = new Set<string>();
  collectLocal(container, mentioned);
  return contained.flatMap((resource, index) => {
    const id = member(resource, 'id');
    const met = typeof id !== 'string' || mentioned.has(`#${id}`) || mentionsContainer(resource);
    return met ? [] : [{ instancePath: `${path}/contained/${index}`, params: STRAY }];
  });
}

const STRAY = {
  fault: 'rule',
  key: 'dom-3',
  problem: 'is a contained resource that nothing refers to',
} as const;

function mentionsContainer(resource: unknown): boolean {
  const mentioned = new Set<string>();
  collectLocal(resource, mentioned);
  return mentioned.has('#');
}

/** Every text that refers within the resource: `#id`, as reference, canonical, uri or url. */
function collectLocal(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('#')) into.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) collectLocal(child, into);
  }
}
