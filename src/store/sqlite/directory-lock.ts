// One process per data directory: a lock that lasts as long as the process, however it ends. It is
// SQLite's lock on a file of its own, which the operating system lets go of with the process.

import { join } from 'node:path';
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { sqliteCode } from './connection.ts';

/** A held lock. */
export interface DirectoryLock {
  release(): void;
}

/** Takes the lock of an existing directory.
 * @throws Error with one plain sentence when another process, or this one, holds it */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseConstructor(join(directory, 'lock.db'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (sqliteCode(error) === 'SQLITE_BUSY') throw new Error('another process is using it');
    throw error;
  }
  return { release: () => release(database) };
}

function release(database: Database): void {
  database.exec('ROLLBACK');
  database.close();
}
