// The `_page` token of a search's links: which answer is being paged and how far it has come. It is
// encrypted, since it holds what was searched for (names, NHS numbers), and bound to who asked and
// where: nobody reads, changes or passes one on.

import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Caller } from '../search/caller.ts';
import { notOurPage } from './page-token.ts';

/** Where a page lies in the answer. */
export type PagePlace =
  | { readonly kind: 'first' }
  /** just after, or just before, the store's own position */
  | { readonly kind: 'after' | 'before'; readonly position: string }
  /** just after a position in each of several types; '' before all of the type's, null after */
  | { readonly kind: 'types'; readonly positions: Readonly<Record<string, string | null>> };

/** What a token says. */
export interface SearchPageToken {
  /** The query string as it was understood. */
  readonly query: string;
  /** The sequence number that all pages are as at. */
  readonly at: number;
  /** When the first page was asked for, milliseconds since 1970 UTC: what `ap` measures from. */
  readonly nowMs: number;
  /** What an operation that pages like a search was asked beside. */
  readonly scope?: string;
  readonly place: PagePlace;
}

/** Secret bytes that all instances of the service share. */
export interface PageKey {
  /** 32 bytes each. */
  readonly encryption: Buffer;
  readonly nonces: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The key made of 64 secret bytes. */
export function pageKeyOf(secret: Buffer): PageKey {
  return { encryption: secret.subarray(0, 32), nonces: secret.subarray(32, 64) };
}

/** The token as it stands in a url. The nonce is a keyed hash of the content, so that equal
 * contents make equal tokens and different ones never share a nonce. */
export function sealPage(
  key: PageKey,
  caller: Caller,
  path: readonly string[],
  token: SearchPageToken,
): string {
  const content = Buffer.from(JSON.stringify(token));
  const context = contextOf(caller, path);
  const nonce = createHmac('sha256', key.nonces)
    .update(context)
    .update(content)
    .digest()
    .subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.encryption, nonce);
  cipher.setAAD(context);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws FhirError `invalid-search` for what is no token of this caller at this address */
export function openPage(
  key: PageKey,
  caller: Caller,
  path: readonly string[],
  text: string,
): SearchPageToken {
  const bytes = Buffer.from(text, 'base64url');
  // The last character has bits that mean nothing: one token is one text all the same.
  const isOneText = bytes.toString('base64url') === text;
  if (!isOneText || bytes.length <= NONCE_BYTES + TAG_BYTES) throw notOurPage();
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, key.encryption, nonce);
  decipher.setAAD(contextOf(caller, path));
  decipher.setAuthTag(tag);
  try {
    const sealed = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    const content = Buffer.concat([decipher.update(sealed), decipher.final()]);
    return JSON.parse(content.toString()) as SearchPageToken;
  } catch {
    throw notOurPage();
  }
}

function contextOf(caller: Caller, path: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([caller.id, ...path]));
}
