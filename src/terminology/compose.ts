// ValueSet.compose made ready for questions: whether a code is a member, and which codes can be.
// What is not held never becomes a yes or a no: answers are yes, no or unknown.
// http://hl7.org/fhir/R4/valueset.html#compositions

import type { Catalogue } from './catalogue.ts';
import { type CodeEntry, type CodeTable, isInactive } from './code-table.ts';
import { readFilter } from './filters.ts';
import type { ConceptSet, Contained, ValueSet } from './resources.ts';

/** `unknown`: the value set, or a code system that it needs, is not held. Never a guess. */
export type Membership = 'yes' | 'no' | 'unknown';

/** A code that a value set may have, with the display that the set itself gives. */
export interface Candidate {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** What keeps a value set from being answered in full. */
export interface Gap {
  /** `absent`: nothing is held; `partial`: a part is held; `filter`: a filter is not understood. */
  readonly kind: 'absent' | 'partial' | 'filter';
  /** The code system or value set, by canonical. */
  readonly canonical: string;
}

/** A set of codes. */
export interface CodeSet {
  contains(system: string, code: string): Membership;
  /** Every code that can be a member, some perhaps twice, in the order of the definition. */
  candidates(): Iterable<Candidate>;
  /** The systems that members may come from. */
  readonly systems: ReadonlySet<string>;
  readonly gaps: readonly Gap[];
}

/** Both must hold (Kleene's three-valued logic). */
function both(a: Membership, b: Membership): Membership {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'yes' && b === 'yes' ? 'yes' : 'unknown';
}

/** One must hold. */
export function either(a: Membership, b: Membership): Membership {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'no' && b === 'no' ? 'no' : 'unknown';
}

function negated(a: Membership): Membership {
  switch (a) {
    case 'yes':
      return 'no';
    case 'no':
      return 'yes';
    case 'unknown':
      return 'unknown';
  }
}

/**
 * Compiles value sets. Imports are compiled with the set that has them; the caller has made sure
 * that they do not go round in a circle.
 * @returns how a canonical is answered; undefined when it is not held
 */
export function makeComposer(catalogue: Catalogue): (canonical: string) => CodeSet | undefined {
  const compiled = new Map<string, CodeSet>();
  const compose = (canonical: string): CodeSet | undefined => {
    const known = compiled.get(canonical);
    if (known !== undefined) return known;
    const valueSet = catalogue.valueSet(canonical);
    if (valueSet === undefined) return undefined;
    const set = compileValueSet(valueSet, catalogue, compose);
    compiled.set(canonical, set);
    return set;
  };
  return compose;
}

type Compose = (canonical: string) => CodeSet | undefined;

function compileValueSet(valueSet: ValueSet, catalogue: Catalogue, compose: Compose): CodeSet {
  const { compose: rules, expansion } = valueSet;
  const compile = (set: ConceptSet) => compileConceptSet(set, catalogue, compose);
  const includes = (rules?.include ?? []).map(compile);
  // Where the rules cannot be followed, the publisher's own expansion still tells members.
  if (expansion?.contains !== undefined) includes.push(expanded(expansion.contains));
  const excludes = (rules?.exclude ?? []).map(compile);
  const activeOnly = rules?.inactive === false;
  const parts = [...includes, ...excludes];
  return {
    systems: new Set(includes.flatMap(({ systems }) => [...systems])),
    gaps: distinct(parts.flatMap(({ gaps }) => gaps)),
    *candidates() {
      for (const part of includes) yield* part.candidates();
    },
    contains: (system, code) => {
      let member: Membership = 'no';
      for (const part of includes) member = either(member, part.contains(system, code));
      for (const part of excludes) member = both(member, negated(part.contains(system, code)));
      if (member === 'no' || !activeOnly) return member;
      const entry = catalogue.codeTable(system)?.get(code);
      return entry !== undefined && isInactive(entry) ? 'no' : member;
    },
  };
}

function distinct(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.kind} ${gap.canonical}`, gap])).values()];
}

/** A concept set is the intersection of what it names: codes of a system, other value sets. */
function compileConceptSet(set: ConceptSet, catalogue: Catalogue, compose: Compose): CodeSet {
  const parts = (set.valueSet ?? []).map((url) => compose(url) ?? notHeld(url));
  if (set.system !== undefined) parts.unshift(codesOf(set, set.system, catalogue));
  const [first = listed('', undefined, []), ...others] = parts;
  if (others.length === 0) return first;
  return {
    systems: others.reduce((common, { systems }) => shared(common, systems), first.systems),
    gaps: distinct(parts.flatMap(({ gaps }) => gaps)),
    candidates: () => first.candidates(),
    contains: (system, code) =>
      parts.reduce<Membership>((all, part) => both(all, part.contains(system, code)), 'yes'),
  };
}

/** A value set that is not held may have any code of any system: it does not narrow `systems`. */
function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.has(ANY_SYSTEM)) return b;
  return b.has(ANY_SYSTEM) ? a : new Set([...a].filter((system) => b.has(system)));
}

/** Stands in `systems` for: codes of any system, since it is not known of which. */
export const ANY_SYSTEM = '*';

function notHeld(canonical: string): CodeSet {
  return {
    systems: new Set([ANY_SYSTEM]),
    gaps: [{ kind: 'absent', canonical }],
    candidates: () => [],
    contains: () => 'unknown',
  };
}

function codesOf(set: ConceptSet, system: string, catalogue: Catalogue): CodeSet {
  const canonical = set.version === undefined ? system : `${system}|${set.version}`;
  const table = catalogue.codeTable(canonical);
  if (set.concept !== undefined) return listed(system, table, set.concept);
  if (table === undefined) {
    return {
      systems: new Set([system]),
      gaps: [{ kind: 'absent', canonical }],
      candidates: () => [],
      contains: (asked) => (asked === system ? 'unknown' : 'no'),
    };
  }
  const filters = (set.filter ?? []).map((filter) => readFilter(filter, table));
  const understood = filters.filter((filter) => filter !== undefined);
  return kept(system, table, understood, understood.length < filters.length);
}

/** Concepts that a set lists one by one. */
function listed(
  system: string,
  table: CodeTable | undefined,
  concepts: readonly { readonly code: string; readonly display?: string }[],
): CodeSet {
  const written = (code: string) => table?.get(code)?.code ?? code;
  const codes = new Set(concepts.map(({ code }) => written(code)));
  return {
    systems: new Set([system]),
    gaps: [],
    *candidates() {
      for (const concept of concepts) yield { ...concept, code: written(concept.code), system };
    },
    contains: (asked, code) => (asked === system && codes.has(written(code)) ? 'yes' : 'no'),
  };
}

/** A system's concepts that pass all filters; all when there is none. */
function kept(
  system: string,
  table: CodeTable,
  filters: readonly ((entry: CodeEntry) => boolean)[],
  isUncertain: boolean,
): CodeSet {
  const passes = (entry: CodeEntry) => filters.every((filter) => filter(entry));
  const gaps: Gap[] = [];
  if (isUncertain) gaps.push({ kind: 'filter', canonical: system });
  else if (!table.isComplete) gaps.push({ kind: 'partial', canonical: system });
  const contains = (code: string): Membership => {
    const entry = table.get(code);
    // A filter may need what only the whole system says, such as what lies above a code.
    if (entry !== undefined && passes(entry)) return isUncertain ? 'unknown' : 'yes';
    return table.isComplete ? 'no' : 'unknown';
  };
  return {
    systems: new Set([system]),
    gaps,
    *candidates() {
      for (const entry of table.codes()) if (passes(entry)) yield { system, code: entry.code };
    },
    contains: (asked, code) => (asked === system ? contains(code) : 'no'),
  };
}

/** The members that an expansion lists; of others it says nothing. */
function expanded(contains: readonly Contained[]): CodeSet {
  const found: Candidate[] = [];
  const visit = (items: readonly Contained[]): void => {
    for (const { system, code, display, abstract, contains: below = [] } of items) {
      if (system !== undefined && code !== undefined && abstract !== true) {
        found.push({ system, code, ...(display === undefined ? {} : { display }) });
      }
      visit(below);
    }
  };
  visit(contains);
  const members = new Set(found.map(({ system, code }) => `${system}|${code}`));
  return {
    systems: new Set(found.map(({ system }) => system)),
    gaps: [],
    candidates: () => found,
    contains: (system, code) => (members.has(`${system}|${code}`) ? 'yes' : 'no'),
  };
}
