// Whether a change is one that a subscription asks for, judged on the version that changed.

import type { Resource } from '../fhir/types.ts';
import type { Expression } from '../search/expression.ts';
import { indexEntries } from '../search/index-entries.ts';
import { matches, type World } from '../search/match.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import { type ResourceStore, StoreError, type Version } from '../store/resource-store.ts';
import type { SubscriptionTerms } from './subscription.ts';

/** What judging depends on. */
export interface MatchingContext {
  readonly store: Pick<ResourceStore, 'count'>;
  readonly search: SearchRegistry;
  /** IANA name: what dates without a zone mean. */
  readonly zone: string;
  /** This server's base address, without trailing slash. */
  readonly baseUrl: string;
}

const NO_WORLD: World = { resource: () => undefined, all: () => [] };

/** Whether the version is one to tell of. Deletions are not told. */
export async function isAskedFor(
  version: Version,
  { type, where }: SubscriptionTerms,
  context: MatchingContext,
): Promise<boolean> {
  if (version.type !== type || version.text === undefined) return false;
  if (looksElsewhere(where)) return isFoundAtCommit(version, where, context);
  const resource = JSON.parse(version.text) as Resource;
  const entries = indexEntries(resource, context.search, context);
  const { id, lastUpdatedMs } = version;
  return matches(where, { type, id, lastUpdatedMs, entries }, NO_WORLD);
}

/** Whether other resources have a say: only the store can follow a chain. */
function looksElsewhere(where: Expression): boolean {
  switch (where.kind) {
    case 'chain':
    case 'has':
      return true;
    case 'not':
      return looksElsewhere(where.of);
    case 'and':
    case 'or':
      return where.of.some(looksElsewhere);
    default:
      return false;
  }
}

// As at its commit the version is the current one. A subscriber that was away for longer than the
// past is kept is judged on the present, so that its changes are late rather than stuck.
async function isFoundAtCommit(
  version: Version,
  where: Expression,
  { store }: MatchingContext,
): Promise<boolean> {
  const itself: Expression = { kind: 'id', ids: [version.id] };
  const both: Expression = { kind: 'and', of: [itself, where] };
  const query = { type: version.type, where: both, sort: [] };
  try {
    return (await store.count(query, version.commitLast)) > 0;
  } catch (error) {
    const isPast = error instanceof StoreError && error.refusal.reason === 'behind-window';
    if (!isPast) throw error;
    return (await store.count(query)) > 0;
  }
}
