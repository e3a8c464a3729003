// Truth table of number and quantity searches (http://hl7.org/fhir/R4/search.html#number,
// #quantity), worked out by hand.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextAbove, numberEntries, readNumber } from '../../../../src/search/types/number.ts';
import { quantityEntries, readQuantity } from '../../../../src/search/types/quantity.ts';
import { refusal } from '../small-world.ts';
import { clauseOf, found } from '../types/clauses.ts';

function isNumber(query: string, node: unknown): boolean {
  const expression = readNumber(clauseOf('number', `p=${query}`));
  return found(
    expression,
    numberEntries('p', node, typeof node === 'number' ? 'decimal' : 'Range'),
  );
}

function isQuantity(query: string, node: object, fhirType = 'Quantity'): boolean {
  const expression = readQuantity(clauseOf('quantity', `p=${encodeURIComponent(query)}`));
  return found(expression, quantityEntries('p', node, fhirType));
}

type Row = readonly [query: string, node: unknown, expected: boolean];

const numbers: Readonly<Record<string, readonly Row[]>> = {
  '100: "to 3 significant figures precision, … values in the range [99.5 ... 100.5)"': [
    ['100', 99.5, true],
    ['100', 99.4999, false],
    ['100', 100.4999, true],
    ['100', 100.5, false],
    ['eq100', 100, true],
  ],
  '100.00: "to 5 significant figures precision, … in the range [99.995 ... 100.005)"': [
    ['100.00', 99.995, true],
    ['100.00', 99.9949, false],
    ['100.00', 100.005, false],
  ],
  '1e2: "to 1 significant figures precision, … in the range [95 ... 105)"': [
    ['1e2', 95, true],
    ['1e2', 94.9, false],
    ['1e2', 104.9, true],
    ['1e2', 105, false],
  ],
  'lt100: "Values that are less than exactly 100"': [
    ['lt100', 99.9999, true],
    ['lt100', 100, false],
    ['lt100.00', 99.9999, true],
  ],
  'le100: "Values that are less or equal to exactly 100"': [
    ['le100', 100, true],
    ['le100', 100.0001, false],
  ],
  'gt100: "Values that are greater than exactly 100"': [
    ['gt100', 100.0001, true],
    ['gt100', 100, false],
  ],
  'ge100: "Values that are greater or equal to exactly 100"': [
    ['ge100', 100, true],
    ['ge100', 99.9999, false],
  ],
  'ne100: "Values that are not equal to 100, to 3 significant figures precision"': [
    ['ne100', 100.4, false],
    ['ne100', 100.5, true],
    ['ne100', 99.4, true],
  ],
  'sa and eb "are the same as gt and lt" for single numbers': [
    ['sa100', 100.1, true],
    ['sa100', 100, false],
    ['eb100', 99.9, true],
    ['eb100', 100, false],
  ],
  'ap: "approximately the same … within 10%"': [
    ['ap100', 90, true],
    ['ap100', 110, true],
    ['ap100', 89.9, false],
    ['ap100', 110.1, false],
    ['ap-100', -110, true],
  ],
  'a Range is compared as a range': [
    ['5', { low: { value: 4.5 }, high: { value: 5.4 } }, true],
    ['5', { low: { value: 4.4 }, high: { value: 5.4 } }, false],
    ['gt5', { low: { value: 4 }, high: { value: 6 } }, true],
    ['sa5', { low: { value: 4 }, high: { value: 6 } }, false],
    ['lt5', { low: { value: 4 }, high: { value: 6 } }, true],
    ['gt1000000', { low: { value: 4 } }, true],
    ['lt-1000000', { high: { value: 4 } }, true],
    ['5', { low: { value: 6 }, high: { value: 4 } }, false],
  ],
  'negative numbers, and those that no binary fraction is': [
    ['-5.4', -5.35, false],
    ['-5.4', -5.4499, true],
    ['0.1', 0.1, true],
    ['0.3', 0.1 + 0.2, true],
    ['0', 0, true],
    ['0', -0.5, true],
    ['0', 0.5, false],
  ],
};

describe('the truth of numbers', () => {
  for (const [says, rows] of Object.entries(numbers)) {
    it(says, () => {
      for (const [query, node, expected] of rows) {
        assert.equal(isNumber(query, node), expected, `${query} ${JSON.stringify(node)}`);
      }
    });
  }

  it('refuses what is no number', () => {
    for (const text of ['', 'x', '1.', '.5', '1e', '0x10', 'Infinity', 'zz5', '1,2x', '1e99999']) {
      assert.throws(() => isNumber(text || 'eq', 1), refusal('invalid-search', /a number/), text);
    }
  });

  it('has a next double above every number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const next = nextAbove(number);
        assert.ok(next > number || next === Number.MAX_VALUE);
        assert.ok(!((number + next) / 2 > number && (number + next) / 2 < next));
      }),
      { seed: 20261125 },
    );
  });
});

const mg = { value: 5.4, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' };

const quantities: Readonly<
  Record<string, readonly (readonly [string, object, boolean, string?])[]>
> = {
  'number|system|code: "5.4(+/-0.05) mg where mg is understood as a UCUM unit"': [
    ['5.4|http://unitsofmeasure.org|mg', mg, true],
    ['5.4|http://unitsofmeasure.org|mg', { ...mg, value: 5.35 }, true],
    ['5.4|http://unitsofmeasure.org|mg', { ...mg, value: 5.45 }, false],
    ['5.4|http://unitsofmeasure.org|g', mg, false],
    ['5.4|http://snomed.info/sct|mg', mg, false],
  ],
  '5.40e-3|http://unitsofmeasure.org|g: exponents count too': [
    ['5.40e-3|http://unitsofmeasure.org|g', { ...mg, value: 0.0054, code: 'g' }, true],
  ],
  'number||code: "either the code (code) or the stated human unit (unit)"': [
    ['5.4||mg', mg, true],
    ['5.4||milligram', mg, true],
    ['5.4||kg', mg, false],
  ],
  '5.4: "irrespective of the unit"': [
    ['5.4', mg, true],
    ['5.4', { value: 5.4 }, true],
    ['5.4', { unit: 'mg' }, false],
  ],
  'le5.4|http://unitsofmeasure.org|mg: "less or equal to 5.4 mg exactly"': [
    ['le5.4|http://unitsofmeasure.org|mg', mg, true],
    ['le5.4|http://unitsofmeasure.org|mg', { ...mg, value: 5.41 }, false],
  ],
  'a comparator makes a quantity open to one side': [
    ['lt5', { value: 3, comparator: '<' }, true],
    ['gt3', { value: 3, comparator: '<' }, false],
    ['gt100', { value: 3, comparator: '>=' }, true],
    ['sa3', { value: 3, comparator: '>' }, true],
    ['ge3', { value: 3, comparator: '<=' }, false],
    ['le3', { value: 3, comparator: '<=' }, true],
  ],
  'Money has the currency as its code': [
    ['10||GBP', { value: 10, currency: 'GBP' }, true, 'Money'],
    ['10|urn:iso:std:iso:4217|GBP', { value: 10, currency: 'GBP' }, true, 'Money'],
    ['10||EUR', { value: 10, currency: 'GBP' }, false, 'Money'],
  ],
};

describe('the truth of quantities', () => {
  for (const [says, rows] of Object.entries(quantities)) {
    it(says, () => {
      for (const [query, node, expected, fhirType] of rows) {
        assert.equal(
          isQuantity(query, node, fhirType),
          expected,
          `${query} ${JSON.stringify(node)}`,
        );
      }
    });
  }

  it('refuses what is no quantity', () => {
    for (const text of ['x||mg', '5|mg', '5|a|', '5||', '5|a|b|c']) {
      assert.throws(() => isQuantity(text, mg), refusal('invalid-search', /a quantity/), text);
    }
  });
});
