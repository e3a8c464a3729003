// A store full of people with few records, for the bench of members: written past HTTP and checks,
// which others measure, by the settings that the service is then started with.

import { type Config, readConfig } from '../../src/config.ts';
import { documentText } from '../../src/fhir/document-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { AddedParameterIndex } from '../../src/jobs/reindex.ts';
import { assert } from '../../src/lib/assert.ts';
import { indexEntries, outgoingReferences } from '../../src/search/index-entries.ts';
import { makeSearchRegistry, type SearchRegistry } from '../../src/search/search-registry.ts';
import { openStore, type Served, servedBy } from '../../src/service-store.ts';
import type { PutWrite } from '../../src/store/resource-store.ts';
import { immunization, patient } from '../support/sample-resources.ts';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const SNOMED = 'http://snomed.info/sct';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const PRACTICE = 'Organization/practice';
const WRITES_PER_COMMIT = 4_000;
const DAY_MS = 86_400_000;
const EARLIEST_BIRTH_MS = Date.UTC(1930, 0, 1);
const BIRTH_DAYS = 94 * 365;

/** Fills the empty store of these flags. */
export async function fillWithPeople(people: number, flags: readonly string[]): Promise<void> {
  const reading = readConfig(flags);
  assert(reading.kind === 'config', 'the flags are right');
  const { config } = reading;
  const served = servedBy(config);
  const store = await openStore(config, served, () => 'bench');
  const toWrite = writeOf(config, registryOf(served));
  try {
    // An empty store notes that nothing of it is to be indexed later.
    await AddedParameterIndex.open(store, served.added, Date.now());
    let writes: PutWrite[] = [];
    let committing: Promise<unknown> = Promise.resolve();
    const commit = async () => {
      const transaction = { guards: [], writes, nowMs: Date.now() };
      writes = [];
      await committing;
      committing = store.transact({ ...transaction, references: 'lenient' });
      committing.catch(() => undefined);
    };
    for (const resource of resources(people)) {
      writes.push(toWrite(resource));
      if (writes.length === WRITES_PER_COMMIT) await commit();
    }
    await commit();
    await committing;
  } finally {
    await store.close();
  }
}

function registryOf({ capabilities, added }: Served): SearchRegistry {
  const { types } = capabilities;
  const declared = (type: string) => capabilities.searchParameters(type);
  return makeSearchRegistry(declared, types, { list: added, isFilled: () => true });
}

function writeOf({ zone, baseUrl }: Config, registry: SearchRegistry) {
  return (resource: Resource): PutWrite => {
    const { resourceType: type, id = '' } = resource;
    return {
      ...{ kind: 'put', type, id, method: 'PUT', expect: 'absent' },
      document: documentText({ value: resource }, id),
      entries: indexEntries(resource, registry, { zone, baseUrl }),
      references: outgoingReferences(resource, baseUrl),
    };
  };
}

/** A practice, and its people: every second one has had a dose, every fifth has diabetes. */
function* resources(people: number): Generator<Resource> {
  yield { resourceType: 'Organization', id: 'practice', name: 'A practice' };
  for (let number = 1; number <= people; number += 1) {
    const reference = `Patient/p${number}`;
    yield person(number);
    if (number % 2 === 0) {
      yield immunization(reference, { id: `i${number}`, occurrenceDateTime: '2025-10-01' });
    }
    if (number % 5 === 0) yield diabetes(reference, `c${number}`);
  }
}

function person(number: number): Resource {
  const days = (Math.imul(number, 0x9e3779b1) >>> 0) % BIRTH_DAYS;
  return patient({
    id: `p${number}`,
    identifier: [{ system: NHS_NUMBER, value: String(4_000_000_000 + number) }],
    active: true,
    name: [{ use: 'official', family: `Family${number % 5_000}`, given: [`Given${number % 700}`] }],
    gender: number % 2 === 0 ? 'male' : 'female',
    birthDate: new Date(EARLIEST_BIRTH_MS + days * DAY_MS).toISOString().slice(0, 10),
    address: [{ line: [`${number % 90} High Street`], city: 'Town', postalCode: 'ZZ99 3WZ' }],
    generalPractitioner: [{ reference: PRACTICE }],
  });
}

function diabetes(reference: string, id: string): Resource {
  return {
    ...{ resourceType: 'Condition', id, subject: { reference } },
    clinicalStatus: { coding: [{ system: CLINICAL, code: 'active' }] },
    code: { coding: [{ system: SNOMED, code: '44054006' }] },
    onsetDateTime: '2015-03-01',
  };
}
