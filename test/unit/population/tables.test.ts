// The tables of codes, judged by SNOMED's own check digit and by what the NHS publishes.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childhoodSchedule } from '../../../src/population/tables/childhood-schedule.ts';
import { districts } from '../../../src/population/tables/districts.ts';
import { ethnicSharesByRegion } from '../../../src/population/tables/ethnicity.ts';
import { careBoards, regions, subIcbs } from '../../../src/population/tables/health-areas.ts';
import { priorityGroups, risks } from '../../../src/population/tables/health-risks.ts';
import { absent, unwell, vaccines } from '../../../src/population/tables/vaccines.ts';

const dataDir = join(import.meta.dirname, '../../../../shared/data');

describe('tables of the synthetic nation', () => {
  it('hold SNOMED codes with valid check digits', () => {
    const rows = Object.values(vaccines);
    const codes = [
      ...rows.flatMap(
        ({ procedure, procedures, declined, contraindicated, diseases, products }) => [
          ...[procedure, declined, contraindicated, ...diseases].map(([code]) => code),
          ...Object.values(procedures ?? {}).map(([code]) => code),
          ...products.map((product) => product.term[0]),
        ],
      ),
      ...risks.map((risk) => risk.code),
      ...Object.values(priorityGroups).flatMap((row) => ('snomed' in row ? row.snomed.code : [])),
      unwell[0],
      absent[0],
    ];
    for (const code of codes) assert.ok(passesVerhoeff(code), code);
    assert.ok(!passesVerhoeff('6142005'), 'the check itself can fail');
  });

  it('name diseases and reasons as the NHS does', function () {
    const lines = published('codes/vaccine_types.csv', this);
    const sets = new Map(
      lines.map((line) => line.split(',')).map(([type, codes]) => [type, codes]),
    );
    const reasons = new Set(
      published('codes/ukcore_reason_not_given.csv', this).map((line) => line.split(',')[0]),
    );
    for (const [type, vaccine] of Object.entries(vaccines)) {
      const codes = vaccine.diseases.map(([code]) => code).sort();
      assert.deepEqual(codes, sets.get(type)?.split(' ').sort(), type);
      for (const [code] of [vaccine.declined, vaccine.contraindicated, unwell, absent]) {
        assert.ok(reasons.has(code), `${type} ${code}`);
      }
    }
  });

  it('name areas by the codes of the outlines', function () {
    const outlines = [
      ['geography/nhser-2024.topo.json', 'c', regions],
      ['geography/icb-2023.topo.json', 'c', careBoards],
      ['geography/sicbl-2023.topo.json', 'SICBL23CD', subIcbs],
      ['geography/lad-2024-england.topo.json', 'c', districts],
    ] as const;
    for (const [file, property, rows] of outlines) {
      const topology = JSON.parse(published(file, this).join('\n')) as {
        objects: Record<string, { geometries: { properties: Record<string, string> }[] }>;
      };
      const shapes = Object.values(topology.objects).flatMap((object) => object.geometries);
      const codes = shapes.map((shape) => shape.properties[property] ?? '').sort();
      assert.deepEqual(rows.map((row) => row.gss).sort(), codes, file);
    }
  });

  it('refer to each other without gaps', () => {
    const odsCodes = new Set(subIcbs.map((row) => row.ods));
    for (const district of districts) {
      for (const code of district.subIcbs) assert.ok(odsCodes.has(code), district.name);
      assert.ok(district.people > 0 && district.radiusKm > 0, district.name);
    }
    const people = districts.reduce((sum, district) => sum + district.people, 0);
    assert.ok(people > 56_000_000 && people < 57_000_000, `${people}`);
    for (const region of regions) {
      const shares = Object.values(ethnicSharesByRegion[region.gss] ?? {});
      const total = shares.reduce((sum, share) => sum + share, 0);
      assert.ok(Math.abs(total - 100) < 1, `${region.name} adds up to ${total}`);
    }
  });

  it('have every later dose of a course taken up no more than the first', () => {
    for (const later of childhoodSchedule) {
      const first = childhoodSchedule.find(
        (row) => row.course === later.course && row.number === 1,
      );
      if (first !== undefined) assert.ok(later.uptake <= first.uptake, `${later.type}`);
    }
  });
});

function published(file: string, test: Mocha.Context): readonly string[] {
  const path = join(dataDir, file);
  if (!existsSync(path)) {
    console.log(`      ${file} is not beside the project: not compared with it`);
    assert.ok(process.env.CI !== 'true', `${file} is needed under CI`);
    test.skip();
  }
  return readFileSync(path, 'utf8').trim().split('\n');
}

/** SNOMED identifiers end in a check digit (SNOMED CT release file specification, appendix B). */
function passesVerhoeff(code: string): boolean {
  const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  let check = 0;
  for (const [position, digit] of [...code].reverse().entries()) {
    let value = Number(digit);
    for (let step = 0; step < position % 8; step += 1) value = permutation[value] ?? 0;
    check = dihedral(check, value);
  }
  return check === 0;
}

/** Multiplication in the symmetries of a pentagon. */
function dihedral(one: number, other: number): number {
  if (one < 5) return other < 5 ? (one + other) % 5 : 5 + ((one + other) % 5);
  return other < 5 ? 5 + ((one - other + 5) % 5) : (one - other + 5) % 5;
}
