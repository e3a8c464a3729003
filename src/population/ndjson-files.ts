// Writes resources as NDJSON, one file per type, into a folder that appears only when all of it is
// there: it is written under another name first, and removed again when anything fails.
// https://hl7.org/fhir/uv/bulkdata/STU2/export.html#output-files

import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Resource } from '../fhir/types.ts';

/** What a run tells and is told while it writes. */
export interface WritingWatch {
  /** Called now and then with the number of resources written so far. */
  onProgress(count: number): void;
  /** Stops the run when aborted: the folder is then as if it had never begun. */
  readonly signal: AbortSignal;
}

/** Why nothing can be written to a folder, in a sentence. */
export class FolderError extends Error {}

/** Characters of one file that are held back and written at once. */
const CHUNK_CHARACTERS = 256 * 1024;
const PROGRESS_EVERY = 2_000;

/**
 * Writes all resources into a folder that must not exist yet, or be empty.
 * @returns how many there were
 * @throws FolderError, whatever `resources` or the disk throw, or the signal's reason; in every
 * case nothing is left behind
 */
export async function writeNdjson(
  resources: Iterable<Resource>,
  folder: string,
  watch: WritingWatch,
): Promise<number> {
  const partial = `${folder.replace(/\/+$/, '')}.partial`;
  const isThere = await checkTarget(folder);
  await makeFolder(partial);
  try {
    const count = await writeFiles(resources, partial, watch);
    if (isThere) await rmdir(folder);
    await rename(partial, folder);
    return count;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** @returns whether the folder is there, and empty */
async function checkTarget(folder: string): Promise<boolean> {
  try {
    const names = await readdir(folder);
    if (names.length > 0) throw new FolderError(`${folder} is not empty; name a new folder.`);
    return true;
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENOENT':
        return false;
      case 'ENOTDIR':
        throw new FolderError(`${folder} is a file, not a folder; name a new folder.`);
      default:
        throw error;
    }
  }
}

async function makeFolder(partial: string): Promise<void> {
  try {
    await mkdir(partial);
  } catch (error) {
    switch (codeOf(error)) {
      case 'EEXIST':
        throw new FolderError(`${partial} is there: another run is under way, or one was killed.`);
      case 'ENOENT':
        throw new FolderError(`The folder that is to hold ${partial} does not exist.`);
      default:
        throw error;
    }
  }
}

/** One file that grows. */
interface NdjsonFile {
  readonly handle: FileHandle;
  held: string[];
  heldCharacters: number;
}

async function writeFiles(
  resources: Iterable<Resource>,
  folder: string,
  watch: WritingWatch,
): Promise<number> {
  const files = new Map<string, NdjsonFile>();
  let count = 0;
  try {
    for (const resource of resources) {
      const file = files.get(resource.resourceType) ?? (await openFile(folder, resource, files));
      const line = `${JSON.stringify(resource)}\n`;
      file.held.push(line);
      file.heldCharacters += line.length;
      count += 1;
      if (file.heldCharacters >= CHUNK_CHARACTERS) await flush(file);
      if (count % PROGRESS_EVERY !== 0) continue;
      watch.onProgress(count);
      await nextTurn();
      watch.signal.throwIfAborted();
    }
    for (const file of files.values()) {
      await flush(file);
      await file.handle.sync();
    }
    watch.signal.throwIfAborted();
    return count;
  } finally {
    for (const file of files.values()) await file.handle.close();
  }
}

async function openFile(
  folder: string,
  resource: Resource,
  files: Map<string, NdjsonFile>,
): Promise<NdjsonFile> {
  const handle = await open(join(folder, `${resource.resourceType}.ndjson`), 'wx');
  const file = { handle, held: [], heldCharacters: 0 };
  files.set(resource.resourceType, file);
  return file;
}

async function flush(file: NdjsonFile): Promise<void> {
  const text = file.held.join('');
  file.held = [];
  file.heldCharacters = 0;
  await file.handle.appendFile(text);
}

/** The system's code of an error, such as `ENOSPC`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
