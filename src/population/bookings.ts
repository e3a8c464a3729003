// Bookings of the running season: Appointments kept, missed, cancelled and still to come, each with
// the Slot it takes. Part of season.ts.

import type { Resource } from '../fhir/types.ts';
import { type Day, dateTimeText, minutesOf, workingDay } from './calendar.ts';
import { SLOT_MINUTES, slot } from './capacity.ts';
import { pickByParts } from './parts.ts';
import type { Person } from './person.ts';
import type { SeasonalOffer } from './seasonal.ts';
import { isBookable, type Site, serviceConcepts, siteId } from './sites.ts';
import {
  BOOKED_AHEAD_DAYS,
  BOOKED_SHARE,
  CANCELLED_SHARE,
  cancellationReasons,
  MISSED_SHARE,
  REBOOKED_SHARE,
} from './tables/season.ts';
import { concept, frozen, reference, resource, sources, systems } from './terms.ts';

/** http://hl7.org/fhir/R4/valueset-appointmentstatus.html, as far as it comes to pass here. */
type BookingState = 'booked' | 'fulfilled' | 'noshow' | 'cancelled';

/** One booking. */
export interface Booking {
  readonly made: Day;
  readonly day: Day;
  readonly state: BookingState;
  readonly site: Site;
}

/** Somebody's bookings for one offer up to a day, in the order they were made. */
export function bookings(
  offer: SeasonalOffer,
  person: Person,
  invited: Day | undefined,
  today: Day,
): readonly Booking[] {
  const { random, home } = person;
  const site = offer.place === 'practice' ? home.area.sites.centre : home.area.sites[offer.place];
  if (site === undefined || !isBookable(site)) return [];
  const { day } = offer;
  const keeps = offer.outcome === 'given' && day !== undefined && offer.place !== 'practice';
  if (!keeps) return invited === undefined ? [] : missed(person, site, invited, today);
  if (!random.chance(BOOKED_SHARE)) return [];
  const made = Math.max(invited ?? offer.opens, day - 1 - random.below(BOOKED_AHEAD_DAYS));
  if (made > today || made > day) return [];
  const kept: Booking = { made, day, site, state: day <= today ? 'fulfilled' : 'booked' };
  if (!random.chance(REBOOKED_SHARE)) return [kept];
  const before: Booking = { made: made - 2, day: workingDay(made + 3), site, state: 'cancelled' };
  return [before, kept];
}

function missed(person: Person, site: Site, invited: Day, today: Day): readonly Booking[] {
  const { random } = person;
  const chance = random.fraction();
  if (chance >= MISSED_SHARE + CANCELLED_SHARE) return [];
  const made = invited + random.below(20);
  const day = workingDay(made + 1 + random.below(BOOKED_AHEAD_DAYS));
  if (made > today) return [];
  const state = chance < MISSED_SHARE ? 'noshow' : 'cancelled';
  if (state === 'noshow' && day >= today) return [{ made, day, site, state: 'booked' }];
  return [{ made, day, site, state }];
}

const accepted = 'accepted';

/** A booking's Slot and Appointment. */
export function* bookingRecords(
  booking: Booking,
  id: string,
  offer: SeasonalOffer,
  person: Person,
): Generator<Resource> {
  const { random } = person;
  const { day, site, state, made } = booking;
  const start = minutesOf(9, 0) + SLOT_MINUTES * random.below(48);
  const status = state === 'cancelled' ? 'free' : 'busy';
  const slotId = `${id}-slot`;
  yield slot(slotId, site, { service: offer.type, status, day, start });
  yield resource({
    resourceType: 'Appointment',
    id,
    meta: { source: sources.booking },
    status: state,
    cancelationReason: state === 'cancelled' ? cancellation(person) : undefined,
    serviceType: services[offer.type],
    reasonCode: [immunisation],
    start: dateTimeText(day, start),
    end: dateTimeText(day, start + SLOT_MINUTES),
    slot: [reference('Slot', slotId)],
    created: dateTimeText(made, minutesOf(8, 0) + random.below(700)),
    participant: [
      { actor: reference('Patient', person.id), status: accepted },
      { actor: reference('Location', siteId(site)), status: accepted },
    ],
  });
}

const services = frozen({ FLU: [serviceConcepts.FLU], COVID: [serviceConcepts.COVID] });
const immunisation = frozen(concept(systems.snomed, '171279008', 'Immunisation due'));

function cancellation(person: Person): unknown {
  const [code, display] = pickByParts(cancellationReasons, person.random);
  return concept(systems.cancellation, code, display);
}
