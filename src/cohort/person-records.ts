// Reads people from the store with all that is recorded about them, many at a time: what the index
// is filled from, what derived values are worked out from, what an explanation quotes.

import type { Resource } from '../fhir/types.ts';
import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import { type IndexOptions, indexEntries } from '../search/index-entries.ts';
import type { IndexedResource } from '../search/index-entry.ts';
import type { World } from '../search/match.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import { recordTypes } from './facets.ts';

/** A resource, parsed and indexed. */
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
  readonly store: Pick<ResourceStore, 'stream'>;
  /** What records are indexed by; those that no facet looks at may be left out. */
  readonly registry: SearchRegistry;
  readonly maySee: Caller['maySee'];
}

/** A version with content, parsed and indexed. */
export function readRecord(version: Version, context: ReadingContext): ReadRecord {
  const resource = JSON.parse(version.text ?? '{}') as Resource;
  const { type, id, lastUpdatedMs } = version;
  const entries = indexEntries(resource, context.registry, context);
  return { version, resource, indexed: { type, id, lastUpdatedMs, entries } };
}

/**
 * The people of these versions of Patients, without those that are deletions, with their records
 * as at a sequence number.
 */
export async function readPeople(
  patients: readonly Version[],
  at: number,
  context: ReadingContext,
): Promise<readonly PersonRecords[]> {
  const people = patients
    .filter(({ text }) => text !== undefined)
    .map((version) => ({ ...readRecord(version, context), records: [] as ReadRecord[] }));
  const byReference = new Map(people.map((person) => [`Patient/${person.version.id}`, person]));
  if (byReference.size === 0) return people;
  const types = Object.entries(recordTypes).filter(([type]) => context.registry.serves(type));
  const anyOf = [...byReference.keys()];
  const found = await Promise.all(
    types.map(([type, parameter]) => readRecords(type, parameter, anyOf, at, context)),
  );
  for (const [index, [, parameter]] of types.entries()) {
    for (const record of found[index] ?? []) {
      for (const target of targetsOf(record, parameter)) {
        byReference.get(target)?.records.push(record);
      }
    }
  }
  return people;
}

async function readRecords(
  type: string,
  parameter: string,
  anyOf: readonly string[],
  at: number,
  context: ReadingContext,
): Promise<readonly ReadRecord[]> {
  const about: Expression = { kind: 'reference', parameter, anyOf };
  const where: Expression = { kind: 'and', of: [about, context.maySee(type)] };
  const records: ReadRecord[] = [];
  for await (const version of context.store.stream({ type, where, sort: [] }, at)) {
    records.push(readRecord(version, context));
  }
  return records;
}

/** The Patient and all records, as the rules of programmes read them. */
export function resourcesOf(person: PersonRecords): readonly Resource[] {
  return [person.resource, ...person.records.map(({ resource }) => resource)];
}

/** What `_has` and chains find among a person's own resources. */
export function worldOf(person: PersonRecords): World {
  const own = [person, ...person.records];
  return {
    resource: (type, id) =>
      own.find(({ version }) => version.type === type && version.id === id)?.indexed,
    all: (type) => own.flatMap(({ indexed }) => (indexed.type === type ? [indexed] : [])),
  };
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
