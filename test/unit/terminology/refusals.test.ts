// Terminology that cannot be relied on stops the start, naming file and element.

import assert from 'node:assert/strict';
import { loadTerminology } from '../../../src/terminology/terminology.ts';
import {
  codeSystem,
  type Made,
  terminologyOf,
  terminologyOfFiles,
  urlOf,
  valueSet,
} from './small-terminology.ts';

const system = urlOf('CodeSystem', 'codes');
const codes = codeSystem('codes', [{ code: 'a', concept: [{ code: 'b' }] }]);

type Row = readonly [what: string, message: RegExp, ...resources: readonly Made[]];

const rows: readonly Row[] = [
  [
    'an import that is not held',
    /ValueSet-set\.json: ValueSet\.compose\.include\[1\]\.valueSet\[0\] names .*nowhere.*not held/,
    codes,
    valueSet('set', [{ system }, { valueSet: [urlOf('ValueSet', 'nowhere')] }]),
  ],
  [
    'an import in a version that is not held',
    /ValueSet-set\.json: ValueSet\.compose\.include\[0\]\.valueSet\[0\] names .*\|5\.0\.0/,
    valueSet('set', [{ valueSet: ['http://hl7.org/fhir/ValueSet/event-status|5.0.0'] }]),
  ],
  [
    'a value set that imports itself',
    /ValueSet-set\.json: ValueSet\.compose\.exclude\[0\]\.valueSet\[0\] .* leads back to/,
    codes,
    valueSet('set', [{ system }], { exclude: [{ valueSet: [urlOf('ValueSet', 'set')] }] }),
  ],
  [
    'value sets that import one another',
    /ValueSet-one\.json: ValueSet\.compose\.include\[0\]\.valueSet\[0\] .* leads back to/,
    valueSet('one', [{ valueSet: [urlOf('ValueSet', 'two')] }]),
    valueSet('two', [{ valueSet: [urlOf('ValueSet', 'one')] }]),
  ],
  [
    'a code that its system does not have',
    /ValueSet-set\.json: ValueSet\.compose\.include\[0\]\.concept\[1\]\.code names 'z'/,
    codes,
    valueSet('set', [{ system, concept: [{ code: 'a' }, { code: 'z' }] }]),
  ],
  [
    'a filter on a code that its system does not have',
    /compose\.include\[0\]\.filter\[0\] names the code 'z'/,
    codes,
    valueSet('set', [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'z' }] }]),
  ],
  [
    'a filter on a property that its system does not have',
    /compose\.include\[0\]\.filter\[0\] names the property 'colour'/,
    codes,
    valueSet('set', [{ system, filter: [{ property: 'colour', op: '=', value: 'z' }] }]),
  ],
  [
    'a filter with an operator that R4 does not know',
    /compose\.include\[0\]\.filter\[0\] has the operator 'like'/,
    codes,
    valueSet('set', [{ system, filter: [{ property: 'code', op: 'like', value: 'z' }] }]),
  ],
  [
    'a filter with a broken regular expression',
    /compose\.include\[0\]\.filter\[0\] has '\(', which is no regular expression/,
    codes,
    valueSet('set', [{ system, filter: [{ property: 'code', op: 'regex', value: '(' }] }]),
  ],
  [
    'a code twice in one system',
    /CodeSystem-codes\.json: CodeSystem\.concept\[1\]\.concept\[0\]\.code repeats the code 'a'/,
    codeSystem('codes', [{ code: 'a' }, { code: 'b', concept: [{ code: 'a' }] }]),
  ],
  [
    'a parent that is not there',
    /CodeSystem\.concept\[0\]\.property\[0\] names the code 'z', which is not there/,
    codeSystem('codes', [{ code: 'a', property: [{ code: 'parent', valueCode: 'z' }] }]),
  ],
  [
    'a code above itself',
    /CodeSystem\.concept\[0\] puts the code 'a' above itself/,
    codeSystem('codes', [
      { code: 'a', property: [{ code: 'parent', valueCode: 'b' }], concept: [{ code: 'b' }] },
    ]),
  ],
  [
    'a value set of all codes that is not held',
    /CodeSystem-codes\.json: CodeSystem\.valueSet names .*nowhere/,
    codeSystem('codes', [], { valueSet: urlOf('ValueSet', 'nowhere') }),
  ],
  [
    'a system without url',
    /CodeSystem-codes\.json: CodeSystem\.url is missing/,
    codeSystem('codes', [], { url: undefined }),
  ],
  [
    'a system with content of an unknown kind',
    /CodeSystem-codes\.json: CodeSystem\.content is 'all', not one of/,
    codeSystem('codes', [], { content: 'all' }),
  ],
  [
    'an element of the wrong type',
    /CodeSystem-codes\.json: CodeSystem\.concept\[0\]\.code must be a string/,
    codeSystem('codes', [{ code: 5 }]),
  ],
  [
    'an object where a list belongs',
    /CodeSystem-codes\.json: CodeSystem\.concept must be a list/,
    { ...codeSystem('codes', []), concept: {} },
  ],
  [
    'a value set that says nothing',
    /ValueSet-set\.json: ValueSet\.compose is missing/,
    { ...valueSet('set', []), compose: undefined },
  ],
  [
    'codes without a system',
    /ValueSet-set\.json: ValueSet\.compose has a set of codes without a system/,
    valueSet('set', [{ concept: [{ code: 'a' }] }]),
  ],
  [
    'one url for two systems',
    /CodeSystem-two\.json: CodeSystem\.url '.*' is claimed by .*CodeSystem-one\.json too/,
    codeSystem('one', []),
    codeSystem('two', [], { url: urlOf('CodeSystem', 'one') }),
  ],
  [
    'an identifier system with two names',
    /NamingSystem-two\.json: NamingSystem\.uniqueId\[0\] is claimed by .*NamingSystem-one\.json/,
    namingSystem('one'),
    namingSystem('two'),
  ],
];

function namingSystem(id: string): Made {
  const uniqueId = [{ type: 'uri', value: 'https://test.example/Id/number' }];
  return { resourceType: 'NamingSystem', id, name: id, status: 'active', uniqueId };
}

describe('Terminology files', () => {
  for (const [what, message, ...resources] of rows) {
    it(`are refused for ${what}`, () => {
      assert.throws(() => terminologyOf(...resources), { message });
    });
  }

  it('are refused when they are not JSON', () => {
    assert.throws(() => terminologyOfFiles({ 'broken.json': '{"resourceType":' }), {
      message: /broken\.json is not well-formed JSON/,
    });
  });

  it('are refused when their folder is not there', () => {
    assert.throws(() => loadTerminology({ folders: ['/no/such/folder'] }), {
      message: /^\/no\/such\/folder cannot be read/,
    });
  });

  it('are read from folders within, and what is no terminology is passed over and told', () => {
    const terminology = terminologyOfFiles({
      'deep/er/codes.json': codes,
      'profile.json': { resourceType: 'StructureDefinition', id: 'x' },
      'list.json': ['x'],
      'notes.txt': 'x',
    });
    assert.deepEqual(
      terminology.resources().map(({ id }) => id),
      ['codes'],
    );
    assert.deepEqual(
      terminology.passedOver.map((file) => file.replace(/.*\//, '')),
      ['list.json', 'notes.txt', 'profile.json'],
    );
  });
});
