// The door to R4's own code systems and value sets, which definitions/generate-terminology.ts
// wrote: the bytes are in memory, a resource is parsed when it is asked for.

import { readFileSync } from 'node:fs';
import type { TableEntry } from '../definitions/generate-terminology.ts';
import type { CodeSystem, ValueSet } from './resources.ts';

const folder = new URL('../../build/definitions/terminology/', import.meta.url);

interface Tables {
  readonly bytes: Buffer;
  readonly entries: readonly TableEntry[];
  readonly byUrl: ReadonlyMap<string, readonly TableEntry[]>;
  readonly byId: ReadonlyMap<string, TableEntry>;
}

let tables: Tables | undefined;

/** R4's resources with that url, all versions; none when R4 has none. */
export function findR4<T extends CodeSystem | ValueSet>(
  type: T['resourceType'],
  url: string,
): readonly T[] {
  const { bytes, byUrl } = loaded();
  return (byUrl.get(`${type} ${url}`) ?? []).map((entry) => parse(bytes, entry) as T);
}

/** R4's resource with that logical id. */
export function findR4ById(
  type: 'CodeSystem' | 'ValueSet',
  id: string,
): CodeSystem | ValueSet | undefined {
  const { bytes, byId } = loaded();
  const entry = byId.get(`${type} ${id}`);
  return entry === undefined ? undefined : parse(bytes, entry);
}

function loaded(): Tables {
  tables ??= load();
  return tables;
}

function load(): Tables {
  const entries = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as TableEntry[];
  return {
    bytes: readFileSync(new URL('resources.ndjson', folder)),
    entries,
    byUrl: Map.groupBy(entries, ({ type, url }) => `${type} ${url}`),
    byId: new Map(entries.map((entry) => [`${entry.type} ${entry.id}`, entry])),
  };
}

function parse(bytes: Buffer, { start, length }: TableEntry): CodeSystem | ValueSet {
  return JSON.parse(bytes.toString('utf8', start, start + length)) as CodeSystem | ValueSet;
}
