// FHIR dates and times as half-open ranges [low, high) of milliseconds since 1970 UTC. Searches and
// the index read every date through here. http://hl7.org/fhir/R4/datatypes.html#dateTime

import { assert } from '../lib/assert.ts';

/** All instants that a date or time of limited precision may mean: low <= instant < high. */
interface DateRange {
  readonly lowMs: number;
  readonly highMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const DATE_TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const OFFSET = /^([+-])(0\d|1[0-3]|14(?=:00)):([0-5]\d)$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The range that a FHIR date, dateTime or instant covers, by its precision: `2026` is the year,
 * `2026-11-25T10:00` the minute (search allows it without seconds), `…:00.5` a tenth of a second.
 * Years are 0001 to 9999. A leap second :60 is the first second of the next minute.
 * @param zone IANA name: what is meant where the text has no zone. A wall-clock time that occurs
 * twice means its first occurrence, one that is skipped is read with the offset before the
 * change (RFC 5545, 3.3.5).
 * @returns undefined when the text is no date or the date does not exist
 */
export function dateRange(text: string, zone: string): DateRange | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  // Indexed, not destructured: this is the indexing hot path, and an iterator costs as much as
  // the expression itself.
  const monthText = parts[2];
  const dayText = parts[3];
  const year = Number(parts[1]);
  if (year === 0) return undefined;
  if (monthText === undefined) {
    return wholeDays(dayNumber(year, 1, 1), dayNumber(year + 1, 1, 1), zone);
  }
  const month = Number(monthText);
  if (month < 1 || month > 12) return undefined;
  if (dayText === undefined) {
    const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
    return wholeDays(dayNumber(year, month, 1), next, zone);
  }
  const day = Number(dayText);
  if (day < 1 || day > daysInMonth(year, month)) return undefined;
  const first = dayNumber(year, month, day);
  return parts[4] === undefined ? wholeDays(first, first + 1, zone) : timeOfDay(first, parts, zone);
}

function timeOfDay(day: number, parts: RegExpExecArray, zone: string): DateRange | undefined {
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const secondText = parts[6];
  const zoneText = parts[8];
  const second = Number(secondText ?? 0);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const fraction = parts[7] ?? '';
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const localMs =
    day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fractionMs;
  const lowMs = zoneText === undefined ? utcOfLocal(localMs, zone) : withOffset(localMs, zoneText);
  if (lowMs === undefined) return undefined;
  const widthMs = secondText === undefined ? MINUTE_MS : fractionWidthMs(fraction.length);
  return { lowMs, highMs: lowMs + widthMs };
}

function fractionWidthMs(digits: number): number {
  return digits < 3 ? SECOND_MS / 10 ** digits : 1;
}

function withOffset(localMs: number, zoneText: string): number | undefined {
  if (zoneText === 'Z') return localMs;
  const parts = OFFSET.exec(zoneText);
  if (parts === null) return undefined;
  const offsetMs = Number(parts[2]) * HOUR_MS + Number(parts[3]) * MINUTE_MS;
  return parts[1] === '-' ? localMs + offsetMs : localMs - offsetMs;
}

function wholeDays(first: number, next: number, zone: string): DateRange {
  return { lowMs: utcOfLocal(first * DAY_MS, zone), highMs: utcOfLocal(next * DAY_MS, zone) };
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/** Days since 1970-01-01. Date.UTC is not used because it reads the years 0 to 99 as 1900 on. */
function dayNumber(year: number, month: number, day: number): number {
  // Years that begin in March put the leap day last.
  const shifted = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leapDays + dayOfYear - 719_468;
}

/**
 * The instant at which the clocks of `zone` show `localMs` (milliseconds as if the wall clock were
 * UTC). No zone changes its offset twice within three days, so equal offsets around a day settle
 * it without asking for the exact instant.
 */
function utcOfLocal(localMs: number, zone: string): number {
  const offsets = zoneOffsets(zone);
  const day = Math.floor(localMs / DAY_MS);
  const before = offsets.atDay(day - 1);
  const after = offsets.atDay(day + 2);
  if (before === after) return localMs - before;
  if (offsets.at(localMs - before) === before) return localMs - before;
  if (offsets.at(localMs - after) === after) return localMs - after;
  return localMs - before;
}

/** The day that the calendars of a zone show at an instant, counted from 1970-01-01. */
export function dayNumberAt(instantMs: number, zone: string): number {
  const offsets = zoneOffsets(zone);
  const day = Math.floor(instantMs / DAY_MS);
  const before = offsets.atDay(day - 1);
  const isSteady = before === offsets.atDay(day + 2);
  return Math.floor((instantMs + (isSteady ? before : offsets.at(instantMs))) / DAY_MS);
}

/** Offsets of one zone: local time minus UTC, in milliseconds. */
interface ZoneOffsets {
  at(utcMs: number): number;
  /** At 00:00 UTC of a day counted from 1970-01-01, remembered. */
  atDay(day: number): number;
}

/** Before 1800 every zone keeps local mean time; from 2200 on offsets are computed each time. */
const REMEMBERED_FIRST_DAY = dayNumber(1800, 1, 1);
const REMEMBERED_DAYS = dayNumber(2200, 1, 1) - REMEMBERED_FIRST_DAY;
const UNKNOWN = -DAY_MS;

const knownZones = new Map<string, ZoneOffsets>();

function zoneOffsets(zone: string): ZoneOffsets {
  const known = knownZones.get(zone);
  if (known !== undefined) return known;
  const made = makeZoneOffsets(zone);
  knownZones.set(zone, made);
  return made;
}

function makeZoneOffsets(zone: string): ZoneOffsets {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const remembered = new Int32Array(REMEMBERED_DAYS).fill(UNKNOWN);
  const at = (utcMs: number): number =>
    offsetOf(format.format(Math.max(utcMs, REMEMBERED_FIRST_DAY * DAY_MS)));
  const atDay = (day: number): number => {
    const index = Math.max(day - REMEMBERED_FIRST_DAY, 0);
    const known = remembered[index];
    if (known !== undefined && known !== UNKNOWN) return known;
    const offset = at(day * DAY_MS);
    if (known !== undefined) remembered[index] = offset;
    return offset;
  };
  return { at, atDay };
}

/** `11/25/2026, GMT+01:00`, `…, GMT`, `…, GMT-00:01:15` → milliseconds. */
function offsetOf(formatted: string): number {
  const parts = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatted);
  assert(parts !== null, 'Intl prints an offset after GMT');
  const [, sign, hours, minutes, seconds] = parts;
  if (sign === undefined) return 0;
  const size =
    Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds ?? 0) * SECOND_MS;
  return sign === '-' ? -size : size;
}
