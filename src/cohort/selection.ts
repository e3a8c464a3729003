// A search as a set of people: what facets answer is left to them, the rest is asked of the store
// as at the same moment. Between search/ and people.ts.

import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import { restrictExpression } from '../search/restrict.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { EngineExpression } from './engine/cohort-engine.ts';
import type { People } from './people.ts';
import { fillPlan, plan } from './plan.ts';

/** What answered a search. */
export type AnsweredBy = 'index' | 'store' | 'index-and-store';

export interface Selection {
  readonly expression: EngineExpression;
  readonly by: AnsweredBy;
}

/** What selecting depends on. */
export interface SelectionContext {
  readonly people: People;
  /** As these people's model derives it (cohorts.ts). */
  readonly store: Pick<ResourceStore, 'numbers'>;
  readonly caller: Caller;
}

/** The people that an expression on Patient matches. */
export async function select(
  where: Expression,
  { people, store, caller }: SelectionContext,
): Promise<Selection> {
  const planned = plan(where, people.model.planning);
  const rows = new Map<Expression, Uint32Array>();
  for (const ask of planned.store) {
    const query = { type: 'Patient', where: restrictExpression('Patient', ask, caller), sort: [] };
    rows.set(ask, Uint32Array.from(await store.numbers(query, people.asOf.sequence)));
  }
  return { expression: fillPlan(planned, rows), by: answeredBy(planned, people) };
}

function answeredBy(
  { store, hasFacets }: ReturnType<typeof plan>,
  { by }: Pick<People, 'by'>,
): AnsweredBy {
  if (by === 'store') return 'store';
  if (store.length === 0) return 'index';
  return hasFacets ? 'index-and-store' : 'store';
}
