// Every write is planned, committed by one store.transact, and answered. A plan rests on what was
// read for it; when another commit came between, the store refuses and it is planned anew.

import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Issue, ResourceKey } from '../fhir/types.ts';
import { unreachable } from '../lib/assert.ts';
import { GUARD_ATTEMPTS_MAX } from '../limits.ts';
import type { Caller } from '../search/caller.ts';
import {
  type Commit,
  type Guard,
  type ResourceStore,
  StoreError,
  type StoreRefusal,
  type Write,
} from '../store/resource-store.ts';
import type { Context } from './interaction.ts';
import { maySee } from './visibility.ts';

/** Where a write stands in the request, for errors: the expression as seen from the whole body. */
export type Locate = (from: ResourceKey, expression: string) => string;

/** Commits what an attempt has planned. */
export type CommitWrites = (
  guards: readonly Guard[],
  writes: readonly Write[],
  locate?: Locate,
) => Promise<Commit>;

/**
 * Runs `attempt` until its commit is not refused because of a write that came between.
 * @throws FhirError as the refusal demands; `unavailable` after GUARD_ATTEMPTS_MAX attempts
 */
export async function commitAnew<Answer>(
  context: Context,
  caller: Caller,
  attempt: (commit: CommitWrites) => Promise<Answer>,
): Promise<Answer> {
  const commit = committer(context, caller);
  try {
    return await attempt(commit);
  } catch (error) {
    if (!isOvertaken(error)) throw error;
  }
  return inTurn(context.store, () => attemptAgain(() => attempt(commit)));
}

function committer(context: Context, caller: Caller): CommitWrites {
  const { store, references, now, noteCommit } = context;
  return async (guards, writes, locate = asItIs) => {
    try {
      const commit = await store.transact({ guards, writes, nowMs: now(), references });
      noteCommit?.(commit.last);
      return commit;
    } catch (error) {
      if (!(error instanceof StoreError) || isOvertaken(error)) throw error;
      const { refusal } = error;
      if (refusal.reason !== 'not-unique') throw refusalError(refusal, caller, locate);
      throw notUnique(refusal, await maySee(context, caller, refusal.other), locate);
    }
  };
}

async function attemptAgain<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let attempts = 1; attempts < GUARD_ATTEMPTS_MAX; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
  }
  const sentence = 'The resource is being changed by many others at once; nothing was written';
  throw fhirError('unavailable', sentence);
}

const turns = new WeakMap<ResourceStore, Promise<unknown>>();

/** Those who were overtaken go one after the other: each soon succeeds, where all at once every
 * commit would overtake all the others again. */
function inTurn<Answer>(store: ResourceStore, work: () => Promise<Answer>): Promise<Answer> {
  const before = turns.get(store) ?? Promise.resolve();
  const own = before.then(work);
  turns.set(
    store,
    own.catch(() => undefined),
  );
  return own;
}

const asItIs: Locate = (_from, expression) => expression;

/** Whether planning anew can succeed: what was read has changed since. */
function isOvertaken(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false;
  const { reason } = error.refusal;
  return reason === 'guard-changed' || reason === 'version-changed';
}

/** The error that tells the caller of a store's refusal; it names nothing hidden from them. */
export function refusalError(
  refusal: StoreRefusal,
  caller: Caller,
  locate: Locate = asItIs,
): FhirError {
  switch (refusal.reason) {
    case 'reference-missing':
      return missingReferences(refusal.missing, locate);
    case 'still-referenced':
      return stillReferenced(refusal, caller);
    case 'not-unique':
      return notUnique(refusal, caller.maySee(refusal.other.type).kind === 'everything', locate);
    case 'too-large':
      return tooLarge(refusal, locate);
    case 'behind-window':
      return fhirError('page-expired', 'The past asked for is no longer kept; start anew');
    case 'unavailable':
      return fhirError('unavailable', unavailableSentence(refusal.committed));
    case 'version-changed':
    case 'guard-changed':
    case 'row-changed':
      return fhirError('conflict', 'Another write came between; nothing was written');
    default:
      return unreachable(refusal);
  }
}

function tooLarge(
  { key, bytesMax }: Extract<StoreRefusal, { reason: 'too-large' }>,
  locate: Locate,
): FhirError {
  const location = locate(key, key.type);
  const sentence = `${location}: a resource and what it is found by may take ${bytesMax} bytes`;
  return fhirError('body-too-large', sentence, [location]);
}

function stillReferenced(
  refusal: Extract<StoreRefusal, { reason: 'still-referenced' }>,
  caller: Caller,
): FhirError {
  const named = refusal.by.filter(({ type }) => caller.maySee(type).kind === 'everything');
  const by = named.length > 0 ? `: ${named.map(({ type, id }) => `${type}/${id}`).join(', ')}` : '';
  const { type, id } = refusal.key;
  const sentence = `${type}/${id} cannot be deleted while other resources refer to it${by}`;
  return fhirError('still-referenced', sentence);
}

/** @param mayName whether the caller may see who holds the identifier */
function notUnique(
  { key, system, code, other }: Extract<StoreRefusal, { reason: 'not-unique' }>,
  mayName: boolean,
  locate: Locate,
): FhirError {
  const path = `${key.type}.identifier`;
  const location = locate(key, path);
  const othersLocation = locate(other, path);
  const named = mayName ? `${other.type}/${other.id}` : `another ${other.type}`;
  const holder = othersLocation === path ? named : othersLocation;
  const sentence = `${location}: ${system}|${code} already belongs to ${holder}`;
  return fhirError('not-unique', sentence, [location]);
}

function unavailableSentence(committed: 'no' | 'unknown'): string {
  return committed === 'no'
    ? 'The store cannot answer now; nothing was written'
    : 'The store cannot answer now; whether the write took place is unknown';
}

function missingReferences(
  missing: Extract<StoreRefusal, { reason: 'reference-missing' }>['missing'],
  locate: Locate,
): FhirError {
  const issues = missing.map(({ type, id, expression, from }): Issue => {
    const location = locate(from, expression);
    const diagnostics = `${location} refers to ${type}/${id}, which does not exist on this server`;
    return { severity: 'error', code: 'not-found', diagnostics, expression: [location] };
  });
  return new FhirError('reference-not-found', issues);
}
