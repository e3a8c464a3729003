// Whoever looks sees nothing change, whoever changes is alone, and turns are taken as they come.

import assert from 'node:assert/strict';
import { Gate } from '../../../src/cohort/gate.ts';

/** Work that ends when told to, and what has begun and ended so far. */
function gated() {
  const gate = new Gate();
  const seen: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise<void>((resolve) => {
      ends.set(name, resolve);
    });
    seen.push(`${name} ends`);
    return name;
  };
  const end = async (name: string) => {
    await everythingGoesOn();
    ends.get(name)?.();
    await everythingGoesOn();
  };
  return { gate, seen, work, end };
}

/** A few turns, in which everything that waits for nothing else goes on. */
async function everythingGoesOn(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('the gate of the cohort index', () => {
  it('lets many look at once, and a change wait for all of them', async () => {
    const { gate, seen, work, end } = gated();
    const all = [gate.hold(work('one')), gate.hold(work('two')), gate.change(work('change'))];
    await end('one');
    assert.deepEqual(seen, ['one begins', 'two begins', 'one ends']);
    await end('two');
    assert.deepEqual(seen.slice(3), ['two ends', 'change begins']);
    await end('change');
    assert.deepEqual(await Promise.all(all), ['one', 'two', 'change']);
  });

  it('lets those who come after a change wait for it', async () => {
    const { gate, seen, work, end } = gated();
    const all = [gate.change(work('change')), gate.hold(work('late')), gate.change(work('next'))];
    await end('none');
    assert.deepEqual(seen, ['change begins']);
    await end('change');
    assert.deepEqual(seen.slice(1), ['change ends', 'late begins']);
    await end('late');
    await end('next');
    assert.deepEqual(seen.slice(3), ['late ends', 'next begins', 'next ends']);
    await Promise.all(all);
  });

  it('goes on after work that failed', async () => {
    const gate = new Gate();
    await assert.rejects(
      gate.change(() => Promise.reject(new Error('failed'))),
      /failed/,
    );
    await assert.rejects(
      gate.hold(() => Promise.reject(new Error('failed'))),
      /failed/,
    );
    assert.equal(await gate.change(async () => 'done'), 'done');
  });
});
