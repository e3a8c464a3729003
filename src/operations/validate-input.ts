// What a $validate request asks: a resource as the body or in Parameters, a mode, profiles; the
// latter two in the url as well. A part of validate.ts.

import { fhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest } from '../interactions/interaction.ts';
import { type JsonDocument, mapDocument } from '../lib/json.ts';

const modes = ['create', 'update', 'delete', 'profile'] as const;

/** http://hl7.org/fhir/R4/valueset-resource-validation-mode.html */
export type Mode = (typeof modes)[number];

export interface ValidateInput {
  /** Absent when the request brings none. */
  readonly resource: JsonDocument | undefined;
  readonly mode: Mode | undefined;
  /** Canonicals. */
  readonly profiles: readonly string[];
}

/** One parameter of the request: its name, and its value as text. */
type Parameter = readonly [name: string, value: string];

/**
 * @param type the type in the url
 * @throws FhirError `invalid-request` for a parameter that the operation does not have, for one
 *   given twice that may be given once, and for an unknown mode
 */
export function readValidateInput({ body, query }: FhirRequest, type: string): ValidateInput {
  const inUrl = [...new URLSearchParams(query)];
  if (body === undefined || !isParameters(body, type)) {
    return { resource: body, ...readParameters(inUrl) };
  }
  const inBody = parametersOf(body.value).flatMap(asText);
  return { resource: resourceOf(body), ...readParameters([...inUrl, ...inBody]) };
}

/** Parameters bring the resource, unless they are the resource. */
function isParameters({ value }: JsonDocument, type: string): boolean {
  if (!isObject(value) || value.resourceType !== 'Parameters') return false;
  return type !== 'Parameters' || parametersOf(value).some(({ name }) => name === 'resource');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parametersOf(tree: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list = isObject(tree) ? tree.parameter : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function resourceOf(body: JsonDocument): JsonDocument | undefined {
  const find = (tree: unknown) =>
    parametersOf(tree).find(({ name }) => name === 'resource')?.resource;
  return find(body.value) === undefined ? undefined : mapDocument(body, find);
}

function asText(parameter: Readonly<Record<string, unknown>>): Parameter[] {
  const { name, valueCode, valueString, valueUri, valueCanonical } = parameter;
  if (name === 'resource') return [];
  const value = [valueCode, valueString, valueUri, valueCanonical].find(
    (each) => typeof each === 'string',
  );
  return [[String(name), typeof value === 'string' ? value : '']];
}

function readParameters(parameters: readonly Parameter[]): Omit<ValidateInput, 'resource'> {
  const profiles: string[] = [];
  let mode: Mode | undefined;
  for (const [name, value] of parameters) {
    if (name === 'profile') profiles.push(value);
    else if (name !== 'mode') {
      throw fhirError('invalid-request', `$validate has no parameter '${name}'`);
    } else if (mode !== undefined) {
      throw fhirError('invalid-request', '$validate takes one mode');
    } else mode = modeOf(value);
  }
  return { mode, profiles };
}

function modeOf(text: string): Mode {
  const mode = modes.find((each) => each === text);
  if (mode !== undefined) return mode;
  throw fhirError('invalid-request', `'${text}' is no mode: it is one of ${modes.join(', ')}`);
}
