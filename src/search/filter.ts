// `_filter` (http://hl7.org/fhir/R4/search_filter.html) as an expression: each comparison by the
// type of its parameter, `not` as the full complement, chains and `_has` as in a query.

import { fhirError } from '../fhir/fhir-error.ts';
import { type Clause, malformedValue, quote, type SearchEnvironment } from './clause.ts';
import { readAlong, readClause } from './criteria.ts';
import type { Expression, StringComparison } from './expression.ts';
import {
  type FilterNode,
  type FilterOperator,
  type FilterPath,
  parseFilter,
} from './parse-filter.ts';
import { parseName } from './query-string.ts';
import { findRoute, type ValueRoute } from './route.ts';
import type { SearchParameter } from './search-registry.ts';
import { dateOverlap } from './types/date.ts';
import { normalise } from './types/string.ts';

/**
 * Reads a filter on a type.
 * @throws FhirError `invalid-search`, `unsupported-search`, `limit-exceeded`
 */
export function readFilter(type: string, text: string, environment: SearchEnvironment): Expression {
  return readNode(type, parseFilter(text), environment);
}

function readNode(type: string, node: FilterNode, environment: SearchEnvironment): Expression {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, of: node.of.map((part) => readNode(type, part, environment)) };
    case 'not':
      return { kind: 'not', of: readNode(type, node.of, environment) };
    case 'compare': {
      const { operator, value } = node;
      return readPath(type, node.path, environment, (route) =>
        compare(route, operator, value, environment),
      );
    }
  }
}

type ReadEnd = (route: ValueRoute) => Expression;

function readPath(
  type: string,
  { name, narrowed }: FilterPath,
  environment: SearchEnvironment,
  readEnd: ReadEnd,
): Expression {
  if (narrowed === undefined) {
    const route = findRoute(type, parseName(name), environment.registry);
    if (route.kind !== 'unanswered') return readAlong(route, readEnd);
    throw fhirError('unsupported-search', `Parameter "_filter": ${route.reason}`);
  }
  const [code = '', target] = name.split(':');
  const parameter = environment.registry.find(type, code);
  if (parameter?.type !== 'reference') {
    const sentence = `${quote(code)} is no reference of ${type}, and only these are narrowed`;
    throw fhirError('unsupported-search', `Parameter "_filter": ${sentence} by [ ]`);
  }
  const targets = target === undefined ? servedTargets(parameter, environment) : [target];
  const ways = targets.map((each): Expression => {
    const where: Expression = {
      kind: 'and',
      of: [
        readNode(each, narrowed.by, environment),
        readPath(each, narrowed.rest, environment, readEnd),
      ],
    };
    return { kind: 'chain', parameter: code, type: each, where };
  });
  const [only] = ways;
  return only !== undefined && ways.length === 1 ? only : { kind: 'or', of: ways };
}

function servedTargets({ targets }: SearchParameter, { registry }: SearchEnvironment) {
  return targets.filter((target) => registry.serves(target));
}

type Kind = SearchParameter['type'];

/** The operators that each type of parameter has. */
const operators: Readonly<Record<Kind, readonly FilterOperator[]>> = {
  string: ['eq', 'ne', 'co', 'sw', 'ew', 'pr'],
  token: ['eq', 'ne', 'ss', 'sb', 'in', 'ni', 'pr'],
  reference: ['eq', 'ne', 're', 'pr'],
  uri: ['eq', 'ne', 'pr'],
  date: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'po', 'pr'],
  number: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  quantity: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  composite: ['eq', 'ne'],
  special: ['eq', 'ne', 'pr'],
};

const modifiers: Readonly<Partial<Record<FilterOperator, string>>> = {
  ss: 'above',
  sb: 'below',
  in: 'in',
  ni: 'not-in',
  pr: 'missing',
};

const comparisons: Readonly<Partial<Record<FilterOperator, StringComparison>>> = {
  eq: 'equals',
  co: 'contains',
  sw: 'prefix',
  ew: 'suffix',
};

/** Types whose operators are the prefixes of a query. */
const ranged: ReadonlySet<Kind> = new Set(['date', 'number', 'quantity']);

function compare(
  { type, parameter, modifier }: ValueRoute,
  operator: FilterOperator,
  value: string,
  environment: SearchEnvironment,
): Expression {
  const name = `_filter: ${parameter.code} ${operator}`;
  const known = operators[parameter.type];
  if (!known.includes(operator) || modifier !== undefined) {
    const sentence = `"${parameter.code}", a ${parameter.type}, is compared by ${known.join(', ')}`;
    throw fhirError('unsupported-search', `Parameter "_filter": ${sentence}`);
  }
  // A backslash is itself here: JSON's escapes are read already.
  const literal = value.replaceAll('\\', '\\\\');
  const clause: Clause = { name, type, parameter, values: [literal], environment };
  if (operator === 'pr') return present(clause, value);
  if (ranged.has(parameter.type)) return compareRange(clause, operator, literal);
  if (operator === 'ne') {
    const equal = compare(
      { type, parameter, modifier, kind: 'value', ends: 1 },
      'eq',
      value,
      environment,
    );
    return differs(clause, equal);
  }
  const comparison = comparisons[operator];
  if (parameter.type === 'string' && comparison !== undefined) {
    const anyOf = [normalise(value)];
    return { kind: 'string', parameter: parameter.code, compare: comparison, anyOf };
  }
  const asked = modifiers[operator];
  return readClause(asked === undefined ? clause : { ...clause, modifier: asked });
}

/** `pr true` is what `:missing=false` is. */
function present(clause: Clause, value: string): Expression {
  if (value !== 'true' && value !== 'false') {
    throw malformedValue(clause.name, value, 'true or false');
  }
  const values = [value === 'true' ? 'false' : 'true'];
  return readClause({ ...clause, modifier: 'missing', values });
}

function compareRange(clause: Clause, operator: FilterOperator, literal: string): Expression {
  if (operator === 'po') return dateOverlap(clause);
  return readClause({ ...clause, values: [operator + literal] });
}

/** Has a value, and none that is equal. */
function differs(clause: Clause, equal: Expression): Expression {
  const unequal: Expression = { kind: 'not', of: equal };
  if (clause.parameter.type === 'composite') return unequal;
  return { kind: 'and', of: [present(clause, 'true'), unequal] };
}
