// Calendar arithmetic, by hand and against a plain model.

import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  addDays,
  addMonths,
  dayOfAge,
  daysBetween,
  isDay,
  schoolYearAges,
  spanOf,
} from '../../../src/immunisation/days.ts';

const seed = 20_261_125;
const LONDON = 'Europe/London';

describe('spanOf', () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['a day', '2026-11-25', '2026-11-25', '2026-11-25'],
    ['a month', '2026-02', '2026-02-01', '2026-02-28'],
    ['a month of a leap year', '2024-02', '2024-02-01', '2024-02-29'],
    ['December', '2026-12', '2026-12-01', '2026-12-31'],
    ['a year', '2026', '2026-01-01', '2026-12-31'],
    ['a winter’s evening', '2026-12-01T23:30:00Z', '2026-12-01', '2026-12-01'],
    ['a summer’s evening', '2026-06-01T23:30:00Z', '2026-06-02', '2026-06-02'],
    ['the hour that is skipped', '2026-03-29T01:30:00Z', '2026-03-29', '2026-03-29'],
    ['midnight before the clocks go back', '2026-10-24T23:00:00Z', '2026-10-25', '2026-10-25'],
    ['midnight after the clocks went back', '2026-10-26T00:00:00Z', '2026-10-26', '2026-10-26'],
    ['a morning in Tokyo', '2026-12-02T08:00:00+09:00', '2026-12-01', '2026-12-01'],
    ['an evening in Honolulu', '2026-12-01T20:00:00-10:00', '2026-12-02', '2026-12-02'],
  ];
  for (const [what, text, first, last] of rows) {
    it(`reads ${what}`, () => assert.deepEqual(spanOf(text, LONDON), { first, last }));
  }

  it('reads nothing that is no date', () => {
    for (const text of ['', 'soon', '2026-02-30', '2026-13', '26', 20261125, null, undefined, {}]) {
      assert.equal(spanOf(text, LONDON), undefined, JSON.stringify(text));
    }
  });

  it('finds the day that Intl shows at any instant', () => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: LONDON });
    const instants = fc.date({
      min: new Date('1930-01-01'),
      max: new Date('2099-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (instant) => {
        const day = format.format(instant);
        assert.deepEqual(spanOf(instant.toISOString(), LONDON), { first: day, last: day });
      }),
      { seed },
    );
  });
});

describe('day arithmetic', () => {
  const day = fc
    .date({ min: new Date('1880-01-01'), max: new Date('2150-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

  it('adds days and takes them away', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -40_000, max: 40_000 }), (from, days) => {
        assert.equal(daysBetween(from, addDays(from, days)), days);
      }),
      { seed },
    );
  });

  it('adds months to the same day, or the first of the next where there is none', () => {
    assert.equal(addMonths('2026-01-31', 1), '2026-03-01');
    assert.equal(addMonths('2024-01-31', 1), '2024-03-01');
    assert.equal(addMonths('2026-12-15', 1), '2027-01-15');
    assert.equal(addMonths('2024-02-29', 12), '2025-03-01');
    assert.equal(addMonths('2024-02-29', 48), '2028-02-29');
    assert.equal(addMonths('2026-03-31', -1), '2026-03-01');
  });

  it('never makes a day that does not exist, and keeps the order of days', () => {
    fc.assert(
      fc.property(day, day, fc.integer({ min: 0, max: 1500 }), (one, other, months) => {
        const [earlier, later] = one < other ? [one, other] : [other, one];
        assert.ok(isDay(addMonths(one, months)));
        assert.ok(addMonths(earlier, months) <= addMonths(later, months));
      }),
      { seed },
    );
  });

  it('finds birthdays', () => {
    assert.equal(dayOfAge('1961-11-22', { years: 65 }), '2026-11-22');
    assert.equal(dayOfAge('1960-02-29', { years: 65 }), '2025-03-01');
    assert.equal(dayOfAge('2026-08-31', { months: 6 }), '2027-03-01');
    assert.equal(dayOfAge('2026-08-31', { weeks: 8 }), '2026-10-26');
  });

  it('finds the 31 August that decides the school year', () => {
    assert.equal(schoolYearAges('2026-08-30'), '2025-08-31');
    assert.equal(schoolYearAges('2026-08-31'), '2026-08-31');
    assert.equal(schoolYearAges('2027-03-01'), '2026-08-31');
  });

  it('tells days from other texts', () => {
    for (const text of ['2026-11-25', '2024-02-29', '0001-01-01']) assert.ok(isDay(text), text);
    for (const text of ['2025-02-29', '2026-1-1', '20261125', '0000-01-01', '2026-11-25T00:00']) {
      assert.ok(!isDay(text), text);
    }
  });
});
