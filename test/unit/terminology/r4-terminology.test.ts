// R4's own code systems and value sets as the service answers from them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TableEntry } from '../../../src/definitions/generate-terminology.ts';
import { loadTerminology } from '../../../src/terminology/terminology.ts';

const terminology = loadTerminology({ folders: [] });
const HL7 = 'http://hl7.org/fhir/ValueSet';
const TERMS = 'http://terminology.hl7.org/CodeSystem';

const builtDir = new URL('../../../build/definitions/', import.meta.url);
const readBuilt = (file: string) => JSON.parse(readFileSync(new URL(file, builtDir), 'utf8'));

/** Every value set of R4's. */
const valueSetUrls = (readBuilt('terminology/index.json') as readonly TableEntry[])
  .filter(({ type }) => type === 'ValueSet')
  .map(({ url }) => url);

const membersOf = (url: string) =>
  (terminology.expand(url, {})?.members ?? []).map(({ system, code }) => `${system}|${code}`);

describe("R4's terminology", () => {
  it('lists administrative-gender in the order of the definition, with displays', () => {
    const members = terminology.expand(`${HL7}/administrative-gender`, {})?.members ?? [];
    assert.deepEqual(
      members.map(({ code, display }) => [code, display]),
      [
        ['male', 'Male'],
        ['female', 'Female'],
        ['other', 'Other'],
        ['unknown', 'Unknown'],
      ],
    );
  });

  it('knows event-status by canonical, with R4 as the version', () => {
    assert.equal(terminology.contains(`${HL7}/event-status|4.0.1`, undefined, 'not-done'), 'yes');
    assert.equal(terminology.contains(`${HL7}/event-status`, undefined, 'planned'), 'no');
    assert.equal(
      terminology.contains(`${HL7}/event-status|5.0.0`, undefined, 'not-done'),
      'unknown',
    );
  });

  it('minds the system of a Coding, and that there is one', () => {
    const gender = `${HL7}/administrative-gender`;
    const system = 'http://hl7.org/fhir/administrative-gender';
    assert.equal(terminology.contains(gender, system, 'male'), 'yes');
    assert.equal(terminology.contains(gender, 'http://loinc.org', 'male'), 'no');
    assert.equal(terminology.contains(gender, '', 'male'), 'no');
  });

  it('has no definition of another release', () => {
    // R5's; the package has it among R4's.
    assert.equal(terminology.valueSet(`${HL7}/detectedissue-status`), undefined);
    assert.equal(terminology.codeTable('http://hl7.org/fhir/detectedissue-status'), undefined);
  });

  it('agrees with the structural validator on every required value set', () => {
    const expected = readBuilt('schemas/value-sets.json') as Record<string, readonly string[]>;
    const held = Object.keys(expected).filter((url) => terminology.valueSet(url) !== undefined);
    assert.ok(held.length > 200, String(held.length));
    for (const url of held) {
      assert.deepEqual(terminology.gaps(url), [], url);
      assert.deepEqual(new Set(membersOf(url)), new Set(expected[url]), url);
    }
    const others = Object.keys(expected).filter((url) => !held.includes(url));
    const otherReleases = [`${HL7}/detectedissue-status`];
    assert.deepEqual(
      others.filter((url) => !otherReleases.includes(url)),
      [],
    );
  });

  it('lists nothing that is not a member', () => {
    for (const url of valueSetUrls) {
      for (const { system, code } of terminology.expand(url, {})?.members ?? []) {
        assert.equal(terminology.contains(url, system, code), 'yes', `${url} ${code}`);
        assert.notEqual(terminology.contains(url, undefined, code), 'no', `${url} ${code}`);
      }
    }
  });

  it('says no to what it can judge in full, and unknown to what it cannot', () => {
    const nowhere = 'https://nowhere.example/codes';
    for (const url of valueSetUrls) {
      const gaps = terminology.gaps(url) ?? [];
      if (gaps.length === 0) assert.equal(terminology.contains(url, nowhere, 'x'), 'no', url);
      for (const { kind, canonical } of gaps) {
        if (kind !== 'absent' || terminology.valueSet(canonical) !== undefined) continue;
        const system = canonical.replace(/\|.*/, '');
        assert.notEqual(terminology.contains(url, system, 'no-such-code'), 'yes', url);
      }
    }
    assert.equal(terminology.contains(`${HL7}/mimetypes`, undefined, 'text/plain'), 'unknown');
    const conditions = `${HL7}/condition-code`;
    assert.equal(terminology.contains(conditions, 'http://snomed.info/sct', '44054006'), 'unknown');
    assert.equal(terminology.contains(conditions, 'http://loinc.org', '8867-4'), 'no');
    assert.equal(terminology.contains(`${HL7}/no-such-set`, undefined, 'x'), 'unknown');
  });

  it('takes a code system whose codes are not published here as unknown, not as empty', () => {
    assert.equal(terminology.contains(`${HL7}/message-events`, undefined, 'x'), 'unknown');
    assert.equal(terminology.lookup('http://snomed.info/sct', '44054006').kind, 'unknown');
  });

  it('follows the hierarchy of HL7 Version 3', () => {
    const roles = `${TERMS}/v3-RoleCode`;
    assert.equal(terminology.subsumes(roles, 'FAMMEMB', 'MTH'), 'subsumes');
    assert.equal(terminology.subsumes(roles, 'MTH', 'FAMMEMB'), 'subsumed-by');
    assert.equal(terminology.subsumes(roles, 'MTH', 'MTH'), 'equivalent');
    assert.equal(terminology.subsumes(roles, 'MTH', 'FTH'), 'not-subsumed');
    assert.ok(terminology.descendants(roles, 'PRN')?.includes('STPMTH'));
    assert.equal(terminology.descendants(roles, 'no-such-code'), undefined);
  });

  it('accepts codes in any case where the system does not say that case matters', () => {
    const reactions = `${TERMS}/v2-0127`;
    const found = terminology.lookup(reactions, 'da');
    assert.equal(found.kind === 'found' && found.entry.code, 'DA');
    const gender = 'http://hl7.org/fhir/administrative-gender';
    assert.equal(terminology.lookup(gender, 'MALE').kind, 'absent');
  });
});
