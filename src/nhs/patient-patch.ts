// PATCH of a Patient as the Personal Demographics Service has it: JSON Patch inside an object
// `{"patches": […]}`, `If-Match` and `X-Request-ID` demanded, refusals by codes of Spine.

import type { ErrorName, FhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest, Interaction } from '../interactions/interaction.ts';
import { patch } from '../interactions/patch.ts';
import { mapDocument } from '../lib/json.ts';
import { items, member } from '../validation/nodes.ts';
import { isNhsNumber } from './check-digits.ts';
import { NhsRefusal, sentencesOf, type Told, toldOf } from './nhs-refusal.ts';
import { invalidValue } from './pds-patient-rules.ts';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const NHS_NUMBER_FORM = /^\d{10}$/;
const JSON_PATCH = 'application/json-patch+json';
const OPS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/** The patched Patient, as R4 answers it. */
export const patchPatient: Interaction = (context, request) => {
  requireRequestId(request);
  requireNhsNumber(request.path[1] ?? '');
  if (request.ifMatch === undefined) {
    const sentence = 'If-Match header must be supplied to update this resource';
    throw refusal(412, 'PRECONDITION_FAILED', sentence);
  }
  return patch(context, withPlainPatch(request));
};

function refusal(status: number, spineCode: string, diagnostics: string): NhsRefusal {
  return new NhsRefusal({ status, code: 'structure', spineCode, diagnostics });
}

function requireRequestId({ requestId }: FhirRequest): void {
  if (requestId === undefined) {
    const sentence = 'X-Request-ID header must be supplied to access this resource';
    throw refusal(400, 'MISSING_VALUE', sentence);
  }
  if (UUID.test(requestId)) return;
  const sentence = `Invalid value - '${requestId}' in header 'X-Request-ID'`;
  throw refusal(400, 'INVALID_VALUE', sentence);
}

// Ids of PDS are NHS numbers; ids that this service gave have another form.
function requireNhsNumber(id: string): void {
  if (!NHS_NUMBER_FORM.test(id) || isNhsNumber(id)) return;
  throw refusal(400, 'INVALID_RESOURCE_ID', 'INVALID_RESOURCE_ID');
}

/** The request with the operations as RFC 6902 has them; any other patch stays as it is. */
function withPlainPatch(request: FhirRequest): FhirRequest {
  const { body, contentType } = request;
  if (contentType !== JSON_PATCH) return request;
  if (body === undefined) throw noPatches();
  const isPlain = Array.isArray(body.value);
  const operations = isPlain ? (body.value as unknown[]) : items(body.value, 'patches');
  if (operations.length === 0) throw noPatches();
  for (const [index, operation] of operations.entries()) {
    const op = member(operation, 'op');
    if (OPS.includes(op)) continue;
    throw refusal(400, 'INVALID_VALUE', invalidValue(op, `${index}/op`));
  }
  if (isPlain) return request;
  return { ...request, body: mapDocument(body, (tree) => member(tree, 'patches')) };
}

function noPatches(): NhsRefusal {
  return refusal(400, 'INVALID_UPDATE', 'Invalid update with error - No patches found');
}

/** How PDS tells refusals of R4's patch: status and code. */
const spineRefusals: Readonly<Partial<Record<ErrorName, readonly [number, string]>>> = {
  'unsupported-media-type': [400, 'UNSUPPORTED_SERVICE'],
  'not-found': [404, 'RESOURCE_NOT_FOUND'],
  gone: [404, 'RESOURCE_NOT_FOUND'],
  'precondition-failed': [409, 'RESOURCE_VERSION_MISMATCH'],
};

const UPDATE_FAULTS: readonly ErrorName[] = [
  'unprocessable-patch',
  'malformed-body',
  'invalid-resource',
  'invalid-request',
  'id-mismatch',
];

/** A refused PATCH of a Patient, as PDS tells it. */
export function patchRefusal(error: FhirError): Told {
  const told = toldOf(error);
  if (error instanceof NhsRefusal) return told;
  const spine = spineRefusals[error.errorName];
  if (spine !== undefined) {
    const [status, spineCode] = spine;
    return { status, code: 'structure', spineCode, diagnostics: spineCode };
  }
  if (!UPDATE_FAULTS.includes(error.errorName)) return told;
  const diagnostics = `Invalid update with error - ${sentencesOf(error)}`;
  return { status: 400, code: 'structure', spineCode: 'INVALID_UPDATE', diagnostics };
}
