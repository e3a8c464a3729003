// Seasonal campaigns: who is offered influenza and COVID-19 doses when, and how they answer. Past
// seasons become doses; what season.ts does with the running ones is invite, book and remind
// (domain.md, sections 4.1 and 4.2).

import { addYears, ageOn, civil, type Day, dayOf, workingDay } from './calendar.ts';
import { schoolYear } from './childhood.ts';
import { type Outcome, recordedReason, takesUp } from './offers.ts';
import { pickByParts } from './parts.ts';
import {
  age,
  type Health,
  hasRisk,
  inGroup,
  isAtRisk,
  type Person,
  pregnancyOn,
} from './person.ts';
import type { SiteKind } from './sites.ts';
import {
  COVID_SECOND_DOSE,
  type CovidCampaign,
  covidCampaigns,
  covidFirstDoses,
  covidFirstForRisk,
  covidFirstForShielded,
  covidFirstForStaff,
  FLU_FIRST_SEASON,
  type FluUptake,
  fluFortnights,
  fluUptake,
} from './tables/uptake.ts';

/** One campaign's offer to somebody, and their answer. */
export interface SeasonalOffer {
  readonly type: 'FLU' | 'COVID';
  /** Id of the campaign: `flu-2026`. */
  readonly campaign: string;
  readonly opens: Day;
  readonly closes: Day;
  /** Why they are offered it. */
  readonly group: string;
  readonly place: SiteKind;
  /** The day they have the dose, or have it refused; undefined when neither ever happens. */
  readonly day: Day | undefined;
  readonly outcome: Outcome;
}

/** A campaign that has opened: what invitations are about. */
export interface Campaign {
  readonly id: string;
  readonly type: 'FLU' | 'COVID';
  readonly title: string;
  readonly opens: Day;
  readonly closes: Day;
}

type FluGroup = keyof FluUptake;

const SEASON_MONTH = 9;
const FLU_SEASON_DAYS = 211;

/** The year in which the last influenza season began up to a day. */
function lastFluSeason(until: Day): number {
  const { year, month } = civil(until);
  return month >= SEASON_MONTH ? year : year - 1;
}

/** The campaigns whose messages are kept: last year's influenza season, and what runs on a day or
 * else ran last. */
export function campaignsOn(today: Day): readonly Campaign[] {
  const season = lastFluSeason(today);
  const campaigns = [fluCampaign(season - 1), fluCampaign(season)];
  const covid = covidCampaigns.findLast((campaign) => campaign.from <= today);
  if (covid !== undefined) {
    const closes = covid.from + covid.weeks * 7;
    const title = `COVID-19 vaccination, ${covid.label.replace('-', ' ')}`;
    campaigns.push({ id: covidId(covid), type: 'COVID', title, opens: covid.from, closes });
  }
  return campaigns;
}

function fluCampaign(season: number): Campaign {
  const opens = dayOf(season, SEASON_MONTH, 1);
  const title = `Seasonal influenza vaccination ${season}/${String(season + 1).slice(2)}`;
  return { id: `flu-${season}`, type: 'FLU', title, opens, closes: opens + FLU_SEASON_DAYS };
}

/** Influenza offers of all seasons that began by a day. */
export function fluOffers(person: Person, health: Health, until: Day): SeasonalOffer[] {
  const offers: SeasonalOffer[] = [];
  const last = lastFluSeason(until);
  for (let season = FLU_FIRST_SEASON; season <= last; season += 1) {
    const opens = dayOf(season, SEASON_MONTH, 1);
    const closes = opens + FLU_SEASON_DAYS;
    if (person.birth > opens) continue;
    const table = fluUptake[Math.min(season - FLU_FIRST_SEASON, fluUptake.length - 1)];
    const group = table && fluGroup(person, health, season, table);
    if (table === undefined || group === undefined) continue;
    const isTaken = takesUp(person, table[group]);
    const outcome = isTaken ? 'given' : recordedReason(person);
    const day = outcome === undefined ? undefined : fluDay(person, group, opens);
    const place = fluPlace(person, group, opens);
    const campaign = `flu-${season}`;
    const offer = { type: 'FLU', campaign, opens, closes, group, place, day } as const;
    offers.push({ ...offer, outcome: outcome ?? 'declined' });
  }
  return offers;
}

/** The first group that fits, and has an uptake of its own; undefined when nothing is offered. */
function fluGroup(
  person: Person,
  health: Health,
  season: number,
  table: FluUptake,
): FluGroup | undefined {
  const mid = dayOf(season, 11, 1);
  const years = ageOn(person.birth, dayOf(season, 8, 31));
  if (inGroup(health, 'careHome', mid)) return 'careHome';
  if (ageOn(person.birth, dayOf(season + 1, 3, 31)) >= 65) return 'older';
  if (pregnancyOn(health, mid) !== undefined) return 'pregnant';
  if (years === 2 || years === 3) return 'preschool';
  if (isSchoolAge(person, season, 4, 10)) return 'primary';
  if (table.secondary > 0 && isSchoolAge(person, season, 11, 15)) return 'secondary';
  if (ageOn(person.birth, mid) >= 1 && isAtRisk(health, mid)) return 'risk';
  if (inGroup(health, 'staff', mid)) return 'staff';
  if (inGroup(health, 'socialCare', mid)) return 'staff';
  return inGroup(health, 'carer', mid) ? 'carer' : undefined;
}

function isSchoolAge(person: Person, season: number, first: number, last: number): boolean {
  const years = first + season - schoolYear(person.birth, first);
  return years >= first && years <= last;
}

const earlyGroups: readonly FluGroup[] = ['pregnant', 'preschool', 'primary', 'secondary'];

type FortnightParts = readonly (readonly [fortnight: number, weight: number])[];

const fortnights: Readonly<Record<'early' | 'adult', FortnightParts>> = {
  early: fluFortnights.early.map((weight, index) => [index, weight]),
  adult: fluFortnights.adult.map((weight, index) => [index, weight]),
};

function fluDay(person: Person, group: FluGroup, opens: Day): Day {
  const { random } = person;
  const rows = earlyGroups.includes(group) ? fortnights.early : fortnights.adult;
  return workingDay(opens + pickByParts(rows, random)[0] * 14 + random.below(14));
}

type PlaceParts = readonly (readonly [SiteKind, number])[];

/** Where influenza doses are given, in parts: an assumption after NHSBSA's pharmacy counts. */
const fluPlaces: Readonly<Record<FluGroup, PlaceParts>> = {
  older: places(52, 40, 8),
  risk: places(50, 42, 8),
  carer: places(45, 45, 10),
  careHome: [['practice', 1]],
  preschool: [['practice', 1]],
  primary: [['school', 1]],
  secondary: [['school', 1]],
  pregnant: [
    ['maternity', 40],
    ['practice', 45],
    ['pharmacy', 15],
  ],
  staff: [
    ['hospital', 70],
    ['pharmacy', 30],
  ],
};

function places(practice: number, pharmacy: number, centre: number): PlaceParts {
  return [
    ['practice', practice],
    ['pharmacy', pharmacy],
    ['centre', centre],
  ];
}

/** Pharmacies and hospitals give influenza doses to adults only. */
function fluPlace(person: Person, group: FluGroup, opens: Day): SiteKind {
  if (group === 'risk' && age(person, opens) < 18) return 'practice';
  return pickByParts(fluPlaces[group], person.random)[0];
}

const covidPlaces = places(30, 25, 45);
const PHASE_ONE_AGES = dayOf(2021, 3, 31);
const PHASE_TWO_AGES = dayOf(2021, 9, 20);
const CHILDREN_AGES = dayOf(2022, 4, 2);

/** COVID-19 offers from the first dose on, by campaigns that opened by a day. */
export function covidOffers(person: Person, health: Health, until: Day): SeasonalOffer[] {
  const offers = covidPrimaryCourse(person, health);
  const hadFirst = offers.some((offer) => offer.outcome === 'given');
  for (const campaign of covidCampaigns) {
    if (campaign.from > until) break;
    const uptake =
      hadFirst || campaign.from > dayOf(2022, 12, 31)
        ? covidUptake(person, health, campaign)
        : undefined;
    if (uptake !== undefined) offers.push(covidOffer(person, campaign, uptake));
  }
  return offers;
}

function covidPrimaryCourse(person: Person, health: Health): SeasonalOffer[] {
  const row = covidFirstDoses.find(({ ageFrom, opens }) => {
    const on = ageFrom >= 18 ? PHASE_ONE_AGES : ageFrom >= 12 ? PHASE_TWO_AGES : CHILDREN_AGES;
    return ageOn(person.birth, on) >= ageFrom && person.birth < opens;
  });
  if (row === undefined) return [];
  const opens = Math.min(row.opens, firstOpening(person, health));
  const isTaken = takesUp(person, row.uptake);
  const outcome = isTaken ? 'given' : recordedReason(person);
  if (outcome === undefined) return [];
  const { random } = person;
  const within = random.chance(0.8) ? 28 : 180;
  const place = pickByParts(covidPlaces, random)[0];
  const first: SeasonalOffer = {
    type: 'COVID',
    campaign: 'covid-first',
    opens,
    closes: opens + 200,
    group: 'first dose',
    place,
    day: workingDay(opens + random.below(within)),
    outcome,
  };
  const second = row.ageFrom >= 16 ? COVID_SECOND_DOSE.adult : COVID_SECOND_DOSE.child;
  if (!isTaken || !random.chance(second)) return [first];
  const day = workingDay((first.day ?? opens) + 56 + random.below(28));
  return [first, { ...first, campaign: 'covid-second', group: 'second dose', day }];
}

/** The day of a person's own group, where it came before that of their age. */
function firstOpening(person: Person, health: Health): Day {
  const years = age(person, PHASE_ONE_AGES);
  if (years >= 65 && person.home.isCareHome) return covidFirstForStaff;
  if (inGroup(health, 'staff', covidFirstForStaff)) return covidFirstForStaff;
  if (inGroup(health, 'socialCare', covidFirstForStaff)) return covidFirstForStaff;
  if (years >= 16 && inGroup(health, 'shielded', covidFirstForShielded)) {
    return covidFirstForShielded;
  }
  const isSix = years >= 16 && isAtRisk(health, covidFirstForRisk);
  if (isSix || inGroup(health, 'carer', covidFirstForRisk)) return covidFirstForRisk;
  return Number.MAX_SAFE_INTEGER;
}

function covidUptake(
  person: Person,
  health: Health,
  campaign: CovidCampaign,
): { readonly share: number; readonly group: string } | undefined {
  const { from, ageFrom } = campaign;
  const closes = from + campaign.weeks * 7;
  if (age(person, closes) >= ageFrom) return { share: campaign.uptake, group: 'age' };
  if (person.birth + 183 > from) return undefined;
  if (inGroup(health, 'careHome', from)) return { share: campaign.uptake, group: 'care home' };
  if (hasRisk(health, 'immunosuppression', from)) {
    return { share: campaign.immunosuppressed, group: 'immunosuppressed' };
  }
  const isRisk = campaign.risk !== undefined && addYears(person.birth, 16) <= from;
  if (isRisk && isAtRisk(health, from))
    return { share: campaign.risk ?? 0, group: 'clinical risk' };
  return undefined;
}

function covidOffer(
  person: Person,
  campaign: CovidCampaign,
  uptake: { readonly share: number; readonly group: string },
): SeasonalOffer {
  const { random, home } = person;
  const outcome = takesUp(person, uptake.share) ? 'given' : recordedReason(person);
  const early = random.fraction();
  const days = Math.floor(early * early * campaign.weeks * 7);
  return {
    type: 'COVID',
    campaign: covidId(campaign),
    opens: campaign.from,
    closes: campaign.from + campaign.weeks * 7,
    group: uptake.group,
    place: home.isCareHome ? 'practice' : pickByParts(covidPlaces, random)[0],
    day: outcome === undefined ? undefined : workingDay(campaign.from + days),
    outcome: outcome ?? 'declined',
  };
}

function covidId(campaign: CovidCampaign): string {
  return `covid-${campaign.label}`;
}
