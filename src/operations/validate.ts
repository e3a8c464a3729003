// $validate: the verdict of a write, without writing (on a type or an instance,
// http://hl7.org/fhir/R4/resource-operation-validate.html). What only the store knows is asked of
// it as it is now; a write that comes between can still decide otherwise.

import { fhirError } from '../fhir/fhir-error.ts';
import { informationOutcome, operationOutcome } from '../fhir/operation-outcome.ts';
import { readJson } from '../fhir/read-json.ts';
import type { Issue, Resource, ResourceKey } from '../fhir/types.ts';
import type { Context, FhirRequest, FhirResponse, Operation } from '../interactions/interaction.ts';
import { isFault } from '../interactions/put-write.ts';
import { requireExisting } from '../interactions/read.ts';
import { maySee } from '../interactions/visibility.ts';
import type { JsonDocument } from '../lib/json.ts';
import { outgoingReferences } from '../search/index-entries.ts';
import { UNIQUE, uniqueEntries } from '../search/unique-identifiers.ts';
import type { Judge } from '../validation/judge.ts';
import { readValidateInput, type ValidateInput } from './validate-input.ts';

/** On types and on instances. @param judge the one that judges writes */
export function validateOperations(judge: Judge): readonly Operation[] {
  const run = (context: Context, request: FhirRequest) => validate(judge, context, request);
  return [
    { name: '$validate', level: 'type', run },
    { name: '$validate', level: 'instance', run },
  ];
}

/** What is asked: an instance, or a resource of a type that need not exist yet. */
interface Question extends ValidateInput {
  readonly type: string;
  readonly id: string | undefined;
}

async function validate(
  judge: Judge,
  context: Context,
  request: FhirRequest,
): Promise<FhirResponse> {
  const [type = '', second] = request.path;
  const id = second === undefined || second.startsWith('$') ? undefined : second;
  const question: Question = { type, id, ...readValidateInput(request, type) };
  const issues = await issuesOf(judge, context, request, question);
  if (issues.length > 0) return { status: 200, body: operationOutcome(issues) };
  return { status: 200, body: informationOutcome(`The ${type} is valid`) };
}

async function issuesOf(
  judge: Judge,
  context: Context,
  request: FhirRequest,
  question: Question,
): Promise<readonly Issue[]> {
  const { type, id, mode, profiles } = question;
  if (mode === 'delete') return deletionIssues(context, request, keyOf(type, id));
  const document = question.resource ?? (await stored(context, request, type, id));
  const missing = profiles.filter((profile) => !judge.hasProfile(profile));
  const issues = [
    ...missing.map((profile) => missingProfile(profile)),
    ...judge.validateAs(document, type, profiles),
    ...idIssues(document, question),
  ];
  if (mode === 'profile' || issues.some(isFault)) return issues;
  const resource = document.value as Resource;
  const key = { type, id: id ?? resource.id ?? '' };
  return [
    ...issues,
    ...(await referenceIssues(context, resource, key)),
    ...(await uniquenessIssues(context, request, resource, mode === 'create' ? undefined : key)),
  ];
}

function keyOf(type: string, id: string | undefined): ResourceKey {
  if (id !== undefined) return { type, id };
  throw fhirError('invalid-request', 'Mode delete is about one instance: name it in the url');
}

/** Without a resource in the request, the one that is stored is judged. */
async function stored(
  context: Context,
  request: FhirRequest,
  type: string,
  id: string | undefined,
): Promise<JsonDocument> {
  if (id === undefined) {
    throw fhirError('malformed-body', `A ${type} is expected in the body, and there is none`);
  }
  const { text } = await requireExisting(context, request.caller, { type, id });
  return readJson(text ?? '');
}

function missingProfile(profile: string): Issue {
  const diagnostics = `The profile ${profile}, which the request asks for, is not held here`;
  return { severity: 'error', code: 'not-found', diagnostics };
}

/** An update names the resource's own id. */
function idIssues({ value }: JsonDocument, { type, id, mode }: Question): readonly Issue[] {
  const bodyId = (value as Partial<Resource> | null)?.id;
  if (id === undefined || mode === 'create' || bodyId === id) return [];
  const told = bodyId === undefined ? 'has no id' : `has the id '${bodyId}'`;
  const diagnostics = `The url names ${type}/${id}, and the resource ${told}`;
  return [{ severity: 'error', code: 'value', diagnostics, expression: [`${type}.id`] }];
}

/** References that lead nowhere: faults where the service is strict, else warnings. */
async function referenceIssues(
  context: Context,
  resource: Resource,
  own: ResourceKey,
): Promise<readonly Issue[]> {
  const references = outgoingReferences(resource, context.baseUrl).filter(
    ({ type, id }) => type !== own.type || id !== own.id,
  );
  const versions = await context.store.readMany(references);
  const severity = context.references === 'strict' ? 'error' : 'warning';
  return references
    .filter((_reference, index) => versions[index]?.text === undefined)
    .map(({ type, id, expression }) => ({
      severity,
      code: 'not-found',
      diagnostics: `${expression} refers to ${type}/${id}, which does not exist on this server`,
      expression: [expression],
    }));
}

/** Identifiers that another resource holds already. @param own the resource that is updated */
async function uniquenessIssues(
  context: Context,
  request: FhirRequest,
  resource: Resource,
  own: ResourceKey | undefined,
): Promise<readonly Issue[]> {
  const type = resource.resourceType;
  const issues: Issue[] = [];
  for (const entry of uniqueEntries(resource)) {
    if (entry.kind !== 'token') continue;
    const { system, code } = entry;
    const where = { kind: 'token', parameter: UNIQUE, anyOf: [{ system, code }] } as const;
    const { versions } = await context.store.search({ type, where, sort: [] }, { count: 2 });
    const other = versions.find(({ id }) => id !== own?.id);
    if (other === undefined) continue;
    const isOpen = await maySee(context, request.caller, other);
    const holder = isOpen ? `${type}/${other.id}` : `another ${type}`;
    const diagnostics = `${type}.identifier: ${system}|${code} already belongs to ${holder}`;
    const expression = [`${type}.identifier`];
    issues.push({ severity: 'error', code: 'duplicate', diagnostics, expression });
  }
  return issues;
}

/** Whether a resource may be deleted: under strict references nothing may point at it. Referrers
 * are found by the search parameters that are declared; one that none of them covers is found by
 * the deletion itself. */
async function deletionIssues(
  context: Context,
  request: FhirRequest,
  key: ResourceKey,
): Promise<readonly Issue[]> {
  await requireExisting(context, request.caller, key);
  if (context.references === 'lenient') return [];
  const target = `${key.type}/${key.id}`;
  for (const type of context.capabilities.types) {
    for (const { code: parameter, type: kind } of context.search.all(type)) {
      if (kind !== 'reference') continue;
      const where = { kind: 'reference', parameter, anyOf: [target] } as const;
      const { versions } = await context.store.search({ type, where, sort: [] }, { count: 1 });
      const [other] = versions;
      if (other === undefined || (other.type === key.type && other.id === key.id)) continue;
      const isOpen = await maySee(context, request.caller, other);
      const by = isOpen ? `: ${type}/${other.id}` : '';
      const diagnostics = `${target} cannot be deleted while other resources refer to it${by}`;
      return [{ severity: 'error', code: 'conflict', diagnostics }];
    }
  }
  return [];
}
