// First stage of a search: splits a raw query string into named parameters. Knows no search
// parameter; resolve.ts gives them meaning. http://hl7.org/fhir/R4/search.html#Introduction

import { fhirError } from '../fhir/fhir-error.ts';
import {
  SEARCH_ALTERNATIVES_MAX,
  SEARCH_PARAMETERS_MAX,
  SEARCH_STEPS_MAX,
  SEARCH_VALUE_LENGTH_MAX,
} from '../limits.ts';
import { quote } from './clause.ts';
import { hasLegalEscapes, splitUnescaped } from './escapes.ts';

/** What a parameter's name says: a code, or steps to other resources and then a code. */
export type ParameterPath =
  | { readonly kind: 'plain'; readonly code: string; readonly modifier?: string }
  /** `subject:Patient.…`, `subject.…` */
  | {
      readonly kind: 'chain';
      readonly code: string;
      readonly type?: string;
      readonly rest: ParameterPath;
    }
  /** `_has:Immunization:patient:…` */
  | {
      readonly kind: 'has';
      readonly type: string;
      readonly reference: string;
      readonly rest: ParameterPath;
    };

/** One `name=value` of a query string, percent-decoded. */
export interface QueryParameter {
  readonly name: string;
  /** The whole value. */
  readonly text: string;
  readonly path: ParameterPath;
  /** `text` split at unescaped commas; each alternative keeps its escapes (escapes.ts). */
  readonly values: readonly string[];
}

/**
 * Splits a query string (without `?`) at `&` and the first `=` of each part; `+` is a space.
 * Empty parts are skipped. Throws invalid-search for wrong percent or backslash escapes, NUL and
 * malformed names, and limit-exceeded beyond the bounds of limits.ts.
 */
export function parseQuery(raw: string): QueryParameter[] {
  const parts = raw.split('&', SEARCH_PARAMETERS_MAX + 1);
  if (parts.length > SEARCH_PARAMETERS_MAX) {
    throw limitExceeded(`A search may have at most ${SEARCH_PARAMETERS_MAX} parameters`);
  }
  return parts.filter((part) => part !== '').map(parseParameter);
}

/** The query string that parseQuery reads as these parameters, what URLs allow stays legible. */
export function printQuery(parameters: readonly Pick<QueryParameter, 'name' | 'text'>[]): string {
  return parameters.map(({ name, text }) => `${encode(name)}=${encode(text)}`).join('&');
}

function parseParameter(part: string): QueryParameter {
  const equals = part.indexOf('=');
  const name = decode(equals < 0 ? part : part.slice(0, equals));
  if (name.length > SEARCH_VALUE_LENGTH_MAX) throw tooLong('A parameter name');
  const text = equals < 0 ? '' : decode(part.slice(equals + 1));
  // A filter has a grammar of its own (parse-filter.ts).
  if (name === '_filter')
    return { name, text, path: { kind: 'plain', code: name }, values: [text] };
  if (!hasLegalEscapes(text)) {
    throw fhirError(
      'invalid-search',
      `Parameter ${quote(name)}: a backslash may stand only in \\, \\| \\$ and \\\\`,
    );
  }
  const values = splitUnescaped(text, ',');
  if (values.length > SEARCH_ALTERNATIVES_MAX) {
    throw limitExceeded(
      `Parameter ${quote(name)} may have at most ${SEARCH_ALTERNATIVES_MAX} alternatives`,
    );
  }
  if (values.some((value) => value.length > SEARCH_VALUE_LENGTH_MAX)) {
    throw tooLong(`A value of parameter ${quote(name)}`);
  }
  return { name, text, path: parseName(name), values };
}

/** What the name of a parameter says. Throws as parseQuery does. */
export function parseName(name: string): ParameterPath {
  return parsePath(name, name, 0);
}

function parsePath(text: string, name: string, steps: number): ParameterPath {
  if (steps > SEARCH_STEPS_MAX) {
    throw limitExceeded(`Parameter ${quote(name)} may have at most ${SEARCH_STEPS_MAX} steps`);
  }
  if (text.startsWith('_has:')) return parseHas(text, name, steps);
  const dot = text.indexOf('.');
  const [code = '', ...suffixes] = (dot < 0 ? text : text.slice(0, dot)).split(':');
  const [suffix] = suffixes;
  if (code === '' || suffix === '' || suffixes.length > 1) {
    throw malformedName(name, 'code, code:modifier, code.code or code:Type.code');
  }
  if (dot < 0) {
    return suffix === undefined
      ? { kind: 'plain', code }
      : { kind: 'plain', code, modifier: suffix };
  }
  const rest = parsePath(text.slice(dot + 1), name, steps + 1);
  return suffix === undefined
    ? { kind: 'chain', code, rest }
    : { kind: 'chain', code, type: suffix, rest };
}

function parseHas(text: string, name: string, steps: number): ParameterPath {
  const [, type, reference, rest] = /^_has:([^:]+):([^:]+):(.+)$/s.exec(text) ?? [];
  if (type === undefined || reference === undefined || rest === undefined) {
    throw malformedName(name, '_has:Type:reference:code');
  }
  return { kind: 'has', type, reference, rest: parsePath(rest, name, steps + 1) };
}

function decode(text: string): string {
  const decoded = decodeOrUndefined(text.replaceAll('+', ' '));
  if (decoded === undefined || !decoded.isWellFormed()) {
    throw fhirError(
      'invalid-search',
      `The query string has a wrong percent escape, or no UTF-8, in ${quote(text.toWellFormed())}`,
    );
  }
  if (decoded.includes('\0')) {
    throw fhirError('invalid-search', 'The query string holds a NUL character, which no value has');
  }
  return decoded;
}

function decodeOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/')
    .replaceAll('%24', '$');
}

function malformedName(name: string, expected: string): Error {
  return fhirError('invalid-search', `Parameter ${quote(name)} is malformed: write ${expected}`);
}

function tooLong(what: string): Error {
  return limitExceeded(`${what} may have at most ${SEARCH_VALUE_LENGTH_MAX} characters`);
}

function limitExceeded(diagnostics: string): Error {
  return fhirError('limit-exceeded', diagnostics);
}
