// The embedded store on a disk that fills up, turns read-only or loses what it held, and the
// service with too few open files: what was acknowledged is kept, refusals say truly whether
// anything was written, and all goes on when the cause is gone.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { everything, refusalOf, write } from '../conformance/store-suite.ts';
import { keyOf, plainIndexer, put } from '../support/plain-resource.ts';

const START = fileURLToPath(new URL('../../src/start.js', import.meta.url));

const open = (directory: string) =>
  openSqliteStore({ directory, windowMs: 60_000, indexer: plainIndexer });

function mount(...flags: readonly string[]): boolean {
  return spawnSync('mount', flags).status === 0;
}

/** A disk of its own in memory. */
interface SmallDisk {
  readonly path: string;
  resize(size: string): void;
  setReadOnly(isReadOnly: boolean): void;
  remove(): void;
}

/** Undefined where mounting is not permitted. */
function smallDisk(size: string): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'openims-disk-'));
  if (!mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path)) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    resize: (wanted) => assert.ok(mount('-o', `remount,size=${wanted}`, path)),
    setReadOnly: (isReadOnly) =>
      assert.ok(mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path)),
    remove: () => {
      spawnSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

const note = 'x'.repeat(20_000);

/** Writes until the store refuses: what it acknowledged, and the name of what it refused. */
async function fill(store: ResourceStore): Promise<{ kept: string[]; refused: string }> {
  const kept: string[] = [];
  for (let index = 0; ; index += 1) {
    const name = `Patient/p${index}`;
    try {
      await write(store, put(name, { note }));
      kept.push(name);
    } catch {
      return { kept, refused: name };
    }
  }
}

async function assertKept(store: ResourceStore, names: readonly string[]): Promise<void> {
  const found = await store.readMany(names.map(keyOf));
  assert.deepEqual(
    found.map((version) => version && `${version.type}/${version.id}`),
    names,
  );
}

describe('the embedded store on a bad disk', function () {
  this.timeout(60_000);

  const test = (name: string, size: string, body: (disk: SmallDisk) => Promise<void>) =>
    it(name, async function () {
      const disk = smallDisk(size);
      if (disk === undefined) {
        console.log('      skipped: no disk may be mounted here');
        return this.skip();
      }
      try {
        await body(disk);
      } finally {
        disk.remove();
      }
    });

  test(
    'that is full keeps what it acknowledged, and goes on when there is room',
    '8m',
    async (disk) => {
      const store = await open(disk.path);
      const { kept, refused } = await fill(store);
      assert.ok(kept.length > 20, `${kept.length} fitted`);
      const refusal = await refusalOf(write(store, put('Patient/second', { note })));
      assert.ok(refusal.reason === 'unavailable');
      assert.match(refusal.detail, /^[A-Z].*(SQLITE_FULL|SQLITE_IOERR).*\.$/);
      await assertKept(store, kept);
      disk.resize('64m');
      await write(store, put('Patient/after', { note }));
      const position = await store.position();
      await store.close();
      const again = await open(disk.path);
      await assertKept(again, [...kept, 'Patient/after']);
      assert.equal(await again.position(), position);
      if (refusal.committed === 'no')
        assert.equal(await again.read(keyOf('Patient/second')), undefined);
      assert.equal(
        await again.count(everything('Patient')),
        position,
        `${refused} is there or not`,
      );
      await again.close();
    },
  );

  test(
    'that is read-only is refused in a sentence, and taken when it is not',
    '32m',
    async (disk) => {
      const store = await open(disk.path);
      await write(store, put('Patient/before'));
      // Linux makes no disk read-only whose files are open for writing.
      await store.close();
      disk.setReadOnly(true);
      const refusal = await refusalOf(open(disk.path));
      assert.ok(refusal.reason === 'unavailable');
      assert.match(refusal.detail, /^[A-Z][^\n]{10,250}\.$/);
      assert.ok(refusal.detail.includes(disk.path), refusal.detail);
      disk.setReadOnly(false);
      const again = await open(disk.path);
      await assertKept(again, ['Patient/before']);
      await write(again, put('Patient/after'));
      await again.close();
    },
  );
});

describe('an embedded store whose file was damaged', function () {
  this.timeout(60_000);
  let directory: string;
  const kept = Array.from({ length: 200 }, (_, index) => `Patient/p${index}`);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'openims-damage-'));
    const store = await open(directory);
    for (const name of kept) await write(store, put(name, { note: note.slice(0, 4_000) }));
    await store.close();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** One clear sentence at opening, or a refusal of what cannot be read; never a wrong answer. */
  async function assertRefuses(): Promise<void> {
    const texts = async () => {
      const store = await open(directory);
      try {
        return await store.readMany(kept.map(keyOf));
      } finally {
        await store.close();
      }
    };
    const refusal = await refusalOf(texts());
    assert.ok(refusal.reason === 'unavailable', JSON.stringify(refusal));
    assert.match(refusal.detail, /^[A-Z][^\n]{10,300}\.$/);
  }

  it('by being cut short is refused', async () => {
    const file = join(directory, 'openims.db');
    truncateSync(file, Math.floor(statSync(file).size / 3));
    await assertRefuses();
  });

  it('in its pages refuses what it cannot read', async () => {
    const file = join(directory, 'openims.db');
    const { size } = statSync(file);
    const descriptor = openSync(file, 'r+');
    for (let place = 65_536; place < size; place += 4_096) {
      writeSync(descriptor, Buffer.alloc(64, 0x5a), 0, 64, place);
    }
    closeSync(descriptor);
    await assertRefuses();
  });
});

describe('the service with few open files', function () {
  this.timeout(60_000);

  /** The service with at most so many open files. */
  function start(files: number, directory: string) {
    const flags = ['--port', '0', '--data', directory, '--empty', '--log-level', 'silent'];
    const script = `ulimit -n ${files}; exec "$0" "$@"`;
    return spawn('bash', ['-c', script, process.execPath, START, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  it('too few to start says so in a sentence', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'openims-files-'));
    const child = start(26, directory);
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const [exitCode] = await once(child, 'close');
    assert.equal(exitCode, 1, said);
    assert.match(said, /^[A-Z][^\n]{10,300}\n$/);
    rmSync(directory, { recursive: true });
  });

  it('goes on when clients that took them all are gone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'openims-files-'));
    const child = start(90, directory);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const baseUrl = line.replace('OpenIMS is ready at ', '');
    const url = `${baseUrl}/Patient/a`;
    const body = JSON.stringify({ resourceType: 'Patient', id: 'a', gender: 'female' });
    const headers = { 'content-type': 'application/fhir+json', connection: 'close' };
    assert.equal((await fetch(url, { method: 'PUT', headers, body })).status, 201);
    const port = Number(new URL(baseUrl).port);
    const crowd: Socket[] = [];
    for (let index = 0; index < 120; index += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      crowd.push(socket);
    }
    await Promise.all(crowd.map((socket) => once(socket, 'connect').catch(() => undefined)));
    for (const socket of crowd) socket.destroy();
    const read = await fetch(url, { headers: { connection: 'close' } });
    assert.equal(read.status, 200);
    assert.equal(((await read.json()) as { gender: string }).gender, 'female');
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'close');
    assert.equal(exitCode, 0);
    rmSync(directory, { recursive: true });
  });
});
