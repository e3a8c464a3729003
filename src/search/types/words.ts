// The parameters `_text` and `_content`: how words are asked for, and how the words of a narrative,
// or of a whole resource, are indexed. http://hl7.org/fhir/R4/search.html#content

import type { Resource } from '../../fhir/types.ts';
import type { Clause } from '../clause.ts';
import { unsupportedModifier } from '../clause.ts';
import type { Expression } from '../expression.ts';
import type { ValueEntry } from '../index-entry.ts';
import { normalise, normalisedValues } from './string.ts';

/** `_content=influenza batch` as an expression: every word of one of the values. */
export function readWords(clause: Clause): Expression {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  const alternatives = normalisedValues(clause).map((text) => allWords(clause, text.split(' ')));
  const [only] = alternatives;
  return only !== undefined && alternatives.length === 1 ? only : { kind: 'or', of: alternatives };
}

function allWords({ parameter }: Clause, words: readonly string[]): Expression {
  const found = words.map((word): Expression => {
    const anyOf = [` ${word} `];
    return { kind: 'string', parameter: parameter.code, compare: 'contains', anyOf };
  });
  const [only] = found;
  return only !== undefined && found.length === 1 ? only : { kind: 'and', of: found };
}

/** What stands between the words of a narrative. */
const MARKUP = /<[^>]*>|&[^;]{1,10};/g;

/** The words of the resource's narrative (`_text`) or of all its texts (`_content`), each once, as
 * one entry. */
export function wordsEntries(code: '_text' | '_content', resource: Resource): ValueEntry[] {
  const texts = code === '_text' ? narrativeOf(resource) : textsOf(withoutOwn(resource));
  const words = new Set(texts.flatMap((text) => normalise(text).split(' ')).filter(Boolean));
  if (words.size === 0) return [];
  const value = ` ${[...words].join(' ')} `;
  return [{ kind: 'string', parameter: code, value, exact: value }];
}

function narrativeOf(resource: Resource): readonly string[] {
  const { div } = (resource.text ?? {}) as { readonly div?: unknown };
  return typeof div === 'string' ? [div.replace(MARKUP, ' ')] : [];
}

/** Without what the service sets: a version is indexed before it is known, and again after. */
function withoutOwn({ id: _id, meta, ...elements }: Resource): object {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...sent } = meta ?? {};
  return { ...elements, meta: sent };
}

function textsOf(node: unknown): readonly string[] {
  if (typeof node === 'string') return [node.startsWith('<') ? node.replace(MARKUP, ' ') : node];
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap(textsOf);
}
