// Work on a long list that is done ahead of whoever looks at it, within bounds.

import assert from 'node:assert/strict';
import { workAhead } from '../../../src/lib/work-ahead.ts';

/** Work that ends when the test says so. */
function controlled() {
  const endings: (() => void)[] = [];
  const begun: number[] = [];
  const work = (item: number) =>
    new Promise<number>((resolve, reject) => {
      begun.push(item);
      endings.push(() => (item === FAILING ? reject(new Error('failed')) : resolve(item * 10)));
    });
  return { begun, work, end: (place: number) => endings[place]?.() };
}

const FAILING = 13;

describe('working ahead', () => {
  it('gives results in order, whichever is ready first', async () => {
    const { work, end } = controlled();
    const results = workAhead([1, 2, 3], 3, work);
    const first = results.next();
    await Promise.resolve();
    for (const place of [2, 1, 0]) setImmediate(() => end(place));
    assert.equal((await first).value, 10);
    assert.equal((await results.next()).value, 20);
    assert.equal((await results.next()).value, 30);
    assert.equal((await results.next()).done, true);
  });

  it('begins no more than it may before somebody looks at a result', async () => {
    const { begun, work, end } = controlled();
    const results = workAhead([1, 2, 3, 4, 5], 2, work);
    const first = results.next();
    setImmediate(() => end(0));
    await first;
    assert.deepEqual(begun, [1, 2]);
    const second = results.next();
    setImmediate(() => end(1));
    await second;
    assert.deepEqual(begun, [1, 2, 3]);
    end(2);
    await results.return(undefined);
  });

  it('takes items no sooner than they are worked on', async () => {
    let taken = 0;
    async function* items() {
      for (let item = 1; item <= 10; item += 1) {
        taken = item;
        yield item;
      }
    }
    const results = workAhead(items(), 3, async (item) => item);
    await results.next();
    assert.equal(taken, 3);
    await results.return(undefined);
    assert.equal(taken, 3);
  });

  it('tells of a failure in its turn, and waits for what is under way', async () => {
    const { begun, work, end } = controlled();
    const results = workAhead([1, FAILING, 3, 4], 3, work);
    const first = results.next();
    setImmediate(() => {
      end(1);
      end(0);
    });
    assert.equal((await first).value, 10);
    let isOver = false;
    const second = results.next().finally(() => {
      isOver = true;
    });
    second.catch(() => undefined);
    setImmediate(() => {
      assert.equal(isOver, false, 'two others are under way');
      end(2);
      end(3);
    });
    await assert.rejects(second, /failed/);
    assert.deepEqual(begun, [1, FAILING, 3, 4]);
    assert.equal((await results.next()).done, true);
  });
});
