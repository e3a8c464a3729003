// Programmes of adults without a season: RSV, shingles, pneumococcal disease, and those of
// pregnancy. GOV.UK: RSV, 2 February 2026; shingles, from 1 September 2023; Green Book.

import { type EligibilityRule, type Programme, SAME_DAY } from '../programme.ts';
import { diseases } from '../target-diseases.ts';

/** Rules of the RSV programme for older adults, the oldest first. */
const rsvRules: readonly EligibilityRule[] = [
  {
    code: 'age-75',
    display: 'Aged 75 to 79',
    when: { kind: 'age', on: 'asking', from: { years: 75 }, below: { years: 80 } },
  },
  {
    code: 'age-80',
    display: 'Aged 80 or over',
    opens: '2026-04-01',
    when: { kind: 'age', on: 'asking', from: { years: 80 } },
  },
  {
    code: 'care-home',
    display: 'Resident of a care home for older adults',
    opens: '2026-04-01',
    when: { kind: 'group', anyOf: ['care-home-resident'] },
  },
];

const rsv: Programme = {
  id: 'rsv',
  title: 'RSV vaccination of older adults',
  diseases: [diseases.rsv],
  services: ['RSV'],
  start: '2024-09-01',
  counts: 'lifetime',
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: rsvRules,
  source: 'GOV.UK, RSV vaccination programme, 2 February 2026',
};

const rsvPregnancy: Programme = {
  id: 'rsv-pregnancy',
  title: 'RSV vaccination in pregnancy',
  diseases: [diseases.rsv],
  services: ['RSV'],
  start: '2024-09-01',
  counts: 'pregnancy',
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'pregnant-28',
      display: 'Pregnant, 28 weeks or more',
      when: { kind: 'pregnant', fromWeek: 28 },
    },
  ],
  source: 'GOV.UK, RSV vaccination programme, 2 February 2026',
};

const pertussis: Programme = {
  id: 'pertussis-pregnancy',
  title: 'Whooping cough vaccination in pregnancy',
  diseases: [diseases.pertussis],
  services: ['PERTUSSIS'],
  start: '2012-10-01',
  counts: 'pregnancy',
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'pregnant-16',
      display: 'Pregnant, 16 weeks or more',
      when: { kind: 'pregnant', fromWeek: 16 },
    },
  ],
  source: 'Green Book, chapter 24: from 16 weeks, best before 32',
};

const shingles: Programme = {
  id: 'shingles',
  title: 'Shingles vaccination',
  diseases: [diseases.shingles],
  services: ['SHINGLES'],
  start: '2023-09-01',
  counts: 'lifetime',
  minimumIntervalDays: 56,
  duplicates: SAME_DAY,
  courses: [
    { when: { kind: 'risk', anyOf: ['immunosuppression'] }, doses: 2 },
    { doses: 2, dueAfterDays: 182 },
  ],
  eligibility: [
    {
      code: 'immunosuppressed',
      display: 'Aged 50 or over with severe immunosuppression',
      when: {
        kind: 'all',
        of: [
          { kind: 'age', on: 'asking', from: { years: 50 } },
          { kind: 'risk', anyOf: ['immunosuppression'] },
        ],
      },
    },
    {
      code: 'turned-65',
      display: 'Turned 65 on or after 1 September 2023',
      when: {
        kind: 'all',
        of: [
          { kind: 'born', from: '1958-09-01' },
          { kind: 'age', on: 'asking', from: { years: 65 } },
        ],
      },
    },
    {
      code: 'age-70',
      display: 'Aged 70 to 79',
      when: { kind: 'age', on: 'asking', from: { years: 70 }, below: { years: 80 } },
    },
  ],
  source: 'GOV.UK, shingles vaccination programme, from 1 September 2023',
};

const pneumococcal: Programme = {
  id: 'pneumococcal',
  title: 'Pneumococcal vaccination of adults and people at risk',
  diseases: [diseases.pneumococcal],
  services: ['PNEUMOCOCCAL'],
  start: '2003-08-01',
  counts: { fromAge: { years: 2 } },
  minimumIntervalDays: 56,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'age-65',
      display: 'Aged 65 or over',
      when: { kind: 'age', on: 'asking', from: { years: 65 } },
    },
    {
      code: 'at-risk',
      display: 'Aged 2 or over and in a clinical risk group',
      when: {
        kind: 'all',
        of: [
          { kind: 'age', on: 'asking', from: { years: 2 } },
          {
            kind: 'risk',
            anyOf: [
              'respiratory',
              'heart',
              'kidney',
              'liver',
              'diabetes',
              'immunosuppression',
              'asplenia',
            ],
          },
        ],
      },
    },
  ],
  source: 'Green Book, chapter 25',
};

export const adultProgrammes: readonly Programme[] = [
  rsv,
  rsvPregnancy,
  shingles,
  pneumococcal,
  pertussis,
];
