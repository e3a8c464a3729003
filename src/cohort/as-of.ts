// As of when an answer about cohorts is, as FHIR elements.

import type { EngineMoment } from './engine/cohort-engine.ts';

const AS_OF = 'https://openims.example/fhir/StructureDefinition/as-of';

/** A sequence number of the log, and its time. */
export function asOfExtension({ sequence, timeMs }: EngineMoment) {
  return {
    url: AS_OF,
    extension: [
      { url: 'sequence', valueDecimal: sequence },
      { url: 'time', valueInstant: instant(timeMs) },
    ],
  };
}

/** An instant of FHIR. @param timeMs milliseconds since 1970 UTC */
export function instant(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
