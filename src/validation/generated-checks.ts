// Gives the generated checks what they call (primitive types, value sets, other types, the rules
// on contained resources) and runs them on a whole resource. Between structure.ts and schemas.ts.

import {
  type Checks,
  type Fault,
  type LocatedFault,
  makeDataTypeChecks,
  makeResourceChecks,
  type Provided,
  type RuleFailure,
} from '../definitions/schemas.ts';
import { codesOf, conceptCheck } from './bindings.ts';
import { containedFaults, strayFaults } from './contained.ts';
import { identityFaults } from './identities.ts';
import { rulesOf } from './invariants.ts';
import { isObject } from './nodes.ts';
import { primitives } from './primitives.ts';
import { type Container, containerOf, referenceProblem } from './references.ts';

/** A constraint of severity warning that is not followed, with its element as a JSON pointer. */
export interface LocatedWarning {
  readonly instancePath: string;
  readonly failure: RuleFailure;
}

/** Judges a resource by the type it says it is; null when it is well formed.
 * @param warnings takes what is no fault, as far as there is room */
export type ResourceCheck = (
  resource: unknown,
  warnings?: LocatedWarning[],
) => readonly LocatedFault[] | null;

/** A contained resource has no narrative of its own to be recommended. */
const RECOMMENDED_OUTSIDE = 'dom-6';

/**
 * @param issuesMax how many faults are enough
 * @returns a check that loads each type's code when it first meets the type
 */
export function makeResourceCheck(issuesMax: number): ResourceCheck {
  const types: Checks = Object.create(null);
  // What `#id` refers into: the resource being judged, or the Bundle entry's or parameter's.
  let container: Container = containerOf(undefined);
  // What `%resource` is, and the resource that it is contained in, if it is.
  let current: unknown;
  let whole: unknown;
  let warnings: LocatedWarning[] | undefined;

  const judgeWhole = (value: unknown, path: string): LocatedFault[] | null => {
    const outer = [container, whole] as const;
    container = containerOf(value);
    whole = value;
    try {
      return joined(judge(value, path), strayFaults(value, path));
    } finally {
      [container, whole] = outer;
    }
  };

  const judge = (value: unknown, path: string): LocatedFault[] | null => {
    const type = isObject(value) ? value.resourceType : undefined;
    const check = typeof type === 'string' ? load(type) : undefined;
    if (check === undefined) return [fault(path, { fault: 'unknown-resource' })];
    const outer = current;
    current = value;
    try {
      const faults = check(value, { instancePath: path }) ? null : (check.errors ?? null);
      return joined(faults, identityFaults(value, path));
    } finally {
      current = outer;
    }
  };

  const faultsOf = (failures: readonly RuleFailure[], instancePath: string) =>
    failures.filter((failure) => {
      if (failure.severity === 'error') return true;
      const isContained = failure.key === RECOMMENDED_OUTSIDE && current !== whole;
      if (warnings === undefined || warnings.length >= issuesMax || isContained) return false;
      warnings.push({ instancePath, failure });
      return false;
    });

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
      return (value) => referenceProblem(value, targets, container, current !== whole);
    }),
    rules: (type) => {
      const rules = rulesOf(type);
      return (value, path) => {
        const failures = rules(value, current);
        return failures.length === 0 ? failures : faultsOf(failures, path);
      };
    },
    adopt: (collected, found) => adopt(collected, found, issuesMax),
    resource: (value, path, place) =>
      place === 'whole'
        ? judgeWhole(value, path)
        : joined(judge(value, path), containedFaults(value, path)),
  };
  Object.assign(types, makeDataTypeChecks(provided));
  return (resource, into) => {
    warnings = into;
    return judgeWhole(resource, '');
  };
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
