// Everything one person's records hold, in an order in which references point backwards: Patient,
// Conditions, Flags, Consent, doses, and the running season's messages and bookings.

import type { Resource } from '../fhir/types.ts';
import { adultDoses } from './adulthood.ts';
import type { Day } from './calendar.ts';
import { childhoodDoses, schoolDoses } from './childhood.ts';
import { telecoms } from './contact.ts';
import { conditions, flags, healthOf } from './health.ts';
import { immunizations } from './immunizations.ts';
import type { Dose } from './offers.ts';
import { patients } from './patient.ts';
import { age, type Health, type Person } from './person.ts';
import { consent, optOutDay, seasonRecords } from './season.ts';
import { type Campaign, covidOffers, fluOffers, type SeasonalOffer } from './seasonal.ts';

/** What a person's records are written by. */
export interface Writing {
  readonly today: Day;
  readonly campaigns: readonly Campaign[];
  readonly nhsNumber: string;
  readonly formerNumber: string | undefined;
  /** Days of birth of this person's own small children. */
  readonly births: readonly Day[];
  /** Somebody of the household whose records come before. */
  readonly other: Person | undefined;
}

/** A person's records. Shapes within them are shared and frozen: copy before changing any. */
export function* personRecords(person: Person, writing: Writing): Generator<Resource> {
  const { today, nhsNumber, formerNumber } = writing;
  const telecom = telecoms(person, today);
  yield* patients(person, { nhsNumber, formerNumber, telecom }, today);
  // Nothing is recorded of the dead, or of those who left.
  const until = Math.min(today, person.death ?? today, person.removed ?? today);
  const health = healthOf(person, writing.births, until);
  yield* conditions(person, health, until);
  yield* flags(person, health, today);
  const optedOut = optOutDay(person, age(person, until), until);
  const isWithdrawn = optedOut !== undefined && person.random.chance(0.1);
  if (optedOut !== undefined) yield consent(person, optedOut, isWithdrawn);
  const offers = [...fluOffers(person, health, until), ...covidOffers(person, health, until)];
  const doses = dosesOf(person, health, offers, until);
  yield* immunizations(doses, { person, other: writing.other, today });
  if (until < today) return;
  const participant = { person, telecom, today, optedOut: isWithdrawn ? undefined : optedOut };
  for (const [index, { id }] of writing.campaigns.entries()) {
    const offer = offers.find(({ campaign }) => campaign === id);
    if (offer !== undefined) yield* seasonRecords(offer, index + 1, participant);
  }
}

/** All doses up to a day, oldest first. */
function dosesOf(
  person: Person,
  health: Health,
  offers: readonly SeasonalOffer[],
  until: Day,
): readonly Dose[] {
  const doses = [
    ...childhoodDoses(person, until),
    ...schoolDoses(person, until),
    ...adultDoses(person, health, until),
    ...seasonalDoses(offers, until),
  ].filter((dose) => dose.day <= until);
  return doses.sort((one, other) => one.day - other.day);
}

function seasonalDoses(offers: readonly SeasonalOffer[], until: Day): readonly Dose[] {
  const doses: Dose[] = [];
  let covidDoses = 0;
  for (const { type, day, place, outcome } of offers) {
    if (day === undefined || day > until) continue;
    const number = type === 'COVID' ? covidDoses + 1 : 1;
    if (type === 'COVID' && outcome === 'given') covidDoses += 1;
    doses.push({ type, day, place, outcome, number });
  }
  return doses;
}
