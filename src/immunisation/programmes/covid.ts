// COVID-19: the first course by JCVI's priority groups, and the seasonal campaigns since. Groups
// and opening dates as OpenSAFELY's post-covid-vaccinated has them (vax_jcvi_groups.csv,
// vax_eligible_dates.csv); seasonal campaigns: GOV.UK, 15 December 2025.

import type { Day } from '../days.ts';
import { type Criterion, type EligibilityRule, type Programme, SAME_DAY } from '../programme.ts';
import { diseases } from '../target-diseases.ts';

/** Ages of groups 1 to 9 and of groups 10 to 12 are looked at on these days. */
const PHASE_ONE = '2021-03-31';
const PHASE_TWO = '2021-07-01';

const adult: Criterion = { kind: 'age', on: PHASE_ONE, from: { years: 16 } };

const health: readonly EligibilityRule[] = [
  {
    code: '01',
    display: 'Resident of a care home for older adults',
    opens: '2020-12-08',
    when: { kind: 'group', anyOf: ['care-home-resident'] },
  },
  {
    code: '02',
    display: 'Aged 80 or over, or frontline health or social care worker',
    opens: '2020-12-08',
    when: {
      kind: 'any',
      of: [
        { kind: 'age', on: PHASE_ONE, from: { years: 80 } },
        { kind: 'group', anyOf: ['nhs-staff', 'social-care-worker'] },
      ],
    },
  },
  aged('03', 75, '2021-01-18'),
  {
    code: '04',
    display: 'Aged 70 to 74, or clinically extremely vulnerable',
    opens: '2021-01-18',
    when: {
      kind: 'any',
      of: [
        { kind: 'age', on: PHASE_ONE, from: { years: 70 } },
        {
          kind: 'all',
          of: [
            adult,
            { kind: 'group', anyOf: ['shielded'] },
            { kind: 'not', of: { kind: 'pregnant' } },
          ],
        },
      ],
    },
  },
  aged('05', 65, '2021-02-15'),
  {
    code: '06',
    display: 'Aged 16 to 64 and in a clinical risk group, or a carer',
    opens: '2021-02-15',
    when: {
      kind: 'all',
      of: [
        adult,
        { kind: 'any', of: [{ kind: 'risk' }, { kind: 'group', anyOf: ['unpaid-carer'] }] },
      ],
    },
  },
];

/** Groups by age alone: group, from which age, opening. Of one group older people came first. */
const ages: readonly (readonly [group: string, from: number, opens: Day])[] = [
  ['07', 64, '2021-02-22'],
  ['07', 60, '2021-03-01'],
  ['08', 56, '2021-03-08'],
  ['08', 55, '2021-03-09'],
  ['09', 50, '2021-03-19'],
  ['10', 45, '2021-04-13'],
  ['10', 44, '2021-04-26'],
  ['10', 42, '2021-04-27'],
  ['10', 40, '2021-04-30'],
  ['11', 38, '2021-05-13'],
  ['11', 36, '2021-05-19'],
  ['11', 34, '2021-05-21'],
  ['11', 32, '2021-05-25'],
  ['11', 30, '2021-05-26'],
  ['12', 25, '2021-06-08'],
  ['12', 23, '2021-06-15'],
  ['12', 21, '2021-06-16'],
  ['12', 18, '2021-06-18'],
];

function aged(code: string, from: number, opens: Day): EligibilityRule {
  const on = Number(code) < 10 ? PHASE_ONE : PHASE_TWO;
  const display = `Aged ${from} or over on ${on}`;
  return { code, display, opens, when: { kind: 'age', on, from: { years: from } } };
}

const firstCourse: Programme = {
  id: 'covid-2020',
  title: 'COVID-19 vaccination, first course',
  diseases: [diseases.covid],
  services: ['COVID'],
  start: '2020-12-08',
  end: '2021-09-19',
  minimumIntervalDays: 21,
  duplicates: SAME_DAY,
  courses: [{ doses: 2, dueAfterDays: 56 }],
  eligibility: [...health, ...ages.map(([code, from, opens]) => aged(code, from, opens))],
  source: 'JCVI, priority groups of phase 1 and 2',
};

/** What differs between seasonal campaigns. */
interface Season {
  /** `autumn-2026`: of the id. */
  readonly label: string;
  readonly title: string;
  readonly start: Day;
  /** Ages are looked at on it. */
  readonly end: Day;
  readonly source: string;
}

const GOV_UK = 'GOV.UK, COVID-19 vaccination programme, 15 December 2025';

const seasons: readonly Season[] = [
  {
    label: 'spring-2025',
    title: 'spring 2025',
    start: '2025-04-01',
    end: '2025-06-17',
    source: GOV_UK,
  },
  {
    label: 'autumn-2025',
    title: 'autumn 2025',
    start: '2025-10-01',
    end: '2026-01-31',
    source: GOV_UK,
  },
  {
    label: 'spring-2026',
    title: 'spring 2026',
    start: '2026-04-13',
    end: '2026-06-30',
    source: GOV_UK,
  },
  {
    label: 'autumn-2026',
    title: 'autumn 2026',
    start: '2026-10-01',
    end: '2027-01-31',
    source: 'As in autumn 2025',
  },
];

function seasonal({ label, title, start, end, source }: Season): Programme {
  return {
    id: `covid-${label}`,
    title: `COVID-19 vaccination, ${title}`,
    diseases: [diseases.covid],
    services: ['COVID'],
    start,
    end,
    minimumIntervalDays: 91,
    duplicates: SAME_DAY,
    courses: [{ doses: 1 }],
    eligibility: [
      {
        code: 'age-75',
        display: `Aged 75 or over on ${end}`,
        when: { kind: 'age', on: end, from: { years: 75 } },
      },
      {
        code: 'care-home',
        display: 'Resident of a care home for older adults',
        when: { kind: 'group', anyOf: ['care-home-resident'] },
      },
      {
        code: 'immunosuppressed',
        display: 'Aged 6 months or over with immunosuppression',
        when: {
          kind: 'all',
          of: [
            { kind: 'age', on: 'asking', from: { months: 6 } },
            { kind: 'risk', anyOf: ['immunosuppression'] },
          ],
        },
      },
    ],
    source,
  };
}

export const covidProgrammes: readonly Programme[] = [firstCourse, ...seasons.map(seasonal)];
