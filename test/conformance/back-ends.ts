// The stores that the conformance suites run over. BACK_ENDS=sqlite,model narrows the list.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import { unlistedParts } from '../../src/store/mongo/allowed-commands.ts';
import type { CommandWatch } from '../../src/store/mongo/database.ts';
import { openMongoStore, type RestorableStore } from '../../src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { TextIndexerSource } from '../../src/store/text-indexer.ts';
import { makeModelStore } from '../support/model-store.ts';
import {
  dropDatabase,
  findMongoServer,
  freshDatabase,
  type MongoSource,
} from '../support/mongo-server.ts';
import { plainIndexer } from '../support/plain-resource.ts';

/** How long the past can be asked in the tests' stores. */
export const WINDOW_MS = 60_000;

/** An empty store of a test's own. */
export interface StoreLease {
  readonly store: ResourceStore;
  /** The same data, opened anew after a close; absent when a store keeps nothing. */
  readonly reopen?: () => Promise<ResourceStore>;
  /** Removes what the test left. */
  dispose(): Promise<void>;
}

/** Opens an empty store. @param indexer of what is written to it; plain resources when absent */
export type OpenStore = (indexer?: TextIndexerSource) => Promise<StoreLease>;

export interface BackEnd {
  readonly name: string;
  readonly open: OpenStore;
  /** Whether each search reads everything: smaller counts and more time for it. */
  readonly isSlow: boolean;
}

async function leaseSqlite(indexer: TextIndexerSource = plainIndexer): Promise<StoreLease> {
  const directory = await mkdtemp(join(tmpdir(), 'openims-store-'));
  const open = () => openSqliteStore({ directory, windowMs: WINDOW_MS, indexer });
  const stores = [await open()];
  const reopen = async () => {
    const store = await open();
    stores.push(store);
    return store;
  };
  const dispose = async () => {
    for (const store of stores) await store.close();
    await rm(directory, { recursive: true });
  };
  return { store: stores[0] as ResourceStore, reopen, dispose };
}

let nonces = 0;

/** Opens the MongoDB store on an address, as one instance of the service. */
export function openMongo(
  uri: string,
  indexer: TextIndexerSource,
  watch: CommandWatch,
): Promise<RestorableStore> {
  const newNonce = () => `${process.pid}-${++nonces}`;
  return openMongoStore({ uri, windowMs: WINDOW_MS, indexer, newNonce, watch });
}

async function leaseMongo(indexer: TextIndexerSource = plainIndexer): Promise<StoreLease> {
  const uri = await freshDatabase(mongoSource());
  const unlisted = new Set<string>();
  const watch = (command: Document) => {
    for (const part of unlistedParts(command)) unlisted.add(part);
  };
  const stores = [await openMongo(uri, indexer, watch)];
  const reopen = async () => {
    const store = await openMongo(uri, indexer, watch);
    stores.push(store);
    return store;
  };
  const dispose = async () => {
    for (const store of stores) await store.close();
    await dropDatabase(uri);
    assert.deepEqual([...unlisted], [], 'the database is asked for what every server has');
  };
  return { store: stores[0] as ResourceStore, reopen, dispose };
}

async function leaseModel(): Promise<StoreLease> {
  return { store: makeModelStore(WINDOW_MS), dispose: async () => {} };
}

/** How long something may take on a back end, milliseconds. @param ms where nothing is slow */
export function within({ isSlow }: Pick<BackEnd, 'isSlow'>, ms: number): number {
  return isSlow ? 6 * ms : ms;
}

const wanted = process.env.BACK_ENDS?.split(',');
const isWanted = (name: string) => wanted === undefined || wanted.includes(name);

let source: MongoSource | undefined;

/** The server of the MongoDB half, found when it is first asked for. */
export function mongoSource(): MongoSource {
  source ??= isWanted('mongodb')
    ? findMongoServer()
    : { kind: 'absent', why: 'BACK_ENDS does not name mongodb.' };
  return source;
}

/** The stores asked for by the environment variable BACK_ENDS, else all that can be had. Asked for
 * while tests are described: what a server is built of takes longer than a test may. */
export function backEnds(): readonly BackEnd[] {
  const own = [
    { name: 'sqlite', open: leaseSqlite, isSlow: false },
    { name: 'model', open: leaseModel, isSlow: false },
  ].filter(({ name }) => isWanted(name));
  const { kind } = mongoSource();
  if (kind === 'absent') return own;
  return [...own, { name: 'mongodb', open: leaseMongo, isSlow: kind === 'ferretdb' }];
}
