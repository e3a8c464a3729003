// Writes and reads of the MongoDB store against the bare driver's, of the same documents, on the
// same server in the same run. Where there is no real server nothing is claimed.

import { MongoClient } from 'mongodb';
import { openDatabase } from '../../src/store/mongo/database.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { dropDatabase, findMongoServer, freshDatabase } from '../support/mongo-server.ts';
import { createOf, indexer, type Material } from './material.ts';
import { type BenchRow, median, medianRatio } from './row.ts';

const WARM_UP_ROUNDS = 2;
const ROUNDS = 6;
const WRITES_PER_ROUND = 1_000;
const READS_PER_ROUND = 500;
const DAY_MS = 86_400_000;

/** The rows; none, and a line that says why, where no real server is found. */
export async function mongoRows(material: Material): Promise<BenchRow[]> {
  const source = findMongoServer({ mayBuild: false });
  if (source.kind !== 'given' && source.kind !== 'mongod') {
    console.log('MongoDB was not measured: there is no MONGODB_URI and no mongod.');
    return [];
  }
  const uri = await freshDatabase(source);
  try {
    return await measure(material, uri);
  } finally {
    await dropDatabase(uri);
  }
}

async function measure(material: Material, uri: string): Promise<BenchRow[]> {
  let nonces = 0;
  const newNonce = () => `bench-${process.pid}-${++nonces}`;
  const store = await openMongoStore({ uri, windowMs: DAY_MS, indexer: indexer(), newNonce });
  const database = await openDatabase(uri);
  const client = await MongoClient.connect(uri, { writeConcern: { w: 'majority', journal: true } });
  const raw = client.db().collection<{ _id: string }>('raw');
  const measured = { writes: [], rawWrites: [], reads: [], rawReads: [] } as Measured;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    if (round === WARM_UP_ROUNDS) for (const list of Object.values(measured)) list.length = 0;
    const from = await store.position();
    measured.writes.push(await rateOf(WRITES_PER_ROUND, () => writeGroup(store, material, round)));
    // What the store has written, indexes and all, as a driver alone would write it.
    const documents = await database.versions.find({ from: { $gt: from } }).toArray();
    measured.rawWrites.push(
      await rateOf(documents.length, () => raw.insertMany(documents, { ordered: false })),
    );
    const some = documents.slice(0, READS_PER_ROUND);
    measured.reads.push(
      await rateOf(some.length, async () => {
        for (const { type, id } of some) await store.read({ type, id });
      }),
    );
    measured.rawReads.push(
      await rateOf(some.length, async () => {
        for (const { _id } of some) await raw.findOne({ _id });
      }),
    );
  }
  await client.close();
  await database.connection.close();
  await store.close();
  return [
    row('mongodb: a group of 1,000', measured.writes, 'raw insert', measured.rawWrites, 0.5),
    row('mongodb: reads, one after the other', measured.reads, 'raw find', measured.rawReads, 0.6),
  ];
}

type Measured = Record<'writes' | 'rawWrites' | 'reads' | 'rawReads', number[]>;

function writeGroup(store: ResourceStore, material: Material, round: number): Promise<unknown> {
  const writes = Array.from({ length: WRITES_PER_ROUND }, (_, index) => {
    const text = material.mixed[index % material.mixed.length] ?? '';
    return createOf(text, `mongo-${round}-${index}`);
  });
  return store.transact({ guards: [], writes, nowMs: 0, references: 'lenient' });
}

/** How many a second. */
async function rateOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - startedAt);
}

function row(
  name: string,
  ours: readonly number[],
  peerName: string,
  peer: readonly number[],
  budget: number,
): BenchRow {
  const ratio = medianRatio([...ours], [...peer]);
  return {
    name,
    median: median([...ours]),
    p99: null,
    unit: 'res/s',
    peer: `${peerName} ${median([...peer]).toFixed(0)}`,
    ratio,
    budget: `>= ${budget.toFixed(2)}x`,
    pass: ratio >= budget,
  };
}
