// Generated searches on Patient over the values that a synthetic nation has: clauses that facets
// answer, clauses that the store alone answers, and what joins them.

import type { Resource } from '../../src/fhir/types.ts';
import { type NationOptions, nation } from '../../src/population/nation.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The nation that searches are about. */
export const cohortNation = { people: 60, seed: 11, date: '2026-11-25' } as const;

/** Values to ask for, by kind. */
export interface NationValues {
  readonly patients: readonly Resource[];
  readonly practices: readonly string[];
  readonly smallAreas: readonly string[];
  readonly organizations: readonly string[];
  readonly locations: readonly string[];
}

/** What there is in the nation. */
export function nationValues(options: NationOptions = cohortNation): NationValues {
  const patients: Resource[] = [];
  const organizations: string[] = [];
  const locations: string[] = [];
  for (const resource of nation(options)) {
    if (resource.resourceType === 'Patient') patients.push(resource);
    if (resource.resourceType === 'Organization') organizations.push(String(resource.id));
    if (resource.resourceType === 'Location') locations.push(String(resource.id));
  }
  const practices = patients.flatMap(({ generalPractitioner }) => {
    const [first] = (generalPractitioner ?? []) as { readonly reference: string }[];
    return first === undefined ? [] : [first.reference];
  });
  const smallAreas = patients.flatMap(({ extension }) => {
    const found = (extension as { readonly url: string; readonly valueCoding?: Resource }[]).find(
      ({ url }) => url.endsWith('/small-area'),
    );
    return found?.valueCoding === undefined ? [] : [String(found.valueCoding.code)];
  });
  return { patients, practices, smallAreas, organizations, locations };
}

const OURS = 'https://openims.example/fhir/CodeSystem';
const SNOMED = 'http://snomed.info/sct';

type Clause = (random: SeededRandom, values: NationValues) => string;

const day = (random: SeededRandom) => {
  const pad = (number: number) => String(number).padStart(2, '0');
  const year = 1930 + random.below(97);
  if (random.chance(0.2)) return String(year);
  if (random.chance(0.2)) return `${year}-${pad(1 + random.below(12))}`;
  return `${year}-${pad(1 + random.below(12))}-${pad(1 + random.below(28))}`;
};

const prefix = (random: SeededRandom) =>
  random.pick(['', 'ge', 'le', 'gt', 'lt', 'ne', 'sa', 'eb', 'eq']);

const list = (random: SeededRandom, make: () => string) => random.list(1, 3, make).join(',');

const flu = (random: SeededRandom) => random.pick(['flu-2026', 'flu-2026', 'flu-2025']);

const riskGroups = [
  'respiratory',
  'heart',
  'diabetes',
  'immunosuppression',
  'pregnancy',
  'obesity',
];
const priorityGroups = ['nhs-staff', 'social-care-worker', 'unpaid-carer', 'care-home-resident'];
const yes = (random: SeededRandom) => random.pick(['true', 'false']);

/** Clauses that facets answer where all their programmes are loaded. */
const facetClauses: readonly Clause[] = [
  (random) => `birthdate=${list(random, () => prefix(random) + day(random))}`,
  (random) => `birthdate:missing=${yes(random)}`,
  (random) => `gender=${list(random, () => random.pick(['male', 'female', 'other', 'unknown']))}`,
  (random) => `gender:not=${random.pick(['male', 'female'])}`,
  (random) => `gender:missing=${yes(random)}`,
  (random) => `ethnic-category=${list(random, () => random.pick([...'ABCDGHJKLMNPRSZ']))}`,
  (random) => `deprivation-decile=${list(random, () => String(1 + random.below(10)))}`,
  (random) => `active=${yes(random)}`,
  (random) => `deceased=${yes(random)}`,
  (random) => `registered=${yes(random)}`,
  (random) => `sensitive=${yes(random)}`,
  (random) => `opted-out=${yes(random)}`,
  (random) => `${random.pick(['phone', 'email', 'address'])}:missing=${yes(random)}`,
  (random) => `risk-group=${list(random, () => random.pick(riskGroups))}`,
  (random) => `priority-group=${list(random, () => random.pick(priorityGroups))}`,
  (random) => {
    const code = random.pick(['195967001', '44054006', '38096003', '84114007']);
    return `_has:Condition:patient:code=${SNOMED}|${code}`;
  },
  (random) => `_has:Flag:patient:code=${OURS}/priority-group|${random.pick(priorityGroups)}`,
  (random, { smallAreas }) => `small-area=${list(random, () => random.pick(smallAreas))}`,
  (random, { practices }) => `general-practitioner=${list(random, () => random.pick(practices))}`,
  (random, { organizations }) =>
    `general-practitioner:below=Organization/${random.pick(organizations)}`,
  (random, { organizations }) => `icb=${list(random, () => random.pick(organizations))}`,
  (random, { locations }) => `district=${list(random, () => random.pick(locations))}`,
  (random, { locations }) => `residence:below=Location/${random.pick(locations)}`,
  (random) => `general-practitioner.name=${random.pick(['Orchard', 'Meadow', 'The', 'S'])}`,
  (random) => `general-practitioner:missing=${yes(random)}`,
  (random) => `vaccination-doses=flu-2026$${prefix(random)}${random.below(3)}`,
  (random) => `vaccination-date=flu-2026$${prefix(random)}2026-1${random.below(2)}`,
  () => 'vaccination-invited=flu-2026',
  (random) => `vaccination-invitation-date=flu-2026$${prefix(random)}2026-09-2${random.below(9)}`,
];

/** Clauses that the store answers, wholly or in part. */
const storeClauses: readonly Clause[] = [
  (random, { patients }) => `_id=${list(random, () => String(random.pick(patients).id))}`,
  (random) => `family=${random.pick(['a', 'b', 's', 'd'])}`,
  (random) => `family:contains=${random.pick(['an', 'er', 'o'])}`,
  (random) => `address-postalcode=${random.pick(['S', 'W', 'N', 'L'])}`,
  (random) => `_lastUpdated=${random.pick(['ge', 'lt'])}2026-11-25T10:00:00Z`,
  (random) => `_has:Immunization:patient:date=${prefix(random)}20${10 + random.below(17)}-11`,
  (random) => `_has:Communication:subject:sent=${prefix(random)}2026-10`,
  (random) => `_has:Condition:patient:onset-date=lt20${10 + random.below(17)}`,
  (random) => `vaccination-doses=${flu(random)}$ge${random.below(3)}`,
  (random) => `vaccination-invited=${flu(random)},flu-2026`,
  (random) => {
    const way = random.pick(['and', 'or']);
    return `_filter=gender eq "male" ${way} not (birthdate lt ${1940 + random.below(80)})`;
  },
  () => `_filter=(birthdate ge 2000 and family sw "s") or gender eq "female"`,
];

/** A search of one to four clauses. */
export function makeCohortSearch(random: SeededRandom, values: NationValues): string {
  const clauses = random.list(1, 4, () => {
    return random.pick(random.chance(0.25) ? storeClauses : facetClauses)(random, values);
  });
  return clauses
    .map((clause) => {
      const [name = '', ...rest] = clause.split('=');
      return `${name}=${encodeURIComponent(rest.join('='))}`;
    })
    .join('&');
}
