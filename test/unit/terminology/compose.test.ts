// ValueSet.compose: includes, excludes, filters and imports, on made-up code systems.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codeSystem, codesIn, SCT, terminologyOf, urlOf, valueSet } from './small-terminology.ts';

const system = urlOf('CodeSystem', 'animals');

const animals = codeSystem(
  'animals',
  [
    {
      code: 'animal',
      display: 'Animal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'mammal',
          display: 'Mammal',
          concept: [
            { code: 'cat', display: 'Cat', property: [{ code: 'legs', valueInteger: 4 }] },
            { code: 'whale', display: 'Whale', property: [{ code: 'legs', valueInteger: 0 }] },
          ],
        },
        {
          code: 'bird',
          display: 'Bird',
          concept: [
            {
              code: 'dodo',
              display: 'Dodo',
              property: [
                { code: 'legs', valueInteger: 2 },
                { code: 'inactive', valueBoolean: true },
              ],
            },
          ],
        },
      ],
    },
    {
      code: 'platypus',
      display: 'Platypus',
      property: [
        { code: 'parent', valueCode: 'mammal' },
        { code: 'subsumedBy', valueCode: 'bird' },
        { code: 'note', valueString: 'lays eggs' },
      ],
    },
  ],
  { property: [{ code: 'legs' }, { code: 'note' }, { code: 'parent' }, { code: 'subsumedBy' }] },
);

const ALL = ['animal', 'mammal', 'cat', 'whale', 'bird', 'dodo', 'platypus'];

/** The codes of a set with this one include of the animals. */
function included(include: Record<string, unknown>, elements = {}): readonly string[] {
  const set = valueSet('set', [{ system, ...include }], elements);
  return codesIn(terminologyOf(animals, set), 'set');
}

function filtered(property: string, op: string, value: string): readonly string[] {
  return included({ filter: [{ property, op, value }] });
}

describe('ValueSet.compose', () => {
  it('takes a whole system', () => {
    assert.deepEqual(included({}), ALL);
  });

  it('takes listed concepts in their order, with the displays of the set', () => {
    const concept = [{ code: 'dodo', display: 'Dead as a dodo' }, { code: 'cat' }];
    const terminology = terminologyOf(animals, valueSet('set', [{ system, concept }]));
    const members = terminology.expand(urlOf('ValueSet', 'set'), {})?.members ?? [];
    assert.deepEqual(
      members.map(({ code, display }) => [code, display]),
      [
        ['dodo', 'Dead as a dodo'],
        ['cat', 'Cat'],
      ],
    );
  });

  const operators: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['concept', 'is-a', 'mammal', ['mammal', 'cat', 'whale', 'platypus']],
    ['concept', 'descendent-of', 'mammal', ['cat', 'whale', 'platypus']],
    ['concept', 'is-not-a', 'mammal', ['animal', 'bird', 'dodo']],
    ['concept', 'generalizes', 'cat', ['animal', 'mammal', 'cat']],
    ['concept', 'generalizes', 'platypus', ['animal', 'mammal', 'bird', 'platypus']],
    ['concept', '=', 'cat', ['cat']],
    ['concept', 'in', 'cat, dodo', ['cat', 'dodo']],
    ['code', 'regex', '[a-c].*', ['animal', 'cat', 'bird']],
    ['display', 'regex', 'Cat|Dodo', ['cat', 'dodo']],
    ['legs', '=', '4', ['cat']],
    ['legs', 'in', '0,2', ['whale', 'dodo']],
    ['legs', 'not-in', '0,2', ['animal', 'mammal', 'cat', 'bird', 'platypus']],
    ['legs', 'exists', 'true', ['cat', 'whale', 'dodo']],
    ['legs', 'exists', 'false', ['animal', 'mammal', 'bird', 'platypus']],
    ['note', 'regex', 'lays.*', ['platypus']],
    ['parent', '=', 'bird', ['dodo', 'platypus']],
    ['child', '=', 'cat', ['mammal']],
    ['inactive', '=', 'true', ['dodo']],
    ['inactive', '=', 'false', ALL.filter((code) => code !== 'dodo')],
  ];
  for (const [property, op, value, expected] of operators) {
    it(`filters by ${property} ${op} ${value}`, () => {
      assert.deepEqual([...filtered(property, op, value)].sort(), [...expected].sort());
    });
  }

  it('keeps what passes every filter', () => {
    const filter = [
      { property: 'concept', op: 'is-a', value: 'mammal' },
      { property: 'legs', op: 'exists', value: 'true' },
    ];
    assert.deepEqual(included({ filter }), ['cat', 'whale']);
  });

  it('takes away what is excluded', () => {
    const exclude = [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'bird' }] }];
    assert.deepEqual(included({}, { exclude }), ['animal', 'mammal', 'cat', 'whale']);
  });

  it('leaves out inactive codes where it says so', () => {
    assert.deepEqual(
      included({}, { inactive: false }),
      ALL.filter((code) => code !== 'dodo'),
    );
    assert.deepEqual(included({}, { inactive: true }), ALL);
  });

  it('unites includes and intersects the value sets within one', () => {
    const isA = (value: string) => ({ filter: [{ property: 'concept', op: 'is-a', value }] });
    const terminology = terminologyOf(
      animals,
      valueSet('mammals', [{ system, ...isA('mammal') }]),
      valueSet('birds', [{ system, ...isA('bird') }]),
      valueSet('both', [{ valueSet: [urlOf('ValueSet', 'mammals'), urlOf('ValueSet', 'birds')] }]),
      valueSet('either', [
        { valueSet: [urlOf('ValueSet', 'mammals')] },
        { valueSet: [urlOf('ValueSet', 'birds')] },
      ]),
      valueSet('legged', [
        {
          system,
          filter: [{ property: 'legs', op: 'in', value: '2,4' }],
          valueSet: [urlOf('ValueSet', 'birds')],
        },
      ]),
    );
    assert.deepEqual(codesIn(terminology, 'both'), ['platypus']);
    assert.deepEqual(codesIn(terminology, 'either'), [
      ...['mammal', 'cat', 'whale', 'platypus'],
      ...['bird', 'dodo'],
    ]);
    assert.deepEqual(codesIn(terminology, 'legged'), ['dodo']);
  });

  it("reads imports from R4's value sets", () => {
    const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1';
    const terminology = terminologyOf(valueSet('set', [{ valueSet: [gender] }]));
    assert.deepEqual(codesIn(terminology, 'set'), ['male', 'female', 'other', 'unknown']);
  });

  it('takes the members of an expansion where there is no compose', () => {
    const expansion = {
      contains: [
        { system, code: 'mammal', abstract: true, contains: [{ system, code: 'cat' }] },
        { system, code: 'dodo' },
      ],
    };
    const { compose: _none, ...set } = valueSet('set', []);
    const terminology = terminologyOf(animals, { ...set, expansion });
    assert.deepEqual(codesIn(terminology, 'set'), ['cat', 'dodo']);
    assert.equal(terminology.contains(urlOf('ValueSet', 'set'), system, 'mammal'), 'no');
  });

  it('chooses the newest version of a value set, or the one that is asked for', () => {
    const versions = ['2.0.0', '10.0.0', '9.0.0'].map((version) => ({
      ...valueSet(`set-${version}`, [{ system, concept: [{ code: 'cat' }] }]),
      url: urlOf('ValueSet', 'set'),
      version,
      title: version,
    }));
    const terminology = terminologyOf(animals, ...versions);
    const url = urlOf('ValueSet', 'set');
    assert.equal(terminology.valueSet(url)?.version, '10.0.0');
    assert.equal(terminology.valueSet(`${url}|2.0.0`)?.version, '2.0.0');
    assert.equal(terminology.contains(`${url}|3.0.0`, system, 'cat'), 'unknown');
  });
});

describe('What is not held', () => {
  const other = 'https://elsewhere.example/codes';

  it('is unknown for codes of a system taken whole, and no for others', () => {
    const terminology = terminologyOf(valueSet('set', [{ system: other }]));
    const set = urlOf('ValueSet', 'set');
    assert.equal(terminology.contains(set, other, 'x'), 'unknown');
    assert.equal(terminology.contains(set, 'https://third.example', 'x'), 'no');
    assert.equal(terminology.contains(set, undefined, 'x'), 'unknown');
    assert.deepEqual(terminology.gaps(set), [{ kind: 'absent', canonical: other }]);
  });

  it('is known where the set lists codes one by one', () => {
    const terminology = terminologyOf(
      valueSet('set', [{ system: other, concept: [{ code: 'x' }] }]),
    );
    const set = urlOf('ValueSet', 'set');
    assert.equal(terminology.contains(set, other, 'x'), 'yes');
    assert.equal(terminology.contains(set, other, 'y'), 'no');
    assert.deepEqual(terminology.gaps(set), []);
  });

  it('stays unknown inside an exclude', () => {
    const concept = [{ code: 'x' }];
    const terminology = terminologyOf(
      valueSet('set', [{ system: other, concept }], {
        exclude: [{ system: other, filter: [{ property: 'a', op: '=', value: 'b' }] }],
      }),
    );
    const set = urlOf('ValueSet', 'set');
    assert.equal(terminology.contains(set, other, 'x'), 'unknown');
    assert.equal(terminology.contains(set, other, 'y'), 'no');
    assert.deepEqual(codesIn(terminology, 'set'), []);
  });

  it('is unknown for a code beyond the part of a system that is held', () => {
    const part = codeSystem('part', [{ code: 'x', display: 'X' }], { content: 'fragment' });
    const terminology = terminologyOf(part, valueSet('set', [{ system: part.url as string }]));
    const set = urlOf('ValueSet', 'set');
    const url = urlOf('CodeSystem', 'part');
    assert.equal(terminology.contains(set, url, 'x'), 'yes');
    assert.equal(terminology.contains(set, url, 'y'), 'unknown');
    assert.equal(terminology.lookup(url, 'y').kind, 'unknown');
    assert.deepEqual(terminology.expand(set, {})?.gaps, [{ kind: 'partial', canonical: url }]);
  });

  it('proves nothing by what a part of a system does not say', () => {
    const concepts = [{ code: 'top', concept: [{ code: 'below' }] }, { code: 'aside' }];
    const part = codeSystem('part', concepts, { content: 'fragment' });
    const by = (op: string) => [
      { system: part.url, filter: [{ property: 'concept', op, value: 'top' }] },
    ];
    const terminology = terminologyOf(
      part,
      valueSet('is', by('is-a')),
      valueSet('is-not', by('is-not-a')),
    );
    const url = urlOf('CodeSystem', 'part');
    const answers = (set: string) =>
      ['below', 'aside'].map((code) => terminology.contains(urlOf('ValueSet', set), url, code));
    assert.deepEqual(answers('is'), ['yes', 'unknown']);
    assert.deepEqual(answers('is-not'), ['unknown', 'unknown']);
    assert.equal(terminology.subsumes(url, 'top', 'below'), 'subsumes');
    assert.equal(terminology.subsumes(url, 'top', 'aside'), 'unknown');
  });

  it("follows a publisher's expansion where a filter is not understood", () => {
    const filter = [{ property: 'constraint', op: '=', value: '<< 1' }];
    const set = {
      ...valueSet('set', [{ system: SCT, filter }]),
      expansion: { contains: [{ system: SCT, code: '281399006', display: 'Did not attend' }] },
    };
    const part = codeSystem('part', [{ code: '1' }], { url: SCT, content: 'fragment' });
    const terminology = terminologyOf(part, set);
    const url = urlOf('ValueSet', 'set');
    assert.equal(terminology.contains(url, SCT, '281399006'), 'yes');
    assert.equal(terminology.contains(url, SCT, '1'), 'unknown');
    assert.deepEqual(codesIn(terminology, 'set'), ['281399006']);
  });

  it('joins the parts of one system that several files bring', () => {
    const first = codeSystem('first', [{ code: '1', display: 'One' }], {
      url: SCT,
      content: 'fragment',
    });
    const second = codeSystem('second', [{ code: '1', display: 'Uno' }, { code: '2' }], {
      url: SCT,
      content: 'fragment',
    });
    const table = terminologyOf(first, second).codeTable(SCT);
    assert.equal(table?.size, 2);
    assert.deepEqual(table?.get('1')?.designations, [{ value: 'Uno' }]);
  });
});

describe('Expansions', () => {
  const terminology = terminologyOf(animals, valueSet('set', [{ system }]));
  const url = urlOf('ValueSet', 'set');

  it('come in pages that add up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), (count) => {
        const pages: string[] = [];
        for (let offset = 0; offset < ALL.length; offset += count) {
          const page = terminology.expand(url, { offset, count });
          assert.equal(page?.total, ALL.length);
          pages.push(...(page?.members ?? []).map(({ code }) => code));
        }
        assert.deepEqual(pages, ALL);
      }),
    );
  });

  it('can be filtered by the beginnings of words, whatever their case', () => {
    const found = (filter: string) =>
      terminology.expand(url, { filter })?.members.map(({ code }) => code);
    assert.deepEqual(found('PLAT'), ['platypus']);
    assert.deepEqual(found('a'), ['animal']);
    assert.deepEqual(found('cat dog'), []);
  });

  it('mark what only groups and what is inactive', () => {
    const members = terminology.expand(url, {})?.members ?? [];
    const marked = (mark: 'isAbstract' | 'isInactive') =>
      members.filter((member) => member[mark]).map(({ code }) => code);
    assert.deepEqual(marked('isAbstract'), ['animal']);
    assert.deepEqual(marked('isInactive'), ['dodo']);
    assert.equal(terminology.expand(url, { activeOnly: true })?.total, ALL.length - 1);
  });

  it('list exactly what is contained, whatever the set is made of', () => {
    const filter = fc.constantFrom(
      { property: 'concept', op: 'is-a', value: 'mammal' },
      { property: 'concept', op: 'descendent-of', value: 'animal' },
      { property: 'legs', op: 'exists', value: 'true' },
      { property: 'code', op: 'regex', value: '.*a.*' },
    );
    const part = fc.oneof(
      fc.record({ system: fc.constant(system) }),
      fc.record({
        system: fc.constant(system),
        filter: fc.array(filter, { minLength: 1, maxLength: 2 }),
      }),
      fc.record({
        system: fc.constant(system),
        concept: fc
          .uniqueArray(fc.constantFrom(...ALL), { minLength: 1 })
          .map((codes) => codes.map((code) => ({ code }))),
      }),
    );
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    const property = fc.property(parts, fc.array(part, { maxLength: 2 }), (include, exclude) => {
      const made = terminologyOf(animals, valueSet('set', include, { exclude }));
      const listed = codesIn(made, 'set');
      const contained = ALL.filter((code) => made.contains(url, system, code) === 'yes');
      assert.deepEqual([...listed].sort(), [...contained].sort());
    });
    fc.assert(property, { numRuns: 40 });
  });
});
