// A scripted subscriber on loopback: records every POST in order, answers as told, and keeps what
// a FHIR server with conditional creates would keep of it.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Resource } from '../../src/fhir/types.ts';

export interface PushedEntry {
  readonly resource: Resource & { readonly identifier?: readonly { value?: string }[] };
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly ifNoneExist?: string;
  };
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The entry of the transaction Bundle, when there was one. */
  readonly entry?: PushedEntry;
}

/** What to answer: a status, optionally with a JSON body; nothing at all; a broken connection. */
export type ScriptedAnswer =
  | { readonly status: number; readonly body?: unknown; readonly location?: string }
  | 'silence'
  | 'reset';

export interface ReceivingServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** What a store with conditional creates and updates holds after the accepted requests, by
   * criterion. */
  readonly kept: ReadonlyMap<string, Resource>;
  /** Decides the answer from the request and its index; 200 until set. */
  answer: (request: ReceivedRequest, index: number) => ScriptedAnswer;
  /** Resolves once that many requests have come in all. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens the server on a free port, or on the port given, to come back where another was. */
export async function openReceivingServer(port = 0): Promise<ReceivingServer> {
  const requests: ReceivedRequest[] = [];
  const kept = new Map<string, Resource>();
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const http = createServer(async (incoming, outgoing) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const answer = receiver.answer(request, requests.length - 1);
    if (answer === 'reset') incoming.socket.destroy();
    else if (answer !== 'silence') {
      if (answer.status < 300 && request.entry) keep(kept, request.entry);
      const headers = {
        'content-type': 'application/fhir+json',
        ...(answer.location === undefined ? {} : { location: answer.location }),
      };
      outgoing.writeHead(answer.status, headers);
      outgoing.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    }
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const receiver: ReceivingServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/fhir`,
    requests,
    kept,
    answer: () => ({ status: 200 }),
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: async () => {
      http.close();
      http.closeAllConnections();
      if (http.listening) await once(http, 'close');
    },
  };
  return receiver;
}

async function readRequest(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const { method = '', url: path = '', headers } = incoming;
  const entry: PushedEntry | undefined = body === '' ? undefined : JSON.parse(body).entry?.[0];
  return { method, path, headers, body, ...(entry && { entry }) };
}

function keep(kept: Map<string, Resource>, { resource, request }: PushedEntry): void {
  if (request.ifNoneExist === undefined) {
    kept.set(request.url.slice(request.url.indexOf('?') + 1), resource);
  } else if (!kept.has(request.ifNoneExist)) kept.set(request.ifNoneExist, resource);
}
