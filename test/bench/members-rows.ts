// The members of a cohort that holds everybody: written and frozen by the real service over HTTP,
// with what its process takes of memory meanwhile.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assert } from '../../src/lib/assert.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import { fillWithPeople } from './members-people.ts';
import type { BenchRow } from './row.ts';

/** A million in a minute, and in three. */
const REFRESHED_PER_SECOND = 16_700;
const FROZEN_PER_SECOND = 5_600;
/** Most of it is room that the engine gives its heaps: more members need no more. */
const GROWTH_MIB = 300;
const SAMPLED_EVERY_MS = 250;
const INDEX_WAIT_MS = 1_000;
const SETTLED_AFTER_MS = 3_000;

const EVERYBODY = {
  ...{ resourceType: 'Group', type: 'person', actual: true, name: 'Everybody' },
  modifierExtension: [
    {
      url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
      valueExpression: { language: 'application/x-fhir-query', expression: 'birthdate=gt1900' },
    },
  ],
};

/** @param people of whom all are members */
export async function membersRows({ people }: { people: number }): Promise<BenchRow[]> {
  const directory = temporaryDirectory();
  try {
    const port = await freePort();
    const data = directory.path;
    // What is indexed depends on the service's address.
    await fillWithPeople(people, ['--data', data, '--port', String(port)]);
    const service = await startService({ data, port });
    const rows = await measure(service, people);
    await service.stop();
    return rows;
  } finally {
    directory.remove();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a server that listens has a port');
  server.close();
  await once(server, 'close');
  return address.port;
}

async function measure(service: RunningService, people: number): Promise<BenchRow[]> {
  const { baseUrl, pid } = service;
  while ((await fetch(`${baseUrl}/Patient/$cohort?include=active%3Dtrue`)).status !== 200) {
    await wait(INDEX_WAIT_MS);
  }
  const { id } = await post(`${baseUrl}/Group`, EVERYBODY, people);
  await wait(SETTLED_AFTER_MS);
  const idle = await residentMib(pid);
  const refreshed = await timed(pid, () =>
    post(`${baseUrl}/Group/${id}/$refresh-members`, {}, people),
  );
  const frozen = await timed(pid, () => post(`${baseUrl}/Group/${id}/$freeze-members`, {}, people));
  return [
    rateRow('$refresh-members', people, refreshed.seconds, REFRESHED_PER_SECOND),
    rateRow('$freeze-members', people, frozen.seconds, FROZEN_PER_SECOND),
    growthRow(people, Math.max(refreshed.peakMib, frozen.peakMib), idle),
  ];
}

/** Sends a Group, or an operation on it. @returns the Group that is answered */
async function post(url: string, body: object, people: number): Promise<{ readonly id: string }> {
  const headers = { 'content-type': 'application/fhir+json' };
  const sent = Object.keys(body).length > 0 ? { body: JSON.stringify(body), headers } : {};
  const response = await fetch(url, { method: 'POST', ...sent });
  const group = (await response.json()) as { readonly id: string; readonly quantity?: number };
  assert(response.ok && group.quantity === people, `${url} answers with a Group of everybody`);
  return group;
}

/** How long work takes, and the most that the process holds meanwhile. */
async function timed(pid: number | undefined, work: () => Promise<unknown>) {
  let peakMib = 0;
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      peakMib = Math.max(peakMib, await residentMib(pid));
      await wait(SAMPLED_EVERY_MS);
    }
  })();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  isOver = true;
  await sampling;
  return { seconds, peakMib };
}

const run = promisify(execFile);

/** What a process has in memory, pages of the database's file that are mapped included. */
async function residentMib(pid: number | undefined): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1_024;
}

function rateRow(operation: string, people: number, seconds: number, budget: number): BenchRow {
  const rate = people / seconds;
  return {
    name: `members: ${operation} of ${people} in ${seconds.toFixed(1)} s`,
    median: rate,
    p99: null,
    unit: 'members/s',
    peer: null,
    ratio: null,
    budget: `>= ${budget}`,
    pass: rate >= budget,
  };
}

function growthRow(people: number, peakMib: number, idleMib: number): BenchRow {
  const growth = peakMib - idleMib;
  return {
    name: `members: memory for ${people}, beyond ${idleMib.toFixed(0)} MiB when idle`,
    median: growth,
    p99: null,
    unit: 'MiB',
    peer: null,
    ratio: null,
    budget: `<= ${GROWTH_MIB} MiB, however many`,
    pass: growth <= GROWTH_MIB,
  };
}
