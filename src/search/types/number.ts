// number parameters: how a value with its prefix and its precision is read, how numbers and ranges
// are indexed. Both are ranges, which range.ts matches. http://hl7.org/fhir/R4/search.html#number

import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { unescapeValue } from '../escapes.ts';
import type { Expression, RangeBounds } from '../expression.ts';
import { GREATEST_NUMBER, LEAST_NUMBER, type ValueEntry } from '../index-entry.ts';
import { boundsByPrefix, type Range, splitPrefix } from './range.ts';

const DECIMAL = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,4}))?$/;

const EXPECTED =
  'a number: write 100, 5.40 or 1e2 after an optional prefix eq, ne, gt, lt, ge, le, sa, eb or ap';

/** The prefixes that count in the digits that are given: 100 is 99.5 up to 100.5. The others take
 * the number as it is (search.html#prefix). */
const byPrecision: ReadonlySet<string> = new Set(['eq', 'ne']);

/** `probability=gt0.8` as an expression. Refuses any modifier. */
export function readNumber(clause: Clause): Expression {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  const anyOf = clause.values.flatMap((value) => {
    const bounds = readNumberBounds(unescapeValue(value));
    if (bounds === undefined) throw malformedValue(clause.name, value, EXPECTED);
    return bounds;
  });
  return { kind: 'number', parameter: clause.parameter.code, anyOf };
}

/** What `gt5.4` asks of an entry's range; undefined when it is no number. */
export function readNumberBounds(value: string): readonly RangeBounds[] | undefined {
  const { prefix, rest } = splitPrefix(value);
  const bounds = boundsByPrefix[prefix];
  const exact = Number(rest);
  const given = rangeOfDigits(rest);
  if (bounds === undefined || given === undefined) return undefined;
  if (byPrecision.has(prefix)) return bounds(given.low, given.high, 0);
  return bounds(exact, nextAbove(exact), prefix === 'ap' ? Math.abs(exact) / 10 : 0);
}

/**
 * All numbers that the digits may stand for: `5.40` is [5.395, 5.405), `100` is [99.5, 100.5) and
 * `1e2` is [95, 105), as search.html#number has them: with an exponent, one digit more counts than
 * is written. Computed in whole numbers, since 5.395 is no sum of binary fractions.
 */
function rangeOfDigits(text: string): Range | undefined {
  const [, sign = '', whole, fraction = '', exponent] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const guard = exponent === undefined ? '' : '0';
  const digits = BigInt(`${whole}${fraction}${guard}`) * (sign === '-' ? -10n : 10n);
  const power = Number(exponent ?? 0) - fraction.length - guard.length - 1;
  const low = Number(`${digits - 5n}e${power}`);
  const high = Number(`${digits + 5n}e${power}`);
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : undefined;
}

/** Index entries of a number, or of a Range of quantities without regard to their units. */
export function numberEntries(parameter: string, node: unknown, _fhirType: string): ValueEntry[] {
  const range = typeof node === 'number' ? rangeOf(node) : rangeBetween(node);
  return range === undefined ? [] : [{ kind: 'number', parameter, ...range }];
}

/** The range that is one number. */
export function rangeOf(number: number): Range | undefined {
  return Number.isFinite(number) ? { low: number, high: nextAbove(number) } : undefined;
}

/** The range of a FHIR Range, open where it has no limit; undefined when it has none or ends before
 * it begins. */
export function rangeBetween(node: unknown): Range | undefined {
  const { low, high } = (node ?? {}) as {
    readonly low?: { readonly value?: unknown };
    readonly high?: { readonly value?: unknown };
  };
  const first = low?.value;
  const last = high?.value;
  if (typeof first !== 'number' && typeof last !== 'number') return undefined;
  const range = {
    low: typeof first === 'number' ? first : LEAST_NUMBER,
    high: typeof last === 'number' ? nextAbove(last) : GREATEST_NUMBER,
  };
  return range.low < range.high ? range : undefined;
}

const bits = new DataView(new ArrayBuffer(8));

/** The least double that is greater; the greatest is its own. */
export function nextAbove(number: number): number {
  if (number >= GREATEST_NUMBER) return GREATEST_NUMBER;
  if (number === 0) return Number.MIN_VALUE;
  bits.setFloat64(0, number);
  bits.setBigInt64(0, bits.getBigInt64(0) + (number > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}
