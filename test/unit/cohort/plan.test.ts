// Which parts of a search facets answer, and what the store is left with.

import assert from 'node:assert/strict';
import { plan } from '../../../src/cohort/plan.ts';
import { resolveSelection } from '../../../src/search/resolve.ts';
import { type OpenedModel, openModel } from '../../support/cohort-model.ts';

const SCT = 'http://snomed.info/sct';
const GROUPS = 'https://openims.example/fhir/CodeSystem/priority-group';

/** By facets alone. */
const facets = [
  'birthdate=le1961-11-22',
  'birthdate=1950,ge2000-02,ne1980-01-01',
  'birthdate:missing=true',
  'gender=male,female&gender:not=other',
  'ethnic-category:not=A,B',
  'deceased=true',
  'deceased=false',
  'registered=false&sensitive=true',
  'phone:missing=true&email:missing=false',
  'risk-group=diabetes',
  'risk-group=diabetes,heart,asplenia',
  'priority-group=nhs-staff&opted-out=false',
  `_has:Flag:patient:code=${GROUPS}|shielded`,
  `_has:Condition:patient:code=${SCT}|195967001`,
  `_has:Condition:patient:code=${SCT}|195967001,${SCT}|44054006`,
  'small-area=E01000001',
  'general-practitioner=Organization/1',
  'general-practitioner:below=Organization/QRV',
  'general-practitioner:Organization.name=Orchard',
  'icb=QRV&district=E09000001&region=Y56',
  'residence:below=Location/E40000003',
  'vaccination-doses=flu-2026$ge1',
  'vaccination-date=flu-2026$ge2026-10-01',
  'vaccination-invited=flu-2026&vaccination-opted-out=flu-2026',
  '_filter=not (gender eq "male") and (birthdate lt 1950 or deceased eq true)',
];

/** Wholly by the store. */
const store = [
  '_id=1',
  'family=khan',
  '_lastUpdated=ge2026-01-01',
  'identifier=9990000018',
  '_has:Observation:patient:code=a',
  `_has:Condition:patient:code=${SCT}|999`,
  '_has:Immunization:patient:date=ge2026-01-01',
  'vaccination-doses=flu-2025$ge1',
  'vaccination-invited=flu-2025,flu-2026',
  'general-practitioner._lastUpdated=ge2026-01-01',
  'phone=07700',
];

/** By both. */
const mixed: readonly (readonly [search: string, asked: number])[] = [
  // Practitioners are no places.
  ['general-practitioner.name=Orchard', 1],
  // A text that stands beside the codes.
  ['ethnic-category:missing=false', 1],
  ['birthdate=le1961-11-22&family=khan', 1],
  ['birthdate=le1961-11-22&family=khan&_id=1', 1],
  ['_filter=gender eq "male" or family sw "k"', 1],
  ['_filter=(gender eq "male" and family sw "k") or (gender eq "female" and family sw "b")', 2],
];

describe('the plan of a cohort', () => {
  let opened: OpenedModel;
  before(async () => {
    opened = await openModel();
  });
  after(() => opened.service.close());

  const planOf = (search: string) =>
    plan(resolveSelection('Patient', search, opened.environment), opened.model.planning);

  for (const search of facets) {
    it(`asks the store nothing for ${search}`, () => {
      const planned = planOf(search);
      assert.deepEqual(planned.store, []);
      assert.equal(planned.hasFacets, true);
    });
  }

  for (const search of store) {
    it(`leaves ${search} to the store`, () => {
      const planned = planOf(search);
      assert.equal(planned.store.length, 1);
      assert.equal(planned.hasFacets, false);
    });
  }

  for (const [search, asked] of mixed) {
    it(`asks the store ${asked} of ${search}`, () => {
      const planned = planOf(search);
      assert.equal(planned.store.length, asked);
      assert.equal(planned.hasFacets, true);
    });
  }
});
