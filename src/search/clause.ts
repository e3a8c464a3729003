// One criterion of a search after it met the registry: what the types/ readers turn into an
// expression, and the errors with which they refuse it.

import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { SearchParameter, SearchRegistry } from './search-registry.ts';

/** What the meaning of a query depends on beside its text. */
export interface SearchEnvironment {
  readonly registry: SearchRegistry;
  /** What `:in`, `:above` and `:below` ask. */
  readonly terminology: SearchTerminology;
  /** IANA name: what dates without a zone mean. */
  readonly zone: string;
  /** Base address of this server, without trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds since 1970 UTC: what `ap` measures from. */
  readonly nowMs: number;
  /** Whether unknown parameters are refused, or ignored and reported. */
  readonly handling: 'strict' | 'lenient';
}

/** The part of terminology that searches ask. */
export type SearchTerminology = Pick<
  Terminology,
  'expand' | 'codeTable' | 'valueSet' | 'byId' | 'descendants'
>;

/** `name:modifier=values` on a parameter that exists. */
export interface Clause {
  /** The name as sent, for errors: `_has:Immunization:patient:date`. */
  readonly name: string;
  /** The resource type that the parameter is one of. */
  readonly type: string;
  readonly parameter: SearchParameter;
  readonly modifier?: string;
  /** Alternatives: at least one, none empty, escapes still in (query-string.ts). */
  readonly values: readonly string[];
  readonly environment: SearchEnvironment;
}

const QUOTED_LENGTH_MAX = 100;

/** User's text inside an error, cut where it would drown the sentence. */
export function quote(text: string): string {
  return text.length > QUOTED_LENGTH_MAX ? `"${text.slice(0, QUOTED_LENGTH_MAX)}…"` : `"${text}"`;
}

/** 400: the value cannot be read. `expected` says what would be right. */
export function malformedValue(name: string, value: string, expected: string): FhirError {
  return fhirError(
    'invalid-search',
    `Parameter ${quote(name)}: ${quote(value)} is not ${expected}`,
  );
}

/** 400: R4 forbids ignoring a modifier (search.html#modifiers). */
export function unsupportedModifier(clause: Clause, supported: readonly string[]): FhirError {
  const known = ['missing', ...supported].map((modifier) => `:${modifier}`).join(', ');
  return fhirError(
    'unsupported-search',
    `Parameter ${quote(clause.name)}: the modifier ${quote(`:${clause.modifier ?? ''}`)} is not ` +
      `supported on "${clause.parameter.code}", a ${clause.parameter.type}; supported: ${known}`,
  );
}
