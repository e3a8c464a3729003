// The cases of the specification's own test file for FHIRPath Patch, as JSON:
// https://github.com/FHIR/fhir-test-cases, r4/patch/fhir-path-tests.xml. Its case "Operation on
// missing element" is an error and stands in the test. "Consecutive operations" is left out: its
// result has an extension that is neither in its input nor in its patch, and it adds to an element
// that is not there, which R4 calls an error.

import type { PatchParts } from '../../support/sample-resources.ts';

export const patient = (elements: object = {}) => ({ resourceType: 'Patient', ...elements });
export const named = (name: string) => ({ system: 'http://example.org', value: `value ${name}` });
export const listed = (...names: readonly string[]) =>
  patient({ identifier: [...names].map(named) });
export const move = (source: number, destination: number): PatchParts => ({
  type: 'move',
  path: 'Patient.identifier',
  source,
  destination,
});
export const insert = (index: number): PatchParts => ({
  type: 'insert',
  path: 'Patient.identifier',
  index,
  value: { valueIdentifier: named('3') },
});

/** A name, the resource before, the operations, and the resource after. */
export type PatchCase = readonly [string, object, readonly PatchParts[], object];

const contact = (elements: object) => patient({ contact: [elements] });
const text = 'a name';

/** Every case that ends well. */
export const specificationCases: readonly PatchCase[] = [
  ['no difference', patient({ birthDate: '1920-01-01' }), [], patient({ birthDate: '1920-01-01' })],
  [
    'replace primitive',
    patient({ birthDate: '1920-01-01' }),
    [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930-01-01' } }],
    patient({ birthDate: '1930-01-01' }),
  ],
  [
    'delete primitive',
    patient({ birthDate: '1920-01-01' }),
    [{ type: 'delete', path: 'Patient.birthDate' }],
    patient(),
  ],
  [
    'add primitive',
    patient(),
    [{ type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930-01-01' } }],
    patient({ birthDate: '1930-01-01' }),
  ],
  [
    'replace nested primitive 1',
    contact({ name: { text }, gender: 'male' }),
    [{ type: 'replace', path: 'Patient.contact[0].gender', value: { valueCode: 'female' } }],
    contact({ name: { text }, gender: 'female' }),
  ],
  [
    'replace nested primitive 2',
    contact({ name: { text }, gender: 'male' }),
    [{ type: 'replace', path: 'Patient.contact[0].name.text', value: { valueString: 'the name' } }],
    contact({ name: { text: 'the name' }, gender: 'male' }),
  ],
  [
    'delete nested primitive 1',
    contact({ name: { text }, gender: 'male' }),
    [{ type: 'delete', path: 'Patient.contact[0].gender' }],
    contact({ name: { text } }),
  ],
  [
    'delete nested primitive 2, the last of its element',
    contact({ name: { text }, gender: 'male' }),
    [{ type: 'delete', path: 'Patient.contact[0].name.text' }],
    contact({ gender: 'male' }),
  ],
  [
    'add nested primitive',
    contact({ name: { text } }),
    [{ type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } }],
    contact({ name: { text }, gender: 'male' }),
  ],
  [
    'add complex',
    patient(),
    [
      {
        type: 'add',
        path: 'Patient',
        name: 'maritalStatus',
        value: { valueCodeableConcept: { text: 'married' } },
      },
    ],
    patient({ maritalStatus: { text: 'married' } }),
  ],
  [
    'replace complex',
    patient({ maritalStatus: { id: '1', text: 'married' } }),
    [
      {
        type: 'replace',
        path: 'Patient.maritalStatus',
        value: { valueCodeableConcept: { id: '2', text: 'not married' } },
      },
    ],
    patient({ maritalStatus: { id: '2', text: 'not married' } }),
  ],
  [
    'delete complex',
    patient({ maritalStatus: { text: 'married' } }),
    [{ type: 'delete', path: 'Patient.maritalStatus' }],
    patient(),
  ],
  [
    'add anonymous type',
    patient(),
    [
      {
        type: 'add',
        path: 'Patient',
        name: 'contact',
        value: { part: [{ name: 'name', valueHumanName: { text } }] },
      },
    ],
    contact({ name: { text } }),
  ],
  [
    'delete anonymous type',
    contact({ name: { text } }),
    [{ type: 'delete', path: 'Patient.contact[0]' }],
    patient(),
  ],
  ['list unchanged', listed('1', '2'), [], listed('1', '2')],
  [
    'list unchanged, contents changed',
    listed('1', '2'),
    [
      { type: 'replace', path: 'Patient.identifier[0].value', value: { valueString: 'value 2' } },
      { type: 'replace', path: 'Patient.identifier[1].value', value: { valueString: 'value 1' } },
    ],
    listed('2', '1'),
  ],
  ['add to list', listed('1', '2'), [insert(2)], listed('1', '2', '3')],
  ['insert in list 1', listed('1', '2'), [insert(1)], listed('1', '3', '2')],
  ['insert in list 2', listed('1', '2'), [insert(0)], listed('3', '1', '2')],
  ...[0, 1, 2].map(
    (index): PatchCase => [
      `delete from list ${index + 1}`,
      listed('1', '2', '3'),
      [{ type: 'delete', path: `Patient.identifier[${index}]` }],
      listed(...['1', '2', '3'].toSpliced(index, 1)),
    ],
  ),
  ['reorder list 1', listed('1', '2', '3', '4'), [move(3, 1)], listed('1', '4', '2', '3')],
  ['reorder list 2', listed('1', '2', '3', '4'), [move(3, 0)], listed('4', '1', '2', '3')],
  ['reorder list 3', listed('1', '2', '3', '4'), [move(3, 2)], listed('1', '2', '4', '3')],
  ['reorder list 4', listed('1', '2', '3', '4'), [move(0, 3)], listed('2', '3', '4', '1')],
  [
    'reorder list 5',
    listed('1', '2', '3', '4'),
    [move(1, 0), move(2, 1)],
    listed('2', '3', '1', '4'),
  ],
  [
    'reorder list 6',
    listed('1', '2', '3', '4'),
    [move(3, 0), move(3, 1), move(3, 2)],
    listed('4', '3', '2', '1'),
  ],
  [
    'operation on missing element 2',
    patient(),
    [
      {
        type: 'add',
        path: 'Patient',
        name: 'identifier',
        value: { valueIdentifier: named('3') },
      },
    ],
    listed('3'),
  ],
  [
    'full resource',
    patient({
      text: { status: 'generated', div: '<div>Peter</div>' },
      name: [{ use: 'official', family: 'Chalmers', given: ['Peter', 'James'] }, { use: 'usual' }],
      birthDate: '1974-12-25',
      _birthDate: { extension: [{ url: 'http://a', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
    }),
    [
      { type: 'replace', path: 'Patient.text.div', value: { valueString: '<div>Jim</div>' } },
      { type: 'replace', path: 'Patient.name[0].family', value: { valueString: 'Chalmers1' } },
    ],
    patient({
      text: { status: 'generated', div: '<div>Jim</div>' },
      name: [{ use: 'official', family: 'Chalmers1', given: ['Peter', 'James'] }, { use: 'usual' }],
      birthDate: '1974-12-25',
      _birthDate: { extension: [{ url: 'http://a', valueDateTime: '1974-12-25T14:35:45-05:00' }] },
    }),
  ],
];
