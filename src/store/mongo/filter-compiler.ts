// Expressions as filters. What looks at other resources (chains, `_has`, hierarchies, circles) is
// asked first, one find a hop, and its answer becomes a list in the filter; what is longer than a
// list may be is a set of ids, with which and, or and not are done here.

import { unreachable } from '../../lib/assert.ts';
import type { Expression } from '../../search/expression.ts';
import { latitudesOf, positionMatches } from '../../search/types/position.ts';
import { decodeText } from '../ordered-text.ts';
import type { Database } from './database.ts';
import { entryName, readEntries, ways } from './entry-text.ts';
import type { VersionDocument } from './models.ts';
import { existingAt } from './moment.ts';
import { lastUpdatedFilter } from './positions.ts';
import {
  compositeFilter,
  type Filter,
  hasEntryFilter,
  latitudeFilter,
  NOTHING,
  valueFilter,
} from './value-filter.ts';

/** Values in one list: a few megabytes, where a command may have sixteen. */
const LIST_MAX = 50_000;

const EVERYTHING: Filter = {};

/** Which resources of a type: those of a filter, or of a set too long for one. The set may name
 * what does not exist. */
export type Matched = { readonly filter: Filter } | { readonly ids: ReadonlySet<string> };

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;

/** A version of which some members are read. */
type Found = Pick<VersionDocument, 'id' | 'entries'>;

export class FilterCompiler {
  readonly #database: Database;
  readonly #at: number;
  readonly #listMax: number;

  /**
   * @param at the sequence number that all is as at
   * @param listMax values in one list
   */
  constructor(database: Database, at: number, listMax = LIST_MAX) {
    this.#database = database;
    this.#at = at;
    this.#listMax = listMax;
  }

  /** Filters of existing resources that together find those that match, each one once. */
  async filters(type: string, where: Expression): Promise<readonly Filter[]> {
    return this.#disjoint(type, await this.#compile(type, where));
  }

  /** The ids of resources that match, at most `limit`. */
  async ids(type: string, where: Expression, limit = Number.POSITIVE_INFINITY): Promise<string[]> {
    const matched = await this.#compile(type, where);
    const ids = await this.#idsOf(type, matched, limit);
    return [...ids];
  }

  async #compile(type: string, where: Expression): Promise<Matched> {
    switch (where.kind) {
      case 'everything':
        return { filter: EVERYTHING };
      case 'nothing':
        return { filter: NOTHING };
      case 'and':
        return this.#and(type, where.of);
      case 'or':
        return this.#or(type, where.of);
      case 'not':
        return this.#not(type, await this.#compile(type, where.of));
      case 'missing':
        return { filter: { $nor: [hasEntryFilter(type, where.parameter)] } };
      case 'id':
        return this.#matchedOf(type, new Set(where.ids));
      case 'lastUpdated':
        return { filter: await lastUpdatedFilter(this.#database, where.anyOf, this.#at) };
      case 'reference':
        return this.#references(type, where.parameter, where.anyOf);
      case 'token':
      case 'string':
      case 'date':
      case 'number':
      case 'quantity':
      case 'uri':
        return { filter: valueFilter(type, where) };
      case 'near':
        return this.#near(type, where);
      case 'composite':
        return { filter: compositeFilter(type, where) };
      case 'chain':
        return this.#chain(type, where);
      case 'has':
        return this.#has(type, where);
      case 'below':
      case 'above':
        return this.#hierarchy(type, where);
      default:
        return unreachable(where);
    }
  }

  async #and(type: string, of: readonly Expression[]): Promise<Matched> {
    const filters: Filter[] = [];
    const sets: ReadonlySet<string>[] = [];
    for (const part of of) {
      const matched = await this.#compile(type, part);
      if ('ids' in matched) sets.push(matched.ids);
      else if (matched.filter === NOTHING) return matched;
      else if (matched.filter !== EVERYTHING) filters.push(matched.filter);
    }
    const [smallest, ...others] = sets.toSorted((left, right) => left.size - right.size);
    const filter = conjunction(filters);
    if (smallest === undefined) return { filter };
    const ids = new Set([...smallest].filter((id) => others.every((other) => other.has(id))));
    const matched = this.#matchedOf(type, ids);
    if (filter === EVERYTHING) return matched;
    if ('filter' in matched) return { filter: conjunction([filter, matched.filter]) };
    const found = await this.#idsOf(type, matched, Number.POSITIVE_INFINITY, filter);
    return this.#matchedOf(type, new Set(found));
  }

  async #or(type: string, of: readonly Expression[]): Promise<Matched> {
    const filters: Filter[] = [];
    const sets: ReadonlySet<string>[] = [];
    for (const part of of) {
      const matched = await this.#compile(type, part);
      if ('ids' in matched) sets.push(matched.ids);
      else filters.push(matched.filter);
    }
    if (filters.includes(EVERYTHING)) return { filter: EVERYTHING };
    const filter = filters.length === 0 ? NOTHING : { $or: filters };
    if (sets.length === 0) return { filter };
    const ids = new Set(await this.#idsOf(type, { filter }));
    for (const set of sets) for (const id of set) ids.add(id);
    return { ids };
  }

  async #not(type: string, matched: Matched): Promise<Matched> {
    if ('filter' in matched) {
      if (matched.filter === NOTHING) return { filter: EVERYTHING };
      return { filter: matched.filter === EVERYTHING ? NOTHING : { $nor: [matched.filter] } };
    }
    const all = await this.#idsOf(type, { filter: EVERYTHING });
    return this.#matchedOf(type, new Set([...all].filter((id) => !matched.ids.has(id))));
  }

  /** Those that point at one of the targets. */
  async #references(type: string, parameter: string, targets: readonly string[]): Promise<Matched> {
    const filterOf = (anyOf: readonly string[]) =>
      valueFilter(type, { kind: 'reference', parameter, anyOf });
    if (targets.length <= this.#listMax) return { filter: filterOf(targets) };
    const ids = new Set<string>();
    for (const some of chunks(targets, this.#listMax)) {
      for (const id of await this.#idsOf(type, { filter: filterOf(some) })) ids.add(id);
    }
    return this.#matchedOf(type, ids);
  }

  async #chain(type: string, { parameter, type: target, where }: Of<'chain'>): Promise<Matched> {
    const ids = await this.ids(target, where);
    const targets = ids.map((id) => `${target}/${id}`);
    return targets.length === 0 ? { filter: NOTHING } : this.#references(type, parameter, targets);
  }

  async #has(type: string, { type: referrer, parameter, where }: Of<'has'>): Promise<Matched> {
    const matched = await this.#compile(referrer, where);
    const ids = new Set<string>();
    for await (const { entries = [] } of this.#find(referrer, matched, { entries: 1 })) {
      for (const id of targetIds(referrer, parameter, entries, type)) ids.add(id);
    }
    return this.#matchedOf(type, ids);
  }

  /** Level by level from what matches `of`, through what may be passed. */
  async #hierarchy(type: string, hierarchy: Of<'below' | 'above'>): Promise<Matched> {
    const { kind, parent, of, through } = hierarchy;
    const passable = await this.#compile(type, through);
    const reached = new Set<string>();
    const start = await this.#and(type, [of, through]);
    for (let level = await this.#idsOf(type, start); level.length > 0; ) {
      for (const id of level) reached.add(id);
      const next =
        kind === 'below'
          ? await this.#references(
              type,
              parent,
              level.map((id) => `${type}/${id}`),
            )
          : this.#matchedOf(type, await this.#parents(type, parent, level));
      const open = await this.#both(type, next, passable);
      level = open.filter((id) => !reached.has(id));
    }
    return this.#matchedOf(type, reached);
  }

  async #parents(type: string, parent: string, ids: readonly string[]): Promise<Set<string>> {
    const parents = new Set<string>();
    const matched = this.#matchedOf(type, new Set(ids));
    for await (const { entries = [] } of this.#find(type, matched, { entries: 1 })) {
      for (const id of targetIds(type, parent, entries, type)) parents.add(id);
    }
    return parents;
  }

  async #both(type: string, one: Matched, other: Matched): Promise<string[]> {
    if ('filter' in one && 'filter' in other) {
      return this.#idsOf(type, { filter: conjunction([one.filter, other.filter]) });
    }
    const ids = new Set(await this.#idsOf(type, one));
    return (await this.#idsOf(type, other)).filter((id) => ids.has(id));
  }

  async #near(type: string, { parameter, anyOf }: Of<'near'>): Promise<Matched> {
    const ids = new Set<string>();
    const band = { filter: latitudeFilter(type, parameter, anyOf.map(latitudesOf)) };
    for await (const { id, entries = [] } of this.#find(type, band, { id: 1, entries: 1 })) {
      const isWithin = readEntries(type, [parameter], entries).some(
        (entry) =>
          entry.kind === 'position' && anyOf.some((circle) => positionMatches(entry, circle)),
      );
      if (isWithin) ids.add(id);
    }
    return this.#matchedOf(type, ids);
  }

  #matchedOf(type: string, ids: ReadonlySet<string>): Matched {
    if (ids.size === 0) return { filter: NOTHING };
    return ids.size > this.#listMax ? { ids } : { filter: keysFilter(type, [...ids]) };
  }

  #disjoint(type: string, matched: Matched, also: Filter = EVERYTHING): readonly Filter[] {
    const existing = existingAt(type, this.#at);
    const parts =
      'filter' in matched
        ? [matched.filter]
        : chunks([...matched.ids], this.#listMax).map((ids) => keysFilter(type, ids));
    return parts
      .filter((part) => part !== NOTHING)
      .map((part) => conjunction([existing, part, also].filter((one) => one !== EVERYTHING)));
  }

  async *#find(
    type: string,
    matched: Matched,
    members: Readonly<Record<string, 1>>,
    limit = Number.POSITIVE_INFINITY,
    also?: Filter,
  ): AsyncGenerator<Found> {
    let left = limit;
    for (const filter of this.#disjoint(type, matched, also)) {
      const projection = { _id: 0, ...members };
      const cursor = this.#database.versions.find<Found>(filter, {
        projection,
        ...(Number.isFinite(left) ? { limit: left } : {}),
      });
      for await (const found of cursor) {
        yield found;
        left -= 1;
      }
      if (left <= 0) return;
    }
  }

  async #idsOf(type: string, matched: Matched, limit?: number, also?: Filter): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of this.#find(type, matched, { id: 1 }, limit, also)) ids.push(id);
    return ids;
  }
}

function conjunction(filters: readonly Filter[]): Filter {
  const [first = EVERYTHING] = filters;
  return filters.length <= 1 ? first : { $and: filters };
}

/** The resources of those ids. */
function keysFilter(type: string, ids: readonly string[]): Filter {
  return { key: { $in: ids.map((id) => `${type}/${id}`) } };
}

/** Ids of the resources of the type `target` that the entries under the parameter point at. */
function targetIds(
  type: string,
  parameter: string,
  entries: readonly string[],
  target: string,
): string[] {
  const start = entryName(type, parameter) + ways.reference;
  const local = `${target}/`;
  return entries
    .filter((text) => text.startsWith(start))
    .map((text) => decodeText(text.slice(start.length)))
    .filter((text) => text.startsWith(local))
    .map((text) => text.slice(local.length));
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
