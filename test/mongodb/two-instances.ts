// Two instances of the store on one database, each behind a proxy of its own, for tests of what one
// of them may do to the other.

import type { Document } from 'mongodb';
import { type Database, openDatabase } from '../../src/store/mongo/database.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { mongoSource, openMongo } from '../conformance/back-ends.ts';
import { FaultProxy, type Verdict, type WireCommand } from '../support/fault-proxy.ts';
import { dropDatabase, freshDatabase } from '../support/mongo-server.ts';
import { plainIndexer } from '../support/plain-resource.ts';

/** One instance: its store, the way to its database, and what it has sent. */
export interface Instance {
  readonly store: ResourceStore;
  readonly proxy: FaultProxy;
  readonly commands: Document[];
}

export interface World {
  readonly one: Instance;
  readonly other: Instance;
  /** The database itself, past the proxies. */
  readonly database: Database;
}

/** Runs `work` on an empty database. */
export async function withTwoInstances(work: (world: World) => Promise<void>): Promise<void> {
  const uri = await freshDatabase(mongoSource());
  const port = Number(new URL(uri).port || 27_017);
  const instances: Instance[] = [];
  const open = async (): Promise<Instance> => {
    const proxy = await FaultProxy.open(port);
    const commands: Document[] = [];
    const watch = (command: Document) => commands.push(command);
    const store = await openMongo(proxy.through(uri), plainIndexer, watch);
    const instance = { store, proxy, commands };
    instances.push(instance);
    return instance;
  };
  const database = await openDatabase(uri);
  try {
    const one = await open();
    await work({ one, other: await open(), database });
  } finally {
    for (const { store, proxy } of instances) {
      proxy.rule = () => 'pass';
      await store.close();
      await proxy.close();
    }
    await database.connection.close();
    await dropDatabase(uri);
  }
}

/** A command that a proxy holds. */
export interface Held {
  /** Resolves when it has come. */
  readonly reached: Promise<void>;
  release(): void;
}

/** Holds the next command of that name to that collection; what follows it passes. */
export function hold({ proxy }: Instance, name: string, collection: string): Held {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  proxy.rule = async (command): Promise<Verdict> => {
    if (!isCommand(command, name, collection)) return 'pass';
    proxy.rule = () => 'pass';
    reached.resolve();
    await released.promise;
    return 'pass';
  };
  return { reached: reached.promise, release: released.resolve };
}

/** Whether it is that command to that collection. */
export function isCommand(command: WireCommand, name: string, collection: string): boolean {
  return command.name === name && command.collection === collection;
}
