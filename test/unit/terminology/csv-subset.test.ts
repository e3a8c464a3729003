// Subsets of code systems as CSV.

import assert from 'node:assert/strict';
import { loadTerminology } from '../../../src/terminology/terminology.ts';
import { shippedJudge } from '../../support/our-judge.ts';
import { codesDir, needsCodes, SCT, terminologyOfFiles } from './small-terminology.ts';

const OURS = 'https://openims.example/fhir';

describe('A CSV subset', () => {
  it('of SNOMED CT becomes a part of the system and a value set named after the file', () => {
    const csv = 'snomed,display\r\n281399006,Did not attend\r\n1,"A ""b"", c"\r\n';
    const terminology = terminologyOfFiles({ 'why_not.csv': csv });
    const url = `${OURS}/ValueSet/why-not`;
    assert.deepEqual(
      terminology
        .expand(url, {})
        ?.members.map(({ system, code, display }) => [system, code, display]),
      [
        [SCT, '281399006', 'Did not attend'],
        [SCT, '1', 'A "b", c'],
      ],
    );
    assert.equal(terminology.contains(url, SCT, '2'), 'no');
    assert.equal(terminology.lookup(SCT, '2').kind, 'unknown');
  });

  it('of our own codes is complete', () => {
    const terminology = terminologyOfFiles({ 'kinds.csv': '\uFEFFcode,display\nA,Apple\nB,\n' });
    const system = `${OURS}/CodeSystem/kinds`;
    assert.equal(terminology.lookup(system, 'A').kind, 'found');
    assert.equal(terminology.lookup(system, 'C').kind, 'absent');
  });

  it('may say what is above a code', () => {
    const csv =
      'ods_role,display,parent\nRO1,Provider,\nRO76,GP practice,RO1\nRO177,Prescriber,RO1 RO76';
    const terminology = terminologyOfFiles({ 'roles.csv': csv });
    const [codes] = terminology.resources();
    const system = String(codes?.url);
    assert.match(system, /ODSAPI-OrganizationRole-1$/);
    assert.equal(terminology.subsumes(system, 'RO1', 'RO177'), 'subsumes');
    assert.deepEqual(terminology.descendants(system, 'RO1'), ['RO76', 'RO177']);
  });

  it('becomes valid FHIR', () => {
    const files = {
      'a_b.csv': 'snomed,display,parent\n1,One,\n2,Two,1',
      'c.csv': 'code,display\nA,',
    };
    const judge = shippedJudge();
    for (const resource of terminologyOfFiles(files).resources()) {
      const issues = judge.validate({ value: resource }, resource.resourceType);
      const faults = issues.filter(({ diagnostics }) => !/dom-6/.test(diagnostics));
      assert.deepEqual(faults, [], resource.url as string);
    }
  });

  it('of medicines is of dm+d', () => {
    const terminology = terminologyOfFiles({
      'vaccines.csv': 'dmd,display\n39114911000001105,Vaxzevria',
    });
    const found = terminology.lookup('https://dmd.nhs.uk', '39114911000001105');
    assert.equal(found.kind === 'found' && found.entry.display, 'Vaxzevria');
  });

  it('with other columns is passed over', () => {
    const { passedOver } = terminologyOfFiles({ 'groups.csv': 'group,definition\n01,x' });
    assert.equal(passedOver.length, 1);
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['a missing field', 'code,display\nA,Apple\nB', /c\.csv: line 3 has 1 fields/],
    ['a missing code', 'code,display\n,Apple', /c\.csv: line 2 has no code/],
    ['a code twice', 'code,display\nA,Apple\nA,Pear', /c\.csv: the code 'A' stands there twice/],
    ['a stray quote', 'code,display\nA,"Apple" pie', /c\.csv: line 2 has a quote/],
    ['an open quote', 'code,display\nA,"Apple', /c\.csv: line 2 has a quote/],
  ];
  for (const [what, csv, message] of broken) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => terminologyOfFiles({ 'c.csv': csv }), { message });
    });
  }

  it('is read in the form in which publishers give it', function () {
    needsCodes(this);
    const terminology = loadTerminology({ folders: [codesDir] });
    const reasons = `${OURS}/ValueSet/ukcore-reason-not-given`;
    assert.equal(terminology.expand(reasons, {})?.total, 159);
    assert.equal(terminology.contains(reasons, SCT, '1324721000000108'), 'yes');
    const matching = (terminology.expand(reasons, {})?.members ?? []).filter(
      ({ display = '' }) => /\binflu/i.test(display) && /\bdeclin/i.test(display),
    );
    const filtered = terminology.expand(reasons, { filter: 'influ DECLIN' })?.members;
    assert.ok(matching.length > 10);
    assert.deepEqual(filtered, matching);
    const [first] = terminology.expand(reasons, { filter: 'did not attend' })?.members ?? [];
    assert.equal(first?.code, '281399006');
    const ethnic = terminology.expand(`${OURS}/ValueSet/ethnic-category-england`, {});
    assert.equal(ethnic?.total, 18);
  });
});
