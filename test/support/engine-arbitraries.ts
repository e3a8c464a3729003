// People, sets and breakdowns as fast-check makes them up, for what is compared with the model of
// the cohort engine. Rows and values lie where blocks, words and signs change.

import fc from 'fast-check';
import type {
  EngineBreakdown,
  EngineExpression,
  EngineLayout,
  EnginePerson,
  RemovedRow,
} from '../../src/cohort/engine/cohort-engine.ts';

/** Two blocks and some. */
export const layout: EngineLayout = {
  bitmaps: ['carer', 'staff', 'pregnant'],
  days: ['birth', 'dose'],
  counts: ['doses', 'reminders'],
  codes: ['home', 'practice', 'age'],
  maxRows: 270_000,
};

export const row: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 63, 64, 131_071, 131_072, 131_073, 262_143, 262_144, 270_000),
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 270_000 }),
);

const day = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(255, 256, 32_767, 32_768, 65_534, 65_535),
);
const count = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(127, 128, 254, 255));
const code = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(63, 64, 255, 256));

/** A record as code of ours makes it, with the usual prototype. */
function plainRecord<Shape>(shape: { [Name in keyof Shape]: fc.Arbitrary<Shape[Name]> }) {
  return fc.record<Shape>(shape, { noNullPrototype: true });
}

/** A value for some of the columns; none where it would be zero. */
function values(columns: readonly string[], value: fc.Arbitrary<number>) {
  return fc
    .tuple(...columns.map(() => value))
    .map((all) =>
      Object.fromEntries(
        columns.flatMap((name, index) => (all[index] ? [[name, all[index] ?? 0]] : [])),
      ),
    );
}

const person: fc.Arbitrary<EnginePerson> = plainRecord({
  row,
  bitmaps: fc.subarray([...layout.bitmaps]),
  days: values(layout.days, day),
  counts: values(layout.counts, count),
  codes: values(layout.codes, code),
});

const removed: fc.Arbitrary<RemovedRow> = plainRecord({ row, removed: fc.constant(true as const) });

/** What one `apply` is given. */
export const changes = fc.array(
  fc.oneof({ weight: 4, arbitrary: person }, { weight: 1, arbitrary: removed }),
  { maxLength: 60 },
);

function range(value: fc.Arbitrary<number>) {
  return fc.tuple(value, value).map(([one, other]) => ({
    from: Math.min(one, other),
    to: Math.max(one, other),
  }));
}

const leaf: fc.Arbitrary<EngineExpression> = fc.oneof(
  fc.constantFrom<EngineExpression>({ kind: 'all' }, { kind: 'none' }),
  fc.record({ kind: fc.constant('bitmap' as const), name: fc.constantFrom(...layout.bitmaps) }),
  fc
    .tuple(fc.constantFrom(...layout.days), range(fc.integer({ min: 0, max: 65_535 })))
    .map(([column, { from, to }]) => ({ kind: 'days' as const, column, from, to })),
  fc
    .tuple(fc.constantFrom(...layout.days), range(day))
    .map(([column, { from, to }]) => ({ kind: 'days' as const, column, from, to })),
  fc
    .tuple(fc.constantFrom(...layout.counts), range(count))
    .map(([column, { from, to }]) => ({ kind: 'counts' as const, column, from, to })),
  fc.record({
    kind: fc.constant('codes' as const),
    column: fc.constantFrom(...layout.codes),
    values: fc.array(code, { maxLength: 25 }),
  }),
  fc
    .uniqueArray(row, { maxLength: 60 })
    .map((rows) => ({ kind: 'rows' as const, rows: Uint32Array.from(rows).sort() })),
);

export const expression: fc.Arbitrary<EngineExpression> = fc.letrec<{ any: EngineExpression }>(
  (tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('any'), { maxLength: 4 }),
      }),
      fc.record({ kind: fc.constant('not' as const), of: tie('any') }),
    ),
  }),
).any;

const column = fc.constantFrom(...layout.codes);
export const breakdowns: fc.Arbitrary<readonly EngineBreakdown[]> = fc.array(
  fc.oneof(
    fc.tuple(column).map((columns) => ({ columns })),
    fc.tuple(column, column).map((columns) => ({ columns })),
  ),
  { maxLength: 5 },
);
