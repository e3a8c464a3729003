// Second stage of a search, and the only one that may refuse one for what it asks: gives the
// parameters of a query string their meaning by the registry, and makes one expression of them.
// http://hl7.org/fhir/R4/search.html

import { fhirError } from '../fhir/fhir-error.ts';
import type { Issue } from '../fhir/types.ts';
import { PAGE_COUNT_DEFAULT } from '../limits.ts';
import { isAlias, readAlias } from './aliases.ts';
import { quote, type SearchEnvironment } from './clause.ts';
import { readCriterion } from './criteria.ts';
import type { Expression, SearchQuery } from './expression.ts';
import { readFilter } from './filter.ts';
import type { Include } from './include-parameters.ts';
import { derivedIn } from './patient-aliases.ts';
import { parseQuery, printQuery, type QueryParameter } from './query-string.ts';
import {
  isRepeatable,
  isResultParameter,
  type ResultOptions,
  readResultParameter,
  type Summary,
} from './result-parameters.ts';
import { findRoute } from './route.ts';

/** What a query string asks for. */
export interface ResolvedSearch {
  readonly query: SearchQuery;
  /** Entries per page; 0 with `summary: 'count'`. */
  readonly count: number;
  /** `count`: the total alone, no entries. */
  readonly summary: Summary;
  /** The only elements to tell, beside the mandatory ones; all when absent. */
  readonly elements?: readonly string[];
  readonly includes: readonly Include[];
  readonly explain: boolean;
  /** The query string as it was understood, without what was ignored. */
  readonly understood: string;
  /** One warning per parameter that was ignored: unknown ones when lenient, and empty ones. */
  readonly ignored: readonly Issue[];
}

/** What becomes of one parameter: it shapes the answer, chooses resources, or is left out. */
type Understood =
  | { readonly kind: 'result'; readonly parameter: QueryParameter }
  | {
      readonly kind: 'criterion';
      readonly parameter: QueryParameter;
      readonly expression: Expression;
    }
  | { readonly kind: 'ignored'; readonly parameter: QueryParameter; readonly issue: Issue };

/**
 * Reads a search on `type`. Malformed values and unsupported modifiers are refused (400) whatever
 * the handling; unknown parameters are refused when strict, else ignored and reported. A
 * parameter without a value is no error in R4 (search.html#errors): it is ignored and reported.
 * @param raw the query string as sent, without `?`
 */
export function resolveSearch(
  type: string,
  raw: string,
  environment: SearchEnvironment,
): ResolvedSearch {
  const parameters = parseQuery(raw).map((each) => understand(type, each, environment));
  const used = parameters.filter((each) => each.kind !== 'ignored').map((each) => each.parameter);
  const options = readOptions(used.filter(isResultParameter), type, environment);
  const criteria = parameters.flatMap((each) => (each.kind === 'criterion' ? [each] : []));
  const count = options.count ?? PAGE_COUNT_DEFAULT;
  const totalAlone = options.summary === 'count' || count === 0;
  return {
    query: {
      type,
      where: allOf(criteria.map((each) => each.expression)),
      sort: options.sort ?? [],
    },
    count: totalAlone ? 0 : count,
    summary: totalAlone ? 'count' : (options.summary ?? 'none'),
    ...(options.elements === undefined ? {} : { elements: options.elements }),
    includes: options.includes ?? [],
    explain: options.explain ?? false,
    understood: printUnderstood(used, count),
    ignored: parameters.flatMap((each) => (each.kind === 'ignored' ? [each.issue] : [])),
  };
}

/**
 * Reads the criteria of a conditional interaction, reference or subscription: as resolveSelection,
 * and of single records, since a store judges them again at commit.
 * @param raw the query string as sent, without `?`
 */
export function resolveCriteria(
  type: string,
  raw: string,
  environment: SearchEnvironment,
): Expression {
  const criteria = resolveSelection(type, raw, environment);
  const derived = derivedIn(type, criteria);
  if (derived === undefined) return criteria;
  const sentence = 'is worked out from several records and can be no condition of a write';
  throw fhirError('unsupported-search', `Parameter ${quote(derived)} ${sentence}`);
}

/**
 * Reads what chooses resources: search parameters only, at least one, and nothing is ever ignored,
 * since that would widen what is chosen.
 * @param raw the query string as sent, without `?`
 */
export function resolveSelection(
  type: string,
  raw: string,
  environment: SearchEnvironment,
): Expression {
  const parameters = parseQuery(raw);
  if (parameters.length === 0) {
    throw fhirError('invalid-search', `No criteria: name at least one search parameter of ${type}`);
  }
  const strict: SearchEnvironment = { ...environment, handling: 'strict' };
  const criteria = parameters.map((parameter) => {
    const understood = understand(type, parameter, strict);
    if (understood.kind === 'criterion') return understood.expression;
    throw fhirError(
      'invalid-search',
      understood.kind === 'ignored'
        ? `Parameter ${quote(parameter.name)} has no value, and criteria are never ignored`
        : `Parameter ${quote(parameter.name)} chooses no resource and cannot be a criterion`,
    );
  });
  return allOf(criteria);
}

function understand(
  type: string,
  parameter: QueryParameter,
  environment: SearchEnvironment,
): Understood {
  const { name, path, text } = parameter;
  refuseNamed(parameter);
  const own = readOwn(type, parameter, environment);
  if (own !== undefined) return { kind: 'criterion', parameter, expression: own };
  const isResult = isResultParameter(parameter);
  const route = isResult ? undefined : findRoute(type, path, environment.registry);
  if (route?.kind === 'unanswered') {
    const diagnostics = `Parameter ${quote(name)} is not supported: ${route.reason}`;
    if (environment.handling === 'strict') throw fhirError('unsupported-search', diagnostics);
    const issue: Issue = { severity: 'warning', code: 'not-supported', diagnostics };
    return { kind: 'ignored', parameter, issue };
  }
  if (text === '') {
    const diagnostics = `Parameter ${quote(name)} has no value and was ignored`;
    const issue: Issue = { severity: 'warning', code: 'processing', diagnostics };
    return { kind: 'ignored', parameter, issue };
  }
  if (route === undefined) return { kind: 'result', parameter };
  return { kind: 'criterion', parameter, expression: readCriterion(parameter, route, environment) };
}

/** Parameters of R4 that change what a search means, and are not offered: ignoring them would
 * answer another question. */
const refused: ReadonlySet<string> = new Set(['_contained', '_containedType', '_query', '_score']);

function refuseNamed({ name, path }: QueryParameter): void {
  if (path.kind !== 'plain' || !refused.has(path.code)) return;
  throw fhirError('unsupported-search', `Parameter ${quote(name)} is not supported`);
}

/** Criteria that are no search parameters of a type. */
function readOwn(
  type: string,
  parameter: QueryParameter,
  environment: SearchEnvironment,
): Expression | undefined {
  const { name, text, values } = parameter;
  if (text === '') return undefined;
  if (name === '_filter') return readFilter(type, text, environment);
  const alias = isAlias(type, name) ? environment.registry.find(type, name) : undefined;
  if (alias !== undefined) return readAlias({ name, type, parameter: alias, values, environment });
  return readList(parameter, environment);
}

/** `_list=42`: what the entries of the List point at (search.html#list). */
function readList(
  { path, text, name }: QueryParameter,
  { registry }: SearchEnvironment,
): Expression | undefined {
  if (path.kind !== 'plain' || path.code !== '_list') return undefined;
  const id = text.replace(/^List\//, '');
  if (path.modifier !== undefined || !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    const sentence = 'names a List by its id; lists such as $current-problems are not kept';
    throw fhirError('unsupported-search', `Parameter ${quote(name)} ${sentence}`);
  }
  if (registry.find('List', 'item') === undefined) {
    throw fhirError('unsupported-search', `Parameter ${quote(name)}: Lists are not served here`);
  }
  return { kind: 'has', type: 'List', parameter: 'item', where: { kind: 'id', ids: [id] } };
}

function readOptions(
  parameters: readonly QueryParameter[],
  type: string,
  { registry }: SearchEnvironment,
): ResultOptions {
  const names = parameters.filter((each) => !isRepeatable(each)).map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw fhirError('invalid-search', `Parameter ${quote(repeated)} may be given once only`);
  }
  const read = parameters.map((parameter) => readResultParameter(parameter, type, registry));
  const options: ResultOptions = Object.assign({}, ...read);
  return { ...options, includes: read.flatMap(({ includes = [] }) => includes) };
}

function allOf(criteria: readonly Expression[]): Expression {
  const [first] = criteria;
  if (first === undefined) return { kind: 'everything' };
  return criteria.length === 1 ? first : { kind: 'and', of: criteria };
}

function printUnderstood(used: readonly QueryParameter[], count: number): string {
  const shown = used.map(({ name, text }) => {
    return { name, text: name === '_count' ? String(count) : text };
  });
  return printQuery(shown);
}
