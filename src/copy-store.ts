// `npm run copy -- --from DIR --to mongodb://…`: moves an embedded store into a database, all of
// its history under its own sequence numbers. An entry of its own, beside main.ts. A copy that was
// stopped goes on where it was; at the end both are read and compared.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, readConfig } from './config.ts';
import { COPY_BATCH_MAX, WINDOW_MS } from './limits.ts';
import { servedBy, storeIndexer } from './service-store.ts';
import { openMongoStore, type RestorableStore } from './store/mongo/mongo-store.ts';
import {
  type ResourceStore,
  type RowWrite,
  StoreError,
  type Version,
} from './store/resource-store.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

const USAGE = `Usage: npm run copy -- --from DIR --to mongodb://HOST/DATABASE

  --from DIR  directory of an embedded store; its service must be stopped
  --to URI    database that is empty, or that a copy of the same store was begun in
  --help      prints this

Settings that say how resources are indexed (OPENIMS_ZONE, OPENIMS_BASE_URL, OPENIMS_TYPES) must
be those that the service will run with.`;

/** What was copied, by the two readings that agree. */
export interface Copied {
  readonly versions: number;
  readonly rows: number;
  /** Hash of every version and row, in order. */
  readonly hash: string;
}

/**
 * Copies everything that the target does not have, and compares.
 * @param report told how far it has come: a sequence number of a last one
 * @throws Error with a sentence when the target holds something else
 */
export async function copyStore(
  source: ResourceStore,
  target: RestorableStore,
  report: (position: number, last: number) => void,
): Promise<Copied> {
  const last = await source.position();
  await requireBeginning(source, target);
  for (let position = await target.position(); position < last; ) {
    const versions = await source.changes(position, COPY_BATCH_MAX);
    await target.restore(versions);
    position = versions.at(-1)?.sequence ?? last;
    report(position, last);
  }
  await copyRows(source, target);
  const [wanted, found] = [await readAll(source), await readAll(target)];
  if (wanted.hash === found.hash) return wanted;
  throw new Error(
    `The copy is not equal: ${wanted.versions} versions and ${wanted.rows} rows were to be ` +
      `copied, and ${found.versions} and ${found.rows} are there; ` +
      'start anew with an empty database.',
  );
}

/** What is in the target must be how the source begins. */
async function requireBeginning(source: ResourceStore, target: ResourceStore): Promise<void> {
  const position = await target.position();
  if (position === 0) return;
  const [there] = await target.changes(position - 1, 1);
  const [here] = await source.changes(position - 1, 1);
  if (here !== undefined && JSON.stringify(here) === JSON.stringify(there)) return;
  throw new Error('The database holds something else than a copy of this store.');
}

async function copyRows(source: ResourceStore, target: ResourceStore): Promise<void> {
  for await (const writes of rowsOf(source)) {
    // The clock is that of the last version: a copy adds no moment of its own.
    await target.transact({ guards: [], writes, nowMs: 0, references: 'lenient' });
  }
}

async function* rowsOf(store: ResourceStore): AsyncGenerator<RowWrite[]> {
  for (const set of await store.rowSets()) {
    for (let after = ''; ; ) {
      const rows = await store.rows(set, after, COPY_BATCH_MAX);
      if (rows.length === 0) break;
      yield rows.map(({ key, value }) => ({ kind: 'row', set, key, value }));
      after = rows.at(-1)?.key ?? '';
    }
  }
}

/** Reads all versions and rows of a store. */
async function readAll(store: ResourceStore): Promise<Copied> {
  const hash = createHash('sha256');
  let versions = 0;
  for (let position = 0; ; ) {
    const some = await store.changes(position, COPY_BATCH_MAX);
    if (some.length === 0) break;
    for (const version of some) hash.update(versionText(version));
    versions += some.length;
    position = some.at(-1)?.sequence ?? position;
  }
  let rows = 0;
  for await (const some of rowsOf(store)) {
    for (const { set, key, value } of some) hash.update(JSON.stringify([set, key, value]));
    rows += some.length;
  }
  return { versions, rows, hash: hash.digest('hex') };
}

/** The same for equal versions, whatever the order of their members. */
function versionText(version: Version): string {
  return JSON.stringify(Object.entries(version).sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function run(flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...flags],
    options: { from: { type: 'string' }, to: { type: 'string' }, help: { type: 'boolean' } },
  });
  const { from, to, help } = values;
  if (help || from === undefined || to === undefined) {
    console.log(USAGE);
    return help ? 0 : 1;
  }
  const reading = readConfig(['--data', from, '--store', 'mongodb', '--mongodb-uri', to]);
  if (reading.kind !== 'config') {
    console.error(reading.kind === 'faults' ? reading.faults.join('\n') : reading.text);
    return 1;
  }
  return copyBetween(reading.config);
}

async function copyBetween(config: Config): Promise<number> {
  if (!existsSync(join(config.data, 'openims.db'))) {
    throw new Error(`There is no store in ${config.data}.`);
  }
  const common = { windowMs: WINDOW_MS, indexer: storeIndexer(servedBy(config), config) };
  const source = await openSqliteStore({ ...common, directory: config.data });
  try {
    const newNonce = () => randomBytes(16).toString('hex');
    const target = await openMongoStore({ ...common, uri: config.mongodbUri, newNonce });
    try {
      const { versions, rows, hash } = await copyStore(source, target, (position, last) =>
        console.log(`${position} of ${last} versions are copied`),
      );
      console.log(`${versions} versions and ${rows} rows are copied and equal (SHA-256 ${hash})`);
      return 0;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof StoreError && error.refusal.reason === 'unavailable') {
    return error.refusal.detail;
  }
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
    console.error(sentenceOf(error));
    return 1;
  });
}
