// The table of all operations.

import type { Operation } from '../interactions/interaction.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { Judge } from '../validation/judge.ts';
import { lookupOperations } from './code-system-lookup.ts';
import { subsumesOperations } from './code-system-subsumes.ts';
import { cohortOperations } from './cohort.ts';
import { cohortStatusOperations } from './cohort-status.ts';
import { compareCohortsOperations } from './compare-cohorts.ts';
import { everythingOperations } from './everything.ts';
import { explainCohortOperations } from './explain-cohort.ts';
import { groupMemberOperations } from './group-members.ts';
import { importCampaignOperations } from './import-campaign.ts';
import { judgeCampaignOperations } from './judge-campaign.ts';
import { sampleCohortOperations } from './sample-cohort.ts';
import { validateOperations } from './validate.ts';
import { validateCodeOperations } from './validate-code.ts';
import { expandOperations } from './value-set-expand.ts';

/** Every operation there is; the capability statement says which types offer which. */
export function makeOperations(parts: {
  readonly terminology: Terminology;
  /** The one that judges writes. */
  readonly judge: Judge;
}): readonly Operation[] {
  const { terminology, judge } = parts;
  return [
    ...validateOperations(judge),
    ...everythingOperations,
    ...expandOperations(terminology),
    ...validateCodeOperations(terminology),
    ...lookupOperations(terminology),
    ...subsumesOperations(terminology),
    ...cohortOperations,
    ...explainCohortOperations,
    ...cohortStatusOperations,
    ...compareCohortsOperations,
    ...sampleCohortOperations,
    ...groupMemberOperations,
    ...importCampaignOperations,
    ...judgeCampaignOperations,
  ];
}
