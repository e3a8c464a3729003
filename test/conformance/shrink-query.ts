// Makes a search that shows a fault as small as it goes, so that whoever reads the failure sees
// what is wrong and not what was generated around it.

import type { Expression, SearchQuery } from '../../src/search/expression.ts';

/** The smallest search that still fails. @param fails whether a search shows the fault */
export async function shrink(
  query: SearchQuery,
  fails: (query: SearchQuery) => Promise<boolean>,
): Promise<SearchQuery> {
  for (const smaller of smallerQueries(query)) {
    if (await fails(smaller)) return shrink(smaller, fails);
  }
  return query;
}

function* smallerQueries(query: SearchQuery): Generator<SearchQuery> {
  const { sort, where } = query;
  for (const index of sort.keys()) yield { ...query, sort: sort.filter((_, at) => at !== index) };
  for (const smaller of smallerExpressions(where)) yield { ...query, where: smaller };
}

/** Parts of the expression that are of its type, and the expression with smaller parts. */
function* smallerExpressions(expression: Expression): Generator<Expression> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      yield* expression.of;
      for (const [index, part] of expression.of.entries()) {
        if (expression.of.length > 1) yield { ...expression, of: without(expression.of, index) };
        for (const smaller of smallerExpressions(part)) {
          yield { ...expression, of: expression.of.with(index, smaller) };
        }
      }
      return;
    case 'not':
      yield expression.of;
      for (const of of smallerExpressions(expression.of)) yield { ...expression, of };
      return;
    case 'chain':
    case 'has':
      if (expression.where.kind !== 'everything') {
        yield { ...expression, where: { kind: 'everything' } };
      }
      for (const where of smallerExpressions(expression.where)) yield { ...expression, where };
      return;
    case 'below':
    case 'above':
      for (const of of smallerExpressions(expression.of)) yield { ...expression, of };
      for (const through of smallerExpressions(expression.through)) {
        yield { ...expression, through };
      }
      return;
    case 'everything':
    case 'nothing':
    case 'missing':
    case 'composite':
      return;
    case 'id':
      for (const ids of shorter(expression.ids)) yield { ...expression, ids };
      return;
    default:
      for (const anyOf of shorter<unknown>(expression.anyOf)) {
        yield { ...expression, anyOf } as Expression;
      }
  }
}

function* shorter<Item>(list: readonly Item[]): Generator<readonly Item[]> {
  if (list.length < 2) return;
  yield list.slice(0, Math.ceil(list.length / 2));
  yield list.slice(Math.ceil(list.length / 2));
  for (const index of list.keys()) yield without(list, index);
}

function without<Item>(list: readonly Item[], index: number): readonly Item[] {
  return list.filter((_, at) => at !== index);
}
