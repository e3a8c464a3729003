// Which of a person's names NHS England's Immunisation FHIR API looks at: the one that was in use
// on the day of the dose.

import { has, isObject, items, member } from '../validation/nodes.ts';

/** A name and its place in the list. */
export interface PlacedName {
  readonly index: number;
  readonly name: unknown;
}

/**
 * The official name with given and family parts whose period holds the dose's time, else one that
 * is not old, else any of that period, else the first name of all.
 * @param person a contained Patient or Practitioner
 */
export function currentName(person: unknown, occurrence: unknown): PlacedName {
  const names = items(person, 'name').map((name, index) => ({ index, name }));
  const first = names[0] ?? { index: 0, name: undefined };
  if (names.length <= 1) return first;
  const current = names.filter(
    ({ name }) => has(name, 'given') && has(name, 'family') && isCurrent(name, occurrence),
  );
  return (
    current.find(({ name }) => member(name, 'use') === 'official') ??
    current.find(({ name }) => member(name, 'use') !== 'old') ??
    current[0] ??
    first
  );
}

// The API compares the texts as they are, dates with times too.
function isCurrent(name: unknown, occurrence: unknown): boolean {
  const period = member(name, 'period');
  if (!isObject(period) || typeof occurrence !== 'string') return true;
  const { start, end } = period;
  if (typeof start === 'string' && occurrence < start) return false;
  return typeof end !== 'string' || occurrence <= end;
}
