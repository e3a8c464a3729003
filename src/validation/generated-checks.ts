// Gives the generated checks what they call (primitive types, value sets, other types, the rules
// on contained resources) and runs them on a whole resource. Between structure.ts and schemas.ts.

import {
  type Checks,
  type Fault,
  type LocatedFault,
  makeDataTypeChecks,
  makeResourceChecks,
  type Provided,
} from '../definitions/schemas.ts';
import { codesOf, conceptCheck } from './bindings.ts';
import { containedFaults, strayFaults } from './contained.ts';
import { rulesOf } from './invariants.ts';
import { isObject } from './nodes.ts';
import { primitives } from './primitives.ts';
import { type Container, containerOf, referenceProblem } from './references.ts';

/** Judges a resource by the type it says it is; null when it is well formed. */
export type ResourceCheck = (resource: unknown) => readonly LocatedFault[] | null;

/**
 * @param issuesMax how many faults are enough
 * @returns a check that loads each type's code when it first meets the type
 */
export function makeResourceCheck(issuesMax: number): ResourceCheck {
  const types: Checks = Object.create(null);
  // What `#id` refers into: the resource being judged, or the Bundle entry's or parameter's.
  let container: Container = containerOf(undefined);

  const judgeWhole = (value: unknown, path: string): LocatedFault[] | null => {
    const outer = container;
    container = containerOf(value);
    try {
      return joined(judge(value, path), strayFaults(value, path));
    } finally {
      container = outer;
    }
  };

  const judge = (value: unknown, path: string): LocatedFault[] | null => {
    const type = isObject(value) ? value.resourceType : undefined;
    const check = typeof type === 'string' ? load(type) : undefined;
    if (check === undefined) return [fault(path, { fault: 'unknown-resource' })];
    return check(value, { instancePath: path }) ? null : (check.errors ?? null);
  };

  const load = (type: string) => {
    if (types[type] === undefined) Object.assign(types, makeResourceChecks(type, provided));
    return types[type];
  };

  const provided: Provided = {
    types,
    primitives,
    issuesMax,
    codes: once(codesOf),
    concepts: once(conceptCheck),
    targets: once((names: string) => {
      const targets = new Set(names === '' ? [] : names.split(' '));
      return (value) => referenceProblem(value, targets, container);
    }),
    rules: rulesOf,
    adopt: (collected, found) => adopt(collected, found, issuesMax),
    resource: (value, path, place) =>
      place === 'whole'
        ? judgeWhole(value, path)
        : joined(judge(value, path), containedFaults(value, path)),
  };
  Object.assign(types, makeDataTypeChecks(provided));
  return (resource) => judgeWhole(resource, '');
}

function fault(instancePath: string, params: Fault): LocatedFault {
  return { instancePath, params };
}

/** Moves `found` into `collected`, as far as there is room; each fault is moved once per level,
 * never copied with all that were found before. */
function adopt(
  collected: LocatedFault[] | null,
  found: LocatedFault[],
  issuesMax: number,
): LocatedFault[] {
  if (collected === null) return found;
  for (const fault of found) {
    if (collected.length >= issuesMax) break;
    collected.push(fault);
  }
  return collected;
}

function joined(first: LocatedFault[] | null, second: LocatedFault[]): LocatedFault[] | null {
  if (second.length === 0) return first;
  return first === null ? second : [...first, ...second];
}

/** The same function, asked once per argument. */
function once<T>(make: (argument: string) => T): (argument: string) => T {
  const made = new Map<string, T>();
  return (argument) => {
    let result = made.get(argument);
    if (result === undefined) {
      result = make(argument);
      made.set(argument, result);
    }
    return result;
  };
}
