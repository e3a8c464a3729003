// FHIRPath Patch: the cases of the specification's own test file for it, then what they leave out:
// choices, lists of primitives and what stands beside them, decimals, values that do not fit, and
// paths that are none or ask for too much.

import assert from 'node:assert/strict';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { readJson } from '../../../src/fhir/read-json.ts';
import { patchByPaths, readPathPatch } from '../../../src/interactions/fhirpath-patch.ts';
import { type JsonDocument, printExact } from '../../../src/lib/json.ts';
import {
  FHIRPATH_LENGTH_MAX,
  FHIRPATH_OPERATIONS_MAX,
  FHIRPATH_STEPS_MAX,
} from '../../../src/limits.ts';
import { type PatchParts, pathPatch } from '../../support/sample-resources.ts';
import {
  insert,
  listed,
  move,
  named,
  type PatchCase,
  patient,
  specificationCases,
} from './fhirpath-patch-cases.ts';

function patchText(text: string, patch: string): string {
  const document = patchByPaths(readJson(text), readPathPatch(readJson(patch)));
  return printExact(exactOf(document));
}

function exactOf({ value, exact }: JsonDocument): unknown {
  return exact ?? value;
}

function patched(resource: object, operations: readonly PatchParts[]): unknown {
  const text = patchText(JSON.stringify(resource), JSON.stringify(pathPatch(...operations)));
  return JSON.parse(text);
}

function refusal(resource: object, operations: readonly PatchParts[]): FhirError {
  try {
    patched(resource, operations);
  } catch (error) {
    assert.ok(error instanceof FhirError, String(error));
    return error;
  }
  return assert.fail('the patch was accepted');
}

const observation = (elements: object = {}) => ({ resourceType: 'Observation', ...elements });
const text = 'a name';
const extension = { url: 'http://a', valueString: 'x' };
const given = (...names: readonly unknown[]) => patient({ name: [{ given: names }] });
const quantity = { value: 1, unit: 'kg' };

const beyond: readonly PatchCase[] = [
  [
    'adds a choice under the name of its type',
    observation(),
    [{ type: 'add', path: 'Observation', name: 'value', value: { valueQuantity: quantity } }],
    observation({ valueQuantity: quantity }),
  ],
  [
    'adds a choice by the name of its member',
    observation(),
    [
      {
        type: 'add',
        path: 'Observation',
        name: 'valueQuantity',
        value: { valueQuantity: quantity },
      },
    ],
    observation({ valueQuantity: quantity }),
  ],
  [
    'replaces a choice by one of another type',
    observation({ valueQuantity: quantity, status: 'final' }),
    [{ type: 'replace', path: 'Observation.value', value: { valueString: 'heavy' } }],
    observation({ status: 'final', valueString: 'heavy' }),
  ],
  [
    'follows a choice that is cast',
    observation({ valueQuantity: quantity }),
    [
      {
        type: 'replace',
        path: 'Observation.value.as(Quantity).unit',
        value: { valueString: 'stone' },
      },
      { type: 'delete', path: 'value.ofType(Quantity).value' },
    ],
    observation({ valueQuantity: { unit: 'stone' } }),
  ],
  [
    'follows an element whose name is delimited, and text that looks like it',
    patient({ text: { div: '<div/>' }, name: [{ text: 'a.div' }] }),
    [
      { type: 'delete', path: 'Patient.text.`div`' },
      { type: 'delete', path: "Patient.name.where(text = 'a.div')" },
    ],
    patient(),
  ],
  [
    'follows criteria',
    patient({ telecom: [{ use: 'home' }, { use: 'work', value: '1' }] }),
    [
      {
        type: 'replace',
        path: "telecom.where(use = 'work' and value.exists()).value",
        value: { valueString: '2' },
      },
    ],
    patient({ telecom: [{ use: 'home' }, { use: 'work', value: '2' }] }),
  ],
  [
    'adds what is beside a primitive, and takes it away again',
    patient({ birthDate: '2000-01-01', gender: 'male' }),
    [
      {
        type: 'add',
        path: 'Patient.birthDate',
        name: 'extension',
        value: {
          part: [
            { name: 'url', valueUri: 'http://a' },
            { name: 'value', valueString: 'x' },
          ],
        },
      },
      { type: 'add', path: 'Patient.gender', name: 'id', value: { valueString: 'g' } },
      { type: 'delete', path: 'Patient.gender.id' },
    ],
    patient({ birthDate: '2000-01-01', gender: 'male', _birthDate: { extension: [extension] } }),
  ],
  [
    'replaces a primitive with what is beside it',
    patient({ birthDate: '2000-01-01', _birthDate: { extension: [extension] } }),
    [{ type: 'replace', path: 'birthDate', value: { valueDate: '2001-01-01' } }],
    patient({ birthDate: '2001-01-01' }),
  ],
  [
    'brings what is beside a primitive',
    patient({ birthDate: '2000-01-01' }),
    [{ type: 'replace', path: 'birthDate', value: { _valueDate: { extension: [extension] } } }],
    patient({ _birthDate: { extension: [extension] } }),
  ],
  [
    'deletes a primitive that is only beside',
    patient({ _birthDate: { extension: [extension] }, active: true }),
    [{ type: 'delete', path: 'birthDate.extension' }],
    patient({ active: true }),
  ],
  [
    'keeps what is beside a list of primitives in step',
    patient({ name: [{ given: ['A', null, 'C'], _given: [null, { id: 'b' }, { id: 'c' }] }] }),
    [
      { type: 'move', path: 'Patient.name.given', source: 2, destination: 0 },
      {
        type: 'insert',
        path: 'Patient.name.given',
        index: 1,
        value: { valueString: 'X', _valueString: { id: 'x' } },
      },
      { type: 'delete', path: "Patient.name.given.where($this = 'A')" },
    ],
    patient({
      name: [{ given: ['C', 'X', null], _given: [{ id: 'c' }, { id: 'x' }, { id: 'b' }] }],
    }),
  ],
  [
    'appends to a list of primitives',
    given('A'),
    [{ type: 'add', path: 'Patient.name[0]', name: 'given', value: { valueString: 'B' } }],
    given('A', 'B'),
  ],
  [
    'deletes the last of everything around it',
    patient({ active: true, contact: [{ name: { given: ['A'] } }] }),
    [{ type: 'delete', path: 'Patient.contact.name.given' }],
    patient({ active: true }),
  ],
  ['deletes nothing', patient(), [{ type: 'delete', path: 'Patient.birthDate' }], patient()],
  [
    'adds a resource, and reaches into it',
    patient(),
    [
      {
        type: 'add',
        path: 'Patient',
        name: 'contained',
        value: { resource: { resourceType: 'Organization', id: 'o', name: 'A' } },
      },
      { type: 'replace', path: 'contained[0].name', value: { valueString: 'B' } },
      { type: 'add', path: 'contained[0]', name: 'alias', value: { valueString: 'C' } },
    ],
    patient({ contained: [{ resourceType: 'Organization', id: 'o', name: 'B', alias: ['C'] }] }),
  ],
  [
    'makes anonymous types in anonymous types',
    { resourceType: 'Observation' },
    [
      {
        type: 'add',
        path: 'Observation',
        name: 'component',
        value: {
          part: [
            { name: 'code', valueCodeableConcept: { text: 'a' } },
            { name: 'value', valueQuantity: quantity },
            {
              name: 'referenceRange',
              part: [
                { name: 'low', valueQuantity: quantity },
                { name: 'appliesTo', valueCodeableConcept: { text: 'x' } },
                { name: 'appliesTo', valueCodeableConcept: { text: 'y' } },
              ],
            },
          ],
        },
      },
    ],
    observation({
      component: [
        {
          code: { text: 'a' },
          valueQuantity: quantity,
          referenceRange: [{ low: quantity, appliesTo: [{ text: 'x' }, { text: 'y' }] }],
        },
      ],
    }),
  ],
  [
    'makes named types that a Parameters cannot carry',
    patient(),
    [
      {
        type: 'add',
        path: 'Patient',
        name: 'text',
        value: {
          part: [
            { name: 'status', valueCode: 'generated' },
            { name: 'div', valueString: '<div/>' },
          ],
        },
      },
    ],
    patient({ text: { status: 'generated', div: '<div/>' } }),
  ],
];

describe('FHIRPath Patch', () => {
  for (const [name, before, operations, after] of [...specificationCases, ...beyond]) {
    it(name, () => assert.deepEqual(patched(before, operations), after));
  }

  it('leaves the patch and the document that it is given as they were', () => {
    const document = readJson(JSON.stringify(listed('1')));
    const patch = readJson(
      JSON.stringify(
        pathPatch(insert(0), { type: 'delete', path: 'Patient.identifier[0].system' }),
      ),
    );
    const once = patchByPaths(document, readPathPatch(patch));
    assert.deepEqual(patchByPaths(document, readPathPatch(patch)), once);
    assert.deepEqual(document.value, listed('1'));
  });

  it('keeps the digits of decimals: untouched, moved, brought and compared', () => {
    const component = (value: string) => `{"valueQuantity":{"value":${value}}}`;
    const components = `${component('1.50')},${component('2.0')}`;
    const before = `{"resourceType":"Observation","component":[${components}]}`;
    const patch = JSON.stringify(
      pathPatch(
        { type: 'move', path: 'component', source: 1, destination: 0 },
        {
          type: 'add',
          path: 'component.where(value.as(Quantity).value = 1.5)',
          name: 'interpretation',
          value: { valueCodeableConcept: { text: 'x' } },
        },
        { type: 'add', path: 'Observation', name: 'value', value: { valueQuantity: { value: 7 } } },
      ),
    ).replace('"value":7', '"value":7.00E1');
    assert.equal(
      patchText(before, patch),
      '{"resourceType":"Observation","component":[{"valueQuantity":{"value":2.0}},' +
        '{"valueQuantity":{"value":1.50},"interpretation":[{"text":"x"}]}],' +
        '"valueQuantity":{"value":7.00E1}}',
    );
  });

  it('brings a decimal with its digits into a resource that had none to keep', () => {
    const patch = JSON.stringify(
      pathPatch({
        type: 'add',
        path: 'Observation',
        name: 'value',
        value: { valueQuantity: { value: 7 } },
      }),
    ).replace('"value":7', '"value":0.10');
    assert.equal(
      patchText('{"resourceType":"Observation"}', patch),
      '{"resourceType":"Observation","valueQuantity":{"value":0.10}}',
    );
  });
});

const two = listed('1', '2');
const identifierValue = { valueIdentifier: named('3') };

describe('FHIRPath Patch that cannot be applied', () => {
  const unprocessable: readonly (readonly [string, object, PatchParts, RegExp])[] = [
    [
      'adding to what is not there (of the specification: operation on missing element)',
      patient({ identifier: [{ use: 'official', value: '123' }] }),
      {
        type: 'add',
        path: "Patient.identifier.where(use = 'official').period",
        name: 'end',
        value: { valueDate: '2021-12-01' },
      },
      /^Operation 0 \(add .*\.where\(use = 'official'\)\.period\) failed: there is no/,
    ],
    [
      'replacing what is not there',
      patient(),
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2000-01-01' } },
      /no such element/,
    ],
    ['deleting two', two, { type: 'delete', path: 'Patient.identifier' }, /leads to 2 elements/],
    [
      'replacing two',
      two,
      { type: 'replace', path: 'Patient.identifier', value: identifierValue },
      /leads to 2 elements/,
    ],
    [
      'adding to two',
      two,
      { type: 'add', path: 'identifier', name: 'value', value: { valueString: 'x' } },
      /leads to 2 elements/,
    ],
    [
      'adding what is there',
      patient({ gender: 'male' }),
      { type: 'add', path: 'Patient', name: 'gender', value: { valueCode: 'female' } },
      /'gender' is there already/,
    ],
    [
      'adding the second variant of a choice',
      observation({ valueString: 'x' }),
      { type: 'add', path: 'Observation', name: 'value', value: { valueInteger: 1 } },
      /'value' is there already/,
    ],
    [
      'adding what the type does not have',
      patient(),
      { type: 'add', path: 'Patient', name: 'colour', value: { valueCode: 'red' } },
      /Patient has no element 'colour'/,
    ],
    [
      'adding to the prototype',
      patient(),
      { type: 'add', path: 'Patient', name: '__proto__', value: { valueCode: 'red' } },
      /Patient has no element '__proto__'/,
    ],
    [
      'adding within a primitive',
      patient({ gender: 'male' }),
      { type: 'add', path: 'Patient.gender', name: 'text', value: { valueString: 'x' } },
      /has no element 'text'/,
    ],
    [
      'a complex value of another type',
      patient(),
      {
        type: 'add',
        path: 'Patient',
        name: 'maritalStatus',
        value: { valueCoding: { code: 'M' } },
      },
      /the value is of type Coding, but 'maritalStatus' must be of type CodeableConcept/,
    ],
    [
      'a scalar for an object',
      two,
      { type: 'replace', path: 'identifier[0]', value: { valueString: 'x' } },
      /must be of type Identifier/,
    ],
    [
      'a value for a resource',
      patient(),
      { type: 'add', path: 'Patient', name: 'contained', value: { valueString: 'x' } },
      /must be of type Resource/,
    ],
    [
      'a resource for a value',
      patient(),
      { type: 'add', path: 'Patient', name: 'name', value: { resource: patient() } },
      /must be of type HumanName/,
    ],
    [
      'parts for a primitive',
      patient(),
      {
        type: 'add',
        path: 'Patient',
        name: 'gender',
        value: { part: [{ name: 'id', valueString: 'x' }] },
      },
      /must be of type code/,
    ],
    [
      'a type that the choice does not have',
      patient(),
      { type: 'add', path: 'Patient', name: 'deceased', value: { valueString: 'x' } },
      /must be of type boolean, dateTime/,
    ],
    [
      'a value for another variant than named',
      observation(),
      { type: 'add', path: 'Observation', name: 'valueString', value: { valueInteger: 1 } },
      /for 'valueInteger' and not for 'valueString'/,
    ],
    [
      'parts that do not say their type',
      observation(),
      {
        type: 'add',
        path: 'Observation',
        name: 'value',
        value: { part: [{ name: 'id', valueString: 'x' }] },
      },
      /parts do not say which type/,
    ],
    [
      'a part twice that does not repeat',
      patient(),
      {
        type: 'add',
        path: 'Patient',
        name: 'contact',
        value: {
          part: [
            { name: 'gender', valueCode: 'male' },
            { name: 'gender', valueCode: 'male' },
          ],
        },
      },
      /'gender' is there already/,
    ],
    ['inserting behind the end', two, insert(3), /has 2 elements, so no index 3/],
    ['inserting before the start', two, insert(-1), /so no index -1/],
    ['inserting into nothing', patient(), insert(0), /the first of a list comes by 'add'/],
    [
      'inserting into a part of a list',
      two,
      { ...insert(0), path: 'Patient.identifier[1]' },
      /to one list, and to all its elements/,
    ],
    [
      'inserting into two lists',
      patient({ name: [{ given: ['A'] }, { given: ['B'] }] }),
      { ...insert(0), path: 'Patient.name.given' },
      /to one list, and to all its elements/,
    ],
    [
      'inserting into what does not repeat',
      patient({ gender: 'male' }),
      { type: 'insert', path: 'Patient.gender', index: 0, value: { valueCode: 'female' } },
      /'gender' does not repeat/,
    ],
    ['moving from behind the end', two, move(2, 0), /none at index 2/],
    ['moving to behind the end', two, move(0, 2), /none at index 2/],
    ['deleting the resource', patient(), { type: 'delete', path: 'Patient' }, /whole resource/],
    [
      'deleting its type',
      patient(),
      { type: 'delete', path: 'Patient.resourceType' },
      /no element|no such/,
    ],
    [
      'a path to a computed value',
      two,
      { type: 'delete', path: 'Patient.identifier.exists()' },
      /leads to a value and not an element/,
    ],
    [
      'a path that does not fit the data',
      two,
      { type: 'delete', path: 'Patient.identifier.single()' },
      /cannot be evaluated/,
    ],
  ];
  for (const [name, resource, operation, expected] of unprocessable) {
    it(`refuses ${name}`, () => {
      const error = refusal(resource, [operation]);
      assert.equal(error.errorName, 'unprocessable-patch');
      assert.match(error.issues[0]?.diagnostics ?? '', expected);
    });
  }

  it('names the operation that fails', () => {
    const error = refusal(two, [move(0, 1), { type: 'delete', path: 'Patient.identifier' }]);
    assert.match(error.issues[0]?.diagnostics ?? '', /^Operation 1 \(delete Patient\.identifier\)/);
  });
});

describe('FHIRPath Patch that is none', () => {
  const path = 'Patient';
  const malformed: readonly (readonly [string, object, RegExp])[] = [
    ['a parameter of another name', { name: 'op', valueString: 'x' }, /must be named 'operation'/],
    ['no type', operation(['path', { valueString: path }]), /no part 'type'/],
    ['an unknown type', operation(['type', { valueCode: 'launch' }]), /no part 'type'/],
    ['a type of the prototype', operation(['type', { valueCode: 'toString' }]), /no part 'type'/],
    ['no path', operation(['type', { valueCode: 'delete' }]), /\(delete\) needs a part 'path'/],
    [
      'a path that is no string',
      operation(['type', { valueCode: 'delete' }], ['path', { valueInteger: 1 }]),
      /needs a part 'path' with valueString/,
    ],
    [
      'no value',
      operation(['type', { valueCode: 'replace' }], ['path', { valueString: path }]),
      /\(replace\) needs a part 'value'/,
    ],
    [
      'a part that the operation does not have',
      operation(
        ['type', { valueCode: 'delete' }],
        ['path', { valueString: path }],
        ['index', { valueInteger: 1 }],
      ),
      /\(delete\) takes no part 'index'/,
    ],
    [
      'a part twice',
      operation(
        ['type', { valueCode: 'delete' }],
        ['path', { valueString: path }],
        ['path', { valueString: path }],
      ),
      /has a part twice/,
    ],
  ];
  for (const [name, parameter, expected] of malformed) {
    it(`is refused with ${name}`, () => {
      const patch = { resourceType: 'Parameters', parameter: [parameter] };
      assert.throws(
        () => readPathPatch(readJson(JSON.stringify(patch))),
        (error) =>
          error instanceof FhirError &&
          error.errorName === 'malformed-body' &&
          expected.test(error.message) &&
          error.issues[0]?.expression?.[0] === 'Parameters.parameter[0]',
      );
    });
  }

  it('is refused with more operations than go', () => {
    const many = Array.from({ length: FHIRPATH_OPERATIONS_MAX + 1 }, () => move(0, 0));
    assert.equal(refusal(two, many).errorName, 'limit-exceeded');
    assert.deepEqual(patched(two, many.slice(1)), two);
  });
});

function operation(...parts: readonly (readonly [string, object])[]): object {
  return { name: 'operation', part: parts.map(([name, value]) => ({ name, ...value })) };
}

describe('hostile paths of a FHIRPath Patch', () => {
  for (const path of [
    'a b',
    'Patient.',
    'Patient.name[',
    'Patient.name[x',
    "Patient.where(use = 'x)",
    'Patient.where(use = "x")',
    '.name',
    '(((((',
    'Patient.name.where(',
    "Patient.'name'",
    '$this.repeat($this)',
    '(1).repeat($this + 1)',
    'Patient.repeat (identifier)',
    'Patient.identifier.select($this.combine($this))',
    'Patient.identifier.aggregate($total + 1)',
    "Patient.name.family.matches('(a+)+$')",
    'Patient.descendants()',
    'Patient.identifier.value.distinct()',
    'Patient.identifier | Patient.identifier',
    'Patient.identifier ~ Patient.identifier',
    '%resource.identifier',
    'Patient.`identifier`.`repeat`($this)',
    'Patient.managingOrganization.resolve().name',
    "Patient.name.trace('x')",
    'Patient.name /* a comment */',
    'now()',
    'toString()',
    'constructor()',
  ]) {
    it(`refuses ${path}`, () => {
      const error = refusal(two, [{ type: 'delete', path }]);
      assert.equal(error.errorName, 'malformed-body', error.message);
      assert.match(error.message, /Operation 0 \(delete .*failed: the path /s);
    });
  }

  it('changes nothing under names that mean something to JavaScript', () => {
    for (const path of ['Patient.__proto__', 'Patient.constructor', 'Patient.identifier.length']) {
      const replacing: PatchParts = { type: 'replace', path, value: { valueString: 'x' } };
      assert.equal(refusal(two, [replacing]).errorName, 'unprocessable-patch');
    }
    assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
  });

  it('refuses paths that are too long, and repeats little of them', () => {
    const path = `Patient${'.name'.repeat(100)}`;
    assert.ok(path.length > FHIRPATH_LENGTH_MAX);
    const error = refusal(two, [{ type: 'delete', path }]);
    assert.equal(error.errorName, 'limit-exceeded');
    assert.ok(error.message.length < 300, error.message);
  });

  it('lets text that looks like code stand in a string', () => {
    const family = "it's | a %resource.repeat(x) /* text */";
    const path = `Patient.name.where(family = '${family.replace("'", "\\'")}').family`;
    const after = patched(patient({ name: [{ family, text }] }), [{ type: 'delete', path }]);
    assert.deepEqual(after, patient({ name: [{ text }] }));
  });

  it('bounds the work of all paths of one patch', () => {
    const many = listed(...Array.from({ length: 3_000 }, (_, index) => String(index)));
    const path = "Patient.identifier.where(value = 'value 2999').value";
    const once: PatchParts = { type: 'replace', path, value: { valueString: 'value 2999' } };
    assert.deepEqual(patched(many, [once]), many);
    const often = Array.from({ length: Math.ceil(FHIRPATH_STEPS_MAX / 10_000) }, () => once);
    assert.equal(refusal(many, often).errorName, 'limit-exceeded');
  });
});
