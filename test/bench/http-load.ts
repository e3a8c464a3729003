// A load generator: keep-alive connections on raw sockets, one request at a time on each. Runs in a
// thread of its own so that it shares no event loop with anything measured.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** What to send. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Whole HTTP/1.1 requests, sent in turn, each at least once. */
  readonly requests: readonly string[];
  /** Requests in all. */
  readonly count: number;
}

/** What came of it. */
export interface LoadResult {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  /** Status codes with how often each came. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Sends the load and waits for every answer. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const worker = new Worker(new URL(import.meta.url), { workerData: load });
  const [result] = (await once(worker, 'message')) as [LoadResult];
  await worker.terminate();
  return result;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

async function send(load: Load): Promise<LoadResult> {
  const requests = load.requests.map((request) => Buffer.from(request));
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  let sent = 0;
  const startedAt = performance.now();
  const line = async () => {
    const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    while (sent < load.count) {
      const request = requests[sent % requests.length] ?? Buffer.alloc(0);
      sent += 1;
      const sentAt = performance.now();
      socket.write(request);
      const status = await answer(socket);
      latenciesMs.push(performance.now() - sentAt);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: load.connections }, line));
  const perSecond = (load.count * 1_000) / (performance.now() - startedAt);
  return { perSecond, latenciesMs, statuses };
}

/** Reads one response; its status code. */
function answer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headEnd = received.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const head = received.toString('latin1', 0, headEnd);
      const length = Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
      if (received.length < headEnd + HEAD_END.length + length) return;
      socket.off('data', take);
      socket.off('close', fail);
      resolve(head.slice(9, 12));
    };
    const fail = () => reject(new Error('The server closed the connection'));
    socket.on('data', take);
    socket.once('close', fail);
  });
}

if (!isMainThread && parentPort !== null) {
  parentPort.postMessage(await send(workerData as Load));
}
