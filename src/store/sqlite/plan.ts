// Puts the clause with the fewest matches first in every conjunction: compile-sql.ts lets the first
// drive and the others judge. Counting stops at a limit that grows until one clause stays below
// it, so that planning costs no more than a few times the smallest clause.

import type { Expression } from '../../search/expression.ts';
import type { SearchExplanation } from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import type { Reader } from './moment.ts';
import { type Moment, Statement } from './statement.ts';

const LIMITS = [32, 512, 8_192, 131_072, 2_097_152];

/** The same expression with the parts of its conjunctions in the best order. */
export function plan(
  reader: Reader,
  moment: Moment,
  type: string,
  expression: Expression,
): Expression {
  switch (expression.kind) {
    case 'and': {
      const parts = flattened(expression.of).map((part) => plan(reader, moment, type, part));
      const driver = smallest(reader, moment, type, parts);
      const others = parts.filter((_, index) => index !== driver);
      return { kind: 'and', of: [...parts.slice(driver, driver + 1), ...others] };
    }
    case 'or':
      return { ...expression, of: expression.of.map((part) => plan(reader, moment, type, part)) };
    case 'chain':
    case 'has':
      return { ...expression, where: plan(reader, moment, expression.type, expression.where) };
    case 'below':
    case 'above':
      return { ...expression, of: plan(reader, moment, type, expression.of) };
    default:
      return expression;
  }
}

/** The clauses of a planned conjunction in their order, each with its matches by itself. */
export function countClauses(
  reader: Reader,
  moment: Moment,
  type: string,
  where: Expression,
): SearchExplanation['clauses'] {
  const limit = LIMITS.at(-1) ?? 0;
  return flattened([where]).map((expression) => {
    const matches = sizeOf(reader, moment, type, expression, limit);
    return matches < limit ? { expression, matches } : { expression, matches, limit };
  });
}

function flattened(parts: readonly Expression[]): Expression[] {
  return parts.flatMap((part) => (part.kind === 'and' ? flattened(part.of) : [part]));
}

/** The place of the part with the fewest matches. */
function smallest(
  reader: Reader,
  moment: Moment,
  type: string,
  parts: readonly Expression[],
): number {
  const countable = parts.flatMap((part, index) => (canDrive(part) ? [{ part, index }] : []));
  const [first] = countable;
  if (first === undefined) return 0;
  if (countable.length === 1) return first.index;
  for (const limit of LIMITS) {
    let best = { index: -1, size: limit };
    for (const { part, index } of countable) {
      const size = sizeOf(reader, moment, type, part, best.size);
      if (size < best.size) best = { index, size };
    }
    if (best.index !== -1) return best.index;
  }
  return first.index;
}

/** Whether the clause finds resources by an index rather than by looking at all of them. */
function canDrive(part: Expression): boolean {
  switch (part.kind) {
    case 'everything':
    case 'not':
    case 'missing':
      return false;
    case 'string':
      return part.compare !== 'contains' && part.compare !== 'suffix';
    case 'and':
      return part.of.some(canDrive);
    case 'or':
      return part.of.every(canDrive);
    case 'chain':
    case 'has':
      return canDrive(part.where);
    case 'below':
    case 'above':
      return canDrive(part.of);
    default:
      return true;
  }
}

/** How many rids the part's set has, counted up to the limit. */
function sizeOf(
  reader: Reader,
  moment: Moment,
  type: string,
  part: Expression,
  limit: number,
): number {
  if ('where' in part && sizeOf(reader, moment, part.type, part.where, limit) >= limit) {
    return limit;
  }
  if (part.kind === 'and') {
    return Math.min(
      ...part.of.filter(canDrive).map((one) => sizeOf(reader, moment, type, one, limit)),
    );
  }
  const statement = new Statement(moment);
  const { sql } = ridSet(statement, type, part);
  const counting = `SELECT count(*) AS size FROM (SELECT 1 FROM (${sql}) LIMIT ${limit})`;
  return reader.connection.get<{ size: number }>(counting, statement.values)?.size ?? 0;
}
