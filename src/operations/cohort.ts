// Patient/$cohort: how many people a selection holds, where they live and are registered, and what
// each rule took away, before anything is sent. capability-statement/operations/cohort.json

import { selectCohort } from '../cohort/attrition.ts';
import { type Breakdown, readBreakdown } from '../cohort/breakdowns.ts';
import { countCohort } from '../cohort/cohort-count.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import type { Interaction, Operation } from '../interactions/interaction.ts';
import { COHORT_BREAKDOWNS_MAX } from '../limits.ts';
import { appointmentsStratifier, refuseOtherLevels } from './cohort-appointments.ts';
import {
  askerOf,
  definitionParameters,
  freshness,
  readDefinition,
  readRules,
} from './cohort-input.ts';
import { cohortReport } from './cohort-report.ts';
import { readParameters, refused, single } from './parameters.ts';

const declared = {
  ...definitionParameters,
  ...freshness,
  breakdown: 'string',
  appointments: 'code',
} as const;

/** On Patient. */
export const cohortOperations: readonly Operation[] = [
  { name: '$cohort', level: 'type', run: (context, request) => cohort(context, request) },
];

const cohort: Interaction = async (context, request) => {
  const { cohorts } = context;
  const given = readParameters(request, '$cohort', declared);
  const definition = readDefinition(given);
  const { rules, off } = readRules(definition, context);
  const breakdowns = given.breakdown.map(readBreakdown);
  if (breakdowns.length > COHORT_BREAKDOWNS_MAX) {
    throw refused(`Parameter 'breakdown' may be given ${COHORT_BREAKDOWNS_MAX} times`);
  }
  const sites = single(given.appointments, 'appointments');
  refuseOtherLevels(sites);
  const bySite: readonly Breakdown[] = sites === undefined ? [] : [[sites]];
  const { caller } = request;
  const { count, people } = await cohorts.ask(askerOf(request, given), async (asked) => {
    refuseUnknownPlaces(rules, asked.model.places);
    const store = cohorts.storeOf(asked);
    const selected = await selectCohort(rules, { people: asked, store, caller });
    const { asOf, by, today, model } = asked;
    return {
      count: await countCohort(asked, selected, [...breakdowns, ...bySite]),
      people: { asOf, by, today, model },
    };
  });
  const counted = sites === undefined ? undefined : count.breakdowns.at(-1);
  const { programme } = definition;
  // The appointments are of the same moment, and the index need not stand still for them.
  const more =
    sites === undefined || counted === undefined
      ? []
      : [
          await appointmentsStratifier(context, request, {
            ...{ people, counted, dimension: sites, programme },
          }),
        ];
  const own = { ...count, breakdowns: count.breakdowns.slice(0, breakdowns.length) };
  const { asOf, by, today } = people;
  const report = cohortReport(own, { asOf, people: by, today, off, more });
  return { status: 200, body: JSON.stringify(report) };
};
