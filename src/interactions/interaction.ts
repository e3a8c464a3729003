// The shapes of the transport-free core: a FhirRequest goes in, a FhirResponse comes out.
// http/ makes one from a hapi request, transaction.ts from a Bundle entry, tests by hand.

import type { Cohorts } from '../cohort/cohorts.ts';
import type { FhirError } from '../fhir/fhir-error.ts';
import type { JsonDocument } from '../lib/json.ts';
import type { Caller } from '../search/caller.ts';
import type { SearchTerminology } from '../search/clause.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { StructureValidator } from '../validation/structure.ts';
import type { CapabilityStatement } from './capability-statement.ts';
import type { PageKey } from './search-page.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The `Prefer` header, http://hl7.org/fhir/R4/http.html#ops. */
export interface Prefer {
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling?: 'strict' | 'lenient';
}

/** One FHIR request, whatever brought it. */
export interface FhirRequest {
  readonly method: Method;
  /** Decoded path segments after the base: `['Patient', '123', '_history', '2']`. */
  readonly path: readonly string[];
  /** The query string as sent, without `?`, without `_format` and `_pretty`. */
  readonly query: string;
  /** The parsed body; absent when none was sent. */
  readonly body?: JsonDocument;
  /** Media type of the body, lower case, without parameters. */
  readonly contentType?: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifNoneExist?: string;
  /** `E-Tag`: how NHS England's APIs are told the version that is replaced. */
  readonly eTag?: string;
  /** `X-Request-ID` as sent. */
  readonly requestId?: string;
  /** `X-Correlation-ID` as sent. */
  readonly correlationId?: string;
  readonly prefer: Prefer;
  /** Sequence number of a write that the answer must know of. */
  readonly sequence?: number;
  readonly caller: Caller;
}

/** The answer to one FHIR request. */
export interface FhirResponse {
  readonly status: number;
  /** JSON text of the resource to send; absent for an empty body. */
  readonly body?: string;
  /** Version id for the weak `ETag`. */
  readonly versionId?: string;
  readonly lastModifiedMs?: number;
  /** Absolute url for `Location`. */
  readonly location?: string;
  /** OperationOutcome JSON text for a Bundle entry's `response.outcome`: beside the body, or the
   * body itself. */
  readonly outcome?: string;
  /** Methods for `Allow`, with 405. */
  readonly allow?: readonly Method[];
  /** Sequence number of what the request has written. */
  readonly sequence?: number;
  /** For the header `E-Tag`. */
  readonly eTag?: string;
  /** For the header `X-Correlation-ID`. */
  readonly correlationId?: string;
}

/** What is known of a request that is refused, which may never have become a FhirRequest. */
export type RefusedRequest = Pick<FhirRequest, 'method' | 'path' | 'body' | 'correlationId'>;

/** What the service does otherwise than R4 has it. */
export interface Mode {
  /** The interaction to run where R4 has `standard`. */
  interaction(request: FhirRequest, standard: Interaction): Interaction;
  /** How a refusal is told; undefined: as R4 has it. */
  refusal(context: Context, request: RefusedRequest, error: FhirError): FhirResponse | undefined;
}

/** An operation (http://hl7.org/fhir/R4/operations.html). It is offered on the types whose
 * capability statement declares it. */
export interface Operation {
  /** With its `$`. */
  readonly name: `$${string}`;
  readonly level: 'type' | 'instance';
  /** How it is asked: by GET and POST when absent. */
  readonly methods?: readonly Method[];
  run(context: Context, request: FhirRequest): Promise<FhirResponse>;
}

/** Everything an interaction may use. Wired once in app.ts. */
export interface Context {
  readonly store: ResourceStore;
  readonly capabilities: CapabilityStatement;
  readonly search: SearchRegistry;
  readonly terminology: SearchTerminology;
  /** Seals page links. */
  readonly pageKey: PageKey;
  readonly validator: StructureValidator;
  readonly operations: readonly Operation[];
  /** Sets of people, counted. */
  readonly cohorts: Cohorts;
  /** Absent in default mode. */
  readonly mode?: Mode;
  /** Base address without trailing slash: `http://127.0.0.1:8080/fhir/R4`. */
  readonly baseUrl: string;
  readonly references: 'strict' | 'lenient';
  /** IANA name: what dates without a zone mean. */
  readonly zone: string;
  readonly softwareVersion: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** A new logical id, never given before. */
  readonly newId: () => string;
  /** Takes note of the last sequence number that a request has committed. */
  readonly noteCommit?: (sequence: number) => void;
  /** Takes note of a fault of the program itself. */
  readonly reportFault: (error: unknown) => void;
}

/** One interaction of http://hl7.org/fhir/R4/http.html. Refuses by throwing a FhirError. */
export type Interaction = (context: Context, request: FhirRequest) => Promise<FhirResponse>;
