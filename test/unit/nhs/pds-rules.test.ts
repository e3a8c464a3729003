// Each rule of PDS on creates and birth notifications by a resource that breaks it.

import assert from 'node:assert/strict';
import fc from 'fast-check';

import { birthFindings, isBirthNotification } from '../../../src/nhs/pds-birth-rules.ts';
import { pdsPatientFindings } from '../../../src/nhs/pds-patient-rules.ts';

const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';
const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

const name = {
  use: 'usual',
  family: 'Begum',
  given: ['Amina'],
  period: { start: '2020-01-01' },
};
const address = { period: { start: '2020-01-01' }, line: ['1 High Street', 'Leeds'] };
const patient = {
  resourceType: 'Patient',
  name: [name],
  gender: 'female',
  birthDate: '2025-03-01',
  address: [address],
};

describe('the rules of PDS for a new Patient', () => {
  it('find nothing in one that is in order', () => {
    assert.deepEqual(pdsPatientFindings(patient), []);
  });

  for (const element of ['name', 'address', 'gender', 'birthDate']) {
    it(`want ${element}`, () => {
      const { [element]: _left, ...others } = patient as Record<string, unknown>;
      assert.deepEqual(pdsPatientFindings(others), [`Missing value - '${element}'`]);
      const prefixed = pdsPatientFindings(others, 'entry/0/resource/');
      assert.deepEqual(prefixed, [`Missing value - 'entry/0/resource/${element}'`]);
    });
  }

  const LINES =
    "Invalid patient create data provided - 'address lines 1 and 4 or 2 and 4 must be " +
    "completed as a minimum'";
  for (const [title, change, finding] of [
    ['the gender other', { gender: 'other' }, "Invalid value - 'other' in field 'gender'"],
    [
      'six given names',
      { name: [{ ...name, given: ['a', 'b', 'c', 'd', 'e', 'f'] }] },
      "Too many values submitted - ['a', 'b', 'c', 'd', 'e', 'f'] in field 'name/0/given'",
    ],
    [
      'a backtick in a given name',
      { name: [{ ...name, given: ['O`Brien'] }] },
      "Invalid value - 'O`Brien' in field 'name/0/given'",
    ],
    [
      'a backtick in a family name',
      { name: [{ ...name, family: 'O`Brien' }] },
      "Invalid value - 'O`Brien' in field 'name/0/family'",
    ],
    ['a name without its use', { name: [{ family: 'Begum' }] }, "Missing value - 'name/0/use'"],
    [
      'a usual name that has ended',
      { name: [{ ...name, period: { end: '2021-01-01' } }] },
      "Invalid patient create data provided - 'An end date can not be provided on usual name'",
    ],
    [
      'an address without its period',
      { address: [{ line: address.line }] },
      "Missing value - 'address/0/period'",
    ],
    ['one address line', { address: [{ ...address, line: ['1 High Street'] }] }, LINES],
    ['no address line', { address: [{ period: address.period }] }, LINES],
    [
      'lines of which the fourth is missing',
      { address: [{ ...address, line: ['1', 'High Street', 'Headingley', null, 'Yorkshire'] }] },
      LINES,
    ],
    [
      'lines of which the first two are missing',
      { address: [{ ...address, line: [null, null, 'High Street', 'Leeds'] }] },
      LINES,
    ],
    [
      'an email address that is none',
      { telecom: [{ system: 'email', value: 'testemail' }] },
      "Invalid patient create data provided - 'email format is invalid'",
    ],
  ] as const) {
    it(`refuse ${title}`, () => {
      assert.deepEqual(pdsPatientFindings({ ...patient, ...change }), [finding]);
    });
  }

  it('let pass lines in their places, and other contacts', () => {
    for (const line of [
      ['1 High Street', null, null, 'Leeds'],
      [null, '1 High Street', null, 'Leeds', 'Yorkshire'],
      ['1', '2', '3', '4', '5'],
    ]) {
      assert.deepEqual(pdsPatientFindings({ ...patient, address: [{ ...address, line }] }), []);
    }
    const telecom = [
      { system: 'email', value: 'a@b.example' },
      { system: 'phone', value: '1' },
    ];
    assert.deepEqual(pdsPatientFindings({ ...patient, telecom }), []);
  });

  it('never fail, whatever the JSON', () => {
    const json = fc.jsonValue();
    const property = fc.property(json, json, json, (one, two, three) => {
      pdsPatientFindings(one);
      pdsPatientFindings({ name: [one], address: [two], telecom: [three] });
      birthFindings(one);
      birthFindings({ entry: [{ resource: one }, { resource: { ...patient, extension: two } }] });
    });
    fc.assert(property, { seed: 20_261_125 });
  });
});

function observation(code: string, value: object) {
  const coding = [{ system: 'http://snomed.info/sct', code }];
  return { resourceType: 'Observation', code: { coding }, ...value };
}

function deathNotified(code: string) {
  const valueCodeableConcept = { coding: [{ code }] };
  const part = { url: 'deathNotificationStatus', valueCodeableConcept };
  return { url: `${UK_CORE}DeathNotificationStatus`, extension: [part] };
}

const child = {
  ...patient,
  multipleBirthInteger: 1,
  extension: [
    { url: `${UK_CORE}RegisteringAuthority` },
    { url: `${UK_CORE}EthnicCategory` },
    { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace' },
  ],
};
const mother = {
  resourceType: 'Patient',
  identifier: [{ system: NHS_NUMBER, value: '9000000009' }],
};

/** The resources of a birth notification that is in order; the child is the first, its weight the
 * second, whether it was stillborn the third, its mother the eighth. */
function resources(): unknown[] {
  return [
    child,
    observation('364589006', { valueQuantity: { value: 3200 } }),
    observation('237364002', { valueCodeableConcept: { coding: [{ code: '1' }] } }),
    observation('268477000', { valueQuantity: { value: 38 } }),
    observation('246435002', { valueInteger: 1 }),
    observation('66091009', {}),
    { resourceType: 'RelatedPerson' },
    mother,
    { resourceType: 'Organization' },
    { resourceType: 'Location' },
    { resourceType: 'CareTeam' },
    { resourceType: 'Practitioner' },
  ];
}

function findings(index?: number, resource?: unknown): readonly string[] {
  const all = resources();
  if (index !== undefined) all.splice(index, 1, ...(resource === undefined ? [] : [resource]));
  return birthFindings({ entry: all.map((one) => ({ resource: one })) });
}

describe('the rules of PDS for a birth notification', () => {
  it('find nothing in one that is in order', () => {
    assert.deepEqual(findings(), []);
  });

  it('are for transactions that observe a birth', () => {
    const all = resources().map((resource) => ({ resource }));
    assert.ok(isBirthNotification({ entry: all }));
    assert.ok(isBirthNotification({ entry: all.slice(5) }));
    assert.ok(!isBirthNotification({ entry: all.slice(6) }));
    assert.ok(!isBirthNotification(undefined));
  });

  it('want every resource', () => {
    for (const [index, resource] of resources().entries()) {
      const { resourceType } = resource as { resourceType: string };
      const found = findings(index).filter((finding) => finding.startsWith('Too few values'));
      assert.equal(found.length, 1, resourceType);
      assert.match(found[0] ?? '', new RegExp(`${resourceType}.* missing in field 'entry'$`));
    }
  });

  const weight = (valueQuantity: object) => observation('364589006', { valueQuantity });
  const WEIGHT = 'entry/1/resource/valueQuantity/value';
  const MOTHER = 'entry/7/resource/identifier/0/value';
  const ORDER = 'entry/0/resource/multipleBirthInteger';
  for (const [title, index, resource, finding] of [
    ['no birth weight', 1, weight({}), `Missing value - '${WEIGHT}'`],
    [
      'a weight of 36 kg',
      1,
      weight({ value: 35_552 }),
      `Invalid value - '35552' in field '${WEIGHT}'`,
    ],
    ['a weight of nothing', 1, weight({ value: 0 }), `Invalid value - '0' in field '${WEIGHT}'`],
    [
      'a mother without NHS number',
      7,
      { ...mother, identifier: [{ system: NHS_NUMBER }] },
      `Missing value - '${MOTHER}'`,
    ],
    ['a mother without identifier', 7, { resourceType: 'Patient' }, `Missing value - '${MOTHER}'`],
    [
      'a wrong NHS number',
      7,
      { ...mother, identifier: [{ system: NHS_NUMBER, value: '9000000000' }] },
      `Invalid value - '9000000000' in field '${MOTHER}'`,
    ],
    [
      'a hundredth child',
      0,
      { ...child, multipleBirthInteger: 100 },
      `Invalid value - '100' in field '${ORDER}'`,
    ],
    [
      'a child without ethnic category',
      0,
      { ...child, extension: [child.extension[0], child.extension[2]] },
      `Missing value - 'entry/0/resource/extension' (${UK_CORE}EthnicCategory)`,
    ],
    [
      'a child without gender',
      0,
      { ...child, gender: undefined },
      "Missing value - 'entry/0/resource/gender'",
    ],
    [
      'the formal death of a live birth',
      0,
      { ...child, extension: [...child.extension, deathNotified('2')] },
      'The formal death of the child and the stillbirth indicator are inconsistent',
    ],
  ] as const) {
    it(`refuse ${title}`, () => {
      assert.deepEqual(findings(index, resource), [finding]);
    });
  }

  it('let pass a stillbirth', () => {
    const all = resources();
    all[0] = { ...child, extension: [...child.extension, deathNotified('2')] };
    all[2] = observation('237364002', { valueCodeableConcept: { coding: [{ code: '2' }] } });
    assert.deepEqual(birthFindings({ entry: all.map((resource) => ({ resource })) }), []);
  });
});
