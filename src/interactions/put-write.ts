// From a request's body to a write: the checks that need no store, and what the store must know.

import { documentText } from '../fhir/document-text.ts';
import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Issue, Resource, ResourceKey } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import { indexEntries, outgoingReferences } from '../search/index-entries.ts';
import { type DeleteWrite, type PutWrite, StoreError } from '../store/resource-store.ts';
import type { Context, FhirRequest } from './interaction.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Whether the text can be a logical id (http://hl7.org/fhir/R4/datatypes.html#id). */
export function isLogicalId(text: string): boolean {
  return ID.test(text);
}

/** A resource that may be written, and what was found in it that refuses nothing. */
export interface Accepted {
  readonly document: JsonDocument;
  readonly warnings: readonly Issue[];
}

/** R4 recommends a narrative in every resource. Feeds and forms have none, and what is said of
 * every write is read by nobody; `$validate` says it. */
const UNTOLD = /\bdom-6\b/;

/**
 * The request's body as a resource of the type that may be written.
 * @throws FhirError `malformed-body` without a body, `invalid-resource` with every fault
 */
export function requireBody(context: Context, request: FhirRequest, type: string): Accepted {
  const { body } = request;
  if (body === undefined) {
    throw fhirError('malformed-body', `A ${type} is expected in the body, and there is none`);
  }
  return requireValid(context, body, type);
}

/** @throws FhirError `invalid-resource` with every fault */
export function requireValid(context: Context, document: JsonDocument, type: string): Accepted {
  const issues = context.validator.validate(document, type);
  const faults = issues.filter(isFault);
  if (faults.length > 0) throw new FhirError('invalid-resource', faults);
  return { document, warnings: issues.filter(({ diagnostics }) => !UNTOLD.test(diagnostics)) };
}

/** Whether an issue refuses the resource. */
export function isFault(issue: Issue): boolean {
  return issue.severity === 'error' || issue.severity === 'fatal';
}

/** The write that puts a valid resource under the key. */
export function putWrite(
  context: Context,
  key: ResourceKey,
  document: JsonDocument,
  method: PutWrite['method'],
  expect: PutWrite['expect'],
): PutWrite {
  const resource = document.value as Resource;
  const { zone, baseUrl } = context;
  return {
    kind: 'put',
    type: key.type,
    id: key.id,
    method,
    expect,
    document: documentText(document, key.id),
    entries: indexEntries(resource, context.search, { zone, baseUrl }),
    references: outgoingReferences(resource, baseUrl),
  };
}

/**
 * Under lenient references: the targets, as `Type/id`, that this server does not hold.
 * @param writes what was committed
 */
export async function danglingTargets(
  context: Context,
  writes: readonly (PutWrite | DeleteWrite)[],
): Promise<ReadonlySet<string>> {
  if (context.references === 'strict') return NONE;
  const targets = new Map<string, ResourceKey>();
  for (const write of writes) {
    if (write.kind !== 'put') continue;
    for (const { type, id } of write.references) targets.set(`${type}/${id}`, { type, id });
  }
  if (targets.size === 0) return NONE;
  try {
    const versions = await context.store.readMany([...targets.values()]);
    const names = [...targets.keys()];
    return new Set(names.filter((_name, index) => versions[index]?.text === undefined));
  } catch (error) {
    // The commit stands: a warning that cannot be found out may not make it look refused.
    if (error instanceof StoreError) return NONE;
    throw error;
  }
}

const NONE: ReadonlySet<string> = new Set();

/** A warning for each reference of the write that dangles. */
export function danglingWarnings(
  { references }: PutWrite,
  dangling: ReadonlySet<string>,
): readonly Issue[] {
  return references
    .filter(({ type, id }) => dangling.has(`${type}/${id}`))
    .map(({ type, id, expression }) => ({
      severity: 'warning',
      code: 'not-found',
      diagnostics: `${expression} refers to ${type}/${id}, which does not exist on this server`,
      expression: [expression],
    }));
}
