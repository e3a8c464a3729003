// token parameters: the four forms of a value against every type that is indexed as one.

import assert from 'node:assert/strict';
import { readToken, tokenEntries } from '../../../../src/search/types/token.ts';
import { refusal } from '../small-world.ts';
import { clauseOf, found } from './clauses.ts';

const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

describe('token parameters', () => {
  describe('find', () => {
    const coding = ['Coding', { system: 's', code: 'A', display: 'Alpha' }] as const;
    const bare = ['Coding', { code: 'A' }] as const;
    const concept = [
      'CodeableConcept',
      {
        coding: [
          { system: 's', code: 'A' },
          { system: 't', code: 'B' },
        ],
        text: 'AB',
      },
    ] as const;
    const identifier = ['Identifier', { system: NHS_NUMBER, value: '9000000009' }] as const;
    const email = ['ContactPoint', { system: 'email', value: 'Ann@Example.org' }] as const;
    const rows = [
      [coding, 'A', true],
      [coding, 'a', false],
      [coding, 'Alpha', false],
      [coding, 's|A', true],
      [coding, 'S|A', false],
      [coding, 't|A', false],
      [coding, '|A', false],
      [coding, 's|', true],
      [coding, 't|', false],
      [coding, 'B,A', true],
      [coding, 'B,C', false],
      [bare, 'A', true],
      [bare, 'a', true],
      [bare, '|A', true],
      [bare, '|a', true],
      [bare, 's|A', false],
      [concept, 'B', true],
      [concept, 't|B', true],
      // system and code must be those of one coding
      [concept, 's|B', false],
      [concept, 'AB', false],
      [identifier, `${NHS_NUMBER}|9000000009`, true],
      [identifier, '9000000009', true],
      [identifier, '900000000', false],
      [email, 'ann@example.org', true],
      // the system of a contact point is not a namespace
      [email, 'email|Ann@Example.org', false],
      [['code', 'completed'], 'completed', true],
      [['code', 'en-GB'], 'en-gb', true],
      [['string', 'Lot 7'], 'lot 7', true],
      [['boolean', true], 'true', true],
      [['boolean', false], 'false', true],
      [['boolean', false], 'true', false],
      [['uri', 'urn:x'], 'urn:x', true],
      [['string', 'a|b,c'], 'a%5C|b%5C,c', true],
    ] as const;
    for (const [[fhirType, node], value, expected] of rows) {
      it(`${value} ${expected ? 'finds' : 'does not find'} ${JSON.stringify(node)}`, () => {
        const entries = tokenEntries('p', node, fhirType);
        assert.ok(entries.length > 0);
        assert.equal(found(readToken(clauseOf('token', `p=${value}`)), entries), expected);
      });
    }
  });

  it('finds by :not what has none of the values, or no value at all', () => {
    const expression = readToken(clauseOf('token', 'p:not=a,b'));
    const [a, b, c] = ['a', 'b', 'c'].map((code) => tokenEntries('p', code, 'code'));
    assert.ok(a && b && c);
    assert.deepEqual(
      [a, b, c, [], [...a, ...c]].map((entries) => found(expression, entries)),
      [false, false, true, true, false],
    );
  });

  it('looks once for a code without upper case, so that long lists stay short', () => {
    const expression = readToken(clauseOf('token', 'p=840534001,x'));
    assert.deepEqual(expression, {
      kind: 'token',
      parameter: 'p',
      anyOf: [{ code: '840534001' }, { code: 'x' }],
    });
  });

  it('refuses values that are no token, naming the parameter and what would be right', () => {
    for (const value of ['|', 'a|b|c', '||']) {
      assert.throws(
        () => readToken(clauseOf('token', `p=${value}`)),
        refusal('invalid-search', /"p"/, /system\|code/),
      );
    }
  });

  it('refuses modifiers it does not know, naming those it does', () => {
    for (const modifier of ['exact', 'contains', 'identifier', 'Patient']) {
      assert.throws(
        () => readToken(clauseOf('token', `p:${modifier}=a`)),
        refusal('unsupported-search', new RegExp(`:${modifier}`), /:not, :text, :in/),
      );
    }
  });

  describe('have no entry', () => {
    const rows = [
      ['CodeableConcept', { coding: 'x' }],
      ['CodeableConcept', { coding: [null, 1] }],
      ['Identifier', { value: 1 }],
      ['Quantity', { system: 's', code: 'x' }],
      ['Coding', null],
      ['Coding', 'x'],
      ['code', null],
      ['code', ''],
    ] as const;
    for (const [fhirType, node] of rows) {
      it(`of ${fhirType} ${JSON.stringify(node)}`, () => {
        assert.deepEqual(tokenEntries('p', node, fhirType), []);
      });
    }
  });

  it('are indexed by system alone where the code is missing', () => {
    assert.deepEqual(tokenEntries('p', { system: 's' }, 'Coding'), [
      { kind: 'token', parameter: 'p', system: 's', code: '' },
    ]);
  });
});
