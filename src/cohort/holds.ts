// Whether one person's values are in a set: what the engine does for everybody at once, for people
// who come one by one.

import { unreachable } from '../lib/assert.ts';
import type { EngineExpression, EnginePerson } from './engine/cohort-engine.ts';

/** Whether the person, who is present, is in the set. */
export function holds(expression: EngineExpression, person: EnginePerson): boolean {
  switch (expression.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'bitmap':
      return person.bitmaps.includes(expression.name);
    case 'days': {
      const day = person.days[expression.column] ?? 0;
      return day > 0 && day >= expression.from && day <= expression.to;
    }
    case 'counts': {
      const count = person.counts[expression.column] ?? 0;
      return count >= expression.from && count <= expression.to;
    }
    case 'codes':
      return expression.values.includes(person.codes[expression.column] ?? 0);
    case 'rows':
      return isAmong(expression.rows, person.row);
    case 'and':
      return expression.of.every((part) => holds(part, person));
    case 'or':
      return expression.of.some((part) => holds(part, person));
    case 'not':
      return !holds(expression.of, person);
    default:
      return unreachable(expression);
  }
}

/** @param rows ascending */
function isAmong(rows: Uint32Array, row: number): boolean {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row;
}
