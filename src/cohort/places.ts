// The places of the programme in memory: small areas, districts, practices, networks, boards and
// regions, two trees of Locations and Organizations. Small enough to hold whole, they answer what a
// chain from a person to a place means, and which area of a level a home or a practice lies in.

import type { Resource } from '../fhir/types.ts';
import type { Expression } from '../search/expression.ts';
import type { IndexedResource } from '../search/index-entry.ts';
import { matches, type World } from '../search/match.ts';
import { placeTypes } from './facets.ts';

/** A place as its resource says it. */
interface Place {
  readonly indexed: IndexedResource;
  readonly name: string;
  /** Codes of its type: `small-area`, `practice`, … */
  readonly levels: readonly string[];
  /** `Type/id` of what it is a part of. */
  readonly parent: string | undefined;
}

/** An area of a level. */
export interface Area {
  /** `Location/E01000001` */
  readonly reference: string;
  readonly id: string;
  readonly name: string;
}

/** Steps up a tree, at most: nobody's areas nest deeper, and circles end. */
const STEPS_MAX = 20;

/** All places that exist. */
export class Places implements World {
  readonly #places = new Map<string, Place>();
  readonly #children = new Map<string, Set<string>>();
  #version = 1;
  #identifiers: { readonly version: number; readonly codes: ReadonlySet<string> } = {
    version: 0,
    codes: new Set(),
  };

  /** Differs whenever an answer may. */
  get version(): number {
    return this.#version;
  }

  /** Whether changes of the type are changes of places. */
  isPlace(type: string): boolean {
    return placeTypes.some((each) => each === type);
  }

  /** Takes a place as it now is; without a resource it is gone. */
  set(
    indexed: Omit<IndexedResource, 'entries'>,
    found?: { entries: IndexedResource['entries']; resource: Resource },
  ): void {
    const reference = `${indexed.type}/${indexed.id}`;
    const before = this.#places.get(reference);
    if (before?.parent !== undefined) this.#children.get(before.parent)?.delete(reference);
    this.#version += 1;
    if (found === undefined) {
      this.#places.delete(reference);
      return;
    }
    const place = placeOf({ ...indexed, entries: found.entries }, found.resource);
    this.#places.set(reference, place);
    if (place.parent === undefined) return;
    const children = this.#children.get(place.parent) ?? new Set<string>();
    children.add(reference);
    this.#children.set(place.parent, children);
  }

  /** Forgets all. */
  clear(): void {
    this.#places.clear();
    this.#children.clear();
    this.#version += 1;
  }

  resource(type: string, id: string): IndexedResource | undefined {
    return this.#places.get(`${type}/${id}`)?.indexed;
  }

  *all(type: string): Generator<IndexedResource> {
    for (const { indexed } of this.#places.values()) if (indexed.type === type) yield indexed;
  }

  /** The values of all identifiers of places. */
  identifiers(): ReadonlySet<string> {
    if (this.#identifiers.version !== this.#version) {
      const codes = [...this.#places.values()].flatMap(({ indexed }) =>
        indexed.entries.flatMap((entry) =>
          entry.kind === 'token' && entry.parameter === 'identifier' ? [entry.code] : [],
        ),
      );
      this.#identifiers = { version: this.#version, codes: new Set(codes) };
    }
    return this.#identifiers.codes;
  }

  /** Whether what is known of places decides an expression on the type. */
  decides(type: string, expression: Expression): boolean {
    if (!this.isPlace(type)) return false;
    switch (expression.kind) {
      case 'and':
      case 'or':
        return expression.of.every((part) => this.decides(type, part));
      case 'not':
        return this.decides(type, expression.of);
      case 'chain':
        return this.decides(expression.type, expression.where);
      case 'below':
      case 'above':
        return this.decides(type, expression.of) && this.decides(type, expression.through);
      // Others refer to places too, and when a place was written is not kept.
      case 'has':
      case 'lastUpdated':
        return false;
      default:
        return true;
    }
  }

  /** `Type/id` of the places of the type that match, which `decides` must have granted. */
  where(type: string, expression: Expression): ReadonlySet<string> {
    if (expression.kind === 'below' && expression.through.kind === 'everything') {
      return this.#below(this.where(type, expression.of), expression.parent, type);
    }
    if (expression.kind === 'id') {
      const found = expression.ids.map((id) => `${type}/${id}`);
      return new Set(found.filter((reference) => this.#places.has(reference)));
    }
    const found = new Set<string>();
    for (const candidate of this.all(type)) {
      if (matches(expression, candidate, this)) found.add(`${type}/${candidate.id}`);
    }
    return found;
  }

  /** The area of a level that a place lies in, or is: the nearest on the way up. */
  areaOf(reference: string, level: string): Area | undefined {
    let at: string | undefined = reference;
    for (let step = 0; at !== undefined && step < STEPS_MAX; step += 1) {
      const place: Place | undefined = this.#places.get(at);
      if (place === undefined) return undefined;
      if (place.levels.includes(level)) {
        return { reference: at, id: place.indexed.id, name: place.name };
      }
      at = place.parent;
    }
    return undefined;
  }

  #below(roots: ReadonlySet<string>, parent: string, type: string): ReadonlySet<string> {
    if (parent !== 'partof') return this.#walk(roots, parent, type);
    const found = new Set(roots);
    // A Set tells what is added while it is walked.
    for (const reference of found) {
      for (const child of this.#children.get(reference) ?? []) found.add(child);
    }
    return found;
  }

  /** Along another parameter than that of the trees. */
  #walk(roots: ReadonlySet<string>, parent: string, type: string): ReadonlySet<string> {
    const found = new Set(roots);
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const { id, entries } of this.all(type)) {
        const isPart = entries.some(
          (entry) =>
            entry.kind === 'reference' && entry.parameter === parent && found.has(entry.target),
        );
        if (isPart) found.add(`${type}/${id}`);
      }
    }
    return found;
  }
}

interface Concept {
  readonly coding?: readonly { readonly code?: string }[];
}

function placeOf(indexed: IndexedResource, resource: Resource): Place {
  const { name, type } = resource as { readonly name?: string; readonly type?: unknown };
  const concepts = (Array.isArray(type) ? type : []) as readonly Concept[];
  const levels = concepts.flatMap(({ coding = [] }) => coding.flatMap(({ code }) => code ?? []));
  const parent = indexed.entries.find(({ parameter }) => parameter === 'partof');
  return {
    indexed,
    name: name ?? indexed.id,
    levels,
    parent: parent?.kind === 'reference' ? parent.target : undefined,
  };
}
