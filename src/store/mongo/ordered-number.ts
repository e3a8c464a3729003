// Doubles as texts that compare as the numbers do: sixteen hexadecimal digits. Also which such
// texts lie between two, as a regular expression, since entries are compared as texts alone.

const VIEW = new DataView(new ArrayBuffer(8));
const SIGN = 1n << 63n;
const ALL_BITS = (1n << 64n) - 1n;

/** Digits of a number as text. */
export const NUMBER_LENGTH = 16;

/** Any number. */
export const ANY_NUMBER = `[0-9a-f]{${NUMBER_LENGTH}}`;

/** Matches no text that we write. */
const NEVER = '!';

/** The number's place among all doubles, from 0; minus zero is zero. */
export function placeOf(number: number): bigint {
  VIEW.setFloat64(0, number === 0 ? 0 : number);
  const bits = VIEW.getBigUint64(0);
  return bits >= SIGN ? ALL_BITS - bits : bits + SIGN;
}

/** A place as text. */
export function textOfPlace(place: bigint): string {
  return place.toString(16).padStart(NUMBER_LENGTH, '0');
}

/** The number as text. */
export function textOfNumber(number: number): string {
  return textOfPlace(placeOf(number));
}

/** The number that the text was made of. */
export function numberOfText(text: string): number {
  const place = BigInt(`0x${text}`);
  VIEW.setBigUint64(0, place >= SIGN ? place - SIGN : ALL_BITS - place);
  return VIEW.getFloat64(0);
}

/** Places from the first to the last, both included; undefined: no bound. */
export interface Places {
  readonly first?: bigint | undefined;
  readonly last?: bigint | undefined;
}

/** A regular expression of the texts of these places. */
export function patternOfPlaces({ first = 0n, last = ALL_BITS }: Places): string {
  if (first > last) return NEVER;
  if (first === 0n && last === ALL_BITS) return ANY_NUMBER;
  return between(textOfPlace(first), textOfPlace(last));
}

/** Texts of one length from `first` to `last`: what they share, then what lies above the rest of
 * `first`, between the two, and below the rest of `last`. */
function between(first: string, last: string): string {
  if (first === last) return first;
  let shared = 0;
  while (first[shared] === last[shared]) shared += 1;
  const low = digitAt(first, shared);
  const high = digitAt(last, shared);
  const rest = first.length - shared - 1;
  const options = [
    hex(low) + atLeast(first.slice(shared + 1)),
    hex(high) + atMost(last.slice(shared + 1)),
    ...(high - low > 1 ? [digits(low + 1, high - 1) + any(rest)] : []),
  ];
  return `${first.slice(0, shared)}(?:${options.join('|')})`;
}

function atLeast(text: string): string {
  return oneOf(text, (digit) => (digit < 15 ? digits(digit + 1, 15) : undefined));
}

function atMost(text: string): string {
  return oneOf(text, (digit) => (digit > 0 ? digits(0, digit - 1) : undefined));
}

/** The text itself, or one that first differs from it at some digit as `beyond` says. */
function oneOf(text: string, beyond: (digit: number) => string | undefined): string {
  const options = [...text].flatMap((_, index) => {
    const other = beyond(digitAt(text, index));
    return other === undefined ? [] : text.slice(0, index) + other + any(text.length - index - 1);
  });
  return `(?:${[text, ...options].join('|')})`;
}

function digitAt(text: string, index: number): number {
  return Number.parseInt(text.charAt(index), 16);
}

function hex(digit: number): string {
  return digit.toString(16);
}

function digits(from: number, to: number): string {
  return `[${[...'0123456789abcdef'].slice(from, to + 1).join('')}]`;
}

function any(count: number): string {
  return count === 0 ? '' : `[0-9a-f]{${count}}`;
}
