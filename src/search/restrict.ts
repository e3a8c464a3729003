// The one place where what a caller may see enters a search: every read goes through it. Hidden
// resources are as if absent, inside chains, `_has` and negations too.

import { fhirError } from '../fhir/fhir-error.ts';
import { unreachable } from '../lib/assert.ts';
import type { Caller } from './caller.ts';
import type { Expression, SearchQuery } from './expression.ts';
import { derivedFrom, derivedIn } from './patient-aliases.ts';

/**
 * The query as the caller may ask it; the same object when nothing is hidden from the caller.
 * @throws FhirError `unsupported-search` for what is derived from records that the caller may not
 *   see
 */
export function restrict(query: SearchQuery, caller: Caller): SearchQuery {
  refuseDerived(query, caller);
  const where = restrictExpression(query.type, query.where, caller);
  return where === query.where ? query : { ...query, where };
}

/** A search does not say who asks when it comes to be derived: cohorts do (cohort/cohorts.ts). */
function refuseDerived({ type, where }: SearchQuery, { maySee }: Caller): void {
  const derived = derivedIn(type, where);
  const isOpen = derivedFrom.every((record) => maySee(record).kind === 'everything');
  if (derived === undefined || isOpen) return;
  const sentence = 'is worked out from records some of which you may not see; ask $cohort';
  throw fhirError('unsupported-search', `Parameter "${derived}" ${sentence}`);
}

/**
 * An expression on `type` that matches what `expression` would match if the store held only what
 * the caller may see. The same object when nothing is hidden from the caller.
 */
export function restrictExpression(
  type: string,
  expression: Expression,
  caller: Caller,
): Expression {
  return both(caller.maySee(type), restrictSteps(type, expression, caller));
}

/** Restricts the resources that chains, `_has` and hierarchies lead to, at any depth. */
function restrictSteps(type: string, expression: Expression, caller: Caller): Expression {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const of = expression.of.map((part) => restrictSteps(type, part, caller));
      const same = of.every((part, index) => part === expression.of[index]);
      return same ? expression : { ...expression, of };
    }
    case 'not': {
      const of = restrictSteps(type, expression.of, caller);
      return of === expression.of ? expression : { ...expression, of };
    }
    case 'chain':
    case 'has': {
      const where = restrictExpression(expression.type, expression.where, caller);
      return where === expression.where ? expression : { ...expression, where };
    }
    case 'below':
    case 'above': {
      const of = restrictSteps(type, expression.of, caller);
      const through = restrictExpression(type, expression.through, caller);
      const same = of === expression.of && through === expression.through;
      return same ? expression : { ...expression, of, through };
    }
    case 'everything':
    case 'nothing':
    case 'missing':
    case 'id':
    case 'lastUpdated':
    case 'token':
    case 'string':
    case 'date':
    case 'number':
    case 'quantity':
    case 'reference':
    case 'uri':
    case 'near':
    case 'composite':
      return expression;
    default:
      return unreachable(expression);
  }
}

function both(visible: Expression, asked: Expression): Expression {
  if (visible.kind === 'everything' || asked.kind === 'nothing') return asked;
  if (visible.kind === 'nothing' || asked.kind === 'everything') return visible;
  return { kind: 'and', of: [visible, asked] };
}
