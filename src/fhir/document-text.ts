// The text that is stored and sent: the client's own JSON with `id` and `meta` set, without white
// space between tokens, decimals and member order as written.

import { type JsonDocument, NUMBER_MARK, unmarkNumbers } from '../lib/json.ts';
import type { Resource } from './types.ts';

/**
 * A resource's JSON text but for what only the commit knows. The stored text is
 * `before + '"versionId":"3","lastUpdated":"2026-11-25T01:02:03.004Z"' + after`.
 */
export interface DocumentText {
  readonly before: string;
  readonly after: string;
}

// Marks the place of versionId and lastUpdated; no accepted name or string holds U+0000.
const HOLE = `"${NUMBER_MARK}":0`.replace(NUMBER_MARK, '\\u0000');

/**
 * A resource's text with `id` set and a hole where the commit writes `meta.versionId` and
 * `meta.lastUpdated`; whatever the client sent for those three is replaced. Absent `id` and
 * `meta` are put right behind `resourceType`.
 */
export function documentText(document: JsonDocument, id: string): DocumentText {
  const printed = JSON.stringify(withHole((document.exact ?? document.value) as Resource, id));
  const hole = printed.indexOf(HOLE);
  const before = printed.slice(0, hole);
  const after = printed.slice(hole + HOLE.length);
  if (document.exact === undefined) return { before, after };
  return { before: unmarkNumbers(before), after: unmarkNumbers(after) };
}

function withHole(resource: Resource, id: string): Record<string, unknown> {
  const { versionId: _v, lastUpdated: _l, ...otherMeta } = resource.meta ?? {};
  const meta = { [NUMBER_MARK]: 0, ...otherMeta };
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'id') result.id = id;
    else if (name === 'meta') result.meta = meta;
    else result[name] = value;
    if (name !== 'resourceType') continue;
    if (resource.id === undefined) result.id = id;
    if (resource.meta === undefined) result.meta = meta;
  }
  return result;
}

/** The stored text of one version, from the parts and what its commit decided. */
export function completeText(
  document: DocumentText,
  versionId: number,
  lastUpdatedMs: number,
): string {
  const lastUpdated = new Date(lastUpdatedMs).toISOString();
  const filling = `"versionId":"${versionId}","lastUpdated":"${lastUpdated}"`;
  return document.before + filling + document.after;
}
