// What the store's threads tell each other: numbered calls one way, replies the other, several in
// one message. Errors cross as data: a refusal stays a StoreError, anything else is a fault.

import { StoreError, type StoreRefusal, type Transaction } from '../resource-store.ts';
import type { TextIndexerSource } from '../text-indexer.ts';
import { asRefusal } from './connection.ts';
import type { PackedWrites } from './packed-writes.ts';

/** Given to the writing thread. */
export interface WriterData {
  readonly file: string;
  readonly windowMs: number;
  readonly indexer: TextIndexerSource;
}

/** Given to a reading thread. */
export interface ReaderData {
  readonly file: string;
}

/** What a call asks for, without its number. */
export type WriterRequest =
  | {
      readonly kind: 'transact';
      /** Names the transaction in its WritesMessages. */
      readonly number: number;
      readonly transaction: Omit<Transaction, 'writes'>;
      /** The last of its writes; those before came by WritesMessages. */
      readonly writes: PackedWrites;
    }
  | { readonly kind: 'maintain'; readonly nowMs: number }
  | { readonly kind: 'close' };

/** Some of the writes of a transaction that follows; has no reply. */
export interface WritesMessage {
  readonly kind: 'writes';
  readonly number: number;
  readonly writes: PackedWrites;
}

export type WriterCall = WriterRequest & { readonly call: number };

/** A reading thread's function and its arguments (reader-thread.ts). */
export interface ReaderRequest {
  readonly method: string;
  readonly given: readonly unknown[];
}

export type ReaderCall = ReaderRequest & { readonly call: number };

export type Reply = { readonly call: number } & (
  | { readonly result: unknown }
  | { readonly refusal: StoreRefusal }
  | { readonly fault: string }
);

/** The first message of a thread, before any reply: it answers now, or why it cannot. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string };

/** The reply that carries an error. */
export function errorReply(call: number, error: unknown): Reply {
  const refused = asRefusal(error, 'no');
  if (refused instanceof StoreError) return { call, refusal: refused.refusal };
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { call, fault };
}
