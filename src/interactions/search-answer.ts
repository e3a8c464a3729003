// One page of a search as a searchset Bundle, and what it is asked by: shared by the search of a
// type, of a compartment and of the system. All pages are as at the commit that the first one saw
// (http://hl7.org/fhir/R4/http.html#search).

import { type BundleEntry, type BundleLink, bundleText } from '../fhir/bundle.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import { operationOutcome } from '../fhir/operation-outcome.ts';
import type { Issue } from '../fhir/types.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Version } from '../store/resource-store.ts';
import { searchEnvironment } from './conditional.ts';
import type { Context, FhirRequest } from './interaction.ts';
import { resourceUrl } from './responses.ts';
import { openPage, type PagePlace, type SearchPageToken, sealPage } from './search-page.ts';
import { isWhole, type Subset, subsetText } from './subset.ts';

/** A search as it was sent: anew, or by a link to one of its pages. */
export interface AskedSearch {
  /** Path segments of the address, without `_search`. */
  readonly path: readonly string[];
  /** The query string, that of the first page. */
  readonly query: string;
  readonly environment: SearchEnvironment;
  /** When a page link was followed. */
  readonly page?: SearchPageToken;
  /** The `_page` token as sent. */
  readonly token?: string;
}

/**
 * Reads what is asked.
 * @throws FhirError `invalid-search` for a page link that is not the caller's, or was added to
 */
export function readAsked(context: Context, request: FhirRequest): AskedSearch {
  const path = request.path.at(-1) === '_search' ? request.path.slice(0, -1) : request.path;
  const environment = searchEnvironment(context, request.prefer.handling);
  const parameters = new URLSearchParams(request.query);
  const token = parameters.get('_page');
  if (token === null) return { path, query: request.query, environment };
  if (parameters.size > 1) {
    throw fhirError('invalid-search', '_page is a whole search: nothing can be added to it');
  }
  const page = openPage(context.pageKey, request.caller, path, token);
  const { query, nowMs } = page;
  return { path, query, environment: { ...environment, nowMs }, page, token };
}

/** One page of an answer. */
export interface AnsweredPage {
  readonly at: number;
  readonly total: number;
  readonly matches: readonly Version[];
  readonly included: readonly Version[];
  readonly next?: PagePlace;
  readonly previous?: PagePlace;
}

/** What the Bundle says beside the resources. */
export interface SearchHead {
  /** The query string as it was understood. */
  readonly understood: string;
  readonly ignored: readonly Issue[];
  readonly subset: Subset;
  /** What the following pages have to know beside. */
  readonly scope?: string;
}

/** The Bundle. */
export function searchBundle(
  context: Context,
  request: FhirRequest,
  asked: AskedSearch,
  head: SearchHead,
  page: AnsweredPage,
): string {
  const address = [context.baseUrl, ...asked.path].join('/');
  const { nowMs } = asked.environment;
  const linkTo = (relation: BundleLink['relation'], place: PagePlace): BundleLink => {
    const scope = head.scope === undefined ? {} : { scope: head.scope };
    const token = { query: head.understood, at: page.at, nowMs, ...scope, place };
    const text = sealPage(context.pageKey, request.caller, asked.path, token);
    return { relation, url: `${address}?_page=${text}` };
  };
  const query = asked.token === undefined ? head.understood : `_page=${asked.token}`;
  const self = query === '' ? address : `${address}?${query}`;
  const links: BundleLink[] = [{ relation: 'self', url: self }];
  if (page.next !== undefined || page.previous !== undefined) {
    links.push(linkTo('first', { kind: 'first' }));
  }
  if (page.previous !== undefined) links.push(linkTo('previous', page.previous));
  if (page.next !== undefined) links.push(linkTo('next', page.next));
  const { total, matches, included } = page;
  const entryOf = (mode: 'match' | 'include') => (version: Version) =>
    entry(context, version, mode, head.subset);
  return bundleText({ type: 'searchset', timestampMs: context.now(), total, links }, [
    ...matches.map(entryOf('match')),
    ...included.map(entryOf('include')),
    ...outcomeEntries(head.ignored),
  ]);
}

function entry(
  context: Context,
  version: Version,
  searchMode: 'match' | 'include',
  subset: Subset,
): BundleEntry {
  const { text } = version;
  const plain: BundleEntry = { fullUrl: resourceUrl(context, version), searchMode };
  if (text === undefined) return plain;
  return { ...plain, resource: isWhole(subset) ? text : subsetText(text, subset) };
}

/** What lenient handling left out, said in the Bundle itself. */
function outcomeEntries(ignored: readonly Issue[]): readonly BundleEntry[] {
  if (ignored.length === 0) return [];
  return [{ resource: operationOutcome(ignored), searchMode: 'outcome' }];
}
