// What one more Immunization makes of a status is what all records together say.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { COVID, DECLINED, dose, notGiven, patient, RSV } from './sample-records.ts';

const rules = programmeRules(programmes, 'Europe/London');
const seed = 20261125;

/** What the flu programme makes of one more record beside some. */
function afterFlu(records: readonly Resource[], added: Resource) {
  return rules.afterDose('flu-2026', rules.status('flu-2026', records), added);
}

describe('afterDose', () => {
  it('knows the first dose of a season', () => {
    const first = { kind: 'first-dose', day: '2026-10-01' };
    assert.deepEqual(afterFlu([], dose('a', '2026-10-01T10:00:00Z')), first);
    assert.deepEqual(afterFlu([dose('old', '2025-10-01')], dose('a', '2026-10-01')), first);
  });

  const unchanged: readonly [string, Resource][] = [
    ['another report of the last dose', dose('b', '2026-10-01')],
    ['a dose of another season', dose('b', '2025-10-01')],
    ['a dose against another disease', dose('b', '2026-10-08', COVID)],
    ['a mistake', dose('b', '2026-12-01', undefined, { status: 'entered-in-error' })],
  ];
  for (const [what, added] of unchanged) {
    it(`knows that ${what} changes nothing`, () => {
      assert.deepEqual(afterFlu([dose('a', '2026-10-01')], added), { kind: 'unchanged' });
    });
  }

  const unknown: readonly [string, readonly Resource[], Resource][] = [
    ['a second dose', [dose('a', '2026-10-01')], dose('b', '2026-12-01')],
    ['a dose after a refusal', [notGiven('a', '2026-09-20', DECLINED)], dose('b', '2026-10-01')],
    ['a refusal', [], notGiven('a', '2026-10-01', DECLINED)],
    ['a dose whose day is not known', [], dose('a', '2026-10')],
  ];
  for (const [what, records, added] of unknown) {
    it(`asks for all records after ${what}`, () => {
      assert.deepEqual(afterFlu(records, added), { kind: 'unknown' });
    });
  }

  it('asks for all records where doses of every season count', () => {
    const { kind } = rules.afterDose('rsv', rules.status('rsv', []), dose('a', '2026-10-01', RSV));
    assert.equal(kind, 'unknown');
  });

  it('says what all records say, whatever they are', () => {
    const day = fc
      .date({ min: new Date('2026-08-20'), max: new Date('2027-04-10'), noInvalidDate: true })
      .map((date) => date.toISOString());
    const near = fc.constantFrom('2026-08-31', '2026-09-01', '2026-10-01', '2027-03-31');
    const when = fc.oneof(
      ...[4, 7, 10, 24].map((length) => day.map((t) => t.slice(0, length))),
      near,
    );
    const diseases = fc.constantFrom(undefined, COVID, [...COVID, ...RSV]);
    const record = fc
      .tuple(when, diseases, fc.nat({ max: 4 }))
      .map(([date, of, kind]) =>
        kind > 0 ? dose('', date, of) : notGiven('', date, DECLINED, of),
      );
    const records = fc.array(record, { maxLength: 6 });
    let known = 0;
    for (const programme of rules.programmes) {
      fc.assert(
        fc.property(records, record, (made, last) => {
          const list = [patient('1950-01-01'), ...made.map((one, n) => ({ ...one, id: `i${n}` }))];
          const added = { ...last, id: 'added' };
          const { evidence: _, ...said } = rules.status(programme, list);
          const { evidence, ...says } = rules.status(programme, [...list, added]);
          const after = rules.afterDose(programme, said, added);
          if (after.kind === 'unknown') return;
          known += 1;
          const first = { ...said, doses: 1, lastDose: after.kind === 'first-dose' && after.day };
          assert.deepEqual(says, after.kind === 'first-dose' ? first : said);
        }),
        { seed, numRuns: 300 },
      );
    }
    assert.ok(known > 1_000, `${known} were known`);
  });
});
