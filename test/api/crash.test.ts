// The real service, killed with SIGKILL while several connections write to it, again and again:
// what was acknowledged is there, transactions are whole or absent, and the log has no gap.

import assert from 'node:assert/strict';
import { readPageToken } from '../../src/interactions/page-token.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import { bundleOf, entryOf, immunization, patient } from '../support/sample-resources.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { linkOf, type TestBundle } from '../support/service.ts';

const EVERYTHING = process.env.CI === 'true';
const CYCLES = EVERYTHING ? 100 : 5;
const CYCLE_TIMEOUT_MS = 20_000;
const WRITERS = 6;

/** Acknowledged and sent requests of a cycle before the kill: at least and at most. */
const EVENTS_MIN = 3;
const EVENTS_MAX = 120;

/** One request that writes: the resources it makes all appear, or none does. */
interface Attempt {
  /** `Type/id` of each. */
  readonly names: readonly string[];
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly body: object;
  acknowledged: boolean;
}

function single(name: string): Attempt {
  const body = patient({ id: name, active: true });
  const path = `/Patient/${name}`;
  return { names: [`Patient/${name}`], method: 'PUT', path, body, acknowledged: false };
}

/** A person with doses that refer to them. */
function transaction(name: string, doses: number): Attempt {
  const entries = Array.from({ length: doses }, (_, index) => {
    const id = `${name}-${index}`;
    return entryOf('PUT', `Immunization/${id}`, immunization(`Patient/${name}`, { id }));
  });
  const body = bundleOf(
    'transaction',
    ...entries,
    entryOf('PUT', `Patient/${name}`, patient({ id: name })),
  );
  const names = [
    `Patient/${name}`,
    ...Array.from({ length: doses }, (_, index) => `Immunization/${name}-${index}`),
  ];
  return { names, method: 'POST', path: '/', body, acknowledged: false };
}

/** Writes over several connections until it is told to stop or the service is gone. */
class Writers {
  readonly attempts: Attempt[] = [];
  readonly #baseUrl: string;
  readonly #random: SeededRandom;
  readonly #prefix: string;
  #eventsLeft: number;
  readonly #kill: () => void;

  /** @param kill called once, after a random number of requests sent and acknowledged */
  constructor(baseUrl: string, random: SeededRandom, prefix: string, kill: () => void) {
    this.#baseUrl = baseUrl;
    this.#random = random;
    this.#prefix = prefix;
    this.#eventsLeft = EVENTS_MIN + random.below(EVENTS_MAX - EVENTS_MIN);
    this.#kill = kill;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: WRITERS }, () => this.#write()));
  }

  async #write(): Promise<void> {
    for (;;) {
      const attempt = this.#next();
      this.attempts.push(attempt);
      const answered = this.#send(attempt);
      this.#countEvent();
      const status = await answered.catch(() => undefined);
      if (status === undefined) return;
      assert.ok(status === 200 || status === 201, `${attempt.path}: ${status}`);
      attempt.acknowledged = true;
      this.#countEvent();
    }
  }

  #next(): Attempt {
    const name = `${this.#prefix}-${this.attempts.length}`;
    const doses = this.#random.below(6);
    return doses === 0 ? single(name) : transaction(name, doses);
  }

  async #send({ method, path, body }: Attempt): Promise<number> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/fhir+json', prefer: 'return=minimal' },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  #countEvent(): void {
    this.#eventsLeft -= 1;
    if (this.#eventsLeft === 0) this.#kill();
  }
}

async function getBundle(url: string): Promise<TestBundle> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return (await response.json()) as TestBundle;
}

async function exists(service: RunningService, name: string): Promise<boolean> {
  const response = await fetch(`${service.baseUrl}/${name}`);
  await response.arrayBuffer();
  assert.ok(response.status === 200 || response.status === 404, `${name}: ${response.status}`);
  return response.status === 200;
}

/** Proves of each attempt that it is whole or absent, and there when it was acknowledged; answers
 * how many resources there are of it. */
async function checkAttempts(
  service: RunningService,
  attempts: readonly Attempt[],
): Promise<number> {
  let present = 0;
  for (const { names, acknowledged } of attempts) {
    const found = await Promise.all(names.map((name) => exists(service, name)));
    const count = found.filter(Boolean).length;
    if (acknowledged) assert.equal(count, names.length, `acknowledged: ${names}`);
    else assert.ok(count === 0 || count === names.length, `half of it is there: ${names}`);
    present += count;
  }
  return present;
}

/** Proves that the versions' sequence numbers are 1 to their number. */
async function checkSequence(service: RunningService, versions: number): Promise<void> {
  const newest = await getBundle(`${service.baseUrl}/_history?_count=1`);
  assert.equal(newest.total, versions);
  const next = linkOf(newest, 'next') ?? assert.fail('a second page follows');
  // So many different numbers, none beyond `at`, and `at` is their number: none is left out.
  const { at, after } = readPageToken(new URL(next).searchParams.get('_page') ?? '');
  assert.equal(at, versions);
  assert.equal(Number(after), versions);
}

/** Proves that the whole history is in order and holds every resource present. */
async function walkHistory(service: RunningService, versions: number): Promise<void> {
  const seen = new Set<string>();
  let earliest = '9999';
  let url: string | undefined = `${service.baseUrl}/_history?_count=1000`;
  while (url !== undefined) {
    const page: TestBundle = await getBundle(url);
    for (const { resource } of page.entry ?? []) {
      const lastUpdated = resource?.meta?.lastUpdated ?? '';
      assert.ok(lastUpdated <= earliest, 'newest first');
      earliest = lastUpdated;
      seen.add(`${resource?.resourceType}/${resource?.id}`);
    }
    url = linkOf(page, 'next');
  }
  assert.equal(seen.size, versions, 'each version once');
}

describe('a service that is killed while it writes', () => {
  const seed = Number(process.env.SEED ?? 20_261_125);
  const directory = temporaryDirectory();
  after(() => directory.remove());

  it(`loses nothing acknowledged and keeps no halves, ${CYCLES} times over`, async function () {
    this.timeout(CYCLES * CYCLE_TIMEOUT_MS);
    console.log(`      seed ${seed}`);
    const random = seededRandom(seed);
    let service = await startService({ data: directory.path });
    const port = Number(new URL(service.baseUrl).port);
    let versions = 0;
    let acknowledged = 0;
    for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const kill = () => service.kill9().then(resolve);
      const writers = new Writers(service.baseUrl, random, `c${cycle}`, kill);
      await writers.run();
      await promise;
      service = await startService({ data: directory.path, port });
      versions += await checkAttempts(service, writers.attempts);
      acknowledged += writers.attempts.filter((attempt) => attempt.acknowledged).length;
      if (versions > 1) await checkSequence(service, versions);
    }
    await walkHistory(service, versions);
    assert.ok(acknowledged > 0);
    console.log(`      ${acknowledged} requests acknowledged, ${versions} versions kept`);
    assert.equal(await service.stop(), 0);
  });
});
