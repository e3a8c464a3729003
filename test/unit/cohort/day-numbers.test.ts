// Days as numbers, over both changes of the clock: bounds of searches become exact ranges of days.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dayNumbersOf } from '../../../src/cohort/day-numbers.ts';
import { dateRange } from '../../../src/fhir/dates.ts';
import type { RangeBounds } from '../../../src/search/expression.ts';
import { rangeMatches } from '../../../src/search/types/range.ts';

const ZONE = 'Europe/London';
const days = dayNumbersOf(ZONE);

const dayOf = (text: string) => {
  const range = dateRange(text, ZONE);
  assert.ok(range !== undefined, text);
  return days.dayOf(range.lowMs, range.highMs);
};

describe('day numbers', () => {
  it('begin at 1890-01-01 and are told back as dates', () => {
    assert.equal(dayOf('1890-01-01'), 1);
    assert.equal(days.textOf(1), '1890-01-01');
    for (const text of ['1950-02-28', '2000-02-29', '2026-03-29', '2026-10-25', '2069-06-05']) {
      const day = dayOf(text);
      assert.ok(day !== undefined, text);
      assert.equal(days.textOf(day), text);
      assert.equal(days.dayOfText(text), day);
    }
  });

  it('are of whole days alone, within the range', () => {
    for (const text of ['2026', '2026-03', '1889-12-31', '2100-01-01', '2026-03-29T10:00:00Z']) {
      assert.equal(dayOf(text), undefined, text);
    }
    for (const text of ['2026', '2026-02-29', '1889-12-31', '2100-01-01', 'today']) {
      assert.equal(days.dayOfText(text), undefined, text);
    }
  });

  it('change at midnight of the zone', () => {
    const day = days.dayOfText('2026-06-01') ?? 0;
    assert.equal(days.dayAt(Date.UTC(2026, 4, 31, 22, 59, 59, 999)), day - 1);
    assert.equal(days.dayAt(Date.UTC(2026, 4, 31, 23)), day);
    assert.equal(days.dayAt(Date.UTC(1800, 0, 1)), 1);
    assert.equal(days.dayAt(Date.UTC(2200, 0, 1)), 65_535);
  });

  it('within bounds are those whose range satisfies the bounds', () => {
    const near = days.dayOfText('2026-03-29') ?? 0;
    const start = days.boundsOf(near - 3).low;
    const instant = fc.integer({ min: 0, max: 6 * 48 }).map((step) => start + step * 1_800_000);
    const bounds = fc.record(
      { lowFrom: instant, lowBelow: instant, highAbove: instant, highTo: instant },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(bounds, (given) => {
        const { from, to } = days.range(given as RangeBounds);
        for (let day = near - 5; day <= near + 5; day += 1) {
          const isWithin = rangeMatches(days.boundsOf(day), given as RangeBounds);
          assert.equal(
            day >= from && day <= to,
            isWithin,
            `${day - near} ${JSON.stringify(given)}`,
          );
        }
      }),
    );
  });
});
