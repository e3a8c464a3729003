// The stores that the conformance suites run over. BACK_ENDS=sqlite,model narrows the list.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { MongoClient } from 'mongodb';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { TextIndexerSource } from '../../src/store/text-indexer.ts';
import { makeModelStore } from '../support/model-store.ts';
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

let databases = 0;

async function leaseMongo(indexer: TextIndexerSource = plainIndexer): Promise<StoreLease> {
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  const uri = `mongodb://127.0.0.1:27099/${name}`;
  let nonces = 0;
  const newNonce = () => `${process.pid}-${databases}-${++nonces}`;
  await quicken(uri, name);
  const open = () => openMongoStore({ uri, windowMs: WINDOW_MS, indexer, newNonce });
  const stores = [await open()];
  const reopen = async () => {
    const store = await open();
    stores.push(store);
    return store;
  };
  const dispose = async () => {
    for (const store of stores) await store.close();
    const client = await MongoClient.connect(uri);
    await client.db().dropDatabase();
    await client.close();
  };
  return { store: stores[0] as ResourceStore, reopen, dispose };
}

async function quicken(uri: string, name: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  for (const collection of ['versions', 'rows', 'log', 'parts', 'marks']) {
    await client.db().createCollection(collection);
  }
  await client.close();
  const file = new Sqlite(`/dev/shm/fdb/${name}.sqlite`);
  const tables = file.prepare('SELECT table_name FROM _ferretdb_collections').pluck().all();
  for (const table of tables) {
    file.exec(`CREATE INDEX "${table}_id" ON "${table}" (_ferretdb_sjson->'$._id')`);
  }
  file.close();
}

async function leaseModel(): Promise<StoreLease> {
  return { store: makeModelStore(WINDOW_MS), dispose: async () => {} };
}

const all: readonly BackEnd[] = [
  { name: 'sqlite', open: leaseSqlite, isSlow: false },
  { name: 'model', open: leaseModel, isSlow: false },
  { name: 'mongodb', open: leaseMongo, isSlow: true },
];

/** The stores asked for by the environment variable BACK_ENDS, else all. */
export function backEnds(): readonly BackEnd[] {
  const wanted = process.env.BACK_ENDS?.split(',');
  return wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name));
}
