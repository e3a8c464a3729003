// People, household by household. A small area's people are drawn in batches by age and sex alone,
// so that the nation keeps its age pyramid, and then put together: couples of like age, children
// with adults who could be their parents, twins, the very old in care homes. One batch is held at
// a time.

import { addYears, ageOn, type Day } from './calendar.ts';
import { type Draft, makeMember, newFamily } from './family.ts';
import { byAge, type Person, type Sex } from './person.ts';
import type { Places } from './places.ts';
import { Random, weighted } from './random.ts';
import { ageBands, THINNING, THINNING_AGE } from './tables/age-and-sex.ts';
import { peopleShares } from './tables/feeds.ts';
import { priorityGroups } from './tables/health-risks.ts';

/** People drawn at once: enough to find partners and parents among. */
const BATCH = 60;

const ADULT = 18;
/** Adults who still live with their parents: half of those under 23 (an assumption). */
const LIVES_AT_HOME = { below: 23, share: 0.5 };
const COUPLE_SHARE = 0.64;
const PARENT_AGES = { youngest: 17, oldest: 47 };
const HOUSEHOLD_SALT = 11;

const agesAndSexes = weighted<{ readonly age: number; readonly sex: Sex }>(
  ageBands.flatMap(({ first, last, male, female }) => {
    const weights = yearWeights(first, last);
    return weights.flatMap(([age, weight]) => [
      [{ age, sex: 'male' }, male * weight] as const,
      [{ age, sex: 'female' }, female * weight] as const,
    ]);
  }),
);

/** The years of a band and the part of its people in each. */
function yearWeights(first: number, last: number): readonly (readonly [number, number])[] {
  const weights: number[] = [];
  for (let age = first; age <= last; age += 1) {
    weights.push(age <= THINNING_AGE ? 1 : (weights.at(-1) ?? 1) * THINNING);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, index) => [first + index, weight / total]);
}

/**
 * Everyone, in order of their numbers; members of a household follow each other.
 * @param today the day that ages are counted on
 */
export function* households(
  places: Places,
  seed: number,
  today: Day,
): Generator<readonly Person[]> {
  let number = 0;
  for (const [areaNumber, area] of places.areas.entries()) {
    for (let batch = 0; batch * BATCH < area.people; batch += 1) {
      const random = new Random(seed, HOUSEHOLD_SALT, areaNumber, batch);
      const count = Math.min(BATCH, area.people - batch * BATCH);
      for (const group of groupsOf(drawPeople(count, random, today), random, today)) {
        const family = newFamily(group, { area, places, random, today });
        const members = group.map((draft) => {
          const member = makeMember(draft, family, number, seed);
          number += 1;
          return member;
        });
        yield members;
      }
    }
  }
}

function drawPeople(count: number, random: Random, today: Day): Draft[] {
  const drafts: Draft[] = [];
  for (let index = 0; index < count; index += 1) {
    const { age, sex } = agesAndSexes.pick(random);
    const last = addYears(today, -age);
    const first = addYears(today, -age - 1) + 1;
    drafts.push({ sex, birth: random.between(first, last), isTwin: false });
  }
  // The oldest first; equal days keep the order they were drawn in.
  return drafts.sort((one, other) => one.birth - other.birth);
}

/** Drafts of one household, adults first. */
type Group = Draft[];

function groupsOf(drafts: readonly Draft[], random: Random, today: Day): Group[] {
  const adults: Draft[] = [];
  const children: Draft[] = [];
  const homes: Group[] = [];
  for (const draft of drafts) {
    const age = ageOn(draft.birth, today);
    const atHome = age < LIVES_AT_HOME.below && random.chance(LIVES_AT_HOME.share);
    if (age < ADULT || atHome) children.push(draft);
    else if (random.chance(byAge(priorityGroups.careHome.shares, age) / 100)) {
      homes.push([{ ...draft, inCareHome: true }]);
    } else adults.push(draft);
  }
  const groups = pairUp(adults, random);
  for (const siblings of siblingsOf(children, random)) {
    joinParents(groups, siblings, random);
  }
  return [...groups, ...homes];
}

function pairUp(adults: readonly Draft[], random: Random): Group[] {
  const groups: Group[] = [];
  const single = [...adults];
  for (let adult = single.shift(); adult !== undefined; adult = single.shift()) {
    const group = [adult];
    groups.push(group);
    if (!random.chance(COUPLE_SHARE)) continue;
    const { sex } = adult;
    // Of like age: among the next few; mostly, but not always, of the other sex.
    const near = single.slice(0, 4);
    const other = near.findIndex((candidate) => candidate.sex !== sex);
    const position = other === -1 ? 0 : other;
    const [partner] = single.splice(position, 1);
    if (partner !== undefined) group.push(partner);
  }
  return groups;
}

/** Children one by one, twins together: the second takes the first's day of birth. */
function siblingsOf(children: readonly Draft[], random: Random): Draft[][] {
  const waiting = [...children];
  const siblings: Draft[][] = [];
  for (let child = waiting.shift(); child !== undefined; child = waiting.shift()) {
    const hasTwin = waiting.length > 0 && random.chance(peopleShares.twin / 2);
    if (!hasTwin) {
      siblings.push([child]);
      continue;
    }
    const [other] = waiting.splice(random.below(waiting.length), 1);
    const sex = other?.sex ?? child.sex;
    const birth = random.chance(0.5) ? child.birth : (other?.birth ?? child.birth);
    siblings.push([
      { ...child, birth, isTwin: true },
      { sex, birth, isTwin: true },
    ]);
  }
  return siblings;
}

function joinParents(groups: Group[], siblings: readonly Draft[], random: Random): void {
  const birth = siblings[0]?.birth ?? 0;
  const couldBe = groups.filter(([adult]) => {
    if (adult === undefined) return false;
    const years = ageOn(adult.birth, birth);
    return years >= PARENT_AGES.youngest && years <= PARENT_AGES.oldest;
  });
  // Families grow: homes with children already are likelier to have another.
  const withChildren = couldBe.filter((group) => group.length > 1 && group.length < 6);
  const choice = withChildren.length > 0 && random.chance(0.7) ? withChildren : couldBe;
  const home = choice.length > 0 ? random.pick(choice) : groups[0];
  if (home === undefined) groups.push([...siblings]);
  else home.push(...siblings);
}
