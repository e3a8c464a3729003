// What the cohort engine's interface means, in arrays: every person is an object, every question
// looks at all of them. The engine is compared with it, and tests without the engine run on it.

import { readFileSync, writeFileSync } from 'node:fs';
import type {
  CohortEngine,
  EngineAnswer,
  EngineBreakdown,
  EngineExpression,
  EngineLayout,
  EngineMoment,
  EnginePerson,
} from '../../src/cohort/engine/cohort-engine.ts';
import { holds } from '../../src/cohort/holds.ts';
import type { OpenEngine } from '../../src/cohort/snapshots.ts';

interface Kept {
  readonly layout: EngineLayout;
  readonly moment: EngineMoment;
  readonly people: readonly EnginePerson[];
}

/** Opens a model engine; a snapshot is a JSON file. */
export const openModelEngine: OpenEngine = async ({ layout, snapshotFile }) => {
  if (snapshotFile === undefined) return { engine: modelEngine(layout), snapshot: 'absent' };
  try {
    const kept = JSON.parse(readFileSync(snapshotFile, 'utf8')) as Kept;
    if (JSON.stringify(kept.layout) !== JSON.stringify(layout)) {
      return { engine: modelEngine(layout), snapshot: { refused: 'is of another layout' } };
    }
    return { engine: modelEngine(layout, kept), snapshot: 'loaded' };
  } catch {
    return { engine: modelEngine(layout), snapshot: { refused: 'is damaged' } };
  }
};

function modelEngine(layout: EngineLayout, kept?: Kept): CohortEngine {
  const people = new Map((kept?.people ?? []).map((person) => [person.row, person]));
  let moment: EngineMoment = kept?.moment ?? { sequence: 0, timeMs: 0 };
  let isFull = false;
  const sorted = () => [...people.values()].sort((one, other) => one.row - other.row);
  const found = (expression: EngineExpression) =>
    sorted().filter((person) => holds(expression, person));
  return {
    apply: async (changes, next) => {
      for (const change of changes) {
        if ('removed' in change) people.delete(change.row);
        else if (change.row > layout.maxRows) isFull = true;
        else people.set(change.row, change);
      }
      moment = next;
    },
    run: async (expressions, breakdowns) =>
      expressions.map((expression, index): EngineAnswer => {
        const members = found(expression);
        const histograms = (breakdowns[index] ?? []).map((breakdown) =>
          histogram(breakdown, members, sorted()),
        );
        return { total: members.length, asOf: moment, breakdowns: histograms };
      }),
    rows: async (expression, after, limit) => {
      const rows = found(expression).map(({ row }) => row);
      return Uint32Array.from(rows.filter((row) => row > after).slice(0, limit));
    },
    person: (row) => people.get(row),
    moment: () => moment,
    size: (column) => sizeOf(column, sorted()),
    bytes: 0,
    bytesBound: 0,
    get full() {
      return isFull;
    },
    save: async (file) => {
      const text: Kept = { layout, moment, people: sorted() };
      writeFileSync(file, JSON.stringify(text));
    },
    close: async () => {},
  };
}

function histogram(
  { columns }: EngineBreakdown,
  members: readonly EnginePerson[],
  everybody: readonly EnginePerson[],
): Uint32Array {
  const [first, second] = columns;
  const width = second === undefined ? 1 : sizeOf(second, everybody);
  const cells = new Uint32Array(sizeOf(first, everybody) * width);
  for (const { codes } of members) {
    const place = (codes[first] ?? 0) * width + (second === undefined ? 0 : (codes[second] ?? 0));
    cells[place] = (cells[place] ?? 0) + 1;
  }
  return cells;
}

function sizeOf(column: string, everybody: readonly EnginePerson[]): number {
  return everybody.reduce((size, { codes }) => Math.max(size, (codes[column] ?? 0) + 1), 1);
}
