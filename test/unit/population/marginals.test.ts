// The nation's marginals against the tables it is made from, and against published figures. One
// nation of 20,000 people with a fixed seed; each tolerance is some three standard errors of such a
// sample, households counted, and is stated beside the figure.

import assert from 'node:assert/strict';
import type { Resource } from '../../../src/fhir/types.ts';
import { ageOn, dayOf, dayOfDate } from '../../../src/population/calendar.ts';
import { nation, nationPeople } from '../../../src/population/nation.ts';
import type { Person } from '../../../src/population/person.ts';
import { ageBands } from '../../../src/population/tables/age-and-sex.ts';
import { ethnicSharesByRegion } from '../../../src/population/tables/ethnicity.ts';
import { contactRoutes, deathShares } from '../../../src/population/tables/feeds.ts';
import {
  priorityGroups,
  riskAgeBands,
  risks,
} from '../../../src/population/tables/health-risks.ts';
import {
  childhoodUptake,
  covidFirstDoses,
  fluUptake,
  schoolUptake,
} from '../../../src/population/tables/uptake.ts';

const options = { people: 20_000, seed: 42, date: '2026-11-22' } as const;
const today = dayOf(2026, 11, 22);

/** A person and what the records say of them. */
interface Known {
  readonly person: Person;
  readonly age: number;
  readonly isAlive: boolean;
  readonly conditions: Set<string>;
  readonly flags: Set<string>;
  /** `FLU 2025-10-05` of completed doses. */
  readonly doses: string[];
  mobile: boolean;
  invited: number;
}

describe('marginals of the nation', function () {
  this.timeout(120_000);
  const known = new Map<string, Known>();
  const everyone: Known[] = [];
  before(() => {
    for (const person of nationPeople(options)) {
      const isAlive = person.death === undefined && person.removed === undefined;
      const age = ageOn(person.birth, today);
      const sets = { conditions: new Set<string>(), flags: new Set<string>(), doses: [] };
      const entry: Known = { person, age, isAlive, ...sets, mobile: false, invited: 0 };
      known.set(`Patient/${person.id}`, entry);
      everyone.push(entry);
    }
    for (const resource of nation(options)) note(resource, known);
  });

  it('age and sex: each band within 0.7 points of the table', () => {
    const total = ageBands.reduce((sum, band) => sum + band.male + band.female, 0);
    for (const band of ageBands) {
      for (const sex of ['male', 'female'] as const) {
        const members = everyone.filter(
          ({ age, person }) => age >= band.first && age <= band.last && person.sex === sex,
        );
        const label = `${sex} ${band.first}-${band.last}`;
        near(members.length / everyone.length, band[sex] / total, 0.007, label);
      }
    }
  });

  it('ethnicity by region: each category within 3 points, White British within 5', () => {
    for (const [region, shares] of Object.entries(ethnicSharesByRegion)) {
      const members = everyone.filter(({ person }) => regionOf(person) === region);
      const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
      for (const [category, share] of Object.entries(shares)) {
        const count = members.filter(({ person }) => person.ethnicity === category).length;
        const tolerance = category === 'A' ? 0.05 : 0.03;
        near(count / members.length, share / total, tolerance, `${category} in ${region}`);
      }
    }
  });

  it('risks by age: each within four standard errors of the table', () => {
    for (const { code, display, shares } of risks) {
      for (const [index, from] of riskAgeBands.entries()) {
        const below = riskAgeBands[index + 1] ?? 200;
        const members = everyone.filter((one) => one.age >= from && one.age < below && one.isAlive);
        const count = members.filter(({ conditions }) => conditions.has(code)).length;
        const wanted = (shares[index] ?? 0) / 100;
        const tolerance = 4 * standardError(wanted, members.length) + 0.0005;
        near(count / members.length, wanted, tolerance, `${display} from ${from}`);
      }
    }
  });

  it('priority groups: NHS staff, social care and carers within a point of the table', () => {
    const adults = everyone.filter(({ age, isAlive }) => age >= 40 && age < 65 && isAlive);
    for (const group of ['staff', 'socialCare', 'carer'] as const) {
      const { code, shares } = priorityGroups[group];
      const wanted = (shares.findLast(([from]) => from <= 40)?.[1] ?? 0) / 100;
      const count = adults.filter(({ flags }) => flags.has(code)).length;
      near(count / adults.length, wanted, 0.01, code);
    }
  });

  it('contact routes: mobile numbers within 3 points of the table', () => {
    for (const [index, row] of contactRoutes.entries()) {
      if (row.ageFrom < 13) continue;
      const below = contactRoutes[index + 1]?.ageFrom ?? 200;
      const members = everyone.filter(({ age }) => age >= row.ageFrom && age < below);
      const count = members.filter(({ mobile }) => mobile).length;
      near(count / members.length, row.mobile, index === 1 ? 0.05 : 0.03, `from ${row.ageFrom}`);
    }
  });

  it('deaths by age: within 2 points of the table', () => {
    for (const [index, [from, percent]] of deathShares.entries()) {
      const below = deathShares[index + 1]?.[0] ?? 200;
      const members = everyone.filter(({ age }) => age >= from && age < below);
      const count = members.filter(({ person }) => person.death !== undefined).length;
      const tolerance = from >= 85 ? 0.06 : 0.02;
      near(count / members.length, percent / 100, tolerance, `from ${from}`);
    }
  });

  it('influenza in 2025/26: within 4 points of the published uptake of each group', () => {
    const season = fluUptake.at(-1);
    assert.ok(season !== undefined);
    const older = alive((one) => ageOn(one.person.birth, dayOf(2026, 3, 31)) >= 65);
    near(shareWith(older, flu2025), season.older, 0.04, 'aged 65 and over');
    const primary = alive((one) => inYears(one, 2025, 4, 10));
    near(shareWith(primary, flu2025), season.primary, 0.04, 'primary school');
    const secondary = alive((one) => inYears(one, 2025, 11, 15));
    near(shareWith(secondary, flu2025), season.secondary, 0.05, 'secondary school');
    const preschool = alive((one) => inYears(one, 2025, 2, 3));
    near(shareWith(preschool, flu2025), season.preschool, 0.08, 'ages 2 and 3');
  });

  it('first COVID-19 doses: within 5 points of the published uptake at most ages', () => {
    for (const ageFrom of [70, 60, 40, 30, 18] as const) {
      const index = covidFirstDoses.findIndex((row) => row.ageFrom === ageFrom);
      const row = covidFirstDoses[index];
      const before = covidFirstDoses[index - 1];
      assert.ok(row !== undefined && before !== undefined);
      const members = alive((one) => {
        const then = ageOn(one.person.birth, dayOf(2021, 3, 31));
        return then >= row.ageFrom && then < before.ageFrom;
      });
      near(shareWith(members, /^COVID 202[01]/), row.uptake, 0.05, `from ${ageFrom}`);
    }
  });

  it('childhood and school programmes: within 5 points of the published uptake', () => {
    const five = alive((one) => one.age >= 5 && one.age < 13);
    near(shareWith(five, /^MMR/), childhoodUptake.mmrFirst, 0.05, 'first MMR');
    near(shareWith(five, /^4IN1/), childhoodUptake.preschool, 0.05, 'pre-school booster');
    const two = alive((one) => one.age >= 2 && one.age < 8);
    near(shareWith(two, /^6IN1/), childhoodUptake.primary, 0.05, 'six-in-one');
    const girls = alive((one) => one.person.sex === 'female' && one.age >= 15 && one.age < 25);
    near(shareWith(girls, /^HPV/), schoolUptake.hpvFemale, 0.05, 'HPV, girls');
  });

  it('a deprived area takes up less than a rich one', () => {
    const older = alive((one) => ageOn(one.person.birth, dayOf(2026, 3, 31)) >= 65);
    const poor = older.filter(({ person }) => person.home.area.decile <= 3);
    const rich = older.filter(({ person }) => person.home.area.decile >= 8);
    assert.ok(shareWith(rich, flu2025) > shareWith(poor, flu2025) + 0.02);
  });

  it('the running season has invited most of the old and few of the young', () => {
    const invited = (members: readonly Known[]): number =>
      members.filter((one) => one.invited > 0).length / members.length;
    assert.ok(invited(alive((one) => one.age >= 75)) > 0.7);
    assert.ok(invited(alive((one) => one.age >= 20 && one.age < 40)) < 0.15);
  });

  function alive(matches: (one: Known) => boolean): readonly Known[] {
    return everyone.filter((one) => one.isAlive && matches(one));
  }
});

const flu2025 = /^FLU (2025-(09|1)|2026-0[1-5])/;

function inYears({ person }: Known, season: number, first: number, last: number): boolean {
  const years = ageOn(person.birth, dayOf(season, 8, 31));
  return years >= first && years <= last;
}

function shareWith(members: readonly Known[], dose: RegExp): number {
  const having = members.filter(({ doses }) => doses.some((text) => dose.test(text)));
  return having.length / members.length;
}

function standardError(share: number, count: number): number {
  return Math.sqrt((share * (1 - share)) / count);
}

function near(actual: number, wanted: number, tolerance: number, label: string): void {
  const text = `${label}: ${(100 * actual).toFixed(2)} %, wanted ${(100 * wanted).toFixed(2)} %`;
  assert.ok(Math.abs(actual - wanted) <= tolerance, text);
}

function regionOf(person: Person): string {
  return person.home.area.subIcb.region.gss;
}

/** Diseases by which a dose is told apart here; the first of a vaccine's list. */
const typesByDisease: Readonly<Record<string, string>> = {
  '6142004': 'FLU',
  '840539006': 'COVID',
  '14189004': 'MMR',
  '240532009': 'HPV',
};

interface Coded {
  readonly coding?: readonly { readonly code: string }[];
}

function note(resource: Resource, known: ReadonlyMap<string, Known>): void {
  const { resourceType } = resource;
  if (resourceType === 'Patient') {
    const entry = known.get(`Patient/${resource.id}`);
    const telecom = (resource.telecom ?? []) as readonly { use?: string }[];
    if (entry !== undefined) entry.mobile = telecom.some(({ use }) => use === 'mobile');
    return;
  }
  const target = (resource.subject ?? resource.patient) as { reference: string } | undefined;
  const entry = known.get(target?.reference ?? '');
  if (entry === undefined) return;
  const codes = ((resource.code as Coded | undefined)?.coding ?? []).map(({ code }) => code);
  if (resourceType === 'Condition') for (const code of codes) entry.conditions.add(code);
  if (resourceType === 'Flag') for (const code of codes) entry.flags.add(code);
  const isRunning = JSON.stringify(resource.about ?? '').includes('2026');
  if (resourceType === 'Communication' && isRunning) entry.invited += 1;
  if (resourceType !== 'Immunization' || resource.status !== 'completed') return;
  const day = dayOfDate(String(resource.occurrenceDateTime).slice(0, 10));
  assert.ok(day !== undefined);
  entry.doses.push(`${vaccineOf(resource)} ${String(resource.occurrenceDateTime).slice(0, 10)}`);
}

function vaccineOf(resource: Resource): string {
  const [protocol] = resource.protocolApplied as readonly { targetDisease: readonly Coded[] }[];
  const diseases = protocol?.targetDisease ?? [];
  const first = diseases[0]?.coding?.[0]?.code ?? '';
  if (first === '398102009') return `${diseases.length}IN1`;
  return typesByDisease[first] ?? first;
}
