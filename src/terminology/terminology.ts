// The one door to terminology: whether a code is in a value set, what a value set has, what a code
// means, what lies above and below it. Answered from R4's tables and the files of the folders;
// what is not held is said to be unknown, never guessed. http://hl7.org/fhir/R4/terminologies.html

import { type Catalogue, makeCatalogue } from './catalogue.ts';
import { checkAlone, checkTogether } from './check-resources.ts';
import type { CodeEntry, CodeTable } from './code-table.ts';
import {
  ANY_SYSTEM,
  type CodeSet,
  either,
  type Gap,
  type Membership,
  makeComposer,
} from './compose.ts';
import { type Expansion, type ExpansionOptions, expandSet } from './expand.ts';
import { readFolders } from './read-folders.ts';
import type { CodeSystem, Sourced, TerminologyResource, ValueSet } from './resources.ts';

/** How one code stands to another
 * (http://hl7.org/fhir/R4/valueset-concept-subsumption-outcome.html).
 * `unknown`: a code or the whole hierarchy is not held. */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed' | 'unknown';

/** What is known of a code. `absent`: the system is held in full and has no such code; `unknown`:
 * the system, or that part of it, is not held. */
export type Lookup =
  | { readonly kind: 'found'; readonly table: CodeTable; readonly entry: CodeEntry }
  | { readonly kind: 'absent'; readonly table: CodeTable }
  | { readonly kind: 'unknown'; readonly table: CodeTable | undefined };

/** Canonicals are urls, with `|version` for one version of them. */
export interface Terminology {
  /** Whether the code is a member of the value set.
   * @param system undefined asks for any system, as elements of type code do */
  contains(valueSet: string, system: string | undefined, code: string): Membership;
  /** The members of the value set, page by page; undefined when it is not held. */
  expand(valueSet: string, options: ExpansionOptions): Expansion | undefined;
  /** What keeps questions about the value set from being answered in full; undefined when it is
   * not held at all. */
  gaps(valueSet: string): readonly Gap[] | undefined;
  lookup(system: string, code: string): Lookup;
  /** Whether code a is above, below or the same as code b. */
  subsumes(system: string, a: string, b: string): Subsumption;
  /** The codes below a code that are held, nearest first, without itself; undefined when the
   * system or the code is not held. */
  descendants(system: string, code: string): readonly string[] | undefined;
  valueSet(canonical: string): ValueSet | undefined;
  codeTable(canonical: string): CodeTable | undefined;
  /** Versions that are held of a value set or code system, as far as they have one. */
  versions(type: 'CodeSystem' | 'ValueSet', url: string): readonly string[];
  /** The resource with that logical id, R4's own included. */
  byId(type: 'CodeSystem' | 'ValueSet', id: string): CodeSystem | ValueSet | undefined;
  /** The resources of the folders as their files have them, for reading and searching. */
  resources(): readonly TerminologyResource[];
  /** Files of the folders that are no terminology. */
  readonly passedOver: readonly string[];
}

/**
 * Reads and checks the terminology of the folders and puts R4's own beside it. A later call for
 * something of R4 parses it when it is first asked for.
 * @throws TerminologyFault naming file and element
 */
export function loadTerminology(options: { readonly folders: readonly string[] }): Terminology {
  const { sources, passedOver } = readFolders(options.folders);
  checkAlone(sources);
  const catalogue = makeCatalogue(sources);
  checkTogether(sources, catalogue);
  return makeTerminology(sources, catalogue, passedOver);
}

function makeTerminology(
  sources: readonly Sourced[],
  catalogue: Catalogue,
  passedOver: readonly string[],
): Terminology {
  const compose = makeComposer(catalogue);
  return {
    ...catalogue,
    contains: (valueSet, system, code) => {
      const set = compose(valueSet);
      if (set === undefined) return 'unknown';
      return system === undefined ? anySystem(set, code) : set.contains(system, code);
    },
    expand: (valueSet, wanted) => {
      const set = compose(valueSet);
      return set === undefined ? undefined : expandSet(set, catalogue, wanted);
    },
    gaps: (valueSet) => compose(valueSet)?.gaps,
    lookup: (system, code) => lookup(catalogue.codeTable(system), code),
    subsumes: (system, a, b) => subsumption(catalogue.codeTable(system), a, b),
    descendants: (system, code) => {
      const table = catalogue.codeTable(system);
      const entry = table?.get(code);
      return entry === undefined ? undefined : [...(table?.descendants(entry.code) ?? [])];
    },
    resources: () => sources.map(({ resource }) => resource),
    passedOver,
  };
}

function anySystem(set: CodeSet, code: string): Membership {
  let member: Membership = set.systems.has(ANY_SYSTEM) ? 'unknown' : 'no';
  for (const system of set.systems) {
    if (system !== ANY_SYSTEM) member = either(member, set.contains(system, code));
  }
  return member;
}

function lookup(table: CodeTable | undefined, code: string): Lookup {
  const entry = table?.get(code);
  if (table !== undefined && entry !== undefined) return { kind: 'found', table, entry };
  return table?.isComplete === true ? { kind: 'absent', table } : { kind: 'unknown', table };
}

function subsumption(table: CodeTable | undefined, a: string, b: string): Subsumption {
  const codeA = table?.get(a)?.code;
  const codeB = table?.get(b)?.code;
  if (table === undefined || codeA === undefined || codeB === undefined) return 'unknown';
  if (codeA === codeB) return 'equivalent';
  if (table.isBelow(codeB, codeA)) return 'subsumes';
  if (table.isBelow(codeA, codeB)) return 'subsumed-by';
  return table.isComplete ? 'not-subsumed' : 'unknown';
}
