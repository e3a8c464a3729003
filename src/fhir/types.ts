// The few shapes that every folder shares. Resources are handled as parsed JSON: the generated
// definitions know their elements, so no class per type exists.

/** A resource as parsed JSON. Its elements are known to validation/, not to the type checker. */
export interface Resource {
  resourceType: string;
  id?: string;
  meta?: Meta;
  [element: string]: unknown;
}

/** http://hl7.org/fhir/R4/resource.html#Meta */
export interface Meta {
  versionId?: string;
  lastUpdated?: string;
  [element: string]: unknown;
}

/** What names one resource of this server: its type and logical id. */
export interface ResourceKey {
  readonly type: string;
  readonly id: string;
}

/** http://hl7.org/fhir/R4/valueset-issue-type.html, as far as we use it. */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'timeout'
  | 'throttled'
  | 'exception'
  | 'informational';

/** One finding of an OperationOutcome. `expression` holds FHIRPath locations. */
export interface Issue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  readonly code: IssueType;
  readonly diagnostics: string;
  readonly expression?: readonly string[];
}
