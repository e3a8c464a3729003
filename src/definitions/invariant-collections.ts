// Collections and single values of a constraint as JavaScript; its truths are those of
// write-invariant.ts, which comes through the scope. http://hl7.org/fhirpath/N1/#functions

import { type Expression, Unsupported } from './fhirpath-expression.ts';
import { memberTable, type Nodes, type Scope, stepFrom } from './invariant-nodes.ts';

/** JavaScript that is one primitive value, or undefined. */
export interface Single {
  readonly code: string;
  readonly sort: Sort;
}

type Sort = 'number' | 'date' | 'text';

const SORTS: Readonly<Record<string, Sort>> = {
  integer: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
  decimal: 'number',
  date: 'date',
  dateTime: 'date',
  instant: 'date',
};

/** Environment variables of FHIR's FHIRPath that are constants. */
const CONSTANTS: Readonly<Record<string, string>> = { ucum: 'http://unitsofmeasure.org' };

type Binary = Expression & { readonly kind: 'binary' };
type Call = Expression & { readonly kind: 'call' };

function quoted(value: string | number | boolean): string {
  return JSON.stringify(value);
}

/** Operators whose result is no truth. */
const VALUE_OPERATORS = new Set(['&', '+', '-', '*', 'div', 'mod', '|', 'as']);
const TRUTH_CALLS = new Set(['exists', 'empty', 'not', 'all', 'hasValue', 'isDistinct', 'is']);

export function isTruthLike(expression: Expression): boolean {
  if (expression.kind === 'call') return TRUTH_CALLS.has(expression.name);
  return expression.kind === 'binary' && !VALUE_OPERATORS.has(expression.operator);
}

export function where(of: Nodes, criteria: Expression, scope: Scope): Nodes {
  const inner = within(of, scope);
  const met = scope.criterion(criteria, inner);
  return { code: `${of.code}.filter((${inner.variable}) => ${met} === true)`, types: of.types };
}

/** The scope of a criterion: each node of the collection becomes the focus. */
export function within({ types }: Nodes, scope: Scope): Scope {
  const depth = scope.depth + 1;
  return { ...scope, depth, variable: `item${depth}`, types };
}

export function trySingle(expression: Expression, scope: Scope): Single | undefined {
  try {
    return single(expression, scope);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

/** One value at most. */
export function single(expression: Expression, scope: Scope): Single {
  switch (expression.kind) {
    case 'literal':
      return {
        code: quoted(expression.value),
        sort: typeof expression.value === 'number' ? 'number' : 'text',
      };
    case 'variable':
      return { code: constant(expression.name), sort: 'text' };
    case 'call':
      return calledSingle(expression, scope);
    case 'binary':
      return calculated(expression, scope);
    default:
      return soleNode(nodes(expression, scope));
  }
}

function soleNode({ value, types }: Nodes): Single {
  if (value === undefined) throw new Unsupported('more than one value');
  const sorts = new Set(types.map(({ type }) => (isPrimitive(type) ? SORTS[type] : undefined)));
  const sort = [...sorts][0] ?? 'text';
  if (types.some(({ type }) => !isPrimitive(type))) throw new Unsupported('no primitive');
  if (sorts.size > 1) throw new Unsupported('values of several sorts');
  return { code: value, sort };
}

function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type) && type !== 'xhtml';
}

function constant(name: string): string {
  const value = CONSTANTS[name];
  if (value === undefined) throw new Unsupported(`%${name}`);
  return quoted(value);
}

function calledSingle({ name, target, args }: Call, scope: Scope): Single {
  const of = target ?? { kind: 'this' };
  switch (name) {
    case 'count':
      return { code: `${nodes(of, scope).code}.length`, sort: 'number' };
    case 'toInteger':
      return { code: `toInteger(${single(of, scope).code})`, sort: 'number' };
    case 'toString':
      return { code: `toText(${single(of, scope).code})`, sort: 'text' };
    case 'trace':
      return single(of, scope);
    case 'substring': {
      const bounds = args.map((each) => single(each, scope).code).join(', ');
      return { code: `substring(${single(of, scope).code}, ${bounds})`, sort: 'text' };
    }
    case 'replaceMatches': {
      const [pattern, by] = args.map((each) => single(each, scope).code);
      return { code: `replaced(${single(of, scope).code}, ${pattern}, ${by})`, sort: 'text' };
    }
    case 'as':
    case 'ofType':
      return soleNode(nodes({ kind: 'call', target: of, name, args }, scope));
    default:
      if (args.length > 0) throw new Unsupported(`${name}()`);
      return soleNode(nodes({ kind: 'call', target: of, name, args }, scope));
  }
}

/** Of numbers; what is missing makes NaN, which stands for no number. */
const ARITHMETIC: Readonly<Record<string, (a: string, b: string) => string>> = {
  '+': (a, b) => `(${a} + ${b})`,
  '-': (a, b) => `(${a} - ${b})`,
  '*': (a, b) => `(${a} * ${b})`,
  div: (a, b) => `Math.trunc(${a} / ${b})`,
  mod: (a, b) => `(${a} % ${b})`,
};

function calculated({ operator, left, right }: Binary, scope: Scope): Single {
  if (operator === 'as') return soleNode(typed(left, right, scope));
  const a = single(left, scope);
  const b = single(right, scope);
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined && a.sort === 'number' && b.sort === 'number') {
    return { code: arithmetic(a.code, b.code), sort: 'number' };
  }
  if (operator !== '&') throw new Unsupported(operator);
  return { code: `joined(${a.code}, ${b.code})`, sort: 'text' };
}

/** A collection. */
export function nodes(expression: Expression, scope: Scope): Nodes {
  switch (expression.kind) {
    case 'this':
      return {
        code: `[${scope.variable}]`,
        types: scope.types,
        exists: 'true',
        value: scope.variable,
      };
    case 'literal':
      return { code: `[${quoted(expression.value)}]`, types: [] };
    case 'nothing':
      return { code: '[]', types: [] };
    case 'variable':
      return variable(expression.name, scope);
    case 'member':
      return memberNodes(expression, scope);
    case 'index':
      return indexed(expression, scope);
    case 'call':
      return calledNodes(expression, scope);
    case 'binary':
      return combined(expression, scope);
  }
}

function variable(name: string, { resourceType }: Scope): Nodes {
  if (name !== 'resource') return { code: `[${constant(name)}]`, types: [] };
  const types = [{ type: resourceType, owner: resourceType }];
  return { code: '[resource]', types, exists: 'true', value: 'resource' };
}

function memberNodes(
  { target, name }: Expression & { readonly kind: 'member' },
  scope: Scope,
): Nodes {
  if (target !== undefined) return stepFrom(nodes(target, scope), name, scope);
  const self = nodes({ kind: 'this' }, scope);
  // `Appointment.status` within the constraints of Appointment.
  return scope.types.some(({ type }) => type === name) ? self : stepFrom(self, name, scope);
}

function indexed({ target, index }: Expression & { readonly kind: 'index' }, scope: Scope): Nodes {
  if (index.kind !== 'literal') throw new Unsupported('an index');
  const { code, types } = nodes(target, scope);
  const at = Number(index.value);
  return { code: `${code}.slice(${at}, ${at + 1})`, types };
}

function calledNodes({ target, name, args }: Call, scope: Scope): Nodes {
  const [argument] = args;
  if (name === 'as' || name === 'ofType') return typed(target, argument, scope);
  const of = nodes(target ?? { kind: 'this' }, scope);
  switch (name) {
    case 'where':
      if (argument === undefined) throw new Unsupported('where()');
      return where(of, argument, scope);
    case 'select':
      if (argument === undefined) throw new Unsupported('select()');
      return selected(of, argument, scope);
    case 'first':
      return { code: `${of.code}.slice(0, 1)`, types: of.types, value: `${of.code}[0]` };
    case 'children':
      return childrenOf(of, scope);
    case 'tail':
      return { code: `${of.code}.slice(1)`, types: of.types };
    case 'trace':
      return of;
    case 'intersect':
      if (argument === undefined) throw new Unsupported('intersect()');
      return { code: `intersected(${of.code}, ${nodes(argument, scope).code})`, types: of.types };
    default:
      throw new Unsupported(`${name}()`);
  }
}

/** All children, whatever their names. */
function childrenOf(of: Nodes, { tree, constant }: Scope): Nodes {
  const elements = of.types.flatMap(({ owner }) => [...(tree.elements.get(owner)?.values() ?? [])]);
  const members = elements.flatMap((element) => element.members);
  const types = members.map(({ type, owner }) => ({ type, owner }));
  return { code: `children(${of.code}, ${constant(memberTable(members))})`, types };
}

/** The nodes of that type: variants of a choice, or resources. */
function typed(value: Expression | undefined, type: Expression | undefined, scope: Scope): Nodes {
  if (value?.kind !== 'member' || type?.kind !== 'member') throw new Unsupported('ofType()');
  const of = nodes(value, scope);
  if (of.types.some((each) => each.type === 'Resource')) {
    const code = `${of.code}.filter((each) => isResource([each], ${quoted(type.name)}))`;
    return { code, types: [{ type: type.name, owner: type.name }] };
  }
  const from = value.target === undefined ? { kind: 'this' as const } : value.target;
  return stepFrom(nodes(from, scope), value.name, scope, type.name);
}

function selected(of: Nodes, projection: Expression, scope: Scope): Nodes {
  const inner = within(of, scope);
  if (isTruthLike(projection)) {
    const code = scope.criterion(projection, inner);
    return { code: `${of.code}.flatMap((${inner.variable}) => ${code} ?? [])`, types: [] };
  }
  if (projection.kind === 'binary') {
    const { code } = single(projection, inner);
    return { code: `${of.code}.map((${inner.variable}) => ${code})`, types: [] };
  }
  const { code, types } = nodes(projection, inner);
  return { code: `${of.code}.flatMap((${inner.variable}) => ${code})`, types };
}

function combined({ operator, left, right }: Binary, scope: Scope): Nodes {
  if (operator === 'as') return typed(left, right, scope);
  if (operator !== '|') throw new Unsupported(operator);
  const a = nodes(left, scope);
  const b = nodes(right, scope);
  return { code: `united(${a.code}, ${b.code})`, types: [...a.types, ...b.types] };
}
