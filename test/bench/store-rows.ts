// The store's writes: one caller and fifty, durable, against raw inserts of the same rows; what a
// resource takes on disk; how long writes hold up the event loop.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PutWrite, ResourceStore } from '../../src/store/resource-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { temporaryDirectory } from '../support/running-service.ts';
import { type LoopDelay, watchLoop } from './loop-delay.ts';
import { createOf, indexer, type Material } from './material.ts';
import { RawDatabase, rowsWrittenAfter, sortedRows } from './raw-rows.ts';
import { type BenchRow, median, medianRatio, quantile } from './row.ts';

/** Rounds before the measured ones, while code is compiled. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 6;
const WRITES_PER_ROUND = 400;
const CALLERS = 50;
const BUDGET_CONCURRENT_PER_SECOND = 4_000;
const BUDGET_BLOCKED_MS = 20;
const BUDGET_BYTES_RATIO = 1.7;
const BULK_WRITES = 5_000;
const BULK_BLOCKED_MS = 50;
const DAY_MS = 86_400_000;

const options = (directory: string) => ({ directory, windowMs: DAY_MS, indexer: indexer() });

export async function storeRows(material: Material): Promise<BenchRow[]> {
  return [
    await oneCaller(material),
    ...(await manyCallers(material)),
    syncsOfManyCallers(),
    ...(await bulk(material)),
    await bytesPerResource(material),
  ];
}

/** Creates of the material's resources, as many as asked for, none twice. */
function creates(material: Material, count: number, mark: string): PutWrite[] {
  return Array.from({ length: count }, (_, index) => {
    const text = material.mixed[index % material.mixed.length] ?? '';
    return createOf(text, `${mark}-${index}`);
  });
}

function write(store: ResourceStore, put: PutWrite): Promise<unknown> {
  return store.transact({ guards: [], writes: [put], nowMs: 0, references: 'lenient' });
}

/** An empty database file with all names that the material's resources intern, to start from. */
async function template(material: Material, directory: string): Promise<void> {
  const store = await openSqliteStore(options(directory));
  const writes = creates(material, material.mixed.length, 'first');
  await store.transact({ guards: [], writes, nowMs: 0, references: 'lenient' });
  await store.close();
}

async function oneCaller(material: Material): Promise<BenchRow> {
  const { path, remove } = temporaryDirectory();
  await template(material, path);
  const raw = rawBeside(path);
  const store = await openSqliteStore(options(path));
  const ours: number[] = [];
  const latencies: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    if (round === WARM_UP_ROUNDS) forget(ours, latencies, peer);
    const writes = creates(material, WRITES_PER_ROUND, `one-${round}`);
    const from = await store.position();
    const startedAt = performance.now();
    for (const put of writes) {
      const sentAt = performance.now();
      await write(store, put);
      latencies.push((performance.now() - sentAt) * 1_000);
    }
    ours.push(rate(writes.length, startedAt));
    const rows = rowsWrittenAfter(path, from);
    const rawStartedAt = performance.now();
    for (const one of rows) raw.insert([one]);
    peer.push(rate(rows.length, rawStartedAt));
  }
  raw.close();
  await store.close();
  remove();
  const ratio = medianRatio(ours, peer);
  return {
    name: 'store: one caller, durable',
    median: median(ours),
    p99: quantile(latencies, 0.99),
    unit: 'res/s (p99 us)',
    peer: `raw insert ${median(peer).toFixed(0)}`,
    ratio,
    budget: '>= 0.60x',
    pass: ratio >= 0.6,
  };
}

async function manyCallers(material: Material): Promise<BenchRow[]> {
  const { path, remove } = temporaryDirectory();
  await template(material, path);
  const raw = rawBeside(path);
  const store = await openSqliteStore(options(path));
  const ours: number[] = [];
  const latencies: number[] = [];
  const peer: number[] = [];
  const delays: LoopDelay[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    if (round === WARM_UP_ROUNDS) forget(ours, latencies, peer, delays);
    const count = WRITES_PER_ROUND * 5;
    const writes = creates(material, count, `many-${round}`);
    const from = await store.position();
    await watchLoop(delays, async () => {
      const startedAt = performance.now();
      await shareOut(writes, async (put) => {
        const sentAt = performance.now();
        await write(store, put);
        latencies.push((performance.now() - sentAt) * 1_000);
      });
      ours.push(rate(count, startedAt));
    });
    const rows = rowsWrittenAfter(path, from);
    const rawStartedAt = performance.now();
    for (let start = 0; start < rows.length; start += CALLERS) {
      raw.insert(rows.slice(start, start + CALLERS));
    }
    peer.push(rate(rows.length, rawStartedAt));
  }
  raw.close();
  await store.close();
  remove();
  const blockedMs = Math.max(...delays.map(({ p99Ms }) => p99Ms));
  const row: BenchRow = {
    name: `store: ${CALLERS} callers, durable`,
    median: median(ours),
    p99: quantile(latencies, 0.99),
    unit: 'res/s (p99 us)',
    peer: `raw insert, ${CALLERS} a commit ${median(peer).toFixed(0)}`,
    ratio: medianRatio(ours, peer),
    budget: `>= ${BUDGET_CONCURRENT_PER_SECOND} res/s`,
    pass: median(ours) >= BUDGET_CONCURRENT_PER_SECOND,
  };
  const loop: BenchRow = {
    name: 'store: event loop delay under those writes',
    median: median(delays.map(({ medianMs }) => medianMs)),
    p99: blockedMs,
    unit: 'ms',
    peer: null,
    ratio: null,
    budget: `p99 < ${BUDGET_BLOCKED_MS} ms`,
    pass: blockedMs < BUDGET_BLOCKED_MS,
  };
  return [row, loop];
}

/** Transactions of thousands, two under way as a loader has them, against sorted raw rows. */
async function bulk(material: Material): Promise<BenchRow[]> {
  const { path, remove } = temporaryDirectory();
  await template(material, path);
  const raw = rawBeside(path);
  const store = await openSqliteStore(options(path));
  const ours: number[] = [];
  const peer: number[] = [];
  const delays: LoopDelay[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    if (round === WARM_UP_ROUNDS) forget(ours, peer, delays);
    const halves = ['a', 'b'].map((half) => creates(material, BULK_WRITES, `${half}-${round}`));
    const from = await store.position();
    // What the preparation has held up is not to be counted.
    await setTimeout(20);
    await watchLoop(delays, async () => {
      const startedAt = performance.now();
      await Promise.all(
        halves.map((writes) =>
          store.transact({ guards: [], writes, nowMs: 0, references: 'lenient' }),
        ),
      );
      ours.push(rate(2 * BULK_WRITES, startedAt));
    });
    const rows = rowsWrittenAfter(path, from);
    const sorted = [rows.slice(0, BULK_WRITES), rows.slice(BULK_WRITES)].map(sortedRows);
    const rawStartedAt = performance.now();
    for (const half of sorted) raw.insertSorted(half);
    peer.push(rate(rows.length, rawStartedAt));
  }
  raw.close();
  await store.close();
  remove();
  const ratio = medianRatio(ours, peer);
  const row: BenchRow = {
    name: 'store: bulk transactions of 5,000',
    median: median(ours),
    p99: null,
    unit: 'res/s',
    peer: `raw sorted rows, many a statement ${median(peer).toFixed(0)}`,
    ratio,
    budget: '>= 0.60x',
    pass: ratio >= 0.6,
  };
  const holdsMs = delays.map(({ maxMs }) => maxMs);
  const loop: BenchRow = {
    name: 'store: longest hold of the event loop under those',
    median: median(holdsMs),
    p99: quantile(holdsMs, 0.99),
    unit: 'ms',
    peer: null,
    ratio: null,
    budget: `< ${BULK_BLOCKED_MS} ms`,
    pass: Math.max(...holdsMs) < BULK_BLOCKED_MS,
  };
  return [row, loop];
}

function forget(...measured: unknown[][]): void {
  for (const list of measured) list.length = 0;
}

function rawBeside(directory: string): RawDatabase {
  const file = join(directory, 'raw.db');
  return new RawDatabase(join(directory, 'openims.db'), file);
}

function rate(count: number, startedAt: number): number {
  return (count * 1_000) / (performance.now() - startedAt);
}

async function shareOut(writes: PutWrite[], work: (put: PutWrite) => Promise<void>): Promise<void> {
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let put = writes.pop(); put !== undefined; put = writes.pop()) await work(put);
  });
  await Promise.all(callers);
}

/** Sync calls that fifty callers' writes cost, counted by strace in a process of their own. */
function syncsOfManyCallers(): BenchRow {
  const row = { name: 'store: syncs per write', p99: null, unit: 'syncs', peer: null, ratio: null };
  const budget = '<= 0.05 (one for 20 writes)';
  const { path, remove } = temporaryDirectory();
  const log = join(path, 'strace.log');
  const load = fileURLToPath(new URL('store-load.ts', import.meta.url));
  const trace = ['-f', '-c', '-U', 'calls,name', '-e', 'trace=fsync,fdatasync', '-o', log];
  const done = spawnSync('strace', [...trace, process.execPath, load, join(path, 'data')], {
    encoding: 'utf8',
  });
  const writes = Number(done.stdout);
  if (done.status !== 0 || !existsSync(log)) {
    remove();
    return { ...row, median: Number.NaN, budget: `${budget}; strace is not here`, pass: false };
  }
  const lines = readFileSync(log, 'utf8').matchAll(/^\s*(\d+)\s+f(?:data)?sync$/gm);
  const syncs = [...lines].reduce((sum, [, calls]) => sum + Number(calls), 0);
  remove();
  return { ...row, median: syncs / writes, budget, pass: syncs / writes <= 0.05 };
}

async function bytesPerResource(material: Material): Promise<BenchRow> {
  const { path, remove } = temporaryDirectory();
  const store = await openSqliteStore(options(path));
  const writes = creates(material, material.mixed.length, 'size');
  for (let start = 0; start < writes.length; start += 500) {
    const some = writes.slice(start, start + 500);
    await store.transact({ guards: [], writes: some, nowMs: 0, references: 'lenient' });
  }
  await store.close();
  const json = writes.reduce(
    (sum, { document }) => sum + Buffer.byteLength(document.before + document.after),
    0,
  );
  const file = join(path, 'openims.db');
  const bytes = statSync(file).size;
  remove();
  const ratio = bytes / json;
  return {
    name: 'store: bytes per resource, all indexes',
    median: bytes / writes.length,
    p99: null,
    unit: 'bytes',
    peer: `JSON ${(json / writes.length).toFixed(0)}`,
    ratio,
    budget: `<= ${BUDGET_BYTES_RATIO}x`,
    pass: ratio <= BUDGET_BYTES_RATIO,
  };
}
