// The one table of what can be asked, and the one place where a refusal becomes an answer.
// http/, Bundle entries and tests all come through here.

import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import { SEQUENCE_WAIT_MS } from '../limits.ts';
import { StoreError } from '../store/resource-store.ts';
import { batch } from './batch.ts';
import { capabilities } from './capabilities.ts';
import { refusalError } from './commit.ts';
import { create, planCreate } from './create.ts';
import { conditionalDelete, deleteInstance, planConditionalDelete, planDelete } from './delete.ts';
import { historyInstance, historySystem, historyType } from './history.ts';
import type {
  Context,
  FhirRequest,
  FhirResponse,
  Interaction,
  Method,
  Operation,
} from './interaction.ts';
import { conditionalPatch, patch, planConditionalPatch, planPatch } from './patch.ts';
import { read } from './read.ts';
import { errorResponse } from './responses.ts';
import { searchCompartment } from './search-compartment.ts';
import { searchSystem } from './search-system.ts';
import { searchType } from './search-type.ts';
import { transaction } from './transaction.ts';
import { conditionalUpdate, planConditionalUpdate, planUpdate, update } from './update.ts';
import { vread } from './vread.ts';
import type { Planner } from './write-plan.ts';

/** One row of the table. */
interface Route {
  readonly method: Method;
  /** `:type` stands for a resource type, `:id` for an id, `:members` for the type of a
   * compartment's members or `*`, the rest for itself. */
  readonly pattern: readonly string[];
  /** All that the capability statement must declare; empty for what is always offered. */
  readonly declared: readonly string[];
  readonly run: Interaction;
  /** Whether the query string means something here. */
  readonly asks?: true;
  /** How a transaction plans it, for the writing ones. */
  readonly plan?: Planner;
}

const TYPE = [':type'];
const INSTANCE = [':type', ':id'];

const routes: readonly Route[] = [
  { method: 'GET', pattern: ['metadata'], declared: [], run: capabilities, asks: true },
  { method: 'POST', pattern: [], declared: [], run: bundle },
  {
    method: 'GET',
    pattern: ['_history'],
    declared: ['history-system'],
    run: historySystem,
    asks: true,
  },
  {
    method: 'GET',
    pattern: [...TYPE, '_history'],
    declared: ['history-type'],
    run: historyType,
    asks: true,
  },
  { method: 'GET', pattern: [], declared: ['search-system'], run: searchSystem, asks: true },
  {
    method: 'POST',
    pattern: ['_search'],
    declared: ['search-system'],
    run: searchSystem,
    asks: true,
  },
  { method: 'GET', pattern: TYPE, declared: ['search-type'], run: searchType, asks: true },
  {
    method: 'POST',
    pattern: [...TYPE, '_search'],
    declared: ['search-type'],
    run: searchType,
    asks: true,
  },
  {
    method: 'GET',
    pattern: [...INSTANCE, ':members'],
    declared: ['read'],
    run: searchCompartment,
    asks: true,
  },
  {
    method: 'POST',
    pattern: [...INSTANCE, ':members', '_search'],
    declared: ['read'],
    run: searchCompartment,
    asks: true,
  },
  { method: 'POST', pattern: TYPE, declared: ['create'], run: create, plan: planCreate },
  {
    method: 'PUT',
    pattern: TYPE,
    declared: ['conditionalUpdate'],
    run: conditionalUpdate,
    asks: true,
    plan: planConditionalUpdate,
  },
  {
    method: 'PATCH',
    pattern: TYPE,
    declared: ['patch', 'conditionalUpdate'],
    run: conditionalPatch,
    asks: true,
    plan: planConditionalPatch,
  },
  {
    method: 'DELETE',
    pattern: TYPE,
    declared: ['conditionalDelete'],
    run: conditionalDelete,
    asks: true,
    plan: planConditionalDelete,
  },
  { method: 'GET', pattern: INSTANCE, declared: ['read'], run: read },
  { method: 'PUT', pattern: INSTANCE, declared: ['update'], run: update, plan: planUpdate },
  { method: 'PATCH', pattern: INSTANCE, declared: ['patch'], run: patch, plan: planPatch },
  {
    method: 'DELETE',
    pattern: INSTANCE,
    declared: ['delete'],
    run: deleteInstance,
    plan: planDelete,
  },
  {
    method: 'GET',
    pattern: [...INSTANCE, '_history'],
    declared: ['history-instance'],
    run: historyInstance,
    asks: true,
  },
  { method: 'GET', pattern: [...INSTANCE, '_history', ':id'], declared: ['vread'], run: vread },
];

/** The rows of an operation. */
function operationRoutes({
  name,
  level,
  methods = ['GET', 'POST'],
  run,
}: Operation): readonly Route[] {
  const pattern = [...(level === 'type' ? TYPE : INSTANCE), name];
  return methods.map((method) => ({ method, pattern, declared: [name], run, asks: true }));
}

/** Answers any request; refusals and faults are answers too. Never throws. */
export async function route(context: Context, request: FhirRequest): Promise<FhirResponse> {
  // Within a Bundle the one who asked for all of it is told, and has waited.
  if (context.noteCommit !== undefined) return answer(context, request);
  let sequence: number | undefined;
  const noteCommit = (last: number) => {
    sequence = Math.max(last, sequence ?? 0);
  };
  const response = await answer({ ...context, noteCommit }, request);
  return sequence === undefined ? response : { ...response, sequence };
}

async function answer(context: Context, request: FhirRequest): Promise<FhirResponse> {
  try {
    await catchUp(context, request);
    const row = findRoute(context, request);
    refuseUnasked(row, request);
    const run = context.mode?.interaction(request, row.run) ?? row.run;
    return await run(context, request);
  } catch (error) {
    return refusalResponse(context, request, error);
  }
}

/** Waits until the store can answer with what the client knows of. */
async function catchUp({ store }: Context, { sequence }: FhirRequest): Promise<void> {
  if (sequence === undefined || (await store.reach(sequence, SEQUENCE_WAIT_MS))) return;
  const sentence = `What OpenIMS-Sequence ${sequence} names is not known here yet`;
  throw fhirError('unavailable', sentence);
}

/** Refuses parameters that would have no effect: nothing is ignored silently. */
function refuseUnasked({ asks }: Route, { method, path, query, prefer }: FhirRequest): void {
  if (asks === true || prefer.handling === 'lenient') return;
  if (query.split('&').every((part) => part === '')) return;
  const sentence = `${method} ${path.join('/')} takes no parameters; it was sent ?${query}`;
  throw fhirError('invalid-request', sentence);
}

/**
 * The row for a request.
 * @throws FhirError `not-found`, `unknown-type` or `not-supported`
 */
function findRoute(context: Context, request: FhirRequest): Route {
  const { path } = request;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const isOperation = path.at(-1)?.startsWith('$') === true;
  const rows = isOperation ? context.operations.flatMap(operationRoutes) : routes;
  const here = rows.filter((row) => isAt(row.pattern, path));
  if (here.length === 0) {
    throw fhirError('not-found', `Nothing is served at ${path.join('/') || 'the base'}`);
  }
  const type = here[0]?.pattern[0] === ':type' ? (path[0] as string) : undefined;
  if (type !== undefined && !context.capabilities.types.includes(type)) {
    throw fhirError('unknown-type', `${type} is not a resource type that this service holds`);
  }
  const offered = here.filter(({ declared }) => isOffered(context, type, declared));
  const found = offered.find((row) => row.method === method);
  if (found === undefined) throw new MethodNotOffered(request.method, path, offered);
  return found;
}

/** 405, with the methods that are offered at the address. */
class MethodNotOffered extends FhirError {
  readonly allow: readonly Method[];

  constructor(method: Method, path: readonly string[], offered: readonly Route[]) {
    const allow = offered.map((row) => row.method);
    const diagnostics = `${method} is not offered at ${path.join('/') || 'the base'}`;
    super('not-supported', [{ severity: 'error', code: 'not-supported', diagnostics }]);
    this.allow = allow.includes('GET') ? [...allow, 'HEAD'] : allow;
  }
}

function isAt(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, index) => {
      const segment = path[index] ?? '';
      if (part === ':type') return /^[A-Z]/.test(segment);
      if (part === ':members') return /^(?:[A-Z]|\*$)/.test(segment);
      // `_history`, `_search` and operations are never ids.
      return part === ':id' ? !/^[_$]/.test(segment) : part === segment;
    })
  );
}

function isOffered(
  { capabilities: statement }: Context,
  type: string | undefined,
  declared: readonly string[],
): boolean {
  return declared.every((code) =>
    type === undefined ? statement.systemOffers(code) : statement.offers(type, code),
  );
}

/** A Bundle posted to the base: batch or transaction, as its type says. */
async function bundle(context: Context, request: FhirRequest): Promise<FhirResponse> {
  const { body } = request;
  const { resourceType, type } = (body?.value ?? {}) as Resource;
  if (body === undefined || resourceType !== 'Bundle') {
    throw fhirError('invalid-resource', 'A Bundle is expected here', ['Bundle']);
  }
  if (type === 'batch' && context.capabilities.systemOffers('batch')) {
    return batch(context, request, body, route);
  }
  if (type === 'transaction' && context.capabilities.systemOffers('transaction')) {
    return transaction(context, request, body, { planner: findPlanner, route });
  }
  const sentence = 'A Bundle posted to the base must be of type batch or transaction';
  throw fhirError('invalid-resource', sentence, ['Bundle.type']);
}

function findPlanner(context: Context, request: FhirRequest): Planner {
  const row = findRoute(context, request);
  refuseUnasked(row, request);
  if (row.plan !== undefined) return row.plan;
  const sentence = `${request.method} ${request.path.join('/')} cannot stand in a transaction`;
  throw fhirError('invalid-transaction', sentence);
}

function refusalResponse(context: Context, request: FhirRequest, error: unknown): FhirResponse {
  const refusal = toFhirError(context, request, error);
  const response = context.mode?.refusal(context, request, refusal) ?? errorResponse(refusal);
  return refusal instanceof MethodNotOffered ? { ...response, allow: refusal.allow } : response;
}

function toFhirError(context: Context, request: FhirRequest, error: unknown): FhirError {
  if (error instanceof FhirError) return error;
  if (error instanceof StoreError) return refusalError(error.refusal, request.caller);
  context.reportFault(error);
  return fhirError('internal-error', 'The service failed; the fault was recorded');
}
