// Runs the cohort suite over every store: with the engine that counts, and with the model of it.

import { openCohortEngine } from '../../src/cohort/engine/open-engine.ts';
import { openModelEngine } from '../support/model-engine.ts';
import { backEnds } from './back-ends.ts';
import { cohortSuite } from './cohort-suite.ts';

for (const backEnd of backEnds()) {
  const isModel = backEnd.name === 'model';
  describe(`cohorts: ${backEnd.name}`, () => {
    cohortSuite(backEnd, isModel ? openModelEngine : openCohortEngine);
  });
}
