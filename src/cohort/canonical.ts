// Search expressions in a form in which those that mean the same mostly look the same: how a clause
// that somebody asks is found to be one that a facet answers. Part of plan.ts.

import type { Expression } from '../search/expression.ts';

/** A text that is equal for expressions that differ only in order, nesting and repetition. */
export function expressionKey(expression: Expression): string {
  return keyOf(normalise(expression));
}

/**
 * The same set of resources with alternatives taken apart: one value for each clause, `or` outside
 * of `has`, no lists within lists.
 */
export function normalise(expression: Expression): Expression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return joined(expression.kind, expression.of.map(normalise));
    case 'not': {
      const of = normalise(expression.of);
      return of.kind === 'not' ? of.of : { kind: 'not', of };
    }
    case 'has':
    case 'chain': {
      const where = normalise(expression.where);
      if (where.kind !== 'or') return { ...expression, where };
      return joined(
        'or',
        where.of.map((part) => ({ ...expression, where: part })),
      );
    }
    case 'token':
      return apart(expression.anyOf, (anyOf) => ({ ...expression, anyOf }));
    case 'string':
    case 'reference':
    case 'uri':
      return apart(expression.anyOf, (anyOf) => ({ ...expression, anyOf }));
    case 'date':
    case 'number':
      return apart(expression.anyOf, (anyOf) => ({ ...expression, anyOf }));
    default:
      return expression;
  }
}

function apart<Value>(
  anyOf: readonly Value[],
  single: (anyOf: readonly Value[]) => Expression,
): Expression {
  return joined(
    'or',
    anyOf.map((value) => single([value])),
  );
}

const NEUTRAL = { and: 'everything', or: 'nothing' } as const;
const DECISIVE = { and: 'nothing', or: 'everything' } as const;

function joined(kind: 'and' | 'or', parts: readonly Expression[]): Expression {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  const telling = flat.filter((part) => part.kind !== NEUTRAL[kind]);
  if (telling.some((part) => part.kind === DECISIVE[kind])) return { kind: DECISIVE[kind] };
  const [only] = telling;
  if (only === undefined) return { kind: NEUTRAL[kind] };
  return telling.length === 1 ? only : { kind, of: telling };
}

function keyOf(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(keyOf).join()}]`;
  if (typeof node !== 'object' || node === null) return JSON.stringify(node) ?? '';
  const { kind, of } = node as { readonly kind?: unknown; readonly of?: unknown };
  const names = Object.keys(node).sort();
  const members = names.map((name) => {
    const value = (node as Readonly<Record<string, unknown>>)[name];
    // The order of what is joined means nothing, and neither does that of alternatives.
    const isSet = name === 'anyOf' || (name === 'of' && (kind === 'and' || kind === 'or'));
    const text = isSet && Array.isArray(value) ? setKey(value) : keyOf(value);
    return `${name}:${text}`;
  });
  return of === undefined && names.length === 0 ? '{}' : `{${members.join()}}`;
}

function setKey(members: readonly unknown[]): string {
  return `(${[...new Set(members.map(keyOf))].sort().join()})`;
}
