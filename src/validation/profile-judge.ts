// Judges a resource by a compiled profile: one walk over what the profile says something of.
// Required bindings and constraints count as the profile states them; the rest of a profile that a
// resource does not claim to follow is advice. Called by judge.ts.

import type { Member } from '../definitions/element-tree.ts';
import type { Issue, IssueType } from '../fhir/types.ts';
import { unreachable } from '../lib/assert.ts';
import { OUTCOME_ISSUES_MAX } from '../limits.ts';
import type { Membership } from '../terminology/compose.ts';
import { isObject } from './nodes.ts';
import { shown } from './primitives.ts';
import type { ElementRules, Profile, ProfileBinding } from './profile-tree.ts';
import { hasPattern, isFixed } from './profile-values.ts';

/** Whether a code is of a value set; what terminology/ answers. */
export interface ValueSets {
  contains(valueSet: string, system: string, code: string): Membership;
  /** The value set of that canonical; undefined when it is not held. */
  valueSet(canonical: string): unknown;
}

/** What a judgement needs beside the resource. */
export interface Judgement {
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Bindings are not judged without it. */
  readonly valueSets: ValueSets | undefined;
}

/** One value of an element, or the extensions that stand for it. */
interface Item {
  readonly value: unknown;
  readonly member: Member;
  readonly path: string;
}

type Severity = 'error' | 'warning';

/** A resource to judge, and the FHIRPath location that it stands at. */
export interface PlacedResource {
  readonly value: unknown;
  readonly path: string;
}

/**
 * What the resource does not follow.
 * @param isClaimed whether the resource names the profile in `meta.profile`
 */
export function judgeByProfile(
  profile: Profile,
  { value, path }: PlacedResource,
  isClaimed: boolean,
  judgement: Judgement,
): readonly Issue[] {
  const walk = new Walk(profile, value, isClaimed ? 'error' : 'warning', judgement);
  const { root } = profile;
  const [member] = root.base as [Member];
  walk.judge(root, { value, member, path });
  return walk.issues;
}

class Walk {
  readonly issues: Issue[] = [];
  private readonly told: Record<Severity, number> = { error: 0, warning: 0 };
  private readonly profile: Profile;
  private readonly resource: unknown;
  /** Of what a claim makes binding. */
  private readonly severity: Severity;
  private readonly judgement: Judgement;

  constructor(profile: Profile, resource: unknown, severity: Severity, judgement: Judgement) {
    this.profile = profile;
    this.resource = resource;
    this.severity = severity;
    this.judgement = judgement;
  }

  judge(rules: ElementRules, item: Item): void {
    this.judgeType(rules, item);
    this.judgeValue(rules, item);
    if (rules.binding !== undefined) this.judgeBinding(rules.binding, item);
    this.judgeConstraints(rules, item);
    if (rules.extension !== undefined) this.judgeExtension(rules.extension, item);
    if (!isObject(item.value)) return;
    for (const [name, child] of rules.children) this.judgeElement(name, child, item);
  }

  private judgeExtension(canonical: string, item: Item): void {
    const root = this.judgement.profiles.get(canonical)?.root;
    const [member] = root?.base ?? [];
    if (root !== undefined && member !== undefined) this.judge(root, { ...item, member });
  }

  private judgeElement(name: string, rules: ElementRules, parent: Item): void {
    const path = `${parent.path}.${name}`;
    const items = itemsOf(rules, parent.value, path);
    this.count(rules, items.length, path, '');
    for (const item of items) this.judge(rules, item);
    if (rules.slices.length === 0) return;
    let open = items;
    for (const { name: sliceName, rules: slice, matches } of rules.slices) {
      if (open.length === 0 && slice.min === 0) continue;
      const own = open.filter(({ value, member }) => matches(value, member.json));
      open = open.filter((item) => !own.includes(item));
      this.count(slice, own.length, path, sliceName);
      for (const item of own) this.judge(slice, item);
    }
    if (rules.slicing?.rules !== 'closed') return;
    for (const item of open) this.tell(item.path, 'structure', 'is none of those that are allowed');
  }

  private count(rules: ElementRules, count: number, path: string, slice: string): void {
    const which = slice === '' ? '' : ` (${slice})`;
    // What R4 asks for is told by its own check.
    const missing = count < rules.min && (slice !== '' || rules.min > rules.baseMin);
    if (missing) this.tell(path, 'required', `is missing${which}`);
    if (count <= rules.max) return;
    const problem = rules.max === 0 ? 'is not allowed' : `may occur ${rules.max} times at most`;
    this.tell(path, 'structure', problem + which);
  }

  private judgeType({ base, members }: ElementRules, { member, path, value }: Item): void {
    const allowed = members.find(({ json }) => json === member.json);
    if (allowed === undefined) {
      const names = members.map(({ type }) => type).join(' or ');
      this.tell(path, 'structure', `must be ${names}, not ${member.type}`);
      return;
    }
    const inBase = base.find(({ json }) => json === member.json);
    if (allowed.type !== 'Reference' || allowed.targets === inBase?.targets) return;
    const type = typeOfReference(value);
    if (type === undefined || allowed.targets.includes(type)) return;
    this.tell(
      path,
      'value',
      `points at a ${type}, but must point at ${allowed.targets.join(', ')}`,
    );
  }

  private judgeValue({ fixed, pattern }: ElementRules, { value, path }: Item): void {
    if (fixed !== undefined && !isFixed(value, fixed)) {
      this.tell(path, 'value', `must be ${shownValue(fixed)}`);
    }
    if (pattern !== undefined && !hasPattern(value, pattern)) {
      this.tell(path, 'value', `must have ${shownValue(pattern)}`);
    }
  }

  private judgeBinding(binding: ProfileBinding, { value, path }: Item): void {
    const { valueSets } = this.judgement;
    if (valueSets === undefined || !isObject(value)) return;
    const { strength, valueSet } = binding;
    const membership = membershipOf(value, binding, valueSets);
    switch (membership) {
      case 'yes':
        return;
      case 'no': {
        const problem = `has no code of the ${strength} value set ${valueSet}`;
        const severity = strength === 'required' ? 'error' : 'warning';
        this.tell(path, 'code-invalid', problem, severity);
        return;
      }
      case 'unknown': {
        const problem = `could not be judged: the value set ${valueSet} is not held in full`;
        this.tell(path, 'not-found', problem, 'warning');
        return;
      }
      default:
        unreachable(membership);
    }
  }

  private judgeConstraints({ constraints }: ElementRules, { value, path }: Item): void {
    for (const { key, severity, human, holds } of constraints) {
      if (holds(value, this.resource) !== false) continue;
      const problem = `breaks the rule ${key}: ${human.replace(/\.$/, '')}`;
      this.tell(path, 'invariant', problem, severity);
    }
  }

  private tell(
    path: string,
    code: IssueType,
    problem: string,
    severity: Severity = this.severity,
  ): void {
    // Each severity has its room, so that no number of warnings hides a fault.
    if (this.told[severity] >= OUTCOME_ISSUES_MAX) return;
    this.told[severity] += 1;
    const diagnostics = `${path} ${problem} (${this.profile.title}).`;
    this.issues.push({ severity, code, diagnostics, expression: [path] });
  }
}

const NO_ITEMS: readonly Item[] = [];

function itemsOf(rules: ElementRules, parent: unknown, path: string): readonly Item[] {
  if (!isObject(parent)) return NO_ITEMS;
  const items: Item[] = [];
  const [first] = rules.base;
  if (first !== undefined && rules.base.length === 1) {
    addItems(items, first, parent, path);
    return items;
  }
  const taken = new Set<Member>();
  for (const key in parent) {
    const member = rules.byJson.get(key);
    if (member === undefined || taken.has(member)) continue;
    taken.add(member);
    addItems(items, member, parent, path);
  }
  return items;
}

function addItems(
  items: Item[],
  member: Member,
  parent: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const value = parent[member.json];
  const sibling = parent[`_${member.json}`];
  if (!Array.isArray(value) && !Array.isArray(sibling)) {
    const node = value ?? sibling;
    if (node !== undefined && node !== null) items.push({ value: node, member, path });
    return;
  }
  const values = Array.isArray(value) ? value : [];
  const siblings = Array.isArray(sibling) ? sibling : [];
  const length = Math.max(values.length, siblings.length);
  for (let index = 0; index < length; index++) {
    const node = values[index] ?? siblings[index];
    if (node === undefined || node === null) continue;
    items.push({ value: node, member, path: `${path}[${index}]` });
  }
}

/** The type that a Reference says it points at, as far as it is plain. */
function typeOfReference(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value.type === 'string') return value.type;
  const { reference } = value;
  if (typeof reference !== 'string') return undefined;
  return /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/.*)?$/.exec(reference)?.[1];
}

/** Of a Coding, or of a CodeableConcept, one of whose codings must be a member. */
function membershipOf(
  value: Readonly<Record<string, unknown>>,
  { strength, valueSet }: ProfileBinding,
  valueSets: ValueSets,
): Membership {
  const codings = Array.isArray(value.coding) ? value.coding : isCoded(value) ? [value] : [];
  const answers = codings
    .filter(isCoded)
    .map(({ system, code }) => valueSets.contains(valueSet, String(system ?? ''), String(code)));
  if (answers.includes('yes')) return 'yes';
  if (answers.includes('unknown')) return 'unknown';
  // Words alone, or extensions, say that no code of an extensible set fits.
  return answers.length === 0 && strength === 'extensible' ? 'yes' : 'no';
}

function isCoded(value: unknown): value is { readonly system?: unknown; readonly code: unknown } {
  return isObject(value) && typeof value.code === 'string';
}

function shownValue(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : shown(value);
}
