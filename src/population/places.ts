// The nation's map: which areas, practices and vaccination sites there are, how many, and which lie
// near which. Planned once before anyone is born, small enough to hold in memory; the resources are
// made from it by place-resources.ts and capacity.ts, and people are put into its small areas.

import { planAreas, type SmallArea, type SubIcb } from './areas.ts';
import { Random } from './random.ts';
import { type OtherSiteKind, practiceSite, type Site, siteOf } from './sites.ts';
import { type CareBoardRow, careBoards, regions, subIcbs } from './tables/health-areas.ts';
import { landmarks } from './tables/names.ts';

export interface Practice {
  readonly code: string;
  readonly name: string;
  readonly subIcb: SubIcb;
  readonly pcn: PrimaryCareNetwork;
  readonly area: SmallArea;
  readonly site: Site;
  /** The practice that closed and whose list this one took over. */
  readonly predecessor: string | undefined;
  /** People expected on the list. */
  listSize: number;
}

export interface PrimaryCareNetwork {
  readonly code: string;
  readonly name: string;
  readonly subIcb: SubIcb;
}

export interface Trust {
  readonly code: string;
  readonly name: string;
  readonly careBoard: CareBoardRow;
}

export interface Places {
  readonly subIcbs: readonly SubIcb[];
  readonly areas: readonly SmallArea[];
  readonly practices: readonly Practice[];
  readonly networks: readonly PrimaryCareNetwork[];
  readonly trusts: readonly Trust[];
  readonly sites: readonly Site[];
}

/** People on a list in a small nation, and how many practices the largest has: England's. */
const PEOPLE_PER_PRACTICE = 150;
const PRACTICES_MAX = 6_300;
const PRACTICES_PER_NETWORK = 5;
const PUPILS_PER_SCHOOL = 350;
const PUPIL_SHARE = 0.15;
/** One practice in so many has taken over a closed one's list. */
const PREDECESSOR_EVERY = 25;
const SHORT_SHARE = 0.25;

/** First letters of practice codes by region, none of those in use with five such digits. */
const practiceLetters = 'EHLMBDP';

const salts = { short: 1, name: 4 } as const;

/** The map of a nation of so many people. Equal arguments give equal maps. */
export function planPlaces(people: number, seed: number): Places {
  const locations = new Map(subIcbs.map((row, index) => [row.ods, emptySubIcb(row, index, seed)]));
  const areas = planAreas(people, seed, locations);
  const places = {
    subIcbs: [...locations.values()],
    areas,
    practices: [] as Practice[],
    networks: [] as PrimaryCareNetwork[],
    trusts: careBoards.map((careBoard, index) => ({
      code: `R${String(index + 1).padStart(2, '0')}`,
      name: `${careBoard.name} Hospitals NHS Foundation Trust`,
      careBoard,
    })),
    sites: [] as Site[],
    numbers: {},
  };
  const practicesWanted = Math.min(PRACTICES_MAX, people / PEOPLE_PER_PRACTICE);
  for (const subIcb of places.subIcbs) {
    const share = sum(subIcb.areas.map((area) => area.people)) / people;
    addPractices(places, subIcb, Math.max(1, Math.round(practicesWanted * share)), seed);
    addSites(places, subIcb, share * people);
  }
  addHospitals(places);
  return places;
}

function emptySubIcb(row: (typeof subIcbs)[number], index: number, seed: number): SubIcb {
  const careBoard = found(careBoards, (board) => board.ods === row.careBoard);
  const region = found(regions, (candidate) => candidate.gss === careBoard.region);
  const isShort = new Random(seed, salts.short, index).chance(SHORT_SHARE);
  return { gss: row.gss, ods: row.ods, careBoard, region, areas: [], practices: [], isShort };
}

interface PlacesInPlanning {
  readonly practices: Practice[];
  readonly networks: PrimaryCareNetwork[];
  readonly trusts: readonly Trust[];
  readonly sites: Site[];
  /** How many sites of each kind there are so far. */
  readonly numbers: Partial<Record<OtherSiteKind, number>>;
}

function addPractices(places: PlacesInPlanning, subIcb: SubIcb, count: number, seed: number): void {
  const letter = practiceLetters[regions.indexOf(subIcb.region)] ?? 'A';
  for (let index = 0; index < count; index += 1) {
    const number = places.practices.length;
    const area = spreadOver(subIcb.areas, index, count);
    const landmark = new Random(seed, salts.name, number).pick(landmarks);
    if (index % PRACTICES_PER_NETWORK === 0) {
      const code = `U${String(places.networks.length + 1).padStart(5, '0')}`;
      places.networks.push({ code, name: `${area.district.name} ${landmark} PCN`, subIcb });
    }
    const pcn = places.networks.at(-1);
    if (pcn === undefined) throw new Error('a practice has a network');
    const code = `${letter}${10_001 + number}`;
    const name = `${landmark} ${index % 3 === 0 ? 'Medical Centre' : 'Surgery'}`;
    const site = practiceSite(code, name, area);
    const predecessor =
      number % PREDECESSOR_EVERY === 3 ? `${letter}${30_001 + number}` : undefined;
    places.sites.push(site);
    const practice = { code, name, subIcb, pcn, area, site, predecessor, listSize: 0 };
    places.practices.push(practice);
    subIcb.practices.push(practice);
  }
  subIcb.areas.forEach((area, index) => {
    const nearest = Math.floor((index * count) / subIcb.areas.length);
    area.practice = subIcb.practices[nearest];
    area.nextPractice = subIcb.practices[nearest + 1] ?? subIcb.practices[nearest - 1];
    if (area.practice !== undefined) area.practice.listSize += area.people;
  });
}

function addSites(places: PlacesInPlanning, subIcb: SubIcb, people: number): void {
  const practices = subIcb.practices.length;
  const schools = Math.round((people * PUPIL_SHARE) / PUPILS_PER_SCHOOL);
  const counts: readonly (readonly [OtherSiteKind, number])[] = [
    ['pharmacy', Math.round(practices * 1.2)],
    ['centre', Math.round(practices / 8)],
    ['school', schools],
  ];
  const trust = found(places.trusts, (candidate) => candidate.careBoard === subIcb.careBoard);
  for (const [kind, wanted] of counts) {
    const count = Math.max(1, wanted);
    const added: Site[] = [];
    for (let index = 0; index < count; index += 1) {
      const area = spreadOver(subIcb.areas, index, count);
      const number = (places.numbers[kind] ?? 0) + 1;
      places.numbers[kind] = number;
      const site = siteOf(kind, area, number, trust.code);
      added.push(site);
      places.sites.push(site);
    }
    subIcb.areas.forEach((area, index) => {
      const nearest = added[Math.floor((index * count) / subIcb.areas.length)];
      if (nearest !== undefined) area.sites[kind] = nearest;
    });
  }
}

function addHospitals(places: PlacesInPlanning & { readonly subIcbs: readonly SubIcb[] }): void {
  for (const trust of places.trusts) {
    const areas = places.subIcbs
      .filter((subIcb) => subIcb.careBoard === trust.careBoard)
      .flatMap((subIcb) => subIcb.areas);
    for (const kind of ['hospital', 'maternity'] as const) {
      const area = spreadOver(areas, 0, 1);
      const site = siteOf(kind, area, 0, trust.code);
      places.sites.push(site);
      for (const served of areas) served.sites[kind] = site;
    }
  }
}

/** The member of a list that the index-th of `count` evenly spread things stands on. */
function spreadOver<T>(list: readonly T[], index: number, count: number): T {
  const member = list[Math.floor(((2 * index + 1) * list.length) / (2 * count))];
  if (member === undefined) throw new Error('every sub-ICB has small areas');
  return member;
}

function found<T>(list: readonly T[], matches: (member: T) => boolean): T {
  const member = list.find(matches);
  if (member === undefined) throw new Error('the tables of places refer to each other');
  return member;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
