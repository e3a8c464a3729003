// Which search parameters exist for which type: R4's generated tables, narrowed to what the
// capability statement declares.

import {
  type SearchComponent,
  type SearchParameter,
  searchParametersOf,
} from '../definitions/definitions.ts';

export type { SearchComponent, SearchParameter };

export interface SearchRegistry {
  /** The parameter of that code on the type, when it is declared; undefined otherwise. */
  find(type: string, code: string): SearchParameter | undefined;
  /** All declared parameters of the type, by code. */
  all(type: string): readonly SearchParameter[];
  /** Whether the type is served. */
  serves(type: string): boolean;
  /** The types served. */
  types(): readonly string[];
}

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
 */
export function makeSearchRegistry(
  declared: (type: string) => readonly string[] | 'all',
  types: readonly string[],
): SearchRegistry {
  const byType = new Map(types.map((type) => [type, declaredParameters(type, declared(type))]));
  return {
    find: (type, code) => byType.get(type)?.get(code),
    all: (type) => [...(byType.get(type)?.values() ?? [])],
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
): ReadonlyMap<string, SearchParameter> {
  const defined = new Map([...searchParametersOf(type), TEXT].map((each) => [each.code, each]));
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
    throw new Error(`R4 defines no search parameter ${code} for ${type}.`);
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
  return isAnsweredKind(parameter.type) && parameter.expression !== '';
}

/** Whether the parameter looks at the words of a resource
 * (http://hl7.org/fhir/R4/search.html#content). */
export function isWords(code: string): code is '_text' | '_content' {
  return code === '_text' || code === '_content';
}
