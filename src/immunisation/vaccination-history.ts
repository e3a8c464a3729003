// What a person's records say, read once and put in order: the doses given and not given, the risk
// and priority groups, messages, bookings and opt-outs. All that programmes are judged by
// (programme-status.ts, eligibility.ts) comes from here.

import type { Resource } from '../fhir/types.ts';
import { addDays, compareTexts, type Day, type Span, spanOf } from './days.ts';
import { type ReasonKind, reasonKindOf } from './reasons-not-given.ts';
import {
  codesOf,
  type Evidence,
  evidenceOf,
  objectsOf,
  textOf,
  wordsOf,
} from './record-elements.ts';
import { targetDiseases } from './target-diseases.ts';

/** The Patient, as far as rules look. */
export interface PersonFacts {
  readonly gender: string | undefined;
  readonly birth: Span | undefined;
  readonly evidence: Evidence;
}

/** A report of a dose that was given. */
export interface GivenRecord {
  /** Absent when no date was recorded, or none that can be read. */
  readonly when: Span | undefined;
  /** SNOMED CT codes. */
  readonly diseases: readonly string[];
  readonly evidence: Evidence;
}

/** A report of a dose that was not given. */
export interface NotGivenRecord extends GivenRecord {
  readonly kind: ReasonKind;
}

/** Membership of a risk group (Condition) or a priority group (Flag). */
export interface GroupRecord {
  /** Codes of our CodeSystem risk-group or priority-group. */
  readonly groups: readonly string[];
  /** Whether the record says that it holds still. */
  readonly isActive: boolean;
  /** From when it holds; unknown means always. */
  readonly from: Span | undefined;
  /** The last day on which it held, at the latest. */
  readonly until: Day | undefined;
  readonly recorded: Span | undefined;
  readonly evidence: Evidence;
}

/** A message that has gone out. */
export interface MessageRecord {
  readonly category: 'invitation' | 'reminder';
  readonly when: Span | undefined;
  /** Ids of the PlanDefinitions it is about. */
  readonly about: readonly string[];
  readonly evidence: Evidence;
}

/** An appointment that is to be kept. */
export interface BookingRecord {
  readonly when: Span | undefined;
  /** Codes of our CodeSystem vaccination-service: `FLU`. */
  readonly services: readonly string[];
  readonly evidence: Evidence;
}

/** A request for no more invitations, in force. */
export interface OptOutRecord {
  /** Ids of the PlanDefinitions it is about; undefined means all programmes. */
  readonly about: readonly string[] | undefined;
  readonly evidence: Evidence;
}

/** A person's records, those of a kind oldest first. */
export interface VaccinationHistory {
  readonly person: PersonFacts | undefined;
  readonly given: readonly GivenRecord[];
  readonly notGiven: readonly NotGivenRecord[];
  readonly risks: readonly GroupRecord[];
  readonly flags: readonly GroupRecord[];
  readonly messages: readonly MessageRecord[];
  readonly bookings: readonly BookingRecord[];
  readonly optOuts: readonly OptOutRecord[];
  /** Records that were left out because they say of themselves that they are no facts. */
  readonly leftOut: readonly Evidence[];
}

const OURS = 'https://openims.example/fhir/CodeSystem';
const HL7 = 'http://terminology.hl7.org/CodeSystem';

/** Condition.clinicalStatus of what is there still, and Condition.verificationStatus of what never
 * was. As the search parameter risk-group has it. */
const PRESENT: readonly string[] = ['active', 'recurrence', 'relapse'];
const UNTRUE: readonly string[] = ['refuted', 'entered-in-error'];

/** Communication.status of what has been sent. */
const SENT: readonly string[] = ['in-progress', 'completed'];

/** Appointment.status of what is to be kept. */
const BOOKED: readonly string[] = ['pending', 'booked', 'arrived', 'checked-in'];

/** The risk group that is no risk group: a criterion of its own. */
export const PREGNANCY = 'pregnancy';

/** Days after which a pregnancy is over that nobody has closed: 42 weeks. */
export const PREGNANCY_DAYS_MAX = 294;

type Mutable<Type> = {
  -readonly [Key in keyof Type]: Type[Key] extends readonly (infer Item)[] ? Item[] : Type[Key];
};

/**
 * Reads a person's records.
 * @param resources the Patient and all that is recorded about them, in any order; types that no
 *   rule looks at are passed over
 * @param zone IANA name: whose calendar days instants belong to
 */
export function readHistory(resources: readonly Resource[], zone: string): VaccinationHistory {
  const history: Mutable<VaccinationHistory> = {
    person: undefined,
    given: [],
    notGiven: [],
    risks: [],
    flags: [],
    messages: [],
    bookings: [],
    optOuts: [],
    leftOut: [],
  };
  for (const resource of resources) readers.get(resource.resourceType)?.(resource, history, zone);
  history.given.sort(byDay);
  history.notGiven.sort(byDay);
  history.messages.sort(byDay);
  history.bookings.sort(byDay);
  return history;
}

type Reader = (resource: Resource, history: Mutable<VaccinationHistory>, zone: string) => void;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['Patient', readPatient],
  ['Immunization', readImmunization],
  ['Condition', readCondition],
  ['Flag', readFlag],
  ['Communication', readCommunication],
  ['Appointment', readAppointment],
  ['Consent', readConsent],
]);

/** By first day, undated ones last, then by reference, so that the order of reading is nothing. */
function byDay(one: Dated, other: Dated): number {
  const left = one.when?.first ?? UNDATED;
  const right = other.when?.first ?? UNDATED;
  return (
    compareTexts(left, right) || compareTexts(one.evidence.reference, other.evidence.reference)
  );
}

interface Dated {
  readonly when: Span | undefined;
  readonly evidence: Evidence;
}

const UNDATED = '9999-99-99';

function readPatient(patient: Resource, history: Mutable<VaccinationHistory>, zone: string): void {
  const { birthDate, gender } = patient;
  const words = `Born ${textOf(birthDate) ?? 'on a day that is not recorded'}`;
  const evidence = evidenceOf(patient, birthDate, words);
  history.person = { gender: textOf(gender), birth: spanOf(birthDate, zone), evidence };
}

function readImmunization(
  immunization: Resource,
  history: Mutable<VaccinationHistory>,
  zone: string,
): void {
  const { status, occurrenceDateTime, occurrenceString, statusReason, vaccineCode } = immunization;
  const dated = occurrenceDateTime ?? occurrenceString;
  const vaccine = wordsOf(vaccineCode) ?? 'vaccine not named';
  const when = spanOf(occurrenceDateTime, zone);
  const diseases = targetDiseases(immunization);
  if (status === 'completed') {
    const evidence = evidenceOf(immunization, dated, `Given: ${vaccine}`);
    history.given.push({ when, diseases, evidence });
  } else if (status === 'not-done') {
    const reason = wordsOf(statusReason) ?? 'no reason recorded';
    const evidence = evidenceOf(immunization, dated, `Not given: ${reason}`);
    history.notGiven.push({ when, diseases, evidence, kind: reasonKindOf(statusReason) });
  } else {
    history.leftOut.push(evidenceOf(immunization, dated, 'Entered in error'));
  }
}

function readCondition(
  condition: Resource,
  history: Mutable<VaccinationHistory>,
  zone: string,
): void {
  const { category, clinicalStatus, verificationStatus, code } = condition;
  const groups = codesOf(category, `${OURS}/risk-group`);
  if (groups.length === 0) return;
  const date = condition.onsetDateTime ?? condition.recordedDate;
  const words = wordsOf(code) ?? groups.join(', ');
  const verification = codesOf(verificationStatus, `${HL7}/condition-ver-status`);
  if (verification.some((each) => UNTRUE.includes(each))) {
    history.leftOut.push(evidenceOf(condition, date, `${words}: ${verification.join(', ')}`));
    return;
  }
  const clinical = codesOf(clinicalStatus, `${HL7}/condition-clinical`);
  history.risks.push({
    groups,
    isActive: clinical.some((each) => PRESENT.includes(each)),
    from: spanOf(condition.onsetDateTime, zone),
    until: dayBefore(spanOf(condition.abatementDateTime, zone)?.last),
    recorded: spanOf(condition.recordedDate, zone),
    evidence: evidenceOf(condition, date, words),
  });
}

/** What abated on a day is over on it; a period's end is part of it. */
function dayBefore(day: Day | undefined): Day | undefined {
  return day === undefined ? undefined : addDays(day, -1);
}

function readFlag(flag: Resource, history: Mutable<VaccinationHistory>, zone: string): void {
  const groups = codesOf(flag.code, `${OURS}/priority-group`);
  if (groups.length === 0) return;
  const [period] = objectsOf(flag.period);
  const words = wordsOf(flag.code) ?? groups.join(', ');
  const evidence = evidenceOf(flag, period?.start, words);
  if (flag.status === 'entered-in-error') {
    history.leftOut.push({ ...evidence, words: `${words}: entered in error` });
    return;
  }
  const from = spanOf(period?.start, zone);
  const until = spanOf(period?.end, zone)?.last;
  const isActive = flag.status === 'active';
  history.flags.push({ groups, isActive, from, until, recorded: undefined, evidence });
}

function readCommunication(
  communication: Resource,
  history: Mutable<VaccinationHistory>,
  zone: string,
): void {
  const { status, sent, received } = communication;
  if (typeof status !== 'string' || !SENT.includes(status)) return;
  const categories = codesOf(communication.category, `${OURS}/message-category`);
  const about = [
    ...plansOf(communication.about),
    ...canonicalPlans(communication.instantiatesCanonical),
  ];
  const date = sent ?? received;
  const when = spanOf(date, zone);
  for (const category of ['invitation', 'reminder'] as const) {
    if (!categories.includes(category)) continue;
    const route = wordsOf(communication.medium) ?? 'route not recorded';
    const words = `${category === 'invitation' ? 'Invitation' : 'Reminder'} sent: ${route}`;
    const evidence = evidenceOf(communication, date, words);
    history.messages.push({ category, when, about, evidence });
  }
}

function readAppointment(
  appointment: Resource,
  history: Mutable<VaccinationHistory>,
  zone: string,
): void {
  const { status, start, serviceType } = appointment;
  if (typeof status !== 'string' || !BOOKED.includes(status)) return;
  const services = codesOf(serviceType, `${OURS}/vaccination-service`);
  const words = `Appointment ${status}: ${wordsOf(serviceType) ?? 'service not named'}`;
  const when = spanOf(start, zone);
  history.bookings.push({ when, services, evidence: evidenceOf(appointment, start, words) });
}

function readConsent(consent: Resource, history: Mutable<VaccinationHistory>): void {
  if (consent.status !== 'active') return;
  const [provision] = objectsOf(consent.provision);
  if (provision !== undefined && provision.type === 'permit') return;
  const categories = codesOf(consent.category, `${OURS}/consent-category`);
  const words = wordsOf(consent.category) ?? 'Opted out';
  const evidence = evidenceOf(consent, consent.dateTime, words);
  if (categories.includes('vaccination-invitations')) {
    history.optOuts.push({ about: undefined, evidence });
  } else if (categories.includes('programme-invitations')) {
    const data = objectsOf(provision?.data).map(({ reference }) => reference);
    history.optOuts.push({ about: plansOf(data), evidence });
  }
}

const PLAN = /(?:^|\/)PlanDefinition\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?(?:\|.*)?$/;

/** Ids of the PlanDefinitions among References. */
function plansOf(references: unknown): readonly string[] {
  return objectsOf(references).flatMap(({ reference }) => planOf(reference));
}

/** Ids of the PlanDefinitions among canonical urls. */
function canonicalPlans(urls: unknown): readonly string[] {
  return Array.isArray(urls) ? urls.flatMap(planOf) : [];
}

function planOf(url: unknown): readonly string[] {
  const id = typeof url === 'string' ? PLAN.exec(url)?.[1] : undefined;
  return id === undefined ? [] : [id];
}

/** The history without what is dated after a day, and without appointments before it. */
export function historyOn(history: VaccinationHistory, onDate: Day): VaccinationHistory {
  const isKnown = ({ when }: { readonly when: Span | undefined }) =>
    when === undefined || when.first <= onDate;
  return {
    ...history,
    given: history.given.filter(isKnown),
    notGiven: history.notGiven.filter(isKnown),
    messages: history.messages.filter(isKnown),
    risks: history.risks.filter(({ from }) => from === undefined || from.first <= onDate),
    bookings: history.bookings.filter(({ when }) => when === undefined || when.last >= onDate),
  };
}

/** Whether a group record holds on a day: from its beginning, until its end; one that says that it
 * is over and not since when does not. */
export function holdsOn({ isActive, from, until }: GroupRecord, on: Day): boolean {
  if (from !== undefined && from.first > on) return false;
  return until === undefined ? isActive : on <= until;
}
