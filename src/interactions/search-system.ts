// search-system (http://hl7.org/fhir/R4/http.html#search): several types by the parameters that
// they have in common. Types come one after the other, each by its order of creation, unless they
// are sorted by _lastUpdated or _id.

import { fhirError } from '../fhir/fhir-error.ts';
import { quote } from '../search/clause.ts';
import type { Expression, SortKey } from '../search/expression.ts';
import type { Include } from '../search/include-parameters.ts';
import { type ResolvedSearch, resolveSearch } from '../search/resolve.ts';
import { restrict } from '../search/restrict.ts';
import type { Version } from '../store/resource-store.ts';
import { findIncluded } from './includes.ts';
import type { Context, FhirRequest, FhirResponse, Interaction } from './interaction.ts';
import { notOurPage } from './page-token.ts';
import { type AskedSearch, readAsked, searchBundle } from './search-answer.ts';

export const searchSystem: Interaction = (context, request) =>
  answerSystemSearch(
    context,
    request,
    (types) => new Map(types.map((type) => [type, { kind: 'everything' }])),
  );

/** Which resources of each type are looked at; types that are absent have none. */
export type WithinTypes = (
  types: readonly string[],
  scope: string,
) => ReadonlyMap<string, Expression>;

/** What an operation adds to a search on several types. */
export interface SystemSearchOptions {
  /** What it was asked beside; handed to WithinTypes with every page. */
  readonly scope: string;
  /** What is told beside the matches. */
  readonly includes: (types: readonly string[]) => readonly Include[];
}

/** Answers a search on several types. */
export async function answerSystemSearch(
  context: Context,
  request: FhirRequest,
  withinTypes: WithinTypes,
  options?: SystemSearchOptions,
): Promise<FhirResponse> {
  const asked = readAsked(context, request);
  const { types, query } = takeTypes(context, asked.query);
  const scope = asked.page?.scope ?? options?.scope;
  const within = withinTypes(types, scope ?? '');
  const searches = [...within].map(([type, expression]) => {
    const search = resolveSearch(type, query, asked.environment);
    const where: Expression = { kind: 'and', of: [expression, search.query.where] };
    return { type, search, query: restrict({ ...search.query, where }, request.caller) };
  });
  const [first] = searches;
  if (first === undefined) throw fhirError('invalid-search', 'None of the types is searched here');
  const order = orderOf(first.search);
  const found = await mergedPage(context, asked, searches, order, first.search.count);
  const includes = [...first.search.includes, ...(options?.includes([...within.keys()]) ?? [])];
  const included = await findIncluded(context, request.caller, includes, found.matches, found.at);
  const typed = types.length === context.capabilities.types.length ? [] : [`_type=${types.join()}`];
  const head = {
    understood: [...typed, first.search.understood].filter(Boolean).join('&'),
    ignored: first.search.ignored,
    subset: first.search,
    ...(scope === undefined ? {} : { scope }),
  };
  return {
    status: 200,
    body: searchBundle(context, request, asked, head, { ...found, included }),
  };
}

/** Splits `_type` off a query string. */
function takeTypes(context: Context, query: string): { types: readonly string[]; query: string } {
  const parts = query.split('&').filter((part) => part !== '');
  const isType = (part: string) => /^_type=/.test(part);
  const named = parts
    .filter(isType)
    .flatMap((part) => decodeURIComponent(part.slice('_type='.length)).split(','));
  const unknown = named.find((type) => !context.search.serves(type));
  if (unknown !== undefined) {
    throw fhirError(
      'invalid-search',
      `Parameter "_type": ${quote(unknown)} is no type served here`,
    );
  }
  const searched = context.capabilities.types.filter((type) =>
    context.capabilities.offers(type, 'search-type'),
  );
  const types = named.length === 0 ? searched : [...new Set(named)].sort();
  return { types, query: parts.filter((part) => !isType(part)).join('&') };
}

type Compare = (left: Version, right: Version) => number;

/** The order of matches of different types. */
function orderOf({ query }: ResolvedSearch): Compare | undefined {
  const [key, ...others] = query.sort;
  if (key === undefined) return undefined;
  if (others.length === 0 && key.parameter === '_lastUpdated') {
    return ordered(key, (left, right) => left.sequence - right.sequence);
  }
  if (others.length === 0 && key.parameter === '_id') {
    return ordered(key, (left, right) => Number(left.id > right.id) - Number(left.id < right.id));
  }
  const sentence = 'resources of several types are sorted by _lastUpdated or by _id alone';
  throw fhirError('unsupported-search', `Parameter "_sort": ${sentence}`);
}

function ordered({ descending }: SortKey, compare: Compare): Compare {
  return descending ? (left, right) => compare(right, left) : compare;
}

interface TypeSearch {
  readonly type: string;
  readonly query: Parameters<Context['store']['search']>[0];
}

/** How far each type has been told: '' not begun, null to its end. */
type Positions = Readonly<Record<string, string | null>>;

async function mergedPage(
  context: Context,
  { page }: AskedSearch,
  searches: readonly TypeSearch[],
  order: Compare | undefined,
  count: number,
) {
  const { store } = context;
  const at = page?.at ?? (await store.position());
  const before = positionsOf(page?.place);
  const answers = await Promise.all(
    searches.map(async ({ type, query }) => {
      const position = before[type] ?? (type in before ? null : '');
      const after = position === null || position === '' ? {} : { after: position };
      const asked = { count: position === null ? 0 : count, ...after };
      return { type, query, position, answer: await store.search(query, asked, at) };
    }),
  );
  const all = answers.flatMap(({ answer }) => answer.versions);
  const matches = (order === undefined ? all : all.toSorted(order)).slice(0, count);
  const positions: Record<string, string | null> = {};
  for (const { type, query, position, answer } of answers) {
    const taken = matches.filter((version) => version.type === type).length;
    if (taken === answer.versions.length) {
      positions[type] = position === null ? null : (answer.next ?? null);
    } else if (taken === 0) {
      positions[type] = position;
    } else {
      const after = position === null || position === '' ? {} : { after: position };
      const shown = await store.search(query, { count: taken, ...after }, at);
      positions[type] = shown.next ?? null;
    }
  }
  const total = answers.reduce((sum, { answer }) => sum + answer.total, 0);
  const isLast = count === 0 || Object.values(positions).every((position) => position === null);
  const next = isLast ? {} : { next: { kind: 'types' as const, positions } };
  return { at, total, matches, ...next };
}

function positionsOf(place: NonNullable<AskedSearch['page']>['place'] | undefined): Positions {
  switch (place?.kind) {
    case undefined:
    case 'first':
      return {};
    case 'types':
      return place.positions;
    case 'after':
    case 'before':
      throw notOurPage();
  }
}
