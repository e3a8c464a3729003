// Judges the terminology of folders before the service starts, so that no question is answered
// from a file that is broken or points at nothing. Every fault names file and element.

import type { Catalogue } from './catalogue.ts';
import { checkShape } from './check-shape.ts';
import { filterProblem } from './filters.ts';
import {
  type CodeSystem,
  type Concept,
  type ConceptSet,
  type NamingSystem,
  type Sourced,
  splitCanonical,
  TerminologyFault,
  type ValueSet,
} from './resources.ts';

/**
 * Checks what each file says by itself.
 * @throws TerminologyFault for the first element that is malformed, and for two files that claim
 *   the same canonical, id or identifier system
 */
export function checkAlone(sources: readonly Sourced[]): void {
  for (const { file, resource } of sources) {
    const refuse = (element: string, problem: string) => {
      throw new TerminologyFault(file, element, problem);
    };
    checkShape(resource, refuse);
    if (resource.resourceType === 'CodeSystem') checkCodes(resource, refuse);
  }
  refuseRivals(sources);
}

/**
 * Checks what the files say of one another and of R4's definitions.
 * @throws TerminologyFault for the first reference that leads nowhere or in a circle
 */
export function checkTogether(sources: readonly Sourced[], catalogue: Catalogue): void {
  for (const { file, resource } of sources) {
    const refuse = (element: string, problem: string) => {
      throw new TerminologyFault(file, element, problem);
    };
    if (resource.resourceType === 'CodeSystem') checkHierarchy(resource, catalogue, refuse);
    else if (resource.resourceType === 'ValueSet') checkCompose(resource, catalogue, refuse);
  }
}

/** Takes an element's path and what is wrong with it; throws. */
export type Refuse = (element: string, problem: string) => void;

function refuseRivals(sources: readonly Sourced[]): void {
  const claimed = new Map<string, string>();
  for (const { file, resource } of sources) {
    for (const [claim, element] of claimsOf(resource)) {
      const rival = claimed.get(claim);
      if (rival !== undefined) {
        throw new TerminologyFault(file, element, `is claimed by ${rival} too`);
      }
      claimed.set(claim, file);
    }
  }
}

/** What only one file may say, with the element that says it. */
function claimsOf(resource: Sourced['resource']): readonly (readonly [string, string])[] {
  const type = resource.resourceType;
  const id = [`${type} id ${resource.id}`, `${type}.id '${resource.id}'`] as const;
  if (type === 'NamingSystem') {
    const { uniqueId } = resource as NamingSystem;
    return [
      id,
      ...uniqueId.map(
        ({ value }, index) => [`id of ${value}`, `NamingSystem.uniqueId[${index}]`] as const,
      ),
    ];
  }
  const { url, version, content } = resource as CodeSystem;
  // Several files may each bring a part of a great code system.
  if (content !== undefined && content !== 'complete') return [id];
  return [id, [`${type} ${url}|${version ?? ''}`, `${type}.url '${url}'`]];
}

function checkCodes(system: CodeSystem, refuse: Refuse): void {
  const seen = new Set<string>();
  const visit = (concepts: readonly Concept[], path: string): void => {
    for (const [index, concept] of concepts.entries()) {
      const here = `${path}.concept[${index}]`;
      if (seen.has(concept.code)) refuse(`${here}.code`, `repeats the code '${concept.code}'`);
      seen.add(concept.code);
      visit(concept.concept ?? [], here);
    }
  };
  visit(system.concept ?? [], 'CodeSystem');
}

const RELATIVES = ['parent', 'child', 'subsumedBy'];

function checkHierarchy(system: CodeSystem, catalogue: Catalogue, refuse: Refuse): void {
  if (system.valueSet !== undefined && catalogue.valueSet(system.valueSet) === undefined) {
    refuse('CodeSystem.valueSet', `names ${system.valueSet}, which is not held`);
  }
  const table = catalogue.codeTable(system.url);
  if (table === undefined) return;
  const circular = table.findCircle();
  const visit = (concepts: readonly Concept[], path: string): void => {
    for (const [index, { code, property = [], concept = [] }] of concepts.entries()) {
      const here = `${path}.concept[${index}]`;
      for (const [position, { code: name, valueCode = '' }] of property.entries()) {
        // A part of a great system may name what lies outside that part.
        if (!RELATIVES.includes(name) || system.content !== 'complete') continue;
        if (table.get(valueCode) !== undefined) continue;
        refuse(
          `${here}.property[${position}]`,
          `names the code '${valueCode}', which is not there`,
        );
      }
      if (code === circular) refuse(here, `puts the code '${code}' above itself`);
      visit(concept, here);
    }
  };
  visit(system.concept ?? [], 'CodeSystem');
}

function checkCompose(valueSet: ValueSet, catalogue: Catalogue, refuse: Refuse): void {
  const { include = [], exclude = [] } = valueSet.compose ?? {};
  const sets = [
    ...include.map((set, index) => [`ValueSet.compose.include[${index}]`, set] as const),
    ...exclude.map((set, index) => [`ValueSet.compose.exclude[${index}]`, set] as const),
  ];
  for (const [path, set] of sets) {
    checkImports(valueSet, set, catalogue, (problem, index) =>
      refuse(`${path}.valueSet[${index}]`, problem),
    );
    checkConceptSet(set, path, catalogue, refuse);
  }
}

function checkImports(
  valueSet: ValueSet,
  set: ConceptSet,
  catalogue: Catalogue,
  refuse: (problem: string, index: number) => void,
): void {
  for (const [index, canonical] of (set.valueSet ?? []).entries()) {
    if (catalogue.valueSet(canonical) === undefined) {
      refuse(`names ${canonical}, which is not held`, index);
    }
    if (leadsTo(canonical, valueSet.url, catalogue)) {
      refuse(`names ${canonical}, which leads back to ${valueSet.url}`, index);
    }
  }
}

/** Whether imports lead from one value set to another, or to any that imports itself. */
function leadsTo(from: string, url: string, catalogue: Catalogue): boolean {
  const open = [from];
  const seen = new Set<string>();
  for (const canonical of open) {
    if (splitCanonical(canonical).url === url) return true;
    if (seen.has(canonical)) continue;
    seen.add(canonical);
    const { include = [], exclude = [] } = catalogue.valueSet(canonical)?.compose ?? {};
    open.push(...[...include, ...exclude].flatMap((set) => set.valueSet ?? []));
  }
  return false;
}

function checkConceptSet(
  set: ConceptSet,
  path: string,
  catalogue: Catalogue,
  refuse: Refuse,
): void {
  const { system, version, concept = [], filter = [] } = set;
  if (system === undefined) return;
  const table = catalogue.codeTable(version === undefined ? system : `${system}|${version}`);
  if (table === undefined) return;
  for (const [index, { code }] of concept.entries()) {
    if (!table.isComplete || table.get(code) !== undefined) continue;
    refuse(`${path}.concept[${index}].code`, `names '${code}', which ${system} does not have`);
  }
  for (const [index, each] of filter.entries()) {
    const problem = table.isComplete ? filterProblem(each, table) : undefined;
    if (problem !== undefined) refuse(`${path}.filter[${index}]`, problem);
  }
}
