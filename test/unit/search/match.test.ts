// The matcher: every kind of node on worked examples, and laws that hold on generated ones.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Expression, SortKey } from '../../../src/search/expression.ts';
import type { IndexEntry, IndexedResource } from '../../../src/search/index-entry.ts';
import { compareBySort, matches, type SortableResource } from '../../../src/search/match.ts';
import { expression, resources, worldOf, worldType } from './small-world.ts';

function resource(type: string, id: string, ...entries: IndexEntry[]): IndexedResource {
  return { type, id, lastUpdatedMs: 100, entries };
}

function token(system: string, code: string): IndexEntry {
  return { kind: 'token', parameter: 'code', system, code };
}

function text(exact: string): IndexEntry {
  return { kind: 'string', parameter: 'name', value: exact.toLowerCase(), exact };
}

function range(low: number, high: number): IndexEntry {
  return { kind: 'date', parameter: 'date', low, high };
}

function reference(parameter: string, target: string): IndexEntry {
  return { kind: 'reference', parameter, target };
}

const ann = resource('Patient', 'ann', token('s', 'a'), text('Ann'), range(10, 20));
const bob = resource('Patient', 'bob', reference('organization', 'Organization/x'));
const dose = resource('Immunization', 'd1', token('s', '140'), reference('patient', 'Patient/ann'));
const stray = resource(
  'Immunization',
  'd2',
  token('s', '140'),
  reference('patient', 'http://example.org/Patient/bob'),
);
const world = worldOf([ann, bob, dose, stray, resource('Account', 'ann')]);

describe('matches', () => {
  const everything: Expression = { kind: 'everything' };
  const given140: Expression = { kind: 'token', parameter: 'code', anyOf: [{ code: '140' }] };
  const rows: readonly (readonly [string, Expression, IndexedResource, boolean])[] = [
    ['everything', everything, bob, true],
    ['nothing', { kind: 'nothing' }, bob, false],
    ['an empty and', { kind: 'and', of: [] }, bob, true],
    ['an empty or', { kind: 'or', of: [] }, bob, false],
    ['missing where there is a value', { kind: 'missing', parameter: 'code' }, ann, false],
    ['missing where there is none', { kind: 'missing', parameter: 'code' }, bob, true],
    ['one of the ids', { kind: 'id', ids: ['x', 'ann'] }, ann, true],
    ['ids in another case', { kind: 'id', ids: ['Ann'] }, ann, false],
    ['lastUpdated as [t, t + 1)', updated({ lowFrom: 100, highTo: 101 }), ann, true],
    ['lastUpdated above it', updated({ lowFrom: 101 }), ann, false],
    ['a date by bounds that all hold', dated({ lowFrom: 10, highTo: 20 }), ann, true],
    ['a date by bounds of which one fails', dated({ lowFrom: 10, highTo: 19 }), ann, false],
    ['a date by bounds without any', dated({}), ann, true],
    ['no date by bounds without any', dated({}), bob, false],
    ['an exact bound: low < lowBelow', dated({ lowBelow: 10 }), ann, false],
    ['an exact bound: high > highAbove', dated({ highAbove: 20 }), ann, false],
    ['a value under another parameter', { ...given140, parameter: 'status' }, dose, false],
    ['a string as a token', { kind: 'token', parameter: 'name', anyOf: [{}] }, ann, false],
    [
      'a reference',
      { kind: 'reference', parameter: 'patient', anyOf: ['Patient/ann'] },
      dose,
      true,
    ],
    ['a chain to a match', chain({ kind: 'id', ids: ['ann'] }), dose, true],
    ['a chain to no match', chain({ kind: 'id', ids: ['bob'] }), dose, false],
    ['a chain to another server', chain(everything), stray, false],
    ['a chain to what is absent', chainTo('organization', 'Organization'), bob, false],
    ['a chain to another type', chainTo('patient', 'Account'), dose, false],
    ['has a match that points here', has(given140), ann, true],
    ['has no match that points here', has({ kind: 'nothing' }), ann, false],
    ['has what points at another server', has(everything), bob, false],
    ['has what points at another type', has(everything), resource('Group', 'ann'), false],
  ];
  for (const [what, node, candidate, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(matches(node, candidate, world), expected));
  }

  function updated(bounds: object): Expression {
    return { kind: 'lastUpdated', anyOf: [bounds] };
  }
  function dated(bounds: object): Expression {
    return { kind: 'date', parameter: 'date', anyOf: [bounds] };
  }
  function chainTo(parameter: string, type: string): Expression {
    return { kind: 'chain', parameter, type, where: everything };
  }
  function chain(where: Expression): Expression {
    return { kind: 'chain', parameter: 'patient', type: 'Patient', where };
  }
  function has(where: Expression): Expression {
    return { kind: 'has', type: 'Immunization', parameter: 'patient', where };
  }

  /** For every candidate of generated worlds and expressions on its type. */
  function always(law: (node: Expression, judge: (node: Expression) => boolean) => void): void {
    const scene = worldType.chain((type) =>
      fc.tuple(fc.constant(type), resources, expression(type, 2)),
    );
    fc.assert(
      fc.property(scene, ([type, all, node]) => {
        const generated = worldOf(all);
        for (const candidate of generated.all(type)) {
          law(node, (each) => matches(each, candidate, generated));
        }
      }),
      { numRuns: 300 },
    );
  }

  it('judges `not` as the full complement', () => {
    always((node, judge) => {
      assert.equal(judge({ kind: 'not', of: node }), !judge(node));
    });
  });

  it('judges alternatives as any of them', () => {
    always((node, judge) => {
      if (!('anyOf' in node)) return;
      const single = node.anyOf.map((value) => ({ ...node, anyOf: [value] }) as Expression);
      assert.equal(judge(node), judge({ kind: 'or', of: single }));
    });
  });

  it('needs a value for every value node: missing excludes it', () => {
    always((node, judge) => {
      if (!('parameter' in node) || node.kind === 'has' || node.kind === 'missing') return;
      const missing: Expression = { kind: 'missing', parameter: node.parameter };
      assert.equal(judge({ kind: 'and', of: [node, missing] }), false);
    });
  });
});

describe('compareBySort', () => {
  function ordered(sort: readonly SortKey[], ...candidates: SortableResource[]): string {
    return candidates
      .toSorted(compareBySort(sort))
      .map((each) => each.id)
      .join(' ');
  }
  function sortable(
    id: string,
    number: number,
    sequence: number,
    ...entries: IndexEntry[]
  ): SortableResource {
    return { ...resource('Patient', id, ...entries), number, sequence };
  }
  const up = (parameter: string): SortKey => ({ parameter, descending: false });
  const down = (parameter: string): SortKey => ({ parameter, descending: true });

  const a = sortable('a', 3, 30, text('Bo'), token('t', 'x'), range(5, 9));
  const b = sortable('b', 1, 40, text('Al'), text('Zed'), token('s', 'x'), range(1, 99));
  const c = sortable('c', 2, 20, text('Cy'), token('', 'w'), range(5, 6), range(7, 8));
  const none = sortable('none', 0, 10);
  const all = [a, b, c, none];

  it('without keys is by number', () => {
    assert.equal(ordered([], ...all), 'none b c a');
  });

  it('ascending is by the least value, descending by the greatest, without any last', () => {
    assert.equal(ordered([up('name')], ...all), 'b a c none');
    assert.equal(ordered([down('name')], ...all), 'b c a none');
    assert.equal(ordered([up('date')], ...all), 'b c a none');
    assert.equal(ordered([down('date')], ...all), 'c a b none');
  });

  it('orders tokens by code, then system', () => {
    assert.equal(ordered([up('code')], ...all), 'c b a none');
    assert.equal(ordered([down('code')], ...all), 'a b c none');
  });

  it('orders _id by code units and _lastUpdated by sequence', () => {
    assert.equal(ordered([down('_id')], ...all), 'none c b a');
    assert.equal(ordered([up('_id')], sortable('b', 1, 1), sortable('B', 2, 2)), 'B b');
    assert.equal(ordered([up('_lastUpdated')], ...all), 'none c a b');
    assert.equal(ordered([down('_lastUpdated')], ...all), 'b a c none');
  });

  it('breaks ties by the next key, and by number ascending whatever the direction', () => {
    const twin = sortable('twin', 9, 1, range(5, 6));
    assert.equal(ordered([up('date'), down('_id')], a, c, twin), 'twin c a');
    assert.equal(ordered([down('date')], a, twin), 'a twin');
  });

  it('is a total order whatever the keys', () => {
    const candidate = fc.constantFrom(...all);
    const key = fc.record({
      parameter: fc.constantFrom('name', 'code', 'date', '_id', '_lastUpdated', 'absent'),
      descending: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(key), candidate, candidate, candidate, (sort, x, y, z) => {
        const compare = compareBySort(sort);
        assert.equal(Math.sign(compare(x, y)), -Math.sign(compare(y, x)) + 0);
        if (compare(x, y) <= 0 && compare(y, z) <= 0) assert.ok(compare(x, z) <= 0);
      }),
    );
  });
});
