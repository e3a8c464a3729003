// The door to the structural validators that generate-schemas.ts made, and the contract between
// them and validation/generated-checks.ts. Loaded type by type when first asked for.

import { createRequire } from 'node:module';
import { resourceTypes } from './definitions.ts';
import type { JudgedConstraint } from './generate-invariants.ts';

/** What is wrong at one place of a resource, as the generated code reports it. */
export type Fault =
  /** an object was expected */
  | { readonly fault: 'object' }
  /** the type has no such element */
  | { readonly fault: 'unknown'; readonly element: string }
  /** an object without members */
  | { readonly fault: 'empty' }
  /** a mandatory element is absent */
  | { readonly fault: 'missing'; readonly element: string }
  /** more than one variant of `element[x]` */
  | { readonly fault: 'choice'; readonly element: string }
  /** an array was expected */
  | { readonly fault: 'array' }
  | { readonly fault: 'empty-array' }
  | { readonly fault: 'too-many'; readonly max: number }
  /** null at that index, with nothing beside it */
  | { readonly fault: 'unpaired'; readonly index: number }
  /** not a value of the primitive type */
  | { readonly fault: 'primitive'; readonly type: string }
  /** not a code, or none of the value set's */
  | { readonly fault: 'code'; readonly type: string; readonly valueSet: string }
  /** no coding of the value set */
  | { readonly fault: 'concept'; readonly valueSet: string }
  /** points at what its element does not allow */
  | { readonly fault: 'target'; readonly problem: string }
  /** `resourceType` is not this type */
  | { readonly fault: 'resource-type'; readonly type: string }
  /** not a resource that R4 knows */
  | { readonly fault: 'unknown-resource' }
  /** what breaks a rule that R4 states in words, or on contained resources */
  | { readonly fault: 'rule'; readonly key: string; readonly problem: string }
  | { readonly fault: 'invariant'; readonly failure: RuleFailure };

/** A constraint that does not hold. */
export interface RuleFailure {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** The constraint in R4's words. */
  readonly human: string;
  /** Where, relative to the element that has the constraint, as FHIRPath; '' for itself. */
  readonly at: string;
}

/** A fault with its place as a JSON pointer. */
export interface LocatedFault {
  readonly instancePath: string;
  readonly params: Fault;
}

/** Judges one object as a resource, data or backbone type. Leaves what it found in `errors`. */
export interface TypeCheck {
  (data: unknown, context: { readonly instancePath: string }): boolean;
  errors?: LocatedFault[] | null;
}

export type Checks = Record<string, TypeCheck>;

/** What generated code calls. */
export interface Provided {
  /** The checks of all types loaded so far, by name. */
  readonly types: Checks;
  /** Whether a JSON value is one of the primitive type, by type. */
  readonly primitives: Readonly<Record<string, (value: unknown) => boolean>>;
  /** The codes of a value set. */
  codes(valueSet: string): ReadonlySet<unknown>;
  /** Whether a Coding or CodeableConcept has a coding of the value set. */
  concepts(valueSet: string): (value: unknown) => boolean;
  /** What is wrong with where a Reference points, that may point at the types (separated by
   * blanks; any, when there is none); undefined when nothing is, or when it does not say. */
  targets(types: string): (value: unknown) => string | undefined;
  /** Judges a resource by the type it says it is; null when it is well formed. */
  resource(value: unknown, path: string, place: 'contained' | 'whole'): LocatedFault[] | null;
  /** The constraints of the type, as one function: which of severity error fail. */
  rules(type: string): (value: unknown, path: string) => readonly RuleFailure[];
  /** The faults of both, as one list. */
  adopt(collected: LocatedFault[] | null, found: LocatedFault[]): LocatedFault[];
  /** How many faults are enough. */
  readonly issuesMax: number;
}

interface CheckModule {
  make(provided: Provided): Checks;
}

const generated = createRequire(import.meta.resolve('../../build/definitions/schemas/'));

/** The checks of all data types and their backbone elements. */
export function makeDataTypeChecks(provided: Provided): Checks {
  return (generated('./data-types.js') as CheckModule).make(provided);
}

/** The checks of a resource type and its backbone elements; undefined when R4 has no such type. */
export function makeResourceChecks(type: string, provided: Provided): Checks | undefined {
  if (!resourceTypes.has(type)) return undefined;
  return (generated(`./${type}.js`) as CheckModule).make(provided);
}

/** A constraint on one type. */
export type Invariant = readonly [
  key: string,
  severity: RuleFailure['severity'],
  /** R4's words. */
  human: string,
  /** The element that it is stated on, with its JSON members; null for the type itself. */
  element: InvariantElement | null,
  /** Whether it holds; undefined where the expression does not tell.
   * @param resource what `%resource` is */
  holds: (node: unknown, resource: unknown) => boolean | undefined,
];

export interface InvariantElement {
  readonly name: string;
  readonly members: readonly (readonly [json: string, sibling?: string])[];
}

/** By type or path of a backbone element. */
export type Invariants = Readonly<Record<string, readonly Invariant[]>>;

interface InvariantModule {
  make(provided: unknown): Invariants;
}

const generatedInvariants = createRequire(
  import.meta.resolve('../../build/definitions/invariants/'),
);

/** The constraints of all data types and their backbone elements.
 * @param provided the functions of validation/invariant-values.ts */
export function makeDataTypeInvariants(provided: unknown): Invariants {
  return (generatedInvariants('./data-types.js') as InvariantModule).make(provided);
}

/** The constraints of a resource type and its backbone elements; none when R4 has no such type. */
export function makeResourceInvariants(type: string, provided: unknown): Invariants {
  if (!resourceTypes.has(type)) return {};
  return (generatedInvariants(`./${type}.js`) as InvariantModule).make(provided);
}

/** How every constraint of R4 is judged. */
export function judgedConstraints(): readonly JudgedConstraint[] {
  return generatedInvariants('./index.json') as readonly JudgedConstraint[];
}

let valueSets: Readonly<Record<string, readonly string[]>> | undefined;

/** Every member of a required binding's value set as `system|code`; none for other value sets. */
export function valueSetMembers(url: string): readonly string[] {
  valueSets ??= generated('./value-sets.json') as NonNullable<typeof valueSets>;
  return valueSets[url] ?? [];
}

let primitiveChoices: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;

/** The element's name where a member carries a primitive variant of a choice (`deceased` for
 * `deceasedBoolean`); undefined for every other member.
 * @param owner a type or the path of a backbone element */
export function primitiveChoice(owner: string, member: string): string | undefined {
  primitiveChoices ??= generated('./primitive-choices.json') as NonNullable<
    typeof primitiveChoices
  >;
  const members = Object.hasOwn(primitiveChoices, owner) ? primitiveChoices[owner] : undefined;
  return members !== undefined && Object.hasOwn(members, member) ? members[member] : undefined;
}
