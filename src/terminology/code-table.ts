// One code system made ready for questions: its codes by name, with what is above and below each.
// Compiled from one CodeSystem, or from several fragments of one code system.
// http://hl7.org/fhir/R4/codesystem.html#hierarchy

import type { CodeSystem, Concept, ConceptProperty, Designation } from './resources.ts';

/** One code with all that is known of it. */
export interface CodeEntry {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designations: readonly Designation[];
  readonly properties: readonly ConceptProperty[];
  /** The codes directly above and below it. */
  readonly parents: readonly string[];
  readonly children: readonly string[];
}

type DraftEntry = { -readonly [Member in keyof CodeEntry]: CodeEntry[Member] } & {
  parents: string[];
  children: string[];
};

/** Most concepts have none of most things: hundreds of thousands share this one. */
const NONE: never[] = [];

/** Properties that say what is above or below a concept; whatever a code system calls them, these
 * are the codes that FHIR's own systems use. */
const ABOVE = ['parent', 'subsumedBy'];
const BELOW = ['child'];

/** Values that FHIR gives a property where a concept does not state it
 * (http://hl7.org/fhir/R4/codesystem-concept-properties.html). */
const UNSTATED: Readonly<Record<string, string>> = { inactive: 'false', notSelectable: 'false' };

/** The value of a property, as text. */
function propertyText(property: ConceptProperty): string {
  const { code: _name, valueCoding, ...values } = property;
  const [value] = Object.values({ ...values, valueCoding: valueCoding?.code }).filter(
    (each) => each !== undefined,
  );
  return String(value ?? '');
}

/** The texts of a concept's property; more than one where it repeats. */
export function propertyTexts(entry: CodeEntry, name: string): readonly string[] {
  const stated = entry.properties.filter(({ code }) => code === name).map(propertyText);
  const unstated = UNSTATED[name];
  return stated.length === 0 && unstated !== undefined ? [unstated] : stated;
}

/** Whether a concept only groups others and is not for use in records. */
export function isAbstract(entry: CodeEntry): boolean {
  return ['notSelectable', 'abstract'].some((name) => propertyTexts(entry, name)[0] === 'true');
}

/** Whether a concept is no longer for use. */
export function isInactive(entry: CodeEntry): boolean {
  const [status] = propertyTexts(entry, 'status');
  return propertyTexts(entry, 'inactive')[0] === 'true' || status === 'retired';
}

export class CodeTable {
  readonly url: string;
  readonly version: string | undefined;
  /** What people call it. */
  readonly name: string;
  /** Whether every code of the system is here: then a code that is not here does not exist. */
  readonly isComplete: boolean;
  /** Property codes that the system declares. */
  readonly declared: ReadonlySet<string>;
  private readonly entries = new Map<string, DraftEntry>();
  private readonly caseSensitive: boolean;
  private folded: Map<string, string | undefined> | undefined;

  /** @param parts one CodeSystem, or fragments of the same one; at least one */
  constructor(parts: readonly CodeSystem[]) {
    const [first] = parts;
    this.url = first?.url ?? '';
    this.version = first?.version;
    this.name = first?.title ?? first?.name ?? this.url;
    this.isComplete = parts.every(({ content }) => content === 'complete');
    // Where a system does not say, R4 asks to accept codes in any case.
    this.caseSensitive = parts.some((part) => part.caseSensitive === true);
    this.declared = new Set(parts.flatMap((part) => part.property?.map(({ code }) => code) ?? []));
    for (const part of parts) this.addConcepts(part.concept ?? [], undefined);
    for (const entry of this.entries.values()) this.linkByProperties(entry);
  }

  /** How many codes it holds. */
  get size(): number {
    return this.entries.size;
  }

  /** Every code, in the order of the definition. */
  codes(): IterableIterator<CodeEntry> {
    return this.entries.values();
  }

  /** The entry of a code, in whatever case where the system does not mind it. */
  get(code: string): CodeEntry | undefined {
    const entry = this.entries.get(code);
    if (entry !== undefined || this.caseSensitive) return entry;
    this.folded ??= foldCodes(this.entries.keys());
    const written = this.folded.get(code.toLowerCase());
    return written === undefined ? undefined : this.entries.get(written);
  }

  /** Whether `code` is somewhere below `ancestor`, both as the system writes them. */
  isBelow(code: string, ancestor: string): boolean {
    return this.ancestors(code).has(ancestor);
  }

  /** All codes above, in no order; a code is never among its own. */
  ancestors(code: string): ReadonlySet<string> {
    return this.closure(code, 'parents');
  }

  /** All codes below, nearest first. */
  descendants(code: string): ReadonlySet<string> {
    return this.closure(code, 'children');
  }

  /** A code that is above itself, if there is one. */
  findCircle(): string | undefined {
    const open = new Map([...this.codes()].map(({ code, parents }) => [code, parents.length]));
    const clear = [...open.keys()].filter((code) => open.get(code) === 0);
    for (const code of clear) {
      open.delete(code);
      for (const child of this.entries.get(code)?.children ?? NONE) {
        const left = (open.get(child) ?? 0) - 1;
        open.set(child, left);
        if (left === 0) clear.push(child);
      }
    }
    // What is left is in a circle or below one, so that upwards leads into it.
    const passed = new Set<string>();
    let [code] = open.keys();
    while (code !== undefined && !passed.has(code)) {
      passed.add(code);
      code = this.entries.get(code)?.parents.find((parent) => open.has(parent));
    }
    return code;
  }

  private closure(code: string, way: 'parents' | 'children'): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [...(this.entries.get(code)?.[way] ?? [])];
    for (const next of open) {
      if (found.has(next) || next === code) continue;
      found.add(next);
      open.push(...(this.entries.get(next)?.[way] ?? []));
    }
    return found;
  }

  private addConcepts(concepts: readonly Concept[], parent: DraftEntry | undefined): void {
    for (const concept of concepts) {
      const entry = this.merge(concept);
      if (parent !== undefined) link(parent, entry);
      this.addConcepts(concept.concept ?? [], entry);
    }
  }

  private merge(concept: Concept): DraftEntry {
    const known = this.entries.get(concept.code);
    if (known === undefined) {
      const entry = draft(concept);
      this.entries.set(concept.code, entry);
      return entry;
    }
    const { display, definition } = concept;
    if (display !== undefined && display !== known.display) {
      if (known.display === undefined) known.display = display;
      else known.designations = [...known.designations, { value: display }];
    }
    if (definition !== undefined) known.definition ??= definition;
    known.designations = known.designations.concat(concept.designation ?? NONE);
    known.properties = known.properties.concat(concept.property ?? NONE);
    return known;
  }

  private linkByProperties(entry: DraftEntry): void {
    for (const property of entry.properties) {
      const other = this.entries.get(propertyText(property));
      if (other === undefined || other === entry) continue;
      if (ABOVE.includes(property.code)) link(other, entry);
      else if (BELOW.includes(property.code)) link(entry, other);
    }
  }
}

function draft(concept: Concept): DraftEntry {
  return {
    code: concept.code,
    ...(concept.display === undefined ? {} : { display: concept.display }),
    ...(concept.definition === undefined ? {} : { definition: concept.definition }),
    designations: concept.designation ?? NONE,
    properties: concept.property ?? NONE,
    parents: NONE,
    children: NONE,
  };
}

function link(above: DraftEntry, below: DraftEntry): void {
  if (below.parents.includes(above.code)) return;
  if (below.parents === NONE) below.parents = [above.code];
  else below.parents.push(above.code);
  if (above.children === NONE) above.children = [below.code];
  else above.children.push(below.code);
}

/** Codes by their lower case; undefined where two differ in case alone. */
function foldCodes(codes: Iterable<string>): Map<string, string | undefined> {
  const folded = new Map<string, string | undefined>();
  for (const code of codes) {
    const key = code.toLowerCase();
    folded.set(key, folded.has(key) ? undefined : code);
  }
  return folded;
}
