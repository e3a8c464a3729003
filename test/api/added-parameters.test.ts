// The search parameters that profiles/ adds: the names of the NHS's own API, what UK Core's
// extensions say of a person, and the areas above a practice and a home.

import assert from 'node:assert/strict';
import type { Resource } from '../../src/fhir/types.ts';
import { fresh, immunization, patient } from '../support/sample-resources.ts';
import { idsOf, onEveryBackEnd, type Service } from '../support/service.ts';

const SCT = 'http://snomed.info/sct';
const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const AREA = 'https://openims.example/fhir/CodeSystem/area';
const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const ETHNICITY = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory';
const DECILE = 'https://openims.example/fhir/CodeSystem/deprivation-decile';
const OURS = 'https://openims.example/fhir/StructureDefinition';
const CODES = 'https://openims.example/fhir/CodeSystem';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const FLU = '6142004';
const COVID = '840539006';

async function put(service: Service, resource: Record<string, unknown>): Promise<void> {
  const url = `/${resource.resourceType}/${resource.id}`;
  const answer = await service.request('PUT', url, resource);
  assert.ok(answer.status < 300, answer.body);
}

/** A dose against diseases on a day. */
function dose(id: string, person: string, day: string, diseases: readonly string[], more = {}) {
  const targetDisease = diseases.map((code) => ({ coding: [{ system: SCT, code }] }));
  return immunization(`Patient/${person}`, {
    id,
    occurrenceDateTime: day,
    protocolApplied: [{ doseNumberPositiveInt: 1, targetDisease }],
    ...more,
  });
}

onEveryBackEnd('the names of the NHS on Immunization', {}, (service) => {
  const search = async (query: string) => {
    const answer = await service().request('GET', `/Immunization?${query}`);
    assert.equal(answer.status, 200, `${query}: ${answer.body}`);
    return idsOf(answer.bundle);
  };

  it('find by person, vaccine and days, both included', async () => {
    const [person, flu, covid, both] = [fresh('p'), fresh('flu'), fresh('covid'), fresh('both')];
    await put(
      service(),
      patient({ id: person, identifier: [{ system: NHS, value: '9990548609' }] }),
    );
    await put(service(), dose(flu, person, '2026-10-01', [FLU]));
    await put(service(), dose(covid, person, '2026-10-02T23:30:00+01:00', [COVID]));
    await put(service(), dose(both, person, '2026-10-03', [FLU, COVID]));
    const who = `patient.identifier=${encodeURIComponent(`${NHS}|9990548609`)}`;
    assert.deepEqual(await search(who), [flu, covid, both]);
    assert.deepEqual(await search(`${who}&-immunization.target=FLU`), [flu], 'just these diseases');
    assert.deepEqual(await search(`${who}&-immunization.target=FLU,COVID`), [flu, covid]);
    assert.deepEqual(await search(`${who}&target-disease=${SCT}|${FLU}`), [flu, both]);
    const days = '-date.from=2026-10-02&-date.to=2026-10-02';
    assert.deepEqual(await search(`${who}&${days}`), [covid]);
    for (const wrong of ['-date.from=2026', '-date.to=ge2026-10-01', '-immunization.target=POX']) {
      const refused = await service().request('GET', `/Immunization?${wrong}`);
      assert.equal(refused.status, 400, wrong);
      assert.match(refused.issues[0]?.diagnostics ?? '', new RegExp(wrong.split('=')[0] ?? ''));
    }
  });

  it('put disease, status and date on one and the same dose', async () => {
    const person = fresh('p');
    await put(service(), patient({ id: person }));
    const given = fresh('given');
    await put(service(), dose(given, person, '2025-10-01', [FLU]));
    await put(
      service(),
      dose(fresh('refused'), person, '2026-10-01', [FLU], {
        status: 'not-done',
        statusReason: { coding: [{ system: SCT, code: '310376006' }] },
      }),
    );
    const criterion = (status: string, day: string) =>
      `patient=${person}&target-disease-status-date=${SCT}|${FLU}$${status}$${day}`;
    assert.deepEqual(await search(criterion('completed', 'ge2025')), [given]);
    assert.deepEqual(await search(criterion('completed', 'ge2026')), [], 'no dose has all three');
    assert.equal((await search(criterion('not-done', 'ge2026'))).length, 1);
    const had = async (day: string) => {
      const value = `"${SCT}|${FLU}$completed$${day}"`;
      const filter = `not (_has:Immunization:patient:target-disease-status-date eq ${value})`;
      const url = `/Patient?_id=${person}&_filter=${encodeURIComponent(filter)}`;
      return (await service().request('GET', url)).bundle.total;
    };
    assert.equal(await had('ge2026'), 1, 'has had no dose since');
    assert.equal(await had('ge2025'), 0);
    const wrong = await service().request('GET', '/Immunization?target-disease-status-date=a$b');
    assert.equal(wrong.status, 400);
    assert.match(wrong.issues[0]?.diagnostics ?? '', /3 values joined by \$/);
  });
});

onEveryBackEnd('areas and what is known of a person', {}, (service) => {
  const search = async (query: string) => {
    const answer = await service().request('GET', `/Patient?${query}`);
    assert.equal(answer.status, 200, `${query}: ${answer.body}`);
    return idsOf(answer.bundle);
  };

  it('are found by code, and by what lies above', async () => {
    const organisation = (code: string, parent?: string) => ({
      resourceType: 'Organization',
      id: code,
      name: code,
      identifier: [{ system: ODS, value: code }],
      ...(parent === undefined ? {} : { partOf: { reference: `Organization/${parent}` } }),
    });
    const area = (code: string, parent?: string) => ({
      resourceType: 'Location',
      id: code,
      name: code,
      identifier: [{ system: AREA, value: code }],
      ...(parent === undefined ? {} : { partOf: { reference: `Location/${parent}` } }),
    });
    for (const [code, parent] of [
      ['Y99'],
      ['QZZ', 'Y99'],
      ['99Z', 'QZZ'],
      ['U99999', '99Z'],
      ['Z99999', 'U99999'],
    ]) {
      await put(service(), organisation(code ?? '', parent));
    }
    for (const [code, parent] of [
      ['E40999999'],
      ['E09999999', 'E40999999'],
      ['E01999999', 'E09999999'],
    ]) {
      await put(service(), area(code ?? '', parent));
    }
    const [here, elsewhere] = [fresh('here'), fresh('elsewhere')];
    await put(
      service(),
      patient({
        id: here,
        meta: {
          security: [
            { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
          ],
        },
        generalPractitioner: [{ reference: 'Organization/Z99999' }],
        extension: [
          { url: ETHNICITY, valueCodeableConcept: { coding: [{ code: 'A' }] } },
          { url: `${OURS}/small-area`, valueCoding: { system: AREA, code: 'E01999999' } },
          { url: `${OURS}/deprivation-decile`, valueCoding: { system: DECILE, code: '1' } },
        ],
      }),
    );
    await put(service(), patient({ id: elsewhere }));
    const ours = (query: string) => search(`${query}&_id=${here},${elsewhere}`);
    for (const query of [
      'pcn=U99999',
      'sub-icb=99Z',
      'icb=QZZ',
      'region=Y99',
      'region=E40999999',
      'district=E09999999',
      'general-practitioner:below=Organization/QZZ',
      'residence:below=Location/E40999999',
      'residence.name=E01999999',
      `small-area=${AREA}|E01999999`,
      'ethnic-category=A',
      'deprivation-decile=1',
      'sensitive=true',
    ]) {
      assert.deepEqual(await ours(query), [here], query);
    }
    assert.deepEqual(await ours('icb=QYY'), []);
    assert.deepEqual(await ours('icb=QYY,QZZ'), [here]);
    assert.deepEqual(await ours('ethnic-category:missing=true'), [elsewhere]);
  });

  it('are of a group while a record says so that is neither over nor untrue', async () => {
    const of = async (id: string, records: readonly Resource[]) => {
      await put(service(), patient({ id, generalPractitioner: undefined }));
      for (const record of records) await put(service(), record);
      return id;
    };
    const condition = (id: string, clinical: string, verification: string): Resource => ({
      resourceType: 'Condition',
      id: fresh('condition'),
      subject: { reference: `Patient/${id}` },
      category: [{ coding: [{ system: `${CODES}/risk-group`, code: 'diabetes' }] }],
      clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: clinical }] },
      verificationStatus: {
        coding: [{ system: `${HL7}/condition-ver-status`, code: verification }],
      },
    });
    const flag = (id: string, status: string): Resource => ({
      resourceType: 'Flag',
      id: fresh('flag'),
      status,
      subject: { reference: `Patient/${id}` },
      code: { coding: [{ system: `${CODES}/priority-group`, code: 'nhs-staff' }] },
    });
    const consent = (id: string, status: string): Resource => ({
      resourceType: 'Consent',
      id: fresh('consent'),
      status,
      scope: { coding: [{ system: `${HL7}/consentscope`, code: 'patient-privacy' }] },
      category: [
        { coding: [{ system: `${CODES}/consent-category`, code: 'vaccination-invitations' }] },
      ],
      patient: { reference: `Patient/${id}` },
      policyRule: { coding: [{ system: `${HL7}/v3-ActCode`, code: 'OPTOUT' }] },
    });
    const [ill, well, never] = [fresh('ill'), fresh('well'), fresh('never')];
    await of(ill, [
      condition(ill, 'active', 'confirmed'),
      flag(ill, 'active'),
      consent(ill, 'active'),
    ]);
    await of(well, [
      condition(well, 'resolved', 'confirmed'),
      flag(well, 'inactive'),
      consent(well, 'inactive'),
    ]);
    await of(never, [condition(never, 'active', 'refuted')]);
    const ours = async (query: string) =>
      (await search(`${query}&_id=${ill},${well},${never}`)).sort();
    assert.deepEqual(await ours('risk-group=diabetes'), [ill]);
    assert.deepEqual(await ours(`risk-group=${CODES}/risk-group|diabetes,asplenia`), [ill]);
    assert.deepEqual(await ours('risk-group=asplenia'), []);
    assert.deepEqual(await ours('priority-group=nhs-staff'), [ill]);
    assert.deepEqual(await ours('opted-out=true'), [ill]);
    assert.deepEqual(await ours('opted-out=false'), [well, never].sort());
    assert.deepEqual(await ours('registered=false'), [ill, well, never].sort());
  });

  it('are refused where a group is unknown or a yes is no yes', async () => {
    for (const [query, words] of [
      ['risk-group=hay-fever', /"risk-group": "hay-fever" is not a code of .*asplenia/],
      ['registered=perhaps', /"registered": "perhaps" is not true or false/],
      ['vaccination-doses=flu-2026', /2 values joined by/],
      ['vaccination-date=flu-2026$geyesterday', /"geyesterday" is not a date/],
    ] as const) {
      const answer = await service().request('GET', `/Patient?${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(answer.issues[0]?.diagnostics ?? '', words);
    }
  });
});
