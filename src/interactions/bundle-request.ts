// The entries of a batch or transaction as requests (http://hl7.org/fhir/R4/http.html#transaction).

import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import type { Issue } from '../fhir/types.ts';
import { type JsonDocument, mapDocument } from '../lib/json.ts';
import { BUNDLE_ENTRIES_MAX, OUTCOME_ISSUES_MAX } from '../limits.ts';
import type { Context, FhirRequest, Method } from './interaction.ts';
import { isFault } from './put-write.ts';

/** One entry: its place in the Bundle, its fullUrl, and what it asks for. */
export interface RequestEntry {
  readonly index: number;
  readonly fullUrl?: string;
  readonly method: Method;
  /** The request, or why it cannot be read, with locations as seen from the Bundle. */
  readonly request: FhirRequest | FhirError;
}

/** The entries of a Bundle that can be read, and what is wrong with the Bundle around them. */
export interface RequestBundle {
  readonly entries: readonly RequestEntry[];
  readonly faults: readonly Issue[];
}

interface RawEntry {
  readonly fullUrl?: string;
  readonly resource?: unknown;
  readonly request: {
    readonly method: Method;
    readonly url: string;
    readonly ifMatch?: string;
    readonly ifNoneMatch?: string;
    readonly ifModifiedSince?: string;
    readonly ifNoneExist?: string;
  };
}

/**
 * Reads a batch or transaction Bundle. The resources in it are not judged here: each is judged by
 * the interaction that it is for. Entries that are faulty themselves are left out.
 * @throws FhirError `limit-exceeded` when it has more entries than are allowed
 */
export function readRequestBundle(
  context: Context,
  outer: FhirRequest,
  document: JsonDocument,
): RequestBundle {
  const issues = context.validator.validate({ value: withoutResources(document.value) }, 'Bundle');
  const faults = issues.filter(isFault);
  const { entry: found } = document.value as { entry?: unknown };
  const raw: RawEntry[] = Array.isArray(found) ? found : [];
  if (raw.length > BUNDLE_ENTRIES_MAX) {
    const sentence = `The Bundle has ${raw.length} entries; at most ${BUNDLE_ENTRIES_MAX} go`;
    throw fhirError('limit-exceeded', sentence, ['Bundle.entry']);
  }
  // So many faults may not be all of them: which entries are sound is then unknown.
  if (faults.length >= OUTCOME_ISSUES_MAX) return { entries: [], faults };
  const faulty = new Set(faults.map(entryAtFault));
  const entries = raw.flatMap((entry, index) =>
    faulty.has(index) ? [] : [readEntry(context, outer, document, entry, index)],
  );
  return { entries, faults };
}

/** The Bundle without the resources in its entries. */
function withoutResources(bundle: unknown): unknown {
  const { entry, ...rest } = bundle as { entry?: unknown };
  if (!Array.isArray(entry)) return bundle;
  return { ...rest, entry: entry.map(withoutResource) };
}

function withoutResource(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { resource: _judgedLater, ...rest } = entry as Record<string, unknown>;
  return rest;
}

/** The index of the entry that a fault lies in; undefined when it lies in none. */
function entryAtFault(issue: Issue): number | undefined {
  const [, index] = /^Bundle\.entry\[(\d+)\]/.exec(issue.expression?.[0] ?? '') ?? [];
  return index === undefined ? undefined : Number(index);
}

function readEntry(
  context: Context,
  outer: FhirRequest,
  document: JsonDocument,
  entry: RawEntry,
  index: number,
): RequestEntry {
  const { fullUrl, request } = entry;
  return {
    index,
    method: request.method,
    ...(fullUrl === undefined ? {} : { fullUrl }),
    request: readRequest(context, outer, document, entry, index),
  };
}

function readRequest(
  context: Context,
  outer: FhirRequest,
  document: JsonDocument,
  entry: RawEntry,
  index: number,
): FhirRequest | FhirError {
  const { method, url, ifMatch, ifNoneMatch, ifModifiedSince, ifNoneExist } = entry.request;
  const here = `Bundle.entry[${index}]`;
  try {
    return {
      method,
      ...splitUrl(context, url, `${here}.request.url`),
      ...readContent(document, entry, index),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
      ...(ifModifiedSince === undefined ? {} : { ifModifiedSince }),
      ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
      prefer: { return: 'minimal', ...outer.prefer },
      caller: outer.caller,
    };
  } catch (error) {
    if (error instanceof FhirError) return new FhirError(error.errorName, within(here, error));
    throw error;
  }
}

/** The issues, pointing at the entry where they point nowhere in the Bundle. */
function within(entry: string, { issues }: FhirError): readonly Issue[] {
  return issues.map((issue) =>
    issue.expression?.[0]?.startsWith(entry) ? issue : { ...issue, expression: [entry] },
  );
}

function splitUrl(
  context: Context,
  url: string,
  location: string,
): { path: string[]; query: string } {
  const relative = url.startsWith(`${context.baseUrl}/`)
    ? url.slice(context.baseUrl.length + 1)
    : url.replace(/^\//, '');
  const [, address = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(relative) ?? [];
  const segments = address.split('/').filter((segment) => segment !== '');
  if (segments.length === 0) {
    throw fhirError('invalid-request', `The url '${url}' names no resource type`, [location]);
  }
  try {
    return { path: segments.map(decodeURIComponent), query: withoutFormat(query) };
  } catch {
    throw fhirError('invalid-request', `The url '${url}' has a wrong % escape`, [location]);
  }
}

/** As for any FhirRequest; in a Bundle there is no format to choose. */
function withoutFormat(query: string): string {
  const parts = query.split('&').filter((part) => !/^_(?:format|pretty)=/.test(part));
  return parts.join('&');
}

function readContent(
  document: JsonDocument,
  { resource, request }: RawEntry,
  index: number,
): { body?: JsonDocument; contentType?: string } {
  if (resource === undefined) return {};
  if (request.method === 'PATCH' && isBinary(resource)) return readBinary(resource, index);
  const body = mapDocument(
    document,
    (bundle) => (bundle as { entry: RawEntry[] }).entry[index]?.resource,
  );
  return { body, contentType: 'application/fhir+json' };
}

function isBinary(resource: unknown): resource is Readonly<Record<string, unknown>> {
  return (resource as { resourceType?: unknown } | null)?.resourceType === 'Binary';
}

// http://hl7.org/fhir/R4/http.html#patch: in a Bundle a JSON Patch travels in a Binary, a FHIRPath
// Patch as the Parameters that it is.
function readBinary(
  { contentType, data }: Readonly<Record<string, unknown>>,
  index: number,
): { body: JsonDocument; contentType: string } {
  if (typeof data !== 'string' || typeof contentType !== 'string') {
    const location = `Bundle.entry[${index}].resource`;
    const sentence = 'A patch needs a Binary with contentType and data';
    throw fhirError('malformed-body', sentence, [location]);
  }
  return { body: readJson(Buffer.from(data, 'base64').toString('utf8')), contentType };
}
