// What a caller may not see is as if absent, wherever a search leads.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Caller, localOperator } from '../../../src/search/caller.ts';
import type { Expression, SearchQuery } from '../../../src/search/expression.ts';
import type { IndexedResource } from '../../../src/search/index-entry.ts';
import { matches } from '../../../src/search/match.ts';
import { restrict, restrictExpression } from '../../../src/search/restrict.ts';
import { expression, resources, worldOf, worldType } from './small-world.ts';

const everything: Expression = { kind: 'everything' };

function callerWho(maySee: Readonly<Record<string, Expression>>): Caller {
  return { id: 'tester', maySee: (type) => maySee[type] ?? { kind: 'nothing' } };
}

describe('restrict', () => {
  it('gives the same query back to whoever may see everything', () => {
    const scene = worldType.chain((type) => fc.tuple(fc.constant(type), expression(type, 2)));
    fc.assert(
      fc.property(scene, ([type, where]) => {
        const query: SearchQuery = { type, where, sort: [] };
        assert.equal(restrict(query, localOperator), query);
      }),
      { numRuns: 200 },
    );
  });

  it('restricts the top, and keeps type and sort', () => {
    const visible: Expression = { kind: 'id', ids: ['1'] };
    const query: SearchQuery = {
      type: 'Patient',
      where: { kind: 'missing', parameter: 'gender' },
      sort: [{ parameter: 'family', descending: true }],
    };
    assert.deepEqual(restrict(query, callerWho({ Patient: visible })), {
      ...query,
      where: { kind: 'and', of: [visible, query.where] },
    });
  });

  it('leaves nothing of a type that is hidden, and no needless node', () => {
    const where: Expression = { kind: 'missing', parameter: 'gender' };
    const nobody = callerWho({});
    assert.deepEqual(restrictExpression('Patient', where, nobody), { kind: 'nothing' });
    assert.deepEqual(restrictExpression('Patient', everything, nobody), { kind: 'nothing' });
    const visible: Expression = { kind: 'id', ids: ['1'] };
    const some = callerWho({ Patient: visible });
    assert.equal(restrictExpression('Patient', everything, some), visible);
  });

  it('restricts chains and _has beneath not', () => {
    const visible: Expression = { kind: 'id', ids: ['1'] };
    const where: Expression = {
      kind: 'not',
      of: { kind: 'has', type: 'Immunization', parameter: 'patient', where: everything },
    };
    const caller = callerWho({ Patient: everything, Immunization: visible });
    assert.deepEqual(restrictExpression('Patient', where, caller), {
      kind: 'not',
      of: { kind: 'has', type: 'Immunization', parameter: 'patient', where: visible },
    });
  });

  it('answers as if the hidden resources were not there', () => {
    // What may be seen is judged on the whole world, hidden resources included.
    const rule = (type: 'Patient' | 'Immunization' | 'Organization') => expression(type, 1);
    const rules = fc.record({
      Patient: rule('Patient'),
      Immunization: rule('Immunization'),
      Organization: rule('Organization'),
    });
    const scene = worldType.chain((type) =>
      fc.tuple(fc.constant(type), resources, expression(type, 3), rules),
    );
    let restricted = 0;
    fc.assert(
      fc.property(scene, ([type, all, where, maySee]) => {
        const caller = callerWho(maySee);
        const whole = worldOf(all);
        const visible = worldOf(
          all.filter((each) => matches(caller.maySee(each.type), each, whole)),
        );
        const ids = (found: Iterable<IndexedResource>) => [...found].map((each) => each.id);
        const expected = [...visible.all(type)].filter((each) => matches(where, each, visible));
        const asked = restrictExpression(type, where, caller);
        const answered = [...whole.all(type)].filter((each) => matches(asked, each, whole));
        assert.deepEqual(ids(answered), ids(expected));
        const unrestricted = [...whole.all(type)].filter((each) => matches(where, each, whole));
        if (unrestricted.length !== answered.length) restricted += 1;
      }),
      { numRuns: 1_000 },
    );
    assert.ok(restricted > 100, `the rules hid something in ${restricted} of 1000 worlds`);
  });
});
