// A counting thread that dies: the question under way fails, the next is answered.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { KernelThreads, startThread } from '../../../../src/cohort/engine/kernel-threads.ts';
import { EngineMemory } from '../../../../src/cohort/engine/memory.ts';
import { PassPlan } from '../../../../src/cohort/engine/pass.ts';

const layout = { bitmaps: [], days: [], counts: [], codes: [], maxRows: 200_000 };

describe('counting threads', function () {
  this.timeout(20_000);
  const started: Worker[] = [];
  let memory: EngineMemory;
  let threads: KernelThreads;

  beforeEach(() => {
    started.length = 0;
    memory = new EngineMemory(layout, 2, 0);
    for (const row of [1, 70_000, 150_000]) {
      memory.reach(row);
      memory.write({ row, bitmaps: [], days: {}, counts: {}, codes: {} });
    }
    threads = new KernelThreads(memory, 2, (data) => {
      const worker = startThread(data);
      started.push(worker);
      return worker;
    });
  });

  afterEach(() => threads.close());

  async function countEverybody(): Promise<readonly number[]> {
    const plan = new PassPlan(memory);
    plan.add({ expression: { kind: 'all' }, breakdowns: [] });
    return (await threads.count(plan.finish().pass)).totals;
  }

  it('count again after one died between questions', async () => {
    assert.deepEqual(await countEverybody(), [3]);
    await started[0]?.terminate();
    assert.deepEqual(await countEverybody(), [3]);
    assert.equal(started.length, 3);
  });

  it('fail the question under which one dies, and answer the next', async () => {
    await Promise.all(started.map((worker) => once(worker, 'online')));
    // It stops at once, and is not known to have ended yet.
    const ending = started[1]?.terminate();
    await assert.rejects(countEverybody(), /a counting thread has ended/);
    await ending;
    assert.deepEqual(await countEverybody(), [3]);
  });
});
