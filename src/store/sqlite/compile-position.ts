// `near` as SQL: an index narrows the search to a band of latitudes, a function of ours judges the
// distance, the same that the matcher uses.

import type { Expression } from '../../search/expression.ts';
import { latitudesOf } from '../../search/types/position.ts';
import { type RidSet, type Statement, union } from './statement.ts';

type Near = Extract<Expression, { kind: 'near' }>;

/** The SQL function that connection.ts defines: latitude, longitude, and a circle's latitude,
 * longitude and radius in metres; 1 within. */
export const WITHIN_CIRCLE = 'within_circle';

/** The resources in one of the circles. */
export function setOfPositions(statement: Statement, type: string, near: Near): RidSet {
  const code = statement.names.parameterCode(type, near.parameter, 'position');
  if (code === undefined) return statement.emptySet();
  const parameter = statement.bind(code);
  const sets = near.anyOf.map((circle): RidSet => {
    const { low, high } = latitudesOf(circle);
    const band = `BETWEEN ${statement.bind(low)} AND ${statement.bind(high)}`;
    const { latitude, longitude, radiusM } = circle;
    const values = [latitude, longitude, radiusM].map((value) => statement.bind(value)).join(', ');
    const sql = statement.entries('position', 'rid', (row) => {
      const within = `${WITHIN_CIRCLE}(${row}.latitude, ${row}.longitude, ${values})`;
      return `${row}.parameter = ${parameter} AND ${row}.latitude ${band} AND ${within}`;
    });
    return { sql, unique: false };
  });
  return union(statement, sets);
}
