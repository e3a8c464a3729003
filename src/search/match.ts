// Judges in memory whether a resource matches an expression, and orders resources by sort keys.
// What this says is what both stores must answer; subscriptions use it directly.

import { unreachable } from '../lib/assert.ts';
import type { Expression, SortKey, ValueExpression } from './expression.ts';
import type { IndexEntry, IndexedResource } from './index-entry.ts';
import { positionMatches } from './types/position.ts';
import { quantityMatches } from './types/quantity.ts';
import { rangeMatches } from './types/range.ts';
import { stringMatches } from './types/string.ts';
import { tokenMatches } from './types/token.ts';
import { uriMatches } from './types/uri.ts';

/** The collection in which chains and `_has` look: current, undeleted resources. */
export interface World {
  resource(type: string, id: string): IndexedResource | undefined;
  all(type: string): Iterable<IndexedResource>;
}

/** Whether the candidate, a resource of the expression's type, matches it. */
export function matches(expression: Expression, candidate: IndexedResource, world: World): boolean {
  switch (expression.kind) {
    case 'everything':
      return true;
    case 'nothing':
      return false;
    case 'and':
      return expression.of.every((part) => matches(part, candidate, world));
    case 'or':
      return expression.of.some((part) => matches(part, candidate, world));
    case 'not':
      return !matches(expression.of, candidate, world);
    case 'missing':
      return !candidate.entries.some((entry) => entry.parameter === expression.parameter);
    case 'id':
      return expression.ids.includes(candidate.id);
    case 'lastUpdated': {
      const instant = { low: candidate.lastUpdatedMs, high: candidate.lastUpdatedMs + 1 };
      return expression.anyOf.some((bounds) => rangeMatches(instant, bounds));
    }
    case 'token':
    case 'string':
    case 'date':
    case 'number':
    case 'quantity':
    case 'reference':
    case 'uri':
    case 'near':
      return candidate.entries.some((entry) => entryMatches(expression, entry));
    case 'composite':
      return candidate.entries.some(
        (entry) =>
          entry.kind === 'composite' &&
          entry.parameter === expression.parameter &&
          expression.of.every((part) => entry.values.some((value) => entryMatches(part, value))),
      );
    case 'chain':
      return referencesOf(candidate, expression.parameter).some((target) => {
        const found = resourceAt(target, expression.type, world);
        return found !== undefined && matches(expression.where, found, world);
      });
    case 'has':
      return hasReferrer(expression, candidate, world);
    case 'below':
      return leadsTo(expression, candidate, parentsOf, world);
    case 'above':
      return leadsTo(expression, candidate, partsOf, world);
    default:
      return unreachable(expression);
  }
}

function entryMatches(node: ValueExpression, entry: IndexEntry): boolean {
  if (entry.parameter !== node.parameter) return false;
  switch (node.kind) {
    case 'token':
      return entry.kind === 'token' && node.anyOf.some((value) => tokenMatches(entry, value));
    case 'string':
      return (
        entry.kind === 'string' &&
        node.anyOf.some((value) => stringMatches(entry, node.compare, value))
      );
    case 'date':
    case 'number':
      return entry.kind === node.kind && node.anyOf.some((bounds) => rangeMatches(entry, bounds));
    case 'quantity':
      return entry.kind === 'quantity' && node.anyOf.some((value) => quantityMatches(entry, value));
    case 'reference':
      return entry.kind === 'reference' && node.anyOf.includes(entry.target);
    case 'uri':
      return (
        entry.kind === 'uri' &&
        node.anyOf.some((value) => uriMatches(entry.value, node.compare, value))
      );
    case 'near':
      return entry.kind === 'position' && node.anyOf.some((each) => positionMatches(entry, each));
    default:
      return unreachable(node);
  }
}

type Hierarchy = Extract<Expression, { kind: 'below' | 'above' }>;

/** One step of a hierarchy, from a resource to others of its type. */
type Step = (
  from: IndexedResource,
  hierarchy: Hierarchy,
  world: World,
) => readonly IndexedResource[];

const parentsOf: Step = (from, { parent }, world) =>
  referencesOf(from, parent)
    .map((target) => resourceAt(target, from.type, world))
    .filter((found) => found !== undefined);

const partsOf: Step = (from, { parent }, world) =>
  [...world.all(from.type)].filter((other) => pointsAt(other, parent, `${from.type}/${from.id}`));

/** Whether some way of steps, each through what may be passed, ends where `of` matches. */
function leadsTo(
  hierarchy: Hierarchy,
  candidate: IndexedResource,
  step: Step,
  world: World,
): boolean {
  const seen = new Set<string>();
  const open = [candidate];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    if (seen.has(here.id) || !matches(hierarchy.through, here, world)) continue;
    if (matches(hierarchy.of, here, world)) return true;
    seen.add(here.id);
    open.push(...step(here, hierarchy, world));
  }
  return false;
}

function pointsAt(candidate: IndexedResource, parameter: string, target: string): boolean {
  return candidate.entries.some(
    (entry) =>
      entry.kind === 'reference' && entry.parameter === parameter && entry.target === target,
  );
}

function referencesOf(candidate: IndexedResource, parameter: string): string[] {
  return candidate.entries
    .filter((entry) => entry.kind === 'reference' && entry.parameter === parameter)
    .map((entry) => (entry.kind === 'reference' ? entry.target : ''));
}

function resourceAt(target: string, type: string, world: World): IndexedResource | undefined {
  const start = `${type}/`;
  return target.startsWith(start) ? world.resource(type, target.slice(start.length)) : undefined;
}

function hasReferrer(
  has: Extract<Expression, { kind: 'has' }>,
  candidate: IndexedResource,
  world: World,
): boolean {
  const self = `${candidate.type}/${candidate.id}`;
  for (const referrer of world.all(has.type)) {
    if (pointsAt(referrer, has.parameter, self) && matches(has.where, referrer, world)) return true;
  }
  return false;
}

/** What ordering needs to know beside the entries (see Version in store/resource-store.ts). */
export interface SortableResource extends IndexedResource {
  readonly number: number;
  readonly sequence: number;
}

/**
 * Comparison for Array.sort by the keys, as SortKey says; ties, and an empty `sort`, by `number`
 * ascending. Dates order by where they begin (`low`), references by target, both least first.
 */
export function compareBySort(
  sort: readonly SortKey[],
): (left: SortableResource, right: SortableResource) => number {
  return (left, right) => {
    for (const key of sort) {
      const order = compareByKey(key, left, right);
      if (order !== 0) return order;
    }
    return left.number - right.number;
  };
}

/** Values compared one after the other: a token is its code, then its system. */
type SortValue = readonly (string | number)[];

function compareByKey(key: SortKey, left: SortableResource, right: SortableResource): number {
  const leftValue = sortValue(key, left);
  const rightValue = sortValue(key, right);
  if (leftValue === undefined || rightValue === undefined) {
    return Number(leftValue === undefined) - Number(rightValue === undefined);
  }
  const order = compareValues(leftValue, rightValue);
  return key.descending ? -order : order;
}

/** The least value under the key ascending, the greatest descending; undefined without any. */
function sortValue(key: SortKey, resource: SortableResource): SortValue | undefined {
  const sign = key.descending ? -1 : 1;
  return valuesUnder(key.parameter, resource)
    .toSorted((left, right) => sign * compareValues(left, right))
    .at(0);
}

function valuesUnder(parameter: string, resource: SortableResource): readonly SortValue[] {
  if (parameter === '_id') return [[resource.id]];
  if (parameter === '_lastUpdated') return [[resource.sequence]];
  return resource.entries
    .filter((entry) => entry.parameter === parameter)
    .map(valueOfEntry)
    .filter((value) => value.length > 0);
}

function valueOfEntry(entry: IndexEntry): SortValue {
  switch (entry.kind) {
    case 'token':
      return [entry.code, entry.system];
    case 'string':
    case 'uri':
      return [entry.value];
    case 'date':
    case 'number':
    case 'quantity':
      return [entry.low];
    case 'reference':
      return [entry.target];
    case 'position':
    case 'composite':
      // Nothing that people would order by.
      return [];
    default:
      return unreachable(entry);
  }
}

function compareValues(left: SortValue, right: SortValue): number {
  for (const [index, leftPart] of left.entries()) {
    const rightPart = right[index];
    if (rightPart === undefined || leftPart === rightPart) continue;
    return leftPart < rightPart ? -1 : 1;
  }
  return 0;
}
