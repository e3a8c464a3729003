// A campaign of NHS England's rule model as a PlanDefinition: what FHIR has words for, and beside
// it the document itself, whole, as an attachment that the plan is derived from. Read back, it is
// the same campaign. http://hl7.org/fhir/R4/plandefinition.html

import { createHash } from 'node:crypto';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource, ResourceKey } from '../fhir/types.ts';
import { type JsonDocument, JsonFault, parseJson } from '../lib/json.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../limits.ts';
import type { Campaign } from './campaign.ts';
import { readCampaign } from './read-campaign.ts';
import { codesOf, objectsOf, textOf } from './record-elements.ts';

const OURS = 'https://openims.example/fhir';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const CAMPAIGN_ID = `${OURS}/Id/campaign`;
const PROGRAMME = `${OURS}/CodeSystem/programme`;
const DOCUMENT_LABEL = 'CampaignConfig';

/** A campaign as somebody published it. */
export interface CampaignDocument {
  /** JSON text. */
  readonly text: string;
  /** Which programme of ours its target stands for: `flu-2026`. */
  readonly programme?: string;
}

/**
 * Reads a campaign from its JSON text.
 * @throws FhirError `invalid-request` with an issue for each fault, naming its place
 */
export function readCampaignText(text: string): Campaign {
  return readCampaign(documentOf(text).value);
}

function documentOf(text: string): JsonDocument {
  try {
    return parseJson(text, { depthMax: JSON_DEPTH_MAX, valuesMax: JSON_VALUES_MAX });
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const place = error.path === '' ? DOCUMENT_LABEL : error.path;
    throw fhirError('invalid-request', `${place} is not JSON as it is read here: ${error.message}`);
  }
}

/** The same for the same campaign id, which need not be one that FHIR allows. */
export function planKey(campaignId: string): ResourceKey {
  const isLogicalId = /^[A-Za-z0-9\-.]{1,64}$/.test(campaignId);
  return { type: 'PlanDefinition', id: isLogicalId ? campaignId : derivedId(campaignId) };
}

/** Readable, and never that of another campaign. */
function derivedId(campaignId: string): string {
  const hash = createHash('sha256').update(campaignId).digest('hex').slice(0, 12);
  const readable = campaignId.replaceAll(/[^A-Za-z0-9\-.]+/g, '-').slice(0, 51);
  return `${readable}-${hash}`;
}

/** The PlanDefinition of a campaign. @param document the one that it was read from */
export function planOf(campaign: Campaign, { text, programme }: CampaignDocument): Resource {
  const { id } = planKey(campaign.id);
  const data = Buffer.from(text, 'utf8').toString('base64');
  return {
    resourceType: 'PlanDefinition',
    id,
    url: `${OURS}/PlanDefinition/${id}`,
    identifier: [{ system: CAMPAIGN_ID, value: campaign.id }],
    version: String(campaign.version),
    title: campaign.name,
    type: concept(`${HL7}/plan-definition-type`, 'protocol'),
    status: 'active',
    ...(programme === undefined ? {} : { useContext: [programmeContext(programme)] }),
    effectivePeriod: { start: campaign.start, end: campaign.end },
    relatedArtifact: [
      {
        type: 'derived-from',
        label: DOCUMENT_LABEL,
        document: { contentType: 'application/json', data },
      },
    ],
  };
}

function concept(system: string, code: string) {
  return { coding: [{ system, code }] };
}

function programmeContext(programme: string) {
  return {
    code: { system: `${HL7}/usage-context-type`, code: 'program' },
    valueCodeableConcept: concept(PROGRAMME, programme),
  };
}

/** Whether a PlanDefinition is of the campaign with that id. */
export function isPlanOf(plan: Resource, campaignId: string): boolean {
  return objectsOf(plan.identifier).some(
    ({ system, value }) => system === CAMPAIGN_ID && value === campaignId,
  );
}

/** The document that a PlanDefinition was made from; undefined when it holds none. */
export function campaignDocument(plan: Resource): CampaignDocument | undefined {
  const artifact = objectsOf(plan.relatedArtifact).find(
    ({ type, label }) => type === 'derived-from' && label === DOCUMENT_LABEL,
  );
  const [attachment] = objectsOf(artifact?.document);
  const data = textOf(attachment?.data);
  if (data === undefined) return undefined;
  const text = Buffer.from(data, 'base64').toString('utf8');
  const programme = objectsOf(plan.useContext)
    .flatMap(({ valueCodeableConcept }) => codesOf(valueCodeableConcept, PROGRAMME))
    .at(0);
  return programme === undefined ? { text } : { text, programme };
}
