// What every refusal must look like from outside.

import assert from 'node:assert/strict';

/** The parts of an OperationOutcome that tests look at. */
export interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly {
    readonly severity: string;
    readonly code: string;
    readonly diagnostics: string;
    readonly expression?: readonly string[];
  }[];
}

/** Reads a refusal and proves its shape: the status, FHIR JSON, at least one issue with words,
 * and nothing of our insides. */
export async function readOutcome(response: Response, status: number): Promise<Outcome> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', /^application\/(fhir\+)?json; charset/);
  return checkOutcome(text);
}

/** The same for a response read from a bare socket. */
export function readRawOutcome(response: string, status: number): Outcome {
  const [head = '', body = ''] = response.split('\r\n\r\n', 2);
  assert.match(head, new RegExp(`^HTTP/1.1 ${status} `), response);
  assert.match(head, /content-type: application\/fhir\+json/i);
  return checkOutcome(body);
}

function checkOutcome(text: string): Outcome {
  const outcome = JSON.parse(text) as Outcome;
  assert.equal(outcome.resourceType, 'OperationOutcome');
  assert.notEqual(outcome.issue.length, 0);
  for (const issue of outcome.issue) {
    assert.match(issue.severity, /^(fatal|error)$/);
    assert.match(issue.diagnostics, /\w{3}/);
  }
  assert.doesNotMatch(text, /node_modules|\bat .*\.ts:|<html/);
  return outcome;
}
