// Patient/$cohort-status: how far the cohort index is, what it takes, and whether it was found to
// be right. capability-statement/operations/cohort-status.json

import type { Interaction, Operation } from '../interactions/interaction.ts';
import { asOfParameter } from './cohort-input.ts';
import { type AnswerParameter, parametersResponse, readParameters } from './parameters.ts';

/** On Patient. */
export const cohortStatusOperations: readonly Operation[] = [
  { name: '$cohort-status', level: 'type', run: (context, request) => status(context, request) },
];

const status: Interaction = async ({ cohorts }, request) => {
  readParameters(request, '$cohort-status', {});
  const { index, checker } = cohorts;
  if (index === undefined) return parametersResponse([{ name: 'state', valueCode: 'none' }]);
  const { readiness, engine, model } = index;
  const { checked = 0, wrong = 0 } = checker?.findings ?? {};
  const state: readonly AnswerParameter[] =
    readiness.state === 'filling'
      ? [
          { name: 'state', valueCode: 'filling' },
          { name: 'people-read', valueInteger: readiness.done },
          { name: 'people-expected', valueInteger: readiness.total },
        ]
      : [
          { name: 'state', valueCode: readiness.full ? 'full' : 'ready' },
          asOfParameter(readiness.asOf),
        ];
  return parametersResponse([
    ...state,
    ...model.programmes.map((programme) => ({ name: 'programme', valueCode: programme })),
    { name: 'memory-bytes', valueDecimal: engine.bytes },
    { name: 'memory-bytes-bound', valueDecimal: engine.bytesBound },
    { name: 'people-checked', valueInteger: checked },
    { name: 'people-put-right', valueInteger: wrong },
  ]);
};
