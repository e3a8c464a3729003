// What the text of a reference points at.

import assert from 'node:assert/strict';
import { type ReferenceTarget, readReference } from '../../../src/fhir/reference.ts';

const BASE = 'http://127.0.0.1:8080/fhir/R4';

describe('readReference', () => {
  const patient: ReferenceTarget = { kind: 'local', type: 'Patient', id: 'a-1.B' };
  const rows: readonly (readonly [string, ReferenceTarget])[] = [
    ['Patient/a-1.B', patient],
    [`${BASE}/Patient/a-1.B`, patient],
    ['Patient/a-1.B/_history/3', { ...patient, versionId: '3' }],
    [`${BASE}/Patient/a-1.B/_history/3`, { ...patient, versionId: '3' }],
    ['#p1', { kind: 'contained', id: 'p1' }],
    ['#', { kind: 'contained', id: '' }],
    [
      'Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009',
      {
        kind: 'conditional',
        type: 'Patient',
        query: 'identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009',
      },
    ],
    [
      'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
      absolute('urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'),
    ],
    ['http://example.org/fhir/Patient/1', absolute('http://example.org/fhir/Patient/1')],
    // the base address must end at a slash
    [
      'http://127.0.0.1:8080/fhir/R4B/Patient/1',
      absolute('http://127.0.0.1:8080/fhir/R4B/Patient/1'),
    ],
    [`${BASE}/metadata`, absolute(`${BASE}/metadata`)],
    ['', { kind: 'unreadable' }],
    ['Patient', { kind: 'unreadable' }],
    ['Patient/', { kind: 'unreadable' }],
    ['patient/1', { kind: 'unreadable' }],
    ['/Patient/1', { kind: 'unreadable' }],
    ['Patient/1/name', { kind: 'unreadable' }],
    [`Patient/${'x'.repeat(65)}`, { kind: 'unreadable' }],
    ['Patient/a b', { kind: 'unreadable' }],
    ['Patient/1\n', { kind: 'unreadable' }],
    ['http://example.org/a b', { kind: 'unreadable' }],
  ];
  for (const [text, expected] of rows) {
    it(`reads ${JSON.stringify(text).slice(0, 60)} as ${expected.kind}`, () => {
      assert.deepEqual(readReference(text, BASE), expected);
    });
  }
});

function absolute(url: string): ReferenceTarget {
  return { kind: 'absolute', url };
}
