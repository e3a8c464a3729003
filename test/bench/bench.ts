// `npm run bench`: measures the service against peers and physical limits in the same run. Names
// run parts (`npm run bench -- store http`); `--json FILE` also writes the rows there. The part
// `search` takes `--resources N` (1,000,000 unless told) and `--store DIR` to keep its store,
// `cohort` takes `--people N` (6,000,000 unless told; its budgets are for 60,000,000), and so do
// `follower` (80,000 unless told: a million resources) and `members` (100,000 unless told).

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { validatorRows } from '../compare-validator/validator-rows.ts';
import { cohortRows } from './cohort-rows.ts';
import { followerRows } from './follower-rows.ts';
import { httpRows } from './http-rows.ts';
import { loadMaterial, type Material } from './material.ts';
import { membersRows } from './members-rows.ts';
import { mongoRows } from './mongo-rows.ts';
import { pureRows } from './pure-rows.ts';
import { type BenchRow, table } from './row.ts';
import { type SearchBenchOptions, searchRows } from './search-rows.ts';
import { storeRows } from './store-rows.ts';

const COHORT_PEOPLE = 6_000_000;
const FOLLOWED_PEOPLE = 80_000;
const MEMBERS = 100_000;

const parts: Readonly<Record<string, (material: Material) => BenchRow[] | Promise<BenchRow[]>>> = {
  pure: pureRows,
  validator: (material) => validatorRows(material),
  store: async (material) => [...(await storeRows(material)), ...(await mongoRows(material))],
  http: httpRows,
  search: () => searchRows(searchOptions()),
  cohort: () => cohortRows({ people: Number(values.people ?? COHORT_PEOPLE) }),
  follower: () => followerRows({ people: Number(values.people ?? FOLLOWED_PEOPLE) }),
  members: () => membersRows({ people: Number(values.people ?? MEMBERS) }),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    people: { type: 'string' },
    resources: { type: 'string' },
    store: { type: 'string' },
  },
});

const unknown = positionals.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `There is no part ${unknown.join(', ')}; parts are ${Object.keys(parts).join(', ')}`,
  );
  process.exit(2);
}

const material = await loadMaterial();
const machine = describeMachine();
console.log(`${machine}; ${material.source}`);
const rows: BenchRow[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`measuring: ${name}`);
  rows.push(...(await measure(material)));
}
console.log(`\n${table(rows)}`);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ machine, commit: commit(), rows }, null, 2)}\n`);
}

function searchOptions(): SearchBenchOptions {
  const { store, resources = '1000000' } = values;
  const counted = { resources: Number(resources) };
  return store === undefined ? counted : { ...counted, directory: store };
}

function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} x ${cpu?.model ?? 'CPU'}, ${memory}, Node ${process.versions.node}`;
}

function commit(): string {
  return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
}
