// What the operations on cohorts take: the definition of a cohort, and how fresh the answer is to
// be. Shared by cohort.ts and its siblings.

import { instant } from '../cohort/as-of.ts';
import type { CohortDefinition, CohortRules } from '../cohort/cohort-rules.ts';
import { readCohortRules } from '../cohort/cohort-rules.ts';
import type { Asker } from '../cohort/cohorts.ts';
import type { EngineMoment } from '../cohort/engine/cohort-engine.ts';
import { searchEnvironment } from '../interactions/conditional.ts';
import type { Context, FhirRequest } from '../interactions/interaction.ts';
import { type AnswerParameter, type Given, single } from './parameters.ts';

/** The parameters of a definition. */
export const definitionParameters = {
  include: 'string',
  exclude: 'string',
  programme: 'code',
  without: 'code',
} as const;

/** The parameter that names a write which the answer must know of. */
export const freshness = { _asOf: 'sequence' } as const;

/** The definition that was given. */
export function readDefinition(given: Given<typeof definitionParameters>): CohortDefinition {
  const programme = single(given.programme, 'programme');
  const { include, exclude, without } = given;
  return { include, exclude, without, ...(programme === undefined ? {} : { programme }) };
}

/** The rules of a definition. @throws FhirError as readCohortRules */
export function readRules(definition: CohortDefinition, context: Context): CohortRules {
  const { programmes } = context.cohorts;
  return readCohortRules(definition, { environment: searchEnvironment(context), programmes });
}

/** Who asks. What the request says it knows of by its header counts as `_asOf` does. */
export function askerOf({ caller, sequence }: FhirRequest, given: Given<typeof freshness>): Asker {
  const asOf = single(given._asOf, '_asOf');
  const known = [sequence, asOf].filter((each) => each !== undefined);
  return known.length === 0 ? { caller } : { caller, atLeast: Math.max(...known) };
}

/** As of when an answer is. */
export function asOfParameter(asOf: EngineMoment): AnswerParameter {
  return {
    name: 'as-of',
    part: [
      { name: 'sequence', valueDecimal: asOf.sequence },
      { name: 'time', valueInstant: instant(asOf.timeMs) },
    ],
  };
}
