// Forty searches as GP systems, pharmacies, booking systems and analysts ask them. A word in braces
// stands for something that the bench finds in the store.

/** A search as its type and query string. */
export type BenchQuery = readonly [type: string, query: string];

export const benchQueries: readonly BenchQuery[] = [
  // One person.
  ['Patient', 'identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs}'],
  ['Patient', 'identifier={nhs}'],
  ['Patient', '_id={patient}'],
  ['Patient', 'family={family}&birthdate={birthdate}'],
  ['Patient', 'family={family}&given={given}&gender={gender}'],
  ['Patient', 'address-postalcode={postcode}&birthdate=ge1950'],
  ['Patient', 'name:contains={part}&birthdate={birthdate}'],
  ['Immunization', 'patient=Patient/{patient}'],
  ['Immunization', 'patient.identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs}'],
  ['Immunization', 'patient={patient}&-immunization.target=FLU&-date.from=2025-09-01'],
  ['Immunization', 'patient={patient}&status=completed&_sort=-date'],
  ['Condition', 'patient={patient}&clinical-status=active'],
  ['Communication', 'recipient=Patient/{patient}&_sort=-sent'],
  ['Appointment', 'patient={booked}&status=booked'],
  ['Flag', 'patient={flagged}'],
  ['Consent', 'status=active&date=ge2026-10-01'],
  ['Immunization', 'identifier={dose}'],
  // A practice, a place, an area.
  ['Patient', 'general-practitioner=Organization/{practice}'],
  ['Patient', 'general-practitioner=Organization/{practice}&birthdate=le1961-11-22'],
  ['Patient', 'general-practitioner=Organization/{practice}&_sort=family&_count=100'],
  ['Patient', 'general-practitioner.identifier={practice}&gender=male'],
  ['Patient', 'pcn={pcn}&birthdate=le1961-11-22'],
  ['Patient', 'district={district}&gender=female'],
  ['Immunization', 'patient.general-practitioner=Organization/{practice}&date=ge2026-09-01'],
  ['Organization', 'partof:below=Organization/{icb}'],
  ['Organization', 'name:contains=medical'],
  ['Location', 'near={latitude}|{longitude}|3|km'],
  ['Slot', 'schedule={schedule}&status=free&start=ge2026-11-25'],
  // A cohort.
  ['Patient', 'birthdate=le1946-11-25&deceased=false'],
  ['Patient', 'birthdate=ge2024-01-01&gender=female'],
  ['Patient', 'ethnic-category=A&birthdate=ge2020'],
  ['Patient', 'district={district}&_has:Condition:patient:clinical-status=active'],
  ['Patient', 'district={district}&_has:Immunization:patient:date=ge2026-09-01'],
  [
    'Patient',
    'general-practitioner=Organization/{practice}' +
      '&_filter=not (_has:Immunization:patient:target-disease-status-date ' +
      'eq "http://snomed.info/sct|6142004$completed$ge2026-09-01")',
  ],
  ['Patient', '_has:Immunization:patient:location.name:contains=pharmacy&district={district}'],
  // What changed, and what is counted.
  ['Immunization', 'date=ge2026-11-20'],
  ['Immunization', 'target-disease-status-date=6142004$not-done$ge2026-10-01'],
  ['Immunization', 'vaccine-code:text=influenza&date=2026-10-20'],
  ['Immunization', 'status-reason:missing=false&date=ge2026-11-01'],
  ['Communication', 'status=in-progress&sent=ge2026-11-01'],
];
