// The one integer that names a resource in every table: `rid = typeCode * 2^40 + number`, so that
// it is at once row key, dense number within the type, and proof of the type.

const NUMBERS_PER_TYPE = 2 ** 40;

/** Type codes beyond this would leave JavaScript's exact integers. */
export const TYPE_CODE_MAX = 2 ** 12;

/** The resource with that number of the type. */
export function ridOf(typeCode: number, number: number): number {
  return typeCode * NUMBERS_PER_TYPE + number;
}

/** The dense number within its type, from 1. */
export function numberOf(rid: number): number {
  return rid % NUMBERS_PER_TYPE;
}

/** The code of its type. */
export function typeCodeOf(rid: number): number {
  return Math.floor(rid / NUMBERS_PER_TYPE);
}

/** Least and greatest rid of a type. */
export function ridRange(typeCode: number): { readonly first: number; readonly last: number } {
  return { first: ridOf(typeCode, 1), last: ridOf(typeCode, NUMBERS_PER_TYPE - 1) };
}
