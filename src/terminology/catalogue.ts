// Everything that is held, by canonical url: R4's own tables and what the folders brought.
// Code systems are compiled when first asked for.

import { CodeTable } from './code-table.ts';
import { findR4, findR4ById } from './r4-tables.ts';
import {
  type CodeSystem,
  type Sourced,
  splitCanonical,
  type TerminologyResource,
  type ValueSet,
} from './resources.ts';

/** Finds code systems and value sets. Undefined always means: not held. */
export interface Catalogue {
  /** The value set of a canonical; without `|version` the newest that is held. */
  valueSet(canonical: string): ValueSet | undefined;
  /** The code system of a canonical; without `|version` the newest that is held. */
  codeTable(canonical: string): CodeTable | undefined;
  /** Versions of it that are held, as far as they have one. */
  versions(type: 'CodeSystem' | 'ValueSet', url: string): readonly string[];
  /** The resource with that logical id. */
  byId(type: 'CodeSystem' | 'ValueSet', id: string): CodeSystem | ValueSet | undefined;
}

/** R4's own resources and the sources, which go before R4's where both define a url. */
export function makeCatalogue(sources: readonly Sourced[]): Catalogue {
  const resources = sources.map(({ resource }) => resource);
  const codeSystems = byUrl<CodeSystem>(resources, 'CodeSystem');
  const valueSets = byUrl<ValueSet>(resources, 'ValueSet');
  const tables = new Map<string, CodeTable>();
  const systemsOf = (url: string) => codeSystems.get(url) ?? findR4<CodeSystem>('CodeSystem', url);
  const setsOf = (url: string) => valueSets.get(url) ?? findR4<ValueSet>('ValueSet', url);

  return {
    valueSet: (canonical) => {
      const { url, version } = splitCanonical(canonical);
      return newest(setsOf(url).filter((set) => version === undefined || set.version === version));
    },
    codeTable: (canonical) => {
      const known = tables.get(canonical);
      if (known !== undefined) return known;
      const { url, version } = splitCanonical(canonical);
      const parts = partsOf(systemsOf(url), version);
      if (parts.length === 0) return undefined;
      const table = new CodeTable(parts);
      tables.set(canonical, table);
      return table;
    },
    versions: (type, url) => {
      const held = type === 'CodeSystem' ? systemsOf(url) : setsOf(url);
      return held.flatMap(({ version }) => (version === undefined ? [] : [version]));
    },
    byId: (type, id) => {
      const found = resources.find((each) => each.resourceType === type && each.id === id);
      return (found as CodeSystem | ValueSet | undefined) ?? findR4ById(type, id);
    },
  };
}

function byUrl<T extends CodeSystem | ValueSet>(
  resources: readonly TerminologyResource[],
  type: T['resourceType'],
): ReadonlyMap<string, readonly T[]> {
  const found = resources.filter((resource): resource is T => resource.resourceType === type);
  return Map.groupBy(found, ({ url }) => url);
}

/** What makes up one code system: the newest complete definition, or all fragments together. */
function partsOf(held: readonly CodeSystem[], version: string | undefined): readonly CodeSystem[] {
  const parts = held.filter(
    (part) =>
      part.concept !== undefined &&
      part.content !== 'supplement' &&
      (version === undefined || part.version === version),
  );
  const complete = newest(parts.filter(({ content }) => content === 'complete'));
  return complete === undefined ? parts : [complete];
}

function newest<T extends { readonly version?: string }>(held: readonly T[]): T | undefined {
  const [first, ...others] = held;
  return others.reduce((best, each) => (isNewer(each, best) ? each : best), first as T) as
    | T
    | undefined;
}

function isNewer(a: { readonly version?: string }, b: { readonly version?: string }): boolean {
  const order = new Intl.Collator('en', { numeric: true });
  return order.compare(a.version ?? '', b.version ?? '') > 0;
}
