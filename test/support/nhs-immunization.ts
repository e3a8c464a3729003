// An Immunization as NHS England's Immunisation FHIR API takes it, for tests that change a part.

import type { Resource } from '../../src/fhir/types.ts';

const PROCEDURE =
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure';
const SNOMED_CT = 'http://snomed.info/sct';
const ODS_CODE = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** An Immunization that the API accepts. @param value of its identifier */
export function nhsImmunization(value = 'dose-1'): Resource {
  return {
    resourceType: 'Immunization',
    contained: [
      {
        resourceType: 'Practitioner',
        id: 'Pract1',
        name: [{ family: 'Okafor', given: ['Ngozi'] }],
      },
      {
        resourceType: 'Patient',
        id: 'Pat1',
        identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9000000009' }],
        name: [{ family: 'Begum', given: ['Amina'] }],
        gender: 'female',
        birthDate: '1965-02-28',
        address: [{ postalCode: 'ZZ99 3WZ' }],
      },
    ],
    extension: [
      {
        url: PROCEDURE,
        valueCodeableConcept: { coding: [{ system: SNOMED_CT, code: '1324681000000101' }] },
      },
    ],
    identifier: [{ system: 'https://supplier.example/doses', value }],
    status: 'completed',
    vaccineCode: { coding: [{ system: SNOMED_CT, code: '39114911000001105', display: 'A' }] },
    patient: { reference: '#Pat1' },
    occurrenceDateTime: '2021-02-07T13:28:17+00:00',
    recorded: '2021-02-07T13:28:17.271+00:00',
    primarySource: true,
    manufacturer: { display: 'AstraZeneca Ltd' },
    location: { type: 'Location', identifier: { value: 'X99999', system: ODS_CODE } },
    lotNumber: '4120Z001',
    expirationDate: '2021-07-02',
    site: { coding: [{ system: SNOMED_CT, code: '368208006', display: 'Left upper arm' }] },
    route: { coding: [{ system: SNOMED_CT, code: '78421000', display: 'Intramuscular' }] },
    doseQuantity: {
      value: 0.5,
      unit: 'milliliter',
      system: 'http://unitsofmeasure.org',
      code: 'ml',
    },
    performer: [
      { actor: { reference: '#Pract1' } },
      { actor: { type: 'Organization', identifier: { system: ODS_CODE, value: 'B0C4P' } } },
    ],
    reasonCode: [{ coding: [{ system: SNOMED_CT, code: '443684005' }] }],
    protocolApplied: [
      {
        targetDisease: [{ coding: [{ system: SNOMED_CT, code: '840539006' }] }],
        doseNumberPositiveInt: 1,
      },
    ],
  };
}
