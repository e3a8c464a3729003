// Required bindings: whether a code, Coding or CodeableConcept is of the value set that its element
// is bound to (http://hl7.org/fhir/R4/terminologies.html#required). Called by the generated checks.

import { valueSetMembers } from '../definitions/schemas.ts';
import { has, isEmpty, isObject, member } from './nodes.ts';

const SEPARATOR = '|';

/** The value set's codes, whatever their system. */
export function codesOf(valueSet: string): ReadonlySet<string> {
  return new Set(
    valueSetMembers(valueSet).map((entry) => entry.slice(entry.indexOf(SEPARATOR) + 1)),
  );
}

/**
 * Judges Codings and CodeableConcepts by the value set. A concept that extensions stand for, and
 * what is no object at all, is not judged here.
 */
export function conceptCheck(valueSet: string): (value: unknown) => boolean {
  const members = new Set(valueSetMembers(valueSet));
  const isMember = (coding: unknown) => {
    const system = member(coding, 'system');
    const code = member(coding, 'code');
    const isCoded = typeof system === 'string' && typeof code === 'string';
    return isCoded && members.has(`${system}${SEPARATOR}${code}`);
  };
  return (value) => {
    if (!isObject(value) || isEmpty(value)) return true;
    const coding = member(value, 'coding');
    if (Array.isArray(coding)) return coding.some((item) => isMember(item) || isUnknown(item));
    return isMember(value) || isUnknown(value);
  };
}

/** Whether extensions say why there is no code. */
function isUnknown(coding: unknown): boolean {
  return has(coding, 'extension') || member(coding, '_code') !== undefined;
}
