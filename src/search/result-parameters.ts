// The parameters of a search that say nothing about what matches but how the answer is given.
// http://hl7.org/fhir/R4/search.html#return

import { fhirError } from '../fhir/fhir-error.ts';
import { PAGE_COUNT_MAX, SORT_KEYS_MAX } from '../limits.ts';
import { malformedValue, quote } from './clause.ts';
import type { SortKey } from './expression.ts';
import { type Include, readInclude, readRevinclude } from './include-parameters.ts';
import type { QueryParameter } from './query-string.ts';
import type { SearchParameter, SearchRegistry } from './search-registry.ts';

/** How much of each resource is told (http://hl7.org/fhir/R4/search.html#summary); `none`: all. */
export type Summary = 'none' | 'true' | 'text' | 'data' | 'count';

/** What result parameters ask for; each member only when it was given. */
export interface ResultOptions {
  /** Entries per page, at most PAGE_COUNT_MAX; 0 asks for the total alone. */
  readonly count?: number;
  readonly sort?: readonly SortKey[];
  readonly summary?: Summary;
  /** Names of the elements that are told, beside the mandatory ones. */
  readonly elements?: readonly string[];
  readonly includes?: readonly Include[];
  /** Whether the search is explained instead of answered. */
  readonly explain?: boolean;
}

type Reader = (sent: QueryParameter, type: string, registry: SearchRegistry) => ResultOptions;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['_count', readCount],
  ['_sort', readSort],
  ['_summary', readSummary],
  ['_elements', readElements],
  ['_total', readTotal],
  ['_include', (sent, type, registry) => ({ includes: readInclude(sent, type, registry) })],
  ['_revinclude', (sent, type, registry) => ({ includes: readRevinclude(sent, type, registry) })],
  ['_explain', readExplain],
]);

/** Parameters that may be given more than once, or with a modifier. */
const repeatable: ReadonlySet<string> = new Set(['_include', '_revinclude']);

/** Whether the parameter shapes the answer instead of choosing resources. */
export function isResultParameter({ path }: QueryParameter): boolean {
  return path.kind === 'plain' && readers.has(path.code);
}

/** Whether the parameter may be given more than once. */
export function isRepeatable({ path }: QueryParameter): boolean {
  return path.kind === 'plain' && repeatable.has(path.code);
}

/** Reads a result parameter; throws invalid-search or unsupported-search. */
export function readResultParameter(
  sent: QueryParameter,
  type: string,
  registry: SearchRegistry,
): ResultOptions {
  const { path, name } = sent;
  const read = path.kind === 'plain' ? readers.get(path.code) : undefined;
  const isPlain =
    path.kind === 'plain' && (path.modifier === undefined || repeatable.has(path.code));
  if (read === undefined || !isPlain) {
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

const summaries: Readonly<Record<string, Summary | undefined>> = {
  true: 'true',
  text: 'text',
  data: 'data',
  count: 'count',
  false: 'none',
};

function readSummary(sent: QueryParameter): ResultOptions {
  const summary = Object.hasOwn(summaries, sent.text) ? summaries[sent.text] : undefined;
  if (summary !== undefined) return { summary };
  throw malformedValue(sent.name, sent.text, 'one of true, text, data, count, false');
}

function readElements(sent: QueryParameter): ResultOptions {
  const elements = sent.values.map((value) => value.replace(/^[A-Z][A-Za-z]*\./, ''));
  const wrong = elements.find((name) => !/^[A-Za-z]{1,64}$/.test(name));
  if (wrong === undefined) return { elements };
  throw malformedValue(sent.name, wrong, 'the name of an element at the top of a resource');
}

function readExplain(sent: QueryParameter): ResultOptions {
  if (sent.text === 'true' || sent.text === 'false') return { explain: sent.text === 'true' };
  throw malformedValue(sent.name, sent.text, 'true or false');
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
  'number',
  'quantity',
  'reference',
  'uri',
]);

function readSort(sent: QueryParameter, type: string, registry: SearchRegistry): ResultOptions {
  if (sent.values.length > SORT_KEYS_MAX) {
    throw fhirError('limit-exceeded', `Parameter "_sort" may have at most ${SORT_KEYS_MAX} keys`);
  }
  const sort = sent.values.map((value): SortKey => {
    const descending = value.startsWith('-');
    const parameter = descending ? value.slice(1) : value;
    if (parameter.includes('.')) {
      throw fhirError(
        'unsupported-search',
        `Parameter "_sort": ${quote(parameter)} sorts by another resource, which is not supported`,
      );
    }
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
