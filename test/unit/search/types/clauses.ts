// Reads one clause on a made-up parameter, and looks for it in the entries of one value.

import type { Clause } from '../../../../src/search/clause.ts';
import type { Expression } from '../../../../src/search/expression.ts';
import type { IndexEntry } from '../../../../src/search/index-entry.ts';
import { matches } from '../../../../src/search/match.ts';
import { parseQuery } from '../../../../src/search/query-string.ts';
import type { SearchParameter } from '../../../../src/search/search-registry.ts';
import { environment, worldOf } from '../small-world.ts';

/** The clause of `p=value` or `p:modifier=value` on a parameter `p` of that type. */
export function clauseOf(
  type: SearchParameter['type'],
  query: string,
  targets: readonly string[] = [],
): Clause {
  const [sent] = parseQuery(query);
  if (sent?.path.kind !== 'plain') throw new Error(`${query} is one plain parameter`);
  const { name, values, path } = sent;
  const parameter = { code: 'p', url: 'urn:p', type, expression: '', targets };
  const { modifier } = path;
  return modifier === undefined
    ? { name, type: 'Basic', parameter, values, environment }
    : { name, type: 'Basic', parameter, modifier, values, environment };
}

/** Whether a resource with just these entries matches. */
export function found(expression: Expression, entries: readonly IndexEntry[]): boolean {
  const candidate = { type: 'Basic', id: '1', lastUpdatedMs: 0, entries };
  return matches(expression, candidate, worldOf([candidate]));
}
