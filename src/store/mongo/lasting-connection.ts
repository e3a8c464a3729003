// The connection to the database, which is made anew when nothing is answered any more: a
// connection that breaks at the wrong moment can end the driver's watch over its servers, after
// which it finds none for ever.

import { type Document, MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';

/** How long nothing is answered before a new connection is made, milliseconds. */
const RENEW_AFTER_MS = 10_000;

export class LastingConnection {
  readonly #connect: () => Promise<Connection>;
  readonly #elapsedMs: () => number;
  #connection: Connection;
  #answeredAt: number;
  #renewing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(
    connect: () => Promise<Connection>,
    connection: Connection,
    elapsedMs: () => number,
  ) {
    this.#connect = connect;
    this.#connection = connection;
    this.#elapsedMs = elapsedMs;
    this.#answeredAt = elapsedMs();
  }

  /**
   * @param connect makes a connection, now and whenever it must be made again
   * @param elapsedMs milliseconds of a clock that only goes forwards
   */
  static async open(
    connect: () => Promise<Connection>,
    elapsedMs: () => number = () => performance.now(),
  ): Promise<LastingConnection> {
    return new LastingConnection(connect, await connect(), elapsedMs);
  }

  /** The connection as it is now; not to be kept. */
  get current(): Connection {
    return this.#connection;
  }

  /** Sends a command to the database and resolves with its answer. */
  ask(command: Document): Promise<Document> {
    const { db } = this.#connection;
    if (db === undefined) return Promise.reject(new Error('no database is named'));
    return this.watch(db.command(command));
  }

  /** Takes note of whether there was an answer, a refusal included. */
  async watch<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      const given = await answer;
      this.#answeredAt = this.#elapsedMs();
      return given;
    } catch (error) {
      if (error instanceof MongoServerError) this.#answeredAt = this.#elapsedMs();
      else if (this.#elapsedMs() - this.#answeredAt > RENEW_AFTER_MS) this.#renew();
      throw error;
    }
  }

  /** Ends it, with all that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#renewing;
    await this.#connection.close(true);
  }

  #renew(): void {
    if (this.#isClosed) return;
    this.#renewing ??= this.#replace().finally(() => {
      this.#renewing = undefined;
    });
  }

  async #replace(): Promise<void> {
    try {
      const old = this.#connection;
      this.#connection = await this.#connect();
      this.#answeredAt = this.#elapsedMs();
      // What it waits for may never come.
      old.close(true).catch(() => {});
    } catch {
      // There is no database now; the next command that fails tries again.
    }
  }
}
