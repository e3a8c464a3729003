// Dates as ranges: precision, impossible dates, and the wall clock of a zone.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dateRange } from '../../../src/fhir/dates.ts';

const LONDON = 'Europe/London';

/** The range in ISO form, for tables that can be read. */
function printed(text: string, zone: string): string {
  const range = dateRange(text, zone);
  if (range === undefined) return 'none';
  const [low, high] = [range.lowMs, range.highMs].map((ms) => new Date(ms).toISOString());
  return `${low} ${high}`;
}

describe('dateRange', () => {
  describe('covers what the precision leaves open', () => {
    const rows = [
      ['2026', '2026-01-01T00:00:00.000Z 2027-01-01T00:00:00.000Z'],
      ['2026-02', '2026-02-01T00:00:00.000Z 2026-03-01T00:00:00.000Z'],
      ['2026-12', '2026-12-01T00:00:00.000Z 2027-01-01T00:00:00.000Z'],
      ['2026-11-25', '2026-11-25T00:00:00.000Z 2026-11-26T00:00:00.000Z'],
      ['2026-11-25T10:00', '2026-11-25T10:00:00.000Z 2026-11-25T10:01:00.000Z'],
      ['2026-11-25T10:00:07', '2026-11-25T10:00:07.000Z 2026-11-25T10:00:08.000Z'],
      ['2026-11-25T10:00:07.5Z', '2026-11-25T10:00:07.500Z 2026-11-25T10:00:07.600Z'],
      ['2026-11-25T10:00:07.50Z', '2026-11-25T10:00:07.500Z 2026-11-25T10:00:07.510Z'],
      ['2026-11-25T10:00:07.501Z', '2026-11-25T10:00:07.501Z 2026-11-25T10:00:07.502Z'],
      ['2026-11-25T10:00:07.5019999Z', '2026-11-25T10:00:07.501Z 2026-11-25T10:00:07.502Z'],
      ['2026-11-25T10:00:00+01:00', '2026-11-25T09:00:00.000Z 2026-11-25T09:00:01.000Z'],
      ['2026-11-25T10:00:00-05:30', '2026-11-25T15:30:00.000Z 2026-11-25T15:30:01.000Z'],
      ['2026-11-25T10:00:00+14:00', '2026-11-24T20:00:00.000Z 2026-11-24T20:00:01.000Z'],
      ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z 2017-01-01T00:00:01.000Z'],
    ] as const;
    for (const [text, expected] of rows) {
      it(text, () => assert.equal(printed(text, LONDON), expected));
    }
  });

  describe('knows leap years', () => {
    const rows = [
      ['2024-02-29', '2024-02-29T00:00:00.000Z 2024-03-01T00:00:00.000Z'],
      ['2024-02', '2024-02-01T00:00:00.000Z 2024-03-01T00:00:00.000Z'],
      ['2000-02-29', '2000-02-29T00:00:00.000Z 2000-03-01T00:00:00.000Z'],
      ['2026-02-29', 'none'],
      ['1900-02-29', 'none'],
    ] as const;
    for (const [text, expected] of rows) {
      it(text, () => assert.equal(printed(text, 'UTC'), expected));
    }
  });

  describe('reads what has no zone by the clocks of the zone, through both changes of 2026', () => {
    const rows = [
      // 29 March has 23 hours in London, 25 October 25
      ['2026-03-28', '2026-03-28T00:00:00.000Z 2026-03-29T00:00:00.000Z'],
      ['2026-03-29', '2026-03-29T00:00:00.000Z 2026-03-29T23:00:00.000Z'],
      ['2026-03-30', '2026-03-29T23:00:00.000Z 2026-03-30T23:00:00.000Z'],
      ['2026-10-24', '2026-10-23T23:00:00.000Z 2026-10-24T23:00:00.000Z'],
      ['2026-10-25', '2026-10-24T23:00:00.000Z 2026-10-26T00:00:00.000Z'],
      ['2026-10-26', '2026-10-26T00:00:00.000Z 2026-10-27T00:00:00.000Z'],
      ['2026-03', '2026-03-01T00:00:00.000Z 2026-03-31T23:00:00.000Z'],
      ['2026-07-01T12:00', '2026-07-01T11:00:00.000Z 2026-07-01T11:01:00.000Z'],
      // the minute before, within and after the hour that is skipped
      ['2026-03-29T00:59', '2026-03-29T00:59:00.000Z 2026-03-29T01:00:00.000Z'],
      ['2026-03-29T01:30', '2026-03-29T01:30:00.000Z 2026-03-29T01:31:00.000Z'],
      ['2026-03-29T02:00', '2026-03-29T01:00:00.000Z 2026-03-29T01:01:00.000Z'],
      // before, within (first time) and after the hour that occurs twice
      ['2026-10-25T00:59', '2026-10-24T23:59:00.000Z 2026-10-25T00:00:00.000Z'],
      ['2026-10-25T01:30', '2026-10-25T00:30:00.000Z 2026-10-25T00:31:00.000Z'],
      ['2026-10-25T02:00', '2026-10-25T02:00:00.000Z 2026-10-25T02:01:00.000Z'],
      // a zone in the text beats the configured one
      ['2026-10-25T01:30:00Z', '2026-10-25T01:30:00.000Z 2026-10-25T01:30:01.000Z'],
      // British Standard Time: an hour ahead all through 1969
      ['1969-01-01', '1968-12-31T23:00:00.000Z 1969-01-01T23:00:00.000Z'],
    ] as const;
    for (const [text, expected] of rows) {
      it(text, () => assert.equal(printed(text, LONDON), expected));
    }

    it('starts a day that has no midnight when its clocks start', () => {
      assert.equal(
        printed('2018-11-04', 'America/Sao_Paulo'),
        '2018-11-04T03:00:00.000Z 2018-11-05T02:00:00.000Z',
      );
    });
  });

  describe('refuses what is no date', () => {
    const texts = [
      ['', 'empty'],
      ['0000', 'the year 0'],
      ['26', 'a short year'],
      ['12026-01-01', 'a long year'],
      ['2026-00', 'month 0'],
      ['2026-13', 'month 13'],
      ['2026-1-1', 'short parts'],
      ['2026-04-31', 'the 31st of a short month'],
      ['2026-01-00', 'day 0'],
      ['2026-01-01T10', 'an hour without minutes'],
      ['2026-01-01T24:00', '24:00'],
      ['2026-01-01T10:60', 'minute 60'],
      ['2026-01-01T10:00:61', 'second 61'],
      ['2026-01-01T10:00:00.', 'a point without digits'],
      ['2026-01-01T10:00:00+14:30', 'an offset beyond 14:00'],
      ['2026-01-01T10:00:00+1:00', 'a short offset'],
      ['2026-01-01T10:00:00 01:00', 'a space for a plus'],
      ['2026-01-01 ', 'a space at the end'],
      ['2026-01-01\n', 'a line end'],
      ['２０２６', 'digits of another script'],
    ] as const;
    for (const [text, what] of texts) {
      it(what, () => assert.equal(dateRange(text, LONDON), undefined));
    }
  });

  it('reads the first and the last year', () => {
    assert.equal(printed('0001', 'UTC'), '0001-01-01T00:00:00.000Z 0002-01-01T00:00:00.000Z');
    assert.equal(printed('0099-12-31', 'UTC'), '0099-12-31T00:00:00.000Z 0100-01-01T00:00:00.000Z');
    assert.equal(printed('9999', 'UTC'), '9999-01-01T00:00:00.000Z +010000-01-01T00:00:00.000Z');
  });

  it('puts every instant into the day that the clocks of its zone show', () => {
    const zones = ['Europe/London', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'];
    const formats = new Map(
      zones.map((timeZone) => [timeZone, new Intl.DateTimeFormat('sv-SE', { timeZone })]),
    );
    const instant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2250, 0, 1) });
    fc.assert(
      fc.property(instant, fc.constantFrom(...zones), (ms, zone) => {
        const day = formats.get(zone)?.format(ms) ?? '';
        const range = dateRange(day, zone);
        assert.ok(range !== undefined && range.lowMs <= ms && ms < range.highMs, `${day} ${zone}`);
      }),
      { numRuns: 500 },
    );
  });

  it('gives days that follow each other without gap or overlap', () => {
    const day = fc.integer({ min: 0, max: 80_000 });
    fc.assert(
      fc.property(day, fc.constantFrom('Europe/London', 'America/New_York'), (number, zone) => {
        const text = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
        assert.equal(
          dateRange(text(number), zone)?.highMs,
          dateRange(text(number + 1), zone)?.lowMs,
        );
      }),
      { numRuns: 500 },
    );
  });
});
