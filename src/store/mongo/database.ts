// The connection to the database: how it is opened, which servers will do, the collections, and
// what the driver's errors mean to a caller of the store.

import {
  type Collection,
  type Document,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import mongoose, { type Connection } from 'mongoose';
import { StoreError } from '../resource-store.ts';
import { missingCommands } from './allowed-commands.ts';
import { bounded } from './bounded-collection.ts';
import { LastingConnection } from './lasting-connection.ts';
import {
  buildIndexes,
  type LogDocument,
  type MarkDocument,
  type PartDocument,
  type RowDocument,
  type VersionDocument,
} from './models.ts';
import type { Filter } from './value-filter.ts';

/** How long a server is looked for and an answer is waited for, milliseconds, and how many
 * connections there are, where the address does not say so. */
const DEFAULTS = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 60_000,
  maxPoolSize: 20,
} as const;

/** The oldest server with all that is used. */
const SERVER_VERSION_LEAST = 6;

export const DUPLICATE_KEY = 11_000;

/** The server said that it is no longer the one to write to, and did nothing. */
const NOT_PRIMARY: ReadonlySet<number | string | undefined> = new Set([10_107, 13_435]);

/** What Node says of a connection that has ended, which the driver passes on as it is. */
const BROKEN_CONNECTION: ReadonlySet<unknown> = new Set([
  ...['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_PREMATURE_CLOSE'],
]);

/** Sees a command, as the driver sends it. */
export type CommandWatch = (command: Document) => void;

/** The collections, through the driver: hot paths write and read many documents at once, which
 * models do one by one. */
export interface Database {
  readonly connection: LastingConnection;
  /** Which version, as the server finds it soonest: a router by the shard key too, a server of its
   * own by `_id` alone. */
  readonly versionFilter: (version: Pick<VersionDocument, '_id' | 'owner'>) => Filter;
  readonly versions: Collection<VersionDocument>;
  readonly rows: Collection<RowDocument>;
  readonly log: Collection<LogDocument>;
  readonly parts: Collection<PartDocument>;
  readonly marks: Collection<MarkDocument>;
}

/**
 * Connects, and builds the indexes that are not there yet.
 * @param uri `mongodb://…/name` of a replica set, a sharded cluster or a compatible server
 * @param watch sees each command before it is sent
 * @throws StoreError `unavailable`, one sentence, when the server cannot be used
 */
export async function openDatabase(uri: string, watch?: CommandWatch): Promise<Database> {
  try {
    return await connect(uri, watch);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw unavailable(
      'no',
      `The database at ${withoutPassword(uri)} cannot be used: ${of(error)}.`,
    );
  }
}

async function connect(uri: string, watch: CommandWatch | undefined): Promise<Database> {
  const connection = await LastingConnection.open(() => newConnection(uri, watch));
  try {
    await checkServer(connection);
    await buildIndexes(connection.current);
    const isRouter = (await connection.ask({ hello: 1 })).msg === 'isdbgrid';
    return {
      connection,
      versionFilter: ({ _id, owner }) => (isRouter ? { _id, owner } : { _id }),
      versions: bounded(connection, 'versions'),
      rows: bounded(connection, 'rows'),
      log: bounded(connection, 'log'),
      parts: bounded(connection, 'parts'),
      marks: bounded(connection, 'marks'),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function newConnection(uri: string, watch: CommandWatch | undefined): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    // Every acknowledged write has reached the journals of a majority, and reads see no other.
    w: 'majority',
    journal: true,
    readConcernLevel: 'majority',
    readPreference: 'primary',
    // What is written again, and when, is this store's own business.
    retryWrites: false,
    ...unlessNamed(uri, DEFAULTS),
    ignoreUndefined: true,
    monitorCommands: watch !== undefined,
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close(true);
    throw error;
  }
  if (watch !== undefined) {
    connection.getClient().on('commandStarted', ({ command }) => watch(command));
  }
  return connection;
}

/** The options that the address does not set. */
function unlessNamed(uri: string, options: Readonly<Record<string, number>>) {
  const named = /\?(.*)$/s.exec(uri)?.[1]?.toLowerCase() ?? '';
  const isNamed = (name: string) => `&${named}`.includes(`&${name.toLowerCase()}=`);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isNamed(name)));
}

async function checkServer(connection: LastingConnection): Promise<void> {
  const info = await connection.ask({ buildInfo: 1 });
  const version = String(info.version);
  if (Number.parseInt(version, 10) >= SERVER_VERSION_LEAST) {
    const { commands } = await connection.ask({ listCommands: 1 });
    const missing = missingCommands(commands);
    if (missing.length === 0) return;
    throw unavailable('no', `The database does not have the command ${missing.join(', ')}.`);
  }
  const needed = `${SERVER_VERSION_LEAST} or newer is needed`;
  throw unavailable('no', `The database is of version ${version}; ${needed}.`);
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/s, '');
}

function of(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}

/** The refusal to a caller. */
export function unavailable(committed: 'no' | 'unknown', detail: string): StoreError {
  return new StoreError({ reason: 'unavailable', committed, detail });
}

/** Whether a document of that `_id` is there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Whether the error came of the database or the way to it, and is no fault of the program. */
export function isOfDatabase(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && BROKEN_CONNECTION.has(error.code)) return true;
  return /^Mongo/.test(error.name) && error.name !== 'MongoInvalidArgumentError';
}

/** Whether what was asked for was surely not begun. */
export function wasNotTried(error: unknown): boolean {
  if (error instanceof MongoServerSelectionError) return true;
  return error instanceof MongoServerError && NOT_PRIMARY.has(error.code);
}

/** An error of the database as the refusal `unavailable`; any other unchanged. */
export function asRefusal(error: unknown, committed: 'no' | 'unknown'): unknown {
  return isOfDatabase(error)
    ? unavailable(committed, `The database answered: ${of(error)}.`)
    : error;
}
