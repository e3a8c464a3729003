// Group commit: many callers' transactions in one durable step. Each is checked against all before
// it, and a refused one has written nothing. Nothing is answered before COMMIT has returned.

import { StoreError, type StoreRefusal, type Transaction } from '../resource-store.ts';
import { type Applied, applyTransaction } from './apply-transaction.ts';
import { checkTransaction, keysOf } from './check-transaction.ts';
import { asRefusal } from './connection.ts';
import { GroupAdditions } from './group-additions.ts';
import type { Writer } from './writer.ts';

/** What a caller is told. `fault` is a bug of ours, never a user's mistake. */
export type Outcome =
  | { readonly result: Applied }
  | { readonly refusal: StoreRefusal }
  | { readonly fault: string };

/** Writes a group of transactions; one outcome each, in order. */
export function commitGroup(writer: Writer, group: readonly Transaction[]): Outcome[] {
  let outcomes: Outcome[];
  try {
    writer.connection.run('BEGIN IMMEDIATE');
    const additions = new GroupAdditions(writer);
    additions.resources.findMany(group.flatMap(({ writes }) => writes.flatMap(keysOf)));
    outcomes = group.map((transaction) => outcomeOf(writer, additions, transaction));
    additions.insert();
  } catch (error) {
    rollBack(writer);
    // What one transaction makes impossible must not fail the others.
    const ofOne = !(asRefusal(error, 'no') instanceof StoreError);
    if (group.length > 1 && ofOne) {
      return group.flatMap((transaction) => commitGroup(writer, [transaction]));
    }
    return group.map(() => failed(error, 'no'));
  }
  try {
    writer.connection.run('COMMIT');
    return outcomes;
  } catch (error) {
    rollBack(writer);
    return outcomes.map((outcome) => ('result' in outcome ? failed(error, 'unknown') : outcome));
  }
}

function outcomeOf(writer: Writer, additions: GroupAdditions, transaction: Transaction): Outcome {
  const checked = refusedOr(() => checkTransaction(writer, additions, transaction));
  if ('refusal' in checked) return checked;
  return { result: applyTransaction(writer, additions, transaction, checked.passed) };
}

function refusedOr<Passed>(
  check: () => Passed,
): { readonly passed: Passed } | { readonly refusal: StoreRefusal } {
  try {
    return { passed: check() };
  } catch (error) {
    if (error instanceof StoreError) return { refusal: error.refusal };
    throw error;
  }
}

function rollBack(writer: Writer): void {
  if (writer.connection.database.inTransaction) writer.connection.run('ROLLBACK');
  writer.reload();
}

function failed(error: unknown, committed: 'no' | 'unknown'): Outcome {
  const refusal = asRefusal(error, committed);
  if (refusal instanceof StoreError) return { refusal: refusal.refusal };
  return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
