// What a primitive value may be replaced by, by its FHIR type: mostly what R4 forbids, but also odd
// values that it allows, since a validator can also be wrong by refusing.

import { NUMBER_MARK } from '../../src/lib/json.ts';

/** A number as it is to be written. */
function written(digits: string): string {
  return NUMBER_MARK + digits;
}

const DAY_FORMS = [
  '2021-02-29',
  '2020-02-29',
  '2021-04-31',
  '2021-13-01',
  '2021-1-1',
  '2021-00-10',
];
const DATES = [
  ...DAY_FORMS,
  '2021',
  '2021-02',
  '21',
  '0000-01-01',
  '10000-01-01',
  '9999-12-31',
  '20210203',
  '2021/02/03',
  ' 2021-02-03',
  '2021-02-03 ',
  'today',
  '-2021',
];
const TIMED = [
  '2021-02-03T10:00:00Z',
  '2021-02-03T10:00:00+14:00',
  '2021-02-03T10:00:00+14:30',
  '2021-02-03T10:00:00-00:00',
  '2021-02-03T10:00:00.123456789Z',
  '2021-02-03T10:00:00.Z',
  '2021-02-03T23:59:60Z',
  '2021-02-03T24:00:00Z',
  '2021-02-03T10:60:00Z',
  '2021-02-03T10:00Z',
  '2021-02-03T10:00:00',
  '2021-02-03T10:00:00z',
  '2021-02-03t10:00:00Z',
  '2021-02-03 10:00:00Z',
  '2021-02-30T10:00:00Z',
  '2021-02-03T10:00:00+1:00',
  '2021-02-03T10:00:00+0100',
];
const BLANKS = ['', ' ', '  ', '\t', '\n', '\u00a0', '\u3000'];
const NUMBERS = [-1, 0, 1.5, written('1.0'), written('1e2'), written('-0'), written('1e400')];
const LARGE = [2_147_483_647, 2_147_483_648, -2_147_483_649, written('12345678901234567890')];
const OTHER_KINDS = [true, 7, 'text', '7', 'true', [], {}, { value: 'x' }, ['x'], [7]];
const URIS = [
  'has blank',
  ' http://example.org/a',
  'http://example.org/a ',
  'http://example.org/ä',
  'http://example.org/{a}',
  'http://example.org/a|1.0',
  'http://',
  'relative/path',
  'relative',
  '#local',
  'urn:oid:1.2.840',
  'urn:oid:1.02.840',
  'urn:oid:abc',
  'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324',
  'urn:uuid:0696AC49-3128-87D3-7344-04510AA4F324',
  'urn:uuid:0696ac49',
  'mailto:a@example.org',
  'data:text/plain,x',
];
const LONG_STRING = 'x'.repeat(1024 * 1024 + 1);
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

/** By FHIR type. Blank strings and values of other JSON types fit every one. */
const ownForms: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  integer: [...NUMBERS, ...LARGE],
  unsignedInt: [...NUMBERS, ...LARGE],
  positiveInt: [...NUMBERS, ...LARGE],
  decimal: [
    ...NUMBERS,
    ...LARGE,
    written('1.50'),
    written('1E-5'),
    written('0.000000000000000001'),
  ],
  date: [...DATES, TIMED[0]],
  dateTime: [...DATES, ...TIMED],
  instant: [...TIMED, '2021-02-03', '2021'],
  time: ['10:00:00', '10:00', '24:00:00', '23:59:60', '10:00:00Z', '10:00:00.5', '7:00:00', 'noon'],
  code: ['no-such-code', 'FINAL', 'two words', 'two  blanks', ' lead', 'trail ', 'ta\tb', 'ü'],
  id: ['ok-1.2', 'a_b', 'a/b', 'ä', 'x'.repeat(64), 'x'.repeat(65), 'a b', '#a', 'urn:uuid:1'],
  string: [' lead', 'trail ', 'line\nbreak', 'a\u0001b', 'a\u007fb', '\u{1F489}', LONG_STRING],
  markdown: [' lead', '# head\n\n- item', 'a\u0001b', '<script>x</script>', 'trail\n'],
  uri: URIS,
  url: URIS,
  canonical: URIS,
  oid: URIS,
  uuid: URIS,
  base64Binary: ['AAAA', 'AA==', 'AAA', 'A===', 'AA AA', 'AAAA\nAAAA', '!!!!', 'AA=A', 'AA--'],
  xhtml: [
    `${DIV}plain</div>`,
    `${DIV}</div>`,
    `${DIV}  </div>`,
    '<div>no name space</div>',
    `${DIV}<script>x</script></div>`,
    `${DIV}<p onclick="x()">x</p></div>`,
    `${DIV}<b>open</div>`,
    `${DIV}<img src="a.png"/></div>`,
    `${DIV}<img src="a.png" alt="a"/></div>`,
    `${DIV}<a href="http://example.org">x</a></div>`,
    `${DIV}<a href="javascript:x()">x</a></div>`,
    `${DIV}<iframe src="x"/></div>`,
    `${DIV}<table><tr><td colspan="2">x</td></tr></table></div>`,
    `${DIV}<p style="color: red" class="a" id="b" lang="en">x</p></div>`,
    `${DIV}&nbsp;&amp;&lt;</div>`,
    `${DIV}&bogus;</div>`,
    `${DIV}<!-- note -->x</div>`,
    `${DIV}a & b</div>`,
    '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
    `${DIV}<form action="x"><input type="text"/></form></div>`,
    `${DIV}<h1>x</h1><ul><li>y</li></ul></div>`,
    `${DIV}x</div> `,
    `${DIV}x</div>y`,
    'plain',
  ],
};

/** Values to put where a primitive of the type stands: of its own kind, blank, or no such thing. */
export const spoiltValues = {
  ownForms: (type: string): readonly unknown[] => ownForms[type] ?? ownForms.string ?? [],
  blanks: BLANKS,
  otherKinds: OTHER_KINDS,
};

/** Literal references, good and bad. `Condition` and `Patient` fit few elements both. */
export const references: readonly unknown[] = [
  'Patient/1',
  'Condition/a-b.c',
  'Organization/1',
  'Practitioner/1',
  'Patient/1/_history/2',
  'https://example.org/fhir/Patient/1',
  'https://example.org/fhir/Practitioner/1',
  'Medicine/1',
  'patient/1',
  'Patient',
  'Patient/',
  'Patient/ü',
  'Patient/a b',
  'Patient/1 ',
  '/Patient/1',
  '../Patient/1',
  'Patient?identifier=urn:x|1',
  'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324',
  'urn:oid:1.2.3',
  '#',
  '#nope',
  'nonsense',
  'http://example.org/not-fhir',
  7,
];

/** Elements that may stand beside a primitive value, good and bad. */
export const siblings: readonly unknown[] = [
  { extension: [{ url: 'https://example.org/a', valueString: 'x' }] },
  { id: 'a' },
  { id: 'a', extension: [{ url: 'https://example.org/a', valueCode: 'x' }] },
  { extension: [{ url: 'https://example.org/a' }] },
  { extension: [] },
  { extension: [{ valueString: 'x' }] },
  { extension: { url: 'https://example.org/a', valueString: 'x' } },
  { id: 7 },
  { id: '' },
  { value: 'x' },
  { other: true },
  {},
  [],
  [null],
  [{ id: 'a' }],
  [null, { id: 'a' }],
  'text',
  null,
];

/** Extensions, good and bad. */
export const extensions: readonly unknown[] = [
  { url: 'https://example.org/a', valueString: 'x' },
  { url: 'https://example.org/a', valueDateTime: '2021' },
  { url: 'https://example.org/a', extension: [{ url: 'b', valueBoolean: true }] },
  { url: 'https://example.org/a', valueReference: { reference: 'Patient/1' } },
  { url: 'https://example.org/a', _valueString: { extension: [{ url: 'b:c', valueId: 'x' }] } },
  { url: 'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324', valueInteger: 1 },
  { url: 'https://example.org/a' },
  { url: 'https://example.org/a', id: 'x' },
  { url: 'https://example.org/a', valueString: 'x', valueCode: 'x' },
  {
    url: 'https://example.org/a',
    valueString: 'x',
    extension: [{ url: 'https://example.org/b', valueString: 'y' }],
  },
  { valueString: 'x' },
  { url: '', valueString: 'x' },
  { url: 'relative', valueString: 'x' },
  { url: 'has blank', valueString: 'x' },
  { url: 7, valueString: 'x' },
  { url: 'https://example.org/a', value: 'x' },
  { url: 'https://example.org/a', valueText: 'x' },
  { url: 'https://example.org/a', valueHumanName: { family: 'x' } },
  { url: 'https://example.org/a', valuePatient: {} },
  { url: 'https://example.org/a', valueCode: ' ' },
  { url: 'https://example.org/a', valuePeriod: { start: '2022', end: '2021' } },
  { url: 'https://example.org/a', valueQuantity: {} },
  { url: 'https://example.org/a', valueQuantity: { value: 'x' } },
  { url: 'https://example.org/a', valueString: 'x', other: 1 },
  {},
  null,
  'text',
];

/** Contained resources, good and bad; each with what refers to it, when anything does. */
export const containedResources: readonly unknown[] = [
  { resourceType: 'Organization', id: 'c', name: 'x' },
  { resourceType: 'Organization', name: 'x' },
  { resourceType: 'Organization', id: '#c', name: 'x' },
  { resourceType: 'Organization', id: 'c', name: 'x', meta: { versionId: '1' } },
  { resourceType: 'Organization', id: 'c', name: 'x', meta: { lastUpdated: '2021-02-03' } },
  { resourceType: 'Organization', id: 'c', name: 'x', meta: { security: [{ code: 'R' }] } },
  { resourceType: 'Organization', id: 'c', name: 'x', meta: { tag: [{ code: 'x' }] } },
  {
    resourceType: 'Organization',
    id: 'c',
    name: 'x',
    contained: [{ resourceType: 'Organization', id: 'd', name: 'y' }],
  },
  { resourceType: 'Organization', id: 'c', name: 7 },
  { resourceType: 'Organization', id: 'c' },
  { resourceType: 'Organisation', id: 'c' },
  { resourceType: 'Resource', id: 'c' },
  { id: 'c', name: 'x' },
  { resourceType: 'Patient', id: 'c', managingOrganization: { reference: '#' } },
  { resourceType: 'Bundle', id: 'c', type: 'collection' },
  null,
  'text',
  {},
];
