// Draws a row of a short table by its last member, the row's weight.

import type { Random } from './random.ts';

/** One of the rows, each in proportion to its last member. */
export function pickByParts<Row extends readonly [...unknown[], number]>(
  rows: readonly Row[],
  random: Random,
): Row {
  let total = 0;
  for (const row of rows) total += row.at(-1) as number;
  let drawn = random.fraction() * total;
  for (const row of rows) {
    drawn -= row.at(-1) as number;
    if (drawn < 0) return row;
  }
  return rows[rows.length - 1] as Row;
}
