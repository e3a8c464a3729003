// For evidence only what its rules look at is read: whatever is asked, it is the same as when all
// of a person's records are read and indexed under every parameter.

import assert from 'node:assert/strict';
import type { CohortRule } from '../../../src/cohort/cohort-rules.ts';
import { dayNumbersOf } from '../../../src/cohort/day-numbers.ts';
import { evidenceFor } from '../../../src/cohort/evidence.ts';
import { type PersonRecords, readPeople } from '../../../src/cohort/person-records.ts';
import { programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { searchEnvironment } from '../../../src/interactions/conditional.ts';
import { loadNation } from '../../../src/population/load-nation.ts';
import { localOperator } from '../../../src/search/caller.ts';
import { resolveSelection } from '../../../src/search/resolve.ts';
import { WINDOW_MS } from '../../conformance/back-ends.ts';
import { cohortNation, makeCohortSearch, nationValues } from '../../support/cohort-searches.ts';
import { makeModelStore } from '../../support/model-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { openService, type Service } from '../../support/service.ts';

const SEED = 20_261_126;
const PEOPLE = 20;
const SEARCHES = process.env.CI === 'true' ? 400 : 100;

describe('what is read for evidence', function () {
  this.timeout(60_000);
  let service: Service;
  let people: readonly PersonRecords[];
  let at: number;

  before(async () => {
    const store = makeModelStore(WINDOW_MS);
    const open = async () => ({ store, dispose: async () => {} });
    service = await openService({ name: 'model', open, isSlow: false });
    const { context } = service;
    await loadNation(context, { ...cohortNation, people: PEOPLE }, () => undefined);
    at = await store.position();
    const { search: registry, zone, baseUrl } = context;
    const reading = { store, registry, zone, baseUrl, maySee: localOperator.maySee };
    const patients = [];
    for await (const version of store.stream({
      ...{ type: 'Patient', where: { kind: 'everything' }, sort: [] },
    })) {
      patients.push(version);
    }
    people = [...(await readPeople(patients, at, reading))];
  });
  after(() => service.close());

  it(`suffices for ${SEARCHES} searches, seed ${SEED}`, async () => {
    const { context } = service;
    const random = seededRandom(SEED);
    const values = nationValues();
    const numbers = people.map(({ version }) => version.number);
    const judging = {
      rules: programmeRules(programmes, context.zone),
      days: dayNumbersOf(context.zone),
    };
    let found = 0;
    for (let count = 0; count < SEARCHES; count += 1) {
      const search = makeCohortSearch(random, values);
      const where = resolveSelection('Patient', search, searchEnvironment(context));
      const rule: CohortRule = { code: 'include-1', display: search, keeps: true, where };
      const evidence = await context.cohorts.evidence([rule], localOperator)(numbers, at);
      const whole = people.map((person) => {
        const all = evidenceFor(where, person, judging) ?? [];
        return all.map((each) => ({ rule: 'include-1', ...each }));
      });
      assert.deepEqual(evidence, whole, search);
      found += whole.flat().length;
    }
    assert.ok(found > SEARCHES, 'there is evidence');
  });
});
