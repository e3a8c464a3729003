// Every kind of structural fault is refused once, at its element, with a fitting code; odd but
// legal FHIR is accepted.

import assert from 'node:assert/strict';

import { parseExact } from '../../../src/lib/json.ts';
import { OUTCOME_ISSUES_MAX } from '../../../src/limits.ts';
import { makeStructureValidator } from '../../../src/validation/structure.ts';
import { immunization, patient } from '../../support/sample-resources.ts';

const validator = makeStructureValidator();

type Json = Readonly<Record<string, unknown>>;

/** What a fault must be answered with: `code location`, in the order of the members. */
type Expected = readonly string[];
type FaultRow = readonly [name: string, resource: Json, expected: Expected];

function judge(resource: Json): string[] {
  const issues = validator.validate({ value: resource }, String(resource.resourceType));
  return issues.map((issue) => `${issue.code} ${issue.expression?.join()}`);
}

function refuses(rows: readonly FaultRow[]): void {
  for (const [name, resource, expected] of rows) {
    it(`refuses ${name}`, () => assert.deepEqual(judge(resource), expected));
  }
}

const dose = (elements: Json = {}) => immunization('Patient/1', elements);
const without = (name: string) => {
  const { [name]: _removed, ...rest } = dose();
  return rest;
};
const extended = (...extension: readonly unknown[]) => patient({ extension });
const URL = 'https://ims.test/extension';
const EXTENDED = { url: URL, valueCode: 'unknown' };
const DIV = 'xmlns="http://www.w3.org/1999/xhtml"';

const cardinality: readonly FaultRow[] = [
  ['a missing mandatory primitive', without('status'), ['required Immunization.status']],
  ['a missing mandatory element', without('patient'), ['required Immunization.patient']],
  ['a missing choice', without('occurrenceDateTime'), ['required Immunization.occurrence']],
  [
    'a missing choice of a backbone element',
    dose({ protocolApplied: [{ series: 'A' }] }),
    ['required Immunization.protocolApplied[0].doseNumber'],
  ],
  [
    'two variants of a choice',
    dose({ occurrenceString: 'autumn' }),
    ['structure Immunization.occurrence'],
  ],
  [
    'two variants of a choice, one with extensions alone',
    patient({ deceasedBoolean: true, _deceasedDateTime: { extension: [EXTENDED] } }),
    ['structure Patient.deceased'],
  ],
  [
    'an array for an element that does not repeat',
    dose({ patient: [{ reference: 'Patient/1' }] }),
    ['structure Immunization.patient'],
  ],
  [
    'an array for a primitive that does not repeat',
    patient({ birthDate: ['2000-01-01'] }),
    ['structure Patient.birthDate'],
  ],
  [
    'an object for an element that repeats',
    patient({ name: { family: 'A' } }),
    ['structure Patient.name'],
  ],
  ['an empty array', patient({ name: [] }), ['structure Patient.name']],
  ['an empty object', patient({ maritalStatus: {} }), ['structure Patient.maritalStatus']],
  ['an empty backbone element', patient({ contact: [{}] }), ['structure Patient.contact[0]']],
  ['null for an element', patient({ maritalStatus: null }), ['structure Patient.maritalStatus']],
  ['null for a primitive', patient({ gender: null }), ['structure Patient.gender']],
  ['null for an array', patient({ name: null }), ['structure Patient.name']],
  ['null in an array of elements', patient({ name: [null] }), ['structure Patient.name[0]']],
];

const unknown: readonly FaultRow[] = [
  ['an unknown element', patient({ colour: 'red' }), ['structure Patient.colour']],
  [
    'an unknown element of a data type',
    patient({ name: [{ surname: 'A' }] }),
    ['structure Patient.name[0].surname'],
  ],
  ['an element in the wrong case', patient({ birthdate: '2000' }), ['structure Patient.birthdate']],
  [
    'a variant that the choice does not have',
    patient({ deceasedString: 'yes' }),
    ['structure Patient.deceasedString'],
  ],
  ['a name that is no identifier', patient({ 'a-b`': 1 }), ['structure Patient.`a-b\\``']],
  [
    '__proto__ as an element',
    JSON.parse('{"resourceType":"Patient","__proto__":{}}'),
    ['structure Patient.__proto__'],
  ],
  ['a name that objects inherit', patient({ constructor: 1 }), ['structure Patient.constructor']],
  ['extensions beside an id', patient({ _id: { id: 'x' } }), ['structure Patient._id']],
];

const types: readonly FaultRow[] = [
  ['a string for a boolean', patient({ active: 'true' }), ['structure Patient.active']],
  [
    'a number for a string',
    patient({ name: [{ family: 7 }] }),
    ['structure Patient.name[0].family'],
  ],
  ['a string for an element', patient({ name: ['A'] }), ['structure Patient.name[0]']],
  [
    'a code that is not of the value set',
    dose({ status: 'done' }),
    ['code-invalid Immunization.status'],
  ],
  [
    'a concept that is not of the value set',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus: { coding: [{ system: 'https://ims.test', code: 'active' }] },
    },
    ['code-invalid Condition.clinicalStatus'],
  ],
  [
    'a concept of a value set as text alone',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus: { text: 'active' },
    },
    ['code-invalid Condition.clinicalStatus'],
  ],
  [
    'a day that does not exist',
    dose({ expirationDate: '2024-02-31' }),
    ['value Immunization.expirationDate'],
  ],
  ['an id with an underscore', patient({ id: 'a_b' }), ['value Patient.id']],
  [
    'base64 that is none',
    patient({ photo: [{ contentType: 'image/png', data: 'a~b' }] }),
    ['value Patient.photo[0].data'],
  ],
  ...([0, -1, 3.5, 3e9] as const).map(
    (number): FaultRow => [
      `${number} for a positiveInt`,
      dose({ protocolApplied: [{ doseNumberPositiveInt: number }] }),
      ['value Immunization.protocolApplied[0].doseNumber'],
    ],
  ),
  ['an empty string', patient({ name: [{ family: '' }] }), ['value Patient.name[0].family']],
  ['white space alone', patient({ name: [{ text: ' \t\n' }] }), ['value Patient.name[0].text']],
  [
    'a control character',
    patient({ name: [{ family: 'A\u0007' }] }),
    ['value Patient.name[0].family'],
  ],
  [
    'half a surrogate pair',
    patient({ name: [{ family: 'A\ud800' }] }),
    ['value Patient.name[0].family'],
  ],
];

const references: readonly FaultRow[] = [
  [
    'a reference to a type it may not point at',
    dose({ patient: { reference: 'Group/1' } }),
    ['value Immunization.patient'],
  ],
  [
    'an absolute reference to such a type',
    dose({
      patient: { reference: 'https://ims.test/fhir/Practitioner/1/_history/2' },
    }),
    ['value Immunization.patient'],
  ],
  [
    'a conditional reference to such a type',
    dose({
      patient: { reference: 'Practitioner?identifier=1' },
    }),
    ['value Immunization.patient'],
  ],
  [
    'a reference to such a type by a relative path',
    dose({ patient: { reference: '/Group/1' } }),
    ['value Immunization.patient'],
  ],
  [
    'a # that stands in no contained resource',
    dose({ patient: { reference: '#' } }),
    ['value Immunization.patient'],
  ],
  [
    'a reference with white space in it',
    dose({ patient: { reference: 'Patient/1 ' } }),
    ['value Immunization.patient'],
  ],
  [
    'an absolute address in Reference.type',
    dose({ patient: { type: 'https://ims.test/Patient', display: 'A' } }),
    ['value Immunization.patient'],
  ],
  [
    'an absolute type that contradicts the reference',
    dose({
      patient: {
        reference: 'Patient/1',
        type: 'http://hl7.org/fhir/StructureDefinition/Group',
      },
    }),
    ['value Immunization.patient'],
  ],
  [
    'such a type in Reference.type',
    dose({ patient: { type: 'Group', display: 'A' } }),
    ['value Immunization.patient'],
  ],
  [
    'a type that contradicts the reference',
    dose({
      performer: [{ actor: { reference: 'Practitioner/1', type: 'Organization' } }],
    }),
    ['value Immunization.performer[0].actor'],
  ],
  [
    'a reference to a contained resource of such a type',
    dose({
      contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
      patient: { reference: '#o' },
    }),
    ['value Immunization.patient'],
  ],
  [
    'a reference to a contained resource that is not there',
    dose({
      patient: { reference: '#p' },
    }),
    ['value Immunization.patient'],
  ],
];

const extensions: readonly FaultRow[] = [
  ['an extension without url', extended({ valueCode: 'a' }), ['required Patient.extension[0].url']],
  ['an extension without value', extended({ url: URL }), ['extension Patient.extension[0]']],
  [
    'an extension with a value and extensions',
    extended({ url: URL, valueCode: 'a', extension: [{ url: URL, valueCode: 'b' }] }),
    ['extension Patient.extension[0]'],
  ],
  [
    'a fault deep in the extensions of a primitive',
    patient({
      _birthDate: { extension: [{ url: URL, valueCodeableConcept: { coding: [{ code: ' ' }] } }] },
    }),
    ['value Patient.birthDate.extension[0].value.coding[0].code'],
  ],
  ['a sibling that is no object', patient({ _gender: 'x' }), ['structure Patient.gender']],
  [
    'a sibling with another element',
    patient({ _gender: { value: 'x' } }),
    ['structure Patient.gender.value'],
  ],
  ['an empty sibling', patient({ gender: 'male', _gender: {} }), ['structure Patient.gender']],
  [
    'null in a list of values without extensions',
    patient({ name: [{ given: ['A', null] }] }),
    ['structure Patient.name[0].given[1]'],
  ],
  [
    'null at one index of both lists',
    patient({
      name: [{ given: ['A', null], _given: [{ id: 'a' }, null] }],
    }),
    ['structure Patient.name[0].given[1]'],
  ],
  [
    'null in a list of extensions without values',
    patient({ name: [{ _given: [null] }] }),
    ['structure Patient.name[0].given[0]'],
  ],
];

const contained: readonly FaultRow[] = [
  [
    'a contained resource without id',
    patient({
      contained: [{ resourceType: 'Organization', name: 'O' }],
    }),
    ['required Patient.contained[0].id'],
  ],
  [
    'a resource contained in a contained one',
    patient({
      contained: [
        {
          resourceType: 'Organization',
          id: 'o',
          contained: [{ resourceType: 'Location', id: 'l' }],
          name: 'O',
        },
      ],
      managingOrganization: { reference: '#o' },
      generalPractitioner: [{ display: 'x', extension: [{ url: URL, valueUri: '#l' }] }],
    }),
    ['invariant Patient.contained[0].contained'],
  ],
  [
    'versions and labels of a contained resource',
    patient({
      contained: [
        {
          resourceType: 'Organization',
          id: 'o',
          name: 'O',
          meta: {
            versionId: '1',
            lastUpdated: '2026-01-01T00:00:00Z',
            security: [{ code: 'R' }],
          },
        },
      ],
      managingOrganization: { reference: '#o' },
    }),
    [
      'invariant Patient.contained[0].meta.versionId',
      'invariant Patient.contained[0].meta.lastUpdated',
      'invariant Patient.contained[0].meta.security',
    ],
  ],
  [
    'a contained resource that nothing refers to',
    patient({
      contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
    }),
    ['invariant Patient.contained[0]'],
  ],
  [
    'a fault in a contained resource',
    dose({
      contained: [{ resourceType: 'Patient', id: 'p', gender: '1' }],
      patient: { reference: '#p' },
    }),
    ['code-invalid Immunization.contained[0].gender'],
  ],
  [
    'a contained resource of an unknown type',
    patient({
      contained: [{ resourceType: 'Vaccine', id: 'v' }],
      generalPractitioner: [{ display: 'x', extension: [{ url: URL, valueUri: '#v' }] }],
    }),
    ['structure Patient.contained[0].resourceType'],
  ],
  ['a contained string', patient({ contained: ['x'] }), ['structure Patient.contained[0]']],
];

const narratives: readonly FaultRow[] = [
  [
    'a script',
    patient({ text: { status: 'generated', div: `<div ${DIV}><script/></div>` } }),
    ['value Patient.text.div'],
  ],
  [
    'a narrative without status',
    patient({ text: { div: `<div ${DIV}>A</div>` } }),
    ['required Patient.text.status'],
  ],
  [
    'a narrative without div',
    patient({ text: { status: 'empty' } }),
    ['required Patient.text.div'],
  ],
];

function bundle(type: string, ...entry: readonly unknown[]): Json {
  return { resourceType: 'Bundle', type, entry };
}

const POST = { method: 'POST', url: 'Patient' };

const bundles: readonly FaultRow[] = [
  [
    'an unknown type in a Bundle',
    bundle('collection', { resource: { resourceType: 'Vaccine' } }),
    ['structure Bundle.entry[0].resource.resourceType'],
  ],
  [
    'a resource without type',
    bundle('collection', { resource: { id: '1' } }),
    ['structure Bundle.entry[0].resource'],
  ],
  ['a null entry', bundle('batch', null), ['structure Bundle.entry[0]']],
  [
    'a fault of an entry',
    bundle('transaction', {
      resource: { resourceType: 'Patient', gender: '1' },
      request: POST,
    }),
    ['code-invalid Bundle.entry[0].resource.gender'],
  ],
  [
    'an entry without request',
    bundle('transaction', { resource: patient() }),
    ['invariant Bundle.entry[0].request'],
  ],
  [
    'a request in a collection',
    bundle('collection', { resource: patient(), request: POST }),
    ['invariant Bundle.entry[0].request'],
  ],
  [
    'a response in a batch',
    bundle('batch', {
      resource: patient(),
      request: POST,
      response: { status: '201' },
    }),
    ['invariant Bundle.entry[0].response'],
  ],
  [
    'one fullUrl for two entries',
    bundle(
      'batch',
      { fullUrl: 'urn:x:a', resource: patient(), request: POST },
      { fullUrl: 'urn:x:a', resource: patient(), request: POST },
    ),
    ['invariant Bundle.entry[1].fullUrl'],
  ],
  [
    'an unknown method',
    bundle('batch', { request: { method: 'FETCH', url: 'Patient' } }),
    ['code-invalid Bundle.entry[0].request.method'],
  ],
  [
    'a fault of a parameter',
    {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: { resourceType: 'Patient', gender: '1' } }],
    },
    ['code-invalid Parameters.parameter[0].resource.gender'],
  ],
];

const constraints: readonly FaultRow[] = [
  [
    'a contact without details',
    patient({ contact: [{ gender: 'male' }] }),
    ['invariant Patient.contact[0]'],
  ],
  [
    'education about nothing',
    dose({ education: [{ publicationDate: '2026' }] }),
    ['invariant Immunization.education[0]'],
  ],
  [
    'a period that ends before it starts',
    patient({
      name: [{ family: 'A', period: { start: '2020-05-02', end: '2020-05' } }],
      address: [{ city: 'B', period: { start: '2020-05-02', end: '2020-04-30T00:00:00Z' } }],
    }),
    ['invariant Patient.address[0].period'],
  ],
  [
    'a unit code without its system',
    dose({ doseQuantity: { value: 1, code: 'ml' } }),
    ['invariant Immunization.doseQuantity'],
  ],
  [
    'a booked appointment without a time',
    {
      resourceType: 'Appointment',
      status: 'booked',
      participant: [{ actor: { reference: 'Patient/1' }, status: 'accepted' }],
    },
    ['invariant Appointment'],
  ],
  [
    'an erroneous condition with a clinical status',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' },
        ],
      },
      verificationStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
            code: 'entered-in-error',
          },
        ],
      },
    },
    ['invariant Condition'],
  ],
];

const legal: readonly (readonly [name: string, resource: Json])[] = [
  ['a resource without elements', patient()],
  [
    'null beside an extension in a list of primitives',
    patient({
      name: [{ given: ['A', null], _given: [null, { extension: [{ url: URL, valueCode: 'u' }] }] }],
    }),
  ],
  [
    'extensions alone in a list of primitives',
    patient({ name: [{ _given: [{ extension: [EXTENDED] }] }] }),
  ],
  [
    'a list of extensions that is shorter',
    patient({
      name: [{ given: ['A', 'B'], _given: [{ id: 'a' }] }],
    }),
  ],
  [
    'an id beside a value, and the same in a contained resource',
    patient({
      gender: 'female',
      _gender: { id: 'a' },
      contained: [{ ...patient({ name: [{ id: 'a', family: 'A' }] }), id: 'p' }],
      link: [{ other: { reference: '#p' }, type: 'seealso' }],
    }),
  ],
  [
    'fullUrls of what is yet to be created',
    bundle('transaction', {
      fullUrl: 'https://ims.test/Patient/a',
      resource: patient(),
      request: POST,
    }),
  ],
  [
    'a stated type beside a fragment, which is no address',
    dose({
      contained: [{ resourceType: 'Practitioner', id: 'p' }],
      performer: [{ actor: { reference: '#p', type: 'Organization' } }],
    }),
  ],
  [
    'a mandatory primitive given by extensions',
    {
      ...without('status'),
      _status: { extension: [{ url: URL, valueCode: 'unknown' }] },
    },
  ],
  [
    'a mandatory choice given by extensions',
    {
      ...without('occurrenceDateTime'),
      _occurrenceDateTime: { extension: [{ url: URL, valueCode: 'unknown' }] },
    },
  ],
  [
    'one variant of a choice with its own extensions',
    patient({
      deceasedBoolean: true,
      _deceasedBoolean: { id: 'd' },
    }),
  ],
  ['nested extensions', extended({ url: URL, extension: [{ url: 'part', valueString: 'x' }] })],
  ['a logical reference', dose({ patient: { identifier: { value: '1' }, type: 'Patient' } })],
  [
    'references that do not say their type',
    dose({
      patient: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
      location: { reference: 'https://ims.test/somewhere' },
    }),
  ],
  [
    'contained resources',
    dose({
      contained: [
        { resourceType: 'Patient', id: 'p', managingOrganization: { reference: '#o' } },
        { resourceType: 'Organization', id: 'o', name: 'O' },
      ],
      patient: { reference: '#p' },
    }),
  ],
  [
    'a contained resource that refers to its container',
    patient({
      contained: [
        {
          resourceType: 'Provenance',
          id: 'v',
          target: [{ reference: '#' }],
          recorded: '2026-01-01T00:00:00Z',
          agent: [{ who: { display: 'A' } }],
        },
      ],
    }),
  ],
  [
    'a narrative',
    patient({
      text: { status: 'generated', div: `<div ${DIV}><p>A &amp; B</p></div>` },
    }),
  ],
  [
    'recursive backbone elements',
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [{ linkId: '1', type: 'group', item: [{ linkId: '1.1', type: 'string' }] }],
    },
  ],
  [
    'a transaction',
    bundle(
      'transaction',
      { resource: patient(), request: POST },
      { request: { method: 'DELETE', url: 'Patient/1' } },
    ),
  ],
];

const ids: readonly FaultRow[] = [
  [
    'an id of two elements',
    patient({
      name: [
        { id: 'a', family: 'A' },
        { family: 'B', _given: [{ id: 'a' }], given: ['C'] },
      ],
    }),
    ['invariant Patient.name[1].given[0]'],
  ],
  ['an element with an id alone', patient({ name: [{ id: 'a' }] }), ['invariant Patient.name[0]']],
  [
    'a primitive with an id alone',
    patient({ name: [{ family: 'A', given: ['B', null], _given: [null, { id: 'a' }] }] }),
    ['invariant Patient.name[0].given[1]'],
  ],
  [
    "a fullUrl that disagrees with its resource's id",
    bundle(
      'collection',
      { fullUrl: 'https://ims.test/Patient/a', resource: patient({ id: 'b' }) },
      { fullUrl: 'https://ims.test/Group/c', resource: patient({ id: 'c' }) },
      { fullUrl: 'https://ims.test/Patient/d', resource: patient() },
    ),
    [0, 1, 2].map((index) => `invariant Bundle.entry[${index}].fullUrl`),
  ],
];

describe('structural validation', () => {
  describe('cardinality', () => refuses(cardinality));
  describe('unknown elements', () => refuses(unknown));
  describe('types and formats', () => refuses(types));
  describe('references', () => refuses(references));
  describe('extensions', () => refuses(extensions));
  describe('contained resources', () => refuses(contained));
  describe('ids', () => refuses(ids));
  describe('narratives', () => refuses(narratives));
  describe('resources within resources', () => refuses(bundles));
  describe('constraints', () => refuses(constraints));

  describe('legal oddities', () => {
    for (const [name, resource] of legal) {
      it(`accepts ${name}`, () => assert.deepEqual(judge(resource), []));
    }
  });
});

describe('the issues of structural validation', () => {
  it('come all together, in the order of the document', () => {
    const faulty = patient({
      id: 'a_b',
      gender: '1',
      birthDate: '2023-02-29',
      link: [{ other: { reference: 'Group/1' } }],
    });
    assert.deepEqual(judge(faulty), [
      'value Patient.id',
      'code-invalid Patient.gender',
      'value Patient.birthDate',
      'value Patient.link[0].other',
      'required Patient.link[0].type',
    ]);
  });

  it('name the element and the problem', () => {
    const issues = validator.validate({ value: patient({ birthDate: '2023-02-29' }) }, 'Patient');
    assert.deepEqual(issues, [
      {
        severity: 'error',
        code: 'value',
        diagnostics:
          'Patient.birthDate is "2023-02-29", which is no date: ' +
          'expected YYYY, YYYY-MM or YYYY-MM-DD of a day that exists.',
        expression: ['Patient.birthDate'],
      },
    ]);
  });

  it('are bounded, however many faults there are', () => {
    const names = Array.from({ length: 100_000 }, () => ({}));
    assert.equal(judge(patient({ name: names })).length, OUTCOME_ISSUES_MAX);
  });

  it('say which type was expected', () => {
    for (const value of [patient(), { resourceType: 7 }, {}, [], null, 'Patient', 1]) {
      const [issue, ...others] = validator.validate({ value }, 'Immunization');
      assert.equal(issue?.code, 'structure');
      assert.match(issue?.diagnostics ?? '', /must be a resource of type Immunization/);
      assert.deepEqual(others, []);
    }
  });

  it('refuse what is nested beyond all measure', () => {
    let extension: Json = { url: URL, valueCode: 'x' };
    for (let depth = 0; depth < 50_000; depth++) extension = { url: URL, extension: [extension] };
    assert.deepEqual(judge(extended(extension)), ['too-costly Patient']);
    assert.deepEqual(judge(patient()), [], 'the validator still works');
  });

  it('judge numbers as they were written, where they are kept', () => {
    const judgeText = (number: string) => {
      const text = JSON.stringify(dose({ protocolApplied: [{ doseNumberPositiveInt: 1 }] }));
      const exact = parseExact(text.replace('"doseNumberPositiveInt":1', `$&${number}`));
      return validator
        .validate({ value: JSON.parse(text), exact }, 'Immunization')
        .map((issue) => issue.diagnostics);
    };
    assert.deepEqual(judgeText(''), []);
    assert.deepEqual(judgeText('.0'), [
      'Immunization.protocolApplied[0].doseNumber is 1.0, which is no positiveInt: ' +
        'expected a whole number from 1 to 2147483647.',
    ]);
  });
});
