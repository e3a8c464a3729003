// Reading with the caller's eyes: what the caller may not see is as if absent.

import type { ResourceKey } from '../fhir/types.ts';
import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import { restrictExpression } from '../search/restrict.ts';
import type { Version } from '../store/resource-store.ts';
import type { Context } from './interaction.ts';

/**
 * The current version of a resource that the caller may see, a deletion included. A deleted
 * resource has no content to judge: only callers who may see every resource of its type see it.
 */
export async function readVisible(
  context: Context,
  caller: Caller,
  key: ResourceKey,
): Promise<Version | undefined> {
  const current = await context.store.read(key);
  if (current === undefined || (await maySee(context, caller, key))) return current;
  return undefined;
}

/** Whether the caller may see the resource, judged on its current version. */
export async function maySee(context: Context, caller: Caller, key: ResourceKey): Promise<boolean> {
  const allowed = caller.maySee(key.type);
  if (allowed.kind === 'everything') return true;
  if (allowed.kind === 'nothing') return false;
  const byId: Expression = { kind: 'id', ids: [key.id] };
  const where = restrictExpression(key.type, byId, caller);
  return (await context.store.count({ type: key.type, where, sort: [] })) > 0;
}

/** Which versions of a history the caller may see; undefined when all of them. */
export function visibleTypes(
  caller: Caller,
  types: readonly string[],
): Readonly<Record<string, Expression>> | undefined {
  if (types.every((type) => caller.maySee(type).kind === 'everything')) return undefined;
  return Object.fromEntries(
    types.map((type) => [type, restrictExpression(type, { kind: 'everything' }, caller)]),
  );
}
