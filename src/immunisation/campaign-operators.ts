// The operators of NHS England's rule model (CampaignConfig, IterationRules[].Operator): an
// operator and its comparator are read once into a test, which is then put to values of people
// (judge-person.ts). What is absent, empty or unreadable answers as the published examples have it.

import { assert, unreachable } from '../lib/assert.ts';
import { type Day, daysBetween, isDay } from './days.ts';

/** A person's value: a text, dates as `20261125`; null when there is none. */
export type AttributeValue = string | boolean | null;

/** How two values compare. */
type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

type TextTest = 'contains' | 'not_contains' | 'starts_with' | 'not_starts_with' | 'ends_with';

type DateUnit = 'days' | 'weeks' | 'years';

interface WithDefault {
  /** Stands in for a value that is null: `[[NVL:…]]`. */
  readonly instead?: string;
}

/** An operator with its comparator, read. */
export type OperatorTest =
  | ({ readonly kind: 'compare'; readonly how: Comparison; readonly with: string } & WithDefault)
  | ({ readonly kind: 'text'; readonly how: TextTest; readonly part: string } & WithDefault)
  /** one of the value's parts, between commas, is one of the list; `isIn` false: none is */
  | ({
      readonly kind: 'list';
      readonly isIn: boolean;
      readonly list: readonly string[];
    } & WithDefault)
  /** from low to high, both included; `isInside` false: readable and outside */
  | ({
      readonly kind: 'range';
      readonly isInside: boolean;
      readonly low: bigint;
      readonly high: bigint;
    } & WithDefault)
  /** against the day of asking, or `from`, moved by so many units */
  | ({
      readonly kind: 'date';
      readonly how: Comparison;
      readonly unit: DateUnit;
      readonly moved: number;
      readonly from?: Day;
    } & WithDefault)
  | { readonly kind: 'absent' | 'empty'; readonly is: boolean }
  | { readonly kind: 'boolean'; readonly is: boolean };

/** What the comparator says, without its marks. */
interface Comparator extends WithDefault {
  readonly text: string;
  readonly from?: Day;
}

type TestReader = (comparator: Comparator) => OperatorTest | string;

const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;
const textTests = [
  'contains',
  'not_contains',
  'starts_with',
  'not_starts_with',
  'ends_with',
] as const;
const dateUnits: Readonly<Record<string, DateUnit>> = { D: 'days', W: 'weeks', Y: 'years' };
const dateComparisons = ['<=', '<', '>=', '>'] as const;

/** Every operator, by the name it has in a configuration. */
const readers: ReadonlyMap<string, TestReader> = new Map<string, TestReader>([
  ...comparisons.map((how) => [how, comparing(how)] as const),
  ...textTests.map((how) => [how, textual(how)] as const),
  ['in', listing(true)],
  ['not_in', listing(false)],
  ['MemberOf', listing(true)],
  ['NotMemberOf', listing(false)],
  ['between', ranging(true)],
  ['not_between', ranging(false)],
  ['is_null', () => ({ kind: 'absent', is: true })],
  ['is_not_null', () => ({ kind: 'absent', is: false })],
  ['is_empty', () => ({ kind: 'empty', is: true })],
  ['is_not_empty', () => ({ kind: 'empty', is: false })],
  ['is_true', () => ({ kind: 'boolean', is: true })],
  ['is_false', () => ({ kind: 'boolean', is: false })],
  ...Object.entries(dateUnits).flatMap(([letter, unit]) =>
    dateComparisons.map((how) => [`${letter}${how}`, dating(how, unit)] as const),
  ),
]);

/** All operators, as configurations name them. */
export const operators: readonly string[] = [...readers.keys()];

/**
 * Reads an operator and its comparator.
 * @param operator one of `operators`
 * @returns a sentence when the comparator is none of that operator's: what is wrong with it
 */
export function readTest(operator: string, comparator: string): OperatorTest | string {
  const read = readers.get(operator);
  assert(read !== undefined, `${operator} is an operator`);
  const parts = readComparator(comparator);
  return typeof parts === 'string' ? parts : read(parts);
}

const MARKED = /^([^[]+)\[\[(NVL|OFFSET):([^\]]+)\]\]$/;
const COMPACT_DAY = /^(\d{4})(\d\d)(\d\d)$/;

function readComparator(text: string): Comparator | string {
  if (!text.includes('[[')) return { text };
  const [, value = '', mark, content = ''] = MARKED.exec(text) ?? [];
  if (mark === 'NVL') return { text: value, instead: content };
  const from = compactDay(content);
  if (mark === 'OFFSET' && from !== undefined) return { text: value, from };
  return `"${text}" is neither value[[NVL:default]] nor value[[OFFSET:yyyymmdd]]`;
}

/** `20261125` as a day; undefined when it is none. */
export function compactDay(text: string): Day | undefined {
  const [, year, month, date] = COMPACT_DAY.exec(text) ?? [];
  const day = `${year}-${month}-${date}`;
  return isDay(day) ? day : undefined;
}

function comparing(how: Comparison): TestReader {
  return plain(({ text, ...rest }) => ({ kind: 'compare', how, with: text, ...rest }));
}

function textual(how: TextTest): TestReader {
  return plain(({ text, ...rest }) => ({ kind: 'text', how, part: text, ...rest }));
}

function listing(isIn: boolean): TestReader {
  return plain(({ text, ...rest }) => ({ kind: 'list', isIn, list: text.split(','), ...rest }));
}

/** For comparators from which no date is counted. */
function plain(read: (comparator: { text: string } & WithDefault) => OperatorTest): TestReader {
  return ({ from, ...comparator }) =>
    from === undefined ? read(comparator) : 'only operators of dates have an OFFSET';
}

function ranging(isInside: boolean): TestReader {
  return ({ text, from, ...rest }) => {
    const [one, other, ...more] = text.split(',').map((part) => integerOf(part.trim()));
    if (one === undefined || other === undefined || more.length > 0 || from !== undefined) {
      return `"${text}" is not two whole numbers with a comma between them`;
    }
    const [low, high] = one < other ? [one, other] : [other, one];
    return { kind: 'range', isInside, low, high, ...rest };
  };
}

function dating(how: Comparison, unit: DateUnit): TestReader {
  return ({ text, ...rest }) => {
    const moved = Number(integerOf(text.trim()));
    if (!Number.isSafeInteger(moved)) return `"${text}" is no whole number of ${unit}`;
    return { kind: 'date', how, unit, moved, ...rest };
  };
}

/** Longer ones are no numbers that anyone means. */
const INTEGER = /^-?\d{1,30}$/;

function integerOf(text: string): bigint | undefined {
  return INTEGER.test(text) ? BigInt(text) : undefined;
}

/** Whether a test is true of a person's value. @param onDate the day of asking */
export function holds(test: OperatorTest, value: AttributeValue, onDate: Day): boolean {
  switch (test.kind) {
    case 'boolean':
      return value === test.is;
    case 'absent':
      return (value === null || value === '') === test.is;
    case 'empty':
      return (value === null || value === '' || value === false) === test.is;
    default:
      return holdsOfText(test, textOf(value) ?? test.instead, onDate);
  }
}

type TestOfText = Extract<OperatorTest, WithDefault & { readonly kind: string }>;

function textOf(value: AttributeValue): string | undefined {
  if (value === null) return undefined;
  return typeof value === 'string' ? value : value ? 'True' : 'False';
}

function holdsOfText(
  test: Exclude<TestOfText, { readonly is: boolean }>,
  text: string | undefined,
  onDate: Day,
): boolean {
  switch (test.kind) {
    case 'compare':
      return compares(test.how, text, test.with);
    case 'text':
      return holdsPart(test.how, text, test.part);
    case 'list': {
      const isIn = text?.split(',').some((part) => test.list.includes(part)) ?? false;
      return isIn === test.isIn;
    }
    case 'range': {
      const number = integerOf(text ?? '');
      if (number === undefined) return false;
      return (test.low <= number && number <= test.high) === test.isInside;
    }
    case 'date': {
      const day = compactDay(text ?? '');
      return day !== undefined && isTrue(test.how, distance(day, test, test.from ?? onDate), 0);
    }
    default:
      return unreachable(test);
  }
}

/** As numbers when both are whole numbers, else as texts. What is absent differs from everything,
 * and what is empty is only equal or not. */
function compares(how: Comparison, text: string | undefined, comparator: string): boolean {
  if (text === undefined) return how === '!=';
  if (text === '' && how !== '=' && how !== '!=') return false;
  const number = integerOf(text);
  const against = integerOf(comparator);
  return number === undefined || against === undefined
    ? isTrue(how, text, comparator)
    : isTrue(how, number, against);
}

function isTrue<Value extends string | number | bigint>(
  how: Comparison,
  one: Value,
  other: Value,
): boolean {
  switch (how) {
    case '=':
      return one === other;
    case '!=':
      return one !== other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
    default:
      return unreachable(how);
  }
}

function holdsPart(how: TextTest, text: string | undefined, part: string): boolean {
  switch (how) {
    case 'contains':
      return text !== undefined && text !== '' && text.includes(part);
    case 'not_contains':
      return text === undefined || !text.includes(part);
    case 'starts_with':
      return text?.startsWith(part) ?? false;
    case 'not_starts_with':
      return !(text?.startsWith(part) ?? false);
    case 'ends_with':
      return text?.endsWith(part) ?? false;
    default:
      return unreachable(how);
  }
}

/** How far a day is behind the one that a test is against: negative before it, 0 on it. Numbers
 * alone, since what is moved may be no day any more. */
function distance(
  day: Day,
  { unit, moved }: { readonly unit: DateUnit; readonly moved: number },
  from: Day,
): number {
  if (unit === 'days') return daysBetween(from, day) - moved;
  if (unit === 'weeks') return daysBetween(from, day) - 7 * moved;
  const year = Number(from.slice(0, 4)) + moved;
  const date = from.slice(5) === '02-29' && !isLeap(year) ? 228 : monthAndDay(from);
  return Number(day.slice(0, 4)) * 10_000 + monthAndDay(day) - (year * 10_000 + date);
}

function monthAndDay(day: Day): number {
  return Number(day.slice(5, 7)) * 100 + Number(day.slice(8));
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
