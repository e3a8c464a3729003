// The shapes that search parameters' expressions have, and that any other is refused.

import assert from 'node:assert/strict';

import { parseExpression, type Step } from '../../../src/definitions/parse-expression.ts';

const member = (name: string): Step => ({ kind: 'member', name });

describe('reading the expression of a search parameter', () => {
  const shapes: readonly (readonly [string, string, readonly Step[]])[] = [
    ['Observation', 'Observation', []],
    ['Patient.name.given', 'Patient', [member('name'), member('given')]],
    ['name', '', [member('name')]],
    ['(Goal.start as date)', 'Goal', [member('start'), { kind: 'as', type: 'date' }]],
    ['Condition.onset.as(Age)', 'Condition', [member('onset'), { kind: 'as', type: 'Age' }]],
    [
      '(Observation.value as CodeableConcept).text',
      'Observation',
      [member('value'), { kind: 'as', type: 'CodeableConcept' }, member('text')],
    ],
    [
      "Library.relatedArtifact.where(type='composed-of').resource",
      'Library',
      [
        member('relatedArtifact'),
        { kind: 'where', member: 'type', value: 'composed-of' },
        member('resource'),
      ],
    ],
    [
      'Flag.subject.where(resolve() is Patient)',
      'Flag',
      [member('subject'), { kind: 'refersTo', type: 'Patient' }],
    ],
    [
      'Bundle.entry[0].resource',
      'Bundle',
      [member('entry'), { kind: 'first' }, member('resource')],
    ],
  ];
  for (const [text, root, steps] of shapes) {
    it(`knows ${text}`, () => {
      assert.deepEqual(parseExpression(text), [{ root, steps, result: 'value', text }]);
    });
  }

  it('knows existence and being not false', () => {
    const text = 'Patient.deceased.exists() and Patient.deceased != false';
    const steps = [member('deceased')];
    assert.deepEqual(parseExpression(text), [{ root: 'Patient', steps, result: 'notFalse', text }]);
  });

  it('splits a union into its alternatives', () => {
    const alternatives = parseExpression('Patient.name | Person.name|Practitioner.name');
    assert.deepEqual(
      alternatives.map((each) => each.text),
      ['Patient.name', 'Person.name', 'Practitioner.name'],
    );
  });

  const unknown = [
    '',
    'Patient.name.first()',
    "Patient.name.where(use = 'official')",
    'Patient.name[1]',
    'Patient.name and Patient.active',
    'Patient.deceased.exists() and Patient.active != false',
    '(Patient.name as HumanName',
  ];
  for (const text of unknown) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseExpression(text), /No extractor for the expression/);
    });
  }
});
