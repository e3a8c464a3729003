// The codes that `:in`, `:not-in`, `:above` and `:below` stand for, listed when a search is read:
// what cannot be listed in full is refused, never answered with less.
// http://hl7.org/fhir/R4/search.html#modifiers

import { fhirError } from '../fhir/fhir-error.ts';
import { SEARCH_CODES_MAX } from '../limits.ts';
import { type Clause, malformedValue, quote } from './clause.ts';
import { splitUnescaped, unescapeValue } from './escapes.ts';
import type { TokenValue } from './expression.ts';

/** A code of a system. */
type Code = Required<TokenValue>;

/**
 * The members of the value set that a value names, by its canonical url or as `ValueSet/id`.
 * @throws FhirError `invalid-search` when it is not held or cannot be listed
 */
export function membersOfSet(value: string, clause: Clause): readonly Code[] {
  const { terminology } = clause.environment;
  const name = unescapeValue(value);
  const canonical = /^ValueSet\/([A-Za-z0-9\-.]{1,64})$/.exec(name)?.[1];
  const url = canonical === undefined ? name : terminology.byId('ValueSet', canonical)?.url;
  const expansion = url === undefined ? undefined : terminology.expand(url, {});
  if (expansion === undefined) throw refused(clause, `the value set ${quote(name)} is not held`);
  if (expansion.gaps.length > 0) {
    throw refused(clause, `the value set ${quote(name)} cannot be listed with what is held`);
  }
  return bounded(clause, expansion.members);
}

/**
 * The code `system|code` with all below it, or above it.
 * @throws FhirError `invalid-search` when the system or the code is not held
 */
export function relatedCodes(
  value: string,
  clause: Clause,
  way: 'above' | 'below',
): readonly Code[] {
  const parts = splitUnescaped(value, '|').map(unescapeValue);
  const [system = '', code = ''] = parts;
  if (parts.length !== 2 || system === '' || code === '') {
    throw malformedValue(clause.name, value, 'system|code, as hierarchies belong to systems');
  }
  const table = clause.environment.terminology.codeTable(system);
  if (table === undefined) throw refused(clause, `the code system ${quote(system)} is not held`);
  const entry = table.get(code);
  if (entry === undefined) {
    throw refused(clause, `the code ${quote(code)} of ${quote(system)} is not held`);
  }
  if (way === 'below' && !table.isComplete) {
    throw refused(clause, `of ${quote(system)} only a part is held, so that codes may be missing`);
  }
  const related = way === 'below' ? table.descendants(entry.code) : table.ancestors(entry.code);
  const codes = [entry.code, ...related].map((each) => ({ system, code: each }));
  return bounded(clause, codes);
}

function bounded(clause: Clause, codes: readonly Code[]): readonly Code[] {
  if (codes.length <= SEARCH_CODES_MAX) {
    return codes.map(({ system, code }) => ({ system, code }));
  }
  const sentence = `it stands for ${codes.length} codes, and at most ${SEARCH_CODES_MAX} go`;
  throw fhirError('limit-exceeded', `Parameter ${quote(clause.name)}: ${sentence}`);
}

function refused(clause: Clause, reason: string): Error {
  return fhirError('invalid-search', `Parameter ${quote(clause.name)}: ${reason}`);
}
