// What can be booked: Schedules of bookable sites and their free Slots of the two weeks to come.
// Some sub-ICB locations have far fewer for their people than others. Booked slots come with the
// bookings, in season.ts.

import type { Resource } from '../fhir/types.ts';
import type { SubIcb } from './areas.ts';
import { type Day, dateText, dateTimeText, minutesOf, workingDay } from './calendar.ts';
import type { Places } from './places.ts';
import { isBookable, type Site, serviceConcepts, servicesOf, siteId } from './sites.ts';
import { reference, resource, sources } from './terms.ts';

/** Free appointments per person within the two weeks, where capacity is enough and where it is
 * short: assumptions after the booking service's published remaining capacity. */
const FREE_PER_PERSON = { enough: 0.075, short: 0.006 } as const;

const WORKING_DAYS = 10;
const OPENING_MINUTES = minutesOf(9, 0);
const SLOTS_PER_DAY = 48;

/** Length of an appointment, minutes. */
export const SLOT_MINUTES = 10;

/** The Schedules of all bookable sites. */
export function* schedules(places: Places, today: Day): Generator<Resource> {
  for (const site of places.sites) {
    if (!isBookable(site)) continue;
    yield resource({
      resourceType: 'Schedule',
      id: siteId(site),
      meta: { source: sources.booking },
      active: true,
      serviceType: servicesOf(site).map((type) => serviceConcepts[type]),
      actor: [reference('Location', siteId(site)), reference('HealthcareService', siteId(site))],
      planningHorizon: { start: dateText(today - 120), end: dateText(today + 28) },
    });
  }
}

/** All free Slots from tomorrow on. */
export function* freeSlots(places: Places, today: Day): Generator<Resource> {
  const bookable = new Map<SubIcb, Site[]>();
  for (const site of places.sites) {
    if (!isBookable(site)) continue;
    const { subIcb } = site.area;
    const sites = bookable.get(subIcb) ?? [];
    sites.push(site);
    bookable.set(subIcb, sites);
  }
  for (const [subIcb, sites] of bookable) {
    const people = subIcb.areas.reduce((total, area) => total + area.people, 0);
    const perPerson = subIcb.isShort ? FREE_PER_PERSON.short : FREE_PER_PERSON.enough;
    const wanted = Math.round(people * perPerson);
    for (const [index, site] of sites.entries()) {
      const first = Math.floor((index * wanted) / sites.length);
      const count = Math.floor(((index + 1) * wanted) / sites.length) - first;
      yield* slotsOf(site, count, today);
    }
  }
}

function* slotsOf(site: Site, count: number, today: Day): Generator<Resource> {
  const services = servicesOf(site);
  const days = workingDays(today);
  for (let index = 0; index < count; index += 1) {
    const service = services[index % 2] ?? services[0] ?? 'FLU';
    // Neighbouring sites begin on other days and at other times.
    const turn = index + Number(site.area.code.slice(4));
    const day = days[turn % WORKING_DAYS] ?? today + 1;
    const place = Math.floor(index / WORKING_DAYS) * 7 + turn * 5;
    const start = OPENING_MINUTES + (place % SLOTS_PER_DAY) * SLOT_MINUTES;
    yield slot(`${siteId(site)}-${index + 1}`, site, { service, status: 'free', day, start });
  }
}

function workingDays(today: Day): readonly Day[] {
  const days: Day[] = [];
  for (let day = workingDay(today + 1); days.length < WORKING_DAYS; day = workingDay(day + 1)) {
    days.push(day);
  }
  return days;
}

/** When and for what a Slot is; `start` in minutes since midnight. */
export interface SlotTime {
  readonly service: string;
  readonly status: 'free' | 'busy';
  readonly day: Day;
  readonly start: number;
}

/** One Slot of a bookable site. */
export function slot(id: string, site: Site, time: SlotTime): Resource {
  return resource({
    resourceType: 'Slot',
    id,
    meta: { source: sources.booking },
    serviceType: [serviceConcepts[time.service]],
    schedule: reference('Schedule', siteId(site)),
    status: time.status,
    start: dateTimeText(time.day, time.start),
    end: dateTimeText(time.day, time.start + SLOT_MINUTES),
  });
}
