// Which representation a client sends and wants: Content-Type, Accept, _format and _pretty
// (http://hl7.org/fhir/R4/http.html#mime-type). JSON is the only one; anything else is refused.

import { fhirError } from '../fhir/fhir-error.ts';
import type { Method } from '../interactions/interaction.ts';

/** How to write the answer. */
export interface ResponseFormat {
  readonly contentType: string;
  readonly pretty: boolean;
}

/** What clients get who do not say what they want. */
export const standardFormat: ResponseFormat = {
  contentType: 'application/fhir+json; charset=utf-8',
  pretty: false,
};

// By media type, the preferred one first.
const contentTypes = new Map([
  ['application/fhir+json', standardFormat.contentType],
  ['application/json', 'application/json; charset=utf-8'],
]);

// Values of _format besides the media types themselves.
const formatCodes = new Map([
  ['json', 'application/fhir+json'],
  ['text/json', 'application/json'],
]);

const FHIR_VERSION = '4.0';

/** The parameters of a query that concern representation, and the query without them. */
export interface FormatParameters {
  readonly format: string | undefined;
  readonly pretty: boolean;
  readonly query: string;
}

/**
 * Takes `_format` and `_pretty` out of a query string.
 * @throws FhirError `invalid-request` when `_pretty` is neither true nor false
 */
export function takeFormatParameters(query: string): FormatParameters {
  let format: string | undefined;
  let pretty = 'false';
  if (!/(?:_|%5[Ff])(?:format|pretty)/.test(query)) return { format, pretty: false, query };
  const rest = query.split('&').filter((part) => {
    const [[name, value] = ['', '']] = new URLSearchParams(part);
    if (name === '_format') format ??= value;
    if (name === '_pretty') pretty = value;
    return name !== '_format' && name !== '_pretty';
  });
  if (pretty !== 'true' && pretty !== 'false') {
    throw fhirError('invalid-request', '_pretty must be true or false');
  }
  return { format, pretty: pretty === 'true', query: rest.join('&') };
}

/**
 * The representation to answer in; `_format` wins over `Accept`.
 * @throws FhirError `not-acceptable` when the client takes none that there is
 */
export function negotiate(accept: string | undefined, wanted: FormatParameters): ResponseFormat {
  const contentType =
    wanted.format === undefined ? acceptable(accept) : formatted(wanted.format, accept);
  if (contentType === standardFormat.contentType && !wanted.pretty) return standardFormat;
  return { contentType, pretty: wanted.pretty };
}

function formatted(format: string, accept: string | undefined): string {
  if (format === '') return acceptable(accept);
  // An unescaped + of application/fhir+json arrives as a space.
  const { type, parameters } = readMediaType(format.replace('fhir json', 'fhir+json'));
  const contentType = contentTypes.get(formatCodes.get(type) ?? type);
  if (contentType === undefined || !isOurVersion(parameters)) {
    throw fhirError('not-acceptable', '_format must be json: no other representation is served');
  }
  return contentType;
}

function acceptable(accept: string | undefined): string {
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') {
    return standardFormat.contentType;
  }
  const ranges = accept.split(',').map(readMediaType);
  let best: { quality: number; contentType: string } = { quality: 0, contentType: '' };
  for (const [type, contentType] of contentTypes) {
    const quality = qualityOf(type, ranges);
    if (quality > best.quality) best = { quality, contentType };
  }
  if (best.quality > 0) return best.contentType;
  const served = [...contentTypes.keys()].join(' and ');
  throw fhirError('not-acceptable', `Accept admits none of what is served: ${served}`);
}

/** The client's wish for a type, from 0 (not at all) to 1: that of the most specific range. */
function qualityOf(type: string, ranges: readonly MediaType[]): number {
  for (const range of [type, 'application/*', '*/*']) {
    const match = ranges.find((candidate) => candidate.type === range);
    if (match === undefined || !isOurVersion(match.parameters)) continue;
    const quality = Number(match.parameters.get('q') ?? '1');
    return quality >= 0 && quality <= 1 ? quality : 0;
  }
  return 0;
}

// What a body may be, by method. Bodies of other methods mean nothing and are not looked at.
const bodyTypes: Readonly<Partial<Record<Method, readonly string[]>>> = {
  POST: ['application/fhir+json', 'application/json'],
  PUT: ['application/fhir+json', 'application/json'],
  // Plain application/json does not say which kind of patch it is.
  PATCH: ['application/json-patch+json', 'application/fhir+json'],
};

/** Whether a body that comes with the method is read. */
export function mayHaveBody(method: Method): boolean {
  return bodyTypes[method] !== undefined;
}

const FORM = 'application/x-www-form-urlencoded';

/**
 * What a POST to `_search` brings are parameters (http://hl7.org/fhir/R4/http.html#search).
 * @throws FhirError `unsupported-media-type` for any other body
 */
export function requireForm(contentType = ''): void {
  const { type, parameters } = readMediaType(contentType);
  const charset = parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  if (type === FORM && charset === 'utf-8') return;
  throw fhirError('unsupported-media-type', `POST _search takes ${FORM} in UTF-8`);
}

/**
 * The media type of a body, lower case, without parameters.
 * @throws FhirError `unsupported-media-type` when it is not one that the method takes
 */
export function bodyType(contentType: string | undefined, method: Method): string {
  const allowed = bodyTypes[method] ?? [];
  const expected = `${method} takes ${allowed.join(' or ')} in UTF-8`;
  if (contentType === undefined) {
    throw fhirError('unsupported-media-type', `The body has no Content-Type; ${expected}`);
  }
  const { type, parameters } = readMediaType(contentType);
  const charset = parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  if (!allowed.includes(type) || charset !== 'utf-8' || !isOurVersion(parameters)) {
    throw fhirError('unsupported-media-type', `The Content-Type is not supported; ${expected}`);
  }
  return type;
}

interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function readMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters = rest.map((parameter): [string, string] => {
    const [name = '', value = ''] = parameter.split('=');
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
}

// http://hl7.org/fhir/R4/http.html#version-parameter
function isOurVersion(parameters: ReadonlyMap<string, string>): boolean {
  return (parameters.get('fhirversion') ?? FHIR_VERSION) === FHIR_VERSION;
}
