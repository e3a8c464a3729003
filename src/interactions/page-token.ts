// The `_page` parameter of next links: which answer is being paged and how far it has come.

import { type FhirError, fhirError } from '../fhir/fhir-error.ts';

/** `at` is the sequence number that all pages are as at; `after` is the store's own position. */
export interface PageToken {
  readonly at: number;
  readonly after: string;
}

/** The token as it stands in a url. */
export function writePageToken(token: PageToken): string {
  return Buffer.from(JSON.stringify([token.at, token.after])).toString('base64url');
}

/** @throws FhirError `invalid-search` when the text is not a token of ours */
export function readPageToken(text: string): PageToken {
  try {
    const [at, after] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if (isPosition(at) && typeof after === 'string') return { at, after };
  } catch {
    // Not base64url of JSON: refused below like any other text.
  }
  throw notOurPage();
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** 400 for a `_page` that did not come from a link of ours. */
export function notOurPage(): FhirError {
  return fhirError('invalid-search', '_page is not a page link of this service; start anew');
}
