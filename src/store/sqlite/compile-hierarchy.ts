// `below` and `above` as SQL: a recursive walk along one reference parameter, which ends in circles
// too, since a resource is taken once.

import type { Expression } from '../../search/expression.ts';
import type { RidSet, Statement } from './statement.ts';

type Hierarchy = Extract<Expression, { kind: 'below' | 'above' }>;

/** What compile-sql.ts makes of the parts of a hierarchy. */
export interface HierarchyParts {
  /** The set of an expression on the type. */
  readonly set: (expression: Expression) => RidSet;
  /** Whether the existing resource `rid` matches an expression on the type. */
  readonly judge: (expression: Expression, rid: string) => string;
}

/** The resources that lie below, or above, those that match, and these themselves. */
export function setOfHierarchy(
  statement: Statement,
  type: string,
  { kind, parent, of, through }: Hierarchy,
  { set, judge }: HierarchyParts,
): RidSet {
  const start = set({ kind: 'and', of: [of, through] });
  const code = statement.names.parameterCode(type, parent, 'reference');
  if (code === undefined) return start;
  const parameter = statement.bind(code);
  const walk = statement.alias();
  // Below: from what is pointed at to who points at it. Above: the other way round.
  const [from, to] = kind === 'below' ? (['target', 'rid'] as const) : (['rid', 'target'] as const);
  const steps = statement.entryArms(
    'reference',
    (row) => `${row}.${to}`,
    (row) => {
      const found = `${row}.${to}`;
      const passable = `${statement.exists(type, found)} AND ${judge(through, found)}`;
      return `${row}.${from} = ${walk}.rid AND ${row}.parameter = ${parameter} AND ${passable}`;
    },
    `${walk} CROSS JOIN `,
  );
  const terms = [`SELECT rid FROM (${start.sql})`, ...steps].join(' UNION ');
  return {
    sql: `WITH RECURSIVE ${walk} (rid) AS (${terms}) SELECT rid FROM ${walk}`,
    unique: true,
  };
}
