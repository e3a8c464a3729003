// Expands the value sets that R4 binds as required, from the code systems that come with the
// definitions (http://hl7.org/fhir/R4/valueset.html#compositions). Part of generate-schemas.ts.

/** A CodeSystem's concept and those below it. */
interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
  readonly property?: readonly { readonly code: string; readonly valueCode?: string }[];
}

export interface CodeSystem {
  readonly resourceType: 'CodeSystem';
  readonly url: string;
  readonly content: string;
  readonly concept?: readonly Concept[];
}

interface ConceptFilter {
  readonly property: string;
  readonly op: string;
  readonly value: string;
}

interface ConceptSet {
  readonly system?: string;
  readonly concept?: readonly { readonly code: string }[];
  readonly filter?: readonly ConceptFilter[];
  readonly valueSet?: readonly string[];
}

export interface ValueSet {
  readonly resourceType: 'ValueSet';
  readonly url: string;
  readonly compose?: {
    readonly include: readonly ConceptSet[];
    readonly exclude?: readonly ConceptSet[];
  };
}

/** Where value sets and code systems are found, by url. */
export interface Terminology {
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly codeSystems: ReadonlyMap<string, CodeSystem>;
}

const SEPARATOR = '|';

/**
 * Every member of the value set as `system|code`, in the order of the definitions; undefined when
 * the definitions at hand do not suffice to list them all (UCUM, SNOMED CT, media types).
 */
export function expandValueSet(
  url: string,
  terminology: Terminology,
): ReadonlySet<string> | undefined {
  const compose = terminology.valueSets.get(url.replace(/\|.*$/, ''))?.compose;
  if (compose === undefined) return undefined;
  const members = new Set<string>();
  for (const include of compose.include) {
    const included = expandConceptSet(include, terminology);
    if (included === undefined) return undefined;
    for (const member of included) members.add(member);
  }
  for (const exclude of compose.exclude ?? []) {
    const excluded = expandConceptSet(exclude, terminology);
    if (excluded === undefined) return undefined;
    for (const member of excluded) members.delete(member);
  }
  return members;
}

// A concept set is the intersection of what it names: a system's codes and other value sets.
function expandConceptSet(set: ConceptSet, terminology: Terminology): Set<string> | undefined {
  let members: Set<string> | undefined;
  if (set.system !== undefined) {
    members = codesOf(set, set.system, terminology);
    if (members === undefined) return undefined;
  }
  for (const url of set.valueSet ?? []) {
    const imported = expandValueSet(url, terminology);
    if (imported === undefined) return undefined;
    const before = members;
    members = new Set([...imported].filter((member) => before?.has(member) ?? true));
  }
  return members;
}

function codesOf(
  set: ConceptSet,
  system: string,
  terminology: Terminology,
): Set<string> | undefined {
  const prefix = system + SEPARATOR;
  if (set.concept !== undefined) {
    return new Set(set.concept.map((concept) => prefix + concept.code));
  }
  const codeSystem = terminology.codeSystems.get(system);
  if (codeSystem?.content !== 'complete') return undefined;
  const ancestors = ancestorsOf(codeSystem);
  let codes = [...ancestors.keys()];
  for (const filter of set.filter ?? []) {
    const accepts = filterOf(filter, ancestors);
    if (accepts === undefined) return undefined;
    codes = codes.filter(accepts);
  }
  return new Set(codes.map((code) => prefix + code));
}

type Ancestors = ReadonlyMap<string, ReadonlySet<string>>;

function filterOf(
  filter: ConceptFilter,
  ancestors: Ancestors,
): ((code: string) => boolean) | undefined {
  const isBelow = (code: string) => ancestors.get(code)?.has(filter.value) ?? false;
  if (filter.property !== 'concept') return undefined;
  switch (filter.op) {
    case 'is-a':
      return (code) => code === filter.value || isBelow(code);
    case 'descendent-of':
      return isBelow;
    case 'is-not-a':
      return (code) => code !== filter.value && !isBelow(code);
    default:
      return undefined;
  }
}

/** Every code with all codes above it, by nesting and by the property `subsumedBy`. */
function ancestorsOf(codeSystem: CodeSystem): Ancestors {
  const parents = new Map<string, Set<string>>();
  const visit = (concepts: readonly Concept[], parent: string | undefined): void => {
    for (const concept of concepts) {
      const above = parents.get(concept.code) ?? new Set<string>();
      if (parent !== undefined) above.add(parent);
      for (const property of concept.property ?? []) {
        if (property.code === 'subsumedBy' && property.valueCode) above.add(property.valueCode);
      }
      parents.set(concept.code, above);
      visit(concept.concept ?? [], concept.code);
    }
  };
  visit(codeSystem.concept ?? [], undefined);
  return new Map([...parents.keys()].map((code) => [code, closure(code, parents)]));
}

function closure(code: string, parents: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  const open = [...(parents.get(code) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(parents.get(next) ?? []));
  }
  return found;
}
