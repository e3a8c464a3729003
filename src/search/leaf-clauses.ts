// Goes through an expression to the clauses it is made of, wherever they stand, each with the
// type that it is asked of.

import type { Expression } from './expression.ts';

/** One question to a resource of a type: no expression that holds others. */
export interface LeafClause {
  readonly type: string;
  readonly clause: Expression;
}

/** The clauses of an expression on a type, in order. */
export function* leafClauses(type: string, expression: Expression): Generator<LeafClause> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const part of expression.of) yield* leafClauses(type, part);
      return;
    case 'not':
      yield* leafClauses(type, expression.of);
      return;
    case 'below':
    case 'above':
      yield* leafClauses(type, expression.of);
      yield* leafClauses(type, expression.through);
      return;
    case 'chain':
    case 'has':
      yield* leafClauses(expression.type, expression.where);
      return;
    default:
      yield { type, clause: expression };
  }
}
