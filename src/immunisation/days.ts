// Calendar days as texts, and the arithmetic that ages, seasons and intervals need. What no other
// file of this folder does: it reads FHIR dates (http://hl7.org/fhir/R4/datatypes.html#dateTime).

import { dateRange, dayNumberAt } from '../fhir/dates.ts';

/** A calendar day, `2026-11-25`. Days compare as texts do. */
export type Day = string;

/** The first and the last day that a date may mean: one day twice, or a whole month or year. */
export interface Span {
  readonly first: Day;
  readonly last: Day;
}

/** An age, in whole units after birth: `{ years: 65 }`, `{ months: 6 }`. */
export type Age =
  | { readonly years: number }
  | { readonly months: number }
  | { readonly weeks: number };

const DAY_MS = 24 * 60 * 60 * 1000;
const WHOLE_DAY = /^\d{4}-\d\d-\d\d$/;

/** For sorting, days too. */
export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Days since 1970-01-01. */
function numberOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}

function dayOfNumber(number: number): Day {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** Whether the text is a day that exists. */
export function isDay(text: string): boolean {
  return WHOLE_DAY.test(text) && !text.startsWith('0000') && isOfCalendar(text);
}

function isOfCalendar(text: string): boolean {
  const number = numberOf(text);
  return !Number.isNaN(number) && dayOfNumber(number) === text;
}

export function addDays(day: Day, days: number): Day {
  return dayOfNumber(numberOf(day) + days);
}

/** From the one day to the other; negative when the other is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return numberOf(to) - numberOf(from);
}

/** The same day so many months later, or the first of the next month where that month has none:
 * who is born on 29 February is a year older on 1 March. */
export function addMonths(day: Day, months: number): Day {
  const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
  const same = `${monthText(month)}-${day.slice(8)}`;
  return isOfCalendar(same) ? same : `${monthText(month + 1)}-01`;
}

/** @param month months since the year 0 */
function monthText(month: number): string {
  const year = String(Math.floor(month / 12)).padStart(4, '0');
  return `${year}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** The day on which somebody born on a day comes to an age. */
export function dayOfAge(birth: Day, age: Age): Day {
  if ('weeks' in age) return addDays(birth, 7 * age.weeks);
  return addMonths(birth, 'months' in age ? age.months : 12 * age.years);
}

/** The last 31 August up to a day: ages on it decide the school year. */
export function schoolYearAges(on: Day): Day {
  const year = Number(on.slice(0, 4));
  return on.slice(5) >= '08-31' ? `${year}-08-31` : `${year - 1}-08-31`;
}

/**
 * The days that a FHIR date or dateTime may mean.
 * @param zone IANA name: in which zone's calendar an instant is looked up
 * @returns undefined when the text is no date, or names one that does not exist
 */
export function spanOf(text: unknown, zone: string): Span | undefined {
  if (typeof text !== 'string') return undefined;
  const range = dateRange(text, zone);
  if (range === undefined) return undefined;
  if (text.length === 4) return { first: `${text}-01-01`, last: `${text}-12-31` };
  if (text.length === 7)
    return { first: `${text}-01`, last: addDays(addMonths(`${text}-01`, 1), -1) };
  const day = text.length === 10 ? text : dayAt(range.lowMs, text.slice(0, 10), zone);
  return { first: day, last: day };
}

/** The day that the calendars of a zone show at an instant.
 * @param written the day it was written with, which mostly is the one */
function dayAt(instantMs: number, written: Day, zone: string): Day {
  const number = dayNumberAt(instantMs, zone);
  if (number === numberOf(written)) return written;
  const shown = dayOfNumber(number);
  return isDay(shown) ? shown : written;
}
