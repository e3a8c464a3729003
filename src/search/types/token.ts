// token parameters: how `system|code` is read, how codes and identifiers are indexed, how the two
// match. http://hl7.org/fhir/R4/search.html#token

import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Expression, TokenValue } from '../expression.ts';
import type { IndexEntry } from '../index-entry.ts';

type TokenEntry = Extract<IndexEntry, { kind: 'token' }>;

/**
 * How a code is compared. One with a system as written, since the system says what case means.
 * One without (code, string, ContactPoint, …) ignoring case, as R4 demands for strings and
 * advises for the rest: it is indexed in lower case, and looked for both ways.
 */
function comparedCode(system: string, code: string): string {
  return system === '' ? code.toLowerCase() : code;
}

const EXPECTED =
  'a token: write code, system|code, |code (no system) or system|, and \\| for a bar';

/** `identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009` as an expression. Knows `:not`. */
export function readToken(clause: Clause): Expression {
  const found: Expression = {
    kind: 'token',
    parameter: clause.parameter.code,
    anyOf: clause.values.flatMap((value) => tokenValues(value, clause)),
  };
  switch (clause.modifier) {
    case undefined:
      return found;
    case 'not':
      return { kind: 'not', of: found };
    default:
      throw unsupportedModifier(clause, ['not']);
  }
}

function tokenValues(value: string, clause: Clause): TokenValue[] {
  const parts = splitUnescaped(value, '|').map(unescapeValue);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) {
    throw malformedValue(clause.name, value, EXPECTED);
  }
  if (second === undefined) return anySystem(first);
  if (second === '') return [{ system: first }];
  return [{ system: first, code: comparedCode(first, second) }];
}

function anySystem(code: string): TokenValue[] {
  const folded = comparedCode('', code);
  return folded === code ? [{ code }] : [{ code }, { system: '', code: folded }];
}

/** Types whose value is a code without a system of its own. */
const bareTypes: ReadonlySet<string> = new Set([
  'code',
  'string',
  'id',
  'uri',
  'url',
  'canonical',
  'oid',
  'uuid',
  'markdown',
  'boolean',
]);

/**
 * Index entries of a Coding, CodeableConcept, Identifier, ContactPoint, or a primitive. A concept
 * has one entry per coding; what has neither system nor code (a display or text alone) has none.
 */
export function tokenEntries(parameter: string, node: unknown, fhirType: string): IndexEntry[] {
  if (typeof node !== 'object' || node === null) {
    const bare = bareTypes.has(fhirType) && (typeof node === 'string' || typeof node === 'boolean');
    return bare ? tokenEntry(parameter, undefined, String(node)) : [];
  }
  const { system, code, value, coding } = node as Readonly<Record<string, unknown>>;
  switch (fhirType) {
    case 'Coding':
      return tokenEntry(parameter, system, code);
    case 'CodeableConcept':
      return (Array.isArray(coding) ? coding : []).flatMap((one) =>
        tokenEntries(parameter, one, 'Coding'),
      );
    case 'Identifier':
      return tokenEntry(parameter, system, value);
    case 'ContactPoint':
      // Its `system` (phone, email) is no namespace: R4 has the code alone.
      return tokenEntry(parameter, undefined, value);
    default:
      return [];
  }
}

function tokenEntry(parameter: string, system: unknown, code: unknown): IndexEntry[] {
  const namespace = typeof system === 'string' ? system : '';
  const written = typeof code === 'string' ? code : '';
  if (namespace === '' && written === '') return [];
  const compared = comparedCode(namespace, written);
  return [{ kind: 'token', parameter, system: namespace, code: compared }];
}

/** Whether the entry has the system and the code asked for; an absent one means any. */
export function tokenMatches(entry: TokenEntry, value: TokenValue): boolean {
  return (
    (value.system === undefined || value.system === entry.system) &&
    (value.code === undefined || value.code === entry.code)
  );
}
