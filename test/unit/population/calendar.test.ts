// Dates by integers alone, compared with the platform's own calendar.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addMonths,
  addYears,
  ageOn,
  civil,
  dateText,
  dateTimeText,
  dayOf,
  dayOfDate,
  weekday,
  workingDay,
} from '../../../src/population/calendar.ts';

const days = fc.integer({ min: dayOf(1900, 1, 1), max: dayOf(2100, 12, 31) });

describe('calendar', () => {
  it('writes and reads every day as the platform does', () => {
    fc.assert(
      fc.property(days, (day) => {
        const date = new Date(day * 86_400_000);
        assert.equal(dateText(day), date.toISOString().slice(0, 10));
        assert.equal(dayOfDate(dateText(day)), day);
        assert.equal(weekday(day), date.getUTCDay());
        const { year, month, day: ofMonth } = civil(day);
        assert.equal(dayOf(year, month, ofMonth), day);
      }),
    );
  });

  it('knows days that do not exist', () => {
    for (const text of ['2026-02-29', '2026-13-01', '2026-04-31', '2026-1-1', 'today', '']) {
      assert.equal(dayOfDate(text), undefined, text);
    }
    assert.equal(dayOfDate('2028-02-29'), dayOf(2028, 2, 29));
  });

  it('counts ages by birthdays', () => {
    const birth = dayOf(2000, 2, 29);
    assert.equal(ageOn(birth, dayOf(2018, 2, 28)), 17);
    assert.equal(ageOn(birth, dayOf(2018, 3, 1)), 18);
    assert.equal(ageOn(birth, birth - 1), -1);
  });

  it('adds months and years by the calendar', () => {
    assert.equal(dateText(addYears(dayOf(2024, 2, 29), 1)), '2025-03-01');
    assert.equal(dateText(addMonths(dayOf(2025, 11, 15), 3)), '2026-02-15');
    assert.equal(dateText(addMonths(dayOf(2025, 12, 1), 40)), '2029-04-01');
  });

  it('moves weekends to Monday', () => {
    assert.equal(dateText(workingDay(dayOf(2026, 11, 21))), '2026-11-23');
    assert.equal(dateText(workingDay(dayOf(2026, 11, 22))), '2026-11-23');
    assert.equal(dateText(workingDay(dayOf(2026, 11, 23))), '2026-11-23');
  });

  it('writes times with England’s offset of the day', () => {
    assert.equal(dateTimeText(dayOf(2026, 3, 28), 545), '2026-03-28T09:05:00+00:00');
    assert.equal(dateTimeText(dayOf(2026, 3, 29), 545), '2026-03-29T09:05:00+01:00');
    assert.equal(dateTimeText(dayOf(2026, 10, 24), 1020), '2026-10-24T17:00:00+01:00');
    assert.equal(dateTimeText(dayOf(2026, 10, 25), 1020), '2026-10-25T17:00:00+00:00');
  });
});
