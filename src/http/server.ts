// The HTTP server: hapi with the FHIR routes, and what holds for every answer, whoever made it:
// an OperationOutcome for every fault, protective headers, a request id, a line in the log.

import type { Server as Listener } from 'node:http';
import { constants, createBrotliCompress } from 'node:zlib';
import {
  server as createHapi,
  type ServerOptions as HapiOptions,
  type Lifecycle,
  type Request,
  type Server,
} from '@hapi/hapi';
import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import { errorFields, type Log } from '../lib/logging.ts';
import { SHUTDOWN_TIMEOUT_MS } from '../limits.ts';
import { routeTemplate } from './fhir-request.ts';
import { fhirRoutes, type Refuse, type Route, refusal, respond } from './fhir-routes.ts';
import { givenRequestId, protectiveHeadersFor } from './headers.ts';
import { createListener, takeOver } from './listener.ts';
import { standardFormat } from './media-types.ts';

/** What the server serves. */
export interface App {
  readonly route: Route;
  /** How a request is refused that could not be read; as R4 has it when absent. */
  readonly refuse?: Refuse;
  /** A new id that was never given before; for requests that bring none. */
  readonly newId: () => string;
  /** Lets go of everything; after the server has stopped. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Public address of the FHIR API. */
  readonly baseUrl: string;
  readonly log: Log;
  /** An own listener when absent: `server.listener` can then be listened on. */
  readonly listener?: Listener;
}

/** A server that answers with the app. It does not listen: that is the listener's matter. */
export function createServer(app: App, options: ServerOptions): Server {
  const listener = options.listener ?? createListener();
  const server = takeOver(listener, () => createHapi(settings(listener)));
  server.encoder('br', () => createBrotliCompress(brotli));
  server.route(fhirRoutes(app.route, app.refuse));
  server.ext('onPreResponse', finisher(app, options));
  server.events.on('response', (request) => logAnswer(options.log, request));
  return server;
}

/** Stops accepting, lets requests under way finish within SHUTDOWN_TIMEOUT_MS, then cuts. */
export async function stopServer(server: Server): Promise<void> {
  const cut = setTimeout(() => server.listener.closeAllConnections(), SHUTDOWN_TIMEOUT_MS);
  await server.stop();
  clearTimeout(cut);
}

// Brotli's own default, 11, is a hundred times slower for a tenth fewer bytes.
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

function settings(listener: Listener): HapiOptions {
  return {
    listener,
    autoListen: false,
    // Node closes idle connections itself; stopServer cuts the others.
    operations: { cleanStop: false },
    debug: false,
    routes: {
      cache: false,
      state: { parse: false },
      response: { ranges: false },
    },
  };
}

function finisher(app: App, { baseUrl, log }: ServerOptions): Lifecycle.Method {
  const headers = protectiveHeadersFor(baseUrl);
  return (request, h) => {
    const requestId = givenRequestId(request.raw.req.headers) ?? app.newId();
    let { response } = request;
    let result: symbol | typeof response = h.continue;
    if ('isBoom' in response) {
      const { statusCode } = response.output;
      if (statusCode >= 500) log.error({ requestId, ...errorFields(response) }, 'internal error');
      response = respond(h, standardFormat, refusal(faultOfHapi(statusCode, requestId)));
      result = response;
    }
    Object.assign(response.headers, headers, { 'x-request-id': requestId });
    return result;
  };
}

// With our settings hapi itself refuses nothing but an address that it cannot read; all else
// that reaches it as an error is a bug of ours.
function faultOfHapi(statusCode: number, requestId: string): FhirError {
  if (statusCode < 500) {
    return fhirError('invalid-request', 'The address is malformed: check its % escapes');
  }
  const sentence = `The service failed inside; its log tells more under request id ${requestId}`;
  return fhirError('internal-error', sentence);
}

function logAnswer(log: Log, request: Request): void {
  const { response } = request;
  const status = 'isBoom' in response ? response.output.statusCode : response.statusCode;
  // Refusals are everyday business (a read that finds nothing, a lost race), faults are not.
  const level = status >= 500 ? 'error' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const { received, completed } = request.info;
  const requestId = 'isBoom' in response ? undefined : response.headers['x-request-id'];
  const route = routeTemplate(request.path);
  const fields = { method: request.method, route, status, ms: completed - received, requestId };
  log[level](fields, 'answered');
}
