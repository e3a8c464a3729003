// Headers in and out: what a request asks for besides its body, and what every answer carries
// (http://hl7.org/fhir/R4/http.html#Http-Headers).

import type { IncomingHttpHeaders } from 'node:http';
import { fhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest, Prefer } from '../interactions/interaction.ts';

/** Sent with every answer, errors of the transport too. Answers are about people: no cache keeps
 * them; no browser takes them for a page, frames them or guesses their type. */
export const protectiveHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

/** The same, and a year of https only where the service is reached by https. */
export function protectiveHeadersFor(baseUrl: string): Readonly<Record<string, string>> {
  if (!baseUrl.startsWith('https:')) return protectiveHeaders;
  return { ...protectiveHeaders, 'strict-transport-security': 'max-age=31536000' };
}

const SAFE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The client's `X-Request-Id` when it can be repeated in a header and a log line. */
export function givenRequestId(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : undefined;
}

/** Preconditions, and what NHS mode asks for, by header. */
const conditions = {
  'if-match': 'ifMatch',
  'if-none-match': 'ifNoneMatch',
  'if-modified-since': 'ifModifiedSince',
  'if-none-exist': 'ifNoneExist',
  'e-tag': 'eTag',
  'x-request-id': 'requestId',
  'x-correlation-id': 'correlationId',
} as const;
const conditionHeaders = Object.keys(conditions) as readonly (keyof typeof conditions)[];

type Conditions = Pick<FhirRequest, (typeof conditions)[keyof typeof conditions]>;

/** The preconditions of a request, as sent. */
export function readConditions(headers: IncomingHttpHeaders): Conditions {
  const found: { -readonly [Name in keyof Conditions]: string } = {};
  for (const header of conditionHeaders) {
    const value = headers[header];
    if (typeof value === 'string') found[conditions[header]] = value;
  }
  return found;
}

/** How an answer says how far its request has written, and a request how far its client knows. */
export const SEQUENCE_HEADER = 'openims-sequence';

/**
 * The sequence number that a client has been told of, here or by another instance.
 * @throws FhirError when it is no number
 */
export function readSequence(headers: IncomingHttpHeaders): number | undefined {
  const text = headers[SEQUENCE_HEADER];
  if (text === undefined) return undefined;
  const sequence = /^\d{1,16}$/.test(String(text)) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  const sentence = 'The header OpenIMS-Sequence must be the number that a write was answered with';
  throw fhirError('invalid-request', sentence);
}

const returns = ['minimal', 'representation', 'OperationOutcome'] as const;
const handlings = ['strict', 'lenient'] as const;

/** The `Prefer` header (RFC 7240). Preferences that are not known are ignored, as it asks. */
export function readPrefer(header: string | string[] | undefined): Prefer {
  if (header === undefined) return {};
  const prefer: { -readonly [Name in keyof Prefer]: Prefer[Name] } = {};
  for (const preference of String(header).split(/[,;]/)) {
    const [name = '', value = ''] = preference.split('=').map((part) => part.trim());
    const plain = value.replace(/^"(.*)"$/, '$1');
    const returned = returns.find((known) => known === plain);
    const handling = handlings.find((known) => known === plain);
    if (name.toLowerCase() === 'return' && returned) prefer.return ??= returned;
    if (name.toLowerCase() === 'handling' && handling) prefer.handling ??= handling;
  }
  return prefer;
}
