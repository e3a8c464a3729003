// uri parameters: how a value is read, how uris are indexed, how the two match: character by
// character, or by the parts of their paths. http://hl7.org/fhir/R4/search.html#uri

import { type Clause, unsupportedModifier } from '../clause.ts';
import { unescapeValue } from '../escapes.ts';
import type { Expression } from '../expression.ts';
import type { ValueEntry } from '../index-entry.ts';

type UriExpression = Extract<Expression, { kind: 'uri' }>;

/** `url=http://example.org/ValueSet/a` as an expression; with `:below` also what continues it
 * after a slash, with `:above` also what it continues. */
export function readUri(clause: Clause): Expression {
  const parameter = clause.parameter.code;
  const values = clause.values.map(unescapeValue);
  switch (clause.modifier) {
    case undefined:
      return { kind: 'uri', parameter, compare: 'exact', anyOf: values };
    case 'below':
      return { kind: 'uri', parameter, compare: 'below', anyOf: values.map(withoutSlash) };
    case 'above':
      return { kind: 'uri', parameter, compare: 'exact', anyOf: values.flatMap(above) };
    default:
      throw unsupportedModifier(clause, ['above', 'below']);
  }
}

function withoutSlash(uri: string): string {
  return uri.endsWith('/') ? uri.slice(0, -1) : uri;
}

/** The uri and all that it lies below, each with and without its slash. */
function above(uri: string): readonly string[] {
  const whole = withoutSlash(uri);
  const path = whole.indexOf('/', whole.indexOf('://') + 3);
  const ends = path < 0 ? [] : [...whole.matchAll(/\//g)].map(({ index }) => index);
  const parts = ends.filter((end) => end >= path).map((end) => whole.slice(0, end));
  return [...parts, whole].flatMap((part) => [part, `${part}/`]);
}

/** Whether the entry is the value, or lies below it. */
export function uriMatches(
  value: string,
  compare: UriExpression['compare'],
  asked: string,
): boolean {
  if (value === asked) return true;
  return compare === 'below' && value.startsWith(asked) && value[asked.length] === '/';
}

/**
 * Index entries of a uri-like primitive. A canonical with a version (`url|1.0`) has two: the
 * whole and the url alone, so that it is found with its version and without.
 */
export function uriEntries(parameter: string, node: unknown, fhirType: string): ValueEntry[] {
  if (typeof node !== 'string') return [];
  const whole: ValueEntry = { kind: 'uri', parameter, value: node };
  const bar = fhirType === 'canonical' ? node.indexOf('|') : -1;
  return bar > 0 ? [whole, { kind: 'uri', parameter, value: node.slice(0, bar) }] : [whole];
}
