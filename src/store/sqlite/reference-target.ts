// What a reference entry points at: a resource of this server, or an absolute url, which is kept
// as a resource of the unnamed type (code 0) whose id is the url.

import type { ResourceKey } from '../../fhir/types.ts';

const LOCAL = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

const EXTERNAL = '';

/** Reads the `target` of an index entry: `Type/id`, or an absolute url. */
export function targetKey(target: string): ResourceKey {
  const [, type, id] = LOCAL.exec(target) ?? [];
  if (type === undefined || id === undefined) return { type: EXTERNAL, id: target };
  return { type, id };
}
