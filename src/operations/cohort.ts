// Patient/$cohort: how many people a selection holds, where they live and are registered, and what
// each rule took away, before anything is sent. capability-statement/operations/cohort.json

import { selectCohort } from '../cohort/attrition.ts';
import { readBreakdown } from '../cohort/breakdowns.ts';
import { countCohort } from '../cohort/cohort-count.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import type { Interaction, Operation } from '../interactions/interaction.ts';
import { COHORT_BREAKDOWNS_MAX } from '../limits.ts';
import {
  askerOf,
  definitionParameters,
  freshness,
  readDefinition,
  readRules,
} from './cohort-input.ts';
import { cohortReport } from './cohort-report.ts';
import { readParameters, refused } from './parameters.ts';

const declared = { ...definitionParameters, ...freshness, breakdown: 'string' } as const;

/** On Patient. */
export const cohortOperations: readonly Operation[] = [
  { name: '$cohort', level: 'type', run: (context, request) => cohort(context, request) },
];

const cohort: Interaction = async (context, request) => {
  const { cohorts } = context;
  const given = readParameters(request, '$cohort', declared);
  const { rules, off } = readRules(readDefinition(given), context);
  const breakdowns = given.breakdown.map(readBreakdown);
  if (breakdowns.length > COHORT_BREAKDOWNS_MAX) {
    throw refused(`Parameter 'breakdown' may be given ${COHORT_BREAKDOWNS_MAX} times`);
  }
  const { caller } = request;
  const report = await cohorts.ask(askerOf(request, given), async (people) => {
    refuseUnknownPlaces(rules, people.model.places);
    const selected = await selectCohort(rules, { people, store: cohorts.storeOf(people), caller });
    const count = await countCohort(people, selected, breakdowns);
    const { asOf, by, today } = people;
    return cohortReport(count, { asOf, people: by, today, off, more: [] });
  });
  return { status: 200, body: JSON.stringify(report) };
};
