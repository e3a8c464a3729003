// A MongoDB server for tests: the one of MONGODB_URI, else a mongod of this machine, else FerretDB,
// which is built once from ferretdb/ beside this file. It is started by the first test that needs
// it and ends with the process, killed or not.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { type Document, MongoClient } from 'mongodb';

const FERRETDB = fileURLToPath(new URL('./ferretdb/', import.meta.url));
const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

/** How a server is had. */
export type MongoSource =
  | { readonly kind: 'given'; readonly uri: string }
  | { readonly kind: 'mongod' | 'ferretdb'; readonly program: string }
  | { readonly kind: 'absent'; readonly why: string };

/** A server that was started here. */
export interface StartedServer {
  readonly port: number;
  /** Of the server's own process. */
  readonly pid: number;
  readonly directory: string;
  /** Kills it at once and resolves when it is gone; its data stay. */
  kill9(): Promise<void>;
}

/** Finds the server that tests use, building FerretDB when it must and may be. */
export function findMongoServer({ mayBuild = true } = {}): MongoSource {
  const { MONGODB_URI, MONGOD_BINARY } = process.env;
  if (MONGODB_URI) return { kind: 'given', uri: MONGODB_URI };
  const mongod = MONGOD_BINARY || onPath('mongod');
  if (mongod !== undefined) return { kind: 'mongod', program: mongod };
  if (!mayBuild || onPath('go') === undefined) {
    return { kind: 'absent', why: 'There is no MONGODB_URI, no mongod, and no Go for FerretDB.' };
  }
  const program = join(BUILD, `ferretdb-${hashOf(['main.go', 'go.mod', 'go.sum'])}`);
  if (existsSync(program)) return { kind: 'ferretdb', program };
  console.log('  Building FerretDB for the tests, once: this takes a minute or two.');
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: FERRETDB,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (status === 0) return { kind: 'ferretdb', program };
  return { kind: 'absent', why: `FerretDB could not be built: ${stderr.trim()}` };
}

function onPath(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(FERRETDB, file)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Starts a server on a loopback port and waits until it takes writes.
 * @param again on the port and the data of a server that was killed
 */
export async function startMongoServer(
  source: Extract<MongoSource, { program: string }>,
  again?: Pick<StartedServer, 'port' | 'directory'>,
): Promise<StartedServer> {
  const server = await startMember(source, again);
  if (source.kind === 'mongod') await initiate([server.port]);
  else await untilAnswering(server.port);
  return server;
}

/** Starts a server that may not take writes yet. */
async function startMember(
  source: Extract<MongoSource, { program: string }>,
  again?: Pick<StartedServer, 'port' | 'directory'>,
): Promise<StartedServer> {
  const port = again?.port ?? (await freePort());
  const directory = again?.directory ?? mkdtempSync(join(fastDirectory(), 'openims-mongo-'));
  const log = join(directory, 'server.log');
  const child = launch(log, source.program, flagsOf[source.kind](port, directory));
  if (again === undefined) {
    process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  }
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [pid] = await once(lines, 'line');
  const kill9 = async () => {
    const ended = once(child, 'exit');
    process.kill(Number(pid), 'SIGKILL');
    await ended;
  };
  return { port, pid: Number(pid), directory, kill9 };
}

const flagsOf = {
  mongod: (port: number, directory: string) => [
    ...['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', directory],
    ...['--replSet', 'tests', '--quiet', '--logpath', join(directory, 'mongod.log')],
  ],
  ferretdb: (port: number, directory: string) => [
    ...['-listen', `127.0.0.1:${port}`, '-data', `${directory}/`],
  ],
};

/** In a shell that kills it when this process is gone, and ends when it ends. */
function launch(log: string, program: string, flags: readonly string[]): ChildProcess {
  const script = [
    'log=$1; shift',
    '"$@" </dev/null >>"$log" 2>&1 & server=$!',
    'echo $server',
    '(while read -r _; do :; done; kill -9 $server) <&3 2>/dev/null & watch=$!',
    'wait $server',
    'kill $watch',
  ].join('\n');
  const child = spawn('/bin/sh', ['-c', script, 'sh', log, program, ...flags], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  // Whatever is still open here must not keep the tests from ending.
  child.unref();
  for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
  return child;
}

/** Memory where there is some: what tests write need not outlive them. */
function fastDirectory(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function untilAnswering(port: number): Promise<void> {
  const uri = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await withAdmin(uri, (ask) => ask({ ping: 1 }));
}

/** Makes them a replica set, unless they are one, and waits until it takes writes. */
async function initiate(ports: readonly number[]): Promise<void> {
  const members = ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` }));
  await withAdmin(`mongodb://${members[0]?.host}/?directConnection=true`, (ask) =>
    ask({ replSetInitiate: { _id: 'tests', members } }).catch((error: { codeName?: string }) => {
      if (error.codeName !== 'AlreadyInitialized') throw error;
    }),
  );
  await withAdmin(setAddress(ports, ''), (ask) => ask({ ping: 1 }));
}

function setAddress(ports: readonly number[], database: string): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return `mongodb://${hosts}/${database}?replicaSet=tests`;
}

type Ask = (command: Document) => Promise<unknown>;

async function withAdmin(uri: string, work: (ask: Ask) => Promise<unknown>): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 30_000 });
  try {
    await work((command) => client.db('admin').command(command));
  } finally {
    await client.close();
  }
}

/** Three members on this machine. */
export interface ReplicaSet {
  /** The address of a database. */
  readonly uri: string;
  /** Has the primary give way to another member. */
  stepDown(): Promise<void>;
  /** Kills a member and starts it again. */
  restart(member: number): Promise<void>;
  kill9(): Promise<void>;
}

/** Starts a replica set of three. */
export async function startReplicaSet(
  source: Extract<MongoSource, { program: string }>,
): Promise<ReplicaSet> {
  const members = await Promise.all([0, 1, 2].map(() => startMember(source)));
  const ports = members.map(({ port }) => port);
  await initiate(ports);
  return {
    uri: setAddress(ports, 'openims_test'),
    stepDown: () =>
      withAdmin(setAddress(ports, ''), (ask) => ask({ replSetStepDown: 10, force: true })),
    restart: async (member) => {
      const one = members[member];
      if (one === undefined) return;
      await one.kill9();
      members[member] = await startMember(source, one);
    },
    kill9: async () => {
      for (const one of members) await one.kill9();
    },
  };
}

let shared: Promise<StartedServer> | undefined;
let databases = 0;

/**
 * An empty database of its own.
 * @param own a server of the test's own; without it the one that all tests of this process share
 * @returns its address
 */
export async function freshDatabase(source: MongoSource, own?: StartedServer): Promise<string> {
  databases += 1;
  const name = `openims_test_${process.pid}_${databases}`;
  if (source.kind === 'absent') throw new Error(source.why);
  if (source.kind === 'given') {
    const url = new URL(source.uri);
    url.pathname = `/${name}`;
    return url.href;
  }
  if (own === undefined) shared ??= startMongoServer(source);
  const server = own ?? ((await shared) as StartedServer);
  const uri = `mongodb://127.0.0.1:${server.port}/${name}`;
  if (source.kind === 'ferretdb') await indexIds(server, uri, name);
  return uri;
}

/** FerretDB's own index of `_id` is of an expression that its queries do not use. */
async function indexIds(server: StartedServer, uri: string, name: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  for (const collection of ['versions', 'rows', 'log', 'parts', 'marks']) {
    await client.db().createCollection(collection);
  }
  await client.close();
  const file = new Sqlite(join(server.directory, `${name}.sqlite`));
  const tables = file.prepare('SELECT table_name FROM _ferretdb_collections').pluck().all();
  for (const table of tables) {
    file.exec(`CREATE INDEX "${table}_ids" ON "${table}" (_ferretdb_sjson->'$._id')`);
  }
  file.close();
}

/** Removes a database of a test. */
export async function dropDatabase(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  await client.db().dropDatabase();
  await client.close();
}
