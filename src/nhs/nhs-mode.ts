// NHS mode: what the service does otherwise than R4 has it, to stand in for NHS England's
// Immunisation FHIR API and PDS. The router asks it which interaction to run and how to tell a
// refusal; whatever it does not name stays as it is.

import { FhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type {
  FhirRequest,
  FhirResponse,
  Interaction,
  Method,
  Mode,
  RefusedRequest,
} from '../interactions/interaction.ts';
import { uniqueEntries } from '../search/unique-identifiers.ts';
import { member } from '../validation/nodes.ts';
import {
  createImmunization,
  deleteImmunization,
  readImmunization,
  readNothing,
  updateImmunization,
} from './immunization-lifecycle.ts';
import { birthIssues, type NhsJudges } from './nhs-judge.ts';
import { NhsRefusal, nhsResponse, type Told, toldOf } from './nhs-refusal.ts';
import { patchPatient, patchRefusal } from './patient-patch.ts';
import { isBirthNotification } from './pds-birth-rules.ts';

/** One row of the table: where NHS mode differs. */
interface Difference {
  readonly methods: readonly Method[];
  /** The type, or '' for a Bundle posted to the base. */
  readonly type: string;
  /** How many path segments there are. */
  readonly segments: readonly number[];
  readonly applies?: (request: FhirRequest) => boolean;
  readonly make: (standard: Interaction, judges: NhsJudges) => Interaction;
}

const asksNothing = ({ query }: FhirRequest) => query === '';

const differences: readonly Difference[] = [
  {
    methods: ['GET', 'HEAD'],
    type: 'Immunization',
    segments: [1],
    applies: asksNothing,
    make: () => readNothing,
  },
  {
    methods: ['GET', 'HEAD'],
    type: 'Immunization',
    segments: [2],
    make: () => readImmunization,
  },
  { methods: ['POST'], type: 'Immunization', segments: [1], make: () => createImmunization },
  { methods: ['PUT'], type: 'Immunization', segments: [2], make: () => updateImmunization },
  { methods: ['DELETE'], type: 'Immunization', segments: [2], make: () => deleteImmunization },
  { methods: ['POST', 'PUT'], type: 'Patient', segments: [1, 2], make: judgedAsCreate },
  { methods: ['PATCH'], type: 'Patient', segments: [2], make: () => patchPatient },
  { methods: ['POST'], type: '', segments: [0], make: judgedAsBirth },
];

function judgedAsCreate(standard: Interaction, { ofCreates }: NhsJudges): Interaction {
  return (context, request) => standard({ ...context, validator: ofCreates }, request);
}

function judgedAsBirth(standard: Interaction): Interaction {
  return async (context, request) => {
    const bundle = request.body?.value;
    const isBirth = member(bundle, 'type') === 'transaction' && isBirthNotification(bundle);
    const issues = isBirth ? birthIssues(bundle) : [];
    if (issues.length > 0) throw new FhirError('invalid-resource', issues);
    return standard(context, request);
  };
}

/** The mode. @param judges the ones that the service was wired with */
export function makeNhsMode(judges: NhsJudges): Mode {
  return {
    interaction: (request, standard) => {
      const difference = differenceOf(request);
      const run = difference === undefined ? standard : difference.make(standard, judges);
      return async (context, asked) => echoing(asked, await run(context, asked));
    },
    refusal: (context, request, error) => {
      const told = refusalOf(request, error);
      return told && echoing(request, nhsResponse(told, context.newId()));
    },
  };
}

function differenceOf(request: FhirRequest): Difference | undefined {
  const { method, path } = request;
  if (isOperation(path)) return undefined;
  return differences.find(
    ({ methods, type, segments, applies }) =>
      methods.includes(method) &&
      (path[0] ?? '') === type &&
      segments.includes(path.length) &&
      applies?.(request) !== false,
  );
}

function isOperation(path: readonly string[]): boolean {
  return /^[_$]/.test(path.at(-1) ?? '');
}

const SAFE_CORRELATION_ID = /^[\w.:-]{1,128}$/;

/** The response with the request's `X-Correlation-ID`, when it can be repeated in a header. */
function echoing({ correlationId }: RefusedRequest, response: FhirResponse): FhirResponse {
  if (correlationId === undefined || !SAFE_CORRELATION_ID.test(correlationId)) return response;
  return { ...response, correlationId };
}

/** How the refusal is told; undefined when as R4 has it. */
function refusalOf(request: RefusedRequest, error: FhirError): Told | undefined {
  const { method, path } = request;
  if (error instanceof NhsRefusal) return toldOf(error);
  if (error.errorName === 'not-unique') return duplicateRefusal(request, error);
  if (method === 'PATCH' && path[0] === 'Patient') return patchRefusal(error);
  return isToldAsNhs(request) ? toldOf(error) : undefined;
}

function isToldAsNhs({ method, path, body }: RefusedRequest): boolean {
  if (isOperation(path)) return false;
  const isReading = method === 'GET' || method === 'HEAD';
  switch (path[0]) {
    case undefined:
      return isBirthNotification(body?.value);
    case 'Patient':
      return !isReading && method !== 'DELETE';
    case 'Immunization':
      return path.length === 2 || !isReading;
    default:
      return false;
  }
}

/** 422, naming the identifier that the request would have given a second time. */
function duplicateRefusal({ path, body }: RefusedRequest, error: FhirError): Told {
  const [entry] = path.length === 0 ? [] : uniqueEntries((body?.value ?? {}) as Resource);
  const named = entry?.kind === 'token' ? `${entry.system}#${entry.code}` : undefined;
  const diagnostics =
    named === undefined
      ? toldOf(error).diagnostics
      : `The provided identifier: ${named} is duplicated`;
  return { status: 422, code: 'duplicate', diagnostics };
}
