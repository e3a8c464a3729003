// Patient/$sample-cohort: some people of a cohort under pseudonyms, for checking that it holds whom
// it should. capability-statement/operations/sample-cohort.json

import { selectCohort } from '../cohort/attrition.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import { samplePeople } from '../cohort/sample.ts';
import type { Interaction, Operation } from '../interactions/interaction.ts';
import { COHORT_SAMPLE_DEFAULT, COHORT_SAMPLE_MAX } from '../limits.ts';
import {
  askerOf,
  asOfParameter,
  definitionParameters,
  freshness,
  readDefinition,
  readRules,
} from './cohort-input.ts';
import { parametersResponse, readParameters, refused, single } from './parameters.ts';

const declared = { ...definitionParameters, ...freshness, count: 'count' } as const;

/** On Patient. */
export const sampleCohortOperations: readonly Operation[] = [
  { name: '$sample-cohort', level: 'type', run: (context, request) => sample(context, request) },
];

const sample: Interaction = async (context, request) => {
  const { cohorts, pageKey } = context;
  const given = readParameters(request, '$sample-cohort', declared);
  const { rules } = readRules(readDefinition(given), context);
  const count = single(given.count, 'count') ?? COHORT_SAMPLE_DEFAULT;
  if (count > COHORT_SAMPLE_MAX) {
    throw refused(`Parameter 'count' of $sample-cohort is ${COHORT_SAMPLE_MAX} at most`);
  }
  const { caller } = request;
  return cohorts.ask(askerOf(request, given), async (people) => {
    refuseUnknownPlaces(rules, people.model.places);
    const { cohort } = await selectCohort(rules, {
      ...{ people, caller },
      store: cohorts.storeOf(people),
    });
    const [tally] = await people.run([cohort], [[]]);
    const total = tally?.total ?? 0;
    const sampled = await samplePeople(people, cohort, total, count, pageKey.nonces);
    return parametersResponse([
      { name: 'total', valueInteger: total },
      asOfParameter(people.asOf),
      ...sampled.map(({ pseudonym, categories }) => ({
        name: 'person',
        part: [
          { name: 'pseudonym', valueString: pseudonym },
          ...categories.map(({ dimension, category }) => ({
            name: dimension,
            valueCoding: category,
          })),
        ],
      })),
    ]);
  });
};
