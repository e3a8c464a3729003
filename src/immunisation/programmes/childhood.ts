// Programmes of children and young people: MMR, and those of schools. Complete routine immunisation
// schedule, GOV.UK; Green Book, chapters 18a, 21, 22 and 26.

import { type Programme, SAME_DAY } from '../programme.ts';
import { diseases } from '../target-diseases.ts';

/** MMR or MMRV. A second dose is due at 3 years and 4 months at the latest. */
const mmr: Programme = {
  id: 'mmr',
  title: 'Measles, mumps and rubella vaccination',
  diseases: [diseases.measles, diseases.mumps, diseases.rubella],
  services: ['MMR', 'MMRV'],
  start: '1988-10-01',
  counts: { fromAge: { years: 1 } },
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ when: { kind: 'age', on: 'asking', from: { months: 40 } }, doses: 2 }, { doses: 1 }],
  eligibility: [
    {
      code: 'age-1',
      display: 'Aged 1 or over, born since 1970',
      when: {
        kind: 'all',
        of: [
          { kind: 'born', from: '1970-01-01' },
          { kind: 'age', on: 'asking', from: { years: 1 } },
        ],
      },
    },
  ],
  source: 'Green Book, chapter 21',
};

/** From school year 8, those aged 12 on 31 August before it. */
const hpv: Programme = {
  id: 'hpv',
  title: 'HPV vaccination',
  diseases: [diseases.hpv],
  services: ['HPV'],
  start: '2008-09-01',
  counts: 'lifetime',
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'girls',
      display: 'Girls and women from school year 8 to the age of 24',
      when: {
        kind: 'all',
        of: [
          { kind: 'gender', is: 'female' },
          { kind: 'age', on: 'school-year', from: { years: 12 } },
          { kind: 'age', on: 'asking', below: { years: 25 } },
        ],
      },
    },
    {
      code: 'boys',
      display: 'Boys and men from school year 8 to the age of 24, born since 1 September 2006',
      when: {
        kind: 'all',
        of: [
          { kind: 'gender', is: 'male' },
          { kind: 'born', from: '2006-09-01' },
          { kind: 'age', on: 'school-year', from: { years: 12 } },
          { kind: 'age', on: 'asking', below: { years: 25 } },
        ],
      },
    },
  ],
  source: 'Green Book, chapter 18a: one dose since September 2023',
};

/** School year 9: doses had from the age of 10 count. */
const tetanus: Programme = {
  id: 'td-ipv',
  title: 'Tetanus, diphtheria and polio vaccination of teenagers',
  diseases: [diseases.tetanus, diseases.diphtheria, diseases.polio],
  services: ['3IN1'],
  start: '2004-09-01',
  counts: { fromAge: { years: 10 } },
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'year-9',
      display: 'From school year 9 to the age of 24',
      when: {
        kind: 'all',
        of: [
          { kind: 'age', on: 'school-year', from: { years: 13 } },
          { kind: 'age', on: 'asking', below: { years: 25 } },
        ],
      },
    },
  ],
  source: 'Green Book, chapter 26',
};

const menAcwy: Programme = {
  id: 'menacwy',
  title: 'Meningitis ACWY vaccination of teenagers',
  diseases: [diseases.meningococcal],
  services: ['MENACWY'],
  start: '2015-08-01',
  counts: { fromAge: { years: 10 } },
  minimumIntervalDays: 28,
  duplicates: SAME_DAY,
  courses: [{ doses: 1 }],
  eligibility: [
    {
      code: 'year-9',
      display: 'From school year 9 to the age of 24',
      when: {
        kind: 'all',
        of: [
          { kind: 'age', on: 'school-year', from: { years: 13 } },
          { kind: 'age', on: 'asking', below: { years: 25 } },
        ],
      },
    },
  ],
  source: 'Green Book, chapter 22',
};

export const childhoodProgrammes: readonly Programme[] = [mmr, hpv, tetanus, menAcwy];
