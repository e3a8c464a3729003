// Real material judged as a write is: the cases that NHS England, UK Core and HL7 publish with
// their outcomes, and every resource that Synthea makes.

import assert from 'node:assert/strict';

import type { Issue } from '../src/fhir/types.ts';
import { JsonFault, parseJson } from '../src/lib/json.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../src/limits.ts';
import { loadTerminology } from '../src/terminology/terminology.ts';
import { shippedJudge, terminologyFolders } from './support/our-judge.ts';
import {
  needsRealMaterial,
  type RealCase,
  readCase,
  realCases,
  syntheaBundles,
} from './support/real-material.ts';

const judge = shippedJudge(loadTerminology({ folders: terminologyFolders }));
const bounds = { depthMax: JSON_DEPTH_MAX, valuesMax: JSON_VALUES_MAX };

/** Uses of a case that a FHIR body is sent for. */
const JUDGED_USES = new Set(['create', 'validate', 'validate-or-put', 'transaction']);
/** Layers that rule for every server; of the others only what they accept is asked for. */
const OUR_LAYERS = new Set(['fhir-r4', 'ukcore']);
const STRICTER_LAYERS = new Set(['nhs-imms', 'pds']);

function isJudged(realCase: RealCase): boolean {
  if (realCase.ambiguous === true || !JUDGED_USES.has(realCase.use ?? '')) return false;
  if (OUR_LAYERS.has(realCase.layer)) return true;
  return STRICTER_LAYERS.has(realCase.layer) && realCase.expected === 'accept';
}

/** What is wrong with a case; a text that is not JSON is one fault. */
function faultsOf(realCase: RealCase): readonly Issue[] {
  const text = readCase(realCase).toString('utf8');
  try {
    const document = parseJson(text, bounds);
    const { resourceType } = document.value as { resourceType: string };
    return judge.validate(document, resourceType).filter(isFault);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return [{ severity: 'fatal', code: 'structure', diagnostics: error.message }];
  }
}

function isFault({ severity }: Issue): boolean {
  return severity === 'error' || severity === 'fatal';
}

describe('published cases', () => {
  it('are judged as their publishers say', function () {
    needsRealMaterial(this, 'cases');
    const judged = realCases().filter(isJudged);
    const wrong = judged.flatMap((realCase) => {
      const faults = faultsOf(realCase).map((issue) => issue.diagnostics);
      const accepted = faults.length === 0;
      if (accepted === (realCase.expected === 'accept')) return [];
      return [`${realCase.file}, ${realCase.expected}: ${realCase.why}; ${faults.join(' ')}`];
    });
    assert.deepEqual(wrong, []);
    assert.ok(judged.length >= 250, `${judged.length} cases were judged`);
  });
});

describe("Synthea's bundles", () => {
  it('are accepted, and so is each of their resources by itself', async function () {
    needsRealMaterial(this, 'synthea');
    let resources = 0;
    for await (const { name, text, bundle } of syntheaBundles()) {
      const document = parseJson(text, bounds);
      assert.deepEqual(judge.validate(document, 'Bundle').filter(isFault), [], name);
      for (const { resource } of bundle.entry) {
        const faults = judge.validate({ value: resource }, resource.resourceType).filter(isFault);
        assert.deepEqual(faults, [], `${name} ${resource.resourceType}/${resource.id}`);
        resources += 1;
      }
    }
    assert.ok(resources > 0);
  }).timeout(120_000);
});
