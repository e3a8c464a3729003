// Immunizations that are passed over unparsed make no difference to what a status says.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { COVID, DECLINED, dose, MMR, MMRV, notGiven, patient, RSV } from './sample-records.ts';

const rules = programmeRules(programmes, 'Europe/London');
const seed = 20261125;

const ids = ['flu-2026', 'covid-autumn-2026', 'rsv'];
const matters = rules.textsThatMatter(ids);
const isKept = (immunization: Resource) => matters(JSON.stringify(immunization));

const seasonal = rules.textsThatMatter(['flu-2026']);
const isOfSeason = (immunization: Resource) => seasonal(JSON.stringify(immunization));

describe('textsThatMatter', () => {
  it('passes over doses of earlier seasons', () => {
    assert.equal(isKept(dose('a', '2025-10-01')), false);
    assert.equal(isKept(dose('a', '2025-10-01T10:15:00Z')), false);
    assert.equal(isKept(dose('a', '2026-10-01')), true);
  });

  it('passes over other diseases where every season counts', () => {
    assert.equal(isKept(dose('a', '2020-10-01', MMR)), false);
    assert.equal(isKept(dose('a', '2020-10-01', RSV)), true);
  });

  it('keeps what names a vaccine in place of a disease', () => {
    const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '303' }] };
    const named = { protocolApplied: undefined, vaccineCode };
    assert.equal(isKept(dose('a', '2020-10-01', [], named)), true);
  });

  const kept: readonly [string, Resource][] = [
    ['a day that another zone calls the season’s first', dose('a', '2026-08-31T23:30:00Z')],
    ['a year alone', dose('a', '2020')],
    ['a month alone', dose('a', '2020-01')],
    ['no date', dose('a', '2020-01-01', MMR, { occurrenceDateTime: undefined })],
    [
      'a date in words',
      dose('a', '', MMR, { occurrenceDateTime: undefined, occurrenceString: 'x' }),
    ],
    ['contained resources', dose('a', '2020-01-01', MMR, { contained: [dose('b', '2020-01-01')] })],
    ['an escaped character', dose('a', '2020-01-01', MMR, { lotNumber: '\u0001' })],
  ];
  for (const [what, immunization] of kept) {
    it(`keeps what has ${what}`, () => assert.equal(isOfSeason(immunization), true));
  }

  it('is not misled by a note that quotes a date', () => {
    const note = [{ text: '"occurrenceDateTime":"2020-01-01"' }];
    assert.equal(isOfSeason({ note, ...dose('a', '2026-10-01') }), true);
  });

  it('makes no difference to what any programme says, its evidence apart', () => {
    const day = fc
      .date({ min: new Date('2023-08-01'), max: new Date('2027-05-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
    const near = fc.constantFrom('2026-08-30', '2026-08-31', '2026-09-01', '2026-09-30');
    const when = fc.oneof(
      ...[4, 7, 10].map((length) => day.map((text) => text.slice(0, length))),
      ...[day, near],
    );
    const diseases = fc.constantFrom(undefined, COVID, RSV, MMR, MMRV, [...COVID, ...RSV]);
    const record = fc
      .tuple(when, diseases, fc.boolean(), fc.nat({ max: 9 }))
      .map(([date, of, isGiven, undated]) => {
        const made = isGiven ? dose('', date, of) : notGiven('', date, DECLINED, of);
        return undated === 0 ? { ...made, occurrenceDateTime: undefined } : made;
      });
    const records = fc.array(record, { maxLength: 10 });
    for (const programme of rules.programmes) {
      const matter = rules.textsThatMatter([programme]);
      fc.assert(
        fc.property(records, (made) => {
          const list = made.map((each, index) => ({ ...each, id: `i${index}` }));
          const person = patient('1950-01-01');
          const some = list.filter((each) => matter(JSON.stringify(each)));
          const { evidence: _, ...whole } = rules.status(programme, [person, ...list]);
          const { evidence, ...without } = rules.status(programme, [person, ...some]);
          assert.deepEqual(without, whole);
        }),
        { seed, numRuns: 300 },
      );
    }
  });
});
