// The window of the past: its floor moves durably, then rows that only older questions read go, a
// few at a time so that writes need not wait. The log itself is kept for ever.

import { windowFloor } from './moment.ts';
import { ENTRY_TABLES } from './schema.ts';
import { lastSequence, positionBefore } from './versions.ts';
import type { Writer } from './writer.ts';

/** Rows dropped in one transaction. */
const DROPPED_MAX = 2_000;

const PAST_TABLES = ['resource', ...ENTRY_TABLES].map((name) => `past_${name}`);

/**
 * Moves the floor to what was current at an instant; it never moves back.
 * @param instantMs milliseconds since 1970 UTC
 */
export function moveFloor(writer: Writer, instantMs: number): void {
  const { connection } = writer;
  const floor = positionBefore(connection, instantMs + 1, lastSequence(connection));
  if (floor <= windowFloor(connection)) return;
  connection.run("UPDATE meta SET value = ? WHERE key = 'floor'", floor);
}

/** Drops some of the rows that no question from the floor on reads; false when none is left. */
export function dropBehindFloor(writer: Writer): boolean {
  const floor = windowFloor(writer.connection);
  return PAST_TABLES.some((table) => dropFrom(writer, table, floor));
}

/** rowid and valid_to grow together: what can go is at the start. */
function dropFrom(writer: Writer, table: string, floor: number): boolean {
  const sql = `SELECT rowid, valid_to FROM ${table} ORDER BY rowid LIMIT ${DROPPED_MAX}`;
  const rows = writer.connection.all<{ rowid: number; valid_to: number }>(sql);
  const last = rows.findLast(({ valid_to }) => valid_to <= floor);
  if (last === undefined) return false;
  writer.connection.run(`DELETE FROM ${table} WHERE rowid <= ?`, last.rowid);
  return true;
}
