// Random elements of R4 types for comparing two ways to judge constraints: what the constraints
// speak of is often there, with the values that they name, and often not.

import type { ElementTree, Member } from '../../../src/definitions/element-tree.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';

const DEPTH_MAX = 4;
const NUMBERS = [-1, 0, 1, 2, 3, 150, 0.5];
const DATES = ['2020', '2020-05', '2020-05-01', '2020-05-02', '2021-01-01', '2019'];
const INSTANTS = ['2020-05-01T10:00:00Z', '2020-05-01T12:00:00+01:00', '2020-05-01T11:30:00Z'];
const RESOURCES = ['Composition', 'MessageHeader', 'Patient'];
const EXTENSION = { extension: [{ url: 'http://ims.test/why', valueCode: 'unknown' }] };

const WHOLE_NUMBERS = new Set(['integer', 'positiveInt', 'unsignedInt']);

/** Makes an element of a type, or of a backbone element by its path.
 * @param expressions of the constraints, for the names and values that they use */
export function makeNodeMaker(
  tree: ElementTree,
  random: SeededRandom,
  expressions: string,
): (owner: string) => Record<string, unknown> {
  const mentioned = new Set(expressions.match(/\w+/g));
  const texts = [...expressions.matchAll(/'([^']*)'/g)].map(([, text]) => text ?? '');
  const values = ['a', 'b', 'Abc', '0', '-1', ...texts.filter((text) => text.length < 100)];
  const chance = (percent: number) => random.below(100) < percent;
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;

  const primitive = (type: string): unknown => {
    if (type === 'boolean') return chance(50);
    if (WHOLE_NUMBERS.has(type)) return pick(NUMBERS.filter(Number.isInteger));
    if (type === 'decimal') return pick(NUMBERS);
    if (type === 'date') return pick(DATES);
    // A day and a time of that day are compared by each in its own way.
    if (type === 'dateTime') return pick(chance(50) ? DATES.slice(0, 2) : INSTANTS);
    if (type === 'instant') return pick(INSTANTS);
    return pick(values);
  };

  const fill = (node: Record<string, unknown>, member: Member, list: boolean, depth: number) => {
    const { json, type, owner } = member;
    const count = list ? 1 + random.below(3) : 1;
    if (!/^[a-z]/.test(type) || type === 'xhtml') {
      const items = Array.from({ length: count }, () => complex(type, owner, depth));
      node[json] = list ? items : items[0];
      return;
    }
    const valueless = chance(12);
    if (list) node[json] = Array.from({ length: count }, () => primitive(type));
    else if (!valueless) node[json] = primitive(type);
    if (valueless && !list) node[`_${json}`] = EXTENSION;
  };

  const complex = (type: string, owner: string, depth: number): unknown => {
    if (type === 'xhtml') return '<div xmlns="http://www.w3.org/1999/xhtml">A</div>';
    if (type !== 'Resource') return make(owner, depth + 1);
    return {
      resourceType: pick(RESOURCES),
      id: pick(values),
      meta: { versionId: pick(['1', '2']) },
    };
  };

  const make = (owner: string, depth: number): Record<string, unknown> => {
    const node: Record<string, unknown> = {};
    if (tree.resourceTypes.includes(owner)) node.resourceType = owner;
    if (depth > DEPTH_MAX) return { id: 'deep' };
    for (const [name, element] of tree.elements.get(owner) ?? []) {
      if (!chance(mentioned.has(name) ? 60 : depth === 0 ? 4 : 1)) continue;
      if (name === 'contained') continue;
      const member = pick(element.members);
      if (member !== undefined) fill(node, member, element.list, depth);
    }
    return Object.keys(node).length === 0 ? { id: 'a' } : node;
  };
  return (owner) => make(owner, 0);
}
