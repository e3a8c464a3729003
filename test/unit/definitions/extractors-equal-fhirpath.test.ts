// Extractors against the oracle: fhirpath.js evaluates the very expressions they were made from.

import assert from 'node:assert/strict';

import { resourceTypes } from '../../../src/definitions/definitions.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import {
  needsRealMaterial,
  readCase,
  realCases,
  type SyntheaBundle,
  syntheaBundles,
} from '../../support/real-material.ts';
import { comparedCodes, differencesFromOracle, foundCodes } from './fhirpath-oracle.ts';
import { makeRandom, randomResource, readElementTree } from './random-resource.ts';

/** Every resource under CI; every tenth elsewhere, so that the whole stays under half a minute. */
const STEP = process.env.CI === 'true' ? 1 : 10;

/** Random resources per type. */
const RESOURCES_MIN = 10;
const RESOURCES_MAX = 1_000;

/**
 * Cases that validation refuses because a single element holds an array, a list a single value,
 * or a choice two values: FHIRPath reads them leniently, extractors pass them over.
 */
const misshapen: ReadonlySet<string> = new Set([
  'bundle-reject/bars-Endpoint-success_bundle.json',
  'bundle-reject/bars-HealthcareService-success_bundle.json',
  'condition-reject/derived-two-onsets.json',
  'documentreference-reject/bars-document_reference-id-GET-success.json',
  'endpoint-reject/bars-Endpoint-post_Endpoint_Atomic.json',
  'endpoint-reject/bars-Endpoint-success_Endpoint_template.json',
  'healthcareservice-reject/bars-HealthcareService-post_HealthcareService_Atomic.json',
  'servicerequest-reject/bars-service_request-PUT-body.json',
]);

describe('extractors equal fhirpath', () => {
  it('on random resources of every type, until every parameter has found something', function () {
    this.timeout(60_000);
    const seed = 20_261_125;
    console.log(`      seed ${seed}`);
    const random = makeRandom(seed);
    const tree = readElementTree();
    for (const type of resourceTypes) {
      const missing = new Set(comparedCodes(type));
      for (let count = 0; count < RESOURCES_MIN || missing.size > 0; count += 1) {
        assert.ok(count < RESOURCES_MAX, `${type}: never found ${[...missing].join(', ')}`);
        const resource = randomResource(type, tree, random);
        assert.deepEqual(differencesFromOracle(resource), []);
        for (const code of foundCodes(resource)) missing.delete(code);
      }
    }
  });

  it('on every resource of every case', function () {
    needsRealMaterial(this, 'cases');
    let compared = 0;
    const differing: string[][] = [];
    for (const realCase of realCases()) {
      const resources = resourcesIn(parsed(readCase(realCase).toString('utf8')));
      const differences = resources.flatMap(differencesFromOracle);
      compared += resources.length;
      if (differences.length > 0) differing.push([realCase.file, ...differences]);
    }
    assert.deepEqual(
      differing.filter(([file = '']) => !misshapen.has(file)),
      [],
    );
    assert.equal(differing.length, misshapen.size);
    assert.ok(compared > 500, `${compared} resources were compared`);
  });

  it('on the resources of every Synthea bundle', async function () {
    needsRealMaterial(this, 'synthea');
    this.timeout(240_000);
    let seen = 0;
    for await (const bundle of syntheaBundles()) {
      for (const resource of resolvedResources(bundle)) {
        if (seen % STEP === 0) assert.deepEqual(differencesFromOracle(resource), []);
        seen += 1;
      }
    }
    console.log(`      ${Math.ceil(seen / STEP)} of ${seen} resources compared`);
    assert.ok(seen > 90_000, `${seen} resources were there`);
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body itself, and what a Bundle's entries hold. */
function resourcesIn(body: unknown): readonly Resource[] {
  if (!isResource(body) || !resourceTypes.has(body.resourceType)) return [];
  const entries = Array.isArray(body.entry) ? body.entry : [];
  const inside = entries.flatMap((entry: { resource?: unknown } | null) =>
    resourcesIn(entry?.resource),
  );
  return [body, ...inside];
}

function isResource(value: unknown): value is Resource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'resourceType' in value &&
    typeof value.resourceType === 'string'
  );
}

/** With `urn:uuid:` references resolved, as a transaction would store them. */
function resolvedResources({ text, bundle }: SyntheaBundle): readonly Resource[] {
  const identities = new Map(
    bundle.entry.map(({ fullUrl, resource }) => [
      fullUrl,
      `${resource.resourceType}/${resource.id}`,
    ]),
  );
  const resolved = text.replace(
    /"reference":\s*"(urn:uuid:[^"]+)"/g,
    (whole, url: string) => `"reference":"${identities.get(url) ?? whole}"`,
  );
  return (JSON.parse(resolved) as SyntheaBundle['bundle']).entry.map((each) => each.resource);
}
