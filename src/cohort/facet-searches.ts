// The facets' searches, read as any search is; and what has to be indexed of each type to judge
// them. Made once, when the index opens.

import { createHash } from 'node:crypto';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Expression } from '../search/expression.ts';
import { resolveCriteria } from '../search/resolve.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
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
  const used = new Map<string, Set<string>>();
  const use = (type: string, parameter: string) => {
    const [code = ''] = parameter.split(/[:$]/);
    const codes = used.get(type) ?? new Set<string>();
    used.set(type, codes.add(code));
  };
  for (const search of searches.values()) collect('Patient', search, use);
  for (const { parameters } of codeFacets) for (const each of parameters) use('Patient', each);
  for (const { parameter } of dayFacets) use('Patient', parameter);
  for (const [type, parameter] of Object.entries(recordTypes)) use(type, parameter);
  const narrow = new Map(
    [...used].map(([type, codes]) => [
      type,
      registry.indexed(type).filter(({ code }) => codes.has(code)),
    ]),
  );
  return { ...registry, indexed: (type) => narrow.get(type) ?? registry.indexed(type) };
}

/** The types that facets look at: of others they do not depend. */
export function typesLookedAt(searches: ReadonlyMap<string, Expression>): ReadonlySet<string> {
  const types = new Set(['Patient']);
  for (const search of searches.values()) collect('Patient', search, (type) => types.add(type));
  return types;
}

type Use = (type: string, parameter: string) => void;

function collect(type: string, expression: Expression, use: Use): void {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const part of expression.of) collect(type, part, use);
      return;
    case 'not':
      collect(type, expression.of, use);
      return;
    case 'has':
      use(expression.type, expression.parameter);
      collect(expression.type, expression.where, use);
      return;
    case 'everything':
    case 'nothing':
    case 'id':
    case 'lastUpdated':
    case 'below':
    case 'above':
      return;
    default:
      use(type, expression.parameter);
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
