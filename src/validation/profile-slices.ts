// Which slice of an element an item belongs to, by the discriminators that the profile declares
// (http://hl7.org/fhir/R4/profiling.html#discriminator).

import { isObject } from './nodes.ts';
import type { Discriminator } from './profile-definition.ts';
import type { ElementRules, SliceRules } from './profile-tree.ts';
import { hasPattern, isFixed } from './profile-values.ts';

/** Whether an item is of a slice. @param json the member that it stands in, for choices */
export type Matcher = (item: unknown, json: string) => boolean;

const BY_URL: readonly Discriminator[] = [{ type: 'value', path: 'url' }];
const BY_TYPE: readonly Discriminator[] = [{ type: 'type', path: '$this' }];

/** The matcher of a slice, or what is wrong with how the profile tells it apart. */
export function matcherOf(
  element: ElementRules,
  slice: SliceRules,
  isProfile: (url: string) => boolean,
): Matcher | string {
  const discriminators = element.slicing?.discriminator ?? implied(element);
  if (discriminators.length === 0) return 'is a slice that nothing tells from others';
  const matchers = discriminators.map((each) => matcher(each, slice.rules, isProfile));
  const problem = matchers.find((each) => typeof each === 'string');
  if (problem !== undefined) return problem;
  const all = matchers as readonly Matcher[];
  return (item, json) => all.every((matches) => matches(item, json));
}

/** Extensions are told apart by their url, and choices by their type, without saying so. */
function implied({ base }: ElementRules): readonly Discriminator[] {
  if (base.every(({ type }) => type === 'Extension')) return BY_URL;
  return base.length > 1 ? BY_TYPE : [];
}

function matcher(
  { type, path }: Discriminator,
  rules: ElementRules,
  isProfile: (url: string) => boolean,
): Matcher | string {
  const steps = path === '$this' ? [] : path.split('.');
  switch (type) {
    case 'value':
    case 'pattern':
      return byValue(steps, rules, isProfile);
    case 'type': {
      const names = new Set(rules.members.map(({ json }) => json));
      return steps.length === 0
        ? (_item, json) => names.has(json)
        : `is told apart by the type of ${path}, which is not understood`;
    }
    case 'exists': {
      const wanted = target(steps, rules);
      if (wanted === undefined) return `says nothing of ${path}`;
      return (item) => valuesAt(item, steps).length > 0 === wanted.min > 0;
    }
    case 'profile':
      return 'is told apart by a profile, which is not understood';
  }
}

function byValue(
  steps: readonly string[],
  rules: ElementRules,
  isProfile: (url: string) => boolean,
): Matcher | string {
  const { extension } = rules;
  if (extension !== undefined && steps.length === 1 && steps[0] === 'url' && isProfile(extension)) {
    return (item) => isObject(item) && item.url === extension;
  }
  const wanted = target(steps, rules);
  if (wanted?.fixed !== undefined) {
    return (item) => valuesAt(item, steps).some((value) => isFixed(value, wanted.fixed));
  }
  if (wanted?.pattern !== undefined) {
    return (item) => valuesAt(item, steps).some((value) => hasPattern(value, wanted.pattern));
  }
  return `has neither a fixed value nor a pattern at ${steps.join('.') || 'itself'}`;
}

function target(steps: readonly string[], rules: ElementRules): ElementRules | undefined {
  return steps.reduce<ElementRules | undefined>((at, step) => at?.children.get(step), rules);
}

function valuesAt(item: unknown, steps: readonly string[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>(
    (nodes, step) =>
      nodes.flatMap((node) => (isObject(node) && node[step] !== undefined ? node[step] : [])),
    [item],
  );
}
