// Judges the constraints of R4 on one object: those of its type, and those that the type's elements
// carry. The generated modules say whether each holds. Called by the generated checks.

import {
  type Invariant,
  type Invariants,
  makeDataTypeInvariants,
  makeResourceInvariants,
  type RuleFailure,
} from '../definitions/schemas.ts';
import { bundlePlaces } from './bundle-places.ts';
import { invariantValues } from './invariant-values.ts';
import { isEmpty, isObject } from './nodes.ts';

/** The constraints of a type that an object does not follow, of both severities.
 * @param resource the resource that the object is in, or is */
export type Rules = (value: unknown, resource: unknown) => readonly RuleFailure[];

const NO_FAILURES: readonly RuleFailure[] = [];

let dataTypes: Invariants | undefined;
const resources = new Map<string, Invariants>();

/** @param type a resource, data or backbone type */
export function rulesOf(type: string): Rules {
  const invariants = invariantsOf(type);
  return (value, resource) => {
    let failures = NO_FAILURES;
    // Anything else is a fault already.
    if (!isObject(value) || isEmpty(value)) return failures;
    for (const invariant of invariants) {
      const places = failingPlaces(invariant, value, resource);
      if (places.length === 0) continue;
      const [key, severity, human] = invariant;
      failures = [...failures, ...places.map((at) => ({ key, severity, human, at }))];
    }
    return failures;
  };
}

/** The constraints on the type, those of its elements included. */
export function invariantsOf(type: string): readonly Invariant[] {
  dataTypes ??= makeDataTypeInvariants(invariantValues);
  return dataTypes[type] ?? ofResource(type.replace(/\..*$/, ''))[type] ?? [];
}

function ofResource(type: string): Invariants {
  const known = resources.get(type);
  if (known !== undefined) return known;
  const made = makeResourceInvariants(type, invariantValues);
  resources.set(type, made);
  return made;
}

const HOLDS: readonly string[] = [];
const ITSELF: readonly string[] = [''];

/** Where the constraint fails, as FHIRPath relative to the object. */
function failingPlaces(
  [key, , , element, holds]: Invariant,
  value: Readonly<Record<string, unknown>>,
  resource: unknown,
): readonly string[] {
  if (element === null) {
    if (holds(value, resource) !== false) return HOLDS;
    const places = bundlePlaces[key]?.(value) ?? ITSELF;
    return places.length === 0 ? ITSELF : places;
  }
  const { name, members } = element;
  return members.flatMap(([json, sibling]) => {
    const child = value[json] ?? (sibling === undefined ? undefined : value[sibling]);
    if (!Array.isArray(child)) {
      return child === undefined || holds(child, resource) !== false ? [] : [name];
    }
    return child.flatMap((item, index) =>
      holds(item, resource) === false ? [`${name}[${index}]`] : [],
    );
  });
}
