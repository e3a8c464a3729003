// By which records a rule of a cohort is true of a person.

import assert from 'node:assert/strict';
import { dayNumbersOf } from '../../../src/cohort/day-numbers.ts';
import { evidenceFor } from '../../../src/cohort/evidence.ts';
import { personOf, type ReadRecord, readRecord } from '../../../src/cohort/person-records.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { searchEnvironment } from '../../../src/interactions/conditional.ts';
import { localOperator } from '../../../src/search/caller.ts';
import { resolveSelection } from '../../../src/search/resolve.ts';
import { WINDOW_MS } from '../../conformance/back-ends.ts';
import { makeModelStore } from '../../support/model-store.ts';
import { immunization, patient } from '../../support/sample-resources.ts';
import { openService, type Service } from '../../support/service.ts';

const SCT = 'http://snomed.info/sct';
const ZONE = 'Europe/London';
const context = { rules: programmeRules(programmes, ZONE), days: dayNumbersOf(ZONE) };

/** A woman with two doses against influenza, one of them of last season, and asthma. */
const resources: readonly Resource[] = [
  patient({ id: 'anna', birthDate: '1950-02-03', gender: 'female' }) as Resource,
  dose('old', '2025-10-01'),
  dose('new', '2026-10-01'),
  {
    ...{ resourceType: 'Condition', id: 'asthma', recordedDate: '2001-05-06' },
    meta: { source: 'urn:practice' },
    subject: { reference: 'Patient/anna' },
    code: { coding: [{ system: SCT, code: '195967001' }], text: 'Asthma' },
  },
];

function dose(id: string, occurrenceDateTime: string): Resource {
  return immunization('Patient/anna', {
    ...{ id, occurrenceDateTime },
    protocolApplied: [
      {
        doseNumberPositiveInt: 1,
        targetDisease: [{ coding: [{ system: SCT, code: '6142004' }] }],
      },
    ],
  }) as Resource;
}

describe('the evidence for a rule', () => {
  let service: Service;
  before(async () => {
    const open = async () => ({ store: makeModelStore(WINDOW_MS), dispose: async () => {} });
    service = await openService({ name: 'model', open, isSlow: false });
  });
  after(() => service.close());

  /** What is found for a search, as `version date source`; undefined when it is not true. */
  function evidence(search: string): readonly string[] | undefined {
    const { search: registry, zone, baseUrl, store } = service.context;
    const environment = searchEnvironment(service.context);
    const where = resolveSelection('Patient', search, environment);
    const reading = { store, registry, zone, baseUrl, maySee: localOperator.maySee };
    const read = (resource: Resource, index: number): ReadRecord =>
      readRecord(
        {
          ...{ type: resource.resourceType, id: resource.id ?? '', method: 'PUT', number: 1 },
          ...{ versionId: index + 1, sequence: index + 1, commitLast: 4, lastUpdatedMs: 0 },
          text: JSON.stringify(resource),
        },
        reading,
      );
    const [person, ...records] = resources.map(read);
    assert.ok(person !== undefined);
    const found = evidenceFor(where, personOf(person.version, records, reading), context);
    return found?.map(({ version, date, source }) =>
      [version, date, source].filter((each) => each !== undefined).join(' '),
    );
  }

  const ANNA = 'Patient/anna/_history/1 1950-02-03';
  const OLD = 'Immunization/old/_history/2 2025-10-01';
  const NEW = 'Immunization/new/_history/3 2026-10-01';
  const ASTHMA = 'Condition/asthma/_history/4 2001-05-06 urn:practice';

  const cases: readonly (readonly [says: string, search: string, found: string[] | undefined])[] = [
    ['is the Patient, for what the Patient says', 'birthdate=1950', [ANNA]],
    ['is nothing where the Patient says something else', 'birthdate=1951', undefined],
    ['is each record that matches', '_has:Immunization:patient:date=ge2025', [OLD, NEW]],
    ['is no record that does not', '_has:Immunization:patient:date=ge2026', [NEW]],
    [
      'is that of every part',
      `gender=female&_has:Condition:patient:code=195967001`,
      [ANNA, ASTHMA],
    ],
    ['is nothing when one part is false', 'gender=male&birthdate=1950', undefined],
    ['is that of the alternatives that are true', 'birthdate=1949,1950', [ANNA]],
    ['is empty where something is absent', '_filter=not (gender eq male)', []],
    [
      'is nothing where what is there should be absent',
      '_filter=not (gender eq female)',
      undefined,
    ],
    ['is what the doses of a season rest on', 'vaccination-doses=flu-2026$ge1', [NEW]],
    ['is nothing for doses that were not had', 'vaccination-doses=flu-2026$ge2', undefined],
    ['is nothing for what was never sent', 'vaccination-invited=flu-2026', undefined],
    ['is the Patient, for where they are registered', 'organization.name=x', [ANNA]],
    [
      'is of a person whose other clause is about a place',
      'gender=female&organization.name=x&_has:Condition:patient:code=195967001',
      [ANNA, ASTHMA],
    ],
  ];
  for (const [says, search, found] of cases) {
    it(says, () => assert.deepEqual(evidence(search), found));
  }
});
