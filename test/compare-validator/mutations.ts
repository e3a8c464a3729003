// Changes a valid resource at random, in all the ways that feeds, mappings and people get FHIR
// wrong, and in some that are odd but right. Each change can be told in one line and comes again
// with its seed.

import type { ElementTree } from '../../src/definitions/element-tree.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import {
  isObject,
  isPrimitive,
  type JsonObject,
  type Place,
  placesOf,
  putAt,
  valueAt,
} from './places.ts';
import {
  containedResources,
  extensions,
  references,
  siblings,
  spoiltValues,
} from './spoilt-values.ts';

/** What was done to a resource. */
export interface Mutation {
  /** Of the table below. */
  readonly kind: string;
  /** Where, as in `Patient.name[0].given`. */
  readonly path: string;
  /** What exactly: the new value, the new name. */
  readonly detail: string;
}

/** A place that is to be changed, with all that a change may look at. */
interface Change {
  readonly place: Place;
  readonly value: unknown;
  readonly places: readonly Place[];
  readonly random: SeededRandom;
  readonly tree: ElementTree;
}

interface Kind {
  /** Whether it can be done there. */
  readonly fits: (place: Place, value: unknown) => boolean;
  /** Does it. @returns what exactly it did */
  readonly apply: (change: Change) => string;
}

const always = () => true;
const isMember = ({ index }: Place) => index === undefined;
const isLeaf = (place: Place, value: unknown) =>
  isPrimitive(place.type) && (typeof value !== 'object' || value === null);
const isOneReference = (place: Place, value: unknown) =>
  place.owner === 'Reference' && place.name === 'reference' && typeof value === 'string';

function replaceBy(candidates: (place: Place) => readonly unknown[]): Kind['apply'] {
  return ({ place, random }) => replace(place, random.pick(candidates(place)));
}

function replace(place: Place, value: unknown): string {
  putAt(place, structuredClone(value));
  return shown(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 80 ? text : `${text.slice(0, 80)}… (${text.length} characters)`;
}

function remove({ parent, name, index }: Place): void {
  const member = parent[name];
  if (index !== undefined && Array.isArray(member)) member.splice(index, 1);
  else delete parent[name];
}

/** Puts a member where the old one stood, so that only the name differs. */
function rename(parent: JsonObject, from: string, to: string): void {
  const entries = Object.entries(parent);
  for (const [name] of entries) delete parent[name];
  for (const [name, value] of entries) parent[name === from ? to : name] = value;
}

/** The kinds of change, each as often as any other. */
const kinds: Readonly<Record<string, Kind>> = {
  drop: {
    fits: always,
    apply: ({ place }) => {
      remove(place);
      return '';
    },
  },
  double: {
    fits: always,
    apply: ({ place, value }) => {
      const copy = structuredClone(value);
      const list = place.parent[place.name];
      if (place.index !== undefined && Array.isArray(list)) list.splice(place.index, 0, copy);
      else putAt(place, [value, copy]);
      return '';
    },
  },
  rename: {
    fits: isMember,
    apply: ({ place: { parent, name }, random }) => {
      const to = random.pick([
        `${name}x`,
        name.slice(0, -1),
        name.charAt(0).toUpperCase() + name.slice(1),
        `_${name}`,
        name.replace(/^_/, ''),
        `${name}String`,
        `${name}[x]`,
      ]);
      rename(parent, name, to);
      return to;
    },
  },
  retype: { fits: always, apply: replaceBy(() => spoiltValues.otherKinds) },
  empty: { fits: always, apply: replaceBy(() => ['', ' ', {}, [], null, [null], [{}], ['']]) },
  move: {
    fits: (_place, value) => value !== undefined,
    apply: ({ place, value, places, random }) => {
      const homes = places.filter((each) => isObject(valueAt(each)) && valueAt(each) !== value);
      const home = homes.length === 0 ? undefined : random.pick(homes);
      const target = home === undefined ? undefined : valueAt(home);
      remove(place);
      if (isObject(target)) target[place.name] = value;
      return `to ${home?.path ?? 'nowhere'}`;
    },
  },
  unwrap: {
    fits: (_place, value) => Array.isArray(value) && value.length > 0,
    apply: ({ place, value }) => replace(place, (value as readonly unknown[])[0]),
  },
  wrap: { fits: always, apply: ({ place, value }) => replace(place, [value]) },
  'add null': {
    fits: (_place, value) => Array.isArray(value),
    apply: ({ place, value, random }) => {
      const list = value as unknown[];
      list.splice(random.below(list.length + 1), 0, null);
      if (random.chance(0.3)) {
        place.parent[`_${place.name}`] = list.map((item) => (item === null ? { id: 'a' } : null));
        return 'with an element beside it';
      }
      return '';
    },
  },
  'spoil value': {
    fits: (place, value) => isLeaf(place, value) && !isOneReference(place, value),
    apply: replaceBy(({ type }) => spoiltValues.ownForms(type)),
  },
  'spoil date': {
    fits: (place, value) =>
      isLeaf(place, value) && /^(?:date|dateTime|instant|time)$/.test(place.type),
    apply: replaceBy(({ type }) => spoiltValues.ownForms(type)),
  },
  'spoil code': {
    fits: (place, value) => isLeaf(place, value) && place.type === 'code',
    apply: replaceBy(({ type }) => spoiltValues.ownForms(type)),
  },
  'spoil number': {
    fits: (place, value) =>
      isLeaf(place, value) && /^(?:integer|positiveInt|unsignedInt|decimal)$/.test(place.type),
    apply: replaceBy(({ type }) => spoiltValues.ownForms(type)),
  },
  'spoil uri': {
    fits: (place, value) =>
      isLeaf(place, value) && /^(?:uri|url|canonical|oid|uuid)$/.test(place.type),
    apply: replaceBy(({ type }) => spoiltValues.ownForms(type)),
  },
  'spoil narrative': {
    fits: ({ type }) => type === 'xhtml' || type === 'Narrative',
    apply: ({ place, random }) => {
      const div = random.pick(spoiltValues.ownForms('xhtml'));
      return replace(place, place.type === 'xhtml' ? div : { status: 'generated', div });
    },
  },
  'spoil reference': { fits: isOneReference, apply: replaceBy(() => references) },
  blank: {
    fits: (_place, value) => typeof value === 'string',
    apply: ({ place, value, random }) => {
      const blank = random.pick(spoiltValues.blanks);
      return replace(place, random.pick([blank, `${blank}${value}`, `${value}${blank}`]));
    },
  },
  sibling: {
    fits: (place) => isMember(place) && isPrimitive(place.type) && place.type !== 'xhtml',
    apply: ({ place, random }) => {
      const sibling = structuredClone(random.pick(siblings));
      place.parent[`_${place.name}`] = sibling;
      const alone = random.chance(0.3);
      if (alone) remove(place);
      return `${shown(sibling)}${alone ? ' alone' : ''}`;
    },
  },
  'second choice': {
    fits: ({ element }) => (element?.members.length ?? 0) > 1,
    apply: ({ place, random }) => {
      const members = place.element?.members.filter((each) => each.json !== place.name) ?? [];
      const { json, type } = random.pick(members);
      place.parent[json] = isPrimitive(type)
        ? random.pick(['x', '2021', 7, true])
        : random.pick([{ text: 'x' }, {}, { value: 1 }]);
      return json;
    },
  },
  'other choice': {
    fits: (place) => isMember(place) && (place.element?.members.length ?? 0) > 1,
    apply: ({ place: { parent, name, element }, random, tree }) => {
      const types = [...new Set([...tree.elements.keys()].filter((key) => !key.includes('.')))];
      const suffix = random.pick([...types, 'String', 'Code', 'DateTime', 'x', '']);
      const free = `${element?.name}${suffix}`;
      const listed = random.pick(element?.members ?? []).json;
      const to = random.chance(0.5) ? free : listed;
      rename(parent, name, to);
      return to;
    },
  },
  extension: {
    fits: (_place, value) => isObject(value),
    apply: ({ value, random }) => {
      const extension = structuredClone(random.pick(extensions));
      const name = random.chance(0.25) ? 'modifierExtension' : 'extension';
      (value as JsonObject)[name] = random.chance(0.1) ? extension : [extension];
      return `${name} ${shown(extension)}`;
    },
  },
  'unknown element': {
    fits: (_place, value) => isObject(value),
    apply: ({ value, random }) => {
      const name = random.pick(['foo', 'resourceType', '_foo', 'fhir_comments', '$x', '', 'a.b']);
      (value as JsonObject)[name] = random.pick(['x', 1, [], {}, null, ['Patient']]);
      return `${name} ${shown((value as JsonObject)[name])}`;
    },
  },
  id: {
    fits: (_place, value) => isObject(value),
    apply: ({ value, random }) => {
      (value as JsonObject).id = random.pick([
        ...spoiltValues.ownForms('id'),
        7,
        null,
        '',
        ' ',
        {},
      ]);
      return shown((value as JsonObject).id);
    },
  },
};

/** Changes of the resource as a whole. */
const wholeKinds: Readonly<Record<string, (resource: JsonObject, random: SeededRandom) => string>> =
  {
    'resource type': (resource, random) => {
      const type = random.pick(['Basic', 'Patient', 'Resource', 'patient', 'Foo', '', 7, null, []]);
      if (random.chance(0.2)) delete resource.resourceType;
      else resource.resourceType = type;
      return shown(resource.resourceType);
    },
    contained: (resource, random) => {
      const contained = structuredClone(random.pick(containedResources));
      resource.contained = random.chance(0.1) ? contained : [contained];
      const isReferredTo = random.chance(0.7);
      if (isReferredTo) {
        const valueReference = { reference: '#c' };
        resource.extension = [{ url: 'https://example.org/a', valueReference }];
      }
      return `${shown(contained)}${isReferredTo ? '' : ', nothing refers to it'}`;
    },
    'resource extension': (resource, random) => {
      const extension = structuredClone(random.pick(extensions));
      const name = random.pick(['extension', 'modifierExtension']);
      resource[name] = [extension];
      return `${name} ${shown(extension)}`;
    },
    narrative: (resource, random) => {
      const div = random.pick(spoiltValues.ownForms('xhtml'));
      const status = random.pick(['generated', 'additional', 'empty', 'none', '']);
      resource.text = status === '' ? { div } : { status, div };
      return shown(resource.text);
    },
    meta: (resource, random) => {
      resource.meta = random.pick([
        { profile: ['https://example.org/unknown'] },
        { profile: 'https://example.org/unknown' },
        { versionId: 'a_b' },
        { versionId: 7 },
        { lastUpdated: '2021' },
        { lastUpdated: '2021-02-03T10:00:00Z' },
        { tag: [{}] },
        { security: [{ system: 'https://example.org', code: ' ' }] },
        { source: 'has blank' },
        {},
      ]);
      return shown(resource.meta);
    },
    'root element': (resource, random) => {
      const [name, value] = random.pick([
        ['id', random.pick(spoiltValues.ownForms('id'))],
        ['language', random.pick(['en', 'en-GB', 'no such', '', 'xx-xx', 7])],
        ['implicitRules', random.pick(['https://example.org/rules', 'has blank', ''])],
        ['foo', 'x'],
        ['_id', { id: 'a' }],
      ] as const);
      resource[name] = value;
      return `${name} ${shown(value)}`;
    },
  };

const kindNames = [...Object.keys(kinds), ...Object.keys(wholeKinds)];

/**
 * Changes a resource in place.
 * @param seed everything that is chosen follows from it
 */
export function mutate(resource: JsonObject, tree: ElementTree, seed: number): Mutation {
  const random = seededRandom(seed);
  const type = String(resource.resourceType);
  const places = placesOf(resource, tree);
  for (;;) {
    const kind = random.pick(kindNames);
    const whole = wholeKinds[kind];
    if (whole !== undefined) return { kind, path: type, detail: whole(resource, random) };
    const { fits, apply } = kinds[kind] ?? { fits: () => false, apply: () => '' };
    const fitting = places.filter((place) => fits(place, valueAt(place)));
    if (fitting.length === 0) continue;
    const place = random.pick(fitting);
    const change = { place, value: valueAt(place), places, random, tree };
    return { kind, path: `${type}.${place.path}`, detail: apply(change) };
  }
}
