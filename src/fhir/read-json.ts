// The door for every JSON body: lib/json.ts with the service's bounds and FHIR's errors.

import { type JsonDocument, JsonFault, parseJson } from '../lib/json.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../limits.ts';
import { type FhirError, fhirError } from './fhir-error.ts';

const bounds = { depthMax: JSON_DEPTH_MAX, valuesMax: JSON_VALUES_MAX };

/**
 * Reads a request body or a stored text.
 * @throws FhirError `malformed-body` or `limit-exceeded`
 */
export function readJson(text: string): JsonDocument {
  try {
    return parseJson(text, bounds);
  } catch (error) {
    if (error instanceof JsonFault) throw toFhirError(error);
    throw error;
  }
}

function toFhirError(fault: JsonFault): FhirError {
  const expression = fault.path === '' ? undefined : [fault.path];
  return fault.kind === 'limit'
    ? fhirError('limit-exceeded', `The body ${fault.message}`, expression)
    : fhirError('malformed-body', `The body is not well-formed JSON: ${fault.message}`, expression);
}
