// Two instances write while the network between them and the database, the database and they
// themselves fail, again and again. At the end every acknowledged write is there once, nothing is
// there in part, what was told not to be there is not, and the log has no gap and no fork.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '../../src/store/mongo/database.ts';
import { NEVER_REPLACED } from '../../src/store/mongo/models.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { mongoSource, openMongo } from '../conformance/back-ends.ts';
import { FaultProxy, type Verdict } from '../support/fault-proxy.ts';
import {
  freshDatabase,
  type StartedServer,
  startMongoServer,
  startReplicaSet,
} from '../support/mongo-server.ts';
import { plainIndexer } from '../support/plain-resource.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';

const SEED = 7;
const CYCLES = process.env.CI === 'true' ? 100 : 7;
/** Writes of each instance that are acknowledged before the next fault. */
const WRITES_BETWEEN = 2;
/** How soon an instance must make progress after any fault, milliseconds. */
const PROGRESS_WITHIN_MS = 60_000;

const INSTANCE = fileURLToPath(new URL('./writing-instance.ts', import.meta.url));
const TIMEOUTS = 'socketTimeoutMS=4000&connectTimeoutMS=2000&serverSelectionTimeoutMS=2000';
/** Callers of each instance that write at the same time, while progress is waited for. */
const CALLERS = 3;

/** An instance as a process, started anew when it is killed; its names never come twice. */
class Writer {
  readonly acknowledged = new Set<string>();
  readonly unknown = new Set<string>();
  readonly refused = new Set<string>();
  readonly complaints: string[] = [];
  readonly #uri: string;
  readonly #name: string;
  #starts = 0;
  #process: ChildProcess | undefined;
  #heard = Promise.withResolvers<void>();
  #underWay = 0;
  #lastDetail = '';

  /** @param uri with a query */
  constructor(name: string, uri: string) {
    this.#name = name;
    this.#uri = `${uri}&${TIMEOUTS}`;
  }

  start(): void {
    this.#starts += 1;
    const name = `${this.#name}${this.#starts}`;
    const child = spawn(process.execPath, [INSTANCE, this.#uri, name], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#underWay = 0;
    // A process that was killed takes no more.
    child.stdin.on('error', () => {});
    child.stderr.on('data', (text) => this.complaints.push(String(text)));
    const told = { ack: this.acknowledged, unknown: this.unknown, no: this.refused };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [kind, write = '', ...detail] = line.split(' ');
      told[kind as keyof typeof told].add(write);
      if (child !== this.#process) return;
      this.#underWay -= 1;
      if (kind !== 'ack') this.#lastDetail = detail.join(' ');
      this.#heard.resolve();
      this.#heard = Promise.withResolvers();
    });
  }

  async kill9(): Promise<void> {
    const child = this.#process;
    assert.ok(child !== undefined);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(name);
  }

  /** Waits until so many more writes are acknowledged. */
  async progress(count: number): Promise<void> {
    const wanted = this.acknowledged.size + count;
    const late = AbortSignal.timeout(PROGRESS_WITHIN_MS);
    const lateness = once(late, 'abort');
    while (this.acknowledged.size < wanted) {
      const complaint = this.complaints.join('') || this.#lastDetail;
      assert.ok(!late.aborted, `${this.#name} makes no progress: ${complaint}`);
      for (; this.#underWay < CALLERS; this.#underWay += 1) this.#process?.stdin?.write('\n');
      await Promise.race([this.#heard.promise, lateness]);
    }
  }
}

/** An instance, and the way between it and the database. */
class ProxiedWriter extends Writer {
  readonly proxy: FaultProxy;

  constructor(name: string, proxy: FaultProxy, uri: string) {
    super(name, proxy.through(uri));
    this.proxy = proxy;
  }
}

interface Scene {
  readonly random: SeededRandom;
  readonly writers: readonly [ProxiedWriter, ProxiedWriter];
  /** Kills the database and starts it again; absent where it is not ours to kill. */
  readonly restart: (() => Promise<void>) | undefined;
}

const verdicts: readonly Verdict[] = [
  'cut-before',
  'cut-during',
  'cut-after',
  'twice',
  'not-primary',
  { answerAfterMs: 5_000 },
];

/** What can go wrong, each with what it is called when a cycle fails. */
const faults: Readonly<
  Record<string, (scene: Scene, writer: ProxiedWriter, other: ProxiedWriter) => Promise<void>>
> = {
  'a bad network': async ({ random }, writer, other) => {
    writer.proxy.rule = () => (random.below(15) === 0 ? random.pick(verdicts) : 'pass');
    await Promise.all([writer.progress(WRITES_BETWEEN), other.progress(WRITES_BETWEEN)]);
    writer.proxy.rule = () => 'pass';
  },
  'the cut of all connections': async (_, writer, other) => {
    writer.proxy.cutAll();
    other.proxy.cutAll();
  },
  'messages that come again': async ({ random }, writer, other) => {
    writer.proxy.rule = () => (random.below(2) === 0 ? 'twice' : 'pass');
    await writer.progress(WRITES_BETWEEN);
    await other.progress(1);
    await writer.proxy.deliverLate();
    writer.proxy.rule = () => 'pass';
  },
  'a member that is not primary': async (_, writer) => {
    let left = 3;
    writer.proxy.rule = ({ name }) => {
      const isWrite = name === 'insert' || name === 'update';
      if (!isWrite || left === 0) return 'pass';
      left -= 1;
      return 'not-primary';
    };
    await writer.progress(WRITES_BETWEEN);
    writer.proxy.rule = () => 'pass';
  },
  'the death of the database': async ({ restart }) => restart?.(),
  'the death of an instance': async (_, writer, other) => {
    await writer.kill9();
    await other.progress(WRITES_BETWEEN);
    writer.start();
  },
  'an instance that sleeps': async (_, writer, other) => {
    writer.signal('SIGSTOP');
    await other.progress(WRITES_BETWEEN + 1);
    writer.signal('SIGCONT');
  },
};

describe(`two instances on MongoDB through ${CYCLES} faults`, function () {
  this.timeout(CYCLES * PROGRESS_WITHIN_MS);

  it(`lose nothing and keep one log (seed ${SEED})`, async function () {
    const source = mongoSource();
    if (source.kind === 'absent') return this.skip();
    let server: StartedServer | undefined;
    if (source.kind !== 'given') server = await startMongoServer(source);
    const uri = await freshDatabase(source, server);
    const port = Number(new URL(uri).port);
    const proxies = [await FaultProxy.open(port), await FaultProxy.open(port)] as const;
    const writers = [
      new ProxiedWriter('x', proxies[0], uri),
      new ProxiedWriter('y', proxies[1], uri),
    ] as const;
    const restart = async () => {
      assert.ok(server !== undefined && source.kind !== 'given');
      await server.kill9();
      server = await startMongoServer(source, server);
    };
    const random = seededRandom(SEED);
    const scene = { random, writers, restart: server && restart };
    try {
      for (const writer of writers) writer.start();
      await runCycles(scene);
      for (const writer of writers) await writer.kill9();
      for (const { proxy } of writers) await proxy.deliverLate();
      await assertWhole(uri, writers);
      assert.deepEqual(
        writers.flatMap(({ complaints }) => complaints),
        [],
      );
    } finally {
      for (const { proxy } of writers) await proxy.close();
      await server?.kill9();
    }
  });
});

if (mongoSource().kind === 'mongod') {
  describe(`two instances on three members through ${CYCLES} faults`, function () {
    this.timeout(CYCLES * PROGRESS_WITHIN_MS);

    it(`lose nothing and keep one log through step-downs (seed ${SEED})`, async () => {
      const source = mongoSource();
      assert.ok(source.kind === 'mongod');
      const set = await startReplicaSet(source);
      const writers = [new Writer('x', set.uri), new Writer('y', set.uri)] as const;
      const random = seededRandom(SEED);
      const kinds = [
        () => set.stepDown(),
        () => set.restart(random.below(3)),
        async () => {
          await writers[0].kill9();
          writers[0].start();
        },
      ];
      try {
        for (const writer of writers) writer.start();
        for (let cycle = 0; cycle < CYCLES; cycle += 1) {
          await kinds[cycle % kinds.length]?.();
          await Promise.all(writers.map((writer) => writer.progress(WRITES_BETWEEN)));
        }
        for (const writer of writers) await writer.kill9();
        await assertWhole(set.uri, writers);
      } finally {
        await set.kill9();
      }
    });
  });
}

async function runCycles(scene: Scene): Promise<void> {
  const { random, writers } = scene;
  const names = Object.keys(faults);
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    // Each kind has its turn; which instance it meets is chance.
    const name = names[cycle % names.length] as string;
    const [one, other] = random.below(2) === 0 ? writers : [writers[1], writers[0]];
    try {
      await faults[name]?.(scene, one, other);
      await Promise.all(writers.map((writer) => writer.progress(WRITES_BETWEEN)));
    } catch (error) {
      throw new Error(`cycle ${cycle}, ${name}`, { cause: error });
    }
  }
}

async function assertWhole(uri: string, writers: readonly Writer[]): Promise<void> {
  const store = await openMongo(uri, plainIndexer, () => {});
  const database = await openDatabase(uri);
  try {
    await assertWrites(store, writers);
    await assertOneLog(database, store);
  } finally {
    await store.close();
    await database.connection.close();
  }
}

async function assertWrites(store: ResourceStore, writers: readonly Writer[]): Promise<void> {
  const changes = await store.changes(0, 1_000_000);
  const versions = new Map<string, number[]>();
  for (const { id, commitLast } of changes) {
    if (id === 'shared') continue;
    const name = id.slice(0, -2);
    versions.set(name, [...(versions.get(name) ?? []), commitLast]);
  }
  const rows = new Set((await store.rows('names', '', 1_000_000)).map(({ key }) => key));
  for (const [name, commits] of versions) {
    assert.equal(commits.length, 2, `${name} is there whole, and once`);
    assert.equal(commits[0], commits[1], `${name} is one commit`);
  }
  assert.deepEqual([...rows].sort(), [...versions.keys()].sort());
  for (const { acknowledged, refused } of writers) {
    assert.ok(acknowledged.size >= CYCLES * WRITES_BETWEEN);
    const lost = [...acknowledged].filter((name) => !versions.has(name));
    assert.deepEqual(lost, [], 'acknowledged and not there');
    const false_ = [...refused].filter((name) => versions.has(name));
    assert.deepEqual(false_, [], 'told that it was not done, and there');
  }
}

async function assertOneLog(database: Database, store: ResourceStore): Promise<void> {
  const log = await database.log.find().sort({ _id: 1 }).toArray();
  let last = 0;
  for (const [index, document] of log.entries()) {
    assert.equal(document.slot, index + 1, 'no slot is left out');
    assert.equal(document.first, last + 1, 'numbers go on where they ended');
    last = document.last;
  }
  assert.equal(await store.position(), last);
  const shared = await database.versions.find({ key: 'Patient/shared' }).sort({ _id: 1 }).toArray();
  for (const [index, { versionId, to }] of shared.entries()) {
    assert.equal(versionId, index + 1, 'no version is left out');
    assert.equal(to, shared[index + 1]?.from ?? NEVER_REPLACED, 'each is valid until the next');
  }
}
