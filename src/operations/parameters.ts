// Operation parameters in and out: from a query string or a Parameters body, checked against what
// the operation declares; and as a Parameters answer. http://hl7.org/fhir/R4/parameters.html

import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import { isDay } from '../immunisation/days.ts';
import type { FhirRequest, FhirResponse } from '../interactions/interaction.ts';

/** A Coding as parameters give it. */
export interface Coding {
  readonly system?: string;
  readonly version?: string;
  readonly code?: string;
  readonly display?: string;
}

interface Values {
  readonly uri: string;
  readonly code: string;
  readonly string: string;
  readonly date: string;
  readonly boolean: boolean;
  readonly count: number;
  readonly sequence: number;
  readonly Coding: Coding;
  readonly CodeableConcept: readonly Coding[];
}

/** Kinds of parameters; `date` is a whole day, `count` is an integer of 0 or more, `sequence` one
 * of the log. */
export type ParameterKind = keyof Values;

/** The parameters an operation takes, by name. */
export type Declared = Readonly<Record<string, ParameterKind>>;

/** What was given: for each declared parameter its values, in order. */
export type Given<D extends Declared> = { readonly [Name in keyof D]: readonly Values[D[Name]][] };

/**
 * Reads the parameters of a request.
 * @throws FhirError `invalid-request` for a parameter that is not declared, or whose value is not
 *   of its kind
 */
export function readParameters<D extends Declared>(
  request: FhirRequest,
  name: string,
  declared: D,
): Given<D> {
  const given = Object.fromEntries(Object.keys(declared).map((key) => [key, [] as unknown[]]));
  const take = (key: string, read: (kind: ParameterKind) => unknown): void => {
    const kind = Object.hasOwn(declared, key) ? declared[key] : undefined;
    if (kind === undefined) {
      throw refused(`${name} takes ${Object.keys(declared).join(', ')}, not '${key}'`);
    }
    const value = read(kind);
    if (value === undefined) throw refused(`Parameter '${key}' of ${name} must be ${words[kind]}`);
    given[key]?.push(value);
  };
  for (const [key, text] of new URLSearchParams(request.query)) {
    take(key, (kind) => fromText[kind](text));
  }
  for (const parameter of bodyParameters(request, name)) {
    take(String(parameter.name), (kind) => fromElement(parameter, kind));
  }
  return given as unknown as Given<D>;
}

/** The one value of a parameter; undefined when it was not given.
 * @throws FhirError `invalid-request` when it was given more than once */
export function single<T>(values: readonly T[], name: string): T | undefined {
  if (values.length > 1) throw refused(`Parameter '${name}' may be given once`);
  return values[0];
}

/** 400: what is wrong with the parameters, in a sentence. */
export function refused(sentence: string): FhirError {
  return fhirError('invalid-request', sentence);
}

/** One parameter of an answer: its name, a `value[x]` and parts. */
export interface AnswerParameter {
  readonly name: string;
  readonly part?: readonly AnswerParameter[];
  readonly [value: `value${string}`]: unknown;
}

/** 200 with a Parameters resource. */
export function parametersResponse(parameter: readonly AnswerParameter[]): FhirResponse {
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

const words: Readonly<Record<ParameterKind, string>> = {
  uri: 'a uri',
  code: 'a code',
  string: 'a string',
  date: 'a day that exists, like 2026-11-25',
  boolean: 'true or false',
  count: 'a whole number of 0 or more',
  sequence: 'a sequence number: a whole number of 0 or more',
  Coding: 'a Coding with a code, sent by POST in a Parameters resource',
  CodeableConcept: 'a CodeableConcept with codings, sent by POST in a Parameters resource',
};

/** Query strings carry primitives alone. */
const fromText: { readonly [K in ParameterKind]: (text: string) => Values[K] | undefined } = {
  uri: nonEmpty,
  code: nonEmpty,
  string: (text) => text,
  date: (text) => (isDay(text) ? text : undefined),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  count: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
  sequence: (text) => wholeNumber(/^\d{1,16}$/.test(text) ? Number(text) : undefined),
  Coding: () => undefined,
  CodeableConcept: () => undefined,
};

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** The members that may carry a parameter of a kind in a Parameters resource. */
const members: Readonly<Record<ParameterKind, readonly string[]>> = {
  uri: ['valueUri', 'valueCanonical', 'valueUrl', 'valueString'],
  code: ['valueCode', 'valueString'],
  string: ['valueString', 'valueCode'],
  date: ['valueDate', 'valueString'],
  boolean: ['valueBoolean'],
  count: ['valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  sequence: ['valueDecimal', 'valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  Coding: ['valueCoding'],
  CodeableConcept: ['valueCodeableConcept'],
};

type Json = Readonly<Record<string, unknown>>;

function bodyParameters(request: FhirRequest, name: string): readonly Json[] {
  if (request.body === undefined) return [];
  const body = request.body.value as Resource | null;
  const parameter = body?.parameter ?? [];
  const isParameters = body?.resourceType === 'Parameters' && Array.isArray(parameter);
  if (!isParameters || !parameter.every(isObject)) {
    throw refused(`${name} takes a Parameters resource as its body`);
  }
  return parameter;
}

function fromElement(parameter: Json, kind: ParameterKind): unknown {
  const member = members[kind].find((each) => parameter[each] !== undefined);
  const value = member === undefined ? undefined : parameter[member];
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'count':
    case 'sequence':
      return wholeNumber(value);
    case 'Coding':
      return isCoding(value) ? value : undefined;
    case 'CodeableConcept':
      return codingsOf(value);
    default:
      return typeof value === 'string' ? fromText[kind](value) : undefined;
  }
}

function codingsOf(value: unknown): readonly Coding[] | undefined {
  const codings = isObject(value) ? value.coding : undefined;
  return Array.isArray(codings) && codings.every(isCoding) ? codings : undefined;
}

function isCoding(value: unknown): value is Coding {
  if (!isObject(value)) return false;
  const texts = [value.system, value.version, value.display];
  const areTexts = texts.every((text) => text === undefined || typeof text === 'string');
  return areTexts && typeof value.code === 'string' && value.code !== '';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
