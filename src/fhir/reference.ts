// Reads the text of Reference.reference, canonical and uri values: what on this server, or
// elsewhere, they point at. http://hl7.org/fhir/R4/references.html#literal

import type { ResourceKey } from './types.ts';

/** Where a reference points. */
export type ReferenceTarget =
  /** a resource of this server; `versionId` when the reference names one version */
  | ({ readonly kind: 'local'; readonly versionId?: string } & ResourceKey)
  /** `#id`: a resource contained in the same one; `#` alone is the container ('') */
  | { readonly kind: 'contained'; readonly id: string }
  /** `Type?query`: to be resolved by a search inside a transaction */
  | { readonly kind: 'conditional'; readonly type: string; readonly query: string }
  /** any other absolute url, `urn:` included */
  | { readonly kind: 'absolute'; readonly url: string }
  | { readonly kind: 'unreadable' };

const LITERAL =
  /^([A-Z][A-Za-z]{0,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const CONDITIONAL = /^([A-Z][A-Za-z]{0,63})\?(.+)$/s;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/**
 * Reads a reference. Whether the type exists is not judged.
 * @param baseUrl this server's base address, without trailing slash
 */
export function readReference(text: string, baseUrl: string): ReferenceTarget {
  if (text.startsWith('#')) return { kind: 'contained', id: text.slice(1) };
  const below = text.startsWith(baseUrl) && text.charAt(baseUrl.length) === '/';
  const relative = below ? text.slice(baseUrl.length + 1) : text;
  const literal = LITERAL.exec(relative);
  if (literal !== null) {
    const [, type = '', id = '', versionId] = literal;
    return versionId === undefined
      ? { kind: 'local', type, id }
      : { kind: 'local', type, id, versionId };
  }
  const conditional = CONDITIONAL.exec(text);
  if (conditional !== null) {
    const [, type = '', query = ''] = conditional;
    return { kind: 'conditional', type, query };
  }
  return ABSOLUTE.test(text) ? { kind: 'absolute', url: text } : { kind: 'unreadable' };
}
