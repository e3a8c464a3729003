// Answers searches: the expression becomes filters that share nothing (filter-compiler.ts); pages
// in the order of creation come from the index, other orders from the keys of all that match.

import type { Document } from 'mongodb';
import { PAGE_COUNT_DEFAULT } from '../../limits.ts';
import type { Expression, SearchQuery, SortKey } from '../../search/expression.ts';
import { compareBySort, type SortableResource } from '../../search/match.ts';
import {
  type SearchAnswer,
  type SearchExplanation,
  type SearchPage,
  StoreError,
  type Version,
} from '../resource-store.ts';
import type { Database } from './database.ts';
import { readEntries } from './entry-text.ts';
import { FilterCompiler } from './filter-compiler.ts';
import { orderedId, type VersionDocument } from './models.ts';
import { readFloor } from './moment.ts';
import { type PagePosition, readPosition, writePosition } from './page-position.ts';
import type { Filter } from './value-filter.ts';
import { readSequences, type ShownDocument, toVersion, VERSION_MEMBERS } from './versions.ts';

/** Versions that a stream reads at once. */
const STREAM_COUNT = 500;

/** Matches of a clause that `explain` counts. */
const EXPLAINED_MAX = 10_000;

/** How many resources match. */
export async function countMatches(
  database: Database,
  { type, where }: SearchQuery,
  at: number,
): Promise<number> {
  return countFilters(database, await new FilterCompiler(database, at).filters(type, where));
}

/** The numbers of the resources that match, ascending. */
export async function matchingNumbers(
  database: Database,
  { type, where }: SearchQuery,
  at: number,
): Promise<Float64Array> {
  const numbers: number[] = [];
  for (const filter of await new FilterCompiler(database, at).filters(type, where)) {
    const cursor = database.versions
      .find(filter)
      .project<Pick<VersionDocument, 'number'>>({ _id: 0, number: 1 });
    for await (const { number } of cursor) numbers.push(number);
  }
  return Float64Array.from(numbers).sort();
}

/** One page of the resources that match, with the exact total of all pages. */
export async function searchPage(
  database: Database,
  query: SearchQuery,
  page: SearchPage,
  at: number,
): Promise<SearchAnswer> {
  const place = await placeOf(database, page);
  const filters = await new FilterCompiler(database, at).filters(query.type, query.where);
  const known = place?.position.at === at ? place.position.total : undefined;
  if (page.count === 0) {
    return { at, total: known ?? (await countFilters(database, filters)), versions: [] };
  }
  const limit = page.count + 1;
  const found =
    query.sort.length === 0
      ? await byNumber(database, filters, limit, place)
      : await byKeys(database, query, filters, limit, place);
  const isAll = place === undefined && found.versions.length <= page.count;
  const total =
    known ?? found.total ?? (isAll ? found.versions.length : await countFilters(database, filters));
  return answer(found.versions, { at, total }, page.count, place?.way);
}

/** All that match, by number, some at a time. */
export async function* streamMatches(
  database: Database,
  { type, where }: SearchQuery,
  at: number,
): AsyncGenerator<Version> {
  const filters = await new FilterCompiler(database, at).filters(type, where);
  for (let after: PagePosition | undefined; ; ) {
    const place: Place | undefined = after && { way: 'after', position: after };
    const { versions } = await byNumber(database, filters, STREAM_COUNT, place);
    yield* versions;
    const last = versions.at(-1);
    if (last === undefined || versions.length < STREAM_COUNT) return;
    after = { at, total: 0, sequence: last.sequence, number: last.number };
  }
}

/** How a search is answered: the filters of its first page and the steps taken for each. */
export async function explainSearch(
  database: Database,
  { type, where }: SearchQuery,
  at: number,
): Promise<SearchExplanation> {
  const compiler = new FilterCompiler(database, at);
  const filters = await compiler.filters(type, where);
  const statements = await Promise.all(
    filters.map(async (filter) => {
      const cursor = database.versions
        .find(filter)
        .sort({ number: 1 })
        .limit(PAGE_COUNT_DEFAULT + 1);
      return { text: JSON.stringify(filter), steps: stepsOf(await cursor.explain()) };
    }),
  );
  const parts: readonly Expression[] = where.kind === 'and' ? where.of : [where];
  const clauses = await Promise.all(
    parts.map(async (expression) => {
      const ids = await compiler.ids(type, expression, EXPLAINED_MAX);
      const matches = ids.length;
      return matches < EXPLAINED_MAX
        ? { expression, matches }
        : { expression, matches, limit: EXPLAINED_MAX };
    }),
  );
  return { statements, clauses, total: await countFilters(database, filters) };
}

/** The stages of a plan, the last one first, with the indexes that they use. */
function stepsOf(explanation: Document): string[] {
  const steps: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { stage, indexName, inputStage, inputStages = [] } = node as Document;
    if (typeof stage === 'string') steps.push(indexName ? `${stage} ${indexName}` : stage);
    for (const next of [inputStage, ...inputStages]) walk(next);
  };
  walk(explanation.queryPlanner?.winningPlan);
  return steps.length > 0 ? steps : [JSON.stringify(explanation.queryPlanner ?? explanation)];
}

/** Where a page lies: just after a resource, or just before one. */
interface Place {
  readonly way: 'after' | 'before';
  readonly position: PagePosition;
}

async function placeOf(database: Database, page: SearchPage): Promise<Place | undefined> {
  const way = page.before === undefined ? 'after' : 'before';
  const text = page[way];
  if (text === undefined) return undefined;
  const position = readPosition(text);
  if (position !== undefined) return { way, position };
  // A position that this store did not write is one that it no longer knows.
  throw new StoreError({ reason: 'behind-window', floor: await readFloor(database) });
}

/** Versions in the order of the answer, one more than are shown where there is one more. */
interface FoundPage {
  readonly versions: readonly Version[];
  readonly total?: number;
}

async function byNumber(
  { versions }: Database,
  filters: readonly Filter[],
  limit: number,
  place: Place | undefined,
): Promise<FoundPage> {
  const isBackwards = place?.way === 'before';
  const direction = isBackwards ? -1 : 1;
  const beyond =
    place === undefined ? {} : { number: { [isBackwards ? '$lt' : '$gt']: place.position.number } };
  const found: ShownDocument[] = [];
  for (const filter of filters) {
    const some = await versions
      .find({ ...filter, ...beyond })
      .project<ShownDocument>(VERSION_MEMBERS)
      .sort({ number: direction })
      .limit(limit)
      .toArray();
    found.push(...some);
  }
  found.sort((left, right) => direction * (left.number - right.number));
  const shown = found.slice(0, limit).map(toVersion);
  return { versions: isBackwards ? shown.reverse() : shown };
}

async function byKeys(
  database: Database,
  { type, sort }: SearchQuery,
  filters: readonly Filter[],
  limit: number,
  place: Place | undefined,
): Promise<FoundPage> {
  const compare = compareBySort(sort);
  const from = place && (await readSortable(database, type, sort, place.position));
  const isBackwards = place?.way === 'before';
  const ordered = isBackwards
    ? (left: SortableResource, right: SortableResource) => compare(right, left)
    : compare;
  const best = new Best(limit, ordered);
  let total = 0;
  for (const filter of filters) {
    const cursor = database.versions
      .find(filter, { projection: sortMembers(sort) })
      .project<SortDocument>(sortMembers(sort));
    for await (const document of cursor) {
      total += 1;
      const one = sortable(type, sort, document);
      if (from === undefined || ordered(one, from) > 0) best.add(one);
    }
  }
  const shown = best.items();
  const versions = await readSequences(
    database,
    (isBackwards ? shown.reverse() : shown).map(({ sequence }) => sequence),
  );
  return { versions, total };
}

type SortDocument = Pick<VersionDocument, 'id' | 'from' | 'number' | 'lastUpdatedMs' | 'entries'>;

function sortMembers(sort: readonly SortKey[]) {
  const ofEntries = sort.some(({ parameter }) => !OWN_KEYS.has(parameter));
  const own = { _id: 0, id: 1, from: 1, number: 1, lastUpdatedMs: 1 };
  return ofEntries ? { ...own, entries: 1 } : own;
}

/** Sort keys that are no entries. */
const OWN_KEYS: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

function sortable(
  type: string,
  sort: readonly SortKey[],
  { id, from, number, lastUpdatedMs, entries = [] }: SortDocument,
): SortableResource {
  const parameters = sort.map(({ parameter }) => parameter);
  const read = readEntries(type, parameters, entries);
  return { type, id, lastUpdatedMs, number, sequence: from, entries: read };
}

async function readSortable(
  { versions }: Database,
  type: string,
  sort: readonly SortKey[],
  { sequence, number }: PagePosition,
): Promise<SortableResource> {
  const found = await versions.findOne<SortDocument>({ _id: orderedId(sequence) });
  const missing = { id: '', from: sequence, number, lastUpdatedMs: 0, entries: [] };
  return sortable(type, sort, found ?? missing);
}

/** The first so many of what is added, in an order. */
class Best<Item> {
  readonly #limit: number;
  readonly #compare: (left: Item, right: Item) => number;
  #items: Item[] = [];

  constructor(limit: number, compare: (left: Item, right: Item) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  add(item: Item): void {
    this.#items.push(item);
    // Sorting now and then is cheaper than keeping all in order.
    if (this.#items.length >= 2 * this.#limit + 1_000) this.#items = this.items();
  }

  items(): Item[] {
    return this.#items.sort(this.#compare).slice(0, this.#limit);
  }
}

function answer(
  found: readonly Version[],
  { at, total }: { readonly at: number; readonly total: number },
  count: number,
  way: Place['way'] | undefined,
): SearchAnswer {
  const hasMore = found.length > count;
  // Asked backwards, the one too many is the first.
  const versions = way === 'before' ? found.slice(hasMore ? 1 : 0) : found.slice(0, count);
  const plain = { at, total, versions };
  const first = versions[0];
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return plain;
  const positionOf = ({ sequence, number }: Version) =>
    writePosition({ at, total, sequence, number });
  const next = hasMore || way === 'before' ? { next: positionOf(last) } : {};
  const precedes = way === 'before' ? hasMore : way === 'after';
  return { ...plain, ...next, ...(precedes ? { previous: positionOf(first) } : {}) };
}

async function countFilters({ versions }: Database, filters: readonly Filter[]): Promise<number> {
  let total = 0;
  for (const filter of filters) total += await versions.countDocuments(filter);
  return total;
}
