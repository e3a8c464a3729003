// Index entries from a stored text, for stores that make them again: when a version is replaced,
// and for everything when the rules of indexing have changed. Loaded by name in store threads.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionsStamp } from '../definitions/definitions.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import { indexEntries, outgoingReferences } from './index-entries.ts';
import type { IndexEntry } from './index-entry.ts';
import type { CustomParameter } from './search-parameter-files.ts';
import { makeSearchRegistry } from './search-registry.ts';

/** What indexing depends on, as plain data that can be handed to a thread. */
export interface TextIndexerOptions {
  /** Per type served, the codes of its declared search parameters. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** Those that R4 does not define. */
  readonly added: readonly CustomParameter[];
  readonly zone: string;
  readonly baseUrl: string;
}

/** The function that gives a stored text's entries and references. */
export function makeTextIndexer(
  options: TextIndexerOptions,
): (
  type: string,
  text: string,
) => { entries: readonly IndexEntry[]; references: readonly ResourceKey[] } {
  const { parameters, added, zone, baseUrl } = options;
  const registry = makeSearchRegistry((type) => parameters[type] ?? [], Object.keys(parameters), {
    list: added,
    isFilled: () => true,
  });
  return (_type, text) => {
    const resource = JSON.parse(text) as Resource;
    return {
      entries: indexEntries(resource, registry, { zone, baseUrl }),
      references: outgoingReferences(resource, baseUrl),
    };
  };
}

/** The sources that decide what is indexed, from src/. */
const INDEXING_SOURCES = [
  'search/index-entries.ts',
  'search/types/*.ts',
  'search/unique-identifiers.ts',
  'fhir/{dates,reference}.ts',
];

/** Differs whenever the entries of some text may: by the options, R4's tables, or our own code.
 * Added parameters do not count: they are filled while the service runs (jobs/reindex.ts). */
export function indexingVersion({ parameters, added, zone, baseUrl }: TextIndexerOptions): string {
  const isAdded = (type: string, code: string) =>
    added.some((each) => each.type === type && each.parameter.code === code);
  const counting = Object.entries(parameters).map(([type, codes]) => {
    return [type, codes.filter((code) => !isAdded(type, code))];
  });
  const options = JSON.stringify([counting, zone, baseUrl]);
  const hash = createHash('sha256').update(options).update(definitionsStamp);
  const root = join(import.meta.dirname, '..');
  for (const file of globSync(INDEXING_SOURCES, { cwd: root }).sort()) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}
