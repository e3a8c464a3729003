// How index entries are kept: as texts in one array, `Patient.birthdate`, what kind of value
// follows, and the value, so that one index answers every search parameter and a condition on an
// entry is a condition on one text. Texts compare as their values do (ordered-text.ts).

import type { ResourceKey } from '../../fhir/types.ts';
import { unreachable } from '../../lib/assert.ts';
import type { IndexEntry, ValueEntry } from '../../search/index-entry.ts';
import { decodeText, encodeText, SEPARATOR } from '../ordered-text.ts';

import { NUMBER_LENGTH, numberOfText, textOfNumber } from './ordered-number.ts';

/**
 * What follows a parameter's name. The first of each kind holds all of the value; the others are
 * further ways to find it through the index.
 */
export const ways = {
  /** code, SEPARATOR, system */
  token: 'T',
  tokenCode: 'C',
  tokenSystem: 'S',
  /** normalised, SEPARATOR, as written */
  string: 'N',
  stringExact: 'E',
  /** low, high */
  range: 'L',
  rangeHigh: 'H',
  /** low, high, SEPARATOR, system, SEPARATOR, code, SEPARATOR, unit */
  quantity: 'Q',
  quantityHigh: 'K',
  reference: 'R',
  uri: 'U',
  /** latitude, longitude */
  position: 'P',
  /** the whole texts of one value of each component, BETWEEN_COMPONENTS between them */
  composite: 'X',
} as const;

/** Stands in no encoded text: there, U+0002 is followed by a, b or c. */
export const BETWEEN_COMPONENTS = '\u0002z';

/** What every entry of the parameter begins with. */
export function entryName(type: string, parameter: string): string {
  return encodeText(`${type}.${parameter}`) + SEPARATOR;
}

/** The entry by which a resource is found that points at another, whatever the element. */
export function pointerText({ type, id }: ResourceKey): string {
  return `>${encodeText(`${type}/${id}`)}`;
}

/** The texts of a version's entries, each once. */
export function entryTexts(
  type: string,
  entries: readonly IndexEntry[],
  references: readonly ResourceKey[],
): string[] {
  const texts = entries.flatMap((entry) => {
    const name = entryName(type, entry.parameter);
    if (entry.kind === 'composite') return compositeTexts(entry).map((text) => name + text);
    return [wholeText(entry), ...furtherTexts(entry)].map((text) => name + text);
  });
  return [...new Set([...texts, ...references.map(pointerText)])];
}

/** Every combination of one value of each component. */
function compositeTexts({ parameter, components, values }: Composite): string[] {
  let texts = [''];
  for (let place = 1; place <= components; place += 1) {
    const own = values.filter((value) => value.parameter === `${parameter}$${place}`);
    const between = place === 1 ? ways.composite : BETWEEN_COMPONENTS;
    texts = texts.flatMap((text) => own.map((value) => text + between + wholeText(value)));
  }
  return texts;
}

type Composite = Extract<IndexEntry, { kind: 'composite' }>;

/** All of a value, behind its parameter's name. */
function wholeText(entry: ValueEntry): string {
  switch (entry.kind) {
    case 'token':
      return ways.token + joined(entry.code, entry.system);
    case 'string':
      return ways.string + joined(entry.value, entry.exact);
    case 'date':
    case 'number':
      return ways.range + textOfNumber(entry.low) + textOfNumber(entry.high);
    case 'quantity':
      return ways.quantity + textOfNumber(entry.low) + textOfNumber(entry.high) + unitText(entry);
    case 'reference':
      return ways.reference + encodeText(entry.target);
    case 'uri':
      return ways.uri + encodeText(entry.value);
    case 'position':
      return ways.position + textOfNumber(entry.latitude) + textOfNumber(entry.longitude);
    default:
      return unreachable(entry);
  }
}

function furtherTexts(entry: ValueEntry): string[] {
  switch (entry.kind) {
    case 'token':
      return [ways.tokenCode + encodeText(entry.code), ways.tokenSystem + encodeText(entry.system)];
    case 'string':
      return [ways.stringExact + encodeText(entry.exact)];
    case 'date':
    case 'number':
      return [ways.rangeHigh + textOfNumber(entry.high) + textOfNumber(entry.low)];
    case 'quantity': {
      const range = textOfNumber(entry.high) + textOfNumber(entry.low);
      return [ways.quantityHigh + range + unitText(entry)];
    }
    case 'reference':
    case 'uri':
    case 'position':
      return [];
    default:
      return unreachable(entry);
  }
}

function joined(...parts: readonly string[]): string {
  return parts.map(encodeText).join(SEPARATOR);
}

function unitText({ system, code, unit }: Extract<ValueEntry, { kind: 'quantity' }>): string {
  return SEPARATOR + joined(system, code, unit);
}

/** The values under the parameters, read back from the texts. */
export function readEntries(
  type: string,
  parameters: readonly string[],
  texts: readonly string[],
): ValueEntry[] {
  return parameters.flatMap((parameter) => {
    const name = entryName(type, parameter);
    return texts
      .filter((text) => text.startsWith(name))
      .flatMap((text) => readWhole(parameter, text.slice(name.length)) ?? []);
  });
}

function readWhole(parameter: string, text: string): ValueEntry | undefined {
  const body = text.slice(1);
  switch (text.charAt(0)) {
    case ways.token: {
      const [code, system] = split(body);
      return { kind: 'token', parameter, code, system };
    }
    case ways.string: {
      const [value, exact] = split(body);
      return { kind: 'string', parameter, value, exact };
    }
    case ways.range:
      // A date's text and a number's are one: whoever reads them back orders them, no more.
      return { kind: 'number', parameter, ...readRange(body) };
    case ways.quantity: {
      const [, system = '', code = '', unit = ''] = body.split(SEPARATOR).map(decodeText);
      return { kind: 'quantity', parameter, system, code, unit, ...readRange(body) };
    }
    case ways.reference:
      return { kind: 'reference', parameter, target: decodeText(body) };
    case ways.uri:
      return { kind: 'uri', parameter, value: decodeText(body) };
    case ways.position: {
      const { low, high } = readRange(body);
      return { kind: 'position', parameter, latitude: low, longitude: high };
    }
    default:
      return undefined;
  }
}

function split(body: string): [string, string] {
  const [first = '', second = ''] = body.split(SEPARATOR).map(decodeText);
  return [first, second];
}

function readRange(body: string): { low: number; high: number } {
  return {
    low: numberOfText(body.slice(0, NUMBER_LENGTH)),
    high: numberOfText(body.slice(NUMBER_LENGTH, 2 * NUMBER_LENGTH)),
  };
}
