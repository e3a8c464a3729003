// What the bench works on: Synthea's resources where they are at hand, else ones of their size
// built here.

import { resourceTypes } from '../../src/definitions/definitions.ts';
import { documentText } from '../../src/fhir/document-text.ts';
import { readJson } from '../../src/fhir/read-json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { indexEntries, outgoingReferences } from '../../src/search/index-entries.ts';
import { makeSearchRegistry } from '../../src/search/search-registry.ts';
import { indexingVersion, type TextIndexerOptions } from '../../src/search/text-indexer.ts';
import type { PutWrite } from '../../src/store/resource-store.ts';
import type { TextIndexerSource } from '../../src/store/text-indexer.ts';
import { hasSynthea, syntheaBundles } from '../support/real-material.ts';

export const BASE_URL = 'http://bench.test/fhir/R4';
export const ZONE = 'Europe/London';

export const registry = makeSearchRegistry(() => 'all', [...resourceTypes]);

/** Bundles read: enough variety, a few seconds of unpacking. */
const BUNDLES = 12;

/** Texts of resources, one list per type and all in their order. */
export interface Material {
  readonly source: string;
  readonly patients: readonly string[];
  readonly immunizations: readonly string[];
  /** Of all types. */
  readonly mixed: readonly string[];
}

export async function loadMaterial(): Promise<Material> {
  if (!hasSynthea()) return builtIn();
  const mixed: string[] = [];
  let left = BUNDLES;
  for await (const { name, bundle } of syntheaBundles()) {
    if (name.startsWith('0-')) continue;
    mixed.push(...bundle.entry.map(({ resource }) => JSON.stringify(resource)));
    left -= 1;
    if (left === 0) break;
  }
  const ofType = (type: string) =>
    mixed.filter((text) => text.includes(`"resourceType":"${type}"`));
  return {
    source: `${mixed.length} Synthea resources`,
    patients: ofType('Patient').filter((text) => text.startsWith('{"resourceType":"Patient"')),
    immunizations: ofType('Immunization'),
    mixed,
  };
}

function builtIn(): Material {
  const address = { line: ['1 Example Street'], city: 'Leeds', postalCode: 'LS1 1AA' };
  const patient = JSON.stringify({
    resourceType: 'Patient',
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${'x'.repeat(900)}</div>`,
    },
    identifier: Array.from({ length: 5 }, (_, index) => ({
      system: `https://bench.test/${index}`,
      value: `9990000${index}`,
    })),
    name: [{ use: 'official', family: 'Khan', given: ['Amina'] }],
    gender: 'female',
    birthDate: '1961-11-22',
    address: [address, address, address],
    maritalStatus: { coding: [{ system: 'http://bench.test', code: 'M' }], text: 'married' },
  });
  const immunization = JSON.stringify({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: {
      coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }],
      text: 'Influenza',
    },
    patient: { reference: 'urn:uuid:5ad53a48-97ae-ca72-0ed8-0a31497f06cf' },
    occurrenceDateTime: '2016-11-22T10:00:00+00:00',
    primarySource: true,
    location: { display: 'x'.repeat(300) },
  });
  const immunizations = Array.from({ length: 3 }, () => immunization);
  return {
    source: 'built-in resources',
    patients: [patient],
    immunizations,
    mixed: [patient, ...immunizations],
  };
}

/** The write that creates the text's resource under the id. */
export function createOf(text: string, id: string): PutWrite {
  const document = readJson(text);
  const resource = document.value as Resource;
  return {
    kind: 'put',
    type: resource.resourceType,
    id,
    method: 'POST',
    expect: 'absent',
    document: documentText(document, id),
    entries: indexEntries(resource, registry, { zone: ZONE, baseUrl: BASE_URL }),
    references: outgoingReferences(resource, BASE_URL),
  };
}

/** How the bench's stores make entries again. */
export function indexer(): TextIndexerSource {
  const parameters = Object.fromEntries(
    [...resourceTypes].map((type) => [type, registry.all(type).map(({ code }) => code)]),
  );
  const options: TextIndexerOptions = { parameters, added: [], zone: ZONE, baseUrl: BASE_URL };
  const module = import.meta.resolve('../../src/search/text-indexer.ts');
  return { module, options, version: indexingVersion(options) };
}
