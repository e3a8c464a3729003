// The synthetic nation: England in miniature as a stream of FHIR resources. Seeded and pure: the
// same people, seed and date give the same bytes on every machine, in memory that only the map of
// places needs. `npm run generate` (generate.ts) writes it to files, `npm start` loads it into a
// new store.

import type { Resource } from '../fhir/types.ts';
import { assert } from '../lib/assert.ts';
import { ageOn, type Day, dayOfDate } from './calendar.ts';
import { freeSlots, schedules } from './capacity.ts';
import { households } from './households.ts';
import { NHS_NUMBERS_MAX, nhsNumber } from './nhs-number.ts';
import type { Person } from './person.ts';
import { personRecords } from './person-records.ts';
import { areaLocations, organizations } from './place-resources.ts';
import { type Places, planPlaces } from './places.ts';
import { campaignPlans } from './season.ts';
import { type Campaign, campaignsOn } from './seasonal.ts';
import { siteLocation, siteService } from './sites.ts';
import { peopleShares } from './tables/feeds.ts';

/** Which nation. */
export interface NationOptions {
  /** How many people live in it, or have died lately: 1 to PEOPLE_MAX. */
  readonly people: number;
  /** Any whole number: another seed is another nation. */
  readonly seed: number;
  /** The day it is observed on, as a FHIR date: only bookings and plans are later. */
  readonly date: string;
}

/** Beyond all of England there are not enough NHS numbers to go around. */
export const PEOPLE_MAX = 70_000_000;

/** Seeds are below 2^53, so that each is a nation of its own. */
const SEED_MAX = Number.MAX_SAFE_INTEGER;

/** Before it hardly a COVID-19 dose had been given; after it the tables plan no campaign. */
const DATE_FIRST = '2021-01-01';
const DATE_LAST = '2028-08-31';

const numbersNeeded = PEOPLE_MAX * (1 + 2 * peopleShares.superseded);
assert(numbersNeeded < NHS_NUMBERS_MAX, 'there are NHS numbers for everyone');

/** Mothers are asked for births of these last years, days. */
const RECENT_BIRTH_DAYS = 3 * 365;

/** Records a person has on average, measured; places come on top. */
const RECORDS_PER_PERSON = 11.4;

/**
 * All resources of a nation: areas, organisations, sites and their free appointments, then people
 * one by one with all their records. Every reference is to a resource that came before, so that the
 * stream can be loaded as it comes. Resources share frozen parts: copy before changing any.
 * @throws RangeError naming the option that is out of bounds
 */
export function nation(options: NationOptions): Generator<Resource> {
  return resources(options, checked(options));
}

function* resources(options: NationOptions, today: Day): Generator<Resource> {
  const places = planPlaces(options.people, options.seed);
  const campaigns = campaignsOn(today);
  yield* placeResources(places, campaigns, today);
  let superseded = 0;
  for (const members of households(places, options.seed, today)) {
    for (const [index, person] of members.entries()) {
      const isSuperseded = person.random.chance(peopleShares.superseded);
      // Former numbers come after everyone's own.
      const former = isSuperseded ? nhsNumber(options.people + superseded) : undefined;
      if (isSuperseded) superseded += 1;
      yield* personRecords(person, {
        today,
        campaigns,
        nhsNumber: nhsNumber(person.number),
        formerNumber: former,
        births: birthsOf(person, members, today),
        other: index > 0 ? members[0] : undefined,
      });
    }
  }
}

/** The nation's people without their records, in the order of their numbers. */
export function* nationPeople(options: NationOptions): Generator<Person> {
  const today = checked(options);
  const places = planPlaces(options.people, options.seed);
  for (const members of households(places, options.seed, today)) yield* members;
}

/** About how many resources a nation of so many people has: for showing progress. */
export function estimateResources(people: number): number {
  const places = planPlaces(people, 0);
  let count = 0;
  for (const _resource of placeResources(places, [], 0)) count += 1;
  return count + Math.round(people * RECORDS_PER_PERSON);
}

function* placeResources(
  places: Places,
  campaigns: readonly Campaign[],
  today: Day,
): Generator<Resource> {
  yield* organizations(places);
  yield* areaLocations(places);
  for (const site of places.sites) yield siteLocation(site);
  for (const site of places.sites) yield siteService(site);
  yield* schedules(places, today);
  yield* freeSlots(places, today);
  yield* campaignPlans(campaigns, today);
}

/** The household's first woman of an age to be their mother. */
function birthsOf(person: Person, members: readonly Person[], today: Day): readonly Day[] {
  const births = new Set<Day>();
  if (person.sex !== 'female') return [];
  for (const child of members) {
    if (child.birth < today - RECENT_BIRTH_DAYS) continue;
    const mother = members.find(
      (adult) => adult.sex === 'female' && ageOn(adult.birth, child.birth) >= 16,
    );
    if (mother === person && ageOn(person.birth, child.birth) <= 49) births.add(child.birth);
  }
  return [...births].sort((one, other) => one - other);
}

function checked({ people, seed, date }: NationOptions): Day {
  if (!Number.isSafeInteger(people) || people < 1 || people > PEOPLE_MAX) {
    throw new RangeError(`people must be a whole number from 1 to ${PEOPLE_MAX}`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed must be a whole number from 0 to ${SEED_MAX}`);
  }
  const day = dayOfDate(date);
  if (day === undefined || date < DATE_FIRST || date > DATE_LAST) {
    throw new RangeError(`date must be a day from ${DATE_FIRST} to ${DATE_LAST}, like 2026-11-22`);
  }
  return day;
}
