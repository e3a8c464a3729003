// What one more Immunization makes of where somebody stands in a programme, where that follows from
// where they stood: mostly it is the first dose of the season, and nobody need read all the others.

import type { Resource } from '../fhir/types.ts';
import type { Day } from './days.ts';
import type { Programme } from './programme.ts';
import type { ProgrammeStatus } from './programme-status.ts';
import { isOfDays } from './texts-that-matter.ts';
import { readHistory } from './vaccination-history.ts';

/** Where somebody stands, as far as doses go. */
export type DoseStanding = Pick<
  ProgrammeStatus,
  'doses' | 'lastDose' | 'refused' | 'contraindicated'
>;

/** What becomes of a status, its evidence apart, once one more Immunization is recorded. */
export type AfterDose =
  | { readonly kind: 'unchanged' }
  /** one dose, the last one on that day; all else is as it was */
  | { readonly kind: 'first-dose'; readonly day: Day }
  /** that depends on the other records */
  | { readonly kind: 'unknown' };

const UNCHANGED: AfterDose = { kind: 'unchanged' };
const UNKNOWN: AfterDose = { kind: 'unknown' };

/** @param zone IANA name: whose calendar days instants belong to */
export function afterDose(
  programme: Programme,
  standing: DoseStanding,
  immunization: Resource,
  zone: string,
): AfterDose {
  const { given, notGiven } = readHistory([immunization], zone);
  const [report] = [...given, ...notGiven];
  const isAbout = report?.diseases.some((disease) => programme.diseases.includes(disease));
  if (report === undefined || isAbout !== true) return UNCHANGED;
  const { when } = report;
  if (given.length === 0 || !isOfDays(programme)) return UNKNOWN;
  // A report whose day is not known may tell of another dose.
  if (when === undefined || when.first !== when.last) return UNKNOWN;
  const day = when.first;
  if (day < programme.start || (programme.end !== undefined && day > programme.end)) {
    return UNCHANGED;
  }
  // The same dose, reported by somebody else.
  if (day === standing.lastDose) return UNCHANGED;
  const isFirst = standing.doses === 0 && !standing.refused && !standing.contraindicated;
  return isFirst ? { kind: 'first-dose', day } : UNKNOWN;
}
