// Patient/$compare-cohorts: how many people are in one cohort alone, in both, in the other alone,
// at one moment. capability-statement/operations/compare-cohorts.json

import { selectCohort } from '../cohort/attrition.ts';
import { type CohortDefinition, type CohortRule, naming } from '../cohort/cohort-rules.ts';
import type { EngineExpression } from '../cohort/engine/cohort-engine.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import type { Interaction, Operation } from '../interactions/interaction.ts';
import { askerOf, asOfParameter, freshness, readDefinition, readRules } from './cohort-input.ts';
import { type Given, parametersResponse, readParameters } from './parameters.ts';

const declared = {
  ...freshness,
  'a-include': 'string',
  'a-exclude': 'string',
  'a-programme': 'code',
  'a-without': 'code',
  'b-include': 'string',
  'b-exclude': 'string',
  'b-programme': 'code',
  'b-without': 'code',
} as const;

/** On Patient. */
export const compareCohortsOperations: readonly Operation[] = [
  { name: '$compare-cohorts', level: 'type', run: (context, request) => compare(context, request) },
];

const compare: Interaction = async (context, request) => {
  const { cohorts } = context;
  const given = readParameters(request, '$compare-cohorts', declared);
  const rulesOf = (which: 'a' | 'b') =>
    naming(which, () => readRules(definitionOf(given, which), context).rules);
  const [a, b] = [rulesOf('a'), rulesOf('b')];
  const { caller } = request;
  return cohorts.ask(askerOf(request, given), async (people) => {
    const store = cohorts.storeOf(people);
    const select = async (which: 'a' | 'b', rules: readonly CohortRule[]) => {
      naming(which, () => refuseUnknownPlaces(rules, people.model.places));
      return (await selectCohort(rules, { people, store, caller })).cohort;
    };
    const [one, other] = [await select('a', a), await select('b', b)];
    const both = (left: EngineExpression, right: EngineExpression): EngineExpression => ({
      kind: 'and',
      of: [left, right],
    });
    const not = (of: EngineExpression): EngineExpression => ({ kind: 'not', of });
    const [aOnly, common, bOnly] = await people.run(
      [both(one, not(other)), both(one, other), both(not(one), other)],
      [[], [], []],
    );
    return parametersResponse([
      { name: 'a-only', valueInteger: aOnly?.total },
      { name: 'both', valueInteger: common?.total },
      { name: 'b-only', valueInteger: bOnly?.total },
      asOfParameter(people.asOf),
    ]);
  });
};

function definitionOf(given: Given<typeof declared>, which: 'a' | 'b'): CohortDefinition {
  return readDefinition({
    include: given[`${which}-include`],
    exclude: given[`${which}-exclude`],
    programme: given[`${which}-programme`],
    without: given[`${which}-without`],
  });
}
