// quantity parameters: how `prefix number|system|code` is read, how quantities, money and ranges
// are indexed, how the two match. Units are compared as they are written: nothing is converted.
// http://hl7.org/fhir/R4/search.html#quantity

import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Expression, QuantityValue } from '../expression.ts';
import { GREATEST_NUMBER, LEAST_NUMBER, type ValueEntry } from '../index-entry.ts';
import { nextAbove, rangeBetween, rangeOf, readNumberBounds } from './number.ts';
import { type Range, rangeMatches } from './range.ts';

type QuantityEntry = Extract<ValueEntry, { kind: 'quantity' }>;

/** http://hl7.org/fhir/R4/datatypes.html#Money: `currency` is a code of ISO 4217. */
const CURRENCIES = 'urn:iso:std:iso:4217';

const EXPECTED =
  'a quantity: write number, number|system|code or number||code, the number after an optional ' +
  'prefix eq, ne, gt, lt, ge, le, sa, eb or ap';

/** `value-quantity=gt5.4|http://unitsofmeasure.org|mg` as an expression. Refuses any modifier. */
export function readQuantity(clause: Clause): Expression {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  const anyOf = clause.values.flatMap((value) => quantityValues(value, clause));
  return { kind: 'quantity', parameter: clause.parameter.code, anyOf };
}

function quantityValues(value: string, clause: Clause): readonly QuantityValue[] {
  const parts = splitUnescaped(value, '|').map(unescapeValue);
  const [number = '', system = '', code = ''] = parts;
  const bounds = readNumberBounds(number);
  const isShort = parts.length === 1 || (parts.length === 3 && code !== '');
  if (bounds === undefined || !isShort) throw malformedValue(clause.name, value, EXPECTED);
  const unit = parts.length === 1 ? {} : system === '' ? { codeOrUnit: code } : { system, code };
  return bounds.map((each) => ({ bounds: each, ...unit }));
}

/** Index entries of a Quantity (with its comparator), of Money, or of a Range. */
export function quantityEntries(parameter: string, node: unknown, fhirType: string): ValueEntry[] {
  if (typeof node !== 'object' || node === null) return [];
  const { range, unit } = readNode(node, fhirType);
  return range === undefined ? [] : [{ kind: 'quantity', parameter, ...unitOf(unit), ...range }];
}

interface Read {
  readonly range: Range | undefined;
  /** What carries the unit. */
  readonly unit: object;
}

function readNode(node: object, fhirType: string): Read {
  switch (fhirType) {
    case 'Money': {
      const { value, currency } = node as { readonly value?: unknown; readonly currency?: unknown };
      const range = typeof value === 'number' ? rangeOf(value) : undefined;
      return { range, unit: currency === undefined ? {} : { system: CURRENCIES, code: currency } };
    }
    case 'Range': {
      const { low, high } = node as { readonly low?: object; readonly high?: object };
      return { range: rangeBetween(node), unit: low ?? high ?? {} };
    }
    default:
      return { range: rangeWithComparator(node), unit: node };
  }
}

/** `< 5` is everything below 5 (http://hl7.org/fhir/R4/valueset-quantity-comparator.html). */
function rangeWithComparator(node: object): Range | undefined {
  const { value, comparator } = node as { readonly value?: unknown; readonly comparator?: unknown };
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  switch (comparator) {
    case '<':
      return { low: LEAST_NUMBER, high: value };
    case '<=':
      return { low: LEAST_NUMBER, high: nextAbove(value) };
    case '>':
      return { low: nextAbove(value), high: GREATEST_NUMBER };
    case '>=':
      return { low: value, high: GREATEST_NUMBER };
    default:
      return rangeOf(value);
  }
}

function unitOf(node: object): { system: string; code: string; unit: string } {
  const { system, code, unit } = node as Readonly<Record<string, unknown>>;
  return { system: textOf(system), code: textOf(code), unit: textOf(unit) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether the entry is in the range asked for and of the unit. */
export function quantityMatches(entry: QuantityEntry, value: QuantityValue): boolean {
  const { bounds, system, code, codeOrUnit } = value;
  return (
    rangeMatches(entry, bounds) &&
    (system === undefined || entry.system === system) &&
    (code === undefined || entry.code === code) &&
    (codeOrUnit === undefined || entry.code === codeOrUnit || entry.unit === codeOrUnit)
  );
}
