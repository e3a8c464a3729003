// The operators of NHS England's rule model: its publisher's own examples, and what holds of any
// value.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

import {
  type AttributeValue,
  holds,
  operators,
  readTest,
} from '../../../src/immunisation/campaign-operators.ts';
import { addDays } from '../../../src/immunisation/days.ts';
import { needsRealMaterial } from '../../support/real-material.ts';

const seed = 20_261_125;
const today = '2025-04-25';

/** One of ../shared/cases/rules/eligibility-operators.json. */
interface OperatorCase {
  readonly personValue: AttributeValue;
  readonly operator: string;
  readonly comparator: string | null;
  readonly expected: boolean;
}

function publishedCases(): readonly OperatorCase[] {
  const shared = join(import.meta.dirname, '../../../../shared');
  const file = join(shared, 'cases/rules/eligibility-operators.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: OperatorCase[] }).cases;
}

/** What a test of an operator makes of a value. */
function judge(operator: string, comparator: string, value: AttributeValue, on = today): boolean {
  const test = readTest(operator, comparator);
  assert.ok(typeof test !== 'string', `${operator} ${comparator}: ${test}`);
  return holds(test, value, on);
}

const compact = (day: string) => day.replaceAll('-', '');

describe('the operators of the rule model', () => {
  it('judge each published example as published', function () {
    needsRealMaterial(this, 'cases');
    const cases = publishedCases();
    assert.equal(cases.length, 183);
    const wrong = cases.filter(({ operator, comparator, personValue, expected }) => {
      return judge(operator, comparator ?? '', personValue) !== expected;
    });
    assert.deepEqual(wrong, []);
  });

  it('are 35, and the examples have each of them', function () {
    needsRealMaterial(this, 'cases');
    assert.equal(operators.length, 35);
    const met = new Set(publishedCases().map(({ operator }) => operator));
    assert.deepEqual(
      operators.filter((operator) => !met.has(operator)),
      [],
    );
  });
});

describe('readTest', () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['between', '1', /two whole numbers/],
    ['between', '1,2,3', /two whole numbers/],
    ['not_between', 'a,b', /two whole numbers/],
    ['D<=', '', /no whole number of days/],
    ['W>', '1.5', /no whole number of weeks/],
    ['Y>=', '-75 years', /no whole number of years/],
    ['Y>=', '99999999999999999999', /no whole number of years/],
    ['=', 'Y[[NVL:', /neither/],
    ['=', 'Y[[DEFAULT:N]]', /neither/],
    ['Y<', '-57[[OFFSET:20250230]]', /neither/],
    ['=', '1[[OFFSET:20250721]]', /only operators of dates/],
    ['in', 'a[[OFFSET:20250721]]', /only operators of dates/],
  ];
  for (const [operator, comparator, message] of wrong) {
    it(`refuses ${operator} ${comparator}`, () => {
      const test = readTest(operator, comparator);
      assert.ok(typeof test === 'string');
      assert.match(test, message);
    });
  }

  it('reads or refuses any comparator, and never fails', () => {
    const comparator = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{1,4}(,-?\d{1,4})?(\[\[(NVL|OFFSET):\d{0,9}\]\])?$/),
    );
    const value = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.string(),
      fc.stringMatching(/^\d{8}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom(...operators), comparator, value, (operator, text, found) => {
        const test = readTest(operator, text);
        if (typeof test !== 'string') assert.equal(typeof holds(test, found, today), 'boolean');
      }),
      { seed },
    );
  });
});

describe('holds', () => {
  const whole = fc.integer({ min: -1_000_000, max: 1_000_000 });

  it('compares whole numbers as numbers, however long', () => {
    assert.ok(judge('>', '9', '10'));
    assert.ok(judge('=', '42', '042'));
    assert.ok(judge('<', '9007199254740993', '9007199254740992'));
    fc.assert(
      fc.property(whole, whole, (value, comparator) => {
        const found = (operator: string) => judge(operator, String(comparator), String(value));
        assert.equal(found('<'), value < comparator);
        assert.equal(found('<='), value <= comparator);
        assert.equal(found('='), value === comparator);
        assert.equal(found('!='), value !== comparator);
        assert.equal(found('>='), value >= comparator);
        assert.equal(found('>'), value > comparator);
      }),
      { seed },
    );
  });

  it('compares everything else as texts', () => {
    assert.ok(judge('<', '10', '9a') === false);
    assert.ok(judge('>', '10', '9a'));
    assert.ok(judge('=', 'LS1', 'LS1'));
  });

  it('is one of the two for every value, by operators that deny one another', () => {
    const value = fc.oneof(fc.constant(null), fc.string());
    const part = fc.stringMatching(/^[A-Z0-9,]{1,6}$/);
    const pairs = [
      ['in', 'not_in'],
      ['MemberOf', 'NotMemberOf'],
      ['starts_with', 'not_starts_with'],
      ['contains', 'not_contains'],
      ['is_null', 'is_not_null'],
      ['is_empty', 'is_not_empty'],
      ['=', '!='],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...pairs), part, value, ([one, other], text, found) => {
        assert.notEqual(judge(one, text, found), judge(other, text, found));
      }),
      { seed },
    );
  });

  it('finds nothing in what is empty, and takes false for empty', () => {
    assert.equal(judge('contains', '', ''), false);
    assert.equal(judge('contains', '', 'x'), true);
    assert.equal(judge('is_empty', '', false), true);
    assert.equal(judge('is_null', '', false), false);
    assert.equal(judge('is_not_empty', '', true), true);
  });

  it('takes a default for null alone', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,4}$/), (text) => {
        assert.equal(judge('=', `X[[NVL:${text}]]`, null), judge('=', 'X', text));
        assert.equal(judge('=', `X[[NVL:${text}]]`, ''), false);
      }),
      { seed },
    );
  });

  it('counts days and weeks from today, or from a day that is named', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: -9_000, max: 9_000 }), (shift, moved) => {
        const value = compact(addDays(today, shift % 20_000));
        assert.equal(judge('D<', String(moved), value), shift % 20_000 < moved);
        const later = compact(addDays('2026-11-25', 7 * moved));
        assert.ok(judge('W<=', `${moved}[[OFFSET:20261125]]`, later));
        assert.ok(!judge('W<', `${moved}[[OFFSET:20261125]]`, later));
      }),
      { seed },
    );
  });

  it('counts years by the calendar; a year from 29 February ends on the 28th', () => {
    assert.ok(judge('Y<=', '-65', '19611125', '2026-11-25'));
    assert.ok(!judge('Y<=', '-65', '19611126', '2026-11-25'));
    assert.ok(judge('Y<=', '1', '20250228', '2024-02-29'));
    assert.ok(judge('Y>', '1', '20250301', '2024-02-29'));
    assert.ok(judge('Y<=', '4', '20280229', '2024-02-29'));
    assert.ok(judge('Y<', '99999', '20280229'));
    assert.ok(judge('Y>', '-99999', '20280229'));
  });

  it('is true of no date that cannot be read', () => {
    for (const value of [null, '', 'soon', '2025-04-25', '20250230', '202504']) {
      for (const operator of ['D<=', 'D>', 'W>=', 'Y<']) {
        assert.equal(judge(operator, '0', value), false, `${operator} ${value}`);
      }
    }
  });

  it('is true of no number that cannot be read, inside or outside of a range', () => {
    for (const value of ['x', '1.5', '']) {
      assert.equal(judge('between', '1,3', value), false);
      assert.equal(judge('not_between', '1,3', value), false);
    }
  });
});
