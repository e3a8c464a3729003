// uri parameters: how a value is read and how uris are indexed; they match when they are equal,
// character by character. http://hl7.org/fhir/R4/search.html#uri

import { type Clause, unsupportedModifier } from '../clause.ts';
import { unescapeValue } from '../escapes.ts';
import type { Expression } from '../expression.ts';
import type { IndexEntry } from '../index-entry.ts';

/** `url=http://example.org/ValueSet/a` as an expression. Refuses any modifier. */
export function readUri(clause: Clause): Expression {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  return { kind: 'uri', parameter: clause.parameter.code, anyOf: clause.values.map(unescapeValue) };
}

/**
 * Index entries of a uri-like primitive. A canonical with a version (`url|1.0`) has two: the
 * whole and the url alone, so that it is found with its version and without.
 */
export function uriEntries(parameter: string, node: unknown, fhirType: string): IndexEntry[] {
  if (typeof node !== 'string') return [];
  const whole: IndexEntry = { kind: 'uri', parameter, value: node };
  const bar = fhirType === 'canonical' ? node.indexOf('|') : -1;
  return bar > 0 ? [whole, { kind: 'uri', parameter, value: node.slice(0, bar) }] : [whole];
}
