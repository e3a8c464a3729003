// date parameters: prefixes on ranges, and what is indexed of dates, periods and timings.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { END_OF_TIME_MS, START_OF_TIME_MS } from '../../../../src/search/index-entry.ts';
import { dateEntries, readDate, readDateBounds } from '../../../../src/search/types/date.ts';
import { refusal } from '../small-world.ts';
import { clauseOf, found } from './clauses.ts';

const LONDON = 'Europe/London';

function entriesOf(node: unknown): ReturnType<typeof dateEntries> {
  const fhirType = typeof node === 'string' ? 'dateTime' : 'Period';
  return dateEntries('p', node, fhirType, LONDON);
}

describe('date parameters', () => {
  describe('the examples of the specification (search.html#date)', () => {
    const from15March = { start: '2013-03-15' };
    const from21January = { start: '2013-01-21' };
    const until21January = { end: '2013-01-21' };
    const rows = [
      ['eq2013-01-14', '2013-01-14T00:00:00Z', true],
      ['eq2013-01-14', '2013-01-14T10:00:00Z', true],
      ['eq2013-01-14', '2013-01-15T00:00:00Z', false],
      ['ne2013-01-14', '2013-01-15T00:00:00Z', true],
      ['ne2013-01-14', '2013-01-14T00:00:00Z', false],
      ['ne2013-01-14', '2013-01-14T10:00:00Z', false],
      ['lt2013-01-14T10:00', '2013-01-14', true],
      ['gt2013-01-14T10:00', '2013-01-14', true],
      ['ge2013-03-14', from21January, true],
      ['le2013-03-14', from21January, true],
      ['sa2013-03-14', from15March, true],
      ['sa2013-03-14', from21January, false],
      ['sa2013-03-14', until21January, false],
      ['eb2013-03-14', from15March, false],
      ['eb2013-03-14', from21January, false],
      ['eb2013-03-14', until21January, true],
      ['ap2013-03-14', '2013-03-14', true],
      ['ap2013-03-14', '2015-06-15', false],
    ] as const;
    for (const [value, target, expected] of rows) {
      const shown = typeof target === 'string' ? target : JSON.stringify(target);
      it(`${value} ${expected ? 'finds' : 'does not find'} ${shown}`, () => {
        assert.equal(found(readDate(clauseOf('date', `p=${value}`)), entriesOf(target)), expected);
      });
    }
  });

  describe('a birthday, as cohorts ask for it', () => {
    const rows = [
      ['1961-11-22', true],
      ['1961-11', true],
      ['1961', true],
      ['1961-11-23', false],
      ['le1961-11-22', true],
      ['lt1961-11-22', false],
      ['lt1961-11-23', true],
      ['ge1961-11-22', true],
      ['gt1961-11-22', false],
      ['gt1961-11-21', true],
      ['ne1961-11-22', false],
      ['ne1961-11-23', true],
      ['sa1961-11-21', true],
      ['sa1961-11-22', false],
      ['eb1961-11-23', true],
      ['eb1961-11-22', false],
    ] as const;
    for (const [value, expected] of rows) {
      it(`${value} ${expected ? 'finds' : 'does not find'} 1961-11-22`, () => {
        const entries = dateEntries('p', '1961-11-22', 'date', LONDON);
        assert.equal(found(readDate(clauseOf('date', `p=${value}`)), entries), expected);
      });
    }
  });

  describe('through the clock changes of 2026 in London', () => {
    const rows = [
      // the 29th of March ends at 23:00Z, the 25th of October begins at 23:00Z the day before
      ['2026-03-29', '2026-03-29T22:59:59Z', true],
      ['2026-03-29', '2026-03-29T23:00:00Z', false],
      ['2026-03-29', '2026-03-30T00:30:00+01:00', false],
      ['2026-10-25', '2026-10-24T23:00:00Z', true],
      ['2026-10-25', '2026-10-25T23:59:59Z', true],
      ['2026-10-25', '2026-10-26T00:00:00Z', false],
      ['lt2026-03-29T02:00', '2026-03-29T00:59:59Z', true],
      ['lt2026-03-29T02:00', '2026-03-29T01:00:00Z', false],
      ['ge2026-10-25T02:00', '2026-10-25T01:59:59Z', false],
      ['ge2026-10-25T02:00', '2026-10-25T02:00:00Z', true],
    ] as const;
    for (const [value, target, expected] of rows) {
      it(`${value} ${expected ? 'finds' : 'does not find'} ${target}`, () => {
        assert.equal(found(readDate(clauseOf('date', `p=${value}`)), entriesOf(target)), expected);
      });
    }
  });

  it('means what its prefix says, hour by hour', () => {
    const hourMs = 3_600_000;
    const firstMs = Date.UTC(2026, 0, 1);
    // Targets are hours of three days; the search value is the day in the middle.
    const meaning: Readonly<Record<string, (hours: readonly number[]) => boolean>> = {
      eq: (hours) => hours.every((hour) => hour >= 24 && hour < 48),
      ne: (hours) => hours.some((hour) => hour < 24 || hour >= 48),
      gt: (hours) => hours.some((hour) => hour >= 48),
      lt: (hours) => hours.some((hour) => hour < 24),
      ge: (hours) => hours.some((hour) => hour >= 48) || hours.every((hour) => hour >= 24),
      le: (hours) => hours.some((hour) => hour < 24) || hours.every((hour) => hour < 48),
      sa: (hours) => hours.every((hour) => hour >= 48),
      eb: (hours) => hours.every((hour) => hour < 24),
    };
    const target = fc
      .tuple(fc.integer({ min: 0, max: 71 }), fc.integer({ min: 1, max: 72 }))
      .map(([start, width]) => ({ start, end: Math.min(start + width, 72) }));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(meaning)), target, (prefix, { start, end }) => {
        const hours = Array.from({ length: end - start }, (_, index) => start + index);
        const low = firstMs + start * hourMs;
        const high = firstMs + end * hourMs;
        assert.equal(
          found(readDate(clauseOf('date', `p=${prefix}2026-01-02`)), [
            { kind: 'date', parameter: 'p', low, high },
          ]),
          meaning[prefix]?.(hours),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('widens ap by a tenth of the distance from now, and not at all around now', () => {
    // now is 2026-11-25T00:00Z; the distance of the end of 2026-11-15 from it is 9 days
    const ninth = 9 * 86_400_000;
    const [around] = readDateBounds(clauseOf('date', 'p=ap2026-11-15'));
    assert.equal(around?.lowBelow, Date.UTC(2026, 10, 16) + ninth / 10);
    assert.equal(around?.highAbove, Date.UTC(2026, 10, 15) - ninth / 10);
    const [now] = readDateBounds(clauseOf('date', 'p=ap2026'));
    assert.equal(now?.lowBelow, Date.UTC(2027, 0, 1));
    assert.equal(now?.highAbove, Date.UTC(2026, 0, 1));
  });

  it('takes alternatives', () => {
    const either = readDate(clauseOf('date', 'p=2020,gt2025'));
    assert.ok(found(either, entriesOf('2020-05-05')));
    assert.ok(found(either, entriesOf('2026-05-05')));
    assert.ok(!found(either, entriesOf('2021-05-05')));
  });

  it('refuses what is no date, naming the parameter and what would be right', () => {
    for (const value of [
      'xx2026-01-01',
      'GE2026',
      '2026-02-30',
      'ge',
      'today',
      '2026|1',
      'ge ge1',
    ]) {
      assert.throws(
        () => readDate(clauseOf('date', `p=${value}`)),
        refusal('invalid-search', /"p"/, /YYYY-MM-DD/),
      );
    }
  });

  it('says how to write the + of an offset', () => {
    const read = (query: string) => readDate(clauseOf('date', query));
    assert.throws(() => read('p=2026-01-01T10:00:00+01:00'), refusal('invalid-search', /%2B/));
    assert.equal(read('p=2026-01-01T10:00:00%2B01:00').kind, 'date');
  });

  it('refuses modifiers', () => {
    assert.throws(
      () => readDate(clauseOf('date', 'p:exact=2026')),
      refusal('unsupported-search', /:exact/, /:missing/),
    );
  });

  describe('indexes', () => {
    const range = (low: number, high: number) => [{ kind: 'date', parameter: 'p', low, high }];
    const start = Date.UTC(2026, 0, 1);
    const rows = [
      ['a date', 'date', '2026-01-01', range(start, Date.UTC(2026, 0, 2))],
      ['an instant', 'instant', '2026-01-01T00:00:00.000Z', range(start, start + 1)],
      [
        'a period to the end of its last day',
        'Period',
        { start: '2026-01-01', end: '2026-01' },
        range(start, Date.UTC(2026, 1, 1)),
      ],
      ['a period without end', 'Period', { start: '2026-01-01' }, range(start, END_OF_TIME_MS)],
      ['a period without start', 'Period', { end: '2025' }, range(START_OF_TIME_MS, start)],
      [
        'a timing by its first and last event',
        'Timing',
        { event: ['2026-01-05', '2026-01-01', null, '2026-01-03'] },
        range(start, Date.UTC(2026, 0, 6)),
      ],
      [
        'a timing by its bounds',
        'Timing',
        { repeat: { boundsPeriod: { start: '2026-01-01' }, frequency: 1 } },
        range(start, END_OF_TIME_MS),
      ],
      ['no entry of a period without limits', 'Period', { extension: [] }, []],
      [
        'no entry of a period that ends first',
        'Period',
        { start: '2026-02', end: '2026-01-01' },
        [],
      ],
      ['no entry of a timing without limits', 'Timing', { code: { text: 'BID' } }, []],
      ['no entry of a date that does not exist', 'date', '2026-02-30', []],
      ['no entry of what is no date at all', 'date', 20260101, []],
      ['no entry of null', 'Period', null, []],
      ['no entry of a list', 'Timing', [], []],
    ] as const;
    for (const [what, fhirType, node, expected] of rows) {
      it(what, () => assert.deepEqual(dateEntries('p', node, fhirType, LONDON), expected));
    }
  });
});
