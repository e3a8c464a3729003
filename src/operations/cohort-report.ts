// A counted cohort as a MeasureReport (http://hl7.org/fhir/R4/measurereport.html): the total and
// who was taken away as populations, breakdowns as stratifiers.

import { asOfExtension, instant } from '../cohort/as-of.ts';
import type { AttritionRow } from '../cohort/attrition.ts';
import type { CohortCount, CountedBreakdown } from '../cohort/cohort-count.ts';
import type { Category } from '../cohort/dimensions.ts';
import type { EngineMoment } from '../cohort/engine/cohort-engine.ts';
import type { AnsweredBy } from '../cohort/selection.ts';
import type { Resource } from '../fhir/types.ts';

const OURS = 'https://openims.example/fhir/StructureDefinition';
const STEPS = 'https://openims.example/fhir/CodeSystem/cohort-step';
const DIMENSIONS = 'https://openims.example/fhir/CodeSystem/cohort-dimension';
const MEASURE = 'https://openims.example/fhir/Measure/cohort';

/** What is reported beside the counts. */
export interface ReportHead {
  readonly asOf: EngineMoment;
  /** Where people were found. */
  readonly people: 'index' | 'store';
  /** The day that ages are counted to, YYYY-MM-DD. */
  readonly today: string;
  /** Names of the standard exclusions that were not applied. */
  readonly off: readonly string[];
  /** Stratifiers beside those of the breakdowns. */
  readonly more: readonly object[];
}

/** The report. */
export function cohortReport(count: CohortCount, head: ReportHead): Resource {
  const { asOf, today, off, more } = head;
  return {
    resourceType: 'MeasureReport',
    extension: [
      asOfExtension(asOf),
      { url: `${OURS}/cohort-answered-by`, valueCode: answeredBy(count.attrition, head.people) },
      ...off.map((name) => ({ url: `${OURS}/cohort-standard-exclusion-off`, valueCode: name })),
    ],
    status: 'complete',
    type: 'summary',
    measure: MEASURE,
    date: instant(asOf.timeMs),
    period: { start: today, end: today },
    group: [
      {
        code: concept(STEPS, 'cohort', 'People in the cohort'),
        population: [
          {
            code: concept(STEPS, 'everybody', 'Everybody'),
            count: count.everybody,
          },
          ...count.attrition.map(attritionPopulation),
          { code: concept(STEPS, 'cohort', 'People in the cohort'), count: count.total },
        ],
        ...stratifiers([...count.breakdowns.map(stratifier), ...more]),
      },
    ],
  };
}

function stratifiers(stratifier: readonly object[]): object {
  return stratifier.length === 0 ? {} : { stratifier };
}

/** What all rules together were answered by. */
function answeredBy(rows: readonly AttritionRow[], people: 'index' | 'store'): AnsweredBy {
  if (people === 'store') return 'store';
  return rows.every(({ by }) => by === 'index') ? 'index' : 'index-and-store';
}

function attritionPopulation({ rule, by, removed, left }: AttritionRow): object {
  const isOwn = /^(?:include|exclude)-/.test(rule.code);
  return {
    extension: [
      { url: `${OURS}/cohort-removed`, valueInteger: removed },
      { url: `${OURS}/cohort-answered-by`, valueCode: by },
    ],
    // The place of an own rule is no code of a code system; what it says is its text.
    code: isOwn
      ? { coding: [{ code: rule.code }], text: rule.display }
      : concept(STEPS, rule.code, rule.display),
    count: left,
  };
}

function stratifier({ breakdown, rows }: CountedBreakdown): object {
  const [first = '', second] = breakdown;
  const stratum = rows.map(({ categories: [one, other], count }) => {
    const population = [{ count }];
    if (second === undefined) return { value: value(one), population };
    const component = [
      { code: concept(DIMENSIONS, first), value: value(one) },
      { code: concept(DIMENSIONS, second), value: value(other) },
    ];
    return { component, population };
  });
  return { code: breakdown.map((name) => concept(DIMENSIONS, name)), ...strata(stratum) };
}

/** The strata of a stratifier; FHIR has no empty lists. */
export function strata(stratum: readonly object[]): object {
  return stratum.length === 0 ? {} : { stratum };
}

/** A category as a CodeableConcept. */
export function value(category: Category | undefined): object {
  return { coding: category === undefined ? [] : [category] };
}

/** A CodeableConcept of one of our code systems. */
export function concept(system: string, code: string, display?: string): object {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] };
}
