// Puts many rows into a table, several a statement: stepping through a statement costs as much as
// the row. Rows that come in the order in which the table lies touch the fewest pages.

import type { Connection } from './connection.ts';

/** A row in the table's column order. */
export type Row = readonly (string | number | null)[];

/** Rows of one statement; more gain nothing. */
const ROWS_PER_STATEMENT = 20;

/** Inserts the rows in their order. @param table a name of ours, never a user's text */
export function insertMany(connection: Connection, table: string, rows: readonly Row[]): void {
  const columnCount = rows[0]?.length ?? 0;
  const whole = rows.length - (rows.length % ROWS_PER_STATEMENT);
  if (whole > 0) {
    const statement = connection.prepare(insertion(table, columnCount, ROWS_PER_STATEMENT));
    for (let start = 0; start < whole; start += ROWS_PER_STATEMENT) {
      statement.run(rows.slice(start, start + ROWS_PER_STATEMENT).flat());
    }
  }
  if (whole === rows.length) return;
  const statement = connection.prepare(insertion(table, columnCount, 1));
  for (const row of rows.slice(whole)) statement.run(row);
}

function insertion(table: string, columnCount: number, rowCount: number): string {
  const row = `(${Array(columnCount).fill('?').join(', ')})`;
  return `INSERT INTO ${table} VALUES ${Array(rowCount).fill(row).join(', ')}`;
}
