// The resident side of the nation's map: small areas with their people, deprivation, ethnic mix,
// position and postcodes, each lying in a district and in a sub-ICB location. Part of places.ts.

import type { Practice } from './places.ts';
import { Random } from './random.ts';
import type { Site, SiteKind } from './sites.ts';
import { type DistrictRow, districts } from './tables/districts.ts';
import { ethnicSharesByRegion } from './tables/ethnicity.ts';
import type { CareBoardRow, RegionRow } from './tables/health-areas.ts';

/** A sub-ICB location with all that is in it. */
export interface SubIcb {
  readonly gss: string;
  readonly ods: string;
  readonly careBoard: CareBoardRow;
  readonly region: RegionRow;
  readonly areas: SmallArea[];
  readonly practices: Practice[];
  /** Bookable sites are few here for the people there are. */
  readonly isShort: boolean;
}

/** A small area of some 1,700 people, fewer in a small nation. */
export interface SmallArea {
  /** Shaped like the ONS's E01 codes, in a range that the ONS has not used. */
  readonly code: string;
  readonly name: string;
  readonly district: DistrictRow;
  readonly subIcb: SubIcb;
  readonly latitudeMillidegrees: number;
  readonly longitudeMillidegrees: number;
  /** A postcode without its last letter; no two areas share one. */
  readonly postcodeStem: string;
  /** Share of people who are not White British. */
  readonly minorityShare: number;
  readonly people: number;
  /** 1 is the most deprived tenth. */
  decile: number;
  /** The nearest practice and the next; set with all other sites once these exist. */
  practice: Practice | undefined;
  nextPractice: Practice | undefined;
  readonly sites: Partial<Record<SiteKind, Site>>;
}

/** People of a small area in a small nation, and how many areas the largest has: England's. */
const PEOPLE_PER_AREA = 30;
const AREAS_MAX = 33_755;

const salts = { area: 2, mix: 3 } as const;

/**
 * All small areas, put into the sub-ICB locations they lie in too. Their people add up to `people`.
 * @param locations by ODS code
 */
export function planAreas(
  people: number,
  seed: number,
  locations: ReadonlyMap<string, SubIcb>,
): SmallArea[] {
  const everyone = sum(districts.map((district) => district.people));
  const wanted = Math.min(AREAS_MAX, people / PEOPLE_PER_AREA);
  const counts = districts.map((district) =>
    Math.max(district.subIcbs.length, Math.round((wanted * district.people) / everyone)),
  );
  const mixes = minorityFactors(locations);
  const areas: SmallArea[] = [];
  const postcodes = new Map<string, number>();
  const apportion = apportionment(people, everyone);
  districts.forEach((district, row) => {
    const count = counts[row] ?? 1;
    for (let index = 0; index < count; index += 1) {
      const subIcb = locations.get(subIcbOf(district, index));
      if (subIcb === undefined) throw new Error(`${district.name} lies in no known sub-ICB`);
      const weight = share(district.people, index, count);
      const area = planArea(district, subIcb, {
        index,
        number: areas.length,
        people: apportion(weight),
        mix: mixes.get(subIcb.region.gss) ?? 1,
        stem: nextStem(postcodes, district.postcodeArea),
        seed,
      });
      areas.push(area);
      subIcb.areas.push(area);
    }
  });
  setDeciles(areas, seed);
  return areas;
}

interface AreaPlan {
  /** Within its district. */
  readonly index: number;
  /** Within the nation. */
  readonly number: number;
  readonly people: number;
  readonly mix: number;
  readonly stem: string;
  readonly seed: number;
}

function planArea(district: DistrictRow, subIcb: SubIcb, plan: AreaPlan): SmallArea {
  const random = new Random(plan.seed, salts.area, plan.number);
  // Neighbours lean to opposite sides, so that a district keeps its own share.
  const pair = new Random(plan.seed, salts.mix, plan.number - (plan.index % 2), district.people);
  const lean = 1 + (plan.index % 2 === 0 ? 0.45 : -0.45) * pair.fraction();
  const letter = 'ABCDE'[plan.index % 5];
  const middle = String(Math.floor(plan.index / 5) + 1).padStart(3, '0');
  const spread = district.radiusKm * 1.2;
  return {
    code: `E019${String(plan.number + 1).padStart(5, '0')}`,
    name: `${district.name} ${middle}${letter}`,
    district,
    subIcb,
    // A kilometre is 9 thousandths of a degree of latitude, and some 15 of longitude.
    latitudeMillidegrees:
      district.latitudeMillidegrees + Math.round(spread * 9 * (random.fraction() - 0.5)),
    longitudeMillidegrees:
      district.longitudeMillidegrees + Math.round(spread * 15 * (random.fraction() - 0.5)),
    postcodeStem: plan.stem,
    minorityShare: Math.min(0.95, district.minorityShare * plan.mix * lean),
    people: plan.people,
    decile: 0,
    practice: undefined,
    nextPractice: undefined,
    sites: {},
  };
}

/** Each location of a district has an area; most others lie in the main one. */
function subIcbOf(district: DistrictRow, index: number): string {
  const { subIcbs: codes } = district;
  const cycle = index < codes.length ? index : index % (codes.length + 1);
  return codes[cycle] ?? codes[0] ?? '';
}

/** What district shares are multiplied by so that a region's people are as its table says. */
function minorityFactors(locations: ReadonlyMap<string, SubIcb>): Map<string, number> {
  const totals = new Map<string, { people: number; minority: number }>();
  for (const district of districts) {
    const region = locations.get(district.subIcbs[0] ?? '')?.region.gss ?? '';
    const total = totals.get(region) ?? { people: 0, minority: 0 };
    total.people += district.people;
    total.minority += district.people * district.minorityShare;
    totals.set(region, total);
  }
  return new Map(
    [...totals].map(([region, { people, minority }]) => {
      const shares = ethnicSharesByRegion[region];
      if (shares === undefined) throw new Error(`region ${region} has no ethnic shares`);
      const wanted = 1 - shares.A / sum(Object.values(shares));
      return [region, (wanted * people) / minority];
    }),
  );
}

/** Deals out `people` by integer weights that add up to `total`, none lost to rounding. */
function apportionment(people: number, total: number): (weight: number) => number {
  let before = 0;
  return (weight) => {
    const first = Math.floor((before * people) / total);
    before += weight;
    return Math.floor((before * people) / total) - first;
  };
}

/** The index-th of `count` whole parts of a number. */
function share(whole: number, index: number, count: number): number {
  return Math.floor(((index + 1) * whole) / count) - Math.floor((index * whole) / count);
}

const POSTCODE_LETTERS = 'ABDEFGHJLNPQRSTUWXYZ';

/** `LS17 7D`: the next stem of a postcode area; each has twenty postcodes. */
function nextStem(used: Map<string, number>, postcodeArea: string): string {
  const number = used.get(postcodeArea) ?? 0;
  used.set(postcodeArea, number + 1);
  const letter = POSTCODE_LETTERS[number % 20];
  return `${postcodeArea}${1 + Math.floor(number / 200)} ${Math.floor(number / 20) % 10}${letter}`;
}

/** Tenths of the people, by how deprived their areas are. */
function setDeciles(areas: readonly SmallArea[], seed: number): void {
  const scored = areas.map((area, index) => {
    const spread = new Random(seed, salts.area, index, 1).fraction() - 0.5;
    return { area, score: area.district.deprivation + spread * 9, index };
  });
  scored.sort((one, other) => one.score - other.score || one.index - other.index);
  const everyone = sum(areas.map((area) => area.people));
  let before = 0;
  for (const { area } of scored) {
    area.decile = 1 + Math.min(9, Math.floor((10 * before) / everyone));
    before += area.people;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
