// search-type (http://hl7.org/fhir/R4/http.html#search, search.html), by GET and by POST _search.

import type { Expression, SearchQuery } from '../search/expression.ts';
import { type ResolvedSearch, resolveSearch } from '../search/resolve.ts';
import { restrict } from '../search/restrict.ts';
import type { SearchAnswer, SearchPage } from '../store/resource-store.ts';
import { findIncluded } from './includes.ts';
import type { Context, FhirRequest, FhirResponse, Interaction } from './interaction.ts';
import { notOurPage } from './page-token.ts';
import { type AnsweredPage, type AskedSearch, readAsked, searchBundle } from './search-answer.ts';
import { explanationResponse } from './search-explanation.ts';
import type { PagePlace } from './search-page.ts';

export const searchType: Interaction = (context, request) =>
  answerTypeSearch(context, request, request.path[0] as string, { kind: 'everything' });

/** Answers a search on one type, of the resources that `within` matches. */
export async function answerTypeSearch(
  context: Context,
  request: FhirRequest,
  type: string,
  within: Expression,
): Promise<FhirResponse> {
  const asked = readAsked(context, request);
  const search = resolveSearch(type, asked.query, asked.environment);
  const where = both(within, search.query.where);
  const query = restrict({ ...search.query, where }, request.caller);
  if (search.explain) return explanationResponse(query, await context.store.explain(query));
  const count = search.summary === 'count' ? 0 : search.count;
  const answer =
    (await totalAlone(context, request, query, asked, count)) ??
    (await context.store.search(query, pageOf(asked, count), asked.page?.at));
  const page = await pageWithIncluded(context, request, search, answer);
  const { understood, ignored } = search;
  const head = { understood, ignored, subset: search };
  return { status: 200, body: searchBundle(context, request, asked, head, page) };
}

/** The total without the store, where that is asked for alone and known elsewhere. */
async function totalAlone(
  { cohorts }: Context,
  { caller }: FhirRequest,
  query: SearchQuery,
  { page }: AskedSearch,
  count: number,
): Promise<SearchAnswer | undefined> {
  if (count > 0 || page !== undefined) return undefined;
  const counted = await cohorts.count(query, caller);
  return counted && { ...counted, versions: [] };
}

function both(within: Expression, asked: Expression): Expression {
  return within.kind === 'everything' ? asked : { kind: 'and', of: [within, asked] };
}

function pageOf({ page }: AskedSearch, count: number): SearchPage {
  switch (page?.place.kind) {
    case undefined:
    case 'first':
      return { count };
    case 'after':
    case 'before':
      return { count, [page.place.kind]: page.place.position };
    case 'types':
      throw notOurPage();
  }
}

async function pageWithIncluded(
  context: Context,
  { caller }: FhirRequest,
  { includes }: ResolvedSearch,
  { at, total, versions, next, previous }: SearchAnswer,
): Promise<AnsweredPage> {
  const included = await findIncluded(context, caller, includes, versions, at);
  return {
    at,
    total,
    matches: versions,
    included,
    ...place('next', 'after', next),
    ...place('previous', 'before', previous),
  };
}

function place(
  name: 'next' | 'previous',
  kind: 'after' | 'before',
  position: string | undefined,
): { readonly [Name in typeof name]?: PagePlace } {
  return position === undefined ? {} : { [name]: { kind, position } };
}
