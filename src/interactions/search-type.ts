// search-type (http://hl7.org/fhir/R4/http.html#search, search.html): one page of a search on one
// type, as a searchset Bundle. All pages are as at the commit that the first one saw.

import { type BundleEntry, bundleText } from '../fhir/bundle.ts';
import { operationOutcome } from '../fhir/operation-outcome.ts';
import { type ResolvedSearch, resolveSearch } from '../search/resolve.ts';
import { restrict } from '../search/restrict.ts';
import type { SearchAnswer, Version } from '../store/resource-store.ts';
import { searchEnvironment } from './conditional.ts';
import type { Context, Interaction } from './interaction.ts';
import { type PageToken, readPageToken, writePageToken } from './page-token.ts';
import { resourceUrl } from './responses.ts';

export const searchType: Interaction = async (context, request) => {
  const type = request.path[0] as string;
  const environment = searchEnvironment(context, request.prefer.handling);
  const search = resolveSearch(type, request.query, environment);
  const query = restrict(search.query, request.caller);
  const page = search.page === undefined ? undefined : readPageToken(search.page);
  const count = search.summary === 'count' ? 0 : search.count;
  const answer = await context.store.search(
    query,
    page === undefined ? { count } : { count, after: page.after },
    page?.at,
  );
  return { status: 200, body: searchBundle(context, type, search, page, answer) };
};

function searchBundle(
  context: Context,
  type: string,
  search: ResolvedSearch,
  page: PageToken | undefined,
  answer: SearchAnswer,
): string {
  const linkTo = (token: PageToken | undefined): string => {
    const understood = search.understood === '' ? [] : [search.understood];
    const paging = token === undefined ? [] : [`_page=${writePageToken(token)}`];
    const query = [...understood, ...paging].join('&');
    return `${context.baseUrl}/${type}${query === '' ? '' : `?${query}`}`;
  };
  const links = [{ relation: 'self', url: linkTo(page) } as const];
  const next =
    answer.next === undefined
      ? []
      : [{ relation: 'next', url: linkTo({ at: answer.at, after: answer.next }) } as const];
  const head = {
    type: 'searchset',
    timestampMs: context.now(),
    total: answer.total,
    links: [...links, ...next],
  } as const;
  return bundleText(head, [
    ...answer.versions.map((version) => matchEntry(context, version)),
    ...outcomeEntries(search),
  ]);
}

function matchEntry(context: Context, version: Version): BundleEntry {
  return {
    fullUrl: resourceUrl(context, version),
    searchMode: 'match',
    ...(version.text === undefined ? {} : { resource: version.text }),
  };
}

/** What lenient handling left out, said in the Bundle itself. */
function outcomeEntries(search: ResolvedSearch): readonly BundleEntry[] {
  if (search.ignored.length === 0) return [];
  return [{ resource: operationOutcome(search.ignored), searchMode: 'outcome' }];
}
