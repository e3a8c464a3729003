// What `_include` and `_revinclude` tell beside the matches: followed round by round, as at the
// sequence number of the search, and only what the caller may see
// (http://hl7.org/fhir/R4/search.html#revinclude).

import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import { INCLUDED_MAX } from '../limits.ts';
import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import type { Include } from '../search/include-parameters.ts';
import { indexEntries } from '../search/index-entries.ts';
import { restrict } from '../search/restrict.ts';
import type { Version } from '../store/resource-store.ts';
import type { Context } from './interaction.ts';

/**
 * The resources that the includes lead to, each once, none of the matches among them.
 * @param matches those of the page
 * @param at the sequence number that the search is answered as at
 * @throws FhirError `limit-exceeded` when there are more than INCLUDED_MAX
 */
export async function findIncluded(
  context: Context,
  caller: Caller,
  includes: readonly Include[],
  matches: readonly Version[],
  at: number,
): Promise<readonly Version[]> {
  const found = new Map(matches.map((version) => [nameOf(version), version]));
  let frontier = matches;
  let active = includes;
  while (frontier.length > 0 && active.length > 0) {
    const round: Version[] = [];
    for (const query of [...forwards(context, active, frontier), ...backwards(active, frontier)]) {
      const restricted = restrict({ ...query, sort: [] }, caller);
      for await (const version of context.store.stream(restricted, at)) {
        if (found.has(nameOf(version))) continue;
        found.set(nameOf(version), version);
        round.push(version);
        if (found.size - matches.length > INCLUDED_MAX) throw tooMany();
      }
    }
    frontier = round;
    active = includes.filter(({ iterates }) => iterates);
  }
  return [...found.values()].slice(matches.length);
}

interface TypedExpression {
  readonly type: string;
  readonly where: Expression;
}

/** What the resources point at, by type. */
function forwards(
  context: Context,
  includes: readonly Include[],
  from: readonly Version[],
): readonly TypedExpression[] {
  const wanted = new Map<string, Set<string>>();
  for (const version of from) {
    const own = includes.filter(({ way, type }) => way === 'forwards' && type === version.type);
    if (own.length === 0) continue;
    for (const { parameter, target } of referencesOf(context, version)) {
      const [type = '', id = ''] = target.split('/');
      const isAsked = own.some((include) => {
        return include.parameter === parameter && (include.target ?? type) === type;
      });
      if (!isAsked || target !== `${type}/${id}` || !context.search.serves(type)) continue;
      wanted.set(type, (wanted.get(type) ?? new Set()).add(id));
    }
  }
  return [...wanted].map(([type, ids]) => ({ type, where: { kind: 'id', ids: [...ids] } }));
}

function referencesOf(context: Context, { text = '{}' }: Version) {
  const { search, zone, baseUrl } = context;
  const resource = JSON.parse(text) as Resource;
  return indexEntries(resource, search, { zone, baseUrl }).filter(
    (entry) => entry.kind === 'reference',
  );
}

/** What points at the resources. */
function backwards(
  includes: readonly Include[],
  from: readonly Version[],
): readonly TypedExpression[] {
  return includes
    .filter(({ way }) => way === 'backwards')
    .flatMap(({ type, parameter, target }): TypedExpression[] => {
      const anyOf = from
        .filter((version) => target === undefined || version.type === target)
        .map(nameOf);
      return anyOf.length === 0 ? [] : [{ type, where: { kind: 'reference', parameter, anyOf } }];
    });
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

function tooMany(): Error {
  const sentence = `_include and _revinclude lead to more than ${INCLUDED_MAX} resources; ask for`;
  return fhirError(
    'limit-exceeded',
    `${sentence} fewer matches a page, or follow fewer references`,
  );
}
