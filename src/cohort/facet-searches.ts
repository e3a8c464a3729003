// The facets' searches, read as any search is; and what has to be indexed of each type to judge
// them. Made once, when the index opens.

import { createHash } from 'node:crypto';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Expression } from '../search/expression.ts';
import { derivedIn } from '../search/patient-aliases.ts';
import { resolveCriteria } from '../search/resolve.ts';
import type { SearchParameter, SearchRegistry } from '../search/search-registry.ts';
import { expressionKey } from './canonical.ts';
import { bitFacets, codeFacets, dayFacets, recordTypes } from './facets.ts';

/** What the bit facets mean, by their names. */
export function readBitFacets(environment: SearchEnvironment): ReadonlyMap<string, Expression> {
  return new Map(
    bitFacets.map(({ name, search }) => [name, resolveCriteria('Patient', search, environment)]),
  );
}

/** Names of bit facets by what they mean. */
export function keysOf(searches: ReadonlyMap<string, Expression>): ReadonlyMap<string, string> {
  return new Map([...searches].map(([name, search]) => [expressionKey(search), name]));
}

/** The registry narrowed to the parameters that facets look at: records are indexed for these
 * alone. Places keep theirs. */
export function facetRegistry(
  registry: SearchRegistry,
  searches: ReadonlyMap<string, Expression>,
): SearchRegistry {
  const used = new LookedAt();
  for (const search of searches.values()) used.add('Patient', search);
  for (const { parameters } of codeFacets) for (const each of parameters) used.use('Patient', each);
  for (const { parameter } of dayFacets) used.use('Patient', parameter);
  for (const [type, parameter] of Object.entries(recordTypes)) used.use(type, parameter);
  const narrow = used.narrow(registry);
  return { ...registry, indexed: (type) => narrow.get(type) ?? registry.indexed(type) };
}

/** The types that facets look at: of others they do not depend. */
export function typesLookedAt(searches: ReadonlyMap<string, Expression>): ReadonlySet<string> {
  const used = new LookedAt();
  for (const search of searches.values()) used.add('Patient', search);
  return new Set(['Patient', ...used.types]);
}

/** The registry narrowed to what the searches on Patient look at, for their evidence: records of
 * other types need not be read, and none is indexed for more. */
export function evidenceRegistry(
  registry: SearchRegistry,
  searches: readonly Expression[],
): SearchRegistry {
  const used = new LookedAt();
  for (const search of searches) used.add('Patient', search);
  const isDerived = searches.some((search) => derivedIn('Patient', search) !== undefined);
  for (const [type, parameter] of Object.entries(recordTypes)) {
    if (isDerived || used.has(type)) used.use(type, parameter);
  }
  const narrow = used.narrow(registry);
  return {
    ...registry,
    indexed: (type) => narrow.get(type) ?? [],
    serves: (type) => used.has(type) && registry.serves(type),
  };
}

/** Which parameters searches look at, by type. */
class LookedAt {
  readonly #codes = new Map<string, Set<string>>();

  get types(): Iterable<string> {
    return this.#codes.keys();
  }

  has(type: string): boolean {
    return this.#codes.has(type);
  }

  use(type: string, parameter: string): void {
    const [code = ''] = parameter.split(/[:$]/);
    const codes = this.#codes.get(type) ?? new Set<string>();
    this.#codes.set(type, codes.add(code));
  }

  add(type: string, expression: Expression): void {
    switch (expression.kind) {
      case 'and':
      case 'or':
        for (const part of expression.of) this.add(type, part);
        return;
      case 'not':
        this.add(type, expression.of);
        return;
      case 'has':
        this.use(expression.type, expression.parameter);
        this.add(expression.type, expression.where);
        return;
      case 'everything':
      case 'nothing':
      case 'id':
      case 'lastUpdated':
      case 'below':
      case 'above':
        return;
      default:
        this.use(type, expression.parameter);
    }
  }

  /** The parameters of the registry, by type. */
  narrow(registry: SearchRegistry): ReadonlyMap<string, readonly SearchParameter[]> {
    return new Map(
      [...this.#codes].map(([type, codes]) => [
        type,
        registry.indexed(type).filter(({ code }) => codes.has(code)),
      ]),
    );
  }
}

/** Differs whenever what is held of a person may mean something else. */
export function facetsVersion(
  searches: ReadonlyMap<string, Expression>,
  more: readonly string[],
): string {
  const meanings = [[...searches], codeFacets, dayFacets, recordTypes, more];
  return createHash('sha256').update(JSON.stringify(meanings)).digest('hex');
}
