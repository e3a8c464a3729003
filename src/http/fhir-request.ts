// A hapi request as a FhirRequest of the transport-free core. A request can be rejected here
// with 400, 405, 413, 414 and 415, before any interaction sees it.

import type { Request } from '@hapi/hapi';
import { fhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import type { FhirRequest, Method, RefusedRequest } from '../interactions/interaction.ts';
import { URL_LENGTH_MAX } from '../limits.ts';
import { localOperator } from '../search/caller.ts';
import { readConditions, readPrefer, readSequence } from './headers.ts';
import { bodyType, mayHaveBody, requireForm } from './media-types.ts';
import { readBody } from './request-body.ts';

/** Where the FHIR API lives on this server. */
export const FHIR_PATH = '/fhir/R4';

/** The methods of the FHIR API, for `Allow` where the method itself is unknown. */
export const methods: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Makes the FhirRequest, its body read.
 * @param query the query string without `_format` and `_pretty`
 * @throws FhirError
 */
export async function fhirRequest(request: Request, query: string): Promise<FhirRequest> {
  const method = readMethod(request.method);
  const { headers } = request.raw.req;
  const sequence = readSequence(headers);
  const plain: FhirRequest = {
    method,
    path: pathSegments(request.path),
    query,
    ...readConditions(headers),
    prefer: readPrefer(headers.prefer),
    ...(sequence === undefined ? {} : { sequence }),
    caller: localOperator,
  };
  if (!mayHaveBody(method)) return plain;
  const text = await readBody(request.raw.req);
  if (text === '') return plain;
  if (plain.path.at(-1) === '_search') {
    requireForm(headers['content-type']);
    return { ...plain, query: [query, text].filter(Boolean).join('&') };
  }
  const contentType = bodyType(headers['content-type'], method);
  return { ...plain, contentType, body: readJson(text) };
}

/** What can be told of a request that is refused before it is read. */
export function refusedRequest(request: Request): RefusedRequest {
  const method = methods.find((known) => known === request.method.toUpperCase()) ?? 'GET';
  const { correlationId } = readConditions(request.raw.req.headers);
  const plain = { method, path: pathSegments(request.path) };
  return correlationId === undefined ? plain : { ...plain, correlationId };
}

/**
 * The query string as sent, without `?`.
 * @throws FhirError when the address is too long or the request names no host
 */
export function readQuery(request: Request): string {
  const { url = '', httpVersion, headers } = request.raw.req;
  if (url.length > URL_LENGTH_MAX) {
    const sentence = `The address is longer than ${URL_LENGTH_MAX} characters`;
    throw fhirError('uri-too-long', sentence);
  }
  if (headers.host === undefined && httpVersion === '1.1') {
    throw fhirError('invalid-request', 'The request has no Host header');
  }
  const start = url.indexOf('?');
  if (start === -1) return '';
  const end = url.indexOf('#', start);
  return end === -1 ? url.slice(start + 1) : url.slice(start + 1, end);
}

function readMethod(name: string): Method {
  const method = methods.find((known) => known === name.toUpperCase());
  if (method === undefined) {
    const sentence = `${name.toUpperCase()} is not a method of the FHIR API`;
    throw fhirError('not-supported', sentence);
  }
  return method;
}

/** Decoded segments behind FHIR_PATH; hapi has refused malformed escapes already. */
function pathSegments(path: string): readonly string[] {
  const segments = path.slice(FHIR_PATH.length + 1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return path.includes('%') ? segments.map(decodeURIComponent) : segments;
}

const KNOWN_WORD = /^(?:[A-Z][A-Za-z]{1,40}|[_$][a-z-]{1,40}|metadata)$/;

/** An address for the log: what kind of thing was asked for, without ids, which may identify a
 * person, and without the query: `Patient/{}/_history/{}`. */
export function routeTemplate(path: string): string {
  const inside = path.startsWith(`${FHIR_PATH}/`);
  if (!inside) return path === FHIR_PATH ? FHIR_PATH : '{}';
  const segments = path.slice(FHIR_PATH.length + 1).split('/', 8);
  const words = segments.map((segment) => (KNOWN_WORD.test(segment) ? segment : '{}'));
  return `${FHIR_PATH}/${words.join('/')}`;
}
