// Reads the terminology of folders: FHIR JSON (CodeSystem, ValueSet, NamingSystem) and CSV subsets
// (csv-subset.ts), in sub-folders too. Whatever else lies there is passed over and told.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCsvSubset } from './csv-subset.ts';
import { type Sourced, TerminologyFault, type TerminologyResource } from './resources.ts';

/** What the folders held. */
export interface FolderContents {
  readonly sources: readonly Sourced[];
  /** Files that are no terminology: other resources, other tables, other formats. */
  readonly passedOver: readonly string[];
}

const TYPES: ReadonlySet<unknown> = new Set(['CodeSystem', 'ValueSet', 'NamingSystem']);

/**
 * Reads every file of the folders, in alphabetical order.
 * @throws TerminologyFault for a folder that cannot be read, JSON that is not well-formed, and
 *   CSV lines that do not have the form
 */
export function readFolders(folders: readonly string[]): FolderContents {
  const files = folders.flatMap(filesOf);
  const read = files.map((file) => ({ file, resources: readTerminologyFile(file) }));
  return {
    sources: read.flatMap(({ file, resources = [] }) =>
      resources.map((resource) => ({ file, resource })),
    ),
    passedOver: read.flatMap(({ file, resources }) => (resources === undefined ? [file] : [])),
  };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw new TerminologyFault(folder, '', `cannot be read: ${(error as Error).message}`);
  }
}

function readTerminologyFile(file: string): readonly TerminologyResource[] | undefined {
  if (/\.json$/i.test(file)) return readResourceFile(file);
  return /\.csv$/i.test(file) ? readCsvSubset(file, readFileSync(file, 'utf8')) : undefined;
}

function readResourceFile(file: string): readonly TerminologyResource[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TerminologyFault(file, '', `is not well-formed JSON: ${(error as Error).message}`);
  }
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  return TYPES.has(type) ? [value as TerminologyResource] : undefined;
}
