// Loads a snapshot (snapshot-file.ts) into an empty memory, or says why it cannot be trusted.

import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { BLOCK_ROWS } from '../kernel/assembly/opcodes.ts';
import type { EngineLayout, EnginePerson, RemovedRow } from './cohort-engine.ts';
import { blocksOf, type EngineMemory } from './memory.ts';
import {
  BLOCKS_AT,
  END_BYTES,
  refusalOfStart,
  type SnapshotPart,
  type SnapshotTable,
  unpackEnd,
} from './snapshot-file.ts';

/** Blocks that are being read at once. */
const BLOCKS_AHEAD = 3;

export type LoadedSnapshot =
  | { readonly kind: 'loaded'; readonly state: Pick<SnapshotTable, 'moment' | 'full'> }
  | { readonly kind: 'absent' }
  /** The memory may hold parts of it, and is to be thrown away. */
  | { readonly kind: 'refused'; readonly reason: string };

export async function loadSnapshot(file: string, memory: EngineMemory): Promise<LoadedSnapshot> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isAbsent ? { kind: 'absent' } : { kind: 'refused', reason: String(error) };
  }
  try {
    const table = await read(handle, memory);
    if (typeof table === 'string') return { kind: 'refused', reason: table };
    return { kind: 'loaded', state: { moment: table.moment, full: table.full } };
  } catch (error) {
    return { kind: 'refused', reason: `cannot be read: ${String(error)}` };
  } finally {
    await handle.close();
  }
}

/** @returns a text says why it is refused */
async function read(handle: FileHandle, memory: EngineMemory): Promise<SnapshotTable | string> {
  const { size } = await handle.stat();
  if (size < BLOCKS_AT + END_BYTES) return 'is cut short';
  const refusal = refusalOfStart(await readAt(handle, 0, BLOCKS_AT));
  if (refusal !== undefined) return refusal;
  const end = unpackEnd(await readAt(handle, size - END_BYTES, END_BYTES));
  const tableAt = size - END_BYTES - end.table.bytes;
  const peopleAt = tableAt - end.people.bytes;
  if (peopleAt < BLOCKS_AT) return 'is damaged at its end';
  const tableBytes = await readPart(handle, tableAt, end.table);
  if (tableBytes === undefined || tableBytes.length === 0) return 'is damaged in its table';
  const table = JSON.parse(tableBytes.toString()) as SnapshotTable;
  if (!isSame(table.layout, memory.layout)) return 'is of another layout';
  const { savedBytes } = memory.columns;
  if (BLOCKS_AT + table.blocks.length * savedBytes !== peopleAt) return 'is damaged in its length';
  if (table.blocks.length > blocksOf(memory.layout.maxRows))
    return 'has more people than the bound';
  const damaged = await readBlocks(handle, memory, table.blocks);
  if (damaged !== undefined) return `is damaged in block ${damaged}`;
  const people = await readPart(handle, peopleAt, end.people);
  if (people === undefined) return 'is damaged in its people';
  putPeople(people.toString(), memory);
  for (const [column, code] of Object.entries(table.highest)) memory.raise(column, code);
  return table;
}

/** Reads each block into its place, some while those before are checked.
 * @returns the first that is not what its checksum says */
async function readBlocks(
  handle: FileHandle,
  memory: EngineMemory,
  checksums: readonly number[],
): Promise<number | undefined> {
  const { savedBytes } = memory.columns;
  const readBlock = async (block: number) => {
    memory.reach(block * BLOCK_ROWS);
    const bytes = memory.block(block).bytes.subarray(0, savedBytes);
    await readInto(handle, bytes, BLOCKS_AT + block * savedBytes);
    return bytes;
  };
  const reading: Promise<Uint8Array>[] = [];
  try {
    for (const [block, checksum] of checksums.entries()) {
      for (let next = block + reading.length; next < checksums.length; next += 1) {
        if (reading.length === BLOCKS_AHEAD) break;
        reading.push(readBlock(next));
      }
      const bytes = await reading.shift();
      if (bytes === undefined || crc32(bytes) !== checksum) return block;
    }
    return undefined;
  } finally {
    // The file is closed next: nothing may still be reading it.
    await Promise.allSettled(reading);
  }
}

function putPeople(text: string, memory: EngineMemory): void {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const change = JSON.parse(line) as EnginePerson | RemovedRow;
    if ('removed' in change) {
      memory.remove(change.row);
      continue;
    }
    memory.check(change);
    memory.reach(change.row);
    memory.write(change);
  }
}

function isSame(one: EngineLayout, other: EngineLayout): boolean {
  const names = ({ bitmaps, days, counts, codes }: EngineLayout) =>
    JSON.stringify([bitmaps, days, counts, codes]);
  return names(one) === names(other);
}

async function readPart(
  handle: FileHandle,
  at: number,
  { bytes, checksum }: SnapshotPart,
): Promise<Buffer | undefined> {
  const part = await readAt(handle, at, bytes);
  return crc32(part) === checksum ? part : undefined;
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await readInto(handle, bytes, at);
  return bytes;
}

async function readInto(handle: FileHandle, into: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new Error('it ends too early');
    done += bytesRead;
  }
}
