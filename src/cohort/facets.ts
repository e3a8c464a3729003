// What the cohort index knows of every person, as data: which searches on Patient have a bitmap,
// which search parameters share a code column, which are days. plan.ts answers clauses from them,
// person-values.ts fills them. Adding a facet is adding a row.

import { derivedParameters } from '../search/patient-aliases.ts';
import type { EngineLayout } from './engine/cohort-engine.ts';

/** A whole search on Patient that is one bit a person. */
export interface BitFacet {
  readonly name: string;
  /** As it would be asked: `risk-group=diabetes`. */
  readonly search: string;
}

/** Search parameters of Patient whose values, all together, are one code a person. Any clause on
 * them is answered: they must have few values between them (65,535). */
export interface CodeFacet {
  readonly column: string;
  readonly parameters: readonly string[];
}

/** A date parameter of Patient, by day. */
export interface DayFacet {
  readonly column: string;
  readonly parameter: string;
}

const OURS = 'https://openims.example/fhir/CodeSystem';
const SNOMED = 'http://snomed.info/sct';

/** The clinical risk groups of the Green Book (profiles/codesystems/risk-group.json). */
export const riskGroups = [
  'respiratory',
  'heart',
  'kidney',
  'liver',
  'neurological',
  'learning-disability',
  'diabetes',
  'immunosuppression',
  'asplenia',
  'obesity',
  'severe-mental-illness',
  'pregnancy',
] as const;

/** Codes of Flag (profiles/codesystems/priority-group.json). */
export const priorityGroups = [
  'nhs-staff',
  'social-care-worker',
  'unpaid-carer',
  'care-home-resident',
  'shielded',
] as const;

/** Diagnoses that are asked for by themselves: the commonest of each risk group (SNOMED CT). */
const diagnoses = [
  '195967001',
  '13645005',
  '53741008',
  '84114007',
  '433144002',
  '328383001',
  '230690007',
  '24700007',
  '110359009',
  '46635009',
  '44054006',
  '370388006',
  '38096003',
  '408512008',
  '58214004',
  '13746004',
  '77386006',
] as const;

export const bitFacets: readonly BitFacet[] = [
  facet('deceased=true'),
  facet('registered=true'),
  facet('sensitive=true'),
  facet('opted-out=true'),
  facet('phone:missing=false'),
  facet('email:missing=false'),
  facet('address:missing=false'),
  ...riskGroups.map((code) => facet(`risk-group=${code}`)),
  ...priorityGroups.map((code) => facet(`priority-group=${code}`)),
  ...priorityGroups.map((code) => facet(`_has:Flag:patient:code=${OURS}/priority-group|${code}`)),
  ...diagnoses.map((code) => facet(`_has:Condition:patient:code=${SNOMED}|${code}`)),
];

/** What is known of the person alone: some thousand combinations. */
export const PERSON = 'person';
/** Where the person lives. */
export const HOME = 'home';
/** Where the person is registered. */
export const PRACTICE = 'practice';
/** The day of birth. */
export const BIRTH = 'birthdate';
/** The first code of AGE that is no age. */
export const AGE_OTHERS = 200;

/**
 * Age in whole years plus one; and by code those whose date of birth is no day of BIRTH: a year
 * alone, a month, none, or one out of its range. It moves at midnight.
 */
export const AGE = 'age';

export const codeFacets: readonly CodeFacet[] = [
  {
    column: PERSON,
    parameters: [
      'gender',
      'ethnic-category',
      'deprivation-decile',
      'active',
      'deceased',
      'sensitive',
      // Nothing ever stands beside these; `:missing` asks.
      'gender:text',
      'active:text',
      'deceased:text',
      'sensitive:text',
    ],
  },
  { column: HOME, parameters: ['small-area', 'residence', 'residence:identifier'] },
  { column: PRACTICE, parameters: ['general-practitioner', 'general-practitioner:identifier'] },
];

export const dayFacets: readonly DayFacet[] = [{ column: BIRTH, parameter: 'birthdate' }];

/** Types that Patient's code facets refer to: chains to them are answered by what is known of
 * places (places.ts). */
export const placeTypes = ['Organization', 'Location'] as const;

/** Records about a person, and the reference by which they are found. The programme's rules read
 * all of them. */
export const recordTypes: Readonly<Record<string, string>> = {
  Condition: 'patient',
  Flag: 'patient',
  Consent: 'patient',
  Immunization: 'patient',
  Communication: 'subject',
  Appointment: 'patient',
};

/** The column of a derived parameter for one programme. */
export function programmeColumn(programme: string, parameter: string): string {
  return `${programme}/${parameter}`;
}

/** Whether a column is a derived parameter's for that programme. */
export function isColumnOf(programme: string, column: string): boolean {
  return column.startsWith(programmeColumn(programme, ''));
}

/** What the engine holds. @param programmes those that are loaded @param maxRows people at most */
export function engineLayout(programmes: readonly string[], maxRows: number): EngineLayout {
  const columns = (parameters: readonly string[]) =>
    programmes.flatMap((programme) =>
      parameters.map((parameter) => programmeColumn(programme, parameter)),
    );
  return {
    bitmaps: [...bitFacets.map(({ name }) => name), ...columns(derivedParameters.flags)],
    days: [...dayFacets.map(({ column }) => column), ...columns(derivedParameters.days)],
    counts: columns(derivedParameters.counts),
    codes: [...codeFacets.map(({ column }) => column), AGE],
    maxRows,
  };
}

function facet(search: string): BitFacet {
  return { name: search, search };
}
