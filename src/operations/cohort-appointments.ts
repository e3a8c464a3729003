// People of a cohort per free appointment, by area: the stratifier of $cohort that says whether the
// sites can take it. Part of cohort.ts.

import type { CountedBreakdown } from '../cohort/cohort-count.ts';
import { type CodeDimension, dimensions, UNKNOWN } from '../cohort/dimensions.ts';
import { freeAppointments } from '../cohort/free-appointments.ts';
import type { People } from '../cohort/people.ts';
import { programmes } from '../immunisation/programmes.ts';
import type { Context, FhirRequest } from '../interactions/interaction.ts';
import { concept, strata, value } from './cohort-report.ts';
import { refused } from './parameters.ts';

/** Dimensions of where people live, and so of where sites are, with their levels. */
const levels: Readonly<Record<string, string>> = {
  'small-area': 'small-area',
  district: 'district',
  'residence-sub-icb': 'sub-icb',
  'residence-icb': 'icb',
  'residence-region': 'region',
};

const MEASURES = 'https://openims.example/fhir/CodeSystem/cohort-step';

/** @throws FhirError `invalid-request` for what is no level of areas where people live */
export function refuseOtherLevels(dimension: string | undefined): void {
  if (dimension === undefined || Object.hasOwn(levels, dimension)) return;
  const known = Object.keys(levels).join(', ');
  throw refused(`Parameter 'appointments' is one of ${known}, not '${dimension}'`);
}

/** What is asked. */
export interface AppointmentsQuestion {
  readonly people: Pick<People, 'asOf' | 'model'>;
  /** The cohort by the dimension. */
  readonly counted: CountedBreakdown;
  readonly dimension: string;
  readonly programme: string | undefined;
}

/** The stratifier: for each area people, free appointments, and people for each of these. */
export async function appointmentsStratifier(
  { cohorts, now }: Context,
  { caller }: FhirRequest,
  { people, counted, dimension, programme }: AppointmentsQuestion,
): Promise<object> {
  const services = programmes.find(({ id }) => id === programme)?.services;
  const free = await freeAppointments(levels[dimension] ?? '', {
    ...{ store: cohorts.store, caller, places: people.model.places },
    ...{ at: people.asOf.sequence, fromMs: now() },
    ...(services === undefined ? {} : { services }),
  });
  const { code: unknown } = UNKNOWN;
  const rows = counted.rows.map(({ categories: [category = UNKNOWN], count }) => {
    const appointments = category.code === unknown ? 0 : (free.get(category.code)?.free ?? 0);
    return { category, count, appointments };
  });
  const named = new Set(rows.map(({ category }) => category.code));
  const empty = [...free.values()]
    .filter(({ area, free: appointments }) => appointments > 0 && !named.has(area.id))
    .map(({ area, free: appointments }) => ({
      category: { code: area.id, system: areaSystem(dimension), display: area.name },
      count: 0,
      appointments,
    }));
  const stratum = [...rows, ...empty].map(({ category, count, appointments }) => ({
    value: value(category),
    population: [
      { code: concept(MEASURES, 'cohort'), count },
      { code: concept(MEASURES, 'free-appointments'), count: appointments },
    ],
    ...(appointments === 0 ? {} : { measureScore: { value: round(count / appointments) } }),
  }));
  const code = [concept(MEASURES, 'people-per-free-appointment')];
  return { code, ...strata(stratum) };
}

function areaSystem(dimension: string): string {
  return (dimensions[dimension] as CodeDimension).system ?? '';
}

/** To three digits behind the point. */
function round(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
