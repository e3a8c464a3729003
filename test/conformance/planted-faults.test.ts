// Proof that the generated searches find faults: each of these is planted in the SQL that the
// compiler writes, and a search must be found on which the answer is then wrong.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchQuery } from '../../src/search/expression.ts';
import { type ResourceStore, StoreError } from '../../src/store/resource-store.ts';
import { Connection, openForReading } from '../../src/store/sqlite/connection.ts';
import { Dictionary } from '../../src/store/sqlite/dictionary.ts';
import { searchPage } from '../../src/store/sqlite/search.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { makeQuery, makeTransaction } from '../support/generated-data.ts';
import { makeModelStore } from '../support/model-store.ts';
import { plainIndexer } from '../support/plain-resource.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { WINDOW_MS } from './back-ends.ts';

/** What is found in a statement, and what stands there instead. */
type Fault = readonly [pattern: RegExp, instead: string];

const faults: Readonly<Record<string, Fault>> = {
  'a lower bound that leaves out its end': [/\.low\d? >= /g, '.low > '],
  'an upper bound of the beginning that takes in its end': [/\.low < /g, '.low <= '],
  'a lower bound of the end that takes it in': [/\.high > /g, '.high >= '],
  'an upper bound that leaves out its end': [/\.high <= /g, '.high < '],
  'a bound of a composite that takes in its end': [/\.high1 > /g, '.high1 >= '],
  'a dropped NOT': [/NOT \(/g, '('],
  'a dropped NOT of EXISTS': [/NOT EXISTS/g, 'EXISTS'],
  'a complement of what has no value': [/ NOT IN \(/g, ' IN ('],
  'OR for AND': [/ AND EXISTS/g, ' OR EXISTS'],
  'AND for OR': [/ OR /g, ' AND '],
  'deleted resources': [/\.live = 1/g, '.live >= 0'],
  'resources told twice': [/SELECT DISTINCT/g, 'SELECT'],
  'one alternative of several': [/ UNION ALL SELECT rid/g, ' INTERSECT SELECT rid'],
  'a part of a text only where it begins': [
    /instr\((.*?), (t\d+\.value)\) > 0/g,
    'instr($1, $2) = 1',
  ],
  'the beginning for the end of a text': [/-length\(/g, 'length('],
  'another system': [/\.space = :p\d+/g, '.space >= 0'],
  'any code of a system': [/\.code = :p\d+/g, ".code >= ''"],
  'missing values first': [/(k\d) IS NULL, /g, '$1 IS NOT NULL, '],
  'the wrong way up': [/ DESC/g, ''],
  'the greatest for the least value': [/min\(/g, 'max('],
  'a version that was replaced already': [/\.valid_to > /g, '.valid_to >= '],
  'a version that was not there yet': [/\.valid_from <= /g, '.valid_from >= '],
  'what was written later': [/\.sequence <= /g, '.sequence >= '],
  'latitude for longitude': [/(t\d+)\.latitude, \1\.longitude/g, '$1.longitude, $1.latitude'],
  'a hierarchy of one step': [
    / UNION SELECT (t\d+)\.(rid|target) FROM/g,
    ' UNION SELECT NULL FROM',
  ],
  'a unit of another system': [/symbol = :p\d+/g, 'symbol = symbol'],
};

const SEED = 7;
const TRANSACTIONS = 60;
const SEARCHES_MAX = 1_500;

/** Prepares every statement with the fault in it. */
class FaultyConnection extends Connection {
  readonly #fault: Fault;
  /** Statements that the fault changed. */
  planted = 0;

  constructor(connection: Connection, fault: Fault) {
    super(connection.database);
    this.#fault = fault;
  }

  override prepare(sql: string) {
    const [pattern, instead] = this.#fault;
    const changed = sql.replace(pattern, instead);
    if (changed !== sql) this.planted += 1;
    return super.prepare(changed);
  }
}

describe('generated searches', () => {
  const directory = mkdtempSync(join(tmpdir(), 'openims-faults-'));
  const model: ResourceStore = makeModelStore(WINDOW_MS);
  const commits: number[] = [];
  let connection: Connection;

  before(async function () {
    this.timeout(30_000);
    const store = await openSqliteStore({ directory, windowMs: WINDOW_MS, indexer: plainIndexer });
    const random = seededRandom(SEED);
    for (let step = 0; step < TRANSACTIONS; step += 1) {
      const transaction = makeTransaction(random, step);
      commits.push((await store.transact(transaction)).last);
      await model.transact(transaction);
    }
    await store.close();
    connection = openForReading(join(directory, 'openims.db'));
  });
  after(() => {
    connection.close();
    rmSync(directory, { recursive: true });
  });

  const expected = async (query: SearchQuery, at: number | undefined) => {
    const { total, versions } = await model.search(query, { count: 1_000 }, at);
    return { total, ids: versions.map(({ id, versionId }) => `${id}#${versionId}`) };
  };
  /** What a compiler with the fault answers; what SQLite refuses is found at once. */
  const answered = (faulty: FaultyConnection, query: SearchQuery, at: number | undefined) => {
    const reader = { connection: faulty, dictionary: new Dictionary(connection) };
    try {
      const { total, versions } = searchPage(reader, query, { count: 1_000 }, at);
      return { total, ids: versions.map(({ id, versionId }) => `${id}#${versionId}`) };
    } catch (error) {
      if (error instanceof StoreError) throw error;
      return undefined;
    }
  };

  async function searchesUntilFound(fault: Fault, random: SeededRandom): Promise<number> {
    const faulty = new FaultyConnection(connection, fault);
    for (let searches = 1; searches <= SEARCHES_MAX; searches += 1) {
      const query = makeQuery(random, 2);
      const at = random.chance(0.3) ? random.pick(commits) : undefined;
      const found = answered(faulty, query, at);
      if (found === undefined) return searches;
      const right = await expected(query, at);
      if (found.total !== right.total || found.ids.join() !== right.ids.join()) return searches;
    }
    assert.ok(faulty.planted > 0, 'no statement has what the fault is planted in');
    return assert.fail(`not found by ${SEARCHES_MAX} searches`);
  }

  it('find nothing where nothing is planted', async function () {
    this.timeout(60_000);
    const none: Fault = [/(?!)/g, ''];
    const faulty = new FaultyConnection(connection, none);
    const random = seededRandom(SEED);
    for (let searches = 0; searches < 300; searches += 1) {
      const query = makeQuery(random, 2);
      const at = random.chance(0.3) ? random.pick(commits) : undefined;
      assert.deepEqual(answered(faulty, query, at), await expected(query, at));
    }
  });

  for (const [name, fault] of Object.entries(faults)) {
    it(`find ${name}`, async function () {
      this.timeout(60_000);
      const searches = await searchesUntilFound(fault, seededRandom(SEED));
      console.log(`      after ${searches} searches`);
    });
  }
});
