// What others made, unchanged, over HTTP against the real service: Synthea's bundles must load and
// count as they count by themselves; published cases must be judged as their publishers expect.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import {
  needsRealMaterial,
  type RealCase,
  readCase,
  realCases,
  type SyntheaBundle,
  type SyntheaFile,
  syntheaBundles,
  syntheaFiles,
} from '../support/real-material.ts';
import {
  type RunningService,
  startService,
  temporaryDirectory,
} from '../support/running-service.ts';
import type { TestBundle } from '../support/service.ts';

const EVERYTHING = process.env.CI === 'true';

/** Patient bundles that are loaded where time is short, the smallest ones. */
const SAMPLE = 15;

const LOADING_TIMEOUT_MS = EVERYTHING ? 30 * 60_000 : 2 * 60_000;

/** What the bundles themselves say, counted without any code of the service. */
class Tally {
  readonly #conditional = new Set<string>();
  readonly #byType = new Map<string, number>();
  /** By their urn. */
  readonly #births = new Map<string, string>();
  readonly #vaccinated = new Set<string>();

  add({ bundle }: SyntheaBundle): void {
    for (const { fullUrl = '', resource, request } of bundle.entry) {
      const { resourceType: type } = resource;
      if (request?.ifNoneExist !== undefined) {
        const condition = `${type}?${request.ifNoneExist}`;
        if (this.#conditional.has(condition)) continue;
        this.#conditional.add(condition);
      }
      this.#byType.set(type, (this.#byType.get(type) ?? 0) + 1);
      if (type === 'Patient') this.#births.set(fullUrl, String(resource.birthDate));
      if (type === 'Immunization') this.#addDose(resource);
    }
  }

  #addDose(dose: Resource): void {
    const { coding } = dose.vaccineCode as { coding: { code: string }[] };
    const { reference } = dose.patient as { reference: string };
    if (coding.some(({ code }) => code === '140')) this.#vaccinated.add(reference);
  }

  get byType(): ReadonlyMap<string, number> {
    return this.#byType;
  }

  /** People born on or before the day who had a dose of vaccine 140. */
  vaccinatedBornBy(day: string): number {
    return [...this.#births].filter(([urn, born]) => born <= day && this.#vaccinated.has(urn))
      .length;
  }
}

function chosenFiles(): readonly SyntheaFile[] {
  const files = syntheaFiles();
  if (EVERYTHING) return files;
  const [first, second, ...people] = files;
  const smallest = people.toSorted((a, b) => a.bytes - b.bytes).slice(0, SAMPLE);
  return [first, second, ...smallest].filter((file) => file !== undefined);
}

async function post(service: RunningService, path: string, body: string | Buffer) {
  const headers = { 'content-type': 'application/fhir+json' };
  const url = `${service.baseUrl}${path}`;
  const response = await fetch(url, { method: 'POST', headers, body });
  const location = response.headers.get('location');
  return { status: response.status, text: await response.text(), location };
}

/** Deletes what was created. @param location the url of its version */
async function remove(location: string): Promise<void> {
  const response = await fetch(location.replace(/\/_history\/.*$/, ''), { method: 'DELETE' });
  assert.equal(response.status, 204, location);
}

async function total(service: RunningService, query: string): Promise<number | undefined> {
  const response = await fetch(`${service.baseUrl}/${query}`);
  return ((await response.json()) as TestBundle).total;
}

/** Starts a service that holds every type, for the tests of one `describe`. */
function serviceWith(...flags: string[]): () => RunningService {
  const directory = temporaryDirectory();
  let service: RunningService | undefined;
  before(async function () {
    this.timeout(30_000);
    service = await startService({ data: directory.path, flags: ['--types', 'all', ...flags] });
  });
  after(async () => {
    await service?.stop();
    directory.remove();
  });
  return () => {
    assert.ok(service !== undefined, 'the service runs');
    return service;
  };
}

describe('Synthea bundles', () => {
  const service = serviceWith();
  const tally = new Tally();

  before(async function () {
    this.timeout(LOADING_TIMEOUT_MS);
    needsRealMaterial(this, 'synthea');
    const files = chosenFiles();
    if (!EVERYTHING)
      console.log(`      a sample: ${files.length} of ${syntheaFiles().length} files`);
    for await (const bundle of syntheaBundles(files)) {
      const { status, text } = await post(service(), '/', bundle.text);
      assert.equal(status, 200, `${bundle.name}: ${text.slice(0, 2_000)}`);
      const { entry = [] } = JSON.parse(text) as TestBundle;
      assert.equal(entry.length, bundle.bundle.entry.length, bundle.name);
      const refused = entry.filter(({ response }) => !/^20[01] /.test(response?.status ?? ''));
      assert.deepEqual(refused, [], bundle.name);
      tally.add(bundle);
    }
  });

  it('load unchanged, and are as many of each type as there are in them', async () => {
    const counted = new Map<string, number | undefined>();
    for (const type of tally.byType.keys()) {
      counted.set(type, await total(service(), `${type}?_summary=count`));
    }
    assert.deepEqual(counted, new Map(tally.byType));
  });

  it('answer a cohort as an independent count does', async () => {
    const expected = tally.vaccinatedBornBy('1961-11-22');
    assert.ok(expected > 0, 'the sample holds somebody to find');
    const cohort =
      'Patient?birthdate=le1961-11-22&_has:Immunization:patient:vaccine-code=140&_summary=count';
    assert.equal(await total(service(), cohort), expected);
  });
});

describe('cases that others published', () => {
  const service = serviceWith('--references', 'lenient');

  const judged = (use: string) => (one: RealCase) =>
    one.layer === 'fhir-r4' && one.use === use && one.ambiguous !== true && one.strength !== 'soft';

  const judge = async (use: string, path: (one: RealCase, body: Buffer) => string) => {
    const cases = realCases().filter(judged(use));
    const wrong: string[] = [];
    for (const one of cases) {
      const body = readCase(one);
      const { status, text, location } = await post(service(), path(one, body), body);
      const isRight = one.expected === 'accept' ? status < 300 : status >= 400 && status < 500;
      if (!isRight) wrong.push(`${one.file} (${one.why}): ${status} ${text.slice(0, 500)}`);
      else if (status >= 400) assert.match(text, /"resourceType":"OperationOutcome"/, one.file);
      // Publishers use one identifier in several examples: each is judged by itself.
      if (location !== null) await remove(location);
    }
    assert.notEqual(cases.length, 0);
    assert.deepEqual(wrong, [], `${wrong.length} of ${cases.length}`);
  };

  it('are created or refused as their publishers expect', async function () {
    this.timeout(60_000);
    needsRealMaterial(this, 'cases');
    await judge('create', ({ resourceType = '' }) => `/${resourceType}`);
  });

  it('are carried out or refused as transactions as their publishers expect', async function () {
    this.timeout(60_000);
    needsRealMaterial(this, 'cases');
    await judge('transaction', () => '/');
  });
});
