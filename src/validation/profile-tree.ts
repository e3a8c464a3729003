// A profile compiled: its differential applied to R4's elements, as a tree of what it adds to them.
// What does not fit the base stops the service from starting. profile-judge.ts walks the tree.
// http://hl7.org/fhir/R4/profiling.html

import { elementShapes, membersOf } from '../definitions/element-shapes.ts';
import type { Member } from '../definitions/element-tree.ts';
import type { ElementShape } from '../definitions/schema-shapes.ts';
import { compileConstraint, type Holds } from './profile-constraint.ts';
import { type ProfileElement, ProfileFault, type SourcedProfile } from './profile-definition.ts';
import { type Matcher, matcherOf } from './profile-slices.ts';

/** What a profile says of an element, or of a slice of one. */
export interface ElementRules {
  /** Without slices: `Patient.identifier.extension`. */
  readonly path: string;
  readonly list: boolean;
  /** All that R4 lets the element be. */
  readonly base: readonly Member[];
  /** The same by the JSON members that hold it: `valueCode` and `_valueCode`. */
  readonly byJson: ReadonlyMap<string, Member>;
  /** What the profile leaves of it. */
  members: readonly Member[];
  /** What R4 asks for already is not asked again. */
  readonly baseMin: number;
  min: number;
  max: number;
  fixed?: unknown;
  pattern?: unknown;
  binding?: ProfileBinding;
  readonly constraints: ProfileConstraint[];
  /** By name, without `[x]`. */
  readonly children: Map<string, ElementRules>;
  readonly slices: SliceRules[];
  slicing?: ProfileElement['slicing'];
  /** Canonical of the profile that an extension is to follow. */
  extension?: string;
}

export interface SliceRules {
  readonly name: string;
  readonly rules: ElementRules;
  /** Whether an item is of the slice. */
  matches: Matcher;
}

export interface ProfileBinding {
  readonly strength: 'required' | 'extensible';
  readonly valueSet: string;
}

export interface ProfileConstraint {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly holds: Holds;
}

/** A compiled profile. */
export interface Profile {
  readonly url: string;
  /** What people call it. */
  readonly title: string;
  readonly type: string;
  /** Whether it stands on R4's own definition and not on another profile. */
  readonly isDirect: boolean;
  readonly root: ElementRules;
}

export const R4_DEFINITION = 'http://hl7.org/fhir/StructureDefinition/';

/** Compiles all profiles. @throws ProfileFault */
export function compileProfiles(sources: readonly SourcedProfile[]): ReadonlyMap<string, Profile> {
  const byUrl = new Map(sources.map((source) => [source.definition.url, source]));
  return new Map(sources.map((source) => [source.definition.url, compile(source, byUrl)]));
}

type Sources = ReadonlyMap<string, SourcedProfile>;

function compile(source: SourcedProfile, sources: Sources): Profile {
  const { url, title, name, type, baseDefinition } = source.definition;
  if (elementShapes(type) === undefined) {
    throw new ProfileFault(source.file, 'type', `is ${type}, which R4 does not know`);
  }
  const root = rootOf(type);
  for (const each of lineage(source, sources)) {
    for (const element of each.definition.differential.element) {
      new ElementCompiler(each, sources, element).applyTo(root);
    }
  }
  resolveSlices(root, source, sources);
  const isDirect = baseDefinition === `${R4_DEFINITION}${type}`;
  return { url, title: title ?? name, type, isDirect, root };
}

/** The profiles that a profile stands on, from the base up, itself last. */
function lineage(source: SourcedProfile, sources: Sources): readonly SourcedProfile[] {
  const line = [source];
  for (;;) {
    const [lowest] = line as [SourcedProfile, ...SourcedProfile[]];
    const { baseDefinition, type } = lowest.definition;
    if (baseDefinition === `${R4_DEFINITION}${type}`) return line;
    const base = sources.get(baseDefinition);
    if (base === undefined || base.definition.type !== type || line.includes(base)) {
      const problem = `is ${baseDefinition}, which is no definition of ${type} that is here`;
      throw new ProfileFault(lowest.file, 'baseDefinition', problem);
    }
    line.unshift(base);
  }
}

function rootOf(type: string): ElementRules {
  const self: Member = { json: '', type, owner: type, targets: [] };
  return emptyRules(type, false, [self], 0, Number.POSITIVE_INFINITY);
}

function emptyRules(
  path: string,
  list: boolean,
  base: readonly Member[],
  min: number,
  max: number,
): ElementRules {
  const lists = { constraints: [], children: new Map(), slices: [] };
  const byJson = new Map(
    base.flatMap((member) => [
      [member.json, member],
      [`_${member.json}`, member],
    ]),
  );
  return { path, list, base, byJson, members: base, baseMin: min, min, max, ...lists };
}

function fromShape(path: string, shape: ElementShape): ElementRules {
  return emptyRules(path, shape.max > 1, membersOf(shape), shape.min, shape.max);
}

/** Applies one element of a differential. */
class ElementCompiler {
  private readonly source: SourcedProfile;
  private readonly sources: Sources;
  private readonly element: ProfileElement;

  constructor(source: SourcedProfile, sources: Sources, element: ProfileElement) {
    this.source = source;
    this.sources = sources;
    this.element = element;
  }

  applyTo(root: ElementRules): void {
    const { type } = this.source.definition;
    const [first, ...segments] = this.element.id.split('.');
    if (first !== type) throw this.fault(`is no element of ${type}`);
    const rules = segments.reduce((parent, segment) => this.child(parent, segment), root);
    this.applyCardinality(rules);
    this.applyTypes(rules);
    this.applyValues(rules);
    this.applyBinding(rules);
    this.applyConstraints(rules);
    if (this.element.slicing !== undefined) rules.slicing = this.element.slicing;
  }

  private fault(problem: string): ProfileFault {
    return new ProfileFault(this.source.file, this.element.id, problem);
  }

  private child(parent: ElementRules, segment: string): ElementRules {
    const [name = '', sliceName] = segment.replace('[x]', '').split(':');
    const element = parent.children.get(name) ?? this.newChild(parent, name);
    parent.children.set(name, element);
    if (sliceName === undefined) return element;
    const known = element.slices.find((slice) => slice.name === sliceName);
    if (known !== undefined) return known.rules;
    const { path, list, base, max } = element;
    const rules = emptyRules(path, list, base, 0, max);
    element.slices.push({ name: sliceName, rules, matches: () => false });
    return rules;
  }

  private newChild(parent: ElementRules, name: string): ElementRules {
    const owners = parent.members.map(({ owner }) => owner);
    const shape = owners.map((owner) => elementShapes(owner)?.get(name)).find(Boolean);
    if (shape === undefined) throw this.fault(`is no element of ${owners.join(' or ')}`);
    return fromShape(`${parent.path}.${name}`, shape);
  }

  private applyCardinality(rules: ElementRules): void {
    const { min = rules.min, max: text } = this.element;
    const max =
      text === undefined ? rules.max : text === '*' ? Number.POSITIVE_INFINITY : Number(text);
    if (min < rules.min) throw this.fault(`may be absent, but its base asks for ${rules.min}`);
    if (max > rules.max) throw this.fault(`may repeat, but its base allows ${rules.max}`);
    if (min > max) throw this.fault(`asks for ${min} where ${max} are allowed`);
    rules.min = min;
    rules.max = max;
  }

  private applyTypes(rules: ElementRules): void {
    const { type: types } = this.element;
    if (types === undefined) return;
    rules.members = types.map(({ code, targetProfile = [] }) => {
      const member = rules.members.find((each) => each.type === code);
      if (member === undefined) throw this.fault(`may be a ${code}, which its base does not allow`);
      const targets = targetProfile.map((canonical) => this.targetType(canonical));
      if (targets.length === 0) return member;
      const foreign = targets.find((target) => !isAllowed(target, member.targets));
      if (foreign === undefined) return { ...member, targets };
      throw this.fault(`may point at a ${foreign}, which its base does not allow`);
    });
    for (const canonical of types.flatMap(({ profile = [] }) => profile)) {
      if (this.sources.get(canonical)?.definition.type !== 'Extension') {
        throw this.fault(
          `refers to ${canonical}, which is no profile of an extension that is here`,
        );
      }
      rules.extension = canonical;
    }
  }

  private targetType(canonical: string): string {
    const profile = this.sources.get(canonical)?.definition.type;
    if (profile !== undefined) return profile;
    const type = canonical.startsWith(R4_DEFINITION) ? canonical.slice(R4_DEFINITION.length) : '';
    if (type !== '' && elementShapes(type) !== undefined) return type;
    throw this.fault(`refers to ${canonical}, which is not here`);
  }

  private applyValues(rules: ElementRules): void {
    for (const [name, value] of Object.entries(this.element)) {
      const found = /^(fixed|pattern)([A-Z]\w*)$/.exec(name);
      if (found === null) continue;
      const [, kind, typeName = ''] = found;
      if (!rules.members.some(({ type }) => capitalised(type) === typeName)) {
        throw this.fault(`has ${name}, but is no ${typeName}`);
      }
      if (kind === 'fixed') rules.fixed = value;
      else rules.pattern = value;
    }
  }

  private applyBinding(rules: ElementRules): void {
    const { strength, valueSet } = this.element.binding ?? {};
    if (strength !== 'required' && strength !== 'extensible') return;
    if (valueSet === undefined) throw this.fault('is bound to no value set');
    if (rules.binding?.strength === 'required' && strength !== 'required') {
      throw this.fault('is bound less firmly than its base');
    }
    rules.binding = { strength, valueSet };
  }

  private applyConstraints(rules: ElementRules): void {
    const [focus, ...others] = rules.members;
    for (const { key, severity, human, expression } of this.element.constraint ?? []) {
      if (expression === undefined)
        throw this.fault(`has the constraint ${key} without expression`);
      if (focus === undefined || others.length > 0) {
        throw this.fault(`has the constraint ${key}, but is of several types`);
      }
      try {
        const holds = compileConstraint(expression, focus, this.source.definition.type);
        rules.constraints.push({ key, severity, human, holds });
      } catch (error) {
        throw this.fault(`has the constraint ${key}, which does not compile: ${told(error)}`);
      }
    }
  }
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.includes(target);
}

function capitalised(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

/** Gives every slice what tells its items from others. */
function resolveSlices(rules: ElementRules, source: SourcedProfile, sources: Sources): void {
  for (const slice of rules.slices) {
    const matches = matcherOf(rules, slice, (url) => sources.has(url));
    if (typeof matches === 'string') {
      throw new ProfileFault(source.file, `${rules.path}:${slice.name}`, matches);
    }
    slice.matches = matches;
    resolveSlices(slice.rules, source, sources);
  }
  for (const child of rules.children.values()) resolveSlices(child, source, sources);
}
