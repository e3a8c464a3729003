// A handful of people for tests of cohorts: ten of them, seven aged 65 or over, one for each
// standard exclusion but booked; with the places where they live and are registered.

import assert from 'node:assert/strict';
import { immunization, patient } from './sample-resources.ts';
import type { Service } from './service.ts';

const OURS = 'https://openims.example/fhir';
const CODES = `${OURS}/CodeSystem`;
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const SCT = 'http://snomed.info/sct';

/** An Organization or a Location of a level. */
function place(type: 'Organization' | 'Location', id: string, level: string, parent?: string) {
  const system = type === 'Organization' ? ODS : `${CODES}/area`;
  return {
    ...{ resourceType: type, id, name: `The ${level} ${id}` },
    identifier: [{ system, value: id }],
    type: [{ coding: [{ system: `${CODES}/area-level`, code: level }] }],
    ...(parent === undefined ? {} : { partOf: { reference: `${type}/${parent}` } }),
  };
}

const places = [
  place('Organization', 'Y1', 'region'),
  place('Organization', 'P1', 'practice', 'Y1'),
  place('Organization', 'P2', 'practice', 'Y1'),
  place('Location', 'E1', 'district'),
  place('Location', 'E01000001', 'small-area', 'E1'),
  place('Location', 'E01000002', 'small-area', 'E1'),
];

interface Person {
  readonly id: string;
  readonly birthDate: string;
  readonly gender?: string;
  readonly practice?: string;
  readonly area?: string;
  readonly more?: Record<string, unknown>;
}

export function cohortPerson({
  id,
  birthDate,
  gender = 'female',
  practice,
  area,
  more = {},
}: Person) {
  const reference = `Organization/${practice}`;
  const valueCoding = { system: `${CODES}/area`, code: area };
  return patient({
    ...{ id, birthDate, gender, active: true },
    ...(practice === undefined ? {} : { generalPractitioner: [{ reference }] }),
    ...(area === undefined
      ? {}
      : { extension: [{ url: `${OURS}/StructureDefinition/small-area`, valueCoding }] }),
    ...more,
  });
}

/** Where most of them live and are registered. */
export const cohortHome = { practice: 'P1', area: 'E01000001' };

const people = [
  cohortPerson({ id: 'anna', birthDate: '1950-02-03', ...cohortHome }),
  cohortPerson({
    id: 'bert',
    birthDate: '1955-06-07',
    gender: 'male',
    practice: 'P2',
    area: 'E01000002',
  }),
  cohortPerson({
    id: 'dead',
    birthDate: '1940-01-01',
    ...cohortHome,
    more: { deceasedBoolean: true },
  }),
  cohortPerson({ id: 'nowhere', birthDate: '1941-01-01', area: 'E01000002' }),
  cohortPerson({ id: 'secret', birthDate: '1942-01-01', ...cohortHome, more: restricted() }),
  cohortPerson({ id: 'dosed', birthDate: '1943-01-01', ...cohortHome }),
  cohortPerson({ id: 'invited', birthDate: '1944-01-01', ...cohortHome }),
  cohortPerson({ id: 'young', birthDate: '1990-12-31', ...cohortHome }),
  cohortPerson({ id: 'younger', birthDate: '2001', ...cohortHome }),
  cohortPerson({ id: 'unknown', birthDate: '1960-11', practice: 'P2' }),
];

function restricted() {
  return { meta: { security: [{ system: `${HL7}/v3-Confidentiality`, code: 'R' }] } };
}

const records = [
  immunization('Patient/dosed', {
    id: 'dose',
    occurrenceDateTime: '2026-10-02',
    vaccineCode: { coding: [{ system: SCT, code: '39115611000001103' }] },
    protocolApplied: [
      {
        doseNumberPositiveInt: 1,
        targetDisease: [{ coding: [{ system: SCT, code: '6142004' }] }],
      },
    ],
  }),
  { resourceType: 'PlanDefinition', id: 'flu-2026', status: 'active', title: 'Influenza' },
  {
    ...{ resourceType: 'Communication', id: 'letter', status: 'completed' },
    subject: { reference: 'Patient/invited' },
    about: [{ reference: 'PlanDefinition/flu-2026' }],
    category: [{ coding: [{ system: `${CODES}/message-category`, code: 'invitation' }] }],
    sent: '2026-09-10T10:00:00Z',
  },
  {
    ...{ resourceType: 'Condition', id: 'asthma' },
    subject: { reference: 'Patient/anna' },
    category: [{ coding: [{ system: `${CODES}/risk-group`, code: 'respiratory' }] }],
    code: { coding: [{ system: SCT, code: '195967001' }] },
    clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] },
  },
];

/** In the order in which they can be written. */
export const cohortPeople: readonly object[] = [...places, ...people, ...records];

/** Writes a resource under its id. @returns the sequence number of the write */
export async function putResource(service: Service, resource: object): Promise<number> {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  const answer = await service.request('PUT', `/${resourceType}/${id}`, resource);
  assert.ok(answer.status < 300, answer.body);
  assert.ok(answer.sequence !== undefined, 'a write tells its sequence number');
  return answer.sequence;
}
