// What an Immunization must have for NHS England's Immunisation FHIR API, and against which
// diseases a dose may be. Asked only of Immunizations whose values are in order.

import { items, member } from '../validation/nodes.ts';
import { containedOf } from './contained-rules.ts';
import { currentName } from './current-name.ts';
import {
  ORGANIZATION_IDENTIFIER,
  organizationOf,
  PATIENT,
  PROCEDURE_CODE,
  procedureOf,
  SNOMED_CT,
  snomedCoding,
  valueAt,
} from './immunisation-rules.ts';
import { vaccineTypeOf } from './vaccine-types.ts';

/** A value that must be there. */
interface Mandatory {
  readonly find: (immunization: unknown) => unknown;
  readonly location: string;
}

function inPatientsName(part: 'given' | 'family'): Mandatory {
  const current = (immunization: unknown) =>
    currentName(containedOf(immunization, 'Patient'), member(immunization, 'occurrenceDateTime'));
  return {
    find: (immunization) => member(current(immunization).name, part),
    // A name that lacks the part is told as the first one, whichever it is.
    location: `${PATIENT}.name[0].${part}`,
  };
}

function inPatient(name: string): Mandatory {
  return {
    find: (immunization) => member(containedOf(immunization, 'Patient'), name),
    location: `${PATIENT}.${name}`,
  };
}

function at(location: string, ...path: readonly (string | number)[]): Mandatory {
  return { find: (immunization) => valueAt(immunization, ...path), location };
}

function ofOrganization(name: 'value' | 'system'): Mandatory {
  return {
    find: (immunization) => valueAt(organizationOf(immunization), 'actor', 'identifier', name),
    location: `${ORGANIZATION_IDENTIFIER}.${name}`,
  };
}

/** In the order in which the API tells what is missing. */
const mandatory: readonly Mandatory[] = [
  inPatientsName('given'),
  inPatientsName('family'),
  inPatient('birthDate'),
  inPatient('gender'),
  {
    find: (immunization) =>
      items(containedOf(immunization, 'Patient'), 'address')
        .map((address) => member(address, 'postalCode'))
        .find((code) => code !== undefined && code !== ''),
    location: `${PATIENT}.address[0].postalCode`,
  },
  at('occurrenceDateTime', 'occurrenceDateTime'),
  ofOrganization('value'),
  ofOrganization('system'),
  at('identifier[0].value', 'identifier', 0, 'value'),
  at('identifier[0].system', 'identifier', 0, 'system'),
  at('recorded', 'recorded'),
  at('primarySource', 'primarySource'),
  {
    find: (immunization) => member(snomedCoding(procedureOf(immunization)), 'code'),
    location: PROCEDURE_CODE,
  },
  at('location.identifier.value', 'location', 'identifier', 'value'),
  at('location.identifier.system', 'location', 'identifier', 'system'),
];

/**
 * What is missing, and whether the target diseases are those of a vaccine type. The diseases come
 * first and alone, as the API has it.
 */
export function mandatoryFindings(immunization: unknown): readonly string[] {
  const diseases = diseaseFindings(immunization);
  if (diseases.length > 0) return diseases;
  return mandatory
    .filter(({ find }) => (find(immunization) ?? null) === null)
    .map(({ location }) => `${location} is a mandatory field`);
}

const CODE = `coding[?(@.system=='${SNOMED_CT}')].code`;

function diseaseFindings(immunization: unknown): readonly string[] {
  const diseases = items(valueAt(immunization, 'protocolApplied', 0), 'targetDisease');
  const codes = diseases.map((disease) => member(snomedCoding(disease), 'code'));
  const missing = codes.findIndex((code) => typeof code !== 'string');
  if (missing !== -1) {
    return [`protocolApplied[0].targetDisease[${missing}].${CODE} is a mandatory field`];
  }
  const texts = codes.map(String);
  if (vaccineTypeOf(texts) !== undefined) return [];
  const told = texts.map((code) => `'${code}'`).join(', ');
  return [
    `protocolApplied[0].targetDisease[*].${CODE} - [${told}] ` +
      'is not a valid combination of disease codes for this service',
  ];
}
