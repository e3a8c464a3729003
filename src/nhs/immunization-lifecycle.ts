// The interactions of NHS England's Immunisation FHIR API where they differ from R4's: versions in
// a header `E-Tag`, no bodies in answers to writes, 404 for what was deleted, and a record that was
// deleted comes back under its old id when it is sent again.

import { FhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import { commitAnew } from '../interactions/commit.ts';
import { planCreate } from '../interactions/create.ts';
import { requirePreconditions } from '../interactions/etag.ts';
import type {
  Context,
  FhirRequest,
  FhirResponse,
  Interaction,
} from '../interactions/interaction.ts';
import { isLogicalId, requireBody } from '../interactions/put-write.ts';
import { read } from '../interactions/read.ts';
import { readVisible } from '../interactions/visibility.ts';
import { type Planner, type PutPlan, runPlan } from '../interactions/write-plan.ts';
import type { RowWrite, Version } from '../store/resource-store.ts';
import { valueAt } from './immunisation-rules.ts';
import { NhsRefusal, validationRefusal } from './nhs-refusal.ts';

const TYPE = 'Immunization';
/** Operational rows: the identifier of a deleted Immunization → its id. */
const DELETED = 'nhs-deleted-immunization';

/** An Immunization's own identifier. */
interface Identifier {
  readonly system: unknown;
  readonly value: unknown;
}

/** 201 without body; a resource that had this identifier and was deleted is put back. */
export const createImmunization: Interaction = async (context, request) => {
  const response = await runPlan(context, withoutBody(request), planImmunization);
  return written(response);
};

const planImmunization: Planner = async (context, request) => {
  const id = valueAt(request.body?.value, 'id');
  if (id !== undefined) {
    const diagnostics = 'id field must not be present for CREATE operation';
    throw new NhsRefusal({ status: 400, code: 'invariant', diagnostics });
  }
  if (request.ifNoneExist !== undefined) return planCreate(context, request);
  const accepted = requireBody(context, request, TYPE);
  const deletedId = await deletedHolder(context, identifierOf(accepted.document.value));
  const key = { type: TYPE, id: deletedId ?? context.newId() };
  return { kind: 'put', guards: [], key, method: 'POST', expect: 'absent', ...accepted };
};

/** 200 without body; the version replaced is named by `E-Tag`, or by `If-Match` as R4 has it. */
export const updateImmunization: Interaction = async (context, request) => {
  requireId(request);
  requireVersion(request);
  const response = await runPlan(context, withoutBody(request), planReplacement);
  return { ...written(response), status: 200 };
};

const planReplacement: Planner = async (context, request) => {
  const id = requireId(request);
  if (valueAt(request.body?.value, 'id') !== id) {
    const match = "doesn't match with the content of the request body";
    throw validationRefusal(`The provided immunization id:${id} ${match}`);
  }
  const accepted = requireBody(context, request, TYPE);
  const current = await readVisible(context, request.caller, { type: TYPE, id });
  if (current === undefined) throw doesNotExist(id);
  requireSameIdentifier(
    identifierOf(accepted.document.value),
    identifierOf(await lastContent(context, current)),
  );
  const put = {
    kind: 'put',
    guards: [],
    key: { type: TYPE, id },
    method: 'PUT',
    ...accepted,
  } as const;
  if (current.text === undefined) return { ...put, expect: 'absent' } satisfies PutPlan;
  requireCurrent(requireVersion(request), current);
  requirePreconditions(request, current.versionId);
  return { ...put, expect: current.versionId } satisfies PutPlan;
};

/** 204, once. */
export const deleteImmunization: Interaction = (context, request) => {
  const id = requireId(request);
  const { caller } = request;
  return commitAnew(context, caller, async (commit) => {
    const current = await readVisible(context, caller, { type: TYPE, id });
    if (current?.text === undefined) throw doesNotExist(id);
    requirePreconditions(request, current.versionId);
    const { type, versionId } = current;
    const row = rowOf(identifierOf(JSON.parse(current.text)), id);
    await commit([], [{ kind: 'delete', type, id, expect: versionId }, row]);
    return { status: 204 };
  });
};

export const readImmunization: Interaction = async (context, request) => {
  const id = requireId(request);
  try {
    return withETag(await read(context, request));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw error.errorName === 'gone' || error.errorName === 'not-found' ? doesNotExist(id) : error;
  }
};

/** A read that names no id. */
export const readNothing: Interaction = async () => {
  throw unreadableId();
};

// Whoever wants the body of a write says so.
function withoutBody(request: FhirRequest): FhirRequest {
  return { ...request, prefer: { return: 'minimal', ...request.prefer } };
}

/** An answer that names the resource, not its version. */
function written(response: FhirResponse): FhirResponse {
  const { location } = withETag(response);
  if (location === undefined) return withETag(response);
  return { ...withETag(response), location: location.replace(/\/_history\/\d+$/, '') };
}

function withETag(response: FhirResponse): FhirResponse {
  return response.versionId === undefined ? response : { ...response, eTag: response.versionId };
}

function requireId({ path }: FhirRequest): string {
  const id = path[1] ?? '';
  if (!isLogicalId(id)) throw unreadableId();
  return id;
}

function unreadableId(): NhsRefusal {
  return validationRefusal(
    'the provided event ID is either missing or not in the expected format.',
  );
}

function doesNotExist(id: string): NhsRefusal {
  const diagnostics = `Immunization resource does not exist. ID: ${id}`;
  return new NhsRefusal({ status: 404, code: 'not-found', diagnostics });
}

/** The version that the client has read. */
function requireVersion({ eTag, ifMatch }: FhirRequest): number {
  const text = eTag ?? /^(?:W\/)?"(.*)"$/.exec(ifMatch ?? '')?.[1];
  if (text === undefined) {
    throw validationRefusal('Immunization resource version not specified in the request headers');
  }
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Number(text);
  const sentence = `Immunization resource version:${text} in the request headers is invalid.`;
  throw validationRefusal(sentence);
}

function requireCurrent(version: number, { id, versionId }: Version): void {
  if (version === versionId) return;
  const fault =
    version < versionId
      ? 'has changed since the last retrieve.'
      : 'version is inconsistent with the existing version.';
  throw validationRefusal(`The requested immunization resource ${id} ${fault}`);
}

function identifierOf(immunization: unknown): Identifier {
  return {
    system: valueAt(immunization, 'identifier', 0, 'system'),
    value: valueAt(immunization, 'identifier', 0, 'value'),
  };
}

function requireSameIdentifier(sent: Identifier, stored: Identifier): void {
  const changed = (['system', 'value'] as const).filter((name) => sent[name] !== stored[name]);
  if (changed.length === 0) return;
  const names = changed.map((name) => `identifier[0].${name}`).join(' and ');
  throw validationRefusal(`${names} doesn't match with the stored content`);
}

/** The resource as it was before it was deleted, where it was. */
async function lastContent(context: Context, current: Version): Promise<Resource> {
  const { versionId } = current;
  const version =
    current.text === undefined ? await context.store.readVersion(current, versionId - 1) : current;
  return JSON.parse(version?.text ?? '{}') as Resource;
}

function rowOf(identifier: Identifier, id: string): RowWrite {
  return { kind: 'row', set: DELETED, key: rowKey(identifier), value: JSON.stringify(id) };
}

function rowKey({ system, value }: Identifier): string {
  return JSON.stringify([system, value]);
}

/** The id of the deleted Immunization that held the identifier. */
async function deletedHolder(
  context: Context,
  identifier: Identifier,
): Promise<string | undefined> {
  const row = await context.store.row(DELETED, rowKey(identifier));
  if (row === undefined) return undefined;
  const id = JSON.parse(row) as string;
  const current = await context.store.read({ type: TYPE, id });
  return current !== undefined && current.text === undefined ? id : undefined;
}
