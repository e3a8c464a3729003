// Which search parameters exist for which type: R4's generated tables, narrowed to what the
// capability statement declares.

import {
  type SearchComponent,
  type SearchParameter,
  searchParametersOf,
} from '../definitions/definitions.ts';

export type { SearchComponent, SearchParameter };

export interface SearchRegistry {
  /** The parameter of that code on the type, when it is declared and answered; undefined
   * otherwise. */
  find(type: string, code: string): SearchParameter | undefined;
  /** All declared parameters of the type that are answered, by code. */
  all(type: string): readonly SearchParameter[];
  /** All declared parameters of the type, those that are still being filled too. */
  indexed(type: string): readonly SearchParameter[];
  /** Whether the parameter is declared but still being filled. */
  isFilling(type: string, code: string): boolean;
  /** Whether the type is served. */
  serves(type: string): boolean;
  /** The types served. */
  types(): readonly string[];
}

/** A parameter that `profiles/` adds to R4's (search-parameter-files.ts). */
interface AddedParameter {
  readonly type: string;
  readonly parameter: SearchParameter;
}

/** The added parameters, and which of them the store has entries of for every resource. */
export interface AddedParameters {
  readonly list: readonly AddedParameter[];
  isFilled(type: string, code: string): boolean;
}

const NONE_ADDED: AddedParameters = { list: [], isFilled: () => true };

/** The kinds of parameter that are answered. Each has an IndexEntry and a file in types/. */
const answeredKinds = [
  'token',
  'string',
  'date',
  'number',
  'quantity',
  'reference',
  'uri',
  'composite',
  'special',
] as const;

export type AnsweredKind = (typeof answeredKinds)[number];

/** Whether parameters of that type are answered. */
export function isAnsweredKind(type: SearchParameter['type']): type is AnsweredKind {
  return answeredKinds.some((kind) => kind === type);
}

/**
 * The registry of the types served.
 * @param declared the codes that the type declares, or `all` that are answered; throws when a
 *   declared one is unknown to R4 or cannot be answered
 * @param types the types served
 * @param added parameters beside R4's
 */
export function makeSearchRegistry(
  declared: (type: string) => readonly string[] | 'all',
  types: readonly string[],
  added: AddedParameters = NONE_ADDED,
): SearchRegistry {
  const byType = new Map(
    types.map((type) => [type, declaredParameters(type, declared(type), added)]),
  );
  const indexed = (type: string) => [...(byType.get(type)?.values() ?? [])];
  return {
    find: (type, code) => {
      const found = byType.get(type)?.get(code);
      return found !== undefined && added.isFilled(type, code) ? found : undefined;
    },
    all: (type) => indexed(type).filter(({ code }) => added.isFilled(type, code)),
    indexed,
    isFilling: (type, code) => byType.get(type)?.has(code) === true && !added.isFilled(type, code),
    serves: (type) => byType.has(type),
    types: () => [...byType.keys()],
  };
}

/** What R4's list of parameters leaves out. */
const TEXT: SearchParameter = {
  code: '_text',
  url: 'http://hl7.org/fhir/SearchParameter/DomainResource-text',
  type: 'string',
  expression: '',
  targets: [],
};

function declaredParameters(
  type: string,
  codes: readonly string[] | 'all',
  added: AddedParameters,
): ReadonlyMap<string, SearchParameter> {
  const own = added.list.filter((each) => each.type === type).map(({ parameter }) => parameter);
  const known = [...searchParametersOf(type), TEXT, ...own];
  const defined = new Map(known.map((each) => [each.code, each]));
  const wanted =
    codes === 'all'
      ? [...defined.values()].filter((each) => isAnswered(each) && !isWords(each.code))
      : codes.map((code) => declaredParameter(type, code, defined.get(code)));
  const sorted = wanted.sort((a, b) => (a.code < b.code ? -1 : 1));
  return new Map(sorted.map((each) => [each.code, each]));
}

function declaredParameter(
  type: string,
  code: string,
  parameter: SearchParameter | undefined,
): SearchParameter {
  if (parameter === undefined) {
    throw new Error(`R4 defines no search parameter ${code} for ${type}, nor does profiles/.`);
  }
  if (!isAnswered(parameter)) {
    throw new Error(`The search parameter ${code} of ${type} cannot be answered.`);
  }
  return parameter;
}

/** `_query`, `_filter` and the like have no expression: nothing can be indexed for them. The words
 * of a resource have none either, but are known. */
function isAnswered(parameter: SearchParameter): boolean {
  if (isWords(parameter.code)) return true;
  if (parameter.type === 'special' && parameter.expression === '') return isAdded(parameter);
  return isAnsweredKind(parameter.type) && parameter.expression !== '';
}

/** Of parameters without expression only those of `profiles/` are known: aliases.ts reads them. */
function isAdded({ url }: SearchParameter): boolean {
  return !url.startsWith('http://hl7.org/fhir/');
}

/** Whether the parameter looks at the words of a resource
 * (http://hl7.org/fhir/R4/search.html#content). */
export function isWords(code: string): code is '_text' | '_content' {
  return code === '_text' || code === '_content';
}
