// The members of a cohort as rows of the store: written, read, replaced, swept away.

import assert from 'node:assert/strict';
import {
  appendMembers,
  beginMembers,
  endMembers,
  type Member,
  type MembersHead,
  type MembersWork,
  readHead,
  readMember,
  readMembers,
} from '../../../src/cohort/member-rows.ts';
import { MEMBERS_WRITTEN_WITHIN_MS } from '../../../src/limits.ts';
import type { ResourceStore, RowWrite } from '../../../src/store/resource-store.ts';
import { backEnds, within } from '../../conformance/back-ends.ts';
import { refusalOf } from '../../conformance/store-suite.ts';
import { put } from '../../support/plain-resource.ts';

const NOW_MS = Date.UTC(2026, 10, 25, 10);

function members(from: number, to: number): readonly Member[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const number = from + index;
    return { number, value: { id: `p${number}` } };
  });
}

async function commit(
  store: ResourceStore,
  writes: readonly (RowWrite | ReturnType<typeof put>)[],
): Promise<void> {
  await store.transact({ guards: [], writes, nowMs: NOW_MS, references: 'lenient' });
}

function headOf({ generation }: MembersWork, count: number): MembersHead {
  return { generation, count, sequence: 1, timeMs: NOW_MS, refreshedMs: NOW_MS };
}

/** Writes members from the first to the last. */
async function writeAll(
  store: ResourceStore,
  work: MembersWork,
  count: number,
  nowMs = NOW_MS,
): Promise<void> {
  await beginMembers(store, work, nowMs);
  for (let from = 1; from <= count; from += 1_000) {
    await appendMembers(store, work, members(from, Math.min(count, from + 999)), nowMs);
  }
  await commit(store, await endMembers(store, work, headOf(work, count)));
}

const memberSets = async (store: ResourceStore) =>
  (await store.rowSets()).filter((set) => set.startsWith('group-members/'));

for (const backEnd of backEnds()) {
  describe(`members of a cohort as rows, on ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 20_000));

    const withStore = async (work: (store: ResourceStore) => Promise<void>) => {
      const { store, dispose } = await backEnd.open();
      try {
        await commit(store, [put('Group/g')]);
        await work(store);
      } finally {
        await dispose();
      }
    };

    it('are read in the order of their numbers, page by page', () =>
      withStore(async (store) => {
        const work = { groupId: 'g', generation: 'one' };
        const count = backEnd.isSlow ? 30 : 2_500;
        await writeAll(store, work, count);
        const numbers: number[] = [];
        for (let after: string | undefined = ''; after !== undefined; ) {
          const page = await readMembers(store, work, after, Math.ceil(count / 4));
          numbers.push(...page.members.map(({ number }) => number));
          after = page.next;
        }
        assert.deepEqual(
          numbers,
          members(1, count).map(({ number }) => number),
        );
        assert.deepEqual(await readMember(store, work, 7), members(7, 7)[0]);
        assert.equal(await readMember(store, work, count + 1), undefined);
      }));

    it('that are written again replace all that were there', () =>
      withStore(async (store) => {
        for (const [index, generation] of ['one', 'two', 'three'].entries()) {
          await writeAll(store, { groupId: 'g', generation }, 10 - index);
          assert.equal((await readHead(store, 'g'))?.generation, generation);
        }
        // The last but one is swept away by whoever comes next.
        assert.deepEqual((await memberSets(store)).sort(), [
          'group-members/g/three',
          'group-members/g/two',
        ]);
      }));

    it('of a Group that is gone are swept away', () =>
      withStore(async (store) => {
        await writeAll(store, { groupId: 'absent', generation: 'one' }, 5);
        await writeAll(store, { groupId: 'g', generation: 'two' }, 5);
        assert.deepEqual(await memberSets(store), ['group-members/g/two']);
      }));

    it('that are still being written are left to who writes them', () =>
      withStore(async (store) => {
        const slow = { groupId: 'g', generation: 'slow' };
        await beginMembers(store, slow, NOW_MS);
        await appendMembers(store, slow, members(1, 3), NOW_MS);
        await writeAll(store, { groupId: 'g', generation: 'fast' }, 2);
        await commit(store, await endMembers(store, slow, headOf(slow, 3)));
        const page = await readMembers(store, slow, '', 10);
        assert.equal(page.members.length, 3);
      }));

    it('that were given up are swept away, and never count afterwards', () =>
      withStore(async (store) => {
        const slow = { groupId: 'g', generation: 'slow' };
        await beginMembers(store, slow, NOW_MS);
        await appendMembers(store, slow, members(1, 3), NOW_MS);
        const later = NOW_MS + MEMBERS_WRITTEN_WITHIN_MS;
        await writeAll(store, { groupId: 'g', generation: 'fast' }, 2, later);
        assert.deepEqual(await memberSets(store), ['group-members/g/fast']);
        const end = await endMembers(store, slow, headOf(slow, 3));
        const refusal = await refusalOf(commit(store, end));
        assert.equal(refusal.reason, 'row-changed');
        assert.equal((await readHead(store, 'g'))?.generation, 'fast');
      }));
  });
}
