// Real material judged by the structural validator alone: the cases that NHS England, UK Core and
// HL7 publish with their outcomes, and every resource that Synthea makes.

import assert from 'node:assert/strict';

import type { Issue } from '../src/fhir/types.ts';
import { JsonFault, parseJson } from '../src/lib/json.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from '../src/limits.ts';
import { makeStructureValidator } from '../src/validation/structure.ts';
import {
  needsRealMaterial,
  type RealCase,
  readCase,
  realCases,
  syntheaBundles,
} from './support/real-material.ts';

const validator = makeStructureValidator();
const bounds = { depthMax: JSON_DEPTH_MAX, valuesMax: JSON_VALUES_MAX };

/** Uses of a case that a FHIR body is sent for. */
const JUDGED_USES = new Set(['create', 'validate', 'validate-or-put', 'transaction']);
/** Layers whose rules come on top of R4: what they accept is valid R4. */
const STRICTER_LAYERS = new Set(['ukcore', 'nhs-imms', 'pds']);

function isJudged(realCase: RealCase): boolean {
  if (realCase.ambiguous === true || !JUDGED_USES.has(realCase.use ?? '')) return false;
  if (realCase.layer === 'fhir-r4') return true;
  return STRICTER_LAYERS.has(realCase.layer) && realCase.expected === 'accept';
}

/** What is wrong with a case; a text that is not JSON is one fault. */
function faultsOf(realCase: RealCase): readonly Issue[] {
  const text = readCase(realCase).toString('utf8');
  try {
    const document = parseJson(text, bounds);
    const { resourceType } = document.value as { resourceType: string };
    return validator.validate(document, resourceType);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return [{ severity: 'fatal', code: 'structure', diagnostics: error.message }];
  }
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
  it('are valid, and so is each of their resources by itself', async function () {
    needsRealMaterial(this, 'synthea');
    let resources = 0;
    for await (const { name, text, bundle } of syntheaBundles()) {
      const document = parseJson(text, bounds);
      assert.deepEqual(validator.validate(document, 'Bundle'), [], name);
      for (const { resource } of bundle.entry) {
        const issues = validator.validate({ value: resource }, resource.resourceType);
        assert.deepEqual(issues, [], `${name} ${resource.resourceType}/${resource.id}`);
        resources += 1;
      }
    }
    assert.ok(resources > 0);
  }).timeout(120_000);
});
