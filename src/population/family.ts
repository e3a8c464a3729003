// What members of a household share and how each gets their own: address, surname, ethnicity,
// language, practice, a move, a death. Part of households.ts.

import type { SmallArea } from './areas.ts';
import { ageOn, type Day } from './calendar.ts';
import { byAge, type Home, type Person, type Sex } from './person.ts';
import type { Places, Practice } from './places.ts';
import { Random, type Weighted, weighted } from './random.ts';
import { type EthnicCategory, ethnicSharesByRegion } from './tables/ethnicity.ts';
import { deathShares, languages, peopleShares } from './tables/feeds.ts';
import { landmarks, type NameOrigin, namePools, streets } from './tables/names.ts';

/** Somebody of whom only age and sex are settled. */
export interface Draft {
  readonly sex: Sex;
  readonly birth: Day;
  readonly isTwin: boolean;
  readonly inCareHome?: boolean;
}

/** What a household has in common. */
export interface Family {
  readonly ethnicity: EthnicCategory;
  readonly origin: NameOrigin;
  readonly surname: string;
  readonly home: Home;
  readonly formerHome: Home | undefined;
  readonly language: readonly [string, string] | undefined;
  readonly reluctance: number;
  readonly practice: Practice | undefined;
  readonly setting: Setting;
}

/** Where and when a household is made, and by which chance. */
export interface Setting {
  readonly area: SmallArea;
  readonly places: Places;
  readonly random: Random;
  readonly today: Day;
}

const PERSON_SALT = 12;
/** Share of people whose ethnic category is not their household's. */
const OTHER_ETHNICITY = 0.05;
/** Share of partners who keep a surname of their own. */
const OWN_SURNAME = 0.25;
/** Share of people who decide on doses as their household does. */
const HOUSEHOLD_OPINION = 0.5;
const MOVES_WITHIN_DAYS = 730;
const REMOVED_WITHIN_DAYS = 900;
/** Share of people from overseas communities whose given name is of the English pool. */
const ENGLISH_GIVEN = 0.25;
const ELDER_BIRTH_DAY = 0;

/** Origins that each category's names are drawn from, in parts: an assumption. */
const origins: Readonly<Record<EthnicCategory, Weighted<NameOrigin>>> = {
  A: weighted([['english', 1]]),
  B: weighted([['irish', 1]]),
  C: weighted([['european', 1]]),
  D: weighted([
    ['english', 2],
    ['caribbean', 2],
  ]),
  E: weighted([
    ['english', 1],
    ['african', 1],
  ]),
  F: weighted([
    ['english', 2],
    ['indian', 1],
    ['muslim', 1],
  ]),
  G: weighted([
    ['english', 2],
    ['european', 1],
    ['chinese', 1],
  ]),
  H: weighted([['indian', 1]]),
  J: weighted([['muslim', 1]]),
  K: weighted([['muslim', 1]]),
  L: weighted([
    ['indian', 1],
    ['muslim', 1],
  ]),
  M: weighted([['caribbean', 1]]),
  N: weighted([['african', 1]]),
  P: weighted([
    ['african', 1],
    ['caribbean', 1],
  ]),
  R: weighted([['chinese', 1]]),
  S: weighted([['arab', 1]]),
};

const minorityCategories = new Map(
  Object.entries(ethnicSharesByRegion).map(([region, { A: _majority, ...shares }]) => [
    region,
    weighted(Object.entries(shares) as [EthnicCategory, number][]),
  ]),
);

/** A household for these people. */
export function newFamily(drafts: readonly Draft[], setting: Setting): Family {
  const { area, random, today } = setting;
  const ethnicity = ethnicityIn(area, random);
  const origin = origins[ethnicity].pick(random);
  const spoken = languages[ethnicity];
  const isCareHome = drafts.some((draft) => draft.inCareHome);
  const moved = random.chance(peopleShares.moved);
  const movedIn = moved ? today - random.below(MOVES_WITHIN_DAYS) : undefined;
  return {
    ethnicity,
    origin,
    surname: random.pick(namePools[origin].families),
    home: isCareHome ? careHome(area, random, movedIn) : house(area, random, movedIn),
    formerHome: moved ? house(random.pick(area.subIcb.areas), random) : undefined,
    language:
      spoken !== undefined && random.chance(spoken.share) ? random.pick(spoken.spoken) : undefined,
    reluctance: random.fraction(),
    practice: practiceFor(setting),
    setting,
  };
}

function ethnicityIn(area: SmallArea, random: Random): EthnicCategory {
  if (!random.chance(area.minorityShare)) return 'A';
  return minorityCategories.get(area.subIcb.region.gss)?.pick(random) ?? 'A';
}

function practiceFor({ area, places, random }: Setting): Practice | undefined {
  const chance = random.fraction();
  const { unregistered, farFromHome, nextPractice } = peopleShares;
  if (chance < unregistered) return undefined;
  if (chance < unregistered + farFromHome) return random.pick(places.practices);
  const isNext = chance < unregistered + farFromHome + nextPractice;
  return isNext ? (area.nextPractice ?? area.practice) : area.practice;
}

const UNIT_LETTERS = 'ABDEFGHJLNPQRSTUWXYZ';

function house(area: SmallArea, random: Random, movedIn?: Day): Home {
  const street = `${random.between(1, 148)} ${random.pick(streets)}`;
  const lines = random.chance(0.14) ? [`Flat ${random.between(1, 24)}`, street] : [street];
  const postcode = area.postcodeStem + UNIT_LETTERS[random.below(UNIT_LETTERS.length)];
  return home(area, lines, postcode, false, movedIn);
}

/** Each small area has one care home. */
function careHome(area: SmallArea, random: Random, movedIn?: Day): Home {
  const number = Number(area.code.slice(4));
  const name = landmarks[number % landmarks.length] ?? '';
  const street = streets[number % streets.length] ?? '';
  const lines = [`Room ${random.between(1, 40)}`, `${name} Care Home, ${street}`];
  return home(area, lines, `${area.postcodeStem}Z`, true, movedIn);
}

function home(
  area: SmallArea,
  lines: readonly string[],
  postcode: string,
  isCareHome: boolean,
  movedIn: Day | undefined,
): Home {
  const made = { area, lines, postcode, isCareHome };
  return movedIn === undefined ? made : { ...made, movedIn };
}

/** One member of a household, the number-th person of the nation. */
export function makeMember(draft: Draft, family: Family, number: number, seed: number): Person {
  const random = new Random(seed, PERSON_SALT, number);
  const { today, area } = family.setting;
  const years = ageOn(draft.birth, today);
  const isOther = random.chance(OTHER_ETHNICITY);
  const ethnicity = isOther ? ethnicityIn(area, random) : family.ethnicity;
  const origin = ethnicity === family.ethnicity ? family.origin : origins[ethnicity].pick(random);
  const removed = random.chance(peopleShares.removed);
  const hasMoved = draft.birth < (family.home.movedIn ?? draft.birth);
  return {
    number,
    id: `p${number}`,
    sex: draft.sex,
    birth: draft.birth,
    death: deathDay(draft, years, today, random),
    ethnicity,
    family: surname(years, origin, family, random),
    given: givenNames(draft, origin, random),
    language: family.language,
    home: family.home,
    formerHome: hasMoved ? family.formerHome : undefined,
    practice: removed ? undefined : family.practice,
    removed: removed ? today - random.below(REMOVED_WITHIN_DAYS) : undefined,
    isTwin: draft.isTwin,
    reluctance: random.chance(HOUSEHOLD_OPINION) ? family.reluctance : random.fraction(),
    random,
  };
}

function surname(years: number, origin: NameOrigin, family: Family, random: Random): string {
  const own = origin !== family.origin || (years >= 18 && random.chance(OWN_SURNAME));
  return own ? random.pick(namePools[origin].families) : family.surname;
}

function givenNames(draft: Draft, origin: NameOrigin, random: Random): readonly string[] {
  const isEnglish = origin !== 'english' && random.chance(ENGLISH_GIVEN);
  const pool = namePools[isEnglish ? 'english' : origin];
  const isElder = draft.birth < ELDER_BIRTH_DAY;
  const elders = draft.sex === 'female' ? pool.femaleElders : pool.maleElders;
  const names = isElder && elders !== undefined ? elders : pool[draft.sex];
  const first = random.pick(names);
  if (!random.chance(0.45)) return [first];
  const second = random.pick(names);
  return second === first ? [first] : [first, second];
}

function deathDay(draft: Draft, years: number, today: Day, random: Random): Day | undefined {
  if (!random.chance(byAge(deathShares, years) / 100)) return undefined;
  return Math.max(draft.birth, today - 1 - random.below(728));
}
