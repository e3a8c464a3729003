// The HTTP skin around an answer that the test chooses: real sockets, no store behind them.

import type { Server } from 'node:http';
import { connect } from 'node:net';
import { listen } from '../../src/http/listener.ts';
import { createServer, type ServerOptions, stopServer } from '../../src/http/server.ts';
import type { FhirRequest, FhirResponse } from '../../src/interactions/interaction.ts';
import { createLog } from '../../src/lib/logging.ts';

/** A running server and what reached its app. */
export interface ServedApp {
  /** Base address of the FHIR API. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly listener: Server;
  /** Every request that came through, in order. */
  readonly requests: FhirRequest[];
  /** Sends the text as it is and resolves with all that comes back until the server closes. */
  raw(text: string): Promise<string>;
  close(): Promise<void>;
}

type Answer = (request: FhirRequest) => FhirResponse | Promise<FhirResponse>;

/** Serves `answer` on an ephemeral port; request ids count from `request-1`. */
export async function serve(
  answer: Answer,
  options: Partial<ServerOptions> = {},
): Promise<ServedApp> {
  const requests: FhirRequest[] = [];
  let ids = 0;
  const app = {
    route: async (request: FhirRequest) => {
      requests.push(request);
      return await answer(request);
    },
    newId: () => {
      ids += 1;
      return `request-${ids}`;
    },
    close: async () => {},
  };
  const baseUrl = 'http://ims.test/fhir/R4';
  const server = createServer(app, { baseUrl, log: createLog('silent'), ...options });
  await server.start();
  const { listener } = server;
  const port = await listen(listener, '127.0.0.1', 0);
  return {
    url: `http://127.0.0.1:${port}/fhir/R4`,
    origin: `http://127.0.0.1:${port}`,
    listener,
    requests,
    raw: (text) => exchange(port, text),
    close: () => stopServer(server),
  };
}

function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(received).toString('utf8')));
  });
}
