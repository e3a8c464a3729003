// Where people stand in programmes, by histories worked out by hand: each row says what it shows.

import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { Resource } from '../../../src/fhir/types.ts';
import { programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import {
  booking,
  CONTRAINDICATED,
  COVID,
  condition,
  DECLINED,
  dose,
  MMR,
  MMRV,
  message,
  notGiven,
  optOut,
  PERTUSSIS_IPV,
  patient,
  programmeOptOut,
  RSV,
  resolved,
  UNWELL,
  vaccinationProcedure,
} from './sample-records.ts';

const seed = 20_261_125;
const rules = programmeRules(programmes, 'Europe/London');

/** A history, and what of the status it makes. */
interface Row {
  readonly shows: string;
  readonly programme?: string;
  readonly records: readonly Resource[];
  readonly onDate?: string;
  readonly is: object;
}

function check(rows: readonly Row[]): void {
  for (const { shows, programme = 'flu-2026', records, onDate, is } of rows) {
    it(shows, () => {
      const { evidence, ...status } = rules.status(programme, records, onDate);
      const wanted = Object.keys(is);
      const found = Object.entries(status).filter(([name]) => wanted.includes(name));
      assert.deepEqual(Object.fromEntries(found), is);
    });
  }
}

/** Where somebody stands of whom nothing is known. */
const nothing = {
  doses: 0,
  refused: false,
  contraindicated: false,
  invited: false,
  reminded: false,
  booked: false,
  optedOut: false,
};

describe('programmeStatus: doses', () => {
  check([
    { shows: 'nothing is known of nobody', records: [], is: nothing },
    {
      shows: 'a dose of the season counts',
      records: [dose('a', '2026-10-01T10:00:00+01:00')],
      is: { doses: 1, lastDose: '2026-10-01' },
    },
    {
      shows: 'one dose told by two suppliers on one day is one',
      records: [dose('a', '2026-10-01T10:00:00+01:00'), dose('b', '2026-10-01')],
      is: { doses: 1, lastDose: '2026-10-01' },
    },
    {
      shows: 'two doses of different diseases on one day do not hide one another',
      records: [dose('a', '2026-10-01', COVID), dose('b', '2026-10-01')],
      is: { doses: 1 },
    },
    {
      shows: 'a dose entered in error does not count',
      records: [dose('a', '2026-10-01', undefined, { status: 'entered-in-error' })],
      is: { doses: 0 },
    },
    {
      shows: 'a dose on the last day of August is of no season',
      records: [dose('a', '2026-08-31')],
      is: { doses: 0 },
    },
    {
      shows: 'a dose on 1 September counts, and so does one on 31 March',
      records: [dose('a', '2026-09-01'), dose('b', '2027-03-31')],
      is: { doses: 2, lastDose: '2027-03-31' },
    },
    {
      shows: 'a dose on 1 April is too late',
      records: [dose('a', '2027-04-01')],
      is: { doses: 0 },
    },
    {
      shows: 'half past midnight in summer is the day the clocks in England show',
      records: [dose('a', '2026-08-31T23:30:00Z')],
      is: { doses: 1, lastDose: '2026-09-01' },
    },
    {
      shows: 'the last hour of 31 August counts as August whatever zone it was written in',
      records: [dose('a', '2026-09-01T01:30:00+05:30')],
      is: { doses: 0 },
    },
    {
      shows: 'a second dose 28 days later is one of its own, 27 days later it is not',
      records: [dose('a', '2026-10-01'), dose('b', '2026-10-28'), dose('c', '2026-10-29')],
      is: { doses: 2, lastDose: '2026-10-29' },
    },
    {
      shows: 'the interval is counted from the last dose that counts',
      records: [dose('a', '2026-10-01'), dose('b', '2026-10-20'), dose('c', '2026-10-30')],
      is: { doses: 2, lastDose: '2026-10-30' },
    },
    {
      shows: 'a report of the month alone is taken for another of the dose in it',
      records: [dose('a', '2026-10'), dose('b', '2026-10-01')],
      is: { doses: 1, lastDose: '2026-10-01' },
    },
    {
      shows: 'a report of a month within the season counts, without a day',
      records: [dose('a', '2026-10')],
      is: { doses: 1 },
    },
    {
      shows: 'a report of a year that only partly lies in the season does not count',
      records: [dose('a', '2026')],
      is: { doses: 0 },
    },
    {
      shows: 'a report without a date counts for no season',
      records: [dose('a', '', undefined, { occurrenceDateTime: undefined })],
      is: { doses: 0 },
    },
    {
      shows: 'a report without a date counts where one dose of a lifetime is enough',
      programme: 'rsv',
      records: [
        dose('a', '', RSV, { occurrenceDateTime: undefined, occurrenceString: 'last year' }),
      ],
      is: { doses: 1 },
    },
    {
      shows: 'a report that names no disease is known by its vaccine',
      records: [
        dose('a', '2026-10-01', [], {
          vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }] },
        }),
      ],
      is: { doses: 1 },
    },
    {
      shows: 'or by its procedure',
      records: [
        dose('a', '2026-10-01', [], {
          vaccineCode: { coding: [{ system: 'urn:local', code: 'x' }] },
          extension: [vaccinationProcedure('822851000000102')],
        }),
      ],
      is: { doses: 1 },
    },
    {
      shows: 'a dose to come does not count on a day before it',
      records: [dose('a', '2026-10-01')],
      onDate: '2026-09-30',
      is: { doses: 0 },
    },
  ]);
});

describe('programmeStatus: doses of several diseases', () => {
  check([
    {
      shows: 'MMRV counts as MMR',
      programme: 'mmr',
      records: [patient('2020-01-01'), dose('a', '2021-01-10', MMR), dose('b', '2023-05-02', MMRV)],
      is: { doses: 2, lastDose: '2023-05-02' },
    },
    {
      shows: 'measles alone is no MMR',
      programme: 'mmr',
      records: [patient('2020-01-01'), dose('a', '2021-01-10', ['14189004'])],
      is: { doses: 0 },
    },
    {
      shows: 'one dose told as three, disease by disease, is one',
      programme: 'mmr',
      records: [
        patient('2020-01-01'),
        ...MMR.map((disease, index) => dose(`d${index}`, '2021-01-10', [disease])),
      ],
      is: { doses: 1 },
    },
    {
      shows: 'an MMR dose the day before the first birthday does not count, on it it does',
      programme: 'mmr',
      records: [patient('2020-01-10'), dose('a', '2021-01-09', MMR)],
      is: { doses: 0 },
    },
    {
      shows: 'an MMR dose on the first birthday counts',
      programme: 'mmr',
      records: [patient('2020-01-10'), dose('a', '2021-01-10', MMR)],
      is: { doses: 1 },
    },
    {
      shows: 'who is born on 29 February has a birthday on 1 March',
      programme: 'mmr',
      records: [patient('2020-02-29'), dose('a', '2021-02-28', MMR)],
      is: { doses: 0 },
    },
    {
      shows: 'whooping cough in an earlier pregnancy does not protect the next child',
      programme: 'pertussis-pregnancy',
      records: [
        patient('1995-01-01'),
        condition('c1', 'pregnancy', '2022-01-01', resolved('2022-10-01')),
        dose('a', '2022-06-01', PERTUSSIS_IPV),
        condition('c2', 'pregnancy', '2026-05-01'),
      ],
      is: { doses: 0 },
    },
    {
      shows: 'whooping cough in this pregnancy counts',
      programme: 'pertussis-pregnancy',
      records: [
        patient('1995-01-01'),
        condition('c2', 'pregnancy', '2026-05-01'),
        dose('a', '2026-09-10', PERTUSSIS_IPV),
      ],
      is: { doses: 1, lastDose: '2026-09-10' },
    },
    {
      shows: 'whooping cough long after the last pregnancy is of none',
      programme: 'pertussis-pregnancy',
      records: [
        patient('1995-01-01'),
        condition('c1', 'pregnancy', '2022-01-01', resolved('2022-10-01')),
        dose('a', '2022-10-22', PERTUSSIS_IPV),
        dose('b', '2023-10-23', PERTUSSIS_IPV),
      ],
      is: { doses: 1, lastDose: '2022-10-22' },
    },
    {
      shows: 'on a day before the next pregnancy the last one counts',
      programme: 'pertussis-pregnancy',
      records: [
        patient('1995-01-01'),
        condition('c1', 'pregnancy', '2022-01-01', resolved('2022-10-01')),
        dose('a', '2022-06-01', PERTUSSIS_IPV),
        condition('c2', 'pregnancy', '2026-05-01'),
      ],
      onDate: '2026-04-30',
      is: { doses: 1 },
    },
    {
      shows: 'a pregnancy of which no date is known may have been at any time',
      programme: 'pertussis-pregnancy',
      records: [
        patient('1995-01-01'),
        condition('c1', 'pregnancy', '', { onsetDateTime: undefined }),
        dose('a', '2022-06-01', PERTUSSIS_IPV),
      ],
      is: { doses: 1 },
    },
    {
      shows: 'a baby’s whooping cough doses are nobody’s doses in pregnancy',
      programme: 'pertussis-pregnancy',
      records: [patient('2026-01-01'), dose('a', '2026-03-01', PERTUSSIS_IPV)],
      is: { doses: 0 },
    },
  ]);
});

describe('programmeStatus: doses not given', () => {
  check([
    {
      shows: 'who declined has refused, and is not contraindicated',
      records: [notGiven('a', '2026-10-01', DECLINED)],
      is: { doses: 0, refused: true, contraindicated: false },
    },
    {
      shows: 'a contraindication is no refusal',
      records: [notGiven('a', '2026-10-01', CONTRAINDICATED)],
      is: { refused: false, contraindicated: true },
    },
    {
      shows: 'who was unwell is neither',
      records: [notGiven('a', '2026-10-01', UNWELL)],
      is: { refused: false, contraindicated: false },
    },
    {
      shows: 'an unknown reason is neither',
      records: [notGiven('a', '2026-10-01', '999')],
      is: { refused: false, contraindicated: false },
    },
    {
      shows: 'last season’s refusal is not held against anyone',
      records: [notGiven('a', '2026-03-31', DECLINED)],
      is: { refused: false },
    },
    {
      shows: 'who refused and then had the dose has not refused',
      records: [notGiven('a', '2026-10-01', DECLINED), dose('b', '2026-11-01')],
      is: { doses: 1, refused: false },
    },
    {
      shows: 'who had a dose and refuses another has refused',
      records: [dose('a', '2026-10-01'), notGiven('b', '2026-11-01', DECLINED)],
      is: { doses: 1, refused: true },
    },
    {
      shows: 'a refusal on the day of the dose came before it',
      records: [notGiven('a', '2026-10-01', DECLINED), dose('b', '2026-10-01')],
      is: { refused: false },
    },
    {
      shows: 'refusing COVID-19 vaccine says nothing of influenza',
      records: [notGiven('a', '2026-10-01', DECLINED, COVID)],
      is: { refused: false },
    },
  ]);
});

describe('programmeStatus: messages', () => {
  const sent = '2026-09-20T09:00:00+01:00';
  check([
    {
      shows: 'an invitation that was sent',
      records: [message('a', 'invitation', sent)],
      is: { invited: true, lastInvitation: '2026-09-20', reminded: false },
    },
    {
      shows: 'the last of two invitations',
      records: [message('a', 'invitation', '2026-10-20'), message('b', 'invitation', sent)],
      is: { lastInvitation: '2026-10-20' },
    },
    {
      shows: 'a reminder is no invitation',
      records: [message('a', 'reminder', sent)],
      is: { invited: false, reminded: true },
    },
    {
      shows: 'what has not gone out invites nobody',
      records: ['preparation', 'not-done', 'on-hold', 'stopped', 'entered-in-error'].map((status) =>
        message(status, 'invitation', undefined, { status }),
      ),
      is: { invited: false },
    },
    {
      shows: 'an invitation to another season is none to this',
      records: [
        message('a', 'invitation', sent, { about: [{ reference: 'PlanDefinition/flu-2025' }] }),
      ],
      is: { invited: false },
    },
    {
      shows: 'the plan may be named by an absolute url, a version, or as instantiated',
      records: [
        message('a', 'invitation', sent, {
          about: [{ reference: 'https://x.example/fhir/PlanDefinition/flu-2026/_history/3' }],
        }),
        message('b', 'reminder', sent, {
          about: [],
          instantiatesCanonical: ['https://openims.example/fhir/PlanDefinition/flu-2026|1'],
        }),
      ],
      is: { invited: true, reminded: true },
    },
    {
      shows: 'an invitation tomorrow has not been sent today',
      records: [message('a', 'invitation', '2026-10-02')],
      onDate: '2026-10-01',
      is: { invited: false },
    },
  ]);
});

describe('programmeStatus: bookings and opt-outs', () => {
  check([
    {
      shows: 'an appointment to come is a booking',
      records: [booking('a', '2026-12-01T09:00:00Z')],
      onDate: '2026-11-25',
      is: { booked: true },
    },
    {
      shows: 'one that was kept, missed or cancelled is not',
      records: ['fulfilled', 'noshow', 'cancelled', 'entered-in-error'].map((status) =>
        booking(status, '2026-12-01T09:00:00Z', status),
      ),
      is: { booked: false },
    },
    {
      shows: 'one for another vaccine is not',
      records: [booking('a', '2026-12-01T09:00:00Z', 'booked', 'COVID')],
      is: { booked: false },
    },
    {
      shows: 'one that has passed and nobody closed is a booking as recorded',
      records: [booking('a', '2026-11-01T09:00:00Z')],
      is: { booked: true },
    },
    {
      shows: 'and none on a later day',
      records: [booking('a', '2026-11-01T09:00:00Z')],
      onDate: '2026-11-25',
      is: { booked: false },
    },
    {
      shows: 'an appointment today is still to be kept',
      records: [booking('a', '2026-11-25T09:00:00Z')],
      onDate: '2026-11-25',
      is: { booked: true },
    },
    {
      shows: 'an appointment of last season is none of this',
      records: [booking('a', '2026-03-01T09:00:00Z')],
      is: { booked: false },
    },
    {
      shows: 'of two appointments the first is told',
      records: [booking('a', '2026-12-09T09:00:00Z'), booking('b', '2026-12-01T09:00:00Z')],
      is: { booked: true, bookedFor: '2026-12-01' },
    },
    {
      shows: 'an opt-out from this programme',
      records: [optOut('a', programmeOptOut('flu-2026'))],
      is: { optedOut: true },
    },
    {
      shows: 'an opt-out from another',
      records: [optOut('a', programmeOptOut('rsv'))],
      is: { optedOut: false },
    },
    {
      shows: 'a consent to invitations is no opt-out',
      records: [optOut('a', { provision: { type: 'permit' } })],
      is: { optedOut: false },
    },
    { shows: 'an opt-out from all invitations', records: [optOut('a')], is: { optedOut: true } },
    {
      shows: 'an opt-out that was withdrawn is none',
      records: [optOut('a', { status: 'inactive' })],
      is: { optedOut: false },
    },
  ]);
});

describe('programmeStatus: evidence', () => {
  it('names every report of a dose, with source and date, and why others do not count', () => {
    const { evidence } = rules.status('flu-2026', [
      dose('b', '2026-10-01'),
      dose('a', '2026-10-01T10:00:00+01:00', undefined, { meta: { source: 'urn:x' } }),
      dose('c', '2026-10-20'),
      dose('d', '2026-08-20'),
    ]);
    const { counted, notCounted } = evidence.doses;
    assert.deepEqual(
      counted.map(({ reports }) =>
        reports.map(({ reference, source, date }) => [reference, source, date]),
      ),
      [
        [
          ['Immunization/a', 'urn:x', '2026-10-01T10:00:00+01:00'],
          ['Immunization/b', 'https://pharmacy-system.example/immunisations', '2026-10-01'],
        ],
      ],
    );
    assert.deepEqual(
      notCounted.map(({ reports, why }) => [reports[0]?.reference, why]),
      [
        ['Immunization/d', 'it was before 2026-09-01'],
        ['Immunization/c', 'it was 19 days after the dose before: at least 28 are needed'],
      ],
    );
  });

  it('says what a refusal said', () => {
    const { evidence } = rules.status('flu-2026', [notGiven('a', '2026-10-01', DECLINED)]);
    assert.equal(evidence.refused[0]?.words, `Not given: ${DECLINED}`);
  });
});

describe('programmeStatus: any history', () => {
  const day = fc
    .date({ min: new Date('2026-08-01'), max: new Date('2027-05-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const record = fc.oneof(
    day.map((date) => dose(`d${date}`, date)),
    day.map((date) => notGiven(`n${date}`, date, DECLINED)),
    day.map((date) => message(`m${date}`, 'invitation', date)),
    day.map((date) => booking(`b${date}`, date)),
  );
  const records = fc.array(record, { maxLength: 12 });

  it('is judged alike in any order of its records', () => {
    fc.assert(
      fc.property(records, (list) => {
        const forward = rules.status('flu-2026', list);
        assert.deepEqual(rules.status('flu-2026', list.toReversed()), forward);
      }),
      { seed },
    );
  });

  it('is judged no differently when every report comes twice', () => {
    fc.assert(
      fc.property(records, (list) => {
        const again = list.map((each) => ({ ...each, id: `${each.id}-again` }));
        const { evidence: _, ...once } = rules.status('flu-2026', list);
        const { evidence, ...twice } = rules.status('flu-2026', [...list, ...again]);
        assert.deepEqual(twice, once);
      }),
      { seed },
    );
  });

  it('counts no more doses than there are days with one, and none too near another', () => {
    fc.assert(
      fc.property(records, (list) => {
        const { counted } = rules.status('flu-2026', list).evidence.doses;
        const days = counted.map(({ when }) => Date.parse(when?.first ?? '') / 86_400_000);
        for (const [index, each] of days.entries()) {
          const before = days[index - 1];
          if (before !== undefined) assert.ok(each - before >= 28, `${days}`);
        }
      }),
      { seed },
    );
  });
});

describe('programmeRules', () => {
  it('knows each programme by one name', () => {
    assert.equal(new Set(rules.programmes).size, programmes.length);
    assert.ok(rules.programmes.includes('flu-2026'));
  });

  it('refuses a programme that there is not', () => {
    assert.throws(() => rules.status('flu-1918', []), /flu-1918/);
  });

  it('leaves the records as they are', () => {
    const records = [dose('b', '2026-10-02'), dose('a', '2026-10-01')];
    const before = structuredClone(records);
    rules.status('flu-2026', records);
    assert.deepEqual(records, before);
  });
});
