// string parameters: how a value is read, how names, addresses and plain strings are indexed, how
// the two match. http://hl7.org/fhir/R4/search.html#string

import { unreachable } from '../../lib/assert.ts';
import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { unescapeValue } from '../escapes.ts';
import type { Expression, StringComparison } from '../expression.ts';
import type { ValueEntry } from '../index-entry.ts';

type StringEntry = Extract<ValueEntry, { kind: 'string' }>;

const PLAIN = /^[a-z0-9]+(?: [a-z0-9]+)*$/i;
const IGNORED = /[\p{M}\p{P}`ʼ]/gu;

/** Letters with a stroke or ligature that Unicode does not decompose into base and mark. */
const baseLetters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ς: 'σ',
};
const WITHOUT_BASE = new RegExp(`[${Object.keys(baseLetters).join('')}]`, 'g');

/**
 * What R4 compares strings by: without case, accents and other marks, and punctuation; white
 * space collapsed and trimmed. `O’Brien`, `OBRIEN` and `Ó'Brien` are one. Normalising twice
 * changes nothing.
 */
export function normalise(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return (
    text
      // An acute accent alone would decompose into a space and a mark.
      .replaceAll('´', '')
      .normalize('NFKD')
      // Down, up and down again, so that ẞ and ß become ss, and ſ becomes s; with the marks still
      // there, since the iota under a Greek vowel becomes a letter.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(IGNORED, '')
      .replace(WITHOUT_BASE, (letter) => baseLetters[letter] ?? letter)
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** `family=smi`, `family:exact=Smith` or `family:contains=mit` as an expression. */
export function readString(clause: Clause): Expression {
  const compare = compareOf(clause);
  const anyOf = compare === 'exact' ? clause.values.map(unescapeValue) : normalisedValues(clause);
  return { kind: 'string', parameter: clause.parameter.code, compare, anyOf };
}

/** The values of a clause as texts to compare with normalised ones. */
export function normalisedValues(clause: Clause): readonly string[] {
  return clause.values.map((value) => {
    const text = unescapeValue(value);
    const normalised = normalise(text);
    if (normalised !== '') return normalised;
    throw malformedValue(clause.name, text, 'a text with a letter, digit or symbol to look for');
  });
}

function compareOf(clause: Clause): StringComparison {
  switch (clause.modifier) {
    case undefined:
      return 'prefix';
    case 'exact':
    case 'contains':
      return clause.modifier;
    default:
      throw unsupportedModifier(clause, ['exact', 'contains']);
  }
}

/** The string elements of the complex types that a string search covers. */
const partsByType: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

/** Index entries of a string-like primitive, or of every part of a HumanName or Address. */
export function stringEntries(parameter: string, node: unknown, fhirType: string): ValueEntry[] {
  if (typeof node === 'string') return [stringEntry(parameter, node)];
  if (typeof node !== 'object' || node === null) return [];
  const parts = node as Readonly<Record<string, unknown>>;
  return (partsByType[fhirType] ?? [])
    .flatMap((part) => parts[part])
    .filter((text) => typeof text === 'string')
    .map((text) => stringEntry(parameter, text));
}

export function stringEntry(parameter: string, text: string): ValueEntry {
  return { kind: 'string', parameter, value: normalise(text), exact: text };
}

/** Whether the entry compares with `value` (normalised unless exact) as asked. */
export function stringMatches(
  entry: StringEntry,
  compare: StringComparison,
  value: string,
): boolean {
  switch (compare) {
    case 'prefix':
      return entry.value.startsWith(value);
    case 'exact':
      return entry.exact === value;
    case 'contains':
      return entry.value.includes(value);
    case 'suffix':
      return entry.value.endsWith(value);
    case 'equals':
      return entry.value === value;
    default:
      return unreachable(compare);
  }
}
