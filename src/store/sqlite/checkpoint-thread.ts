// A thread that copies the write-ahead log to the database file when asked (checkpoints.ts). It
// has nothing to answer: what it could not copy now, it copies the next time.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import { announceIdle, type CheckpointData } from './checkpoints.ts';
import { openForWriting, sqliteCode } from './connection.ts';

assert(parentPort !== null, 'this module is the script of a thread');
const port = parentPort;
const data = workerData as CheckpointData;
const connection = openForWriting(data.file);

port.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    connection.close();
    port.close();
    return;
  }
  try {
    connection.get('PRAGMA wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error;
  } finally {
    announceIdle(data);
  }
});
