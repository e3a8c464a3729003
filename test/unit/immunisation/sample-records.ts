// A person's records for tests of the programmes' rules: each function makes one resource as feeds
// and suppliers send it, with only what the rules look at.

import type { Resource } from '../../../src/fhir/types.ts';

const OURS = 'https://openims.example/fhir/CodeSystem';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const SNOMED = 'http://snomed.info/sct';

const FLU = ['6142004'];
export const COVID = ['840539006'];
export const RSV = ['55735004'];
export const SHINGLES = ['4740000'];
export const MMR = ['14189004', '36989005', '36653000'];
export const MMRV = [...MMR, '38907003'];
export const PERTUSSIS_IPV = ['398102009', '397430003', '27836007', '76902006'];

/** Refused, contraindicated, and neither. */
export const DECLINED = '315640000';
export const CONTRAINDICATED = '390796006';
export const UNWELL = '213257006';

const subject = { reference: 'Patient/p' };

function concept(system: string, code: string) {
  return { coding: [{ system, code }] };
}

export function patient(birthDate: string | undefined, more: object = {}): Resource {
  return { resourceType: 'Patient', id: 'p', birthDate, gender: 'female', ...more };
}

export function dose(
  id: string,
  date: string,
  diseases: readonly string[] = FLU,
  more: object = {},
): Resource {
  return {
    resourceType: 'Immunization',
    id,
    meta: { source: 'https://pharmacy-system.example/immunisations' },
    status: 'completed',
    patient: subject,
    occurrenceDateTime: date,
    protocolApplied: [{ targetDisease: diseases.map((code) => concept(SNOMED, code)) }],
    ...more,
  };
}

export function notGiven(
  id: string,
  date: string,
  reason: string,
  diseases: readonly string[] = FLU,
): Resource {
  const statusReason = concept(SNOMED, reason);
  return dose(id, date, diseases, { status: 'not-done', statusReason });
}

export function condition(
  id: string,
  group: string,
  onsetDateTime: string,
  more: object = {},
): Resource {
  return {
    resourceType: 'Condition',
    id,
    ...clinical('active'),
    verificationStatus: concept(`${HL7}/condition-ver-status`, 'confirmed'),
    category: [concept(`${OURS}/risk-group`, group)],
    code: { text: group },
    subject,
    onsetDateTime,
    ...more,
  };
}

export function clinical(status: string): object {
  return { clinicalStatus: concept(`${HL7}/condition-clinical`, status) };
}

export function resolved(abatementDateTime?: string): object {
  return {
    ...clinical('resolved'),
    ...(abatementDateTime === undefined ? {} : { abatementDateTime }),
  };
}

export function refuted(): object {
  return { verificationStatus: concept(`${HL7}/condition-ver-status`, 'refuted') };
}

export function flag(id: string, group: string, period: object, status = 'active'): Resource {
  const code = concept(`${OURS}/priority-group`, group);
  return { resourceType: 'Flag', id, status, code, subject, period };
}

export function message(
  id: string,
  category: string,
  sent: string | undefined,
  more: object = {},
): Resource {
  return {
    resourceType: 'Communication',
    id,
    status: 'completed',
    category: [concept(`${OURS}/message-category`, category)],
    subject,
    about: [{ reference: 'PlanDefinition/flu-2026' }],
    ...(sent === undefined ? {} : { sent }),
    ...more,
  };
}

export function booking(id: string, start: string, status = 'booked', service = 'FLU'): Resource {
  return {
    resourceType: 'Appointment',
    id,
    status,
    start,
    serviceType: [concept(`${OURS}/vaccination-service`, service)],
    participant: [{ actor: subject, status: 'accepted' }],
  };
}

export function optOut(id: string, more: object = {}): Resource {
  return {
    resourceType: 'Consent',
    id,
    status: 'active',
    category: [concept(`${OURS}/consent-category`, 'vaccination-invitations')],
    patient: subject,
    dateTime: '2025-03-01',
    provision: { type: 'deny' },
    ...more,
  };
}

/** Of a Consent: only the programme's invitations. */
export function programmeOptOut(programme: string): object {
  const reference = { reference: `PlanDefinition/${programme}` };
  return {
    category: [concept(`${OURS}/consent-category`, 'programme-invitations')],
    provision: { type: 'deny', data: [{ meaning: 'instance', reference }] },
  };
}

/** Of an Immunization: what was done. */
export function vaccinationProcedure(code: string): object {
  return {
    url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure',
    valueCodeableConcept: concept(SNOMED, code),
  };
}
