// Checks of single values in the words of NHS England's Immunisation FHIR API. A check gets any
// JSON value and tells what is wrong with it: the sentence that follows the value's location.

import { dateRange } from '../fhir/dates.ts';
import { isObject } from '../validation/nodes.ts';
import { isConceptId, isNhsNumber } from './check-digits.ts';

/** What "now" is, and where days begin. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** IANA name. */
  readonly zone: string;
}

/** What is wrong with the value (`must be a string`), or undefined. */
export type ValueCheck = (value: unknown, clock: Clock) => string | undefined;

interface TextLimits {
  readonly length?: number;
  readonly lengthMax?: number;
  readonly oneOf?: readonly string[];
  readonly spaces?: false;
}

/** A text of at least one character that is no white space, within limits. */
export function text({ length, lengthMax, oneOf, spaces }: TextLimits = {}): ValueCheck {
  return (value) => {
    if (typeof value !== 'string') return 'must be a string';
    if (/^\s+$/.test(value)) return 'must be a non-empty string';
    const characters = [...value].length;
    if (length !== undefined && characters !== length) return `must be ${length} characters`;
    if (characters === 0) return 'must be a non-empty string';
    if (lengthMax !== undefined && characters > lengthMax) {
      return `must be ${lengthMax} or fewer characters`;
    }
    if (oneOf !== undefined && !oneOf.includes(value)) {
      return `must be one of the following: ${oneOf.join(', ')}`;
    }
    return spaces === false && value.includes(' ') ? 'must not contain spaces' : undefined;
  };
}

/** The first complaint of several checks. */
export function all(...checks: readonly ValueCheck[]): ValueCheck {
  return (value, clock) => {
    for (const check of checks) {
      const complaint = check(value, clock);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };
}

interface ListLimits {
  readonly length?: number;
  readonly lengthMax?: number;
  readonly objects?: true;
}

/** An array with members, within limits. */
export function list({ length, lengthMax, objects }: ListLimits = {}): ValueCheck {
  return (value) => {
    if (!Array.isArray(value)) return 'must be an array';
    if (length !== undefined && value.length !== length) {
      return `must be an array of length ${length}`;
    }
    if (value.length === 0) return 'must be a non-empty array';
    if (lengthMax !== undefined && value.length > lengthMax) {
      return `must be an array of maximum length ${lengthMax}`;
    }
    return objects === true ? complaintOfObjects(value) : undefined;
  };
}

function complaintOfObjects(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    if (!isObject(value)) return 'must be an array of objects';
    if (Object.keys(value).length === 0) return 'must be an array of non-empty objects';
  }
  return undefined;
}

export const boolean: ValueCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'must be a boolean';

export const number: ValueCheck = (value) =>
  typeof value === 'number' ? undefined : 'must be a number';

/** A whole number from 1 on. */
export function positiveInteger(most: number): ValueCheck {
  return (value) => {
    if (!Number.isInteger(value) || Number(value) < 1) return 'must be a positive integer';
    return Number(value) > most ? `must be an integer in the range 1 to ${most}` : undefined;
  };
}

export const conceptId: ValueCheck = (value) =>
  isConceptId(String(value)) ? undefined : 'is not a valid snomed code';

export const nhsNumber: ValueCheck = (value) =>
  isNhsNumber(String(value)) ? undefined : 'is not a valid NHS number';

const FULL_DATE = /^\d{4}-\d\d-\d\d$/;

/** A day that exists; `past` ones are not after today. */
export function date({ past }: { readonly past: boolean }): ValueCheck {
  return (value, { nowMs, zone }) => {
    if (typeof value !== 'string') return 'must be a string';
    const range = FULL_DATE.test(value) ? dateRange(value, zone) : undefined;
    if (range === undefined) return 'must be a valid date string in the format "YYYY-MM-DD"';
    return past && range.lowMs > nowMs ? 'must not be in the future' : undefined;
  };
}

const FULL_DATE_TIME =
  /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d:[0-5]\d(?:\.\d{1,6})?)(?:Z|([+-]\d\d):?(\d\d)))?$/;
const ENGLISH_OFFSET = /\+0[01]:?00$/;

const DATE_TIME_FORMATS = [
  'must be a valid datetime in one of the following formats:',
  "- 'YYYY-MM-DD' — Full date only",
  "- 'YYYY-MM-DDThh:mm:ss%z' — Full date and time with timezone (e.g. +00:00 or +01:00)",
  "- 'YYYY-MM-DDThh:mm:ss.f%z' — Full date and time with milliseconds and timezone",
  '-  Date must not be in the future.',
].join('');

/** A day, or a time to the second with its offset from UTC, not in the future. */
export const dateTime: ValueCheck = (value, clock) => {
  if (typeof value !== 'string') return 'must be a string';
  return isPastDateTime(value, clock) ? undefined : DATE_TIME_FORMATS;
};

/** The same, with an offset that England's clocks have. */
export function englishDateTime(location: string): ValueCheck {
  const complaint =
    `${DATE_TIME_FORMATS}Only '+00:00' and '+01:00' are accepted as valid timezone offsets.\n` +
    `Note that partial dates are not allowed for ${location} in this service.\n`;
  return (value, clock) => {
    if (typeof value !== 'string') return 'must be a string';
    const english = FULL_DATE.test(value) || ENGLISH_OFFSET.test(value);
    return english && isPastDateTime(value, clock) ? undefined : complaint;
  };
}

function isPastDateTime(value: string, { nowMs, zone }: Clock): boolean {
  const [, day, time = '', hours, minutes] = FULL_DATE_TIME.exec(value) ?? [];
  if (day === undefined) return false;
  const utc = time === '' ? '' : 'Z';
  const offset = hours === undefined ? utc : `${hours}:${minutes}`;
  const range = dateRange(`${day}${time}${offset}`, zone);
  return range !== undefined && range.lowMs <= nowMs;
}
