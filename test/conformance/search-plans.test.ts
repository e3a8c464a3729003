// Searches on a store of a nation's shape: none of the bench's forty looks at all rows of a table,
// and what joins and lists make of them stays right. The bench has the times.

import assert from 'node:assert/strict';
import type { SearchEnvironment } from '../../src/search/clause.ts';
import { resolveSearch } from '../../src/search/resolve.ts';
import type { Reader } from '../../src/store/sqlite/moment.ts';
import { countMatches } from '../../src/store/sqlite/search.ts';
import { filledQueries, scansOf, withNation } from '../bench/search-rows.ts';

const RESOURCES = process.env.CI === 'true' ? 200_000 : 8_000;

/** Ways to ask for the same in two ways, the second of which is simple. */
const sames: readonly (readonly [type: string, asked: string, simple: string])[] = [
  // Three hops, forwards and backwards.
  [
    'Immunization',
    'patient.general-practitioner.partof.identifier:missing=false&_count=0',
    'patient.general-practitioner.partof:missing=false',
  ],
  [
    'Organization',
    '_has:Patient:general-practitioner:_has:Immunization:patient:status=completed,not-done',
    '_has:Patient:general-practitioner:_has:Immunization:patient:status:missing=false',
  ],
  [
    'Patient',
    'gender:not=male&gender:not=female',
    '_filter=gender ne male and gender ne female or gender pr false',
  ],
];

describe(`searches on ${RESOURCES} resources`, function () {
  this.timeout(300_000);

  const count = (reader: Reader, environment: SearchEnvironment, type: string, text: string) => {
    const { query } = resolveSearch(type, text.replaceAll(' ', '%20'), environment);
    return countMatches(reader, query);
  };

  it('are answered from indexes, alone', () =>
    withNation(RESOURCES, undefined, (reader, environment) => {
      const scanning = filledQueries(reader, environment).flatMap(([type, text]) => {
        const { query } = resolveSearch(type, text, environment);
        return scansOf(reader, query).map((step) => `${type}?${text}: ${step}`);
      });
      assert.deepEqual(scanning, []);
      for (const [type, asked, simple] of sames) {
        const found = count(reader, environment, type, asked);
        assert.equal(found, count(reader, environment, type, simple), asked);
        assert.ok(found > 0 || type === 'Patient', asked);
      }
      const ids = Array.from({ length: 10_000 }, (_, index) => `p${index + 1}`);
      const [half, others] = [
        ids.filter((_, at) => at % 2 === 0),
        ids.filter((_, at) => at % 2 === 1),
      ];
      const both = [half, others].map((some) => {
        return count(reader, environment, 'Immunization', `patient=${some.join(',')}`);
      });
      const [first = 0, second = 0] = both;
      assert.ok(first > 0 && second > 0);
      assert.equal(
        count(reader, environment, 'Immunization', `patient=${ids.join(',')}`),
        first + second,
      );
    }));
});
