// What the writer of extractors refuses, so that no parameter is ever generated half right.

import assert from 'node:assert/strict';

import { parseExpression } from '../../../src/definitions/parse-expression.ts';
import { writeExtractor } from '../../../src/definitions/write-extractor.ts';
import { readElementTree } from './random-resource.ts';

describe('writing an extractor', () => {
  const tree = readElementTree();
  const write = (type: string, expression: string) =>
    writeExtractor(type, parseExpression(expression), tree);

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['an element that the type does not have', 'Patient.nickname', /No element Patient.nickname/],
    ['a step into a primitive', 'Patient.birthDate.year', /No element date.year/],
    ['resolve() on what is no Reference', 'Patient.name.where(resolve() is Patient)', /Reference/],
    ['[0] below a list', 'Patient.name.given[0]', /No extractor/],
    ['a cast of a cast', '(Patient.deceased as boolean).as(boolean)', /No extractor/],
    ['not false of a list', 'Patient.name.exists() and Patient.name != false', /No extractor/],
  ];
  for (const [what, expression, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => write('Patient', expression), message);
    });
  }

  it('says which types the nodes have, a subtype included', () => {
    assert.deepEqual(write('ConceptMap', '(ConceptMap.source as uri)').types, ['uri', 'canonical']);
    assert.deepEqual(write('Patient', 'Patient.deceased').types, ['boolean', 'dateTime']);
  });

  it('follows an element that is defined by another', () => {
    const { types } = write('Questionnaire', 'Questionnaire.item.item.item.code');
    assert.deepEqual(types, ['Coding']);
  });

  it('says what the references may point at', () => {
    assert.deepEqual(write('Flag', 'Flag.subject.where(resolve() is Patient)').targets, [
      'Patient',
    ]);
    assert.deepEqual(write('Immunization', 'Immunization.performer.actor').targets, [
      'Practitioner',
      'PractitionerRole',
      'Organization',
    ]);
  });
});
