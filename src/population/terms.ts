// The systems and urls that the nation's resources are coded with, and the small shapes they are
// made of. Shapes that many resources share are made once and frozen.

import type { Resource } from '../fhir/types.ts';

const OURS = 'https://openims.example/fhir';
const UK_CORE = 'https://fhir.hl7.org.uk';
const HL7 = 'http://terminology.hl7.org/CodeSystem';

/** Code systems and identifier systems. */
export const systems = {
  snomed: 'http://snomed.info/sct',
  nhsNumber: 'https://fhir.nhs.uk/Id/nhs-number',
  odsOrganization: 'https://fhir.nhs.uk/Id/ods-organization-code',
  odsSite: 'https://fhir.nhs.uk/Id/ods-site-code',
  schoolNumber: 'https://fhir.hl7.org.uk/Id/urn-school-number',
  ethnicCategory: `${UK_CORE}/CodeSystem/UKCore-EthnicCategoryEngland`,
  verificationStatus: `${UK_CORE}/CodeSystem/UKCore-NHSNumberVerificationStatusEngland`,
  deathNotification: `${UK_CORE}/CodeSystem/UKCore-DeathNotificationStatus`,
  contactMethod: `${UK_CORE}/CodeSystem/UKCore-PreferredContactMethod`,
  writtenFormat: `${UK_CORE}/CodeSystem/UKCore-PreferredWrittenCommunicationFormat`,
  language: `${UK_CORE}/CodeSystem/UKCore-HumanLanguage`,
  removalReason: 'https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode',
  confidentiality: `${HL7}/v3-Confidentiality`,
  actCode: `${HL7}/v3-ActCode`,
  nullFlavor: `${HL7}/v3-NullFlavor`,
  roleCode: `${HL7}/v3-RoleCode`,
  physicalType: `${HL7}/location-physical-type`,
  organizationType: `${HL7}/organization-type`,
  conditionClinical: `${HL7}/condition-clinical`,
  conditionVerification: `${HL7}/condition-ver-status`,
  consentScope: `${HL7}/consentscope`,
  cancellation: `${HL7}/appointment-cancellation-reason`,
  planType: `${HL7}/plan-definition-type`,
  area: `${OURS}/CodeSystem/area`,
  areaLevel: `${OURS}/CodeSystem/area-level`,
  deprivation: `${OURS}/CodeSystem/deprivation-decile`,
  organisationLevel: `${OURS}/CodeSystem/organisation-level`,
  siteKind: `${OURS}/CodeSystem/vaccination-site-kind`,
  service: `${OURS}/CodeSystem/vaccination-service`,
  priorityGroup: `${OURS}/CodeSystem/priority-group`,
  riskGroup: `${OURS}/CodeSystem/risk-group`,
  flagCategory: `${OURS}/CodeSystem/flag-category`,
  messageCategory: `${OURS}/CodeSystem/message-category`,
  messageRoute: `${OURS}/CodeSystem/message-route`,
  messageReason: `${OURS}/CodeSystem/message-status-reason`,
  consentCategory: `${OURS}/CodeSystem/consent-category`,
} as const;

/** Urls of extensions. */
export const extensionUrls = {
  ethnicCategory: `${UK_CORE}/StructureDefinition/Extension-UKCore-EthnicCategory`,
  verificationStatus: `${UK_CORE}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus`,
  deathNotification: `${UK_CORE}/StructureDefinition/Extension-UKCore-DeathNotificationStatus`,
  contactPreference: `${UK_CORE}/StructureDefinition/Extension-UKCore-ContactPreference`,
  vaccinationProcedure: `${UK_CORE}/StructureDefinition/Extension-UKCore-VaccinationProcedure`,
  removal: 'https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration',
  organizationPeriod: 'http://hl7.org/fhir/StructureDefinition/organization-period',
  locationPeriod: `${OURS}/StructureDefinition/location-period`,
  smallArea: `${OURS}/StructureDefinition/small-area`,
  deprivation: `${OURS}/StructureDefinition/deprivation-decile`,
  listSize: `${OURS}/StructureDefinition/list-size`,
} as const;

/** Profiles that resources say they follow. */
export const profiles = {
  patient: ukCoreProfile('Patient'),
  immunization: ukCoreProfile('Immunization'),
  organization: ukCoreProfile('Organization'),
  location: ukCoreProfile('Location'),
} as const;

/** Where records come from: `meta.source` and the systems that suppliers number records in. */
export const sources = {
  demographics: 'https://demographics.example/feed',
  riskGroups: 'https://risk-groups.example/feed',
  priorityGroups: 'https://priority-groups.example/feed',
  booking: 'https://national-booking.example',
  campaigns: `${OURS}/campaigns`,
  areas: 'https://geography.example/feed',
  directory: 'https://organisation-directory.example/feed',
} as const;

export const campaignUrl = `${OURS}/PlanDefinition`;

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeableConcept {
  readonly coding?: readonly Coding[];
  readonly text?: string;
}

export interface Reference {
  readonly reference: string;
  readonly display?: string;
}

export function coding(system: string, code: string, display?: string): Coding {
  return display === undefined ? { system, code } : { system, code, display };
}

export function concept(system: string, code: string, display?: string): CodeableConcept {
  return { coding: [coding(system, code, display)] };
}

/** A reference within the nation; `type` and `id` are those of a resource that came before. */
export function reference(type: string, id: string): Reference {
  return { reference: `${type}/${id}` };
}

/** A FHIR extension with one value, such as `{ valueCode: 'x' }`. */
export function extension(url: string, value: Record<string, unknown>): Record<string, unknown> {
  return { url, ...value };
}

/** A resource's elements without those that are undefined. */
export function resource(
  elements: Record<string, unknown> & { readonly resourceType: string },
): Resource {
  // Copied, since an object that had members deleted is slow to read ever after.
  const made: Resource = { resourceType: elements.resourceType };
  for (const name in elements) {
    const value = elements[name];
    if (value !== undefined) made[name] = value;
  }
  return made;
}

/** Freezes a shared shape through and through. */
export function frozen<T>(shape: T): T {
  if (typeof shape === 'object' && shape !== null && !Object.isFrozen(shape)) {
    Object.freeze(shape);
    Object.values(shape).forEach(frozen);
  }
  return shape;
}

function ukCoreProfile(type: string): readonly string[] {
  return Object.freeze([`${UK_CORE}/StructureDefinition/UKCore-${type}`]);
}
