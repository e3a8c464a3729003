// The code systems, value sets and naming systems of profiles/: valid FHIR, the codes that their
// publishers have, and every code that the synthetic nation uses.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nation } from '../../../src/population/nation.ts';
import { propertyTexts } from '../../../src/terminology/code-table.ts';
import { loadTerminology } from '../../../src/terminology/terminology.ts';
import { shippedJudge } from '../../support/our-judge.ts';
import { codesDir, needsCodes, SCT } from './small-terminology.ts';

const folder = join(import.meta.dirname, '../../../profiles');
const terminology = loadTerminology({ folders: [folder] });
const OURS = 'https://openims.example/fhir';
const UK_CORE = 'https://fhir.hl7.org.uk';
const areas = `${OURS}/CodeSystem/area`;

/** The first two columns of a CSV file of the publishers. */
function published(file: string): readonly (readonly [string, string])[] {
  const rows = loadTerminology({ folders: [codesDir] }).expand(`${OURS}/ValueSet/${file}`, {});
  return (rows?.members ?? []).map(({ code, display = '' }) => [code, display]);
}

function held(valueSet: string, system?: string): readonly (readonly [string, string])[] {
  const members = terminology.expand(valueSet, {})?.members ?? [];
  return members
    .filter((member) => system === undefined || member.system === system)
    .map(({ code, display = '' }) => [code, display]);
}

describe('The shipped terminology', () => {
  it('is valid FHIR with unique ids, each file named for its id', () => {
    const judge = shippedJudge();
    for (const resource of terminology.resources()) {
      const issues = judge
        .validate({ value: resource }, resource.resourceType)
        .filter(({ severity }) => severity !== 'warning');
      assert.deepEqual(issues, [], `${resource.resourceType}/${resource.id}`);
    }
  });

  it('is full but for what the geography feed and SNOMED CT bring', () => {
    for (const resource of terminology.resources()) {
      if (resource.resourceType !== 'ValueSet') continue;
      const gaps = (terminology.gaps(resource.url) ?? []).map(({ canonical }) => canonical);
      assert.deepEqual(
        gaps.filter((canonical) => canonical !== areas),
        [],
        resource.url,
      );
      assert.ok((terminology.expand(resource.url, {})?.total ?? 0) > 0, resource.url);
    }
  });

  const tables: readonly (readonly [file: string, valueSet: string, system?: string])[] = [
    [
      'nhs-number-verification-status',
      'UKCore-NHSNumberVerificationStatus',
      'UKCore-NHSNumberVerificationStatusEngland',
    ],
    ['ethnic-category-england', 'UKCore-EthnicCategory', 'UKCore-EthnicCategoryEngland'],
    ['death-notification-status', 'UKCore-DeathNotificationStatus'],
    ['preferred-contact-method', 'UKCore-PreferredContactMethod'],
    ['ukcore-reason-not-given', 'UKCore-ReasonImmunizationNotAdministered'],
    ['ukcore-explanation-reason', 'UKCore-ImmunizationExplanationReason'],
  ];
  for (const [file, valueSet, system] of tables) {
    it(`has the published codes of ${valueSet}`, function () {
      needsCodes(this);
      const url = system === undefined ? undefined : `${UK_CORE}/CodeSystem/${system}`;
      assert.deepEqual(held(`${UK_CORE}/ValueSet/${valueSet}`, url), published(file));
    });
  }

  it('has the published vaccine types with their target diseases', function () {
    needsCodes(this);
    const [, ...lines] = readFileSync(join(codesDir, 'vaccine_types.csv'), 'utf8')
      .trim()
      .split('\n');
    const table = terminology.codeTable(`${OURS}/CodeSystem/vaccine-type`);
    assert.equal(table?.size, lines.length);
    for (const line of lines) {
      const [type = '', diseases] = line.split(',');
      const entry = table?.get(type);
      assert.ok(entry !== undefined, type);
      const held = propertyTexts(entry, 'targetDisease');
      assert.deepEqual(held, diseases?.split(' '), type);
      for (const code of held) {
        const valueSet = `${OURS}/ValueSet/target-disease`;
        assert.equal(terminology.contains(valueSet, SCT, code), 'yes', code);
      }
    }
  });

  it('finds higher areas by subsumption', () => {
    const below = (above: string, code: string) => terminology.subsumes(areas, above, code);
    const [london, camden, leeds] = ['E40000003', 'E09000007', 'E08000035'];
    assert.equal(below(london, camden), 'subsumes');
    assert.equal(below('E92000001', camden), 'subsumes');
    assert.equal(below(london, leeds), 'unknown');
    // North Central London; then its sub-ICB location.
    assert.equal(below('E54000028', camden), 'subsumes');
    assert.equal(below('E40000003', 'E01000001'), 'unknown');
    const levels = [...(terminology.codeTable(areas)?.codes() ?? [])].map(
      (entry) => propertyTexts(entry, 'level')[0] ?? '',
    );
    const counts = Object.groupBy(levels, (level) => level);
    assert.deepEqual(
      ['country', 'region', 'icb', 'sub-icb', 'district'].map((level) => counts[level]?.length),
      [1, 7, 42, 106, 296],
    );
  });

  it('has every code of ours and of UK Core that the synthetic nation uses', () => {
    const missing = new Set<string>();
    const bySystem = /^https:\/\/(?:openims\.example\/fhir|fhir\.hl7\.org\.uk)\/CodeSystem\//;
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const { system, code } = node as { system?: unknown; code?: unknown };
      if (typeof system === 'string' && typeof code === 'string' && bySystem.test(system)) {
        const { kind } = terminology.lookup(system, code);
        const isSmallArea = system === areas && code.startsWith('E01');
        const isLanguage = system.endsWith('/UKCore-HumanLanguage');
        if (kind !== 'found' && !isSmallArea && !isLanguage) missing.add(`${system}|${code}`);
      }
      Object.values(node).forEach(visit);
    };
    for (const resource of nation({ people: 300, seed: 7, date: '2026-11-22' })) visit(resource);
    assert.deepEqual([...missing], []);
  });

  it('has every reason for which the synthetic nation gives no dose', () => {
    const reasons = `${UK_CORE}/ValueSet/UKCore-ReasonImmunizationNotAdministered`;
    const given = new Set<string>();
    for (const resource of nation({ people: 300, seed: 7, date: '2026-11-22' })) {
      const { coding = [] } = (resource.statusReason ?? {}) as { coding?: { code: string }[] };
      if (resource.resourceType !== 'Immunization') continue;
      for (const { code } of coding) given.add(code);
    }
    assert.ok(given.size > 3);
    const others = [...given].filter((code) => terminology.contains(reasons, SCT, code) !== 'yes');
    assert.deepEqual(others, []);
  });
});
