// reference parameters: how an id, Type/id or url is read, how references and canonicals are
// indexed; they match when the targets are equal. http://hl7.org/fhir/R4/search.html#reference

import { fhirError } from '../../fhir/fhir-error.ts';
import { readReference } from '../../fhir/reference.ts';
import { type Clause, malformedValue, quote, unsupportedModifier } from '../clause.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Expression } from '../expression.ts';
import type { ValueEntry } from '../index-entry.ts';
import { comparedCode, readToken } from './token.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const EXPECTED = 'a reference: write Type/id, the id alone, or an absolute url';

/** `patient=123`, `patient=Patient/123`, `subject:Patient=123`, a url, or a modifier of
 * search.html#modifiers as an expression. */
export function readReferenceClause(clause: Clause): Expression {
  const { modifier, parameter } = clause;
  switch (modifier) {
    case 'identifier': {
      const { modifier: _identifier, ...plain } = clause;
      const code = `${parameter.code}:identifier`;
      return readToken({ ...plain, parameter: { ...parameter, code, expression: '' } });
    }
    case 'above':
    case 'below':
      return readHierarchy(clause, modifier);
    default:
      return {
        kind: 'reference',
        parameter: parameter.code,
        anyOf: clause.values.flatMap((value) => targetsOf(value, clause)),
      };
  }
}

/** The parameters by which a resource names the one of its own type that it is a part of. */
const parents: readonly string[] = ['partof', 'part-of'];

/** To a resource that lies above or below the one that the value names, or is it. */
function readHierarchy(clause: Clause, way: 'above' | 'below'): Expression {
  const { modifier: _way, ...plain } = clause;
  const ways = clause.values
    .flatMap((value) => targetsOf(value, plain))
    .flatMap((target): Expression[] => {
      const [type = '', id = ''] = target.split('/');
      const parent = parentOf(type, clause);
      if (parent === undefined || `${type}/${id}` !== target) return [];
      const of: Expression = { kind: 'id', ids: [id] };
      const where: Expression = { kind: way, parent, of, through: { kind: 'everything' } };
      return [{ kind: 'chain', parameter: clause.parameter.code, type, where }];
    });
  const [only] = ways;
  if (only === undefined) throw noHierarchy(clause);
  return ways.length === 1 ? only : { kind: 'or', of: ways };
}

function parentOf(type: string, { environment }: Clause): string | undefined {
  return parents.find((code) => environment.registry.find(type, code)?.targets.includes(type));
}

function noHierarchy({ name, modifier }: Clause): Error {
  return fhirError(
    'unsupported-search',
    `Parameter ${quote(name)}: ":${modifier}" needs a resource of a type that is part of another ` +
      'of its own, such as Organization or Location',
  );
}

function targetsOf(value: string, clause: Clause): readonly string[] {
  const { parameter, modifier, environment, name } = clause;
  if (modifier !== undefined && !parameter.targets.includes(modifier)) {
    throw unsupportedModifier(clause, ['identifier', 'above', 'below', ...parameter.targets]);
  }
  if (splitUnescaped(value, '|').length > 1) throw unsupportedVersion(name, value);
  const text = unescapeValue(value);
  if (ID.test(text)) {
    const types = modifier === undefined ? parameter.targets : [modifier];
    if (types.length === 0) throw malformedValue(name, text, 'Type/id or an absolute url');
    return types.map((type) => `${type}/${text}`);
  }
  const target = readReference(text, environment.baseUrl);
  if (target.kind === 'local') {
    if (target.versionId !== undefined) throw unsupportedVersion(name, text);
    if (modifier !== undefined && modifier !== target.type) {
      throw malformedValue(
        name,
        text,
        `a reference to the type ${modifier} that ":${modifier}" asks for`,
      );
    }
    return [`${target.type}/${target.id}`];
  }
  if (target.kind !== 'absolute' || modifier !== undefined) {
    throw malformedValue(name, text, EXPECTED);
  }
  return [target.url];
}

/** References are indexed without their versions, so that they cannot be told apart by them. */
function unsupportedVersion(name: string, value: string): Error {
  return fhirError(
    'unsupported-search',
    `Parameter ${quote(name)}: ${quote(value)} names a version; references are found without one`,
  );
}

/**
 * Index entries of a Reference, canonical or uri. The target is `Type/id` where it lies on this
 * server, else the url; versions are dropped. Contained and conditional references have none. A
 * logical reference has the token of its identifier, under `code:identifier`.
 */
export function referenceEntries(
  parameter: string,
  node: unknown,
  fhirType: string,
  baseUrl: string,
): ValueEntry[] {
  const literal = literalEntry(parameter, node, fhirType, baseUrl);
  const logical = identifierEntry(parameter, node);
  return [literal, logical].filter((entry) => entry !== undefined);
}

function literalEntry(
  parameter: string,
  node: unknown,
  fhirType: string,
  baseUrl: string,
): ValueEntry | undefined {
  if (fhirType === 'Coding') return areaEntry(parameter, node);
  const text = textOf(node);
  if (typeof text !== 'string') return undefined;
  const target = readReference(fhirType === 'canonical' ? withoutVersion(text) : text, baseUrl);
  switch (target.kind) {
    case 'local':
      return { kind: 'reference', parameter, target: `${target.type}/${target.id}` };
    case 'absolute':
      return { kind: 'reference', parameter, target: target.url };
    case 'contained':
    case 'conditional':
    case 'unreadable':
      return undefined;
  }
}

/** An area that is given by its code: Locations of areas have their code as id. */
function areaEntry(parameter: string, node: unknown): ValueEntry | undefined {
  const { code } = (node ?? {}) as { readonly code?: unknown };
  if (typeof code !== 'string' || !ID.test(code)) return undefined;
  return { kind: 'reference', parameter, target: `Location/${code}` };
}

function identifierEntry(parameter: string, node: unknown): ValueEntry | undefined {
  const { identifier } = (node ?? {}) as { readonly identifier?: unknown };
  if (typeof identifier !== 'object' || identifier === null) return undefined;
  const { system, value } = identifier as Readonly<Record<string, unknown>>;
  if (typeof value !== 'string') return undefined;
  const namespace = typeof system === 'string' ? system : '';
  const code = comparedCode(namespace, value);
  return { kind: 'token', parameter: `${parameter}:identifier`, system: namespace, code };
}

function textOf(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  return (node as { reference?: unknown }).reference;
}

/** `http://example.org/ValueSet/a|1.0#part` → `http://example.org/ValueSet/a` */
function withoutVersion(canonical: string): string {
  const end = canonical.search(/[|#]/);
  return end <= 0 ? canonical : canonical.slice(0, end);
}
