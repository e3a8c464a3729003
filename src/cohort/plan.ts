// A search on Patient as work for the engine: clauses that facets answer become expressions over
// its columns, all others are left to the store and intersected. What comes out is exactly what the
// store would answer to the whole.

import { unreachable } from '../lib/assert.ts';
import type { Expression, RangeBounds } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import { matches } from '../search/match.ts';
import { derivedParameters, isDerived } from '../search/patient-aliases.ts';
import { rangeMatches } from '../search/types/range.ts';
import { expressionKey, normalise } from './canonical.ts';
import type { DayNumbers } from './day-numbers.ts';
import { countRange, DOSES_MAX, programmesNamed } from './derived-values.ts';
import type { EngineExpression } from './engine/cohort-engine.ts';
import type { EntryDictionary } from './entry-dictionary.ts';
import { AGE, dayFacets, programmeColumn } from './facets.ts';
import { NOWHERE } from './person-records.ts';
import type { Places } from './places.ts';

/** Parts of a plan: the engine's own, or a question to the store. */
type PlanTree =
  | { readonly kind: 'engine'; readonly expression: EngineExpression }
  | { readonly kind: 'store'; readonly ask: Expression }
  | { readonly kind: 'and' | 'or'; readonly of: readonly PlanTree[] }
  | { readonly kind: 'not'; readonly of: PlanTree };

export interface CohortPlan {
  readonly tree: PlanTree;
  /** What the store is asked: expressions on Patient. */
  readonly store: readonly Expression[];
  /** Whether facets answer anything of it. */
  readonly hasFacets: boolean;
}

/** What planning depends on. */
export interface PlanContext {
  /** Names of bit facets by the key of what they mean. */
  readonly bits: ReadonlyMap<string, string>;
  /** By column. */
  readonly dictionaries: ReadonlyMap<string, EntryDictionary>;
  readonly days: DayNumbers;
  readonly places: Places;
  /** Programmes that are loaded. */
  readonly programmes: readonly string[];
}

/** Plans an expression on Patient. */
export function plan(expression: Expression, context: PlanContext): CohortPlan {
  const tree = treeOf(expression, context);
  const leaves = [...leavesOf(tree)];
  const store = leaves.flatMap((leaf) => (leaf.kind === 'store' ? [leaf.ask] : []));
  return { tree, store, hasFacets: store.length < leaves.length };
}

/** The engine's expression, once the store has answered.
 * @param rows what the store found, by what it was asked */
export function fillPlan(
  { tree }: CohortPlan,
  rows: ReadonlyMap<Expression, Uint32Array>,
): EngineExpression {
  return filled(tree, rows);
}

function filled(tree: PlanTree, rows: ReadonlyMap<Expression, Uint32Array>): EngineExpression {
  switch (tree.kind) {
    case 'engine':
      return tree.expression;
    case 'store':
      return { kind: 'rows', rows: rows.get(tree.ask) ?? new Uint32Array() };
    case 'and':
    case 'or':
      return { kind: tree.kind, of: tree.of.map((part) => filled(part, rows)) };
    case 'not':
      return { kind: 'not', of: filled(tree.of, rows) };
    default:
      return unreachable(tree);
  }
}

type Leaf = Extract<PlanTree, { kind: 'engine' | 'store' }>;

function* leavesOf(tree: PlanTree): Generator<Leaf> {
  switch (tree.kind) {
    case 'engine':
    case 'store':
      yield tree;
      return;
    case 'and':
    case 'or':
      for (const part of tree.of) yield* leavesOf(part);
      return;
    case 'not':
      yield* leavesOf(tree.of);
      return;
    default:
      unreachable(tree);
  }
}

function treeOf(expression: Expression, context: PlanContext): PlanTree {
  const known = facetOf(expression, context);
  if (known !== undefined) return { kind: 'engine', expression: known };
  switch (expression.kind) {
    case 'and':
    case 'or':
      return joined(expression.kind, expression.of, context);
    case 'not': {
      const of = treeOf(expression.of, context);
      return of.kind === 'store' ? { kind: 'store', ask: expression } : { kind: 'not', of };
    }
    default:
      return apart(expression, context);
  }
}

/** Parts that facets answer, and one question to the store for all others. */
function joined(kind: 'and' | 'or', parts: readonly Expression[], context: PlanContext): PlanTree {
  const planned = parts.map((part) => treeOf(part, context));
  const asked = planned.flatMap((part) => (part.kind === 'store' ? [part.ask] : []));
  const of: PlanTree[] = planned.filter((part) => part.kind !== 'store');
  const [only] = asked;
  if (only !== undefined) {
    of.push({ kind: 'store', ask: asked.length === 1 ? only : { kind, of: asked } });
  }
  const [first] = of;
  return first !== undefined && of.length === 1 ? first : { kind, of };
}

/** Alternatives one by one, when facets answer each. */
function apart(expression: Expression, context: PlanContext): PlanTree {
  const asked: PlanTree = { kind: 'store', ask: expression };
  const normal = normalise(expression);
  if (normal.kind !== 'or' || normal.of.length > SPLIT_MAX) return asked;
  const of = normal.of.map((part) => facetOf(part, context));
  const facets = of.filter((part) => part !== undefined);
  if (facets.length < of.length) return asked;
  return { kind: 'engine', expression: { kind: 'or', of: facets } };
}

function facetOf(expression: Expression, context: PlanContext): EngineExpression | undefined {
  if (expression.kind === 'everything') return { kind: 'all' };
  if (expression.kind === 'nothing') return { kind: 'none' };
  const name = context.bits.get(expressionKey(expression));
  if (name !== undefined) return { kind: 'bitmap', name };
  const opposite = context.bits.get(expressionKey({ kind: 'not', of: expression }));
  if (opposite !== undefined) return { kind: 'not', of: { kind: 'bitmap', name: opposite } };
  return (
    codesOf(expression, context) ?? dayOf(expression, context) ?? derivedOf(expression, context)
  );
}

/** Alternatives that are looked up one by one. */
const SPLIT_MAX = 64;

/** A clause on parameters of one code column. */
function codesOf(expression: Expression, context: PlanContext): EngineExpression | undefined {
  const parameter = parameterOf(expression);
  if (parameter === undefined) return undefined;
  const found = [...context.dictionaries].find(
    ([column, dictionary]) => column !== AGE && dictionary.parameters.has(parameter),
  );
  if (found === undefined) return undefined;
  const [column, dictionary] = found;
  if (dictionary.isOverflowing) return undefined;
  const { places } = context;
  if (expression.kind !== 'chain') {
    const judge = judgeOf(expression);
    return { kind: 'codes', column, values: dictionary.codesWhere(expression, judge) };
  }
  if (!places.decides(expression.type, expression.where)) return undefined;
  let targets: ReadonlySet<string> | undefined;
  const leadsThere = (entries: readonly IndexEntry[]) =>
    entries.some((entry) => {
      if (entry.kind !== 'reference' || entry.parameter !== parameter) return false;
      targets ??= places.where(expression.type, expression.where);
      return targets.has(entry.target);
    });
  const values = dictionary.codesWhere(expression, leadsThere, places.version);
  return { kind: 'codes', column, values };
}

/** The parameter that a clause is on, when it is on one alone. */
function parameterOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'token':
    case 'string':
    case 'reference':
    case 'uri':
    case 'missing':
    case 'chain':
      return expression.parameter;
    default:
      return undefined;
  }
}

/** Long lists are looked up, not gone through. */
const LIST_MAX = 8;

function judgeOf(expression: Expression): (entries: readonly IndexEntry[]) => boolean {
  if (expression.kind === 'reference' && expression.anyOf.length > LIST_MAX) {
    const { parameter } = expression;
    const targets = new Set(expression.anyOf);
    return (entries) =>
      entries.some(
        (entry) =>
          entry.kind === 'reference' && entry.parameter === parameter && targets.has(entry.target),
      );
  }
  return (entries) => matches(expression, { ...NOBODY, entries }, NOWHERE);
}

const NOBODY = { type: 'Patient', id: '', lastUpdatedMs: 0 };

/** A clause on a day: of those who have one by range, of those who have none by what they have. */
function dayOf(expression: Expression, context: PlanContext): EngineExpression | undefined {
  const { kind } = expression;
  if (kind !== 'date' && kind !== 'missing') return undefined;
  const facet = dayFacets.find(({ parameter }) => parameter === expression.parameter);
  const others = context.dictionaries.get(AGE);
  if (facet === undefined || others === undefined || others.isOverflowing) return undefined;
  const values = others.codesWhere(expression, judgeOf(expression));
  const ranges = kind === 'date' ? daysWithin(facet.column, expression.anyOf, context) : [];
  const of: EngineExpression[] = [...ranges];
  if (values.length > 0) of.push({ kind: 'codes', column: AGE, values });
  return either(of);
}

function daysWithin(
  column: string,
  anyOf: readonly RangeBounds[],
  { days }: PlanContext,
): readonly EngineExpression[] {
  const ranges = anyOf
    .map((bounds) => days.range(bounds))
    .filter(({ from, to }) => from <= to)
    .sort((one, other) => one.from - other.from);
  // `ge` and the like are two ranges that touch.
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined.map((range) => ({ kind: 'days', column, ...range }));
}

function either(of: readonly EngineExpression[]): EngineExpression {
  const [only] = of;
  if (only === undefined) return { kind: 'none' };
  return of.length === 1 ? only : { kind: 'or', of };
}

/** A clause on what is derived for programmes, when all of them are loaded. */
function derivedOf(expression: Expression, context: PlanContext): EngineExpression | undefined {
  if (expression.kind === 'token' && isDerived(expression.parameter)) {
    const { parameter } = expression;
    const isFlag = derivedParameters.flags.some((code) => code === parameter);
    const names = programmesNamed(expression);
    if (!isFlag || !names.every((name) => context.programmes.includes(name))) return undefined;
    return either(
      names.map((name) => ({ kind: 'bitmap', name: programmeColumn(name, parameter) })),
    );
  }
  if (expression.kind !== 'composite' || !isDerived(expression.parameter)) return undefined;
  const [, value] = expression.of;
  const [name = '', ...others] = programmesNamed(expression);
  if (others.length > 0 || !context.programmes.includes(name)) return undefined;
  const column = programmeColumn(name, expression.parameter);
  if (value?.kind === 'date') return either(daysWithin(column, value.anyOf, context));
  if (value?.kind !== 'number') return undefined;
  return either(value.anyOf.flatMap((bounds) => countsWithin(column, bounds)));
}

function countsWithin(column: string, bounds: RangeBounds): readonly EngineExpression[] {
  const within = COUNTS.filter((doses) => rangeMatches(countRange(doses), bounds));
  const [from] = within;
  const to = within.at(-1);
  return from === undefined || to === undefined ? [] : [{ kind: 'counts', column, from, to }];
}

const COUNTS = Array.from({ length: DOSES_MAX + 1 }, (_, doses) => doses);
