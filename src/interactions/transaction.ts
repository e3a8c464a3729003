// transaction: all entries or none, in one commit
// (http://hl7.org/fhir/R4/http.html#trules).

import { bundleText } from '../fhir/bundle.ts';
import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Issue, ResourceKey } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import type { DeleteWrite, Guard, PutWrite } from '../store/resource-store.ts';
import { type RequestEntry, readRequestBundle } from './bundle-request.ts';
import { fromBundle, issuesInEntry, responseEntry } from './bundle-response.ts';
import { planCohort } from './cohort-group.ts';
import { type CommitWrites, commitAnew, type Locate } from './commit.ts';
import type { Context, FhirRequest, FhirResponse, Method } from './interaction.ts';
import { danglingTargets, requireValid } from './put-write.ts';
import { errorResponse } from './responses.ts';
import { collectFaults, type Faults } from './transaction-faults.ts';
import { findLinks, type Links, linkDocument, type PlannedEntry } from './transaction-links.ts';
import {
  answerPlan,
  type Outcome,
  type Planner,
  planWrites,
  type WritePlan,
} from './write-plan.ts';

/** The order in which the specification has the entries of a transaction take effect. */
const ORDER: readonly Method[] = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD'];

/** The router, as far as a transaction needs it. */
export interface TransactionRoutes {
  /** How a writing entry is planned.
   * @throws FhirError when the request is none that the service offers */
  readonly planner: (context: Context, request: FhirRequest) => Planner;
  /** Answers a reading entry; never throws. */
  readonly route: (context: Context, request: FhirRequest) => Promise<FhirResponse>;
}

/** One entry with its plan. */
interface WritingEntry extends PlannedEntry {
  readonly request: FhirRequest;
}

/** One entry, ready to commit. */
interface ReadyEntry extends WritingEntry {
  readonly writes: readonly (PutWrite | DeleteWrite)[];
}

/** Carries out all entries in one commit and answers them in the Bundle's order. */
export async function transaction(
  context: Context,
  request: FhirRequest,
  document: JsonDocument,
  routes: TransactionRoutes,
): Promise<FhirResponse> {
  const { entries, faults } = readRequestBundle(context, request, document);
  const inOrder = entries.toSorted(
    (a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method) || a.index - b.index,
  );
  const responses = await commitAnew(context, request.caller, (commit) =>
    writeAll(context, request, inOrder, faults, routes, commit),
  );
  for (const entry of inOrder.filter(isReading)) {
    responses.set(entry.index, await answerReading(context, entry, routes));
  }
  const answers = entries.map(({ index, method }) =>
    responseEntry(method, responses.get(index) as FhirResponse),
  );
  const head = { type: 'transaction-response', timestampMs: context.now() } as const;
  return { status: 200, body: bundleText(head, answers) };
}

function isReading({ method }: RequestEntry): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function answerReading(
  context: Context,
  { request }: RequestEntry,
  routes: TransactionRoutes,
): Promise<FhirResponse> {
  return request instanceof FhirError ? errorResponse(request) : routes.route(context, request);
}

async function writeAll(
  context: Context,
  request: FhirRequest,
  inOrder: readonly RequestEntry[],
  bundleFaults: readonly Issue[],
  routes: TransactionRoutes,
  commit: CommitWrites,
): Promise<Map<number, FhirResponse>> {
  const faults = collectFaults(bundleFaults);
  const planned = await planAll(context, inOrder, routes, faults);
  findSharedIdentities(planned, faults);
  const links = await findLinks(context, request.caller, planned, {
    faults,
    unplanned: unplannedUrls(inOrder, planned),
  });
  faults.throwIfAny();
  const ready = linkAll(context, planned, links, faults);
  faults.throwIfAny();
  const writes = ready.flatMap((entry) => entry.writes);
  if (writes.length === 0) return answerAll(context, ready, [], new Set());
  const guards = distinctGuards([...planned.flatMap(({ plan }) => plan.guards), ...links.guards]);
  const { versions } = await commit(guards, writes, locateIn(ready));
  return answerAll(context, ready, versions, await danglingTargets(context, writes));
}

/** Plans every writing entry. */
async function planAll(
  context: Context,
  entries: readonly RequestEntry[],
  routes: TransactionRoutes,
  faults: Faults,
): Promise<WritingEntry[]> {
  const planned: WritingEntry[] = [];
  for (const entry of entries) {
    const { request, index } = entry;
    if (request instanceof FhirError) {
      faults.take(request);
      continue;
    }
    if (isReading(entry)) continue;
    try {
      const plan = await routes.planner(context, request)(context, request);
      planned.push({ ...entry, request, plan: await planCohort(context, request, plan) });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      faults.take(new FhirError(error.errorName, issuesInEntry(error, index)));
    }
  }
  return planned;
}

/** The fullUrls of entries that were to write and are faulty themselves. */
function unplannedUrls(
  entries: readonly RequestEntry[],
  planned: readonly PlannedEntry[],
): ReadonlySet<string> {
  const sound = new Set(planned.map(({ index }) => index));
  const faulty = entries.filter((entry) => !isReading(entry) && !sound.has(entry.index));
  return new Set(faulty.flatMap(({ fullUrl }) => fullUrl ?? []));
}

/** Two entries may not write the same resource, nor create under the same condition, and what one
 * deletes no other may find. */
function findSharedIdentities(entries: readonly PlannedEntry[], faults: Faults): void {
  const takenBy = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    const { plan, index } = entry;
    for (const identity of identitiesOf(plan)) {
      const other = takenBy.get(identity);
      if (other === undefined) {
        if (plan.kind !== 'found') takenBy.set(identity, entry);
        continue;
      }
      if (plan.kind === 'found' && other.plan.kind !== 'delete') continue;
      const [first, second] = [Math.min(index, other.index), Math.max(index, other.index)];
      const sentence = `Entries ${first} and ${second} are both for ${identity}`;
      faults.take(fhirError('invalid-transaction', sentence, [`Bundle.entry[${second}]`]));
    }
  }
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

function identitiesOf(plan: WritePlan): readonly string[] {
  if (plan.kind === 'found') return [nameOf(plan.version)];
  if (plan.kind === 'delete') return plan.targets.map(nameOf);
  const conditions = plan.expect === 'absent' ? plan.guards : [];
  const created = conditions.map(({ type, where }) => `a ${type} where ${JSON.stringify(where)}`);
  return [nameOf(plan.key), ...created];
}

/** The plans with their references resolved. Resolved references may point at types that their
 * elements do not allow, so what was changed is judged again. */
function linkAll(
  context: Context,
  entries: readonly WritingEntry[],
  links: Links,
  faults: Faults,
): ReadyEntry[] {
  return entries.flatMap((entry) => {
    const { plan, fullUrl, index } = entry;
    if (plan.kind !== 'put') return [{ ...entry, writes: planWrites(context, plan) }];
    const document = linkDocument(plan.document, fullUrl, links);
    if (document === plan.document) return [{ ...entry, writes: planWrites(context, plan) }];
    try {
      const linked = { ...plan, ...requireValid(context, document, plan.key.type) };
      return [{ ...entry, plan: linked, writes: planWrites(context, linked) }];
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      faults.take(new FhirError(error.errorName, issuesInEntry(error, index)));
      return [];
    }
  });
}

function distinctGuards(guards: readonly Guard[]): readonly Guard[] {
  return [...new Map(guards.map((guard) => [JSON.stringify(guard), guard])).values()];
}

function locateIn(entries: readonly ReadyEntry[]): Locate {
  const indexes = new Map(
    entries.flatMap(({ writes, index }) => writes.map((write) => [nameOf(write), index] as const)),
  );
  return (from, expression) => {
    const index = indexes.get(nameOf(from));
    return index === undefined ? expression : fromBundle(index, expression);
  };
}

function answerAll(
  context: Context,
  entries: readonly ReadyEntry[],
  versions: Outcome['versions'],
  dangling: ReadonlySet<string>,
): Map<number, FhirResponse> {
  const responses = new Map<number, FhirResponse>();
  let start = 0;
  for (const { index, request, plan, writes } of entries) {
    const own = versions.slice(start, start + writes.length);
    start += writes.length;
    responses.set(index, answerPlan(context, request, plan, { writes, versions: own, dangling }));
  }
  return responses;
}
