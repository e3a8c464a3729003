// How the store finds the entries of a version it holds only as text: a replaced version's entries
// are made again to be moved to the past_ tables. A thread cannot be given a function, so the
// function is named by its module.

import type { ResourceKey } from '../fhir/types.ts';
import type { IndexEntry } from '../search/index-entry.ts';

/** What was written with the version: the entries and references of its PutWrite. */
export interface IndexedText {
  readonly entries: readonly IndexEntry[];
  readonly references: readonly ResourceKey[];
}

/** The entries and references of a stored text, equal to those it was written with. */
export type TextIndexer = (type: string, text: string) => IndexedText;

/** Where a TextIndexer comes from. */
export interface TextIndexerSource {
  /** Url of a module that exports `makeTextIndexer(options): TextIndexer`. */
  readonly module: string;
  /** Given to `makeTextIndexer`; plain data. */
  readonly options: unknown;
  /** Differs whenever the entries may: when it does at opening, all entries are made again. */
  readonly version: string;
}

/** Loads the module and makes the indexer. */
export async function loadTextIndexer(source: TextIndexerSource): Promise<TextIndexer> {
  const loaded: unknown = await import(source.module);
  if (!hasMaker(loaded)) throw new Error(`${source.module} does not export makeTextIndexer`);
  return loaded.makeTextIndexer(source.options);
}

function hasMaker(
  loaded: unknown,
): loaded is { readonly makeTextIndexer: (options: unknown) => TextIndexer } {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'makeTextIndexer' in loaded &&
    typeof loaded.makeTextIndexer === 'function'
  );
}
