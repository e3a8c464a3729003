// Seasonal influenza, season by season. National flu immunisation programme plan, GOV.UK, 2025 to
// 2026; what is said of later seasons is assumed to stay. Household contacts of people with
// immunosuppression are offered it too, but no feed tells who they are.

import { type Programme, SAME_DAY } from '../programme.ts';
import { diseases } from '../target-diseases.ts';

/** What differs between seasons. */
interface Season {
  /** Whose 1 September it starts on. */
  readonly year: number;
  /** When adults are offered it who are not pregnant: `10-01`. */
  readonly adultsFrom: string;
  readonly source: string;
}

const seasons: readonly Season[] = [
  { year: 2024, adultsFrom: '10-03', source: 'Annual flu letter 2024 to 2025, GOV.UK' },
  { year: 2025, adultsFrom: '10-01', source: 'Annual flu letter 2025 to 2026, GOV.UK' },
  { year: 2026, adultsFrom: '10-01', source: 'As in 2025 to 2026' },
];

export const fluProgrammes: readonly Programme[] = seasons.map(fluProgramme);

function fluProgramme({ year, adultsFrom, source }: Season): Programme {
  const opens = `${year}-${adultsFrom}`;
  const august = `${year}-08-31`;
  const march = `${year + 1}-03-31`;
  return {
    id: `flu-${year}`,
    title: `Seasonal influenza vaccination ${year}/${String(year + 1).slice(2)}`,
    diseases: [diseases.influenza],
    services: ['FLU'],
    start: `${year}-09-01`,
    end: march,
    minimumIntervalDays: 28,
    duplicates: SAME_DAY,
    courses: [
      {
        when: {
          kind: 'all',
          of: [
            { kind: 'age', on: 'asking', below: { years: 9 } },
            { kind: 'risk' },
            { kind: 'never-vaccinated' },
          ],
        },
        doses: 2,
      },
      { doses: 1 },
    ],
    eligibility: [
      { code: 'pregnant', display: 'Pregnant', when: { kind: 'pregnant' } },
      {
        code: 'age-2-3',
        display: `Aged 2 or 3 on ${august}`,
        when: { kind: 'age', on: august, from: { years: 2 }, below: { years: 4 } },
      },
      {
        code: 'school',
        display: 'Of school age, Reception to Year 11',
        when: { kind: 'age', on: august, from: { years: 4 }, below: { years: 16 } },
      },
      {
        code: 'child-at-risk',
        display: 'Aged 6 months to 17 and in a clinical risk group',
        when: {
          kind: 'all',
          of: [
            { kind: 'age', on: 'asking', from: { months: 6 }, below: { years: 18 } },
            { kind: 'risk' },
          ],
        },
      },
      {
        code: 'age-65',
        display: `Aged 65 or over on ${march}`,
        opens,
        when: { kind: 'age', on: march, from: { years: 65 } },
      },
      {
        code: 'at-risk',
        display: 'Aged 18 to 64 and in a clinical risk group',
        opens,
        when: {
          kind: 'all',
          of: [{ kind: 'age', on: 'asking', from: { years: 18 } }, { kind: 'risk' }],
        },
      },
      {
        code: 'care-home',
        display: 'Resident of a care home',
        opens,
        when: { kind: 'group', anyOf: ['care-home-resident'] },
      },
      {
        code: 'carer',
        display: 'Carer',
        opens,
        when: { kind: 'group', anyOf: ['unpaid-carer'] },
      },
      {
        code: 'social-care',
        display: 'Frontline social care worker',
        opens,
        when: { kind: 'group', anyOf: ['social-care-worker'] },
      },
      {
        code: 'nhs-staff',
        display: 'Frontline health care worker, through the employer',
        opens,
        when: { kind: 'group', anyOf: ['nhs-staff'] },
      },
    ],
    source,
  };
}
