// `npm run compare-validator`: the whole comparison with the reference validator, real resources of
// every type and 5,000 mutations. `-- --seed N` takes other mutations, `--mutations N` more or
// fewer. Fails on differences that nobody has explained, and on explanations of none.

import { parseArgs } from 'node:util';
import { makeStructureValidator } from '../../src/validation/structure.ts';
import {
  missingCommands,
  startReferenceValidator,
} from '../support/reference-validator/reference-validator.ts';
import { type Comparison, type Difference, describeDifference } from './comparison.ts';
import { runComparison } from './comparison-run.ts';
import { caseSamples, syntheaSamples } from './material.ts';
import { judgeBy } from './our-judge.ts';

/** More than there are. */
const ALL_PEOPLE = 1_000;
const PER_TYPE = 40;
const UNEXPLAINED_SHOWN_MAX = 50;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261125' },
    mutations: { type: 'string', default: '5000' },
  },
});

const missing = missingCommands();
if (missing !== undefined) {
  console.error(missing);
  process.exit(2);
}

const seed = Number(values.seed);
const mutations = Number(values.mutations);
const samples = [...caseSamples(), ...(await syntheaSamples(ALL_PEOPLE, PER_TYPE))];
console.log(`${samples.length} resources, ${mutations} mutations, seed ${seed}`);
const reference = await startReferenceValidator('many');
const plan = { samples, mutations, seed };
const result = await runComparison(plan, judgeBy(makeStructureValidator()), reference);
await reference.close();

report('real resources', result.real);
report('mutations', result.mutated);
const differences = [...result.real.differences, ...result.mutated.differences];
reportKnown(differences);
const unexplained = differences.filter(({ explanations }) => explanations.length === 0);
for (const difference of unexplained.slice(0, UNEXPLAINED_SHOWN_MAX)) {
  console.log(`\n${describeDifference(difference)}`);
}
for (const { pattern } of result.outlived) console.log(`\nno longer a difference: ${pattern}`);
const faults = unexplained.length + result.outlived.length;
console.log(`\n${unexplained.length} unexplained, ${result.outlived.length} outlived`);
process.exit(faults === 0 ? 0 : 1);

function report(name: string, comparison: Comparison): void {
  const { judged, refusedByBoth, acceptedByBoth, differences: found } = comparison;
  const accepted = acceptedByBoth.length;
  const counts = `${accepted} accepted and ${refusedByBoth} refused by both`;
  console.log(`${name}: ${judged} judged, ${counts}, ${found.length} differ`);
}

/** How often each explanation was needed. */
function reportKnown(found: readonly Difference[]): void {
  const counts = new Map<string, number>();
  for (const { refusedBy, explanations } of found) {
    for (const { pattern, source } of explanations) {
      const name = `refused by ${refusedBy}: ${pattern} (${source})`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const rows = [...counts].sort(([, a], [, b]) => b - a);
  for (const [name, count] of rows) console.log(`  ${String(count).padStart(4)} ${name}`);
}
