// The members of a cohort: Group/[id]/$refresh-members writes them, $freeze-members keeps them as
// they are with the evidence for each, $members reads them page by page.
// capability-statement/operations/*-members.json

import { createHash } from 'node:crypto';
import { selectCohort } from '../cohort/attrition.ts';
import type { CohortDefinition, CohortRule } from '../cohort/cohort-rules.ts';
import type { Cohorts, FindEvidence, RuleEvidence } from '../cohort/cohorts.ts';
import {
  type CohortState,
  definitionOf,
  elementsOf,
  type FrozenMembers,
  isFrozen,
  isRefreshed,
  isSameDefinition,
  MEMBER_FILTER,
  withOwnElements,
} from '../cohort/group-definition.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import {
  appendMembers,
  beginMembers,
  endMembers,
  type Member,
  type MemberEvidence,
  type MembersHead,
  type MembersWork,
  readHead,
  readMembers,
  stillCounts,
} from '../cohort/member-rows.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import type { Resource } from '../fhir/types.ts';
import { commitAnew } from '../interactions/commit.ts';
import type {
  Context,
  FhirRequest,
  FhirResponse,
  Interaction,
  Operation,
} from '../interactions/interaction.ts';
import { putWrite } from '../interactions/put-write.ts';
import { requireExisting } from '../interactions/read.ts';
import { versionResponse } from '../interactions/responses.ts';
import { assert } from '../lib/assert.ts';
import { workAhead } from '../lib/work-ahead.ts';
import { MEMBERS_BATCH_MAX, MEMBERS_BATCHES_AT_ONCE, MEMBERS_MAX } from '../limits.ts';
import type { RowWrite, Version } from '../store/resource-store.ts';
import { askerOf, freshness, readRules } from './cohort-input.ts';
import { membersPage } from './members-page.ts';
import { readParameters } from './parameters.ts';

/** On Group. */
export const groupMemberOperations: readonly Operation[] = [
  {
    name: '$refresh-members',
    level: 'instance',
    run: (context, request) => refreshMembers(context, request),
  },
  {
    name: '$freeze-members',
    level: 'instance',
    run: (context, request) => freezeMembers(context, request),
  },
  { name: '$members', level: 'instance', run: (context, request) => membersPage(context, request) },
];

/** A Group that is a cohort. */
interface CohortGroup {
  readonly id: string;
  readonly version: Version;
  readonly group: Resource;
  readonly definition: CohortDefinition;
}

/** @throws FhirError `not-found`, `gone`, or `conflict` for a Group without filters */
async function requireCohort(context: Context, request: FhirRequest): Promise<CohortGroup> {
  const [type = '', id = ''] = request.path;
  const version = await requireExisting(context, request.caller, { type, id });
  const group = JSON.parse(version.text ?? '{}') as Resource;
  const definition = definitionOf(group);
  if (definition === undefined) {
    throw fhirError('conflict', `Group/${id} is no cohort: it has no ${MEMBER_FILTER}`);
  }
  return { id, version, group, definition };
}

const refreshMembers: Interaction = async (context, request) => {
  const given = readParameters(request, '$refresh-members', freshness);
  const cohort = await requireCohort(context, request);
  if (isFrozen(cohort.group)) throw frozenAlready(cohort.id);
  const { store } = context;
  const work = { groupId: cohort.id, generation: context.newId() };
  const { rules } = readRules(cohort.definition, context);
  const found = await findMembers(context.cohorts, rules, askerOf(request, given));
  const { sequence, timeMs } = found.asOf;
  await beginMembers(store, work, context.now());
  const read = (numbers: readonly number[]) => readMembersNumbered(store, numbers, sequence);
  for await (const members of workAhead(batchesOf(found.rows), MEMBERS_BATCHES_AT_ONCE, read)) {
    await appendMembers(store, work, members, context.now());
  }
  const refreshedMs = context.now();
  const count = found.rows.length;
  const head = { generation: work.generation, count, sequence, timeMs, refreshedMs };
  const state = { count, asOf: found.asOf, refreshedMs };
  return commitState(context, request, cohort, {
    state,
    rows: () => endMembers(store, work, head),
  });
};

function* batchesOf(rows: Uint32Array): Generator<readonly number[]> {
  for (let start = 0; start < rows.length; start += MEMBERS_BATCH_MAX) {
    yield [...rows.subarray(start, start + MEMBERS_BATCH_MAX)];
  }
}

async function readMembersNumbered(
  store: Context['store'],
  numbers: readonly number[],
  at: number,
): Promise<readonly Member[]> {
  const ids = await store.readIds('Patient', numbers, at);
  return numbers.map((number, index): Member => {
    const id = ids[index];
    assert(id !== undefined, 'who is counted is in the store');
    return { number, value: { id } };
  });
}

/** Everybody whom the rules select, at one moment: four bytes a member. */
function findMembers(cohorts: Cohorts, rules: readonly CohortRule[], asker: Asker) {
  return cohorts.ask(asker, async (people) => {
    refuseUnknownPlaces(rules, people.model.places);
    const { caller } = asker;
    const selected = await selectCohort(rules, { people, store: cohorts.storeOf(people), caller });
    const rows = await people.rows(selected.cohort, 0, MEMBERS_MAX);
    return { rows, asOf: people.asOf };
  });
}

type Asker = Parameters<Cohorts['ask']>[0];

const freezeMembers: Interaction = async (context, request) => {
  readParameters(request, '$freeze-members', {});
  const cohort = await requireCohort(context, request);
  if (isFrozen(cohort.group)) return versionResponse(cohort.version);
  const head = await readHead(context.store, cohort.id);
  if (head === undefined || !isRefreshed(cohort.group)) {
    const sentence = `No members of Group/${cohort.id} as it is now are written`;
    throw fhirError('conflict', `${sentence}: $refresh-members comes first`);
  }
  const hash = await keepEvidence(context, request, cohort, head);
  const { count, sequence, timeMs, refreshedMs } = head;
  const frozen: FrozenMembers = { hash, count, atMs: context.now() };
  const state = { count, asOf: { sequence, timeMs }, refreshedMs, frozen };
  const rows = async () => [stillCounts(cohort.id, head)];
  return commitState(context, request, cohort, { state, rows });
};

/** Writes beside each member why they are one. @returns the hash of all members */
async function keepEvidence(
  context: Context,
  request: FhirRequest,
  { id, definition }: CohortGroup,
  { generation, sequence, count }: MembersHead,
): Promise<string> {
  const { cohorts, store } = context;
  const kept = readRules(definition, context).rules.filter(({ keeps }) => keeps);
  const work = { groupId: id, generation };
  const find = cohorts.evidence(kept, request.caller);
  const explain = (members: readonly Member[]) => withEvidence(find, members, sequence);
  const hash = createHash('sha256');
  let hashed = 0;
  const pages = allMembers(store, work);
  for await (const members of workAhead(pages, MEMBERS_BATCHES_AT_ONCE, explain)) {
    await appendMembers(store, work, members, context.now());
    for (const { value } of members) hash.update(`Patient/${value.id}\n`);
    hashed += members.length;
  }
  assert(hashed === count, 'all members that count are there');
  return hash.digest('hex');
}

async function* allMembers(
  store: Context['store'],
  work: MembersWork,
): AsyncGenerator<readonly Member[]> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { members, next } = await readMembers(store, work, after, MEMBERS_BATCH_MAX);
    yield members;
    after = next;
  }
}

async function withEvidence(
  find: FindEvidence,
  members: readonly Member[],
  at: number,
): Promise<readonly Member[]> {
  const numbers = members.map(({ number }) => number);
  const found = await find(numbers, at);
  return members.map(({ number, value: { id } }, index) => {
    const evidence = (found[index] ?? []).map(memberEvidence);
    return { number, value: { id, evidence } };
  });
}

function memberEvidence({ rule, version, source, date, words }: RuleEvidence): MemberEvidence {
  return {
    ...{ rule, record: version, words },
    ...(source === undefined ? {} : { source }),
    ...(date === undefined ? {} : { date }),
  };
}

/** What is to be committed with a Group. */
interface Change {
  readonly state: CohortState;
  readonly rows: () => Promise<readonly RowWrite[]>;
}

/** Says in the Group what has become of its members, unless it was changed meanwhile. */
function commitState(
  context: Context,
  { caller }: FhirRequest,
  { id, definition }: CohortGroup,
  { state, rows }: Change,
): Promise<FhirResponse> {
  const key = { type: 'Group', id };
  return commitAnew(context, caller, async (commit) => {
    const current = await requireExisting(context, caller, key);
    const document = readJson(current.text ?? '');
    const group = document.value as Resource;
    if (isFrozen(group)) throw frozenAlready(id);
    if (!isSameDefinition(definitionOf(group), definition)) {
      const sentence = `The filters of Group/${id} were changed while its members were written`;
      throw fhirError('conflict', `${sentence}; start anew`);
    }
    const changed = withOwnElements(document, elementsOf(state));
    const put = putWrite(context, key, changed, 'PUT', current.versionId);
    const { versions } = await commit([], [put, ...(await rows())]);
    const [version] = versions;
    assert(version !== undefined && version !== null, 'a put makes a version');
    return versionResponse(version);
  });
}

function frozenAlready(id: string) {
  return fhirError('conflict', `Group/${id} is frozen: its members stay as they are`);
}
