// The primitive types of FHIR: which JSON values each admits, and how to say what is wrong with
// one (http://hl7.org/fhir/R4/datatypes.html#primitive). Called by the generated checks.

import { NUMBER_MARK } from '../lib/json.ts';
import { narrativeFault } from './narrative.ts';

interface PrimitiveType {
  readonly json: 'string' | 'number' | 'boolean';
  readonly matches: (value: unknown) => boolean;
  /** What a value looks like, for someone whose value does not. */
  readonly form: string;
}

/** http://hl7.org/fhir/R4/datatypes.html#string: strings are at most 1 MB. */
const STRING_LENGTH_MAX = 1024 * 1024;
const INTEGER_MAX = 2 ** 31 - 1;
const INTEGER_MIN = -(2 ** 31);
/** Days that every month has. */
const DAYS_ALWAYS = 28;
const MONTHS_OF_31_DAYS = new Set([1, 3, 5, 7, 8, 10, 12]);
const DATE_LENGTH = 'yyyy-mm-dd'.length;
const SHOWN_LENGTH = 60;

const VISIBLE = /\S/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

const YEAR = '(?!0000)\\d{4}';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?';
const ZONE = '(?:Z|[+-](?:(?:0\\d|1[0-3]):[0-5]\\d|14:00))';
const DATE = new RegExp(`^${YEAR}(?:-${MONTH}(?:-${DAY})?)?$`);
const DATE_TIME = new RegExp(`^${YEAR}(?:-${MONTH}(?:-${DAY}(?:T${TIME}${ZONE})?)?)?$`);
const INSTANT = new RegExp(`^${YEAR}-${MONTH}-${DAY}T${TIME}${ZONE}$`);
const TIME_OF_DAY = new RegExp(`^${TIME}$`);
const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const CODE = /^\S+(?: \S+)*$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const URI = /^\S+$/;
const CANONICAL = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|#)\S*$/;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PAD = '='.charCodeAt(0);
const WHITE_SPACE = charCodesOf(' \t\r\n');
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BASE64_DIGITS = charCodesOf(`${LETTERS}${LETTERS.toLowerCase()}0123456789+/`);

function charCodesOf(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.charCodeAt(0)));
}

function isText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= STRING_LENGTH_MAX &&
    VISIBLE.test(value) &&
    !CONTROL.test(value) &&
    value.isWellFormed()
  );
}

/** For patterns that allow any character but white space. */
function textLike(pattern: RegExp): (value: unknown) => boolean {
  return (value) => isText(value) && pattern.test(value);
}

/** For patterns that list the characters they allow. */
function exactly(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function uriLike(pattern: RegExp): (value: unknown) => boolean {
  return (value) => isText(value) && pattern.test(value) && isUrnInOrder(value);
}

/** http://hl7.org/fhir/R4/datatypes.html#uri: the expression `\S*` "is very permissive, but URIs
 * must be valid", and a UUID is written "all lowercase". */
function isUrnInOrder(uri: string): boolean {
  if (uri.startsWith('urn:uuid:')) return UUID.test(uri);
  return !uri.startsWith('urn:oid:') || OID.test(uri);
}

function dateLike(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value) && dayExists(value);
}

/** Whether the month has the day. The text has the form of a date already. */
function dayExists(date: string): boolean {
  if (date.length < DATE_LENGTH) return true;
  const day = Number(date.slice(8, 10));
  if (day <= DAYS_ALWAYS) return true;
  const month = Number(date.slice(5, 7));
  if (month === 2) return day === 29 && isLeapYear(Number(date.slice(0, 4)));
  return day <= 30 || MONTHS_OF_31_DAYS.has(month);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The number as it was written, in a tree that keeps numbers so; undefined otherwise. */
function numberSource(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(NUMBER_MARK)
    ? value.slice(NUMBER_MARK.length)
    : undefined;
}

function integerBetween(min: number, max: number): (value: unknown) => boolean {
  return (value) => {
    const source = numberSource(value);
    const number = source !== undefined && INTEGER.test(source) ? Number(source) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max;
  };
}

function isDecimal(value: unknown): boolean {
  const source = numberSource(value);
  return Number.isFinite(source === undefined ? value : Number(source));
}

// One pass and no copy: attachments are the largest values there are.
function isBase64(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  let digits = 0;
  let padding = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code === PAD) padding += 1;
    else if (BASE64_DIGITS.has(code) && padding === 0) digits += 1;
    else if (!WHITE_SPACE.has(code)) return false;
  }
  return digits > 0 && padding <= 2 && (digits + padding) % 4 === 0;
}

function text(matches: PrimitiveType['matches'], form: string): PrimitiveType {
  return { json: 'string', matches, form };
}

function number(matches: PrimitiveType['matches'], form: string): PrimitiveType {
  return { json: 'number', matches, form };
}

const uri = text(uriLike(URI), 'a URI: no white space; a UUID in lower case, an OID in numbers');

const primitiveTypes: Readonly<Record<string, PrimitiveType>> = {
  boolean: { json: 'boolean', matches: (v) => typeof v === 'boolean', form: 'true or false' },
  integer: number(integerBetween(INTEGER_MIN, INTEGER_MAX), 'a whole number of 32 bits'),
  unsignedInt: number(integerBetween(0, INTEGER_MAX), `a whole number from 0 to ${INTEGER_MAX}`),
  positiveInt: number(integerBetween(1, INTEGER_MAX), `a whole number from 1 to ${INTEGER_MAX}`),
  decimal: number(isDecimal, 'a number that a double can hold'),
  string: text(isText, 'text of at most 1 MB'),
  markdown: text(isText, 'text of at most 1 MB'),
  code: text(textLike(CODE), 'one or more words with single blanks between them'),
  id: text(exactly(ID), '1 to 64 letters, digits, hyphens and dots'),
  uri,
  url: uri,
  canonical: text(uriLike(CANONICAL), 'an absolute URI, or # and the id of a contained resource'),
  oid: text(exactly(OID), 'urn:oid: and numbers with dots'),
  uuid: text(exactly(UUID), 'urn:uuid: and a UUID in lower case'),
  date: text(dateLike(DATE), 'YYYY, YYYY-MM or YYYY-MM-DD of a day that exists'),
  dateTime: text(
    dateLike(DATE_TIME),
    'a date, or YYYY-MM-DDThh:mm:ss with Z or an offset, of a day that exists',
  ),
  instant: text(dateLike(INSTANT), 'YYYY-MM-DDThh:mm:ss with Z or an offset, of a day that exists'),
  time: text(exactly(TIME_OF_DAY), 'hh:mm:ss, without a zone'),
  base64Binary: text(isBase64, 'base64 in whole groups of four characters'),
  xhtml: text((value) => isText(value) && narrativeFault(value) === undefined, 'XHTML in a div'),
};

const ANY = text(isText, 'text');

/** For each primitive type, whether a JSON value is one of it. */
export const primitives: Readonly<Record<string, (value: unknown) => boolean>> = Object.fromEntries(
  Object.entries(primitiveTypes).map(([name, { matches }]) => [name, matches]),
);

/** What is wrong with a value that is not one of the primitive type, and whether its JSON type
 * (`structure`) or its content (`value`) is at fault. To be read after the element's name. */
export function primitiveProblem(
  value: unknown,
  type: string,
): { readonly code: 'structure' | 'value'; readonly problem: string } {
  const { json, form } = primitiveTypes[type] ?? ANY;
  const source = numberSource(value);
  if ((source === undefined ? typeof value : 'number') !== json) {
    const problem = `must be a ${json} (${type}), not ${nameOfJson(value)}`;
    return { code: 'structure', problem };
  }
  const problem = json === 'string' ? textProblem(value as string, type) : undefined;
  return {
    code: 'value',
    problem: problem ?? `is ${shown(value)}, which is no ${type}: expected ${form}`,
  };
}

function textProblem(value: string, type: string): string | undefined {
  if (value === '') return 'is an empty string: leave the element out instead';
  if (!VISIBLE.test(value)) return 'is nothing but white space: leave the element out instead';
  if (!value.isWellFormed()) return 'contains half a surrogate pair';
  const control = CONTROL.exec(value)?.[0].charCodeAt(0);
  if (control !== undefined) {
    const hexadecimal = control.toString(16).toUpperCase().padStart(4, '0');
    return `contains the control character U+${hexadecimal}`;
  }
  if (value.length > STRING_LENGTH_MAX && type !== 'base64Binary') return 'is longer than 1 MB';
  return type === 'xhtml' ? narrativeFault(value) : undefined;
}

/** A JSON value's kind in words: `null`, `an array`, `a string`. */
export function nameOfJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return numberSource(value) === undefined ? `a ${typeof value}` : 'a number';
}

/** A value as it may stand in a message: quoted, and cut when long; objects and arrays by name. */
export function shown(value: unknown): string {
  if (typeof value === 'object' || value === undefined) return nameOfJson(value);
  const text = numberSource(value) ?? String(value);
  const cut = text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
  return typeof value === 'string' && text === value ? JSON.stringify(cut) : cut;
}
