// The programmes by name, put to a person's records as they are read: the door for those who hold
// resources (the cohort index, searches on Patient).

import type { Resource } from '../fhir/types.ts';
import { type AfterDose, afterDose, type DoseStanding } from './after-dose.ts';
import type { Day } from './days.ts';
import type { Programme } from './programme.ts';
import { type ProgrammeStatus, programmeStatus } from './programme-status.ts';
import { type TextTest, textsThatMatter } from './texts-that-matter.ts';
import { readHistory, type VaccinationHistory } from './vaccination-history.ts';

/** The programmes there are, and their rules. */
export interface ProgrammeRules {
  /** Ids: `flu-2026`. */
  readonly programmes: readonly string[];
  /**
   * Where the person of these records stands.
   * @param records the Patient and all that is recorded about them, in any order
   * @param onDate as programmeStatus has it: without it, as recorded
   * @throws Error when there is no such programme
   */
  status(programme: string, records: readonly Resource[], onDate?: Day): ProgrammeStatus;
  /** What one more Immunization makes of a status that says this (after-dose.ts). */
  afterDose(programme: string, standing: DoseStanding, immunization: Resource): AfterDose;
  /** Tells by their texts which Immunizations may make a difference to what a status under some
   * of the programmes says, its evidence apart (texts-that-matter.ts). */
  textsThatMatter(programmes: readonly string[]): TextTest;
}

/**
 * The rules of some programmes.
 * @param zone IANA name: whose calendar days instants belong to
 */
export function programmeRules(programmes: readonly Programme[], zone: string): ProgrammeRules {
  const byId = new Map(programmes.map((programme) => [programme.id, programme]));
  const historyOf = remembered((records: readonly Resource[]) => readHistory(records, zone));
  const named = (id: string) => {
    const programme = byId.get(id);
    if (programme === undefined) throw new Error(`Broken promise: ${id} is a programme`);
    return programme;
  };
  return {
    programmes: [...byId.keys()],
    status: (id, records, onDate) => programmeStatus(historyOf(records), named(id), onDate),
    afterDose: (id, standing, immunization) => afterDose(named(id), standing, immunization, zone),
    textsThatMatter: (ids) => textsThatMatter(ids.flatMap((id) => byId.get(id) ?? [])),
  };
}

/** Reads each list of records once, however many programmes they are asked for. */
function remembered(
  read: (records: readonly Resource[]) => VaccinationHistory,
): (records: readonly Resource[]) => VaccinationHistory {
  const known = new WeakMap<readonly Resource[], VaccinationHistory>();
  return (records) => {
    const found = known.get(records) ?? read(records);
    known.set(records, found);
    return found;
  };
}
