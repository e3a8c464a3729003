// We refuse what HAPI's validator refuses and accept what it accepts, or R4 says why not: a small
// run of what `npm run compare-validator` does in full.

import assert from 'node:assert/strict';
import { makeStructureValidator } from '../../src/validation/structure.ts';
import { needsRealMaterial } from '../support/real-material.ts';
import {
  needsReferenceValidator,
  startReferenceValidator,
} from '../support/reference-validator/reference-validator.ts';
import { describeDifference } from './comparison.ts';
import { type ComparisonResult, runComparison } from './comparison-run.ts';
import { caseSamples, syntheaSamples } from './material.ts';
import { judgeBy } from './our-judge.ts';

const SEED = 300;
const MUTATIONS = 300;
const PEOPLE = 3;
const PER_TYPE = 3;
/** Every fourth resource of the cases: all of them take a minute. */
const CASE_STEP = 4;

/** Building the validator, loading its libraries and R4's definitions take most of it. */
const TIMEOUT_MS = 15 * 60_000;

describe('the reference validator', () => {
  let result: ComparisonResult;

  before(async function () {
    this.timeout(TIMEOUT_MS);
    needsReferenceValidator(this);
    needsRealMaterial(this, 'cases');
    needsRealMaterial(this, 'synthea');
    const cases = caseSamples().filter((_, position) => position % CASE_STEP === 0);
    const samples = [...cases, ...(await syntheaSamples(PEOPLE, PER_TYPE))];
    console.log(`    seed ${SEED}`);
    const reference = await startReferenceValidator('few');
    try {
      const plan = { samples, mutations: MUTATIONS, seed: SEED };
      result = await runComparison(plan, judgeBy(makeStructureValidator()), reference);
    } finally {
      await reference.close();
    }
  });

  it('has our verdict on real resources', () => {
    const { differences, judged, acceptedByBoth, refusedByBoth } = result.real;
    assert.deepEqual(unexplained(differences), []);
    assert.ok(judged > 150, `${judged} were judged`);
    assert.ok(acceptedByBoth.length > 100, `${acceptedByBoth.length} were accepted by both`);
    assert.ok(refusedByBoth > 10, `${refusedByBoth} were refused by both`);
  });

  it('has our verdict on mutations of them', () => {
    const { differences, judged, acceptedByBoth, refusedByBoth } = result.mutated;
    assert.deepEqual(unexplained(differences), []);
    assert.equal(judged, MUTATIONS);
    assert.ok(acceptedByBoth.length > 30, `${acceptedByBoth.length} were accepted by both`);
    assert.ok(refusedByBoth > 150, `${refusedByBoth} were refused by both`);
  });

  it('differs in every known way, as its specimen shows', () => {
    const outlived = result.outlived.map(({ pattern }) => String(pattern));
    assert.deepEqual(outlived, [], 'remove these from known-differences.ts');
  });
});

function unexplained(differences: ComparisonResult['real']['differences']): readonly string[] {
  return differences
    .filter(({ explanations }) => explanations.length === 0)
    .map(describeDifference);
}
