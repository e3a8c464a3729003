// Truth tables of string, token, uri, reference, composite and position searches
// (http://hl7.org/fhir/R4/search.html), worked out by hand.

import assert from 'node:assert/strict';
import type { IndexEntry } from '../../../../src/search/index-entry.ts';
import { positionEntries, readNear } from '../../../../src/search/types/position.ts';
import { readReferenceClause, referenceEntries } from '../../../../src/search/types/reference.ts';
import { readString, stringEntries } from '../../../../src/search/types/string.ts';
import { readToken, tokenEntries } from '../../../../src/search/types/token.ts';
import { readUri, uriEntries } from '../../../../src/search/types/uri.ts';
import { environment, refusal } from '../small-world.ts';
import { clauseOf, found } from '../types/clauses.ts';

type Row<Node> = readonly [query: string, node: Node, expected: boolean];
type Table<Node> = Readonly<Record<string, readonly Row<Node>[]>>;

/** Defines a test for each sentence. */
function states<Node>(table: Table<Node>, holds: (query: string, node: Node) => boolean): void {
  for (const [says, rows] of Object.entries(table)) {
    it(says, () => {
      for (const [query, node, expected] of rows) {
        assert.equal(holds(query, node), expected, `${query} on ${JSON.stringify(node)}`);
      }
    });
  }
}

/** `p:modifier=value`, the value percent-encoded. */
function encoded(query: string): string {
  const equals = query.indexOf('=');
  return `${query.slice(0, equals)}=${encodeURIComponent(query.slice(equals + 1))}`;
}

describe('the truth of strings', () => {
  const holds = (query: string, node: string) =>
    found(readString(clauseOf('string', encoded(query))), stringEntries('p', node, 'string'));
  states<string>(
    {
      '"if the value of the field equals or starts with the supplied parameter value"': [
        ['p=eve', 'Eve', true],
        ['p=eve', 'Evelyn', true],
        ['p=eve', 'Severine', false],
      ],
      '"after both have been normalized by case and accent": case-insensitive': [
        ['p=KHAN', 'khan', true],
        ['p=straße', 'STRASSE', true],
        ['p=ὀδυσσεύς', 'ΟΔΥΣΣΕΥΣ', true],
      ],
      '"combining characters and accents are ignored"': [
        ['p=jose', 'José', true],
        ['p=jose', 'Jose\u0301', true],
        ['p=Zoë', 'Zoe', true],
        ['p=ngọc', 'Ngoc', true],
        ['p=sorensen', 'Sørensen', true],
      ],
      'punctuation and white space are no difference': [
        ["p=O'Brien", 'O’Brien', true],
        ['p=obrien', "O'Brien", true],
        ['p=van der  berg', 'Van der Berg', true],
      ],
      ':contains "returns results … that include the supplied parameter value anywhere"': [
        ['p:contains=eve', 'Severine', true],
        ['p:contains=EVE', 'Severine', true],
        ['p:contains=evex', 'Severine', false],
      ],
      ':exact "match the entire supplied parameter, including casing and accents"': [
        ['p:exact=Eve', 'Eve', true],
        ['p:exact=Eve', 'eve', false],
        ['p:exact=Eve', 'Evelyn', false],
        ['p:exact=Jose', 'José', false],
      ],
    },
    holds,
  );
});

describe('the truth of tokens', () => {
  const SYSTEM = 'http://acme.org/patient';
  const identifier = { system: SYSTEM, value: '2345' };
  const holds = (query: string, node: object) =>
    found(readToken(clauseOf('token', encoded(query))), tokenEntries('p', node, 'Identifier'));
  states<object>(
    {
      '[code]: "irrespective of the value of the system property"': [
        ['p=2345', identifier, true],
        ['p=2345', { value: '2345' }, true],
        ['p=234', identifier, false],
      ],
      '[system]|[code]: "and the value of [system] matches the system property"': [
        [`p=${SYSTEM}|2345`, identifier, true],
        ['p=http://other.org|2345', identifier, false],
        [`p=${SYSTEM}|2345`, { value: '2345' }, false],
      ],
      '|[code]: "… and the Coding/Identifier has no system property"': [
        ['p=|2345', { value: '2345' }, true],
        ['p=|2345', identifier, false],
      ],
      '[system]|: "any element where the value of [system] matches the system property"': [
        [`p=${SYSTEM}|`, identifier, true],
        ['p=http://other.org|', identifier, false],
      ],
      ':not "reverses the code matching": resources without a value are found too': [
        ['p:not=2345', identifier, false],
        ['p:not=1', identifier, true],
        ['p:not=2345', {}, true],
      ],
      ':text "… matches the text associated with the code/value": Identifier.type.text': [
        ['p:text=hospital', { ...identifier, type: { text: 'The Hospital number' } }, true],
        ['p:text=clinic', { ...identifier, type: { text: 'The Hospital number' } }, false],
      ],
      ':of-type "format is [system]|[code]|[value] … the type and the value must match"': [
        [
          'p:of-type=urn:t|MR|2345',
          { ...identifier, type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
          true,
        ],
        [
          'p:of-type=urn:t|MR|1',
          { ...identifier, type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
          false,
        ],
        [
          'p:of-type=urn:t|NH|2345',
          { ...identifier, type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
          false,
        ],
      ],
      'a bar within a value is escaped': [
        ['p=a\\|b', { value: 'a|b' }, true],
        ['p=a|b', { value: 'a|b' }, false],
      ],
    },
    holds,
  );

  it('the texts and displays of a CodeableConcept are found by :text, its codes are not', () => {
    const concept = {
      coding: [{ system: 'urn:s', code: 'x', display: 'Acute headache' }],
      text: 'a bad head',
    };
    const entries = tokenEntries('p', concept, 'CodeableConcept');
    const asked = (query: string) => found(readToken(clauseOf('token', encoded(query))), entries);
    assert.ok(asked('p:text=headache') && asked('p:text=bad head') && asked('p=urn:s|x'));
    assert.ok(!asked('p:text=urn'));
  });
});

describe('the truth of uris', () => {
  const holds = (query: string, node: string) =>
    found(readUri(clauseOf('uri', encoded(query))), uriEntries('p', node, 'uri'));
  states<string>(
    {
      '"matches are precise, case, accent and escape sensitive, and the entire URI must match"': [
        ['p=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/123', true],
        ['p=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/1234', false],
        ['p=http://acme.org/fhir', 'http://ACME.org/fhir', false],
        ['p=urn:oid:1.2.3', 'urn:oid:1.2.3', true],
      ],
      ':below "return any value sets that have a URL that starts with http://acme.org/fhir/"': [
        ['p:below=http://acme.org/fhir/', 'http://acme.org/fhir/ValueSet/123', true],
        ['p:below=http://acme.org/fhir', 'http://acme.org/fhir', true],
        ['p:below=http://acme.org/fhir', 'http://acme.org/fhirx', false],
      ],
      ':above "return any value sets above the given value set URL"': [
        [
          'p:above=http://acme.org/fhir/ValueSet/123/_history/5',
          'http://acme.org/fhir/ValueSet/123',
          true,
        ],
        ['p:above=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir', true],
        ['p:above=http://acme.org/fhir', 'http://acme.org/fhir/ValueSet/123', false],
        ['p:above=http://acme.org/fhir', 'http://acme', false],
      ],
    },
    holds,
  );
});

describe('the truth of references', () => {
  const { baseUrl } = environment;
  const holds = (query: string, node: object) =>
    found(
      readReferenceClause(clauseOf('reference', encoded(query), ['Patient', 'Group'])),
      referenceEntries('p', node, 'Reference', baseUrl),
    );
  const literal = (reference: string) => ({ reference });
  states<object>(
    {
      '[id] "the logical [id] of a resource using a local reference", of any type it may be': [
        ['p=23', literal('Patient/23'), true],
        ['p=23', literal('Group/23'), true],
        ['p=23', literal('Patient/2'), false],
      ],
      '[type]/[id] "of a resource of a specified type using a local reference"': [
        ['p=Patient/23', literal('Patient/23'), true],
        ['p=Patient/23', literal('Group/23'), false],
      ],
      '[url] "where the [url] is an absolute URL": the server\'s own is the relative one': [
        [`p=${baseUrl}/Patient/23`, literal('Patient/23'), true],
        ['p=Patient/23', literal(`${baseUrl}/Patient/23`), true],
        ['p=http://example.org/fhir/Patient/23', literal('Patient/23'), false],
        [
          'p=http://example.org/fhir/Patient/23',
          literal('http://example.org/fhir/Patient/23'),
          true,
        ],
      ],
      'versioned references are references to the resource': [
        ['p=Patient/23', literal('Patient/23/_history/2'), true],
      ],
      ':[type] "restricts the search to the type"': [
        ['p:Patient=23', literal('Patient/23'), true],
        ['p:Patient=23', literal('Group/23'), false],
      ],
      ':identifier "uses the identifier in Reference.identifier", and no resource it may point at':
        [
          ['p:identifier=urn:s|1', { identifier: { system: 'urn:s', value: '1' } }, true],
          ['p:identifier=urn:s|2', { identifier: { system: 'urn:s', value: '1' } }, false],
          ['p:identifier=1', literal('Patient/1'), false],
        ],
      'contained resources are not found by id': [['p=x', literal('#x'), false]],
    },
    holds,
  );
});

describe('the truth of positions', () => {
  // Lines of latitude are 111.2 km apart; at 60° north those of longitude half as far.
  const holds = (query: string, node: object) =>
    found(
      readNear(clauseOf('special', encoded(query))),
      positionEntries('p', node, 'BackboneElement'),
    );
  states<object>(
    {
      '[latitude]|[longitude]|[distance]|[units]: within that distance': [
        ['p=60|10|112|km', { latitude: 61, longitude: 10 }, true],
        ['p=60|10|111|km', { latitude: 61, longitude: 10 }, false],
        ['p=60|10|56|km', { latitude: 60, longitude: 11 }, true],
        ['p=60|10|55|km', { latitude: 60, longitude: 11 }, false],
        ['p=0|179.9|30|km', { latitude: 0, longitude: -179.9 }, true],
        ['p=90|0|1|km', { latitude: 90, longitude: 123 }, true],
      ],
      '"if the units are omitted, kms should be assumed"': [
        ['p=60|10|112', { latitude: 61, longitude: 10 }, true],
        ['p=60|10|69.2|[mi_us]', { latitude: 61, longitude: 10 }, true],
        ['p=60|10|68|[mi_us]', { latitude: 61, longitude: 10 }, false],
        ['p=60|10|500|m', { latitude: 60.004, longitude: 10 }, true],
      ],
      '"if the distance is omitted … the server should … use its own"': [
        ['p=60|10', { latitude: 60.08, longitude: 10 }, true],
        ['p=60|10', { latitude: 60.1, longitude: 10 }, false],
      ],
    },
    holds,
  );

  it('refuses places that are nowhere', () => {
    for (const text of ['91|0', '0|181', 'x|0', '0', '0|0|-1', '0|0|1|parsec', '0|0|1|km|x']) {
      assert.throws(() => holds(`p=${text}`, {}), refusal('invalid-search', /latitude/), text);
    }
  });
});

describe('the truth of composites', () => {
  it('"the values … are of the same element": two elements do not make one', () => {
    const together = (code: string, low: number): IndexEntry => ({
      kind: 'composite',
      parameter: 'p',
      components: 2,
      values: [
        { kind: 'token', parameter: 'p$1', system: '', code },
        { kind: 'number', parameter: 'p$2', low, high: low + 1 },
      ],
    });
    const entries = [together('systolic', 120), together('diastolic', 80)];
    const asked = (code: string, from: number) =>
      found(
        {
          kind: 'composite',
          parameter: 'p',
          of: [
            { kind: 'token', parameter: 'p$1', anyOf: [{ code }] },
            { kind: 'number', parameter: 'p$2', anyOf: [{ lowFrom: from }] },
          ],
        },
        entries,
      );
    assert.ok(asked('systolic', 110) && asked('diastolic', 70));
    assert.ok(!asked('diastolic', 110));
  });
});
