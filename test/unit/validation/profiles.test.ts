// Our profiles: what they refuse, what they only advise, and what a claim in meta.profile changes;
// and profiles that cannot be relied on, which stop the service from starting.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Issue, Resource } from '../../../src/fhir/types.ts';
import type { Membership } from '../../../src/terminology/compose.ts';
import { makeJudge } from '../../../src/validation/judge.ts';
import { compileConstraint } from '../../../src/validation/profile-constraint.ts';
import { loadProfiles, ProfileFault } from '../../../src/validation/profile-definition.ts';
import type { ValueSets } from '../../../src/validation/profile-judge.ts';
import { profilesDir, shippedJudge } from '../../support/our-judge.ts';
import { needsRealMaterial, readCase, realCases } from '../../support/real-material.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition';
const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const STATUS = `${UK_CORE}/Extension-UKCore-NHSNumberVerificationStatus`;
const judge = shippedJudge();

function judged(resource: Resource, by = judge): readonly string[] {
  return by
    .validate({ value: resource }, resource.resourceType)
    .filter(({ diagnostics }) => !diagnostics.includes('dom-6'))
    .map(told);
}

function told({ severity, code, expression }: Issue): string {
  return `${severity} ${code} ${expression?.[0]}`;
}

function patient(elements: Record<string, unknown>): Resource {
  return { resourceType: 'Patient', birthDate: '1950-01-31', ...elements };
}

function dose(elements: Record<string, unknown>): Resource {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'A vaccine' },
    patient: { reference: 'Patient/1' },
    occurrenceDateTime: '2026-10-01T10:00:00Z',
    location: { display: 'Here' },
    ...elements,
  };
}

function verified(value: string, code = '01'): Record<string, unknown> {
  const valueCodeableConcept = { coding: [{ system: 'http://ims.test/status', code }] };
  return { extension: [{ url: STATUS, valueCodeableConcept }], system: NHS_NUMBER, value };
}

function claiming(profile: string, elements: Record<string, unknown>): Record<string, unknown> {
  return { meta: { profile: [profile] }, ...elements };
}

describe('our profile of Patient', () => {
  it('accepts an NHS number with its check digit and verification status', () => {
    assert.deepEqual(judged(patient({ identifier: [verified('9000000009')] })), []);
  });

  for (const value of ['9000000008', '123456789', '12345678901', '900000000X', '1000000010']) {
    it(`refuses the NHS number ${value}`, () => {
      const issues = judged(patient({ identifier: [verified(value)] }));
      assert.deepEqual(issues, ['error invariant Patient.identifier[0]']);
    });
  }

  it('leaves identifiers of other systems alone', () => {
    const other = { system: 'https://ims.test/id', value: '123' };
    assert.deepEqual(judged(patient({ identifier: [other] })), []);
  });

  it('advises a verification status, and asks those for it who claim the profile', () => {
    const { extension: _none, ...bare } = verified('9000000009');
    const place = 'required Patient.identifier[0].extension';
    assert.deepEqual(judged(patient({ identifier: [bare] })), [`warning ${place}`]);
    const claim = patient(claiming(`${UK_CORE}/UKCore-Patient`, { identifier: [bare] }));
    assert.deepEqual(judged(claim), [`error ${place}`]);
    const versioned = claiming(`${UK_CORE}/UKCore-Patient|1.0.0`, { identifier: [bare] });
    assert.deepEqual(judged(patient(versioned)), [`error ${place}`]);
  });

  it('refuses a death before birth, as far as the dates tell', () => {
    const before = patient({ deceasedDateTime: '1950-01-30' });
    assert.deepEqual(judged(before), ['error invariant Patient']);
    for (const deceasedDateTime of ['1950-01-31', '1950', '1950-01', '2020-05-05T10:00:00Z']) {
      assert.deepEqual(judged(patient({ deceasedDateTime })), [], deceasedDateTime);
    }
    assert.deepEqual(judged(patient({ deceasedBoolean: true })), []);
  });

  it('judges extensions by their own profiles', () => {
    const url = `${UK_CORE}/Extension-UKCore-DeathNotificationStatus`;
    const extension = [{ url, extension: [{ url: 'systemEffectiveDate', valueDateTime: '2020' }] }];
    const missing = 'required Patient.extension[0].extension';
    assert.deepEqual(judged(patient({ extension })), [`warning ${missing}`]);
    const wrongType = [{ url: `${UK_CORE}/Extension-UKCore-EthnicCategory`, valueCode: 'A' }];
    const issues = judged(patient({ extension: wrongType }));
    assert.deepEqual(issues, ['warning structure Patient.extension[0].value']);
  });

  it('tells of a second ethnic category', () => {
    const url = `${UK_CORE}/Extension-UKCore-EthnicCategory`;
    const one = { url, valueCodeableConcept: { text: 'A' } };
    const issues = judged(patient({ extension: [one, one] }));
    assert.deepEqual(issues, ['warning structure Patient.extension']);
  });
});

describe('our profile of Immunization', () => {
  it('refuses a dose that was not given without a reason', () => {
    const issues = judged(dose({ status: 'not-done' }));
    assert.deepEqual(issues, ['error invariant Immunization']);
    assert.deepEqual(judged(dose({ status: 'not-done', statusReason: { text: 'Ill' } })), []);
  });

  for (const [what, elements, place] of [
    ['an expired vaccine', { expirationDate: '2026-09-30' }, 'Immunization'],
    ['an early record', { recorded: '2026-09-30' }, 'Immunization'],
    ['an amount of nothing', { doseQuantity: { value: 0 } }, 'Immunization.doseQuantity'],
    ['a dose given nowhere', { location: undefined }, 'Immunization'],
    [
      'a dose before birth',
      {
        contained: [{ resourceType: 'Patient', id: 'p', birthDate: '2026-10-02' }],
        patient: { reference: '#p' },
      },
      'Immunization',
    ],
  ] as const) {
    it(`warns of ${what}`, () => {
      const plain = JSON.parse(JSON.stringify(dose(elements))) as Resource;
      assert.deepEqual(judged(plain), [`warning invariant ${place}`]);
    });
  }

  it('accepts a vaccine that expires in the month in which it is given', () => {
    assert.deepEqual(judged(dose({ expirationDate: '2026-10' })), []);
  });
});

describe('our profile of Appointment', () => {
  it('refuses an end before the start', () => {
    const appointment = {
      resourceType: 'Appointment',
      status: 'booked',
      participant: [{ status: 'accepted', actor: { display: 'A' } }],
      start: '2026-10-01T10:00:00+01:00',
    };
    const ended = (end: string) => judged({ ...appointment, end });
    assert.deepEqual(ended('2026-10-01T08:59:00Z'), ['error invariant Appointment']);
    assert.deepEqual(ended('2026-10-01T09:05:00Z'), []);
  });
});

describe('a contained resource', () => {
  const containing = (resource: object) =>
    dose({ contained: [{ ...resource, id: 'p' }], patient: { reference: '#p' } });
  const person = (number: string, more: object = {}) =>
    containing({ ...patient({ identifier: [verified(number)] }), ...more });

  it('is judged by our profile of its type', () => {
    assert.deepEqual(judged(person('9000000009')), []);
    assert.deepEqual(judged(person('9000000001')), [
      'error invariant Immunization.contained[0].identifier[0]',
    ]);
  });

  it('is held to what it claims', () => {
    const meta = { profile: ['https://ims.test/none'] };
    assert.deepEqual(judged(person('9000000009', { meta })), [
      'warning not-found Immunization.contained[0].meta.profile',
    ]);
  });
});

describe('a claim in meta.profile', () => {
  it('to a profile that is not here is a warning', () => {
    const issues = judged(patient(claiming('https://ims.test/profile', {})));
    assert.deepEqual(issues, ['warning not-found Patient.meta.profile']);
  });

  it("to R4's own definition changes nothing", () => {
    const base = 'http://hl7.org/fhir/StructureDefinition/Patient';
    assert.deepEqual(judged(patient(claiming(base, {}))), []);
  });

  it('to a profile of another type is refused', () => {
    const issues = judged(patient(claiming(`${UK_CORE}/UKCore-Organization`, {})));
    assert.deepEqual(issues, ['error invalid Patient.meta.profile']);
  });
});

describe('bindings', () => {
  const answering = (answer: Membership) =>
    shippedJudge({ contains: () => answer, valueSet: () => ({}) });
  const withStatus = patient({ identifier: [verified('9000000009')] });
  const place = 'Patient.identifier[0].extension[0].value';

  it('that are required refuse what is not in the value set', () => {
    assert.deepEqual(judged(withStatus, answering('yes')), []);
    assert.deepEqual(judged(withStatus, answering('no')), [`error code-invalid ${place}`]);
  });

  it('are never guessed: what is not known is a warning', () => {
    assert.deepEqual(judged(withStatus, answering('unknown')), [`warning not-found ${place}`]);
  });

  it('that are extensible advise, and leave words alone', () => {
    const coded = dose({ reasonCode: [{ coding: [{ system: 'http://ims.test', code: 'a' }] }] });
    const issues = judged(coded, answering('no'));
    assert.deepEqual(issues, ['warning code-invalid Immunization.reasonCode[0]']);
    assert.deepEqual(judged(dose({ reasonCode: [{ text: 'A' }] }), answering('no')), []);
  });
});

describe('the check digit of NHS numbers', () => {
  it('is that of Modulus 11, as generated and as the library evaluates it', () => {
    const constraint = loadProfiles(profilesDir)
      .flatMap(({ definition }) => definition.differential.element)
      .flatMap(({ constraint = [] }) => constraint)
      .find(({ key }) => key === 'openims-nhs-1');
    const focus = { type: 'Identifier', owner: 'Identifier' };
    const holds = compileConstraint(constraint?.expression ?? '', focus, 'Patient');
    const random = seededRandom(11);
    let valid = 0;
    for (let round = 0; round < 5000; round += 1) {
      const value = String(random.below(10 ** 10)).padStart(10, '0');
      const sum = [...value.slice(0, 9)].reduce((all, d, at) => all + Number(d) * (10 - at), 0);
      const expected = (11 - (sum % 11)) % 11 === Number(value[9]);
      assert.equal(holds({ value }, {}), expected, value);
      if (expected) valid += 1;
    }
    assert.ok(valid > 100);
  });
});

describe('profiles that cannot be relied on', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const definition = (elements: readonly object[], more: object = {}) => ({
    resourceType: 'StructureDefinition',
    url: 'https://ims.test/StructureDefinition/own',
    name: 'Own',
    status: 'active',
    fhirVersion: '4.0.1',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: elements },
    ...more,
  });
  const at = (id: string, more: object) => ({ id, path: id.replace(/:\w+/g, ''), ...more });
  const start = (content: unknown) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, 'own.json'), text);
    return makeJudge({ profiles: loadProfiles(folder), valueSets: noValueSets });
  };
  const constraint = (expression: string) => [
    { key: 'own-1', severity: 'error', human: 'A rule', expression },
  ];

  const noValueSets: ValueSets = { contains: () => 'unknown', valueSet: () => undefined };
  const faults: Readonly<Record<string, readonly [content: unknown, message: RegExp]>> = {
    'that are no JSON': ['{', /own\.json is no JSON/],
    'that are no StructureDefinition': [
      { resourceType: 'Patient' },
      /own\.json is no StructureDefinition/,
    ],
    'of an unknown base': [
      definition([at('Patient', {})], { baseDefinition: 'https://ims.test/none' }),
      /own\.json: baseDefinition is https:\/\/ims\.test\/none/,
    ],
    'with an unknown element': [
      definition([at('Patient.shoeSize', {})]),
      /own\.json: Patient\.shoeSize is no element of Patient/,
    ],
    'that allow more than the base': [
      definition([at('Patient.birthDate', { max: '2' })]),
      /own\.json: Patient\.birthDate may repeat/,
    ],
    'that ask for less than the base': [
      definition([at('Patient.link.type', { min: 0 })]),
      /own\.json: Patient\.link\.type may be absent/,
    ],
    'that ask for more than they allow': [
      definition([at('Patient.link.type', { max: '0' })]),
      /own\.json: Patient\.link\.type asks for 1 where 0 are allowed/,
    ],
    'with a type that the base does not allow': [
      definition([at('Patient.deceased[x]', { type: [{ code: 'date' }] })]),
      /own\.json: Patient\.deceased\[x\] may be a date/,
    ],
    'with a value of another type': [
      definition([at('Patient.gender', { fixedString: 'male' })]),
      /own\.json: Patient\.gender has fixedString, but is no String/,
    ],
    'that refer to a missing profile': [
      definition([
        at('Patient.managingOrganization', {
          type: [{ code: 'Reference', targetProfile: ['https://ims.test/none'] }],
        }),
      ]),
      /own\.json: Patient\.managingOrganization refers to https:\/\/ims\.test\/none/,
    ],
    'with a binding to a missing value set': [
      definition([
        at('Patient.maritalStatus', {
          binding: { strength: 'extensible', valueSet: 'https://ims.test/ValueSet/none' },
        }),
      ]),
      /own\.json: Patient\.maritalStatus is bound to https:\/\/ims\.test\/ValueSet\/none/,
    ],
    'with a constraint that is no FHIRPath': [
      definition([at('Patient', { constraint: constraint('name.exists(') })]),
      /own\.json: Patient has the constraint own-1, which does not compile/,
    ],
    'with a constraint about an unknown element': [
      definition([at('Patient', { constraint: constraint('shoeSize.exists()') })]),
      /own\.json: Patient has the constraint own-1, .*Patient has no element shoeSize/,
    ],
    'with slices that nothing tells apart': [
      definition([at('Patient.name:legal', { min: 1 })]),
      /own\.json: Patient\.name:legal is a slice that nothing tells from others/,
    ],
  };
  for (const [what, [content, message]] of Object.entries(faults)) {
    it(`${what} are refused, naming file and element`, () => {
      assert.throws(
        () => start(content),
        (error) => error instanceof ProfileFault && message.test(error.message),
      );
    });
  }

  it('are refused when two have one url', () => {
    const content = JSON.stringify(definition([at('Patient', {})]));
    writeFileSync(join(folder, 'a.json'), content);
    assert.throws(() => start(content), /own\.json: url is that of .*a\.json too/);
  });
});

describe('a profile of one file more', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is judged: patterns, slices by type and by value, closed slices, prohibited elements', () => {
    const slicing = { discriminator: [{ type: 'value', path: 'use' }], rules: 'closed' };
    const elements = [
      { id: 'Patient.photo', path: 'Patient.photo', max: '0' },
      {
        id: 'Patient.maritalStatus',
        path: 'Patient.maritalStatus',
        patternCodeableConcept: { coding: [{ system: 'http://ims.test', code: 'M' }] },
      },
      { id: 'Patient.name', path: 'Patient.name', slicing },
      { id: 'Patient.name:official', path: 'Patient.name', sliceName: 'official', min: 1 },
      { id: 'Patient.name:official.use', path: 'Patient.name.use', fixedCode: 'official' },
      { id: 'Patient.name:official.family', path: 'Patient.name.family', min: 1 },
      {
        id: 'Patient.multipleBirth[x]:multipleBirthInteger',
        path: 'Patient.multipleBirth[x]',
        sliceName: 'multipleBirthInteger',
        type: [{ code: 'integer' }],
        constraint: [{ key: 'own-1', severity: 'error', human: 'Few', expression: '$this < 5' }],
      },
    ];
    const own = {
      resourceType: 'StructureDefinition',
      url: 'https://ims.test/StructureDefinition/own',
      name: 'Own',
      status: 'active',
      fhirVersion: '4.0.1',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: { element: elements },
    };
    writeFileSync(join(folder, 'own.json'), JSON.stringify(own));
    const ownJudge = makeJudge({ profiles: loadProfiles(folder) });
    const issuesOf = (more: Record<string, unknown>) =>
      judged(patient(claiming(own.url, more)), ownJudge);
    const fine = { name: [{ use: 'official', family: 'A' }], multipleBirthInteger: 2 };
    assert.deepEqual(issuesOf(fine), []);
    assert.deepEqual(issuesOf({ multipleBirthBoolean: true }), ['error required Patient.name']);
    assert.deepEqual(
      issuesOf({
        name: [{ use: 'official' }, { use: 'old', family: 'B' }],
        photo: [{ title: 'A' }],
        maritalStatus: { coding: [{ system: 'http://ims.test', code: 'S' }] },
        multipleBirthInteger: 7,
      }).toSorted(),
      [
        'error invariant Patient.multipleBirth',
        'error required Patient.name[0].family',
        'error structure Patient.name[1]',
        'error structure Patient.photo',
        'error value Patient.maritalStatus',
      ],
    );
  });
});

describe('the judge', () => {
  it('tells faults before warnings, however many there are', () => {
    const { extension: _none, ...bare } = verified('9000000009');
    const identifier = [...Array.from({ length: 500 }, () => bare), verified('9000000008')];
    const resource = patient({ identifier });
    const issues = judge.validate({ value: resource }, 'Patient');
    assert.ok(issues.length < 250);
    assert.equal(told(issues[0] as Issue), 'error invariant Patient.identifier[500]');
  });

  it('answers whatever the JSON', function () {
    needsRealMaterial(this, 'cases');
    const random = seededRandom(5);
    const junk = [null, [], {}, 'x', 1, true, [null], [[1]], { a: { b: [] } }];
    const resources = realCases()
      .filter(({ file }) => /^(patient|immunization|organization)-accept/.test(file))
      .slice(0, 40)
      .map((each) => JSON.parse(readCase(each).toString('utf8')) as Resource);
    for (let round = 0; round < 3000; round += 1) {
      const resource = structuredClone(random.pick(resources));
      const place = placesOf(resource)[random.below(placesOf(resource).length)];
      if (place !== undefined) place.owner[place.name] = random.pick(junk);
      judge.validate({ value: resource }, String(resource.resourceType));
    }
  });
});

interface Place {
  readonly owner: Record<string, unknown>;
  readonly name: string;
}

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((name) => [{ owner, name }, ...placesOf(owner[name])]);
}
