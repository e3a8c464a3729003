// reference parameters: how an id, Type/id or url is read, how references and canonicals are
// indexed; they match when the targets are equal. http://hl7.org/fhir/R4/search.html#reference

import { fhirError } from '../../fhir/fhir-error.ts';
import { readReference } from '../../fhir/reference.ts';
import { type Clause, malformedValue, quote, unsupportedModifier } from '../clause.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Expression } from '../expression.ts';
import type { IndexEntry } from '../index-entry.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const EXPECTED = 'a reference: write Type/id, the id alone, or an absolute url';

/** Modifiers that R4 defines on references and that name no type. */
const namedModifiers: ReadonlySet<string> = new Set(['identifier', 'above', 'below', 'text']);

/** `patient=123`, `patient=Patient/123`, `subject:Patient=123` or a url as an expression. */
export function readReferenceClause(clause: Clause): Expression {
  const targets = clause.parameter.targets;
  if (clause.modifier !== undefined && !targets.includes(clause.modifier)) {
    const known = !namedModifiers.has(clause.modifier) && targets.length > 0;
    throw unsupportedModifier(clause, known ? targets : []);
  }
  return {
    kind: 'reference',
    parameter: clause.parameter.code,
    anyOf: clause.values.flatMap((value) => targetsOf(value, clause)),
  };
}

function targetsOf(value: string, clause: Clause): readonly string[] {
  const { parameter, modifier, environment, name } = clause;
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
 * server, else the url; versions are dropped. Contained, conditional and purely logical
 * references have none.
 */
export function referenceEntries(
  parameter: string,
  node: unknown,
  fhirType: string,
  baseUrl: string,
): IndexEntry[] {
  const text = textOf(node);
  if (typeof text !== 'string') return [];
  const target = readReference(fhirType === 'canonical' ? withoutVersion(text) : text, baseUrl);
  switch (target.kind) {
    case 'local':
      return [{ kind: 'reference', parameter, target: `${target.type}/${target.id}` }];
    case 'absolute':
      return [{ kind: 'reference', parameter, target: target.url }];
    case 'contained':
    case 'conditional':
    case 'unreadable':
      return [];
  }
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
