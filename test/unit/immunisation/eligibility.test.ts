// Whom programmes are for, by people worked out by hand: each row says what it shows.

import assert from 'node:assert/strict';

import type { Resource } from '../../../src/fhir/types.ts';
import { eligibility } from '../../../src/immunisation/eligibility.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { readHistory } from '../../../src/immunisation/vaccination-history.ts';
import {
  COVID,
  clinical,
  condition,
  dose,
  flag,
  MMR,
  patient,
  RSV,
  refuted,
  resolved,
  SHINGLES,
} from './sample-records.ts';

/** Whether the programme is for the person of these records. */
function judge(id: string, records: readonly Resource[], onDate: string) {
  const programme = programmes.find((each) => each.id === id);
  assert.ok(programme, id);
  return eligibility(readHistory(records, 'Europe/London'), programme, onDate);
}

interface Row {
  readonly shows: string;
  readonly programme: string;
  readonly records: readonly Resource[];
  readonly onDate?: string;
  /** The rule that decides; none when absent. */
  readonly rule?: string;
}

function check(rows: readonly Row[]): void {
  for (const { shows, programme, records, onDate = '2026-11-25', rule } of rows) {
    it(shows, () => {
      const found = judge(programme, records, onDate);
      assert.equal(found.eligible ? found.rule.code : undefined, rule);
    });
  }
}

const born = (birthDate: string, more: object = {}) => [patient(birthDate, more)];

describe('eligibility: influenza by age', () => {
  const programme = 'flu-2026';
  check([
    {
      shows: '65 on 31 March is enough in September',
      programme,
      records: born('1962-03-31'),
      onDate: '2026-09-01',
      rule: 'age-65',
    },
    { shows: '65 on 1 April is not', programme, records: born('1962-04-01') },
    {
      shows: 'who is 2 on 31 August is a toddler of this season',
      programme,
      records: born('2024-08-31'),
      rule: 'age-2-3',
    },
    { shows: 'who is 2 a day later is of the next', programme, records: born('2024-09-01') },
    {
      shows: 'who turned 4 on 1 September is 3 of this season',
      programme,
      records: born('2022-09-01'),
      rule: 'age-2-3',
    },
    {
      shows: 'who turned 4 on 31 August goes to school',
      programme,
      records: born('2022-08-31'),
      rule: 'school',
    },
    {
      shows: 'who was 15 on 31 August is in Year 11',
      programme,
      records: born('2010-09-01'),
      rule: 'school',
    },
    { shows: 'who was 16 on it has left', programme, records: born('2010-08-31') },
    {
      shows: 'a year of birth alone is enough when every day of it is',
      programme,
      records: born('1950'),
      rule: 'age-65',
    },
    { shows: 'and not when only some are', programme, records: born('1962') },
    { shows: 'who has no date of birth has no age', programme, records: [patient(undefined)] },
    { shows: 'nobody is eligible of whom nothing is known', programme, records: [] },
  ]);
});

describe('eligibility: influenza by risk', () => {
  const programme = 'flu-2026';
  const adult = patient('1990-01-01');
  check([
    {
      shows: 'an adult with diabetes is at risk',
      programme,
      records: [adult, condition('c', 'diabetes', '2015-01-01')],
      rule: 'at-risk',
    },
    {
      shows: 'diabetes that is resolved no longer counts',
      programme,
      records: [adult, condition('c', 'diabetes', '2015-01-01', resolved('2020-01-01'))],
    },
    {
      shows: 'resolved without a date does not count either',
      programme,
      records: [adult, condition('c', 'diabetes', '2015-01-01', resolved())],
    },
    {
      shows: 'on a day before it was resolved it counted',
      programme: 'flu-2024',
      records: [adult, condition('c', 'diabetes', '2015-01-01', resolved('2025-01-01'))],
      onDate: '2024-12-01',
      rule: 'at-risk',
    },
    {
      shows: 'on the day it was resolved it no longer did',
      programme: 'flu-2024',
      records: [adult, condition('c', 'diabetes', '2015-01-01', resolved('2024-12-01'))],
      onDate: '2024-12-01',
    },
    {
      shows: 'what has come back counts',
      programme,
      records: [adult, condition('c', 'diabetes', '2015-01-01', clinical('recurrence'))],
      rule: 'at-risk',
    },
    {
      shows: 'what begins today counts',
      programme,
      records: [adult, condition('c', 'diabetes', '2026-11-25')],
      rule: 'at-risk',
    },
    {
      shows: 'a refuted diagnosis never counted',
      programme,
      records: [adult, condition('c', 'diabetes', '2015-01-01', refuted())],
    },
    {
      shows: 'what begins tomorrow does not count today',
      programme,
      records: [adult, condition('c', 'diabetes', '2026-11-26')],
    },
    {
      shows: 'a baby at risk is offered it at 6 months',
      programme,
      records: [patient('2026-05-25'), condition('c', 'heart', '2026-05-25')],
      rule: 'child-at-risk',
    },
    {
      shows: 'and not a day sooner',
      programme,
      records: [patient('2026-05-26'), condition('c', 'heart', '2026-05-26')],
    },
    {
      shows: 'pregnancy comes before a risk: its offer opens first',
      programme,
      records: [
        adult,
        condition('c', 'diabetes', '2015-01-01'),
        condition('d', 'pregnancy', '2026-06-01'),
      ],
      rule: 'pregnant',
    },
    {
      shows: 'pregnancy is no clinical risk of itself once it is over',
      programme,
      records: [adult, condition('d', 'pregnancy', '2025-06-01', resolved('2026-03-01'))],
    },
    {
      shows: 'a pregnancy that nobody closed is over after 42 weeks',
      programme,
      records: [adult, condition('d', 'pregnancy', '2026-02-03')],
    },
    {
      shows: 'one of 42 weeks to the day is not',
      programme,
      records: [adult, condition('d', 'pregnancy', '2026-02-04')],
      rule: 'pregnant',
    },
    {
      shows: 'a pregnancy without a beginning counts for 252 days from its recording',
      programme,
      records: [
        adult,
        condition('d', 'pregnancy', '', { onsetDateTime: undefined, recordedDate: '2026-03-18' }),
      ],
      rule: 'pregnant',
    },
    {
      shows: 'and not for 253',
      programme,
      records: [
        adult,
        condition('d', 'pregnancy', '', { onsetDateTime: undefined, recordedDate: '2026-03-17' }),
      ],
    },
    {
      shows: 'carers are offered it',
      programme,
      records: [adult, flag('f', 'unpaid-carer', { start: '2024-01-01' })],
      rule: 'carer',
    },
    {
      shows: 'who no longer cares is not',
      programme,
      records: [adult, flag('f', 'unpaid-carer', { start: '2020', end: '2025-01-01' }, 'inactive')],
    },
    {
      shows: 'the last day of a period is part of it',
      programme,
      records: [adult, flag('f', 'unpaid-carer', { start: '2020', end: '2026-11-25' })],
      rule: 'carer',
    },
    {
      shows: 'the day after is not',
      programme,
      records: [adult, flag('f', 'unpaid-carer', { start: '2020', end: '2026-11-24' })],
    },
    {
      shows: 'a flag entered in error is none',
      programme,
      records: [adult, flag('f', 'nhs-staff', { start: '2020' }, 'entered-in-error')],
    },
  ]);
});

describe('eligibility: COVID-19', () => {
  const programme = 'covid-2020';
  const onDate = '2021-04-01';
  check([
    {
      shows: 'a care home resident is of group 1, whatever their age',
      programme,
      records: [patient('1930-01-01'), flag('f', 'care-home-resident', { start: '2018' })],
      onDate,
      rule: '01',
    },
    { shows: '80 on 31 March 2021', programme, records: born('1941-03-31'), onDate, rule: '02' },
    { shows: '79 on it', programme, records: born('1941-04-01'), onDate, rule: '03' },
    {
      shows: 'a nurse of 30 is of group 2',
      programme,
      records: [patient('1991-01-01'), flag('f', 'nhs-staff', { start: '2018' })],
      onDate,
      rule: '02',
    },
    {
      shows: 'who was shielded is of group 4 while the list was open',
      programme,
      records: [
        patient('1991-01-01'),
        flag('f', 'shielded', { start: '2020-03-23', end: '2022-06-30' }, 'inactive'),
      ],
      onDate,
      rule: '04',
    },
    {
      shows: 'who was shielded and pregnant was counted by age alone',
      programme,
      records: [
        patient('1991-01-01'),
        flag('f', 'shielded', { start: '2020-03-23', end: '2022-06-30' }, 'inactive'),
        condition('c', 'pregnancy', '2020-12-01', resolved('2021-09-01')),
      ],
      onDate,
      rule: '11',
    },
    {
      shows: 'at risk at 16',
      programme,
      records: [patient('2005-03-31'), condition('c', 'asplenia', '2010')],
      onDate,
      rule: '06',
    },
    {
      shows: 'at risk at 15 is too young',
      programme,
      records: [patient('2005-04-01'), condition('c', 'asplenia', '2010')],
      onDate,
    },
    {
      shows: '64 comes before 60 to 63, in one group',
      programme,
      records: born('1957-03-31'),
      onDate,
      rule: '07',
    },
    {
      shows: 'groups 10 to 12 look at 1 July: 40 on it',
      programme,
      records: born('1981-07-01'),
      onDate,
      rule: '10',
    },
    { shows: '39 on it', programme, records: born('1981-07-02'), onDate, rule: '11' },
    { shows: '17 on 1 July', programme, records: born('2003-07-02'), onDate },
    {
      shows: 'in spring 2026 75 by the last day is enough',
      programme: 'covid-spring-2026',
      records: born('1951-06-30'),
      onDate: '2026-04-13',
      rule: 'age-75',
    },
    {
      shows: 'clinical risk alone is not',
      programme: 'covid-spring-2026',
      records: [patient('1980-01-01'), condition('c', 'diabetes', '2015')],
      onDate: '2026-04-13',
    },
    {
      shows: 'immunosuppression is',
      programme: 'covid-spring-2026',
      records: [patient('1980-01-01'), condition('c', 'immunosuppression', '2015')],
      onDate: '2026-04-13',
      rule: 'immunosuppressed',
    },
  ]);

  it('opens to the ages of a group one after another', () => {
    const opening = (birthDate: string) => {
      const found = judge(programme, [patient(birthDate)], onDate);
      return found.eligible ? found.opens : undefined;
    };
    assert.equal(opening('1957-03-31'), '2021-02-22');
    assert.equal(opening('1957-04-01'), '2021-03-01');
    assert.equal(opening('1966-03-31'), '2021-03-09');
    assert.equal(opening('2003-07-01'), '2021-06-18');
  });
});

describe('eligibility: other programmes', () => {
  check([
    {
      shows: 'RSV from the 75th birthday',
      programme: 'rsv',
      records: born('1951-11-25'),
      rule: 'age-75',
    },
    { shows: 'RSV not before it', programme: 'rsv', records: born('1951-11-26') },
    {
      shows: 'RSV from 80 on by a rule of its own',
      programme: 'rsv',
      records: born('1940-01-01'),
      rule: 'age-80',
    },
    {
      shows: 'RSV in pregnancy from 28 weeks',
      programme: 'rsv-pregnancy',
      records: [patient('1995-01-01'), condition('c', 'pregnancy', '2026-05-13')],
      rule: 'pregnant-28',
    },
    {
      shows: 'RSV in pregnancy not a day sooner',
      programme: 'rsv-pregnancy',
      records: [patient('1995-01-01'), condition('c', 'pregnancy', '2026-05-14')],
    },
    {
      shows: 'shingles for who turned 65 on 1 September 2023',
      programme: 'shingles',
      records: born('1958-09-01'),
      rule: 'turned-65',
    },
    {
      shows: 'shingles not for who did the day before, until 70',
      programme: 'shingles',
      records: born('1958-08-31'),
    },
    {
      shows: 'HPV for a girl of school year 8',
      programme: 'hpv',
      records: born('2014-08-31'),
      rule: 'girls',
    },
    { shows: 'HPV not in year 7', programme: 'hpv', records: born('2014-09-01') },
    {
      shows: 'HPV for a man born since September 2006',
      programme: 'hpv',
      records: born('2006-09-01', { gender: 'male' }),
      rule: 'boys',
    },
    {
      shows: 'HPV not for one born before',
      programme: 'hpv',
      records: born('2006-08-31', { gender: 'male' }),
    },
  ]);

  it('says that the offer is not open yet', () => {
    const older = [patient('1940-01-01')];
    const before = judge('rsv', older, '2026-03-31');
    assert.ok(before.eligible);
    assert.deepEqual([before.opens, before.isOpen], ['2026-04-01', false]);
    const then = judge('rsv', older, '2026-04-01');
    assert.ok(then.eligible && then.isOpen);
  });

  it('says that a season is over', () => {
    const found = judge('flu-2026', [patient('1940-01-01')], '2027-04-01');
    assert.ok(found.eligible && !found.isOpen);
  });
});

describe('eligibility: courses and intervals', () => {
  const child = [patient('2020-01-01'), condition('c', 'heart', '2020-01-01')];
  const older = patient('1950-01-01');

  /** Doses needed and had, and when the next is due. */
  function course(id: string, records: readonly Resource[], onDate = '2026-11-25') {
    const found = judge(id, records, onDate);
    return found.eligible ? [found.dosesNeeded, found.dosesHad, found.dueFrom] : undefined;
  }
  const flu = (...records: readonly Resource[]) => course('flu-2026', records);

  it('gives two influenza doses to children under 9 at risk who never had one', () => {
    assert.deepEqual(flu(...child), [2, 0, undefined]);
    assert.deepEqual(flu(...child, dose('a', '2026-10-01')), [2, 1, '2026-10-29']);
    const both = [dose('a', '2026-10-01'), dose('b', '2026-10-29')];
    assert.deepEqual(flu(...child, ...both), [2, 2, undefined]);
  });

  it('gives one to those who had one in an earlier season, or are not at risk', () => {
    assert.deepEqual(flu(...child, dose('a', '2024-10-01')), [1, 0, '2024-10-29']);
    assert.deepEqual(flu(patient('2020-01-01')), [1, 0, undefined]);
    assert.deepEqual(flu(...child, dose('a', '2026-08-31'))?.[0], 1);
    assert.deepEqual(flu(...child, dose('a', '2026-09-01'))?.[0], 2);
  });

  it('does not look at what comes after the day of asking', () => {
    const records = [...child, dose('a', '2026-10-01')];
    assert.deepEqual(course('flu-2026', records, '2026-09-15'), [2, 0, undefined]);
  });

  it('waits 91 days after a COVID-19 dose of whatever season', () => {
    const records = [older, dose('a', '2026-09-30', COVID)];
    assert.deepEqual(course('covid-autumn-2026', records), [1, 0, '2026-12-30']);
  });

  it('waits for nothing after a dose against something else', () => {
    const records = [older, dose('a', '2026-09-30', RSV)];
    assert.deepEqual(course('covid-autumn-2026', records), [1, 0, undefined]);
  });

  it('has one RSV dose in a lifetime', () => {
    assert.deepEqual(course('rsv', [older, dose('a', '2024-10-01', RSV)]), [1, 1, undefined]);
  });

  it('gives the second shingles dose sooner to people with immunosuppression', () => {
    const records = [older, dose('a', '2026-10-01', SHINGLES)];
    assert.deepEqual(course('shingles', records), [2, 1, '2027-04-01']);
    const weak = condition('c', 'immunosuppression', '2020');
    assert.deepEqual(course('shingles', [...records, weak]), [2, 1, '2026-11-26']);
  });

  it('gives a second MMR dose from 3 years and 4 months on', () => {
    const records = [patient('2023-07-25'), dose('a', '2024-08-01', MMR)];
    assert.deepEqual(course('mmr', records), [2, 1, '2024-08-29']);
    assert.deepEqual(course('mmr', records, '2026-11-24'), [1, 1, undefined]);
  });
});

describe('eligibility: words and evidence', () => {
  it('names the rule in words and the records it rests on', () => {
    const person = patient('1990-01-01', { meta: { source: 'urn:demographics' } });
    const meta = { source: 'urn:risk-feed' };
    const records = [person, condition('c', 'diabetes', '2015-01-01', { meta })];
    const found = judge('flu-2026', records, '2026-11-25');
    assert.ok(found.eligible);
    assert.equal(
      found.words,
      'Seasonal influenza vaccination 2026/27: Aged 18 to 64 and in a clinical risk group. ' +
        'Open from 2026-10-01 to 2027-03-31.',
    );
    assert.deepEqual(found.evidence, [
      {
        reference: 'Patient/p',
        source: 'urn:demographics',
        date: '1990-01-01',
        words: 'Born 1990-01-01',
      },
      {
        reference: 'Condition/c',
        source: 'urn:risk-feed',
        date: '2015-01-01',
        words: 'diabetes',
      },
    ]);
  });

  it('names all rules when none applies', () => {
    const found = judge('rsv', [patient('1990-01-01')], '2026-11-25');
    assert.ok(!found.eligible);
    assert.deepEqual(
      found.rules.map(({ code }) => code),
      ['age-75', 'age-80', 'care-home'],
    );
  });
});

describe('programmes', () => {
  it('have dates that exist, in order, and rules that can be told apart', () => {
    for (const { id, start, end, eligibility: rows, courses } of programmes) {
      assert.ok(end === undefined || start < end, id);
      assert.equal(courses.at(-1)?.when, undefined, `${id} has a course for everybody`);
      const seen = new Set(rows.map((row) => JSON.stringify(row)));
      assert.equal(seen.size, rows.length, id);
      for (const { opens } of rows) assert.ok(opens === undefined || opens >= start, id);
    }
  });
});
