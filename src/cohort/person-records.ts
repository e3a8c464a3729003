// Reads people from the store with all that is recorded about them, many at a time: what the index
// is filled from, what derived values are worked out from, what an explanation quotes.

import type { Resource } from '../fhir/types.ts';
import type { Caller } from '../search/caller.ts';
import { type IndexOptions, indexEntries } from '../search/index-entries.ts';
import type { IndexedResource } from '../search/index-entry.ts';
import type { World } from '../search/match.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import type { ReferrerQuery, ResourceStore, Version } from '../store/resource-store.ts';
import { recordTypes } from './facets.ts';

/** A resource as it is read: parsed, and indexed. */
export interface ReadRecord {
  readonly version: Version;
  readonly resource: Resource;
  readonly indexed: IndexedResource;
}

/** A person and what is recorded about them. */
export interface PersonRecords extends ReadRecord {
  /** By type, then by number. */
  readonly records: readonly ReadRecord[];
}

/** What reading depends on. */
export interface ReadingContext extends IndexOptions {
  readonly store: Pick<ResourceStore, 'referrers'>;
  /** What records are indexed by; those that no facet looks at may be left out. */
  readonly registry: SearchRegistry;
  readonly maySee: Caller['maySee'];
}

/** Parsed and indexed when that is asked for: of many records nobody asks. */
class LazyRecord implements ReadRecord {
  readonly version: Version;
  readonly #context: ReadingContext;
  #resource: Resource | undefined;
  #indexed: IndexedResource | undefined;

  constructor(version: Version, context: ReadingContext) {
    this.version = version;
    this.#context = context;
  }

  get resource(): Resource {
    this.#resource ??= JSON.parse(this.version.text ?? '{}') as Resource;
    return this.#resource;
  }

  get indexed(): IndexedResource {
    this.#indexed ??= this.#index();
    return this.#indexed;
  }

  #index(): IndexedResource {
    const { type, id, lastUpdatedMs } = this.version;
    const entries = indexEntries(this.resource, this.#context.registry, this.#context);
    return { type, id, lastUpdatedMs, entries };
  }
}

class LazyPerson extends LazyRecord implements PersonRecords {
  readonly records: readonly ReadRecord[];

  constructor(version: Version, records: readonly ReadRecord[], context: ReadingContext) {
    super(version, context);
    this.records = records;
  }
}

/** A version with content. */
export function readRecord(version: Version, context: ReadingContext): ReadRecord {
  return new LazyRecord(version, context);
}

/** The person of a Patient with content. */
export function personOf(
  patient: Version,
  records: readonly ReadRecord[],
  context: ReadingContext,
): PersonRecords {
  return new LazyPerson(patient, records, context);
}

/**
 * The people of these versions of Patients, without those that are deletions, with their records
 * as at a sequence number. Each is made when its turn comes, so that whoever goes through them
 * holds the parsed records of one at a time.
 */
export async function readPeople(
  patients: readonly Version[],
  at: number,
  context: ReadingContext,
): Promise<Iterable<PersonRecords>> {
  const found = patients.filter(({ text }) => text !== undefined);
  if (found.length === 0) return [];
  // Not the versions themselves, whose texts would go with them to another thread.
  const keys = found.map(({ type, id }) => ({ type, id }));
  const records = await context.store.referrers(keys, recordQueries(context), at);
  return peopleOf(found, records, context);
}

/** What finds people's records, type by type. */
function recordQueries({ registry, maySee }: ReadingContext): readonly ReferrerQuery[] {
  return Object.entries(recordTypes)
    .filter(([type]) => registry.serves(type))
    .map(([type, parameter]) => ({ type, parameter, where: maySee(type) }));
}

function* peopleOf(
  patients: readonly Version[],
  records: readonly (readonly Version[])[],
  context: ReadingContext,
): Generator<PersonRecords, undefined> {
  for (const [index, patient] of patients.entries()) {
    const own = (records[index] ?? []).map((version) => readRecord(version, context));
    yield personOf(patient, own, context);
  }
}

/** The Patient and all records, as the rules of programmes read them. */
export function resourcesOf(person: PersonRecords): readonly Resource[] {
  return [person.resource, ...person.records.map(({ resource }) => resource)];
}

/** What `_has` and chains find among a person's own resources. */
export function worldOf(person: PersonRecords): World {
  const own = [person, ...person.records];
  const byType = new Map<string, readonly IndexedResource[]>();
  const all = (type: string) => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const ofType = own.filter(({ version }) => version.type === type);
    const found = ofType.map(({ indexed }) => indexed);
    byType.set(type, found);
    return found;
  };
  return { all, resource: (type, id) => all(type).find((one) => one.id === id) };
}

/** For clauses that look at nothing but a person's own entries. */
export const NOWHERE: World = { resource: () => undefined, all: () => [] };

/** Whom a record is about: `Patient/123`, each once. */
export function subjectsOf(record: ReadRecord): readonly string[] {
  const parameter = recordTypes[record.version.type];
  if (parameter === undefined) return [];
  return targetsOf(record, parameter).filter((target) => target.startsWith('Patient/'));
}

function targetsOf({ indexed }: ReadRecord, parameter: string): readonly string[] {
  const targets = indexed.entries.flatMap((entry) =>
    entry.kind === 'reference' && entry.parameter === parameter ? [entry.target] : [],
  );
  return [...new Set(targets)];
}
