// Each primitive type admits its values and no others (R4 datatypes.html#primitive).

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { primitiveProblem, primitives } from '../../../src/validation/primitives.ts';

interface Examples {
  readonly yes: readonly unknown[];
  readonly no: readonly unknown[];
}

const UUID = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';

const examples: Readonly<Record<string, Examples>> = {
  boolean: { yes: [true, false], no: ['true', 0, null] },
  integer: { yes: [0, -1, 2147483647, -2147483648], no: [1.5, 2147483648, '1', null] },
  unsignedInt: { yes: [0, 2147483647], no: [-1, 2147483648] },
  positiveInt: { yes: [1, 2147483647], no: [0, -1, 3.5, 3e9] },
  decimal: { yes: [0, 1.5, -2e-9, 1e21], no: ['1.5', Number.POSITIVE_INFINITY, null] },
  string: {
    yes: ['a', ' a ', 'a\tb\r\nc', '😀', 'a'.repeat(1024 * 1024)],
    no: ['', ' ', '\u00a0', 'a\u0000', 'a\u001f', '\ud800', 'a'.repeat(1024 * 1024 + 1), 1],
  },
  markdown: { yes: ['# A\n\nb'], no: ['', '\n'] },
  code: { yes: ['a', 'a b', 'a-b c'], no: ['', ' a', 'a ', 'a  b', 'a\tb', 'a\u0001'] },
  id: { yes: ['a', 'A-1.b', 'x'.repeat(64)], no: ['', 'a_b', 'a b', 'x'.repeat(65), 'a\n'] },
  uri: {
    yes: ['urn:a', 'http://a/b?c#d', '#a', 'a'],
    no: ['', 'a b', ' a', 'urn:uuid:0C3151BD', 'urn:oid:a'],
  },
  url: { yes: ['https://ims.test'], no: [' '] },
  canonical: { yes: ['http://a|1.0', '#a', UUID], no: ['a b', 'a', 'a/b', '/a'] },
  oid: { yes: ['urn:oid:1.2.840'], no: ['1.2.840', 'urn:oid:3.1', 'urn:oid:1.02'] },
  uuid: { yes: [UUID], no: [UUID.toUpperCase(), UUID.slice(9), `${UUID}0`] },
  date: {
    yes: ['2024', '2024-02', '2024-02-29', '2000-02-29', '2023-12-31', '0001-01-01'],
    no: [
      '2023-02-29',
      '1900-02-29',
      '2023-04-31',
      '2023-13',
      '2023-00-01',
      '2023-1-1',
      '0000',
      '20230101',
      '12000-01-01',
      '2023-01-01T00:00:00Z',
      '2023-01-32',
      '',
    ],
  },
  dateTime: {
    yes: [
      '2024',
      '2024-02-29',
      '2024-02-29T23:59:60Z',
      '2024-02-29T00:00:00.123456+14:00',
      '2024-02-29T00:00:00-00:00',
    ],
    no: [
      '2023-02-29T00:00:00Z',
      '2024-02-29T00:00:00',
      '2024-02-29T00:00Z',
      '2024-02-29T24:00:00Z',
      '2024-02-29T00:00:00+01',
      '2024-02-29T00:00:00+14:01',
      '2024-02-29 00:00:00Z',
      '2024-02-29T00:00:61Z',
      '2024-02-29T00:00:00z',
    ],
  },
  instant: {
    yes: ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.1-05:00'],
    no: ['2024-02-29', '2023-02-29T00:00:00Z'],
  },
  time: { yes: ['00:00:00', '23:59:60.5'], no: ['24:00:00', '12:00', '12:00:00Z'] },
  base64Binary: {
    yes: ['AAAA', 'AA==', 'AAA=', 'AAAA\nAAAA ', '+/09'],
    no: ['', ' ', 'A', 'AAA', 'A===', 'AA=A', '=AAA', 'AA~=', 'AAAA====', 'AA-_'],
  },
};

describe('primitive types', () => {
  for (const [type, { yes, no }] of Object.entries(examples)) {
    it(`${type}: admits what it should and says what is wrong with the rest`, () => {
      for (const value of yes) assert.ok(primitives[type]?.(value), `${type} ${String(value)}`);
      for (const value of no) {
        assert.ok(!primitives[type]?.(value), `${type} ${String(value)}`);
        assert.notEqual(primitiveProblem(value, type).problem, '');
      }
    });
  }

  it('are all covered here', () => {
    assert.deepEqual([...Object.keys(examples), 'xhtml'].sort(), Object.keys(primitives).sort());
  });

  it('have exactly the days that the calendar has', () => {
    const day = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(day, (ms) => primitives.date?.(new Date(ms).toISOString().slice(0, 10)) === true),
    );
    const anyDay = fc.tuple(
      fc.integer({ min: 1000, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
    );
    fc.assert(
      fc.property(anyDay, ([year, month, day]) => {
        const exists = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        return primitives.date?.(text) === exists;
      }),
    );
  });

  it('are judged in time that grows with the length alone', () => {
    const length = 1_000_000;
    const hostile = [`${' '.repeat(length)}!`, `${'A '.repeat(length / 2)}!`, '1'.repeat(length)];
    for (const type of Object.keys(primitives)) {
      for (const value of hostile) primitives[type]?.(value);
    }
  }).timeout(3_000);
});
