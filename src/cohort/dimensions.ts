// By what a cohort can be broken down, as data: areas of every level of both trees, age bands, sex,
// ethnic category, deprivation; risk and priority groups, of which somebody may be in several.

import type { IndexEntry } from '../search/index-entry.ts';
import { AGE, AGE_OTHERS, HOME, PERSON, PRACTICE, priorityGroups, riskGroups } from './facets.ts';
import type { Places } from './places.ts';

/** One row of a breakdown. */
export interface Category {
  /** As strata are told apart: `E01000001`, `65-69`, `diabetes`. */
  readonly code: string;
  /** Of the code; absent where it is none of a code system. */
  readonly system?: string;
  readonly display?: string;
}

/** Everybody is in one category, by the code of one column. */
export interface CodeDimension {
  readonly kind: 'codes';
  readonly column: string;
  /** Of its codes, where all are of one code system. */
  readonly system?: string;
  /** The category of those with a value. */
  readonly categoryOf: (value: CodedValue, places: Places) => Category;
}

/** Whoever has the bitmap's bit is in its category. */
export interface BitDimension {
  readonly kind: 'bits';
  readonly categories: readonly (Category & { readonly bitmap: string })[];
}

export type Dimension = CodeDimension | BitDimension;

/** What a code of a column stands for. */
export interface CodedValue {
  readonly code: number;
  readonly entries: readonly IndexEntry[];
}

/** Those of whom it is not known. */
export const UNKNOWN: Category = { code: 'unknown', display: 'Not known' };

const OURS = 'https://openims.example/fhir/CodeSystem';
const AREAS = `${OURS}/area`;
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';

export const dimensions: Readonly<Record<string, Dimension>> = {
  'small-area': home('small-area'),
  district: home('district'),
  'residence-sub-icb': home('sub-icb'),
  'residence-icb': home('icb'),
  'residence-region': home('region'),
  practice: practice('practice'),
  pcn: practice('pcn'),
  'sub-icb': practice('sub-icb'),
  icb: practice('icb'),
  region: practice('region'),
  'age-band': { kind: 'codes', column: AGE, categoryOf: ({ code }) => ageBand(code) },
  sex: person('gender', 'http://hl7.org/fhir/administrative-gender'),
  'ethnic-category': person('ethnic-category'),
  deprivation: person('deprivation-decile'),
  'risk-group': groups('risk-group', riskGroups),
  'priority-group': groups('priority-group', priorityGroups),
};

function home(level: string): Dimension {
  return areas(HOME, 'residence', level, AREAS);
}

function practice(level: string): Dimension {
  return areas(PRACTICE, 'general-practitioner', level, ODS);
}

/** The area of a level that a reference of the value leads to. */
function areas(column: string, parameter: string, level: string, system: string): Dimension {
  const categoryOf = ({ entries }: CodedValue, places: Places): Category => {
    for (const entry of entries) {
      if (entry.kind !== 'reference' || entry.parameter !== parameter) continue;
      const area = places.areaOf(entry.target, level);
      if (area !== undefined) return { code: area.id, system, display: area.name };
    }
    return UNKNOWN;
  };
  return { kind: 'codes', column, system, categoryOf };
}

/** The first token under a parameter of Patient. */
function person(parameter: string, system?: string): Dimension {
  const categoryOf = ({ entries }: CodedValue): Category => {
    const token = entries.find((entry) => entry.parameter === parameter);
    if (token?.kind !== 'token' || token.code === '') return UNKNOWN;
    const { code } = token;
    const known = token.system === '' ? system : token.system;
    return known === undefined ? { code } : { code, system: known };
  };
  return { kind: 'codes', column: PERSON, categoryOf };
}

function groups(parameter: string, codes: readonly string[]): Dimension {
  const system = `${OURS}/${parameter}`;
  return {
    kind: 'bits',
    categories: codes.map((code) => ({ code, system, bitmap: `${parameter}=${code}` })),
  };
}

const BAND_YEARS = 5;
const LAST_BAND = 90;

/** Five years each, the oldest together. */
function ageBand(code: number): Category {
  if (code === 0 || code >= AGE_OTHERS) return UNKNOWN;
  const years = code - 1;
  if (years >= LAST_BAND) return { code: `${LAST_BAND}+`, display: `${LAST_BAND} and over` };
  const from = years - (years % BAND_YEARS);
  const band = `${String(from).padStart(2, '0')}-${String(from + BAND_YEARS - 1).padStart(2, '0')}`;
  return { code: band, display: `${from} to ${from + BAND_YEARS - 1}` };
}
