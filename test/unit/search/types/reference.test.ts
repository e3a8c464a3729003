// reference parameters: every way to write a target finds every way to write a reference.

import assert from 'node:assert/strict';
import { readReferenceClause, referenceEntries } from '../../../../src/search/types/reference.ts';
import { environment, refusal } from '../small-world.ts';
import { clauseOf, found } from './clauses.ts';

const { baseUrl } = environment;
const targets = ['Patient', 'Group'];

function read(query: string) {
  return readReferenceClause(clauseOf('reference', query, targets));
}

describe('reference parameters', () => {
  describe('find', () => {
    const rows = [
      ['p=1', true],
      ['p=Patient/1', true],
      [`p=${baseUrl}/Patient/1`, true],
      ['p:Patient=1', true],
      ['p:Patient=Patient/1', true],
      ['p=2,1', true],
      ['p=2', false],
      ['p=Group/1', false],
      ['p:Group=1', false],
      ['p=http://example.org/Patient/1', false],
    ] as const;
    const references = ['Patient/1', `${baseUrl}/Patient/1`, 'Patient/1/_history/3'];
    for (const [query, expected] of rows) {
      it(`${query} ${expected ? 'finds' : 'does not find'} Patient/1, however written`, () => {
        for (const reference of references) {
          const entries = referenceEntries('p', { reference }, 'Reference', baseUrl);
          assert.equal(found(read(query), entries), expected, reference);
        }
      });
    }

    it('other servers’ resources, and urns, by their absolute url', () => {
      for (const url of ['http://example.org/fhir/Patient/1', 'urn:uuid:c757873d-ec9a-4326-a141']) {
        const entries = referenceEntries('p', { reference: url }, 'Reference', baseUrl);
        assert.ok(found(read(`p=${url}`), entries));
        assert.ok(!found(read('p=1'), entries));
      }
    });

    it('canonicals by their url without version', () => {
      for (const node of [
        'http://example.org/PlanDefinition/flu|2026',
        'http://example.org/PlanDefinition/flu',
      ]) {
        const entries = referenceEntries('p', node, 'canonical', baseUrl);
        assert.ok(found(read('p=http://example.org/PlanDefinition/flu'), entries));
      }
    });
  });

  it('expand an id to every type they may point at', () => {
    assert.deepEqual(read('p=1,Group/2'), {
      kind: 'reference',
      parameter: 'p',
      anyOf: ['Patient/1', 'Group/1', 'Group/2'],
    });
  });

  describe('have no entry', () => {
    const rows = [
      [{ reference: '#contained' }, 'Reference'],
      [{ reference: 'Patient?identifier=1' }, 'Reference'],
      [{ reference: 'nonsense' }, 'Reference'],
      [{ type: 'Patient', identifier: { system: 'urn:s' } }, 'Reference'],
      [{ reference: 1 }, 'Reference'],
      [null, 'Reference'],
      [[], 'Reference'],
      ['|1.0', 'canonical'],
    ] as const;
    for (const [node, fhirType] of rows) {
      it(`of ${JSON.stringify(node)}`, () => {
        assert.deepEqual(referenceEntries('p', node, fhirType, baseUrl), []);
      });
    }
  });

  it('refuse what is no reference, naming the parameter and what would be right', () => {
    for (const query of ['p=Patient/', 'p=a b', 'p=/1', 'p=%231', 'p=Patient?name=x']) {
      assert.throws(() => read(query), refusal('invalid-search', /"p"/, /Type\/id/), query);
    }
    assert.throws(
      () => readReferenceClause(clauseOf('reference', 'p=1')),
      refusal('invalid-search', /Type\/id/),
    );
  });

  it('refuse a value that contradicts the type of the modifier', () => {
    for (const query of ['p:Patient=Group/1', 'p:Patient=http://example.org/Patient/1']) {
      assert.throws(() => read(query), refusal('invalid-search', /"p:Patient"/), query);
    }
  });

  it('refuse versions, which are not indexed', () => {
    for (const query of ['p=Patient/1/_history/2', 'p=http://example.org/a|1']) {
      assert.throws(() => read(query), refusal('unsupported-search', /version/), query);
    }
  });

  it('find a logical reference by its identifier, and by nothing else', () => {
    const node = { type: 'Patient', identifier: { system: 'urn:s', value: 'A1' } };
    const entries = referenceEntries('p', node, 'Reference', baseUrl);
    assert.ok(found(read('p:identifier=urn:s|A1'), entries));
    assert.ok(found(read('p:identifier=A1'), entries));
    assert.ok(!found(read('p:identifier=urn:s|a1'), entries));
    assert.ok(!found(read('p:Patient=A1'), entries));
  });

  it('refuse modifiers that are no type they point at', () => {
    assert.throws(
      () => read('p:Organization=1'),
      refusal('unsupported-search', /:Organization/, /:Patient, :Group/),
    );
    assert.throws(
      () => read('p:below=Patient/1'),
      refusal('unsupported-search', /part of another/),
    );
  });
});
