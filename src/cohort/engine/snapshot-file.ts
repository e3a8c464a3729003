// What a snapshot's file is made of. Every byte of it is under a checksum or compared.
//
//   start   "openims-cohort VERSION\n", then zeros up to BLOCKS_AT
//   blocks, as they lie in memory; people as lines of JSON, later ones prevail; a table as JSON
//   end     END_BYTES: bytes and checksum of the people, bytes and checksum of the table

import type { EngineLayout, EngineMoment } from './cohort-engine.ts';

/** Of the format; moves with every change of it or of how a block is laid out. */
export const SNAPSHOT_VERSION = 2;
export const BLOCKS_AT = 4096;
export const END_BYTES = 16;

const TITLE = 'openims-cohort ';

export interface SnapshotTable {
  readonly layout: EngineLayout;
  readonly moment: EngineMoment;
  /** Whether rows were refused because of the bound. */
  readonly full: boolean;
  /** Highest codes by column. */
  readonly highest: Readonly<Record<string, number>>;
  /** Checksums of the blocks. */
  readonly blocks: readonly number[];
}

/** Bytes and checksum of a part. */
export interface SnapshotPart {
  readonly bytes: number;
  readonly checksum: number;
}

export interface SnapshotEnd {
  readonly people: SnapshotPart;
  readonly table: SnapshotPart;
}

export function startOf(version: number): Buffer {
  const start = Buffer.alloc(BLOCKS_AT);
  start.write(`${TITLE}${version}\n`);
  return start;
}

/** Why a file that begins so cannot be read; undefined when it can. */
export function refusalOfStart(start: Buffer): string | undefined {
  if (start.equals(startOf(SNAPSHOT_VERSION))) return undefined;
  const [, version] = /^openims-cohort (\d{1,9})\n/.exec(start.toString('latin1')) ?? [];
  if (version === undefined || !start.equals(startOf(Number(version)))) return 'is no snapshot';
  return `is of version ${version}, and this is ${SNAPSHOT_VERSION}`;
}

export function packEnd({ people, table }: SnapshotEnd): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(people.bytes, 0);
  end.writeUInt32LE(people.checksum, 4);
  end.writeUInt32LE(table.bytes, 8);
  end.writeUInt32LE(table.checksum, 12);
  return end;
}

export function unpackEnd(end: Buffer): SnapshotEnd {
  return {
    people: { bytes: end.readUInt32LE(0), checksum: end.readUInt32LE(4) },
    table: { bytes: end.readUInt32LE(8), checksum: end.readUInt32LE(12) },
  };
}
