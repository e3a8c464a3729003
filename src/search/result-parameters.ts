// The parameters of a search that say nothing about what matches but how the answer is given:
// _count, _sort, _summary, _total and our own _page. http://hl7.org/fhir/R4/search.html#return

import { fhirError } from '../fhir/fhir-error.ts';
import { PAGE_COUNT_MAX, SORT_KEYS_MAX } from '../limits.ts';
import { malformedValue, quote } from './clause.ts';
import type { SortKey } from './expression.ts';
import type { QueryParameter } from './query-string.ts';
import type { SearchParameter, SearchRegistry } from './search-registry.ts';

/** What result parameters ask for; each member only when it was given. */
export interface ResultOptions {
  /** Entries per page, at most PAGE_COUNT_MAX; 0 asks for the total alone. */
  readonly count?: number;
  readonly sort?: readonly SortKey[];
  readonly summary?: 'none' | 'count';
  /** The `_page` token as sent. */
  readonly page?: string;
}

type Reader = (sent: QueryParameter, type: string, registry: SearchRegistry) => ResultOptions;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['_count', readCount],
  ['_sort', readSort],
  ['_summary', readSummary],
  ['_total', readTotal],
  ['_page', (sent) => ({ page: sent.text })],
]);

/** Whether the parameter shapes the answer instead of choosing resources. */
export function isResultParameter({ path }: QueryParameter): boolean {
  return path.kind === 'plain' && readers.has(path.code);
}

/** Reads a result parameter; throws invalid-search or unsupported-search. */
export function readResultParameter(
  sent: QueryParameter,
  type: string,
  registry: SearchRegistry,
): ResultOptions {
  const { path, name } = sent;
  const read = path.kind === 'plain' ? readers.get(path.code) : undefined;
  if (read === undefined || (path.kind === 'plain' && path.modifier !== undefined)) {
    throw fhirError('unsupported-search', `Parameter ${quote(name)} takes no modifier`);
  }
  return read(sent, type, registry);
}

function readCount(sent: QueryParameter): ResultOptions {
  if (!/^\d{1,15}$/.test(sent.text)) {
    throw malformedValue(sent.name, sent.text, 'a whole number of entries, 0 or more');
  }
  return { count: Math.min(Number(sent.text), PAGE_COUNT_MAX) };
}

function readSummary(sent: QueryParameter): ResultOptions {
  switch (sent.text) {
    case 'count':
      return { summary: 'count' };
    case 'false':
      return { summary: 'none' };
    case 'true':
    case 'text':
    case 'data':
      throw fhirError(
        'unsupported-search',
        `Parameter "_summary": "${sent.text}" is not supported; supported: count, false`,
      );
    default:
      throw malformedValue(sent.name, sent.text, 'one of count, false');
  }
}

/** Totals are always exact, which every wish allows (search.html#total). */
function readTotal(sent: QueryParameter): ResultOptions {
  if (['none', 'estimate', 'accurate'].includes(sent.text)) return {};
  throw malformedValue(sent.name, sent.text, 'one of none, estimate, accurate');
}

/** Parameter types whose values have an order that means something to people. */
const sortableTypes: ReadonlySet<SearchParameter['type']> = new Set([
  'token',
  'string',
  'date',
  'uri',
]);

function readSort(sent: QueryParameter, type: string, registry: SearchRegistry): ResultOptions {
  if (sent.values.length > SORT_KEYS_MAX) {
    throw fhirError('limit-exceeded', `Parameter "_sort" may have at most ${SORT_KEYS_MAX} keys`);
  }
  const sort = sent.values.map((value): SortKey => {
    const descending = value.startsWith('-');
    const parameter = descending ? value.slice(1) : value;
    const kind = registry.find(type, parameter)?.type;
    if (kind === undefined || !sortableTypes.has(kind)) {
      throw unsupportedSortKey(parameter, type, registry);
    }
    return { parameter, descending };
  });
  if (new Set(sort.map((key) => key.parameter)).size < sort.length) {
    throw malformedValue(sent.name, sent.text, 'a list of different search parameters');
  }
  return { sort };
}

function unsupportedSortKey(parameter: string, type: string, registry: SearchRegistry): Error {
  const known = registry.all(type).filter((each) => sortableTypes.has(each.type));
  return fhirError(
    'unsupported-search',
    `Parameter "_sort": ${type} cannot be sorted by ${quote(parameter)}; ` +
      `it can by ${known.map((each) => each.code).join(', ')}`,
  );
}
