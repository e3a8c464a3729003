// Parameters resources as tests read them: what operations answer with.
// http://hl7.org/fhir/R4/parameters.html

import assert from 'node:assert/strict';
import type { Answer } from './service.ts';

/** A parameter, or a part of one. */
export interface Parameter {
  readonly name: string;
  readonly part?: readonly Parameter[];
  readonly [value: `value${string}`]: unknown;
}

/** The parameters of an answer that went well. */
export function parametersOf(answer: Answer): readonly Parameter[] {
  assert.equal(answer.status, 200, answer.body);
  return answer.resource.parameter as readonly Parameter[];
}
