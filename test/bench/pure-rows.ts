// Structure check and extraction, against JSON.parse of the same texts and against fhirpath. Both
// are warmed up with resources of all types: a service that has seen only one would look faster.

import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { searchParametersOf } from '../../src/definitions/definitions.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { indexEntries } from '../../src/search/index-entries.ts';
import { makeStructureValidator } from '../../src/validation/structure.ts';
import { BASE_URL, type Material, registry, ZONE } from './material.ts';
import { type BenchRow, median, medianRatio, quantile, timeRounds, warmUp } from './row.ts';

const ROUNDS = 50;
const TEXTS_MAX = 200;

const budgetsMicroseconds = {
  structure: { Immunization: 8, Patient: 80 },
  extraction: { Immunization: 3, Patient: 15 },
} as const;

type Measured = 'Immunization' | 'Patient';

export function pureRows(material: Material): BenchRow[] {
  const texts = { Immunization: material.immunizations, Patient: material.patients };
  const resources = material.mixed.map((text) => JSON.parse(text) as Resource);
  warmUp(() => checkAll(resources));
  warmUp(() => extractAll(resources));
  return (['Immunization', 'Patient'] as const).flatMap((type) => {
    const some = texts[type].slice(0, TEXTS_MAX);
    return [structureRow(type, some), ...extractionRows(type, some)];
  });
}

const validator = makeStructureValidator();

function checkAll(resources: readonly Resource[]): void {
  for (const value of resources) {
    const issues = validator.validate({ value }, value.resourceType);
    if (issues.length > 0) throw new Error(`The material is valid, not ${issues[0]?.diagnostics}`);
  }
}

function extractAll(resources: readonly Resource[]): void {
  for (const resource of resources) {
    indexEntries(resource, registry, { zone: ZONE, baseUrl: BASE_URL });
  }
}

function structureRow(type: Measured, texts: readonly string[]): BenchRow {
  const resources = texts.map((text) => JSON.parse(text) as Resource);
  const name = `structure check, ${type}`;
  const check = () => checkAll(resources);
  return againstParse(name, texts, check, budgetsMicroseconds.structure[type]);
}

function extractionRows(type: Measured, texts: readonly string[]): BenchRow[] {
  const resources = texts.map((text) => JSON.parse(text) as Resource);
  const name = `extraction, ${type}`;
  const extract = () => extractAll(resources);
  const row = againstParse(name, texts, extract, budgetsMicroseconds.extraction[type]);
  const compiled = searchParametersOf(type)
    .filter(({ expression, code }) => expression !== '' && registry.find(type, code) !== undefined)
    .map(({ expression }) => fhirpath.compile(expression, r4, { async: false }));
  const sample = resources.slice(0, 3);
  const byFhirpath = timeRounds(5, 1, () => {
    for (const resource of sample) for (const evaluate of compiled) evaluate(resource);
  }).map((us) => us / sample.length);
  const fhirpathRow: BenchRow = {
    ...row,
    name: `${name}, against fhirpath`,
    peer: `fhirpath ${median(byFhirpath).toFixed(0)}`,
    ratio: row.median / median(byFhirpath),
    budget: 'reported',
    pass: true,
  };
  return [row, fhirpathRow];
}

function againstParse(
  name: string,
  texts: readonly string[],
  work: () => void,
  budgetUs: number,
): BenchRow {
  const parse = () => {
    for (const text of texts) JSON.parse(text);
  };
  const calls = Math.max(1, Math.ceil(400 / texts.length));
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(...timeRounds(1, calls, work).map((us) => us / texts.length));
    peer.push(...timeRounds(1, calls, parse).map((us) => us / texts.length));
  }
  return {
    name,
    median: median(ours),
    p99: quantile(ours, 0.99),
    unit: 'us',
    peer: `JSON.parse ${median(peer).toFixed(1)}`,
    ratio: medianRatio(ours, peer),
    budget: `<= ${budgetUs} us`,
    pass: median(ours) <= budgetUs,
  };
}
