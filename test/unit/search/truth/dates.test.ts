// Truth table of date searches (http://hl7.org/fhir/R4/search.html#date, #prefix), worked out by
// hand. Stores and matcher share what is tested here, so that none of them would notice.

import assert from 'node:assert/strict';
import { dateEntries, readDate } from '../../../../src/search/types/date.ts';
import { clauseOf, found } from '../types/clauses.ts';

/** What is searched: the month of March 2026, [1 March, 1 April) in London. */
const targets = {
  within: '2026-03-15',
  equal: '2026-03',
  year: '2026',
  after: '2026-04',
  before: '2026-02-28',
  covering: { start: '2026-02', end: '2026-04' },
  from: { start: '2026-03-15' },
  until: { end: '2026-03-15' },
} as const;

type Target = keyof typeof targets;

function matches(
  query: string,
  node: unknown,
  fhirType = typeof node === 'string' ? 'dateTime' : 'Period',
) {
  const expression = readDate(clauseOf('date', `p=${encodeURIComponent(query)}`));
  return found(expression, dateEntries('p', node, fhirType, 'Europe/London'));
}

const table: readonly (readonly [prefix: string, says: string, found: readonly Target[]])[] = [
  [
    'eq',
    'the range of the search value fully contains the range of the target value',
    ['within', 'equal'],
  ],
  [
    'ne',
    'the range of the search value does not fully contain the range of the target value',
    ['year', 'after', 'before', 'covering', 'from', 'until'],
  ],
  [
    'gt',
    'the range above the search value intersects (i.e. overlaps) with that of the target value',
    ['year', 'after', 'covering', 'from'],
  ],
  [
    'lt',
    'the range below the search value intersects (i.e. overlaps) with that of the target value',
    ['year', 'before', 'covering', 'until'],
  ],
  [
    'ge',
    'the range above the search value intersects (i.e. overlaps) with the range of the target ' +
      'value, or the range of the search value fully contains the range of the target value',
    ['within', 'equal', 'year', 'after', 'covering', 'from'],
  ],
  [
    'le',
    'the range below the search value intersects (i.e. overlaps) with the range of the target ' +
      'value or the range of the search value fully contains the range of the target value',
    ['within', 'equal', 'year', 'before', 'covering', 'until'],
  ],
  [
    'sa',
    'the range of the search value does not overlap with the range of the target value, and the ' +
      'range above the search value contains the range of the target value',
    ['after'],
  ],
  [
    'eb',
    'the range of the search value does not overlap with the range of the target value, and the ' +
      'range below the search value contains the range of the target value',
    ['before'],
  ],
];

describe('the truth of date prefixes', () => {
  for (const [prefix, says, expected] of table) {
    it(`${prefix}: ${says}`, () => {
      const holding = Object.entries(targets)
        .filter(([, node]) => matches(`${prefix}2026-03`, node))
        .map(([name]) => name);
      assert.deepEqual(holding.sort(), [...expected].sort());
    });
  }

  it('ap: a tenth of the gap between now and the date is allowed on each side', () => {
    // From 1 April to 25 November are 238 days: 23 of them on each side.
    for (const [day, expected] of [
      ['2026-02-04', false],
      ['2026-02-06', true],
      ['2026-03-15', true],
      ['2026-04-24', true],
      ['2026-04-26', false],
    ] as const) {
      assert.equal(matches('ap2026-03', day), expected, day);
    }
  });
});

describe('the truth of precisions', () => {
  const says = 'dates may be given to any precision, and a date stands for all of its instants';
  const rows: readonly (readonly [query: string, node: string, expected: boolean])[] = [
    ['2026', '2026-12-31T23:59:59.999Z', true],
    ['2026', '2027-01-01T00:00:00Z', false],
    ['2026-02', '2026-02-28T23:59:59Z', true],
    ['2026-02', '2026-03-01T00:00:00Z', false],
    ['2024-02-29', '2024-02-29', true],
    ['2026-11-25T10:00Z', '2026-11-25T10:00:59.9Z', true],
    ['2026-11-25T10:00Z', '2026-11-25T10:01:00Z', false],
    ['2026-11-25T10:00:00Z', '2026-11-25T10:00:00.9Z', true],
    ['2026-11-25T10:00:00.5Z', '2026-11-25T10:00:00.55Z', true],
    ['2026-11-25T10:00:00.5Z', '2026-11-25T10:00:00.6Z', false],
    ['2026-11-25', '2026-11', false],
    ['lt2026-11-25', '2026-11', true],
    ['gt2026-11-25', '2026-11', true],
  ];
  for (const [query, node, expected] of rows) {
    it(`${query} ${expected ? 'finds' : 'does not find'} ${node}: ${says}`, () => {
      assert.equal(matches(query, node), expected);
    });
  }
});

describe('the truth of time zones', () => {
  const rows: readonly (readonly [query: string, node: string, expected: boolean, says: string])[] =
    [
      [
        '2026-07-01',
        '2026-06-30T23:30:00Z',
        true,
        'a day without zone is one of the server: summer',
      ],
      ['2026-07-01', '2026-07-01T23:30:00Z', false, 'and ends an hour before midnight UTC'],
      ['2026-01-01', '2025-12-31T23:30:00Z', false, 'in winter it is the day of UTC'],
      ['2026-03-29', '2026-03-28T23:59:59Z', false, 'the day of the change to summer has 23 hours'],
      ['2026-03-29', '2026-03-29T22:59:59Z', true, 'its last second'],
      ['2026-03-29', '2026-03-29T23:00:00Z', false, 'and no more'],
      ['2026-10-25', '2026-10-24T23:00:00Z', true, 'the day of the change back has 25 hours'],
      ['2026-10-25', '2026-10-25T23:59:59Z', true, 'its last second'],
      ['2026-11-25T10:00:00+05:30', '2026-11-25T04:30:00Z', true, 'offsets are times of UTC'],
      ['eq2026-11-25', '2026-11-26T01:00:00+05:30', true, 'of the target too'],
    ];
  for (const [query, node, expected, says] of rows) {
    it(`${query} ${expected ? 'finds' : 'does not find'} ${node}: ${says}`, () => {
      assert.equal(matches(query, node), expected);
    });
  }
});

describe('the truth of Periods and Timings', () => {
  const period = { start: '2026-03-10', end: '2026-03-20' };
  const rows: readonly (readonly [
    query: string,
    node: object,
    fhirType: string,
    expected: boolean,
  ])[] = [
    // "if the start is missing, the low boundary is all past times; if the end, all future ones"
    ['eq2026-03', period, 'Period', true],
    ['eq2026-03-15', period, 'Period', false],
    ['ge2026-03-20', period, 'Period', false],
    ['ge2026-03-19', period, 'Period', true],
    ['sa2026-03-09', period, 'Period', true],
    ['eb2026-03-21', period, 'Period', true],
    ['gt9998', { start: '2026' }, 'Period', true],
    ['lt0002', { end: '2026' }, 'Period', true],
    ['eq2026', {}, 'Period', false],
    // "Timing: only the outer limits matter"
    ['eq2026', { event: ['2026-03-01', '2026-09-01'] }, 'Timing', true],
    ['eq2026-03', { event: ['2026-03-01', '2026-09-01'] }, 'Timing', false],
    ['gt2026-08', { event: ['2026-03-01', '2026-09-01'] }, 'Timing', true],
    ['eq2026', { repeat: { boundsPeriod: period } }, 'Timing', true],
    ['eq2026', { repeat: { frequency: 1 } }, 'Timing', false],
  ];
  for (const [query, node, fhirType, expected] of rows) {
    const finds = expected ? 'finds' : 'does not find';
    it(`${query} ${finds} ${fhirType} ${JSON.stringify(node)}`, () => {
      assert.equal(matches(query, node, fhirType), expected);
    });
  }
});
