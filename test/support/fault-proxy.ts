// A TCP proxy between the service and its database that reads what passes (OP_MSG of the MongoDB
// wire protocol) and does to each command what a test says: holds it, cuts the connection before,
// in or after it, delays its answer, delivers it again much later, or refuses it as a member that
// is no longer primary does.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** A command as it was sent. */
export interface WireCommand {
  readonly name: string;
  readonly collection: string;
  readonly body: Document;
}

export type Verdict =
  | 'pass'
  /** The connection ends and the server has seen nothing. */
  | 'cut-before'
  /** The server sees half a message. */
  | 'cut-during'
  /** The server has done it, and nobody hears so. */
  | 'cut-after'
  /** As `pass`, and the same message again when `deliverLate` is called. */
  | 'twice'
  | 'not-primary'
  /** The server sees nothing, and this is said in its place. */
  | { readonly answer: Document }
  | { readonly answerAfterMs: number };

/** What is done to a command; while it is undecided the message is held. */
export type Rule = (command: WireCommand) => Verdict | Promise<Verdict>;

const OP_MSG = 2013;
const HEADER_BYTES = 16;
const FLAG_BYTES = 4;

const NOT_PRIMARY: Document = {
  ok: 0,
  code: 10_107,
  codeName: 'NotWritablePrimary',
  errmsg: 'not primary',
  errorLabels: ['RetryableWriteError'],
};

export class FaultProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #late: Buffer[] = [];
  /** Replaced by a test; at first all passes. */
  rule: Rule = () => 'pass';

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
  }

  /** Listens on a free loopback port before a server on another. */
  static async open(target: number): Promise<FaultProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new FaultProxy(server, target);
    server.on('connection', (client) => proxy.#join(client));
    return proxy;
  }

  /** The address of a database, through the proxy. */
  through(uri: string): string {
    const url = new URL(uri);
    const address = this.#server.address();
    url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    // Or else the driver would go where the server says that it is.
    url.searchParams.set('directConnection', 'true');
    return url.href;
  }

  /** Delivers what was to come twice, on connections of its own. */
  async deliverLate(): Promise<void> {
    for (const message of this.#late.splice(0)) {
      const server = connect(this.#target, '127.0.0.1');
      server.on('error', () => {});
      server.write(message);
      // An answer, or the end of a server that is not there.
      await Promise.race([once(server, 'data'), once(server, 'close')]).catch(() => {});
      server.destroy();
    }
  }

  /** Ends every connection, as a network does that is gone. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    const link = new Link(client, server, cut);
    server.on('data', (data) => link.answer(data));
    let work = Promise.resolve();
    client.on('data', (data) => {
      for (const message of link.messagesOf(data)) {
        work = work.then(() => this.#handle(link, message)).catch(cut);
      }
    });
  }

  async #handle(link: Link, message: Buffer): Promise<void> {
    const command = commandOf(message);
    const verdict = command === undefined ? 'pass' : await this.rule(command);
    if (verdict === 'twice') this.#late.push(withoutMoreToCome(message));
    link.deliver(message, verdict);
  }
}

/** One client's connection and its server's. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #cut: () => void;
  #rest: Buffer = Buffer.alloc(0);
  #answer: 'pass' | 'cut' | { readonly answerAfterMs: number } = 'pass';

  constructor(client: Socket, server: Socket, cut: () => void) {
    this.#client = client;
    this.#server = server;
    this.#cut = cut;
  }

  /** Whole messages of what has come so far. */
  messagesOf(data: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let rest = Buffer.concat([this.#rest, data]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      messages.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return messages;
  }

  deliver(message: Buffer, verdict: Verdict): void {
    this.#answer = 'pass';
    switch (verdict) {
      case 'pass':
      case 'twice':
        this.#server.write(message);
        return;
      case 'cut-before':
        this.#cut();
        return;
      case 'cut-during':
        this.#server.write(message.subarray(0, message.length >> 1), this.#cut);
        return;
      case 'cut-after':
        this.#answer = 'cut';
        this.#server.write(message);
        return;
      case 'not-primary':
        this.#client.write(answerTo(message, NOT_PRIMARY));
        return;
      default:
        if ('answer' in verdict) {
          this.#client.write(answerTo(message, verdict.answer));
          return;
        }
        this.#answer = verdict;
        this.#server.write(message);
    }
  }

  answer(data: Buffer): void {
    const how = this.#answer;
    if (how === 'cut') this.#cut();
    else if (how === 'pass') this.#client.write(data);
    else setTimeout(() => this.#client.write(data), how.answerAfterMs).unref();
  }
}

function commandOf(message: Buffer): WireCommand | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  const body: Document = {};
  for (let place = HEADER_BYTES + FLAG_BYTES; place < message.length; ) {
    const kind = message[place];
    const size = message.readInt32LE(place + 1);
    if (kind === 0) {
      Object.assign(body, BSON.deserialize(message.subarray(place + 1, place + 1 + size)));
    } else {
      const nameEnd = message.indexOf(0, place + 5);
      const name = message.toString('utf8', place + 5, nameEnd);
      body[name] = documentsOf(message.subarray(nameEnd + 1, place + 1 + size));
    }
    place += 1 + size;
  }
  const [name = '', collection] = Object.entries(body)[0] ?? [];
  return { name, collection: String(collection), body };
}

function documentsOf(bytes: Buffer): Document[] {
  const documents: Document[] = [];
  for (let place = 0; place < bytes.length; ) {
    const size = bytes.readInt32LE(place);
    documents.push(BSON.deserialize(bytes.subarray(place, place + size)));
    place += size;
  }
  return documents;
}

function withoutMoreToCome(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt32LE(0, HEADER_BYTES);
  return copy;
}

function answerTo(message: Buffer, body: Document): Buffer {
  const document = BSON.serialize(body);
  const answer = Buffer.alloc(HEADER_BYTES + FLAG_BYTES + 1 + document.length);
  answer.writeInt32LE(answer.length, 0);
  answer.writeInt32LE(message.readInt32LE(4), 8);
  answer.writeInt32LE(OP_MSG, 12);
  answer.set(document, HEADER_BYTES + FLAG_BYTES + 1);
  return answer;
}
