// fixed[x] and pattern[x]: whether a value is exactly, or at least, what a profile says
// (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_).

import { isObject } from './nodes.ts';

/** Whether the value is the same, whatever the order of its members. */
export function isFixed(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed)) {
    const list = Array.isArray(value) ? value : [];
    return list.length === fixed.length && fixed.every((item, index) => isFixed(list[index], item));
  }
  if (!isObject(fixed)) return value === fixed;
  const names = Object.keys(fixed);
  return (
    isObject(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => isFixed(value[name], fixed[name]))
  );
}

/** Whether the value has at least what the pattern has; lists may have other items too. */
export function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    const list = Array.isArray(value) ? value : [];
    return pattern.every((wanted) => list.some((item) => hasPattern(item, wanted)));
  }
  if (!isObject(pattern)) return value === pattern;
  return (
    isObject(value) &&
    Object.entries(pattern).every(([name, wanted]) => hasPattern(value[name], wanted))
  );
}
