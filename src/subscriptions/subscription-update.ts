// Changes that the service itself makes to a Subscription: status and error, each an ordinary
// new version (http://hl7.org/fhir/R4/subscription.html#status).

import { documentText } from '../fhir/document-text.ts';
import type { Resource } from '../fhir/types.ts';
import { parseExact, printExact } from '../lib/json.ts';
import { GUARD_ATTEMPTS_MAX } from '../limits.ts';
import { indexEntries, outgoingReferences } from '../search/index-entries.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import {
  type PutWrite,
  type ResourceStore,
  type RowWrite,
  StoreError,
  type Version,
} from '../store/resource-store.ts';
import { type SubscriptionStatus, statusOf } from './subscription.ts';

/** What an update needs. */
export interface UpdateContext {
  readonly store: Pick<ResourceStore, 'read' | 'transact'>;
  readonly search: SearchRegistry;
  readonly zone: string;
  readonly baseUrl: string;
  readonly now: () => number;
}

/** The part of a Subscription that the service sets; without `error` there is none. */
export interface Standing {
  readonly status: SubscriptionStatus;
  readonly error?: string;
}

/** A Subscription's standing as it is. */
export function standingOf(subscription: Resource): Standing {
  const status = statusOf(subscription);
  const { error } = subscription;
  return typeof error === 'string' ? { status, error } : { status };
}

/**
 * Sets a Subscription's standing and writes operational rows, in one commit.
 * @param change gets the current version and answers its new standing; undefined when the
 *   Subscription, and the rows, are to stay as they are
 * @returns false when that was the answer, or the Subscription is gone
 */
export async function updateStanding(
  id: string,
  change: (subscription: Resource) => Standing | undefined,
  rows: readonly RowWrite[],
  context: UpdateContext,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const current = await context.store.read({ type: 'Subscription', id });
    if (current?.text === undefined) return false;
    const subscription = parseExact(current.text) as Resource;
    const standing = change(subscription);
    if (standing === undefined) return false;
    const update = isStanding(subscription, standing)
      ? []
      : [updateWrite(current, withStanding(subscription, standing), context)];
    const writes = [...update, ...rows];
    if (writes.length === 0) return true;
    try {
      const nowMs = context.now();
      await context.store.transact({ guards: [], writes, nowMs, references: 'lenient' });
      return true;
    } catch (error) {
      if (!isOvertaken(error) || attempt === GUARD_ATTEMPTS_MAX) throw error;
    }
  }
}

function isStanding(subscription: Resource, standing: Standing): boolean {
  const { status, error } = standingOf(subscription);
  return status === standing.status && error === standing.error;
}

function withStanding(subscription: Resource, standing: Standing): Resource {
  const { error: _error, _error: _extension, ...others } = subscription;
  return { ...others, ...standing };
}

function updateWrite(current: Version, changed: Resource, context: UpdateContext): PutWrite {
  const value = JSON.parse(printExact(changed)) as Resource;
  return {
    kind: 'put',
    method: 'PUT',
    type: current.type,
    id: current.id,
    expect: current.versionId,
    document: documentText({ value, exact: changed }, current.id),
    entries: indexEntries(value, context.search, context),
    references: outgoingReferences(value, context.baseUrl),
  };
}

function isOvertaken(error: unknown): boolean {
  return error instanceof StoreError && error.refusal.reason === 'version-changed';
}
