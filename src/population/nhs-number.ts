// Synthetic NHS numbers: ten digits of which the last is the Modulus 11 check digit. Numbers that
// begin with 999 are never given to anyone (NHS Data Dictionary, NHS NUMBER).

/** How many numbers one range of three leading digits holds here: nine for each five digits. */
const RANGE_SIZE = 900_000;

/** Ranges 999, 998 … 900: real numbers begin with 4, 6 or 7. */
const RANGES = 100;

/** Numbers that can be told apart. */
export const NHS_NUMBERS_MAX = RANGES * RANGE_SIZE;

/** No divisor of it divides RANGE_SIZE, so multiplying by it visits every place of a range once. */
const STRIDE = 524_287;

/**
 * The index-th NHS number; different indexes give different numbers. The first 900,000 lie in the
 * synthetic range 999, later ones in 998, 997 and so on, since 999 holds no more.
 */
export function nhsNumber(index: number): string {
  const range = Math.floor(index / RANGE_SIZE);
  const place = ((index % RANGE_SIZE) * STRIDE) % RANGE_SIZE;
  const prefix = (999 - range) * 100_000 + Math.floor(place / 9);
  // Of ten numbers with the same first eight digits at most one has no check digit.
  let skip = place % 9;
  for (let last = 0; last < 10; last += 1) {
    const nine = prefix * 10 + last;
    const check = checkDigit(nine);
    if (check === undefined) continue;
    if (skip === 0) return `${nine}${check}`;
    skip -= 1;
  }
  throw new RangeError(`no NHS number has the index ${index}`);
}

/** The check digit that belongs to nine digits; undefined when there is none. */
export function checkDigit(nine: number): number | undefined {
  let rest = nine;
  let sum = 0;
  for (let weight = 2; weight <= 10; weight += 1) {
    sum += (rest % 10) * weight;
    rest = Math.floor(rest / 10);
  }
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? undefined : check;
}
