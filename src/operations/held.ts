// Finds the value set or code system that an operation is asked about, or says in an
// OperationOutcome what of it is not held.

import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest } from '../interactions/interaction.ts';
import type { CodeTable } from '../terminology/code-table.ts';
import type { Gap } from '../terminology/compose.ts';
import { splitCanonical, type ValueSet } from '../terminology/resources.ts';
import type { Terminology } from '../terminology/terminology.ts';

type Type = 'CodeSystem' | 'ValueSet';

const kinds: Readonly<Record<Type, string>> = { CodeSystem: 'code system', ValueSet: 'value set' };

/**
 * The canonical that an operation is about: of the instance in the path, or from its parameters.
 * @throws FhirError `not-found` for an id that no resource here has, `invalid-request` where
 *   neither or both say it
 */
export function canonicalOf(
  terminology: Terminology,
  request: FhirRequest,
  type: Type,
  parameter: { readonly name: string; readonly url?: string; readonly version?: string },
): string {
  const [, second = '', operation] = request.path;
  if (operation === undefined) {
    const { name, url, version } = parameter;
    if (url === undefined) throw fhirError('invalid-request', `Parameter '${name}' is missing`);
    return version === undefined ? url : `${splitCanonical(url).url}|${version}`;
  }
  if (parameter.url !== undefined) {
    const sentence = `Parameter '${parameter.name}' cannot be given with an id`;
    throw fhirError('invalid-request', sentence);
  }
  const found = terminology.byId(type, second);
  if (found === undefined) {
    const sentence = `No ${kinds[type]} with the id '${second}' is held`;
    throw fhirError('not-found', sentence);
  }
  return found.version === undefined ? found.url : `${found.url}|${found.version}`;
}

/** The value set of a canonical. @throws FhirError `not-found` that names it */
export function heldValueSet(terminology: Terminology, canonical: string): ValueSet {
  const found = terminology.valueSet(canonical);
  if (found === undefined) throw notHeld(terminology, 'ValueSet', canonical);
  return found;
}

/** The code system of a canonical. @throws FhirError `not-found` that names it */
export function heldCodeSystem(terminology: Terminology, canonical: string): CodeTable {
  const found = terminology.codeTable(canonical);
  if (found === undefined) throw notHeld(terminology, 'CodeSystem', canonical);
  return found;
}

function notHeld(terminology: Terminology, type: Type, canonical: string): FhirError {
  const { url, version } = splitCanonical(canonical);
  const versions = version === undefined ? [] : terminology.versions(type, url);
  const others = versions.length === 0 ? '' : `; versions that are: ${versions.join(', ')}`;
  return fhirError('not-found', `The ${kinds[type]} ${canonical} is not held${others}`);
}

/** 404: a question that what is held does not answer. */
export function unanswerable(question: string, gaps: readonly Gap[]): FhirError {
  const reasons = gaps.map(gapSentence).join('; ');
  return fhirError('not-found', `${question} cannot be said: ${reasons}`);
}

function gapSentence({ kind, canonical }: Gap): string {
  switch (kind) {
    case 'absent':
      return `${canonical} is not held`;
    case 'partial':
      return `of ${canonical} only a part is held`;
    case 'filter':
      return `a filter on ${canonical} cannot be followed with what is held`;
  }
}
