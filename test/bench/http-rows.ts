// Reads, creates and transactions over HTTP against bare node:http doing the same I/O, both as
// processes of their own, the same client, in turns.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService, temporaryDirectory } from '../support/running-service.ts';
import { runLoad } from './http-load.ts';
import { createOf, type Material } from './material.ts';
import { type BenchRow, median, medianRatio, quantile } from './row.ts';

/** Rounds before the measured ones: a service is compiled to its end after some 10,000 requests. */
const WARM_UP_ROUNDS = 4;
const ROUNDS = 5;
const PATIENTS = 500;
const READ_CONNECTIONS = 32;
const READS = 3_000;
const CREATE_CONNECTIONS = 64;
const CREATES = 2_000;
const TRANSACTIONS = 24;
const TRANSACTION_ENTRIES = 100;
const TRANSACTION_CONNECTIONS = 4;
const FLAGS = ['--references', 'lenient', '--log-level', 'error'];

const budgets = {
  readRatio: 0.55,
  createPerSecond: 2_500,
  createP99Ms: 100,
  entriesPerSecond: 6_000,
};

export async function httpRows(material: Material): Promise<BenchRow[]> {
  const { path, remove } = temporaryDirectory();
  try {
    const data = join(path, 'data');
    const seeding = await startService({ data, flags: FLAGS });
    const ids = await seed(seeding.baseUrl, material);
    await seeding.stop();
    const copy = join(path, 'bare.db');
    copyFileSync(join(data, 'openims.db'), copy);
    const service = await startService({ data, flags: FLAGS });
    const bare = await startBare(copy, material);
    const port = Number(new URL(service.baseUrl).port);
    const rows = [
      await readRow(port, bare.port, ids),
      await createRow(port, bare.port, material),
      await transactionRow(port, material),
    ];
    bare.process.kill();
    await service.stop();
    return rows;
  } finally {
    remove();
  }
}

async function seed(baseUrl: string, material: Material): Promise<string[]> {
  const entry = Array.from({ length: PATIENTS }, (_, index) => ({
    resource: JSON.parse(material.patients[index % material.patients.length] ?? '') as object,
    request: { method: 'POST', url: 'Patient' },
  }));
  const response = await fetch(baseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  });
  const answered = (await response.json()) as { entry: { response: { location: string } }[] };
  return answered.entry.map((one) => one.response.location.split('/').at(-3) ?? '');
}

interface Bare {
  readonly process: ChildProcess;
  readonly port: number;
}

async function startBare(file: string, material: Material): Promise<Bare> {
  const script = fileURLToPath(new URL('bare-server.ts', import.meta.url));
  const write = createOf(material.immunizations[0] ?? '', 'x');
  const rows = String(write.entries.length);
  const child = spawn(process.execPath, [script, file, rows], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, port: Number(chunk.toString()) };
}

/** Both servers in turns under the same load; rates and our latencies. */
async function inTurns(
  ports: { readonly ours: number; readonly bare: number },
  load: { connections: number; requests: readonly string[]; count: number },
  expected: string,
): Promise<{ ours: number[]; bare: number[]; latenciesMs: number[] }> {
  const ours: number[] = [];
  const bare: number[] = [];
  const latenciesMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const result = await runLoad({ port: ports.ours, ...load });
    if (result.statuses[expected] !== load.count) {
      throw new Error(`Answers were ${JSON.stringify(result.statuses)}`);
    }
    const peer = await runLoad({ port: ports.bare, ...load });
    if (round < WARM_UP_ROUNDS) continue;
    ours.push(result.perSecond);
    bare.push(peer.perSecond);
    latenciesMs.push(...result.latenciesMs);
  }
  return { ours, bare, latenciesMs };
}

async function readRow(port: number, barePort: number, ids: readonly string[]): Promise<BenchRow> {
  const requests = ids.map((id) => get(`/fhir/R4/Patient/${id}`));
  const load = { connections: READ_CONNECTIONS, requests, count: READS };
  const { ours, bare, latenciesMs } = await inTurns({ ours: port, bare: barePort }, load, '200');
  const ratio = medianRatio(ours, bare);
  return {
    name: 'HTTP: read by id',
    median: median(ours),
    p99: quantile(latenciesMs, 0.99),
    unit: 'req/s (p99 ms)',
    peer: `bare node:http ${median(bare).toFixed(0)}`,
    ratio,
    budget: `>= ${budgets.readRatio}x`,
    pass: ratio >= budgets.readRatio,
  };
}

async function createRow(port: number, barePort: number, material: Material): Promise<BenchRow> {
  const requests = material.immunizations.slice(0, 50).map((text) => post('/Immunization', text));
  const load = { connections: CREATE_CONNECTIONS, requests, count: CREATES };
  const { ours, bare, latenciesMs } = await inTurns({ ours: port, bare: barePort }, load, '201');
  const p99 = quantile(latenciesMs, 0.99);
  return {
    name: `HTTP: create, ${CREATE_CONNECTIONS} connections`,
    median: median(ours),
    p99,
    unit: 'res/s (p99 ms)',
    peer: `bare node:http + raw insert ${median(bare).toFixed(0)}`,
    ratio: medianRatio(ours, bare),
    budget: `>= ${budgets.createPerSecond} res/s, p99 < ${budgets.createP99Ms} ms`,
    pass: median(ours) >= budgets.createPerSecond && p99 < budgets.createP99Ms,
  };
}

async function transactionRow(port: number, material: Material): Promise<BenchRow> {
  const entry = Array.from({ length: TRANSACTION_ENTRIES }, (_, index) => ({
    resource: withoutLinks(material.immunizations[index % material.immunizations.length] ?? ''),
    request: { method: 'POST', url: 'Immunization' },
  }));
  const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const rates: number[] = [];
  const latenciesMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const result = await runLoad({
      port,
      connections: TRANSACTION_CONNECTIONS,
      requests: [post('', bundle)],
      count: TRANSACTIONS,
    });
    if (result.statuses['200'] !== TRANSACTIONS) {
      throw new Error(`Answers were ${JSON.stringify(result.statuses)}`);
    }
    if (round < WARM_UP_ROUNDS) continue;
    rates.push(result.perSecond * TRANSACTION_ENTRIES);
    latenciesMs.push(...result.latenciesMs);
  }
  return {
    name: `HTTP: transaction of ${TRANSACTION_ENTRIES} entries`,
    median: median(rates),
    p99: quantile(latenciesMs, 0.99),
    unit: 'entries/s (p99 ms)',
    peer: null,
    ratio: null,
    budget: `>= ${budgets.entriesPerSecond} entries/s`,
    pass: median(rates) >= budgets.entriesPerSecond,
  };
}

/** The resource without its references into Synthea's own bundles. */
function withoutLinks(text: string): object {
  const { encounter: _encounter, location: _location, ...rest } = JSON.parse(text);
  return { ...rest, patient: { display: 'a patient' } };
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: application/fhir+json\r\n\r\n`;
}

function post(path: string, body: string): string {
  const length = Buffer.byteLength(body);
  const type = 'Content-Type: application/fhir+json';
  const head = `POST /fhir/R4${path} HTTP/1.1\r\nHost: bench\r\n${type}`;
  return `${head}\r\nContent-Length: ${length}\r\n\r\n${body}`;
}
