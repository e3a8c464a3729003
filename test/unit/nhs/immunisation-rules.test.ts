// Each rule of the Immunisation FHIR API by an Immunization that breaks it alone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

import type { Resource } from '../../../src/fhir/types.ts';
import { valueFindings } from '../../../src/nhs/immunisation-rules.ts';
import { mandatoryFindings } from '../../../src/nhs/mandatory-rules.ts';
import { vaccineTypeOf, vaccineTypes } from '../../../src/nhs/vaccine-types.ts';
import { nhsImmunization } from '../../support/nhs-immunization.ts';

const clock = { nowMs: Date.UTC(2026, 10, 25, 10), zone: 'Europe/London' };
const PATIENT = "contained[?(@.resourceType=='Patient')]";
const PRACTITIONER = "contained[?(@.resourceType=='Practitioner')]";
const NHS_NUMBER = `${PATIENT}.identifier[?(@.system=='https://fhir.nhs.uk/Id/nhs-number')].value`;
const SNOMED_CT = 'http://snomed.info/sct';
const PROCEDURE =
  "extension[?(@.url=='https://fhir.hl7.org.uk/StructureDefinition/" +
  "Extension-UKCore-VaccinationProcedure')].valueCodeableConcept";

/** A path such as `contained.1.name.0.family`; undefined removes what is there. */
type Change = readonly [path: string, value: unknown];

function changed(...changes: readonly Change[]): Resource {
  const resource = nhsImmunization();
  for (const [path, value] of changes) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const parent = steps.reduce<unknown>(
      (here, step) => (here as Record<string, unknown>)[step],
      resource,
    ) as Record<string, unknown>;
    if (value !== undefined) parent[last] = value;
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return resource;
}

/** Both stages, as a write meets them. */
function findings(...changes: readonly Change[]): readonly string[] {
  const resource = changed(...changes);
  const wrong = valueFindings(resource, clock);
  return wrong.length > 0 ? wrong : mandatoryFindings(resource);
}

function disease(code?: string) {
  return { coding: [{ system: SNOMED_CT, ...(code === undefined ? {} : { code }) }] };
}

const DISEASES = 'protocolApplied.0.targetDisease';
const DISEASE_CODE = `coding[?(@.system=='${SNOMED_CT}')].code`;

type Broken = readonly [path: string, value: unknown, finding: string];

const broken: readonly Broken[] = [
  ['contained', undefined, 'contained is a mandatory field'],
  ['contained', {}, 'contained must be an array'],
  ['contained', [], 'contained must be a non-empty array'],
  ['contained', ['a'], 'contained must be an array of objects'],
  ['contained', [{}], 'contained must be an array of non-empty objects'],
  ['contained', [{ id: 'a' }], "contained resources must have 'resourceType' key"],
  ['contained.0.id', 'Pat1', 'ids must not be duplicated amongst contained resources'],
  ['contained.1.id', undefined, "The contained Patient resource must have an 'id' field"],
  ['contained.0.id', undefined, "The contained Practitioner resource must have an 'id' field"],
  ['contained.1', undefined, 'contained must contain exactly one Patient resource'],
  ['note', [], 'note is not an allowed element of the Immunization resource for this service'],
  [
    'contained.1.telecom',
    [],
    'telecom is not an allowed element of the Patient resource for this service',
  ],
  [
    'contained.0.identifier',
    [],
    'identifier is not an allowed element of the Practitioner resource for this service',
  ],
  [
    'patient',
    { reference: 'Patient/1' },
    'patient.reference must be a single reference to a contained Patient resource',
  ],
  [
    'patient.reference',
    '#Pat2',
    "The reference '#Pat2' does not match the id of the contained Patient resource",
  ],
  [
    'performer.0',
    undefined,
    "contained Practitioner resource id 'Pract1' must be referenced from performer",
  ],
  ['contained.1.identifier', {}, `${PATIENT}.identifier must be an array`],
  ['contained.1.identifier', [{}, {}], `${PATIENT}.identifier must be an array of length 1`],
  [
    'contained.1.identifier.0.extension',
    [],
    `${PATIENT}.identifier[0] must not include an extension`,
  ],
  [
    'contained.1.identifier.0.system',
    'https://x.example',
    `${PATIENT}.identifier[0].system must equal 'https://fhir.nhs.uk/Id/nhs-number'`,
  ],
  ['contained.1.identifier.0.value', 9, `${NHS_NUMBER} must be a string`],
  ['contained.1.identifier.0.value', ' ', `${NHS_NUMBER} must be a non-empty string`],
  ['contained.1.identifier.0.value', '900000000', `${NHS_NUMBER} must be 10 characters`],
  ['contained.1.identifier.0.value', '90000 0009', `${NHS_NUMBER} must not contain spaces`],
  ['contained.1.identifier.0.value', '9000000000', `${NHS_NUMBER} is not a valid NHS number`],
  ['contained.1.name', [], `${PATIENT}.name must be a non-empty array`],
  ['contained.1.name.0.given', undefined, `${PATIENT}.name[0].given is a mandatory field`],
  ['contained.1.name.0.given', [' '], `${PATIENT}.name[0].given[0] must be a non-empty string`],
  [
    'contained.1.name.0.given',
    ['a', 'b', 'c', 'd', 'e', 'f'],
    `${PATIENT}.name[0].given must be an array of maximum length 5`,
  ],
  [
    'contained.1.name.0.given',
    ['a'.repeat(181)],
    `${PATIENT}.name[0].given[0] must be 180 or fewer characters`,
  ],
  ['contained.1.name.0.family', undefined, `${PATIENT}.name[0].family is a mandatory field`],
  [
    'contained.1.name.0.family',
    'a'.repeat(36),
    `${PATIENT}.name[0].family must be 35 or fewer characters`,
  ],
  ['contained.1.birthDate', undefined, `${PATIENT}.birthDate is a mandatory field`],
  ['contained.1.birthDate', '2026-11-26', `${PATIENT}.birthDate must not be in the future`],
  [
    'contained.1.birthDate',
    '1965-02',
    `${PATIENT}.birthDate must be a valid date string in the format "YYYY-MM-DD"`,
  ],
  ['contained.1.gender', undefined, `${PATIENT}.gender is a mandatory field`],
  [
    'contained.1.gender',
    'f',
    `${PATIENT}.gender must be one of the following: male, female, other, unknown`,
  ],
  ['contained.1.address', undefined, `${PATIENT}.address[0].postalCode is a mandatory field`],
  ['contained.1.address', [], `${PATIENT}.address must be a non-empty array`],
  [
    'contained.1.address.0.postalCode',
    '',
    `${PATIENT}.address[0].postalCode must be a non-empty string`,
  ],
  [
    'performer.1',
    undefined,
    "There must be exactly one performer.actor[?@.type=='Organization'] with type 'Organization'",
  ],
  [
    'performer.1.actor.identifier.value',
    undefined,
    "performer[?(@.actor.type=='Organization')].actor.identifier.value is a mandatory field",
  ],
  [
    'performer.1.actor.identifier.system',
    ' ',
    "performer[?(@.actor.type=='Organization')].actor.identifier.system must be a non-empty string",
  ],
  ['identifier', undefined, 'identifier is a mandatory field'],
  ['identifier', [{}], 'identifier must be an array of non-empty objects'],
  ['identifier', [], 'identifier must be an array of length 1'],
  ['identifier.0.value', undefined, 'identifier[0].value is a mandatory field'],
  ['identifier.0.system', ' ', 'identifier[0].system must be a non-empty string'],
  ['status', 'not-done', 'status must be one of the following: completed'],
  ['contained.0.name.0.family', ' ', `${PRACTITIONER}.name[0].family must be a non-empty string`],
  ['contained.0.name', [], `${PRACTITIONER}.name must be a non-empty array`],
  ['recorded', undefined, 'recorded is a mandatory field'],
  ['primarySource', 'true', 'primarySource must be a boolean'],
  ['primarySource', undefined, 'primarySource is a mandatory field'],
  ['protocolApplied', {}, 'protocolApplied must be an array'],
  ['protocolApplied', undefined, 'protocolApplied[0].targetDisease is a mandatory field'],
  [
    'protocolApplied.0.doseNumberPositiveInt',
    0,
    'protocolApplied[0].doseNumberPositiveInt must be a positive integer',
  ],
  [
    'protocolApplied.0.doseNumberPositiveInt',
    10,
    'protocolApplied[0].doseNumberPositiveInt must be an integer in the range 1 to 9',
  ],
  [
    'protocolApplied.0.doseNumberString',
    '',
    'protocolApplied[0].doseNumberString must be a non-empty string',
  ],
  [
    DISEASES,
    [{ text: 'flu' }],
    "Every element of protocolApplied[0].targetDisease must have 'coding' property",
  ],
  [
    DISEASES,
    [{ coding: [{ system: 'https://x.example', code: '1' }] }],
    'protocolApplied[0].targetDisease[0].coding must contain exactly one element ' +
      `with a system of ${SNOMED_CT}`,
  ],
  [
    DISEASES,
    [disease()],
    `protocolApplied[0].targetDisease[0].${DISEASE_CODE} is a mandatory field`,
  ],
  [
    DISEASES,
    [disease('14189004'), disease('x')],
    `protocolApplied[0].targetDisease[*].${DISEASE_CODE} - ['14189004', 'x'] ` +
      'is not a valid combination of disease codes for this service',
  ],
  ['manufacturer.display', ' ', 'manufacturer.display must be a non-empty string'],
  ['lotNumber', '', 'lotNumber must be a non-empty string'],
  [
    'expirationDate',
    '2021-02-30',
    'expirationDate must be a valid date string in the format "YYYY-MM-DD"',
  ],
  ['site.coding.0.code', '', `site.${DISEASE_CODE} must be a non-empty string`],
  ['route.coding.0.code', 1, `route.${DISEASE_CODE} must be a string`],
  ['doseQuantity.value', '0.5', 'doseQuantity.value must be a number'],
  ['doseQuantity.unit', ' ', 'doseQuantity.unit must be a non-empty string'],
  [
    'doseQuantity.system',
    undefined,
    'If doseQuantity.code is present, doseQuantity.system must also be present',
  ],
  ['reasonCode.0.coding', [], 'reasonCode[0].coding must be a non-empty array'],
  ['reasonCode.0.coding.0.code', ' ', 'reasonCode[0].coding[0].code must be a non-empty string'],
  ['location', undefined, 'location.identifier.value is a mandatory field'],
  ['location.identifier.system', undefined, 'location.identifier.system is a mandatory field'],
  ['extension', undefined, 'extension is a mandatory field'],
  ['extension', [], 'extension must be an array of length 1'],
  [
    'extension.0.url',
    'https://x.example',
    'extension[0].url must be one of the following: ' +
      'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure',
  ],
  ['extension.0.valueCodeableConcept', undefined, `${PROCEDURE} is a mandatory field`],
  ['extension.0.valueCodeableConcept', {}, `${PROCEDURE}.coding is a mandatory field`],
  [
    'extension.0.valueCodeableConcept.coding.0.code',
    '1324681000000102',
    `${PROCEDURE}.${DISEASE_CODE} is not a valid snomed code`,
  ],
  [
    'extension.0.valueCodeableConcept.coding.0.code',
    undefined,
    `${PROCEDURE}.${DISEASE_CODE} is a mandatory field`,
  ],
  ['vaccineCode.coding.0.code', '12345', `vaccineCode.${DISEASE_CODE} is not a valid snomed code`],
  [
    'vaccineCode.coding.0.display',
    ' ',
    `vaccineCode.coding[?(@.system=='${SNOMED_CT}')].display must be a non-empty string`,
  ],
];

describe('the rules of the Immunisation FHIR API', () => {
  it('find nothing in a dose that is in order', () => {
    assert.deepEqual(findings(), []);
  });

  for (const [path, value, finding] of broken) {
    const shown = value === undefined ? 'absent' : JSON.stringify(value).slice(0, 40);
    it(`refuse ${path} ${shown}`, () => {
      const found = findings([path, value]);
      assert.ok(found.includes(finding), found.join('; '));
    });
  }

  it('refuse another resource', () => {
    const [first] = valueFindings({ ...nhsImmunization(), resourceType: 'Basic' }, clock);
    assert.match(first ?? '', /^This service only accepts FHIR Immunization Resources/);
  });

  it('tell of a practitioner referred to twice, and of references to others', () => {
    const twice = { actor: { reference: '#Pract1' } };
    const other = { actor: { reference: '#Pat1' } };
    const id = "contained Practitioner resource id 'Pract1' must only be referenced once";
    assert.deepEqual(findings(['performer.2', twice]), [`${id} from performer`]);
    assert.deepEqual(findings(['performer.2', other]), [
      'performer must not contain any internal references other than to the contained ' +
        'Practitioner resource',
    ]);
    assert.deepEqual(findings(['contained.0', undefined]), [
      'performer must not contain internal references when there is no contained ' +
        'Practitioner resource',
    ]);
  });

  it('leave out what is required but not mandatory', () => {
    const optional = [
      'vaccineCode.coding',
      'manufacturer',
      'lotNumber',
      'expirationDate',
      'site',
      'route',
      'doseQuantity',
      'reasonCode',
      'protocolApplied.0.doseNumberPositiveInt',
      'contained.1.identifier',
      'contained.0.name',
    ];
    const changes = optional.map((path) => [path, undefined] as const);
    assert.deepEqual(findings(...changes), []);
  });

  it('let pass what the API does not look at', () => {
    const doubtful: readonly Change[] = [
      ['contained.1.birthDate', '2021-02-08'],
      ['expirationDate', '2000-01-01'],
      ['doseQuantity.value', -5],
      ['location.identifier.value', 'NOWHERE'],
      ['identifier.0.system', 'no URI'],
      ['vaccineCode', { coding: [{ system: 'https://x.example', code: 'NAVU' }] }],
    ];
    for (const change of doubtful) assert.deepEqual(findings(change), [], change[0]);
  });

  it('take the first postcode that is not empty', () => {
    const address = [{ city: 'Leeds' }, { postalCode: '' }, { postalCode: 'LS1 6AE' }];
    assert.deepEqual(findings(['contained.1.address', address]), []);
  });

  it('never fail, whatever the JSON', () => {
    const names = Object.keys(nhsImmunization());
    const property = fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
      const resource = { ...nhsImmunization(), [name]: value };
      valueFindings(resource, clock);
      mandatoryFindings(resource);
    });
    fc.assert(property, { seed: 20_261_125, numRuns: 500 });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        valueFindings(value, clock);
        mandatoryFindings(value);
      }),
      { seed: 20_261_125 },
    );
  });
});

describe('the times of a dose', () => {
  const given = (value: string) => findings(['occurrenceDateTime', value]);
  const recorded = (value: string) => findings(['recorded', value]);

  const good = ['2021-02-07', '2021-02-07T13:28:17+01:00', '2021-02-07T13:28:17.271+00:00'];
  const offsets = ['2021-02-07T13:28:17Z', '2021-02-07T13:28:17-05:00'];
  const bad = [
    '2021',
    '2021-02',
    '2021-02-30',
    '2021-02-07T13:28+00:00',
    '2021-02-07T13:28:17',
    '2021-02-07T24:00:00+00:00',
    '2999-01-01',
    '',
  ];

  it('are days or times with an offset, and in the past', () => {
    for (const value of good) {
      assert.deepEqual([given(value), recorded(value)], [[], []], value);
    }
    for (const value of bad) {
      const [occurrence] = given(value);
      const [record] = recorded(value);
      assert.match(occurrence ?? '', /^occurrenceDateTime must be a valid datetime in one/, value);
      assert.match(record ?? '', /^recorded must be a valid datetime in one/, value);
    }
  });

  it('have an English offset when the dose was given, any when it was recorded', () => {
    for (const value of offsets) {
      assert.match(given(value)[0] ?? '', /Only '\+00:00' and '\+01:00' are accepted/, value);
      assert.deepEqual(recorded(value), [], value);
    }
  });

  it('are judged to the second', () => {
    assert.deepEqual(given('2026-11-25T10:00:00+00:00'), []);
    assert.deepEqual(given('2026-11-25T11:00:00+01:00'), []);
    assert.equal(given('2026-11-25T10:00:01+00:00').length, 1);
    assert.deepEqual(given('2026-11-25'), []);
    assert.equal(given('2026-11-26').length, 1);
  });
});

describe('the name of a person', () => {
  const named = (...names: readonly object[]) => findings(['contained.1.name', names]);
  const whole = { family: 'Begum', given: ['Amina'] };

  it('is the official one that was in use', () => {
    const official = { ...whole, use: 'official', family: ' ' };
    assert.deepEqual(named(whole, official), [
      `${PATIENT}.name[1].family must be a non-empty string`,
    ]);
    const former = { ...official, period: { end: '2020-01-01' } };
    const later = { ...official, period: { start: '2022-01-01' } };
    assert.deepEqual(named(whole, former, later), []);
  });

  it('is not an old one while there is another', () => {
    const old = { ...whole, use: 'old', family: ' ' };
    assert.deepEqual(named(old, whole), []);
    assert.deepEqual(named({ given: ['A'] }, old), [
      `${PATIENT}.name[1].family must be a non-empty string`,
    ]);
  });

  it('is the first one when none is whole', () => {
    assert.deepEqual(named({ given: ['A'] }, { family: 'B' }), [
      `${PATIENT}.name[0].family is a mandatory field`,
    ]);
  });
});

describe('vaccine types', () => {
  it('are told by their diseases in any order, and by no others', () => {
    for (const [type, diseases] of Object.entries(vaccineTypes)) {
      assert.equal(vaccineTypeOf(diseases.toReversed()), type);
      assert.equal(vaccineTypeOf([...diseases, '1']), undefined);
      assert.equal(vaccineTypeOf([...diseases, diseases[0] ?? '']), undefined);
    }
    assert.equal(vaccineTypeOf([]), undefined);
  });

  it('are those that the NHS publishes', function () {
    const file = new URL('../../../../shared/data/codes/vaccine_types.csv', import.meta.url);
    let published: string;
    try {
      published = readFileSync(file, 'utf8');
    } catch {
      if (process.env.CI === 'true') throw new Error(`${file.pathname} is absent`);
      console.log(`      skipped: ${file.pathname} is absent`);
      return this.skip();
    }
    const rows = published.trim().split('\n').slice(1);
    const told = rows.map((row) => {
      const [type = '', diseases = ''] = row.split(',');
      return [type, diseases.split(' ').sort()];
    });
    const ours = Object.entries(vaccineTypes).map(([type, list]) => [type, list.toSorted()]);
    assert.deepEqual(ours.sort(), told.sort());
  });
});
