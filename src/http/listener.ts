// The TCP side of HTTP: Node's listener with our bounds, and answers in FHIR's shape to what is
// too broken to become a request (no HTTP, endless headers, a client that never finishes).

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import { operationOutcome } from '../fhir/operation-outcome.ts';
import {
  HEADER_BYTES_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  LINGER_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  URL_LENGTH_MAX,
} from '../limits.ts';
import { protectiveHeaders } from './headers.ts';
import { standardFormat } from './media-types.ts';

/** A listener that does not listen yet. Until a server takes it over it answers 503. */
export function createListener(): Server {
  const listener = createHttpServer({
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A missing Host is refused by fhir-request.ts, with an OperationOutcome.
    requireHostHeader: false,
  });
  return listener.on('request', answerStarting);
}

/**
 * Begins to listen.
 * @returns the port
 * @throws the operating system's error when the address cannot be had
 */
export async function listen(listener: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  listener.once('error', reject).listen(port, host, resolve);
  await promise;
  listener.off('error', reject);
  return (listener.address() as AddressInfo).port;
}

/** Makes the listener ready for `attach`, which adds the server's own handlers, and takes the
 * answers to broken requests into our hands. */
export function takeOver<Attached>(listener: Server, attach: () => Attached): Attached {
  listener.off('request', answerStarting);
  const attached = attach();
  const current = new WeakMap<Duplex, ServerResponse>();
  const remember = (request: IncomingMessage, response: ServerResponse) => {
    current.set(request.socket, response);
  };
  listener.on('request', remember).on('checkContinue', remember);
  // An expectation that nobody knows is ignored, as RFC 9110 section 10.1.1 allows.
  listener.on('checkExpectation', (request, response) => {
    listener.emit('request', request, response);
  });
  listener.removeAllListeners('clientError');
  listener.on('clientError', (error: ParserError, socket) => {
    refuseBroken(error, socket, current.get(socket));
  });
  return attached;
}

/** An error of Node's HTTP parser or timers. */
interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
}

function refuseBroken(
  error: ParserError,
  socket: Duplex,
  response: ServerResponse | undefined,
): void {
  const refuse = () => endSocket(socket, rawAnswer(toFhirError(error)));
  if (response === undefined || response.writableFinished) refuse();
  else if (response.req.complete) response.once('finish', refuse);
  else if (response.headersSent) socket.destroy();
  else refuse();
}

/** Says the last word and leaves the client some time to hear it: a socket that is destroyed
 * while data arrives is reset, and the answer lost with it. */
function endSocket(socket: Duplex, lastWord: string): void {
  // A refused socket breaks again with every further packet: those are let pass by.
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const cut = setTimeout(() => socket.destroy(), LINGER_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.end(lastWord);
}

function toFhirError(error: ParserError): FhirError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return fhirError('request-timeout', 'The request did not arrive in time');
    case 'HPE_HEADER_OVERFLOW':
      return hasLongAddress(error.rawPacket)
        ? fhirError('uri-too-long', `The address is longer than ${URL_LENGTH_MAX} characters`)
        : fhirError('headers-too-large', `The headers exceed ${HEADER_BYTES_MAX} bytes`);
    default: {
      const reason = error.reason ?? 'it ends too early';
      return fhirError('invalid-request', `The request is not well-formed HTTP: ${reason}`);
    }
  }
}

function hasLongAddress(packet: Buffer | undefined): boolean {
  const start = packet?.subarray(0, URL_LENGTH_MAX) ?? Buffer.alloc(0);
  return start.length === URL_LENGTH_MAX && !start.includes('\n');
}

const plainHeaders = { 'content-type': standardFormat.contentType, ...protectiveHeaders };

function rawAnswer(error: FhirError): string {
  const body = operationOutcome(error.issues);
  const headers = {
    ...plainHeaders,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`;
  return [status, ...lines, '', body].join('\r\n');
}

function answerStarting(_request: IncomingMessage, response: ServerResponse): void {
  const error = fhirError('unavailable', 'The service is starting');
  const headers = { ...plainHeaders, 'retry-after': '1', connection: 'close' };
  response.writeHead(error.status, headers).end(operationOutcome(error.issues));
}
