// What is the embedded store's own: its files, its lock, its index made anew, its bounded log.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import DatabaseConstructor from 'better-sqlite3';
import { type ResourceStore, StoreError } from '../../../src/store/resource-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { TextIndexerSource } from '../../../src/store/text-indexer.ts';
import {
  keyOf,
  plainIndexer,
  pointer,
  put,
  remove,
  START_MS,
  token,
  transaction,
} from '../../support/plain-resource.ts';

const run = promisify(execFile);

describe('the embedded store', () => {
  let directory: string;
  const opened: ResourceStore[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'openims-sqlite-'));
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await rm(directory, { recursive: true });
  });

  async function open(indexer: TextIndexerSource = plainIndexer): Promise<ResourceStore> {
    const store = await openSqliteStore({ directory, windowMs: 1_000, indexer });
    opened.push(store);
    return store;
  }

  /** The sentence with which opening is refused. */
  async function refusalToOpen(indexer?: TextIndexerSource): Promise<string> {
    try {
      await open(indexer);
    } catch (error) {
      assert.ok(error instanceof StoreError && error.refusal.reason === 'unavailable');
      assert.equal(error.refusal.committed, 'no');
      return error.refusal.detail;
    }
    return assert.fail('the store opened');
  }

  const databaseFile = () => join(directory, 'openims.db');
  const search = (code: string) =>
    ({
      type: 'Patient',
      where: { kind: 'token', parameter: 'identifier', anyOf: [{ code }] },
      sort: [],
    }) as const;

  it('is opened by one at a time', async () => {
    const store = await open();
    assert.match(await refusalToOpen(), /cannot be opened: another process is using it\.$/);
    await store.close();
    await open();
  });

  it('is not locked by a process that was killed', async () => {
    const module = new URL('../../../src/store/sqlite/sqlite-store.ts', import.meta.url);
    const script = `
      import { openSqliteStore } from '${module}';
      import { plainIndexer, put, transaction } from '${plainIndexer.module}';
      const directory = ${JSON.stringify(directory)};
      const store = await openSqliteStore({ directory, windowMs: 1_000, indexer: plainIndexer });
      await store.transact(transaction(put('Patient/a')));
      process.kill(process.pid, 'SIGKILL');`;
    const file = join(directory, 'killed.mjs');
    await writeFile(file, script);
    const killed = run(process.execPath, [file]);
    await assert.rejects(killed, { signal: 'SIGKILL' });
    const store = await open();
    assert.equal((await store.read(keyOf('Patient/a')))?.versionId, 1);
  });

  it('refuses a file that is no database, in one sentence', async () => {
    await writeFile(databaseFile(), 'This is not a database, whatever its name says.'.repeat(50));
    assert.match(await refusalToOpen(), /cannot be opened: the database file is damaged.*\.$/);
  });

  it('refuses a database that another program has locked', async () => {
    await (await open()).close();
    const other = new DatabaseConstructor(databaseFile());
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    assert.match(await refusalToOpen(), /locked by another program\.$/);
    other.close();
    await open();
  });

  it('refuses tables of another format', async () => {
    await (await open()).close();
    const other = new DatabaseConstructor(databaseFile());
    other.pragma('user_version = 99');
    other.close();
    assert.match(await refusalToOpen(), /is of format 99, this program needs format 2\.$/);
  });

  it('refuses an indexer that is none', async () => {
    const module = new URL('../../support/seeded-random.ts', import.meta.url).href;
    const sentence = await refusalToOpen({ ...plainIndexer, module });
    assert.match(sentence, /does not export makeTextIndexer\.$/);
  });

  it('makes its index anew when the indexer has changed', async () => {
    const store = await open();
    const content = { entries: [token('identifier', 's', '1'), pointer('patient', 'Patient/a')] };
    await store.transact(transaction(put('Patient/a', content), put('Patient/b')));
    await store.transact(transaction(put('Patient/a'), remove('Patient/b')));
    await store.transact(transaction(put('Patient/c', content)));
    await store.close();
    const database = new DatabaseConstructor(databaseFile());
    database.exec('DELETE FROM entry_token; DELETE FROM entry_reference; DELETE FROM past_token');
    database.close();

    const unchanged = await open();
    assert.equal(await unchanged.count(search('1')), 0);
    await unchanged.close();

    const again = await open({ ...plainIndexer, version: 'plain 2' });
    assert.equal(await again.count(search('1')), 1);
    assert.equal(await again.count(search('1'), 2), 1);
    const strict = { ...transaction(remove('Patient/a')), references: 'strict' } as const;
    await assert.rejects(again.transact(strict), /still-referenced/);
  });

  it('lets go of past entries behind the window, and of nothing else', async () => {
    const store = await open();
    const content = (code: number) => ({ entries: [token('identifier', 's', String(code))] });
    for (let step = 0; step < 10; step += 1) {
      const nowMs = START_MS + step * 1_000;
      await store.transact({ ...transaction(put('Patient/a', content(step))), nowMs });
    }
    await store.maintain(START_MS + 6_000);
    assert.equal(await store.count(search('5'), 6), 1);
    await store.close();
    const database = new DatabaseConstructor(databaseFile(), { readonly: true });
    const countOf = (table: string) =>
      database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    assert.equal(countOf('past_token'), 4);
    assert.equal(countOf('past_resource'), 4);
    assert.equal(countOf('version'), 10);
    database.close();
  });

  it('keeps its write-ahead log within bounds while others read', async function () {
    this.timeout(60_000);
    const store = await open();
    const note = 'x'.repeat(50_000);
    const query = { type: 'Patient', where: { kind: 'everything' }, sort: [] } as const;
    let largest = 0;
    for (let round = 0; round < 60; round += 1) {
      const writes = Array.from({ length: 100 }, (_, index) =>
        put(`Patient/p${round}-${index}`, { note }),
      );
      await Promise.all([store.transact(transaction(...writes)), store.count(query)]);
      largest = Math.max(largest, (await stat(`${databaseFile()}-wal`)).size);
    }
    const written = (await stat(databaseFile())).size;
    assert.ok(written > 250_000_000, `wrote ${written}`);
    assert.ok(largest < 160_000_000, `the log grew to ${largest}`);
  });

  it('empties its write-ahead log when it closes', async () => {
    const store = await open();
    await store.transact(transaction(put('Patient/a')));
    await store.close();
    await assert.rejects(stat(`${databaseFile()}-wal`), { code: 'ENOENT' });
  });
});
