// The members of a cohort as operational rows: a set for each time that they are written (a
// generation), in the order of the patients' numbers, and a head that says which generation counts.
// What a crash leaves behind is swept away by whoever writes members next.

import { MEMBERS_BATCH_MAX, MEMBERS_WRITTEN_WITHIN_MS } from '../limits.ts';
import type { ResourceStore, Row, RowWrite } from '../store/resource-store.ts';

/** One of them. */
export interface Member {
  /** The Patient's number. */
  readonly number: number;
  readonly value: MemberValue;
}

/** What is kept of one. */
export interface MemberValue {
  /** Of the Patient. */
  readonly id: string;
  /** Why they are a member, of a frozen cohort. */
  readonly evidence?: readonly MemberEvidence[];
}

/** A record by which a member matched a rule. */
export interface MemberEvidence {
  /** `include-1` */
  readonly rule: string;
  /** `Immunization/123/_history/2` */
  readonly record: string;
  /** What the record says, in words. */
  readonly words: string;
  /** Who told us (meta.source). */
  readonly source?: string;
  /** What the record is dated, as it is written there. */
  readonly date?: string;
}

/** Which members count. */
export interface MembersHead {
  readonly generation: string;
  readonly count: number;
  /** What they are as at. */
  readonly sequence: number;
  /** Of that commit, milliseconds since 1970 UTC. */
  readonly timeMs: number;
  /** When they were written. */
  readonly refreshedMs: number;
}

type Store = Pick<ResourceStore, 'rows' | 'row' | 'rowSets' | 'read' | 'transact'>;

/** Members that are being written. */
export interface MembersWork {
  readonly groupId: string;
  readonly generation: string;
}

interface WorkRow {
  readonly startedMs: number;
}

const HEADS = 'group-members';
const WORK = 'group-members-work';
const MEMBERS = /^group-members\/([^/]+)\/([^/]+)$/;

function setOf({ groupId, generation }: MembersWork): string {
  return `${HEADS}/${groupId}/${generation}`;
}

/** Keys that order as numbers do. */
function keyOf(number: number): string {
  return String(number).padStart(10, '0');
}

/** Which members of a Group count; undefined when none were written. */
export async function readHead(store: Store, groupId: string): Promise<MembersHead | undefined> {
  const text = await store.row(HEADS, groupId);
  return text === undefined ? undefined : (JSON.parse(text) as MembersHead);
}

/** Begins to write members; what nobody needs any more is swept away first. */
export async function beginMembers(store: Store, work: MembersWork, nowMs: number): Promise<void> {
  await sweep(store, nowMs);
  const started: WorkRow = { startedMs: nowMs };
  await writeRows(store, nowMs, [workRow(work, JSON.stringify(started), null)]);
}

/** Writes some members, again if need be. */
export async function appendMembers(
  store: Store,
  work: MembersWork,
  members: readonly Member[],
  nowMs: number,
): Promise<void> {
  const set = setOf(work);
  const rows = members.map(({ number, value }): RowWrite => {
    return { kind: 'row', set, key: keyOf(number), value: JSON.stringify(value) };
  });
  if (rows.length > 0) await writeRows(store, nowMs, rows);
}

/** The rows by which a generation counts from now on, refused when it was swept away meanwhile. */
export async function endMembers(
  store: Store,
  { groupId, ...work }: MembersWork,
  head: MembersHead,
): Promise<readonly RowWrite[]> {
  const started = (await store.row(WORK, work.generation)) ?? '';
  return [
    { kind: 'row', set: HEADS, key: groupId, value: JSON.stringify(head) },
    workRow({ groupId, ...work }, null, started),
  ];
}

/** The row by which a commit is refused unless these members still count. */
export function stillCounts(groupId: string, head: MembersHead): RowWrite {
  const value = JSON.stringify(head);
  return { kind: 'row', set: HEADS, key: groupId, value, expect: value };
}

function workRow({ generation }: MembersWork, value: string | null, expect: string | null) {
  return { kind: 'row', set: WORK, key: generation, value, expect } as const;
}

/** Members after a key, in order. @param after '' for the first; the answer's `next` for others */
export async function readMembers(
  store: Store,
  work: MembersWork,
  after: string,
  limit: number,
): Promise<{ readonly members: readonly Member[]; readonly next: string | undefined }> {
  const rows = await store.rows(setOf(work), after, limit);
  const members = rows.map(({ key, value }) => memberOf(key, value));
  return { members, next: rows.length < limit ? undefined : rows.at(-1)?.key };
}

/** The member of that number; undefined when there is none. */
export async function readMember(
  store: Store,
  work: MembersWork,
  number: number,
): Promise<Member | undefined> {
  const key = keyOf(number);
  const text = await store.row(setOf(work), key);
  return text === undefined ? undefined : memberOf(key, text);
}

function memberOf(key: string, text: string): Member {
  return { number: Number(key), value: JSON.parse(text) as MemberValue };
}

/** Removes the members of Groups that are gone, of generations that do not count, and of work that
 * was given up. */
async function sweep(store: Store, nowMs: number): Promise<void> {
  for (const set of await store.rowSets()) {
    const [, groupId = '', generation = ''] = MEMBERS.exec(set) ?? [];
    if (groupId === '' || (await isNeeded(store, { groupId, generation }, nowMs))) continue;
    // Whoever still writes them is refused at the end.
    await writeRows(store, nowMs, [{ kind: 'row', set: WORK, key: generation, value: null }]);
    await removeAll(store, set, nowMs);
  }
}

async function isNeeded(store: Store, work: MembersWork, nowMs: number): Promise<boolean> {
  const text = await store.row(WORK, work.generation);
  if (text !== undefined) {
    const { startedMs } = JSON.parse(text) as WorkRow;
    return nowMs - startedMs < MEMBERS_WRITTEN_WITHIN_MS;
  }
  const group = await store.read({ type: 'Group', id: work.groupId });
  if (group?.text === undefined) return false;
  return (await readHead(store, work.groupId))?.generation === work.generation;
}

async function removeAll(store: Store, set: string, nowMs: number): Promise<void> {
  // From key to key: a store may keep traces of what was removed, to be passed over again.
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: readonly Row[] = await store.rows(set, after, MEMBERS_BATCH_MAX);
    const writes = rows.map(({ key }) => ({ kind: 'row', set, key, value: null }) as const);
    if (writes.length > 0) await writeRows(store, nowMs, writes);
    after = rows.at(-1)?.key;
  }
}

async function writeRows(store: Store, nowMs: number, writes: readonly RowWrite[]): Promise<void> {
  await store.transact({ guards: [], writes, nowMs, references: 'lenient' });
}
