// The running season as it stands on the nation's day: invitations and reminders as Communications,
// bookings as Appointments with their Slots, opt-outs as Consents, and the campaigns that all of it
// is about (domain.md, section 4.5).

import type { Resource } from '../fhir/types.ts';
import { type Booking, bookingRecords, bookings } from './bookings.ts';
import { type Day, dateText, dateTimeText, minutesOf } from './calendar.ts';
import type { Telecom } from './contact.ts';
import { pickByParts } from './parts.ts';
import type { Person } from './person.ts';
import type { Campaign, SeasonalOffer } from './seasonal.ts';
import { peopleShares } from './tables/feeds.ts';
import {
  faultReasons,
  INVITED_SHARE,
  LATE_WAVE,
  OPTED_OUT_INVITED,
  REMINDER_DAYS,
  type SentState,
  sentStates,
} from './tables/season.ts';
import {
  type CodeableConcept,
  campaignUrl,
  concept,
  frozen,
  reference,
  resource,
  sources,
  systems,
} from './terms.ts';

/** What messages are about. */
export function* campaignPlans(campaigns: readonly Campaign[], today: Day): Generator<Resource> {
  for (const { id, title, opens, closes } of campaigns) {
    yield resource({
      resourceType: 'PlanDefinition',
      id,
      meta: { source: sources.campaigns },
      url: `${campaignUrl}/${id}`,
      name: title.replaceAll(/[^A-Za-z0-9]/g, ''),
      title,
      type: concept(systems.planType, 'protocol'),
      status: closes < today ? 'retired' : 'active',
      effectivePeriod: { start: dateText(opens), end: dateText(closes) },
    });
  }
}

/** Somebody's part in the season. */
export interface Participant {
  readonly person: Person;
  readonly telecom: readonly Telecom[] | undefined;
  readonly optedOut: Day | undefined;
  readonly today: Day;
}

const optOut = frozen({
  scope: concept(systems.consentScope, 'patient-privacy'),
  category: [
    concept(systems.consentCategory, 'vaccination-invitations', 'Vaccination invitations'),
  ],
  policyRule: concept(systems.actCode, 'OPTOUT', 'opt-out'),
});

/** The day somebody asked for no more invitations. */
export function optOutDay(person: Person, years: number, today: Day): Day | undefined {
  if (years < 16 || !person.random.chance(peopleShares.optedOut)) return undefined;
  return today - 1 - person.random.below(1500);
}

/** Their Consent; one in ten has changed their mind since. */
export function consent(person: Person, day: Day, isWithdrawn: boolean): Resource {
  return resource({
    resourceType: 'Consent',
    id: `${person.id}-o1`,
    meta: { source: sources.campaigns },
    status: isWithdrawn ? 'inactive' : 'active',
    ...optOut,
    patient: reference('Patient', person.id),
    dateTime: dateText(day),
    provision: { type: 'deny', period: { start: dateText(day) } },
  });
}

/** Groups that are reached in other ways: schools ask parents, employers their staff. */
const reachedOtherwise: readonly string[] = ['primary', 'secondary', 'staff', 'first dose'];

/**
 * All that one campaign wrote to and booked for somebody.
 * @param number tells this campaign's records from those of others
 */
export function* seasonRecords(
  offer: SeasonalOffer,
  number: number,
  participant: Participant,
): Generator<Resource> {
  const { person, today, optedOut } = participant;
  const invited = invitationDay(offer, participant);
  const booked = bookings(offer, person, invited, today);
  if (invited !== undefined) {
    const id = `${person.id}-m${number}`;
    const reason = optedOut !== undefined && optedOut < invited ? 'opted-out' : undefined;
    yield communication(id, { category: 'invitation', day: invited, reason }, offer, participant);
    const reminded = reminder(offer, invited, booked, participant);
    if (reminded !== undefined) yield communication(`${id}-r`, reminded, offer, participant);
  }
  for (const [index, booking] of booked.entries()) {
    yield* bookingRecords(booking, `${person.id}-b${number}-${index + 1}`, offer, person);
  }
}

/** A message that was to go out on a day, and why it was stopped. */
interface Message {
  readonly category: 'invitation' | 'reminder';
  readonly day: Day;
  readonly reason: string | undefined;
}

function invitationDay(offer: SeasonalOffer, participant: Participant): Day | undefined {
  const { person, today, optedOut } = participant;
  const { random } = person;
  if (reachedOtherwise.includes(offer.group)) return undefined;
  if (!random.chance(INVITED_SHARE)) return undefined;
  const isLate = random.chance(LATE_WAVE.share);
  const spread = isLate ? offer.closes - offer.opens : LATE_WAVE.firstWavesDays;
  const day = offer.opens - 10 + random.below(spread);
  const hadDose = offer.day !== undefined && offer.day <= day;
  if (hadDose || day > today + 7) return undefined;
  const isOptedOut = optedOut !== undefined && optedOut < day;
  return isOptedOut && !random.chance(OPTED_OUT_INVITED) ? undefined : day;
}

/** What follows two to three weeks after an invitation that led to nothing. */
function reminder(
  offer: SeasonalOffer,
  invited: Day,
  booked: readonly Booking[],
  { today, person }: Participant,
): Message | undefined {
  const day = invited + REMINDER_DAYS + person.random.below(7);
  if (day > today + 7) return undefined;
  const hadDose = offer.day !== undefined && offer.day <= day;
  const hasBooking = booked.some((booking) => booking.made <= day && booking.day > day);
  const reason = hadDose ? 'vaccinated' : hasBooking ? 'booked' : undefined;
  // One that a dose or booking made needless was mostly never planned.
  if (reason !== undefined && !person.random.chance(0.05)) return undefined;
  return { category: 'reminder', day, reason };
}

const categories = frozen({
  invitation: [concept(systems.messageCategory, 'invitation', 'Invitation')],
  reminder: [concept(systems.messageCategory, 'reminder', 'Reminder')],
});

type Route = 'app' | 'sms' | 'email' | 'letter';

const media: Readonly<Record<Route, readonly CodeableConcept[]>> = frozen({
  app: [concept(systems.messageRoute, 'app', 'NHS App')],
  sms: [concept(systems.messageRoute, 'sms', 'Text message')],
  email: [concept(systems.messageRoute, 'email', 'E-mail')],
  letter: [concept(systems.messageRoute, 'letter', 'Letter')],
});

/** NHS App or text message first, then e-mail, then letter. */
function routeTo(participant: Participant): Route {
  const { telecom, person } = participant;
  const systemsKnown = (telecom ?? []).map(({ use, system }) => (use === 'mobile' ? use : system));
  if (systemsKnown.includes('mobile')) return person.random.chance(0.55) ? 'app' : 'sms';
  return systemsKnown.includes('email') ? 'email' : 'letter';
}

function communication(
  id: string,
  message: Message,
  offer: SeasonalOffer,
  participant: Participant,
): Resource {
  const { person } = participant;
  const { category, day } = message;
  const state = stateOn(message, participant);
  const isSent = state === 'completed' || state === 'in-progress';
  const route = routeTo(participant);
  const sent = dateTimeText(day, minutesOf(8, 0) + person.random.below(600));
  const reason = message.reason ?? failureReason(state, person);
  const subject = reference('Patient', person.id);
  const invitation = reference('Communication', id.slice(0, -'-r'.length));
  return resource({
    resourceType: 'Communication',
    id,
    meta: campaignMeta,
    inResponseTo: category === 'reminder' ? [invitation] : undefined,
    status: state,
    statusReason: reason === undefined ? undefined : concept(systems.messageReason, reason),
    category: categories[category],
    medium: media[route],
    subject,
    about: [reference('PlanDefinition', offer.campaign)],
    sent: isSent ? sent : undefined,
    received: state === 'completed' && route !== 'letter' ? sent : undefined,
    recipient: [subject],
  });
}

const campaignMeta = frozen({ source: sources.campaigns });

function stateOn({ day, reason }: Message, { person, today }: Participant): SentState {
  if (day > today) return 'preparation';
  if (reason !== undefined) return day <= today - 2 ? 'stopped' : 'not-done';
  if (day > today - 3) return 'in-progress';
  return pickByParts(sentStates, person.random)[0];
}

function failureReason(state: SentState, person: Person): string | undefined {
  const reasons = faultReasons[state];
  return reasons === undefined ? undefined : person.random.pick(reasons);
}
