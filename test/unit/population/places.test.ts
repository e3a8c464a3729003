// The map: every level of both trees, at every size of nation, with codes of its own.

import assert from 'node:assert/strict';
import { areaLocations, organizations } from '../../../src/population/place-resources.ts';
import { planPlaces } from '../../../src/population/places.ts';
import { districts } from '../../../src/population/tables/districts.ts';
import { careBoards, regions, subIcbs } from '../../../src/population/tables/health-areas.ts';

describe('places', () => {
  for (const people of [1, 1000, 20_000, 1_000_000]) {
    it(`deal out ${people} people to small areas, a practice and sites near each`, () => {
      const places = planPlaces(people, 42);
      const total = places.areas.reduce((sum, area) => sum + area.people, 0);
      assert.equal(total, people);
      for (const area of places.areas) {
        assert.ok(area.practice !== undefined);
        assert.equal(area.practice.subIcb, area.subIcb);
        const kinds = Object.keys(area.sites).sort();
        assert.deepEqual(kinds, ['centre', 'hospital', 'maternity', 'pharmacy', 'school']);
      }
    });
  }

  it('grow to England’s size and no further', () => {
    const places = planPlaces(60_000_000, 42);
    assert.ok(Math.abs(places.areas.length - 33_755) < 150, `${places.areas.length} areas`);
    assert.ok(Math.abs(places.practices.length - 6300) < 60, `${places.practices.length}`);
    assert.ok(Math.abs(places.networks.length - 1300) < 60, `${places.networks.length}`);
    assert.ok(places.sites.length < 60_000, `${places.sites.length} sites`);
  });

  it('have both trees whole, with unique ids', () => {
    const places = planPlaces(20_000, 42);
    const locations = [...areaLocations(places)];
    const expected = 1 + regions.length + careBoards.length + subIcbs.length + districts.length;
    assert.equal(locations.length, expected + places.areas.length);
    assert.deepEqual([7, 42, 106, 296], [regions, careBoards, subIcbs, districts].map(size));
    const ids = [...organizations(places)].map((organization) => organization.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(places.areas.map((area) => area.postcodeStem)).size, places.areas.length);
  });

  it('put a tenth of people into each deprivation decile', () => {
    const { areas } = planPlaces(100_000, 3);
    for (let decile = 1; decile <= 10; decile += 1) {
      const members = areas.filter((area) => area.decile === decile);
      const people = members.reduce((sum, area) => sum + area.people, 0);
      assert.ok(Math.abs(people / 100_000 - 0.1) < 0.005, `decile ${decile}: ${people}`);
    }
  });

  it('leave some sub-ICB locations short of capacity, not all', () => {
    const { subIcbs: planned } = planPlaces(20_000, 42);
    const short = planned.filter((subIcb) => subIcb.isShort).length;
    assert.ok(short > 10 && short < 50, `${short} of ${planned.length}`);
  });
});

function size(rows: readonly unknown[]): number {
  return rows.length;
}
