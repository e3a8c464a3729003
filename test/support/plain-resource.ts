// Resources for tests of stores: their text holds their index entries and references themselves, so
// that what is searched for is written out in the test and no search parameter is involved.

import type { ResourceKey } from '../../src/fhir/types.ts';
import type { IndexEntry } from '../../src/search/index-entry.ts';
import type { DeleteWrite, PutWrite, RowWrite, Write } from '../../src/store/resource-store.ts';
import type { TextIndexer } from '../../src/store/text-indexer.ts';

/** What a plain resource says. */
export interface PlainContent {
  readonly entries?: readonly IndexEntry[];
  readonly references?: readonly ResourceKey[];
  readonly note?: string;
}

/** A write of a plain resource, an update of anything unless told otherwise. */
export function put(
  key: string,
  content: PlainContent = {},
  options: Partial<Pick<PutWrite, 'expect' | 'method'>> = {},
): PutWrite {
  const { type, id } = keyOf(key);
  const { entries = [], references = [], note = '' } = content;
  const start = JSON.stringify({ resourceType: type, id }).slice(0, -1);
  const rest = JSON.stringify({ entries, references, note }).slice(1);
  return {
    kind: 'put',
    type,
    id,
    method: options.method ?? 'PUT',
    expect: options.expect ?? 'any',
    document: { before: `${start},"meta":{`, after: `},${rest}` },
    entries,
    references: references.map((target) => ({ ...target, expression: `${type}.subject` })),
  };
}

/** A deletion. */
export function remove(key: string, expect: DeleteWrite['expect'] = 'any'): DeleteWrite {
  return { kind: 'delete', ...keyOf(key), expect };
}

/** A write of an operational row. */
export function row(set: string, key: string, value: string | null): RowWrite {
  return { kind: 'row', set, key, value };
}

/** `Patient/1` as a key. */
export function keyOf(text: string): ResourceKey {
  const [type = '', id = ''] = text.split('/');
  return { type, id };
}

/** Writes as one transaction, references lenient, at the beginning of 2026. */
export function transaction(...writes: readonly Write[]) {
  return { guards: [], writes, nowMs: START_MS, references: 'lenient' } as const;
}

/** The tests' fixed clock. */
export const START_MS = Date.UTC(2026, 0, 1);

export function token(parameter: string, system: string, code: string): IndexEntry {
  return { kind: 'token', parameter, system, code };
}

export function pointer(parameter: string, target: string): IndexEntry {
  return { kind: 'reference', parameter, target };
}

/** Reads the entries back; named by `plainIndexer`. */
export function makeTextIndexer(): TextIndexer {
  return (_type, text) => JSON.parse(text);
}

/** The module of this indexer, for stores that must make entries again. */
export const plainIndexer = { module: import.meta.url, options: {}, version: 'plain 1' };
