// The FHIR API's one wildcard route (http://hl7.org/fhir/R4/http.html): hapi request →
// FhirRequest → the app's router → hapi response.

import type { Lifecycle, Request, ResponseObject, ResponseToolkit, ServerRoute } from '@hapi/hapi';
import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import { operationOutcome } from '../fhir/operation-outcome.ts';
import { etagOf } from '../interactions/etag.ts';
import type { FhirRequest, FhirResponse, RefusedRequest } from '../interactions/interaction.ts';
import { FHIR_PATH, fhirRequest, methods, readQuery, refusedRequest } from './fhir-request.ts';
import { SEQUENCE_HEADER } from './headers.ts';
import { indentJson } from './indent-json.ts';
import {
  negotiate,
  type ResponseFormat,
  standardFormat,
  takeFormatParameters,
} from './media-types.ts';
import { discardBody } from './request-body.ts';

/** Answers one FHIR request; never throws. */
export type Route = (request: FhirRequest) => Promise<FhirResponse>;

/** Tells why a request could not become a FhirRequest; undefined: as R4 has it. */
export type Refuse = (request: RefusedRequest, error: FhirError) => FhirResponse | undefined;

// hapi hands bodies over untouched: request-body.ts reads them within our bounds. `override`
// keeps hapi from judging the Content-Type, `maxBytes` from judging the length.
const untouched = {
  output: 'stream',
  parse: false,
  override: 'application/octet-stream',
  maxBytes: Number.MAX_SAFE_INTEGER,
} as const;

/** The routes: the FHIR API under FHIR_PATH, and the refusal of every other address. */
export function fhirRoutes(route: Route, tell?: Refuse): ServerRoute[] {
  const answer: Lifecycle.Method = (request, h) => handle(request, h, route, tell);
  const refuse: Lifecycle.Method = (request, h) => handle(request, h, outsideFhir);
  return [FHIR_PATH, ''].flatMap((prefix) => {
    const path = `${prefix}/{path*}`;
    const handler = prefix === FHIR_PATH ? answer : refuse;
    // A route of its own for GET (and HEAD) spares it the steps that bodies need.
    return [
      { method: 'GET', path, handler },
      { method: '*', path, handler, options: { payload: untouched } },
    ];
  });
}

async function handle(
  request: Request,
  h: ResponseToolkit,
  route: Route,
  tell?: Refuse,
): Promise<ResponseObject> {
  let format = standardFormat;
  try {
    const wanted = takeFormatParameters(readQuery(request));
    format = negotiate(request.raw.req.headers.accept, wanted);
    return respond(h, format, await route(await fhirRequest(request, wanted.query)));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    await discardBody(request.raw.req);
    const told = tell?.(refusedRequest(request), error);
    return respond(h, format, told ?? refusal(error));
  }
}

async function outsideFhir(): Promise<FhirResponse> {
  throw fhirError('not-found', `Nothing is served here; the FHIR API is at ${FHIR_PATH}`);
}

/** A refusal as a response: its status and an OperationOutcome. */
export function refusal(error: FhirError): FhirResponse {
  const response = { status: error.status, body: operationOutcome(error.issues) };
  return error.errorName === 'not-supported' ? { ...response, allow: methods } : response;
}

/** Writes a FhirResponse. */
export function respond(
  h: ResponseToolkit,
  format: ResponseFormat,
  answer: FhirResponse,
): ResponseObject {
  const { status, body, versionId, lastModifiedMs, location, allow, eTag } = answer;
  const text = body !== undefined && format.pretty ? indentJson(body) : body;
  const response = h.response(text).code(status);
  if (text !== undefined) response.type(format.contentType);
  if (versionId !== undefined) response.header('etag', etagOf(versionId));
  if (lastModifiedMs !== undefined) {
    response.header('last-modified', new Date(lastModifiedMs).toUTCString());
  }
  if (location !== undefined) response.header('location', location);
  if (allow !== undefined) response.header('allow', allow.join(', '));
  if (answer.sequence !== undefined) response.header(SEQUENCE_HEADER, String(answer.sequence));
  // Whatever kept the store from answering is likely to be over soon.
  if (status === 503) response.header('retry-after', '1');
  if (eTag !== undefined) response.header('e-tag', eTag);
  if (answer.correlationId !== undefined) {
    response.header('x-correlation-id', answer.correlationId);
  }
  return response;
}
