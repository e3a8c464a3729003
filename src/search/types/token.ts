// token parameters: how `system|code` is read, how codes and identifiers are indexed, how the two
// match. http://hl7.org/fhir/R4/search.html#token

import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { membersOfSet, relatedCodes } from '../code-lists.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Expression, TokenValue } from '../expression.ts';
import { impliedSystems } from '../implied-systems.ts';
import type { ValueEntry } from '../index-entry.ts';
import { normalisedValues, stringEntry } from './string.ts';

type TokenEntry = Extract<ValueEntry, { kind: 'token' }>;

/**
 * How a code is compared. One with a system as written, since the system says what case means.
 * One without (code, string, ContactPoint, …) ignoring case, as R4 demands for strings and
 * advises for the rest: it is indexed in lower case, and looked for both ways.
 */
export function comparedCode(system: string, code: string): string {
  return system === '' ? code.toLowerCase() : code;
}

const EXPECTED =
  'a token: write code, system|code, |code (no system) or system|, and \\| for a bar';

type Reader = (clause: Clause) => Expression;

/** What the modifiers of search.html#modifiers ask. */
const readers: ReadonlyMap<string | undefined, Reader> = new Map<string | undefined, Reader>([
  [undefined, (clause) => tokens(clause, valuesOf(clause))],
  ['not', (clause) => not(tokens(clause, valuesOf(clause)))],
  ['text', readText],
  ['in', (clause) => tokens(clause, membersOf(clause))],
  ['not-in', (clause) => not(tokens(clause, membersOf(clause)))],
  ['above', (clause) => tokens(clause, relatedTo(clause, 'above'))],
  ['below', (clause) => tokens(clause, relatedTo(clause, 'below'))],
  ['of-type', readOfType],
]);

/** `identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009` as an expression. */
export function readToken(clause: Clause): Expression {
  const read = readers.get(clause.modifier);
  if (read !== undefined) return read(clause);
  throw unsupportedModifier(
    clause,
    [...readers.keys()].filter((name) => name !== undefined),
  );
}

function tokens(clause: Clause, anyOf: readonly TokenValue[]): Expression {
  return { kind: 'token', parameter: clause.parameter.code, anyOf };
}

function not(of: Expression): Expression {
  return { kind: 'not', of };
}

function readText(clause: Clause): Expression {
  const parameter = `${clause.parameter.code}:text`;
  return { kind: 'string', parameter, compare: 'contains', anyOf: normalisedValues(clause) };
}

function membersOf(clause: Clause): readonly TokenValue[] {
  const implied = impliedSystems(clause.type, clause.parameter);
  return clause.values.flatMap((value) => withBare(membersOfSet(value, clause), implied));
}

function relatedTo(clause: Clause, way: 'above' | 'below'): readonly TokenValue[] {
  const implied = impliedSystems(clause.type, clause.parameter);
  return clause.values.flatMap((value) => withBare(relatedCodes(value, clause, way), implied));
}

/** `system|code|value`: what kind of identifier, and which. */
function readOfType(clause: Clause): Expression {
  const anyOf = clause.values.map((value): TokenValue => {
    const parts = splitUnescaped(value, '|').map(unescapeValue);
    const [system = '', code = '', identifier = ''] = parts;
    if (parts.length !== 3 || code === '' || identifier === '') {
      throw malformedValue(clause.name, value, 'system|code|value, of a type and an identifier');
    }
    return { system: `${system}|${code}`, code: identifier };
  });
  return { kind: 'token', parameter: `${clause.parameter.code}:of-type`, anyOf };
}

function valuesOf(clause: Clause): readonly TokenValue[] {
  return clause.values.flatMap((value) => tokenValues(value, clause));
}

function tokenValues(value: string, clause: Clause): readonly TokenValue[] {
  const parts = splitUnescaped(value, '|').map(unescapeValue);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) {
    throw malformedValue(clause.name, value, EXPECTED);
  }
  if (second === undefined) return anySystem(first);
  const asked = second === '' ? { system: first } : { system: first, code: second };
  return first === ''
    ? [{ ...asked, code: comparedCode('', second) }]
    : withBare([asked], impliedSystems(clause.type, clause.parameter));
}

/** Codes of a system that elements of type code imply are found there too, where no system is. */
function withBare(
  values: readonly TokenValue[],
  implied: ReadonlySet<string>,
): readonly TokenValue[] {
  const bare = values
    .filter(({ system }) => system !== undefined && implied.has(system))
    .map(({ code }) =>
      code === undefined ? { system: '' } : { system: '', code: comparedCode('', code) },
    );
  return [...values, ...bare];
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
 * has one entry per coding; what has neither system nor code has none. Beside them, under
 * `code:text`, the words that go with the code, and under `identifier:of-type` an identifier
 * by its type.
 */
export function tokenEntries(parameter: string, node: unknown, fhirType: string): ValueEntry[] {
  if (typeof node !== 'object' || node === null) {
    const bare = bareTypes.has(fhirType) && (typeof node === 'string' || typeof node === 'boolean');
    return bare ? tokenEntry(parameter, undefined, String(node)) : [];
  }
  const { system, code, value, display } = node as Readonly<Record<string, unknown>>;
  switch (fhirType) {
    case 'Coding':
      return [...tokenEntry(parameter, system, code), ...textEntry(parameter, display)];
    case 'CodeableConcept':
      return conceptEntries(parameter, node);
    case 'Identifier':
      return [...tokenEntry(parameter, system, value), ...typeEntries(parameter, node)];
    case 'ContactPoint':
      // Its `system` (phone, email) is no namespace: R4 has the code alone.
      return tokenEntry(parameter, undefined, value);
    default:
      return [];
  }
}

function conceptEntries(parameter: string, concept: object): ValueEntry[] {
  const { coding, text } = concept as { readonly coding?: unknown; readonly text?: unknown };
  const codings = Array.isArray(coding) ? coding : [];
  const entries = codings.flatMap((one) => tokenEntries(parameter, one, 'Coding'));
  return [...entries, ...textEntry(parameter, text)];
}

function typeEntries(parameter: string, identifier: object): ValueEntry[] {
  const { type, value } = identifier as { readonly type?: unknown; readonly value?: unknown };
  if (typeof type !== 'object' || type === null) return [];
  const { coding, text } = type as { readonly coding?: unknown; readonly text?: unknown };
  const codings: readonly Readonly<Record<string, unknown>>[] = Array.isArray(coding) ? coding : [];
  const ofType = codings.flatMap((one): ValueEntry[] => {
    const system = `${one?.system ?? ''}|${one?.code ?? ''}`;
    return typeof value === 'string' && typeof one?.code === 'string'
      ? [{ kind: 'token', parameter: `${parameter}:of-type`, system, code: value }]
      : [];
  });
  return [...ofType, ...textEntry(parameter, text)];
}

function textEntry(parameter: string, text: unknown): ValueEntry[] {
  return typeof text === 'string' ? [stringEntry(`${parameter}:text`, text)] : [];
}

function tokenEntry(parameter: string, system: unknown, code: unknown): ValueEntry[] {
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
