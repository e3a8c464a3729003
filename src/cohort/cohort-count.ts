// Everything that is counted of one cohort, in one question: the total, whom each rule took away,
// and the rows of every breakdown.

import { type AttritionRow, attritionRows, type SelectedCohort } from './attrition.ts';
import {
  type Breakdown,
  type BreakdownPart,
  type BreakdownRow,
  breakdownParts,
  RowSums,
} from './breakdowns.ts';
import type { EngineBreakdown, EngineExpression } from './engine/cohort-engine.ts';
import type { People } from './people.ts';

/** The rows of one breakdown. */
export interface CountedBreakdown {
  readonly breakdown: Breakdown;
  readonly rows: readonly BreakdownRow[];
}

export interface CohortCount {
  readonly everybody: number;
  readonly total: number;
  readonly attrition: readonly AttritionRow[];
  readonly breakdowns: readonly CountedBreakdown[];
}

/** Counts a cohort. */
export async function countCohort(
  people: People,
  selected: SelectedCohort,
  breakdowns: readonly Breakdown[],
): Promise<CohortCount> {
  const { steps, everybody, cohort } = selected;
  const parts = breakdowns.map((breakdown) => ({ breakdown, parts: partsOf(breakdown, people) }));
  const questions = new Questions(cohort);
  const places = parts.map((each) => each.parts.map((part) => questions.add(part)));
  const before = [everybody, ...steps.map(({ left }) => left)];
  const answers = await people.run(
    [...before, ...questions.expressions],
    [...before.map(() => []), ...questions.histograms],
  );
  const [all = 0, ...left] = answers.slice(0, before.length).map(({ total }) => total);
  const asked = answers.slice(before.length);
  const counted = parts.map(({ breakdown, parts: own }, index): CountedBreakdown => {
    const sums = new RowSums();
    for (const [number, { fold }] of own.entries()) {
      const place = places[index]?.[number];
      const tally = place && asked[place.question];
      if (place === undefined || tally === undefined) continue;
      const cells =
        place.histogram === undefined
          ? Uint32Array.of(tally.total)
          : tally.breakdowns[place.histogram];
      if (cells !== undefined) fold(cells, (categories, count) => sums.add(categories, count));
    }
    return { breakdown, rows: sums.rows() };
  });
  return {
    everybody: all,
    total: left.at(-1) ?? all,
    attrition: attritionRows(steps, all, left),
    breakdowns: counted,
  };
}

function partsOf(breakdown: Breakdown, people: People): readonly BreakdownPart[] {
  const { categories } = people.model;
  return breakdownParts(breakdown, { categories, size: (column) => people.size(column) });
}

/** Where a part's answer is found. */
interface Place {
  readonly question: number;
  readonly histogram: number | undefined;
}

/** The questions that all parts make together: histograms of the whole cohort are counted in one
 * pass. */
class Questions {
  readonly expressions: EngineExpression[];
  readonly histograms: EngineBreakdown[][] = [[]];
  readonly #cohort: EngineExpression;

  constructor(cohort: EngineExpression) {
    this.#cohort = cohort;
    this.expressions = [cohort];
  }

  add({ where, histogram }: BreakdownPart): Place {
    let question = 0;
    if (where !== undefined) {
      question = this.expressions.length;
      this.expressions.push({ kind: 'and', of: [this.#cohort, where] });
      this.histograms.push([]);
    }
    const own = this.histograms[question] ?? [];
    return { question, histogram: histogram === undefined ? undefined : own.push(histogram) - 1 };
  }
}
