// Writes a constraint's FHIRPath as JavaScript over the resource's JSON: types are known when it is
// written, so that `start.exists()` becomes two comparisons. Evaluating FHIRPath for every resource
// is hundreds of times slower; test/unit/validation/ proves that both say the same.
// http://hl7.org/fhirpath/N1/, http://hl7.org/fhir/R4/fhirpath.html

import type { Member } from './element-tree.ts';
import { type Expression, readExpression, Unsupported } from './fhirpath-expression.ts';
import { isTruthLike, nodes, single, trySingle, where, within } from './invariant-collections.ts';
import type { Nodes, Scope, TypeRef } from './invariant-nodes.ts';

/** JavaScript that is true, false, or undefined where FHIRPath would give nothing. */
interface Truth {
  readonly code: string;
  /** Whether it can be undefined. */
  readonly open: boolean;
}

/**
 * The body of `(node, resource) => …`: true, false, or undefined where the expression tells
 * nothing. It calls the functions of validation/invariant-values.ts by name.
 * @param focus the types that the node may have
 * @throws Unsupported when the expression is not of the known subset
 */
export function writeInvariant(
  text: string,
  focus: readonly TypeRef[],
  places: Pick<Scope, 'tree' | 'resourceType' | 'constant'>,
): string {
  const criterion: Scope['criterion'] = (expression, scope) => truth(expression, scope).code;
  const scope: Scope = { ...places, variable: 'node', types: focus, depth: 0, criterion };
  return truth(readExpression(text), scope).code;
}

function known(code: string): Truth {
  return { code, open: false };
}

function open(code: string): Truth {
  return { code, open: true };
}

function quoted(value: string | number | boolean): string {
  return JSON.stringify(value);
}

/** A boolean of FHIRPath. */
function truth(expression: Expression, scope: Scope): Truth {
  switch (expression.kind) {
    case 'binary':
      return operation(expression, scope);
    case 'call':
      return calledTruth(expression, scope);
    case 'literal':
      return known(quoted(expression.value === true));
    case 'member':
    case 'index':
    case 'this':
      return open(existing(nodes(expression, scope)));
    default:
      throw new Unsupported(expression.kind);
  }
}

/** A boolean is what it says, any other single node is true. */
function existing({ code, value, types }: Nodes): string {
  const isBoolean = value !== undefined && types.every(({ type }) => type === 'boolean');
  return isBoolean ? `booleanOf(${value})` : `asTruth(${code})`;
}

type Binary = Expression & { readonly kind: 'binary' };
type Call = Expression & { readonly kind: 'call' };

/** For operands that cannot be empty; those that can are combined by functions. */
const LOGIC: Readonly<Record<string, (a: string, b: string) => string>> = {
  and: (a, b) => `(${a} && ${b})`,
  or: (a, b) => `(${a} || ${b})`,
  xor: (a, b) => `(${a} !== ${b})`,
  implies: (a, b) => `(!${a} || ${b})`,
};

const ORDERS = new Set(['<', '>', '<=', '>=']);

function operation(expression: Binary, scope: Scope): Truth {
  const { operator, left, right } = expression;
  const logic = LOGIC[operator];
  if (logic !== undefined) {
    const a = truth(left, scope);
    const b = truth(right, scope);
    return a.open || b.open
      ? open(`${operator}Open(${a.code}, ${b.code})`)
      : known(logic(a.code, b.code));
  }
  if (operator === '=' || operator === '!=') return equality(expression, scope);
  if (ORDERS.has(operator)) return order(expression, scope);
  if (operator === 'in') return membership(left, right, scope);
  if (operator === 'contains') return membership(right, left, scope);
  if (operator === 'is') return typeTest(left, right, scope);
  throw new Unsupported(operator);
}

function equality({ operator, left, right }: Binary, scope: Scope): Truth {
  const negation = operator === '=' ? '' : 'un';
  if (isTruthLike(left) && isTruthLike(right)) {
    const a = truth(left, scope);
    const b = truth(right, scope);
    const same = operator === '=' ? '===' : '!==';
    if (!a.open && !b.open) return known(`(${a.code} ${same} ${b.code})`);
    return open(`${negation}equal(${a.code}, ${b.code})`);
  }
  const a = trySingle(left, scope);
  const b = trySingle(right, scope);
  if (a !== undefined && b !== undefined) {
    return open(`${negation}equal(${a.code}, ${b.code})`);
  }
  return open(`${negation}equalAll(${nodes(left, scope).code}, ${nodes(right, scope).code})`);
}

function order({ operator, left, right }: Binary, scope: Scope): Truth {
  const a = single(left, scope);
  const b = single(right, scope);
  if (a.sort === 'text' || a.sort !== b.sort) throw new Unsupported(`${a.sort} ${operator}`);
  const compare = a.sort === 'number' ? 'compareNumbers' : 'compareDates';
  return open(`ordered(${compare}(${a.code}, ${b.code}), ${quoted(operator)})`);
}

function membership(item: Expression, list: Expression, scope: Scope): Truth {
  return open(`isIn(${single(item, scope).code}, ${nodes(list, scope).code})`);
}

function typeTest(value: Expression, type: Expression, scope: Scope): Truth {
  if (type.kind !== 'member') throw new Unsupported('is');
  const { code, types } = nodes(value, scope);
  if (types.some((each) => each.type === 'Resource')) {
    return open(`isResource(${code}, ${quoted(type.name)})`);
  }
  const { members } = stepTypes(value, scope);
  const names = members
    .filter((each) => scope.tree.isA(each.type, type.name))
    .flatMap(({ json }) => [json, `_${json}`]);
  if (members.length === 0 || value.kind !== 'member') throw new Unsupported('is');
  const some = names.map((name) => `${scope.variable}[${quoted(name)}] != null`);
  return open(`(${code}.length === 0 ? undefined : ${some.join(' || ') || 'false'})`);
}

/** The members that a plain step from the focus may be in. */
function stepTypes(expression: Expression, scope: Scope): { members: readonly Member[] } {
  if (expression.kind !== 'member' || expression.target !== undefined) return { members: [] };
  const members = scope.types.flatMap(
    ({ owner }) => scope.tree.elements.get(owner)?.get(expression.name)?.members ?? [],
  );
  return { members };
}

function calledTruth(call: Call, scope: Scope): Truth {
  const { name, target, args } = call;
  const [argument] = args;
  switch (name) {
    case 'exists':
      return known(presence(filtered(target, argument, scope), true));
    case 'empty':
      return known(presence(nodes(target ?? { kind: 'this' }, scope), false));
    case 'not':
      return negated(truth(target ?? { kind: 'this' }, scope));
    case 'hasValue':
      return known(valued(nodes(target ?? { kind: 'this' }, scope)));
    case 'all':
    case 'allFalse':
      return allOf(call, scope);
    case 'isDistinct':
      return known(`isDistinct(${nodes(target ?? { kind: 'this' }, scope).code})`);
    case 'is':
      return typeTest(target ?? { kind: 'this' }, argument ?? { kind: 'nothing' }, scope);
    case 'matches':
    case 'startsWith':
    case 'contains':
      return textTest(call, scope);
    case 'iif':
      return alternatives(args, scope);
    case 'trace':
      return truth(target ?? { kind: 'this' }, scope);
    default:
      throw new Unsupported(`${name}()`);
  }
}

function alternatives([when, then, otherwise]: readonly Expression[], scope: Scope): Truth {
  if (when === undefined || then === undefined) throw new Unsupported('iif()');
  const other = otherwise === undefined ? 'undefined' : truth(otherwise, scope).code;
  return open(`(${truth(when, scope).code} === true ? ${truth(then, scope).code} : ${other})`);
}

function negated({ code, open: isOpen }: Truth): Truth {
  return isOpen ? open(`notOpen(${code})`) : known(`!${code}`);
}

function valued({ code, value }: Nodes): string {
  return value === undefined ? `hasValue(${code})` : `isValue(${value})`;
}

function presence({ code, exists }: Nodes, wanted: boolean): string {
  if (exists !== undefined) return wanted ? exists : `!${exists}`;
  return wanted ? `(${code}.length > 0)` : `(${code}.length === 0)`;
}

function filtered(
  target: Expression | undefined,
  criteria: Expression | undefined,
  scope: Scope,
): Nodes {
  const of = nodes(target ?? { kind: 'this' }, scope);
  return criteria === undefined ? of : where(of, criteria, scope);
}

function allOf({ name, target, args }: Call, scope: Scope): Truth {
  const of = nodes(target ?? { kind: 'this' }, scope);
  if (name === 'allFalse') return known(`${of.code}.every((item) => item === false)`);
  const [criteria] = args;
  if (criteria === undefined) throw new Unsupported('all()');
  const inner = within(of, scope);
  const held = truth(criteria, inner).code;
  return known(`${of.code}.every((${inner.variable}) => ${held} === true)`);
}

function textTest({ name, target, args }: Call, scope: Scope): Truth {
  const [argument] = args;
  if (argument?.kind !== 'literal') return open(textCall(name, target, argument, scope));
  const text = single(target ?? { kind: 'this' }, scope).code;
  if (name !== 'matches') return open(`${name}(${text}, ${quoted(argument.value)})`);
  const pattern = scope.constant(`new RegExp(${quoted(argument.value)})`);
  return open(`matches(${text}, ${pattern})`);
}

function textCall(
  name: string,
  target: Expression | undefined,
  argument: Expression | undefined,
  scope: Scope,
): string {
  if (argument === undefined || name === 'matches') throw new Unsupported(`${name}()`);
  const text = single(target ?? { kind: 'this' }, scope).code;
  return `${name}(${text}, ${single(argument, scope).code})`;
}
