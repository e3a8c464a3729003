// PlanDefinition/$import-campaign: a campaign of NHS England's rule model, as published, becomes a
// PlanDefinition that $judge-campaign puts to people. The same campaign again is an update, or
// nothing. capability-statement/operations/import-campaign.json

import { isDeepStrictEqual } from 'node:util';
import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type { Campaign } from '../immunisation/campaign.ts';
import { isPlanOf, planKey, planOf, readCampaignText } from '../immunisation/campaign-plan.ts';
import type { Context, FhirRequest, Interaction, Operation } from '../interactions/interaction.ts';
import { requireValid } from '../interactions/put-write.ts';
import { maySee } from '../interactions/visibility.ts';
import { runPlan, type WritePlan } from '../interactions/write-plan.ts';
import { readParameters, refused, single } from './parameters.ts';

const declared = { campaign: 'string', programme: 'code' } as const;

/** On PlanDefinition. */
export const importCampaignOperations: readonly Operation[] = [
  {
    name: '$import-campaign',
    level: 'type',
    methods: ['POST'],
    run: (context, request) => importCampaign(context, request),
  },
];

const importCampaign: Interaction = async (context, request) => {
  const given = readParameters(request, '$import-campaign', declared);
  const text = single(given.campaign, 'campaign');
  if (text === undefined) {
    throw refused("Parameter 'campaign' is the CampaignConfig as JSON text, in a valueString");
  }
  const programme = single(given.programme, 'programme');
  const { programmes } = context.cohorts;
  if (programme !== undefined && !programmes.includes(programme)) {
    throw refused(`'${programme}' is not a programme: ${programmes.join(', ')}`);
  }
  const campaign = readCampaignText(text);
  const plan = planOf(campaign, programme === undefined ? { text } : { text, programme });
  return runPlan(context, request, () => planImport(context, request, campaign, plan));
};

async function planImport(
  context: Context,
  { caller }: FhirRequest,
  campaign: Campaign,
  plan: Resource,
): Promise<WritePlan> {
  const key = planKey(campaign.id);
  const current = await context.store.read(key);
  if (current !== undefined && !(await maySee(context, caller, key))) {
    throw conflict(key.id, 'is not open to you');
  }
  const held = current?.text === undefined ? undefined : (JSON.parse(current.text) as Resource);
  if (held !== undefined && !isPlanOf(held, campaign.id)) {
    throw conflict(key.id, `exists and is not of the campaign ${campaign.id}`);
  }
  if (current !== undefined && isSame(held, plan)) {
    return { kind: 'found', guards: [], version: current };
  }
  const accepted = requireValid(context, { value: plan }, key.type);
  const expect = current === undefined || held === undefined ? 'absent' : current.versionId;
  return { kind: 'put', guards: [], key, method: 'PUT', expect, ...accepted };
}

function isSame(held: Resource | undefined, plan: Resource): boolean {
  const { meta: _meta, ...elements } = held ?? {};
  return isDeepStrictEqual(elements, plan);
}

function conflict(id: string, words: string): FhirError {
  return fhirError('conflict', `PlanDefinition/${id} ${words}; nothing was written`);
}
