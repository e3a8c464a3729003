// Saves a snapshot while people go on changing: blocks are copied one by one as they come, then
// everybody who changed meanwhile is written anew, and the moment is that of the last of them.
// Nobody waits for longer than the copy of a block. The file is renamed into its place when it is
// on disk.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { EngineMemory } from './memory.ts';
import {
  packEnd,
  SNAPSHOT_VERSION,
  type SnapshotPart,
  type SnapshotTable,
  startOf,
} from './snapshot-file.ts';

/** Rounds of writing people who changed in the round before. In the last they are written at one
 * moment, which is short when few have changed. */
const ROUNDS_MAX = 4;
const LAST_ROUND_PEOPLE = 500;
/** Blocks after which the disk begins to write them: about 64 MB. */
const FLUSH_BLOCKS = 16;

/** What a snapshot is taken of. */
export interface SnapshotSource {
  readonly memory: EngineMemory;
  /** Rows that changed since the last call. The first call is when that begins. */
  changedRows(): ReadonlySet<number>;
  state(): Pick<SnapshotTable, 'moment' | 'full' | 'highest'>;
}

export async function saveSnapshot(file: string, source: SnapshotSource): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w');
  try {
    await write(handle, source);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

async function write(handle: FileHandle, source: SnapshotSource): Promise<void> {
  const { memory } = source;
  source.changedRows();
  await handle.writeFile(startOf(SNAPSHOT_VERSION));
  const blocks = await writeBlocks(handle, memory);
  const { people, state } = await writePeople(handle, source);
  const contents: SnapshotTable = { layout: memory.layout, ...state, blocks };
  const table = Buffer.from(JSON.stringify(contents));
  await handle.writeFile(table);
  await handle.writeFile(packEnd({ people, table: partOf(table) }));
}

/** Writes the blocks there are now, one while the next is copied, and lets the disk begin with
 * those that are written. @returns their checksums */
async function writeBlocks(handle: FileHandle, memory: EngineMemory): Promise<readonly number[]> {
  const { blocks, columns } = memory;
  const copies = [Buffer.alloc(columns.savedBytes), Buffer.alloc(columns.savedBytes)];
  const checksums: number[] = [];
  let writing: Promise<void> = Promise.resolve();
  let flushing: Promise<void> = Promise.resolve();
  for (let block = 0; block < blocks; block += 1) {
    const copy = copies[block % 2] ?? Buffer.alloc(0);
    copy.set(memory.block(block).bytes.subarray(0, columns.savedBytes));
    checksums.push(crc32(copy));
    await writing;
    writing = writeAll(handle, copy);
    if (block % FLUSH_BLOCKS !== FLUSH_BLOCKS - 1) continue;
    await Promise.all([writing, flushing]);
    flushing = handle.datasync();
    // It is waited for above or below; meanwhile its failure must not go unheard of.
    flushing.catch(() => {});
  }
  await Promise.all([writing, flushing]);
  return checksums;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done);
    done += bytesWritten;
  }
}

/** Writes everybody who changed since the blocks began, and again who changed since then. */
async function writePeople(
  handle: FileHandle,
  source: SnapshotSource,
): Promise<{ readonly people: SnapshotPart; readonly state: ReturnType<SnapshotSource['state']> }> {
  let people: SnapshotPart = { bytes: 0, checksum: 0 };
  for (let round = 1; ; round += 1) {
    const rows = source.changedRows();
    const lines = Buffer.from([...rows].map((row) => lineOf(row, source.memory)).join(''));
    const state = source.state();
    people = { bytes: people.bytes + lines.length, checksum: crc32(lines, people.checksum) };
    await handle.writeFile(lines);
    if (rows.size <= LAST_ROUND_PEOPLE || round === ROUNDS_MAX) return { people, state };
  }
}

function lineOf(row: number, memory: EngineMemory): string {
  return `${JSON.stringify(memory.read(row) ?? { row, removed: true })}\n`;
}

function partOf(bytes: Buffer): SnapshotPart {
  return { bytes: bytes.length, checksum: crc32(bytes) };
}

/** Makes the new name last through a loss of power. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
