// A reading thread: searches, histories and other reads that may take long. One call at a time.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../lib/assert.ts';
import { openForReading } from './connection.ts';
import { Dictionary } from './dictionary.ts';
import { readHistory } from './history.ts';
import type { Reader } from './moment.ts';
import { packVersions } from './packed-versions.ts';
import { closeStream, openStream, readChunk } from './read-stream.ts';
import { readReferrers } from './referrers.ts';
import { countMatches, explainSearch, matchingNumbers, searchPage } from './search.ts';
import { readByNumber, readIds, readResources, readRows } from './short-reads.ts';
import { errorReply, type ReaderCall, type ReaderData, type Reply } from './thread-messages.ts';
import { versionsAfter } from './versions.ts';

type WithoutReader<Parameters extends readonly unknown[]> = Parameters extends readonly [
  Reader,
  ...infer Rest,
]
  ? Rest
  : never;

/** Everything that answers with many versions packs them. */
const methods = {
  count: countMatches,
  numbers: matchingNumbers,
  search: searchPage,
  explain: explainSearch,
  history: readHistory,
  openStream,
  readChunk: (...given: Parameters<typeof readChunk>) => {
    const { versions, ...rest } = readChunk(...given);
    return { ...rest, packed: packVersions(versions) };
  },
  closeStream,
  readMany: (...given: Parameters<typeof readResources>) => packVersions(readResources(...given)),
  readNumbers: (...given: Parameters<typeof readByNumber>) => packVersions(readByNumber(...given)),
  readIds,
  referrers: (...given: Parameters<typeof readReferrers>) => {
    const lists = readReferrers(...given);
    return { counts: lists.map(({ length }) => length), packed: packVersions(lists.flat()) };
  },
  changes: ({ connection, dictionary }: Reader, after: number, limit: number) =>
    packVersions(versionsAfter(connection, dictionary, after, limit)),
  rows: ({ connection }: Reader, set: string, after: string, limit: number) =>
    readRows(connection, set, after, limit),
};

/** What a reading thread can be asked. */
export type ReaderMethods = {
  readonly [Name in keyof typeof methods]: {
    readonly given: WithoutReader<Parameters<(typeof methods)[Name]>>;
    readonly result: ReturnType<(typeof methods)[Name]>;
  };
};

assert(parentPort !== null, 'this module is the script of a thread');
const port = parentPort;
const connection = openForReading((workerData as ReaderData).file);
const reader: Reader = { connection, dictionary: new Dictionary(connection) };

port.on('message', (calls: readonly (ReaderCall | 'close')[]) => {
  for (const call of calls) {
    if (call === 'close') {
      connection.close();
      port.close();
      return;
    }
    port.postMessage([answer(call)]);
  }
});
port.postMessage({ ready: true });

function answer({ call, method, given }: ReaderCall): Reply {
  try {
    const run = methods[method as keyof typeof methods] as (...all: unknown[]) => unknown;
    return { call, result: run(reader, ...given) };
  } catch (error) {
    return errorReply(call, error);
  }
}
