// How the running season goes: who is invited, what becomes of messages, who books, comes and stays
// away. Assumptions, after domain.md sections 3.3, 4.5 and 6 where they name a figure or a reason.

/** Of those a campaign is for, how many are written to. */
export const INVITED_SHARE = 0.9;

/** Most are written to in the first weeks, the rest in waves over the whole campaign. */
export const LATE_WAVE = { share: 0.2, firstWavesDays: 32 } as const;

/** Of those who opted out, how many are written to all the same, or planned to be. */
export const OPTED_OUT_INVITED = 0.15;

/** A reminder goes out two to three weeks after an invitation without dose or booking. */
export const REMINDER_DAYS = 15;

/** http://hl7.org/fhir/R4/valueset-event-status.html */
export type SentState =
  | 'preparation'
  | 'in-progress'
  | 'not-done'
  | 'on-hold'
  | 'stopped'
  | 'completed'
  | 'entered-in-error'
  | 'unknown';

/** What became of messages sent some days ago, in parts. */
export const sentStates: readonly (readonly [SentState, number])[] = [
  ['completed', 934],
  ['not-done', 38],
  ['on-hold', 8],
  ['stopped', 8],
  ['entered-in-error', 4],
  ['unknown', 8],
];

/** Why a message was not sent or held back: GOV.UK Notify's and NHS Notify's failure reasons. */
export const faultReasons: Readonly<Partial<Record<SentState, readonly string[]>>> = {
  'not-done': [
    'contact-detail-missing',
    'undeliverable',
    'date-of-birth-mismatch',
    'invalid-nhs-number',
    'informally-dead',
  ],
  'on-hold': ['capacity-short', 'awaiting-approval'],
  stopped: ['vaccinated', 'booked', 'opted-out'],
};

/** Of doses given at bookable sites, how many were booked with the national service. */
export const BOOKED_SHARE = 0.7;

/** Of bookings, how many were moved once: cancelled, and another made. */
export const REBOOKED_SHARE = 0.09;

/** Of those invited who have no dose, how many booked and then stayed away or cancelled. */
export const MISSED_SHARE = 0.035;
export const CANCELLED_SHARE = 0.025;

/** How far ahead people book, days. */
export const BOOKED_AHEAD_DAYS = 20;

/** http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason, in parts. */
export const cancellationReasons: readonly (readonly [string, string, number])[] = [
  ['pat', 'Patient', 60],
  ['pat-cpp', 'Patient: Canceled via Patient Portal', 20],
  ['pat-fb', 'Patient: Feeling Better', 2],
  ['prov', 'Provider', 8],
  ['prov-pers', 'Provider: Personal', 2],
  ['other', 'Other', 8],
];
