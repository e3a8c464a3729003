// Patient/[id]/$judge-campaign: whether a campaign that was imported finds somebody eligible on a
// day, whether they are asked now, and by which rules and which values of their record.
// capability-statement/operations/judge-campaign.json

import { readPeople, resourcesOf } from '../cohort/person-records.ts';
import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type { Campaign } from '../immunisation/campaign.ts';
import { attributesOf } from '../immunisation/campaign-attributes.ts';
import {
  type CampaignDocument,
  campaignDocument,
  readCampaignText,
} from '../immunisation/campaign-plan.ts';
import { targetsOf } from '../immunisation/campaign-targets.ts';
import { type Day, spanOf } from '../immunisation/days.ts';
import { eligibility } from '../immunisation/eligibility.ts';
import { attributesNotHeld, judgePerson } from '../immunisation/judge-person.ts';
import { programmes } from '../immunisation/programmes.ts';
import { readHistory } from '../immunisation/vaccination-history.ts';
import type { Context, FhirRequest, Interaction, Operation } from '../interactions/interaction.ts';
import { requireExisting } from '../interactions/read.ts';
import { assert } from '../lib/assert.ts';
import type { Version } from '../store/resource-store.ts';
import { judgementParameters } from './campaign-judgement.ts';
import { parametersResponse, readParameters, refused, single } from './parameters.ts';

const declared = { campaign: 'uri', on: 'date', cohort: 'string' } as const;

/** On Patients. */
export const judgeCampaignOperations: readonly Operation[] = [
  {
    name: '$judge-campaign',
    level: 'instance',
    run: (context, request) => judgeCampaign(context, request),
  },
];

const judgeCampaign: Interaction = async (context, request) => {
  const [type = '', id = ''] = request.path;
  const given = readParameters(request, '$judge-campaign', declared);
  const planId = campaignId(single(given.campaign, 'campaign'));
  const onDate = single(given.on, 'on') ?? today(context);
  const patient = await requireExisting(context, request.caller, { type, id });
  const plan = await readPlan(context, request, planId);
  const { campaign, programme } = plan;
  const own = programmes.find((each) => each.id === programme);
  const targets = targetsOf(campaign, programmes, onDate, own);
  const history = readHistory(await recordsOf(context, request, patient), context.zone);
  const attributes = attributesOf(history, targets, onDate, { cohorts: given.cohort });
  return parametersResponse(
    judgementParameters({
      judgement: judgePerson(campaign, attributes, onDate),
      notHeld: attributesNotHeld(campaign, attributes, onDate),
      targets: Object.entries(targets).map(([name, each]) => {
        return { name, programme: each.id, eligibility: eligibility(history, each, onDate) };
      }),
      ...{ onDate, plan: plan.version },
    }),
  );
};

/** `x` or `PlanDefinition/x`. */
function campaignId(text: string | undefined): string {
  const id = text?.replace(/^PlanDefinition\//, '') ?? '';
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id;
  throw refused("Parameter 'campaign' names the campaign: PlanDefinition/x");
}

function today({ now, zone }: Context): Day {
  const span = spanOf(new Date(now()).toISOString(), zone);
  assert(span !== undefined, 'the clock shows a time that exists');
  return span.first;
}

interface ImportedCampaign {
  readonly campaign: Campaign;
  /** Of ours, that its target stands for. */
  readonly programme: string | undefined;
  readonly version: Version;
}

/** @throws FhirError `not-found`, `gone`, or `conflict` for a PlanDefinition without rules */
async function readPlan(
  context: Context,
  { caller }: FhirRequest,
  id: string,
): Promise<ImportedCampaign> {
  const version = await requireExisting(context, caller, { type: 'PlanDefinition', id });
  const document = campaignDocument(JSON.parse(version.text ?? '{}') as Resource);
  if (document === undefined) {
    const sentence = `PlanDefinition/${id} holds no rules: $import-campaign brings them`;
    throw fhirError('conflict', sentence);
  }
  return { campaign: readDocument(id, document), programme: document.programme, version };
}

/** What is held need not have come by $import-campaign: its faults are not the request's. */
function readDocument(id: string, { text }: CampaignDocument): Campaign {
  try {
    return readCampaignText(text);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const faults = error.issues.map(({ diagnostics }) => diagnostics).join('; ');
    throw fhirError('conflict', `The rules of PlanDefinition/${id} cannot be read: ${faults}`);
  }
}

/** All that is recorded about somebody and that the caller may see. */
async function recordsOf(
  context: Context,
  { caller }: FhirRequest,
  patient: Version,
): Promise<readonly Resource[]> {
  const { store, search, zone, baseUrl } = context;
  const reading = { store, registry: search, zone, baseUrl, maySee: caller.maySee };
  const [person] = await readPeople([patient], await store.position(), reading);
  assert(person !== undefined, 'a patient that exists is read');
  return resourcesOf(person);
}
