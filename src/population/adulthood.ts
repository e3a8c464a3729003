// Doses of the adult programmes that are no seasonal campaign: shingles, pneumococcal, RSV,
// pertussis in pregnancy (domain.md, section 4.4).

import { addYears, type Day, dayOf, workingDay } from './calendar.ts';
import { answer, type Dose, takesUp } from './offers.ts';
import { age, type Health, hasRisk, inGroup, type Person } from './person.ts';
import type { SiteKind } from './sites.ts';
import { adultUptake } from './tables/uptake.ts';
import type { VaccineType } from './tables/vaccines.ts';

const SHINGLES_FROM = dayOf(2013, 9, 1);
const SHINGRIX_FROM = dayOf(2023, 9, 1);
const PNEUMOCOCCAL_FROM = dayOf(2005, 4, 1);
const RSV_FROM = dayOf(2024, 9, 1);
const RSV_OVER_80_FROM = dayOf(2026, 4, 1);
const PERTUSSIS_FROM = dayOf(2012, 10, 1);
const FIRST_ADULT = 50;

/** Doses up to a day. */
export function adultDoses(person: Person, health: Health, until: Day): Dose[] {
  const doses = pregnancyDoses(person, health);
  const isOlder = age(person, until) >= FIRST_ADULT;
  if (isOlder) doses.push(...shinglesDoses(person, health, until), ...rsvDoses(person, health));
  doses.push(...pneumococcalDoses(person, health, until));
  return doses.filter((dose) => dose.day <= until);
}

/** Answers one offer that opens on a day; most people come within half a year. */
function offered(
  person: Person,
  type: VaccineType,
  opens: Day,
  uptake: number,
  place: SiteKind = 'practice',
): Dose[] {
  const day = workingDay(opens + 5 + person.random.below(person.random.chance(0.75) ? 150 : 500));
  const dose = answer(person, { type, number: 1, day, place }, takesUp(person, uptake));
  return dose === undefined ? [] : [dose];
}

function shinglesDoses(person: Person, health: Health, until: Day): Dose[] {
  const opens = shinglesOpens(person, health, until);
  if (opens === undefined || opens > until) return [];
  const [first] = offered(person, 'SHINGLES', opens, adultUptake.shingles);
  if (first === undefined) return [];
  // Zostavax was one dose; Shingrix is two.
  const hasSecond = first.outcome === 'given' && first.day >= SHINGRIX_FROM;
  if (!hasSecond || !person.random.chance(adultUptake.shinglesSecond)) return [first];
  const day = workingDay(first.day + 183 + person.random.below(150));
  return [first, { ...first, number: 2, day }];
}

/** Turning 70 until August 2023; since then turning 65, or 70 for those who were 65 already;
 * severely immunosuppressed from 50. */
function shinglesOpens(person: Person, health: Health, until: Day): Day | undefined {
  const at65 = addYears(person.birth, 65);
  const at70 = addYears(person.birth, 70);
  const at50 = Math.max(addYears(person.birth, 50), SHINGRIX_FROM);
  if (at65 >= SHINGRIX_FROM) {
    const isSuppressed = at50 <= until && hasRisk(health, 'immunosuppression', at50);
    return isSuppressed ? at50 : at65;
  }
  return at70 >= SHINGLES_FROM ? at70 : undefined;
}

function pneumococcalDoses(person: Person, health: Health, until: Day): Dose[] {
  const at65 = addYears(person.birth, 65);
  const onset = health.risks.reduce(
    (first, risk) => Math.min(first, risk.onset),
    Number.MAX_SAFE_INTEGER,
  );
  const atTwo = addYears(person.birth, 2);
  const byRisk = Math.max(onset, PNEUMOCOCCAL_FROM, atTwo);
  if (byRisk < at65 && byRisk <= until) {
    const early = offered(person, 'PNEUMOCOCCAL', byRisk, adultUptake.pneumococcalRisk);
    if (early.some((dose) => dose.outcome === 'given')) return early;
  }
  if (at65 < PNEUMOCOCCAL_FROM || at65 > until) return [];
  return offered(person, 'PNEUMOCOCCAL', at65, adultUptake.pneumococcal);
}

function rsvDoses(person: Person, health: Health): Dose[] {
  const at75 = addYears(person.birth, 75);
  const at80 = addYears(person.birth, 80);
  const opens = [
    at75 >= RSV_FROM || at80 > RSV_FROM ? Math.max(at75, RSV_FROM) : undefined,
    at80 <= RSV_OVER_80_FROM ? RSV_OVER_80_FROM : undefined,
    inGroup(health, 'careHome', RSV_OVER_80_FROM) ? RSV_OVER_80_FROM : undefined,
  ].filter((day) => day !== undefined);
  const first = Math.min(...opens);
  return opens.length === 0 ? [] : offered(person, 'RSV', first, adultUptake.rsvOlder);
}

/** Pertussis from week 16, RSV from week 28. */
function pregnancyDoses(person: Person, health: Health): Dose[] {
  return health.pregnancies.flatMap(({ start, due }) => {
    const doses: Dose[] = [];
    const offers = [
      ['PERTUSSIS', start + 16 * 7, PERTUSSIS_FROM, adultUptake.pertussis],
      ['RSV', start + 28 * 7, RSV_FROM, adultUptake.rsvPregnant],
    ] as const;
    for (const [type, opens, from, uptake] of offers) {
      const day = workingDay(opens + person.random.below(70));
      if (day < from || day >= due) continue;
      const offer = { type, number: 1, day, place: 'maternity' } as const;
      const dose = answer(person, offer, takesUp(person, uptake));
      if (dose !== undefined) doses.push(dose);
    }
    return doses;
  });
}
