// A person's clinical risks, pregnancies and priority groups, drawn from the tables by age, and the
// Conditions and Flags that feeds report them with.

import type { Resource } from '../fhir/types.ts';
import { addYears, type Day, dateText, dayOf } from './calendar.ts';
import { age, byAge, type Health, type Person, type Pregnancy, type Risk } from './person.ts';
import {
  type PriorityGroup,
  pregnancyConcept,
  pregnantShares,
  priorityGroups,
  RESOLVED_SHARE,
  RISK_BY_DEPRIVATION,
  riskAgeBands,
  riskGroups,
  risks,
} from './tables/health-risks.ts';
import { coding, concept, frozen, reference, resource, sources, systems } from './terms.ts';

/** Days from the last period to birth. */
const PREGNANCY_DAYS = 280;
const SHIELDED_FROM = dayOf(2020, 3, 23);
const SHIELDED_UNTIL = dayOf(2022, 6, 30);

const riskRows = risks.map((row) => ({
  row,
  steps: riskAgeBands.map((from, index) => [from, row.shares[index] ?? 0] as const),
}));

/**
 * A person's health.
 * @param births days of birth of a mother's own small children, the pregnancies of which are over
 */
export function healthOf(person: Person, births: readonly Day[], today: Day): Health {
  const { random, home } = person;
  const years = age(person, today);
  const deprivation = 1 + (5.5 - home.area.decile) * RISK_BY_DEPRIVATION;
  const risksFound: Risk[] = [];
  for (const { row, steps } of riskRows) {
    if (!random.chance((byAge(steps, years) / 100) * deprivation)) continue;
    const onset = person.birth + Math.floor((today - person.birth) * onsetPart(random.fraction()));
    const resolved = random.chance(RESOLVED_SHARE) && onset + 60 < today;
    const ended = resolved ? onset + 30 + random.below(today - onset - 30) : undefined;
    risksFound.push({ row, onset, ended });
  }
  const pregnancies = births.map((born) => pastPregnancy(born));
  const expecting = expectedChild(person, years, today);
  if (expecting !== undefined && pregnancies.every((past) => past.due < expecting.start)) {
    pregnancies.push(expecting);
  }
  return { risks: risksFound, pregnancies, groups: groupsOf(person, years, today) };
}

/** Most chronic diseases begin late in the life lived so far. */
function onsetPart(fraction: number): number {
  return 1 - fraction * fraction * 0.6 - 0.002;
}

function pastPregnancy(born: Day): Pregnancy {
  return { start: born - PREGNANCY_DAYS, due: born, isOver: true };
}

function expectedChild(person: Person, years: number, today: Day): Pregnancy | undefined {
  if (person.sex !== 'female') return undefined;
  if (!person.random.chance(byAge(pregnantShares, years) / 100)) return undefined;
  const start = today - 35 - person.random.below(PREGNANCY_DAYS - 40);
  return { start, due: start + PREGNANCY_DAYS, isOver: false };
}

function groupsOf(person: Person, years: number, today: Day): ReadonlyMap<PriorityGroup, Day> {
  const groups = new Map<PriorityGroup, Day>();
  for (const [name, { shares }] of Object.entries(priorityGroups)) {
    const group = name as PriorityGroup;
    // Who lives in a care home was settled with the household.
    const chance = byAge(shares, years) / 100;
    const isMember = group === 'careHome' ? person.home.isCareHome : person.random.chance(chance);
    if (!isMember) continue;
    if (group === 'shielded') {
      const from = SHIELDED_FROM + person.random.below(340);
      if (person.birth < from && from <= today) groups.set(group, from);
      continue;
    }
    const from = today - 60 - person.random.below(2200);
    groups.set(group, Math.max(from, addYears(person.birth, group === 'careHome' ? 60 : 16)));
  }
  return groups;
}

const active = concept(systems.conditionClinical, 'active');
const resolved = concept(systems.conditionClinical, 'resolved');
const confirmed = concept(systems.conditionVerification, 'confirmed');
const gpEvidence = [{ code: [{ text: 'Coded by the registered practice' }] }];
frozen([active, resolved, confirmed, gpEvidence]);

/** All Conditions of a person, those that ended included. */
export function* conditions(person: Person, health: Health, today: Day): Generator<Resource> {
  let number = 1;
  for (const risk of health.risks) {
    yield condition(person, number, { ...risk, today });
    number += 1;
  }
  for (const pregnancy of health.pregnancies) {
    const row = { group: 'pregnancy', ...pregnancyConcept } as const;
    const ended = pregnancy.isOver ? pregnancy.due : undefined;
    yield condition(person, number, { row, onset: pregnancy.start, ended, today });
    number += 1;
  }
}

function condition(person: Person, number: number, risk: Risk & { readonly today: Day }): Resource {
  const { row, onset, ended, today } = risk;
  return resource({
    resourceType: 'Condition',
    id: `${person.id}-c${number}`,
    meta: { source: sources.riskGroups },
    clinicalStatus: ended === undefined ? active : resolved,
    verificationStatus: confirmed,
    category: [concept(systems.riskGroup, row.group, riskGroups[row.group])],
    code: concept(systems.snomed, row.code, row.display),
    subject: reference('Patient', person.id),
    onsetDateTime: dateText(onset),
    abatementDateTime: ended === undefined ? undefined : dateText(ended),
    recordedDate: dateText(Math.min(today, onset + 20)),
    evidence: gpEvidence,
  });
}

const flagCategory = frozen([concept(systems.flagCategory, 'priority-group', 'Priority group')]);

const flagCodes = frozen(
  Object.fromEntries(
    Object.entries(priorityGroups).map(([name, group]) => {
      const ours = coding(systems.priorityGroup, group.code, group.display);
      const snomed =
        'snomed' in group ? [coding(systems.snomed, group.snomed.code, group.snomed.display)] : [];
      return [name, { coding: [ours, ...snomed] }];
    }),
  ),
);

/** All Flags of a person. The shielded list closed on 30 June 2022: those flags have ended. */
export function* flags(person: Person, health: Health, today: Day): Generator<Resource> {
  let number = 1;
  for (const [group, from] of health.groups) {
    const end = group === 'shielded' && today > SHIELDED_UNTIL ? SHIELDED_UNTIL : person.death;
    yield resource({
      resourceType: 'Flag',
      id: `${person.id}-f${number}`,
      meta: { source: sources.priorityGroups },
      status: end === undefined ? 'active' : 'inactive',
      category: flagCategory,
      code: flagCodes[group],
      subject: reference('Patient', person.id),
      period:
        end === undefined
          ? { start: dateText(from) }
          : { start: dateText(from), end: dateText(Math.max(from, end)) },
    });
    number += 1;
  }
}
