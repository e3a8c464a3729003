// The verdict of a write in NHS mode: the service's own judge, and around it the rules of NHS
// England's APIs. Each finding is an issue; nhs-refusal.ts joins them as those APIs do.

import type { Issue } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import type { Judge } from '../validation/judge.ts';
import { valueFindings } from './immunisation-rules.ts';
import { mandatoryFindings } from './mandatory-rules.ts';
import { birthFindings } from './pds-birth-rules.ts';
import { pdsPatientFindings } from './pds-patient-rules.ts';
import type { Clock } from './value-checks.ts';

type Validate = (document: JsonDocument) => readonly Issue[];

/** Adds one type's rules to the verdict of the service's own judge. */
type TypeRules = (document: JsonDocument, base: Validate, clock: Clock) => readonly Issue[];

/**
 * In the stages of the Immunisation FHIR API: the values that are there, then FHIR's structure and
 * what is missing. A later stage is reached when the earlier one finds nothing.
 */
const immunizationIssues: TypeRules = (document, base, clock) => {
  const wrong = valueFindings(document.value, clock);
  if (wrong.length > 0) return wrong.map(toIssue);
  return [...base(document), ...mandatoryFindings(document.value).map(toIssue)];
};

const patientIssues: TypeRules = (document, base) => [
  ...pdsPatientFindings(document.value).map(toIssue),
  ...base(document),
];

/** What is wrong with a birth notification by the rules of PDS. */
export function birthIssues(bundle: unknown): readonly Issue[] {
  return birthFindings(bundle).map(toIssue);
}

function toIssue(diagnostics: string): Issue {
  return { severity: 'error', code: 'invariant', diagnostics };
}

const rulesOfRecords: ReadonlyMap<string, TypeRules> = new Map([
  ['Immunization', immunizationIssues],
]);
const rulesOfCreates: ReadonlyMap<string, TypeRules> = new Map([
  ...rulesOfRecords,
  ['Patient', patientIssues],
]);

/** The judges of NHS mode. */
export interface NhsJudges {
  /** Of whatever is written: Immunizations by the rules of their API. */
  readonly ofRecords: Judge;
  /** Of what a client sends to be created or replaced: Patients by the rules of PDS too. */
  readonly ofCreates: Judge;
}

/**
 * @param judge of default mode
 * @param now milliseconds since 1970 UTC
 * @param zone IANA name: where days begin
 */
export function makeNhsJudges(judge: Judge, now: () => number, zone: string): NhsJudges {
  const make = (rules: ReadonlyMap<string, TypeRules>): Judge => {
    const validateAs: Judge['validateAs'] = (document, type, canonicals) => {
      const base: Validate = (one) => judge.validateAs(one, type, canonicals);
      const own = rules.get(type);
      return own === undefined ? base(document) : own(document, base, { nowMs: now(), zone });
    };
    return {
      validateAs,
      validate: (document, type) => validateAs(document, type, []),
      hasProfile: (canonical) => judge.hasProfile(canonical),
    };
  };
  return { ofRecords: make(rulesOfRecords), ofCreates: make(rulesOfCreates) };
}
