// Loading the synthetic nation into an empty store: everything, once, in order, and on from where
// an interrupted load stopped.

import assert from 'node:assert/strict';
import { type LoadProgress, loadNation } from '../../../src/population/load-nation.ts';
import { progressLine, reportLoad } from '../../../src/population/load-report.ts';
import { nation } from '../../../src/population/nation.ts';
import type { ResourceStore } from '../../../src/store/resource-store.ts';
import { backEnds, within } from '../../conformance/back-ends.ts';
import { openService, type Service } from '../../support/service.ts';

const wanted = { people: 60, seed: 5, date: '2026-11-22' };

const quiet = () => {};

function countByType(types: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

async function storedTypes(store: ResourceStore): Promise<string[]> {
  const versions = await store.changes(0, 1_000_000);
  return versions.map(({ type }) => type);
}

for (const backEnd of backEnds()) {
  describe(`loading the synthetic nation, on ${backEnd.name}`, () => {
    let service: Service;

    beforeEach(async function () {
      this.timeout(30_000);
      service = await openService(backEnd);
    });
    afterEach(() => service.close());

    it('loads all of it, in its order, under strict references', async () => {
      const { context } = service;
      const heard: LoadProgress[] = [];
      const loaded = await loadNation(context, wanted, (progress) => heard.push(progress));
      const resources = [...nation(wanted)];
      assert.equal(loaded, resources.length);
      assert.deepEqual(heard.at(-1), { loaded, expected: loaded });
      const expected = countByType(resources.map(({ resourceType }) => resourceType));
      assert.deepEqual(countByType(await storedTypes(context.store)), expected);
      assert.equal((await service.request('GET', '/Patient?_summary=count')).status, 200);
    }).timeout(within(backEnd, 30_000));

    it('loads nothing a second time', async () => {
      await loadNation(service.context, wanted, quiet);
      const before = await service.context.store.position();
      assert.equal(await loadNation(service.context, { ...wanted, seed: 6 }, quiet), 0);
      assert.equal(await service.context.store.position(), before);
    }).timeout(within(backEnd, 30_000));

    it('leaves a store alone that holds anything', async () => {
      await service.request('POST', '/Patient', { resourceType: 'Patient' });
      assert.equal(await loadNation(service.context, wanted, quiet), 0);
      assert.equal(await service.context.store.position(), 1);
    });

    it('goes on with the same nation where an interrupted load stopped', async () => {
      const { context } = service;
      const whole = [...nation(wanted)];
      const part = backEnd.isSlow ? 40 : Math.floor(whole.length / 2);
      await loadPart(context.store, part, async () => {
        for (const resource of whole.slice(0, part)) {
          const { resourceType, id } = resource;
          await service.request('PUT', `/${resourceType}/${id}`, resource);
        }
      });
      const loaded = await loadNation(context, { ...wanted, seed: 99 }, quiet);
      assert.equal(loaded, whole.length - part);
      const expected = countByType(whole.map(({ resourceType }) => resourceType));
      assert.deepEqual(countByType(await storedTypes(context.store)), expected);
    }).timeout(within(backEnd, 60_000));
  });
}

/** Leaves the store as a load that was killed after `part` resources would. */
async function loadPart(
  store: ResourceStore,
  part: number,
  write: () => Promise<void>,
): Promise<void> {
  await write();
  const value = JSON.stringify({ ...wanted, loaded: part, isComplete: false });
  const row = { kind: 'row', set: 'synthetic-nation', key: 'load', value } as const;
  await store.transact({ guards: [], writes: [row], nowMs: 0, references: 'strict' });
}

describe('the report of a load', () => {
  it('says share, rate, time gone and time left', () => {
    assert.equal(
      progressLine({ loaded: 5_000, expected: 20_000 }, 2_500),
      '[########----------------------] 25 %, 2000 resources/s, 3 s gone, 8 s left',
    );
  });

  it('draws one line anew on a terminal, and a line for each tenth elsewhere', () => {
    let nowMs = 0;
    const written: Record<string, string[]> = { terminal: [], file: [] };
    const target = (name: string, isTerminal: boolean) => ({
      isTerminal,
      write: (text: string) => {
        written[name]?.push(text);
      },
    });
    const targets = [target('terminal', true), target('file', false)];
    const listeners = targets.map((one) => reportLoad(20, () => nowMs, one));
    for (let loaded = 5; loaded <= 100; loaded += 5) {
      nowMs += 100;
      for (const tell of listeners) tell({ loaded, expected: 100 });
    }
    assert.equal(written.file?.length, 1 + 10);
    assert.equal(written.terminal?.length, 1 + 20);
    assert.match(written.terminal?.at(-1) ?? '', /^\r.* 0 s left\n$/);
  });
});
