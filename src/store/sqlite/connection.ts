// One SQLite connection of one thread: how it is opened, its statements by their text, and what
// SQLite's errors mean to a caller of the store.

import DatabaseConstructor, { type Database, type Statement } from 'better-sqlite3';
import { positionMatches } from '../../search/types/position.ts';
import { StoreError } from '../resource-store.ts';
import { WITHIN_CIRCLE } from './compile-position.ts';

/** Prepared statements kept; searches differ in shape, so the oldest make room. */
const STATEMENTS_MAX = 300;

/** 8 KiB hold five typical resources: 4 KiB waste a quarter of the log, 16 KiB double the WAL. */
const PAGE_BYTES = 8_192;

/** A large cache halves the commit rate (a commit scans the cache); the page cache of the
 * operating system serves reads through mmap. */
const WRITER_CACHE_KIB = 16_384;
const READER_CACHE_KIB = 16_384;
const MMAP_BYTES_MAX = 2 ** 31 - 65_536;

/** How long to wait for a lock that another connection holds for a moment. */
const BUSY_TIMEOUT_MS = 2_000;

/** A connection with its statements. Rows are objects by column name. */
export class Connection {
  readonly database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.database = database;
  }

  /** The statement of that text, prepared once. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    if (this.#statements.size >= STATEMENTS_MAX) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    this.#statements.set(sql, statement);
    return statement;
  }

  /** The first row, if any. */
  get<Row>(sql: string, ...values: readonly unknown[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  /** All rows. */
  all<Row>(sql: string, ...values: readonly unknown[]): Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  /** Runs a statement without rows; how many rows it changed. */
  run(sql: string, ...values: readonly unknown[]): number {
    return this.prepare(sql).run(...values).changes;
  }

  /** Runs `work` in one read transaction: all it reads is of one moment. */
  snapshot<Result>(work: () => Result): Result {
    this.run('BEGIN');
    try {
      return work();
    } finally {
      if (this.database.inTransaction) this.run('COMMIT');
    }
  }

  close(): void {
    this.database.close();
  }
}

/** The writing connection of a database file, made when absent. Every commit reaches the disk
 * before it returns; checkpoints are left to the caller. */
export function openForWriting(file: string): Connection {
  const database = new DatabaseConstructor(file, { timeout: BUSY_TIMEOUT_MS });
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('wal_autocheckpoint = 0');
  database.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
  database.pragma(`mmap_size = ${MMAP_BYTES_MAX}`);
  database.pragma('temp_store = MEMORY');
  database.pragma('analysis_limit = 1000');
  defineFunctions(database);
  return new Connection(database);
}

/** A reading connection of a file that `openForWriting` has opened before. */
export function openForReading(file: string): Connection {
  const database = new DatabaseConstructor(file, {
    readonly: true,
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
  });
  database.pragma(`cache_size = -${READER_CACHE_KIB}`);
  database.pragma(`mmap_size = ${MMAP_BYTES_MAX}`);
  defineFunctions(database);
  return new Connection(database);
}

/** Functions of ours that statements call. */
function defineFunctions(database: Database): void {
  const within = (...numbers: readonly number[]): number => {
    const [latitude = 0, longitude = 0, circleLatitude = 0, circleLongitude = 0, radiusM = 0] =
      numbers;
    const circle = { latitude: circleLatitude, longitude: circleLongitude, radiusM };
    return positionMatches({ latitude, longitude }, circle) ? 1 : 0;
  };
  database.function(WITHIN_CIRCLE, { deterministic: true, varargs: true }, within);
}

/** SQLite's result code (`SQLITE_FULL`), when the error is one of SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** Codes that begin with these are of the file, the disk or another program; all others would be
 * statements of ours that are wrong. */
const UNAVAILABLE =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM)/;

/** An error that the database's surroundings caused as the refusal `unavailable`; any other
 * unchanged.
 * @param committed whether the write may still have happened */
export function asRefusal(error: unknown, committed: 'no' | 'unknown'): unknown {
  const code = sqliteCode(error);
  if (code === undefined || !UNAVAILABLE.test(code) || !(error instanceof Error)) return error;
  return new StoreError({
    reason: 'unavailable',
    committed,
    detail: `The database answered ${code}: ${error.message}.`,
  });
}

const OPENING_FAILURES: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'the database file is locked by another program',
  SQLITE_NOTADB: 'the database file is damaged: it is no SQLite database',
  SQLITE_CORRUPT: 'the database file is damaged',
  SQLITE_CANTOPEN: 'the database file cannot be opened',
  SQLITE_READONLY: 'the database file is read-only',
  SQLITE_FULL: 'the disk is full',
};

/** Why a database cannot be opened, as the end of a sentence. */
export function openingFailure(error: unknown): string {
  const known = OPENING_FAILURES[sqliteCode(error) ?? ''];
  if (known !== undefined) return known;
  return error instanceof Error ? error.message : String(error);
}
