// Statistics that SQLite's planner needs, taken anew when the database has grown by half: a sample
// of each index, milliseconds of work.

import type { Writer } from './writer.ts';

/** Below this many versions every plan is fast. */
const VERSIONS_MIN = 1_000;

/** Remembers when statistics were last taken. */
export class Statistics {
  readonly #writer: Writer;
  #analysed: number;

  constructor(writer: Writer) {
    this.#writer = writer;
    const sql = "SELECT value FROM meta WHERE key = 'analysed'";
    this.#analysed = writer.connection.get<{ value: number }>(sql)?.value ?? 0;
  }

  /** Takes statistics when they are out of date. */
  keep(): void {
    const { connection, last } = this.#writer;
    if (last < Math.max(VERSIONS_MIN, this.#analysed * 1.5)) return;
    connection.run('ANALYZE');
    connection.run("UPDATE meta SET value = ? WHERE key = 'analysed'", last);
    this.#analysed = last;
  }
}
