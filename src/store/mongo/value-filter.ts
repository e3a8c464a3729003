// Conditions on entries as filters. An entry is one text (entry-text.ts), so a condition is a set
// of texts, or a range of the index with a regular expression: `$in` and `$elemMatch` are all that
// it takes. The expression alone decides, and the bounds follow from it, since FerretDB judges each
// part of `$elemMatch` on any element.

import { assert, unreachable } from '../../lib/assert.ts';
import type {
  Expression,
  QuantityValue,
  RangeBounds,
  StringComparison,
  TokenValue,
  ValueExpression,
} from '../../search/expression.ts';
import { encodeText, HIGHEST, SEPARATOR } from '../ordered-text.ts';
import { BETWEEN_COMPONENTS, entryName, ways } from './entry-text.ts';
import {
  ANY_NUMBER,
  type Places,
  patternOfPlaces,
  placeOf,
  textOfPlace,
} from './ordered-number.ts';

/** A filter of the database, as the driver takes it. */
export type Filter = Readonly<Record<string, unknown>>;

/** Matches no document. */
export const NOTHING: Filter = { _id: { $in: [] } };

/** What a value's text is, behind its parameter's name: where in the index, and which of those. */
interface Alternative {
  /** The texts from here … */
  readonly from: string;
  /** … to here, not included. */
  readonly below: string;
  /** Of the whole text behind the name; absent where it may be any that begins with `from`. */
  readonly pattern?: string;
}

/** Texts, or alternatives. */
type Condition =
  | { readonly texts: readonly string[] }
  | { readonly ranges: readonly Alternative[] };

type Composite = Extract<Expression, { kind: 'composite' }>;
type SearchedValue = Exclude<ValueExpression, { kind: 'near' }>;

/** Composites found from each alternative of their first component; with more, from the
 * parameter. */
const COMPOSITE_STARTS_MAX = 20;

// One encoded character, which may be two code points, and any encoded text.
const CHARACTER = '(?:[^\u0001\u0002\u{10FFFF}]|\u0002[a-c]|\u{10FFFF}[^\u0001])';
const ANY_TEXT = `${CHARACTER}*`;
const ANY_BODY = '(?:[^\u0002]|\u0002[a-c])*';

/** Has an entry under the parameter. */
export function hasEntryFilter(type: string, parameter: string): Filter {
  return anyOfRanges(entryName(type, parameter), [wholeRange('')]);
}

/** Has an entry that matches one of the alternatives. */
export function valueFilter(type: string, expression: SearchedValue): Filter {
  const name = entryName(type, expression.parameter);
  const conditions = conditionsOf(expression);
  const filters = conditions.flatMap((condition) => {
    if ('ranges' in condition) {
      return condition.ranges.length === 0 ? [] : [anyOfRanges(name, condition.ranges)];
    }
    const texts = condition.texts.map((text) => name + text);
    return texts.length === 0 ? [] : [{ entries: texts.length === 1 ? texts[0] : { $in: texts } }];
  });
  return anyOf(filters);
}

/** Has a position within those latitudes, which a caller judges. */
export function latitudeFilter(
  type: string,
  parameter: string,
  latitudes: readonly { readonly low: number; readonly high: number }[],
): Filter {
  const ranges = latitudes.map(({ low, high }) => {
    const places = { first: placeOf(low), last: placeOf(high) };
    const pattern = ways.position + patternOfPlaces(places) + ANY_BODY;
    return { ...placesRange(ways.position, places), pattern };
  });
  return anyOfRanges(entryName(type, parameter), ranges);
}

/** Has a composite whose values match the parts. */
export function compositeFilter(type: string, { parameter, of }: Composite): Filter {
  const parts = new Map<number, SearchedValue>();
  for (const part of of) {
    assert(part.kind !== 'near', 'positions are in no composite');
    const place = Number(part.parameter.slice(part.parameter.lastIndexOf('$') + 1));
    assert(!parts.has(place), 'a composite is asked for each component once');
    parts.set(place, part);
  }
  const alternatives = [...parts].map(([place, part]) => [place, wholeAlternatives(part)] as const);
  const patterns = new Map(alternatives.map(([place, all]) => [place, oneOf(all)]));
  const rest = restPattern(patterns);
  const first = alternatives.find(([place]) => place === 1)?.[1];
  const name = entryName(type, parameter);
  if (first === undefined || first.length > COMPOSITE_STARTS_MAX) {
    const start = patterns.get(1) ?? ANY_BODY;
    return anyOfRanges(name, [{ ...wholeRange(ways.composite), pattern: `X${start}${rest}` }]);
  }
  const ranges = first.map((each) => ({
    from: ways.composite + each.from,
    below: ways.composite + each.below,
    pattern: `X${each.pattern ?? ANY_BODY}${rest}`,
  }));
  return anyOf([anyOfRanges(name, ranges)]);
}

/** What follows the first component. */
function restPattern(patterns: ReadonlyMap<number, string>): string {
  const last = Math.max(...patterns.keys());
  let text = '';
  for (let place = 2; place <= last; place += 1) {
    text += BETWEEN_COMPONENTS + (patterns.get(place) ?? ANY_BODY);
  }
  return `${text}(?:${BETWEEN_COMPONENTS}${ANY_BODY})*`;
}

function oneOf(alternatives: readonly Alternative[]): string {
  return `(?:${alternatives.map(({ pattern = ANY_BODY }) => pattern).join('|') || '!'})`;
}

function anyOf(filters: readonly Filter[]): Filter {
  const [first] = filters;
  if (first === undefined) return NOTHING;
  return filters.length === 1 ? first : { $or: filters };
}

function anyOfRanges(name: string, ranges: readonly Alternative[]): Filter {
  return anyOf(
    ranges.map(({ from, below, pattern }) => {
      const range = { $gte: name + from, $lt: name + below };
      const whole = pattern === undefined ? quote(from) : `${pattern}\\z`;
      return { entries: { $elemMatch: { ...range, $regex: `^${quote(name)}${whole}` } } };
    }),
  );
}

/** How the value is found: by whatever way is shortest. */
function conditionsOf(expression: SearchedValue): readonly Condition[] {
  switch (expression.kind) {
    case 'token':
      return tokenConditions(expression.anyOf);
    case 'string':
      return [stringCondition(expression.compare, expression.anyOf)];
    case 'date':
    case 'number':
      return [{ ranges: expression.anyOf.flatMap((bounds) => shortest(bounds, RANGE_WAYS, '')) }];
    case 'quantity': {
      const ranges = expression.anyOf.flatMap((value) =>
        unitPatterns(value).flatMap((unit) => shortest(value.bounds, QUANTITY_WAYS, unit)),
      );
      return [{ ranges }];
    }
    case 'reference':
      return [{ texts: expression.anyOf.map((target) => ways.reference + encodeText(target)) }];
    case 'uri':
      return uriConditions(expression.compare, expression.anyOf);
    default:
      return unreachable(expression);
  }
}

/** The same as alternatives of the whole text alone, which is what composites hold. */
function wholeAlternatives(expression: SearchedValue): readonly Alternative[] {
  switch (expression.kind) {
    case 'token':
      return expression.anyOf.map(wholeToken);
    case 'string':
      return expression.anyOf.map((text) => wholeString(expression.compare, text));
    case 'date':
    case 'number':
      return expression.anyOf.map((bounds) => lowFirst(bounds, RANGE_WAYS, ''));
    case 'quantity':
      return expression.anyOf.flatMap((value) =>
        unitPatterns(value).map((unit) => lowFirst(value.bounds, QUANTITY_WAYS, unit)),
      );
    case 'reference':
      return expression.anyOf.map((target) => exactly(ways.reference + encodeText(target)));
    case 'uri':
      return uriConditions(expression.compare, expression.anyOf).flatMap((condition) =>
        'texts' in condition ? condition.texts.map(exactly) : condition.ranges,
      );
    default:
      return unreachable(expression);
  }
}

function exactly(text: string): Alternative {
  return { from: text, below: text + HIGHEST, pattern: quote(text) };
}

/** All texts that begin so. */
function wholeRange(start: string): Alternative {
  return { from: start, below: start + HIGHEST };
}

function tokenConditions(values: readonly TokenValue[]): readonly Condition[] {
  const texts = values.flatMap(({ system, code }) => {
    if (code === undefined)
      return system === undefined ? [] : ways.tokenSystem + encodeText(system);
    if (system === undefined) return ways.tokenCode + encodeText(code);
    return ways.token + encodeText(code) + SEPARATOR + encodeText(system);
  });
  const any = values.some(({ system, code }) => system === undefined && code === undefined);
  return any ? [{ ranges: [wholeRange(ways.token)] }] : [{ texts }];
}

function wholeToken({ system, code }: TokenValue): Alternative {
  const ofSystem = system === undefined ? ANY_TEXT : quote(encodeText(system));
  const start = code === undefined ? ways.token : ways.token + encodeText(code) + SEPARATOR;
  const ofCode = code === undefined ? ways.token + ANY_TEXT + SEPARATOR : quote(start);
  return { ...wholeRange(start), pattern: ofCode + ofSystem };
}

function stringCondition(compare: StringComparison, values: readonly string[]): Condition {
  if (compare === 'exact') {
    return { texts: values.map((value) => ways.stringExact + encodeText(value)) };
  }
  return { ranges: values.map((value) => wholeString(compare, value)) };
}

function wholeString(compare: StringComparison, value: string): Alternative {
  const text = encodeText(value);
  const found = quote(text);
  const all = wholeRange(ways.string);
  switch (compare) {
    case 'prefix': {
      const start = ways.string + text;
      return { ...wholeRange(start), pattern: `${quote(start)}${ANY_TEXT}${SEPARATOR}${ANY_TEXT}` };
    }
    case 'equals': {
      const start = ways.string + text + SEPARATOR;
      return { ...wholeRange(start), pattern: quote(start) + ANY_TEXT };
    }
    case 'contains':
      return { ...all, pattern: `N${ANY_TEXT}${found}${ANY_TEXT}${SEPARATOR}${ANY_TEXT}` };
    case 'suffix':
      return { ...all, pattern: `N${ANY_TEXT}${found}${SEPARATOR}${ANY_TEXT}` };
    case 'exact':
      return { ...all, pattern: `N${ANY_TEXT}${SEPARATOR}${found}` };
    default:
      return unreachable(compare);
  }
}

function uriConditions(compare: 'exact' | 'below', values: readonly string[]): Condition[] {
  const texts = values.map((value) => ways.uri + encodeText(value));
  if (compare === 'exact') return [{ texts }];
  const below = texts.map((text) => ({
    ...wholeRange(`${text}/`),
    pattern: `${quote(`${text}/`)}${ANY_TEXT}`,
  }));
  return [{ texts }, { ranges: below }];
}

/** Under which letters a range is kept, by where it begins and by where it ends. */
interface RangeWays {
  readonly low: string;
  readonly high: string;
}

const RANGE_WAYS: RangeWays = { low: ways.range, high: ways.rangeHigh };
const QUANTITY_WAYS: RangeWays = { low: ways.quantity, high: ways.quantityHigh };

/** By where ranges begin, unless only where they end is asked. */
function shortest(bounds: RangeBounds, by: RangeWays, unit: string): Alternative[] {
  const { lowFrom, lowBelow, highAbove, highTo } = bounds;
  const asksEndAlone =
    lowFrom === undefined &&
    lowBelow === undefined &&
    (highAbove !== undefined || highTo !== undefined);
  return [asksEndAlone ? highFirst(bounds, by, unit) : lowFirst(bounds, by, unit)];
}

function lowFirst(bounds: RangeBounds, by: RangeWays, unit: string): Alternative {
  const { low, high } = placesOf(bounds);
  const pattern = by.low + patternOfPlaces(low) + patternOfPlaces(high) + unit;
  // A range begins before it ends.
  const last = least(low.last, high.last);
  return { ...placesRange(by.low, { first: low.first, last }), pattern };
}

function highFirst(bounds: RangeBounds, by: RangeWays, unit: string): Alternative {
  const { high } = placesOf(bounds);
  const pattern = by.high + patternOfPlaces(high) + ANY_NUMBER + unit;
  return { ...placesRange(by.high, high), pattern };
}

function placesOf({ lowFrom, lowBelow, highAbove, highTo }: RangeBounds) {
  const place = (bound: number | undefined) => (bound === undefined ? undefined : placeOf(bound));
  const before = place(lowBelow);
  const after = place(highAbove);
  return {
    low: { first: place(lowFrom), last: before === undefined ? undefined : before - 1n },
    high: { first: after === undefined ? undefined : after + 1n, last: place(highTo) },
  };
}

function least(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function placesRange(letter: string, { first, last }: Places): Alternative {
  const from = first === undefined ? '' : textOfPlace(first);
  const below = last === undefined ? '' : textOfPlace(last);
  return { from: letter + from, below: letter + below + HIGHEST };
}

/** What follows the numbers of a quantity. */
function unitPatterns({ system, code, codeOrUnit }: QuantityValue): string[] {
  const of = (text: string | undefined) =>
    text === undefined ? ANY_TEXT : quote(encodeText(text));
  const unit = (...parts: readonly string[]) => SEPARATOR + parts.join(SEPARATOR);
  if (codeOrUnit === undefined) return [unit(of(system), of(code), ANY_TEXT)];
  if (code !== undefined && code !== codeOrUnit) {
    return [unit(of(system), of(code), of(codeOrUnit))];
  }
  const asCode = unit(of(system), of(codeOrUnit), ANY_TEXT);
  return code === undefined ? [asCode, unit(of(system), ANY_TEXT, of(codeOrUnit))] : [asCode];
}

/** The text as a regular expression that matches it alone. */
function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
