// Who points at resources, for many at once: one search for each query, whose documents say
// themselves which of the targets they point at.

import type { ResourceKey } from '../../fhir/types.ts';
import type { Expression } from '../../search/expression.ts';
import type { ReferrerQuery, Version } from '../resource-store.ts';
import type { Database } from './database.ts';
import { readEntries } from './entry-text.ts';
import { FilterCompiler } from './filter-compiler.ts';
import type { VersionDocument } from './models.ts';
import { type ShownDocument, toVersion, VERSION_MEMBERS } from './versions.ts';

type PointingDocument = ShownDocument & Pick<VersionDocument, 'entries'>;

/** The resources that point at each key as at the number: by query, then by number. */
export async function readReferrers(
  database: Database,
  keys: readonly ResourceKey[],
  queries: readonly ReferrerQuery[],
  at: number,
): Promise<readonly (readonly Version[])[]> {
  const names = keys.map(({ type, id }) => `${type}/${id}`);
  const byName = new Map(names.map((name) => [name, [] as Version[]]));
  for (const query of queries) {
    for (const document of await pointingAt(database, [...byName.keys()], query, at)) {
      const entries = readEntries(query.type, [query.parameter], document.entries ?? []);
      const targets = entries.flatMap((entry) => (entry.kind === 'reference' ? entry.target : []));
      const version = toVersion(document);
      for (const target of new Set(targets)) byName.get(target)?.push(version);
    }
  }
  return names.map((name) => byName.get(name) ?? []);
}

/** The documents that a query finds for any of the targets, by number. */
async function pointingAt(
  database: Database,
  targets: readonly string[],
  { type, parameter, where }: ReferrerQuery,
  at: number,
): Promise<readonly PointingDocument[]> {
  if (targets.length === 0) return [];
  const pointer: Expression = { kind: 'reference', parameter, anyOf: targets };
  const both: Expression = { kind: 'and', of: [pointer, where] };
  const found: PointingDocument[] = [];
  for (const filter of await new FilterCompiler(database, at).filters(type, both)) {
    const some = await database.versions
      .find(filter)
      .project<PointingDocument>({ ...VERSION_MEMBERS, entries: 1 })
      .toArray();
    found.push(...some);
  }
  return found.sort((one, other) => one.number - other.number);
}
