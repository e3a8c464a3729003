// People at one moment, as one caller may see them: what a question about a cohort is put to. They
// are those of the index, or come from the store one by one (streamed-people.ts).

import type { Caller } from '../search/caller.ts';
import type {
  CohortEngine,
  EngineBreakdown,
  EngineExpression,
  EngineMoment,
  EnginePerson,
} from './engine/cohort-engine.ts';
import { placeTypes, recordTypes } from './facets.ts';
import type { ValueModel } from './value-model.ts';

/** How many, and by which codes. */
export interface Tally {
  readonly total: number;
  /** As the engine's (engine/cohort-engine.ts). */
  readonly breakdowns: readonly Uint32Array[];
}

export interface People {
  /** Where they were found. */
  readonly by: 'index' | 'store';
  readonly asOf: EngineMoment;
  readonly model: ValueModel;
  /** The day that ages are counted to, YYYY-MM-DD. */
  readonly today: string;
  /** A code column's highest code + 1. */
  size(column: string): number;
  /** As the engine's. */
  run(
    expressions: readonly EngineExpression[],
    breakdowns: readonly (readonly EngineBreakdown[])[],
  ): Promise<readonly Tally[]>;
  /** Rows of the set after one, ascending, at most so many. */
  rows(expression: EngineExpression, after: number, limit: number): Promise<Uint32Array>;
  /** What is held of these rows that exist, in their order. */
  values(rows: readonly number[]): Promise<readonly EnginePerson[]>;
}

/** What an index says of people. */
interface IndexedPeople {
  readonly engine: CohortEngine;
  readonly model: ValueModel;
  readonly today: string;
}

/** The people of an index that is held still. */
export function indexedPeople({ engine, model, today }: IndexedPeople): People {
  return {
    by: 'index',
    asOf: engine.moment(),
    model,
    today,
    size: (column) => engine.size(column),
    run: (expressions, breakdowns) => engine.run(expressions, breakdowns),
    rows: (expression, after, limit) => engine.rows(expression, after, limit),
    values: async (rows) => rows.flatMap((row) => engine.person(row) ?? []),
  };
}

/** Whether nothing that the index is made from is hidden from the caller. */
export function seesEverybody({ maySee }: Caller): boolean {
  const types = ['Patient', ...Object.keys(recordTypes), ...placeTypes];
  return types.every((type) => maySee(type).kind === 'everything');
}
