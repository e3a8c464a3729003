// Which mistake, if any, the record of a dose has: one at most, by the shares of tables/feeds.ts.

import type { Dose } from './offers.ts';
import type { Random } from './random.ts';
import { doseFaults } from './tables/feeds.ts';
import type { VaccineType } from './tables/vaccines.ts';

export type DoseFault = keyof typeof doseFaults;

const faults = Object.entries(doseFaults) as [DoseFault, number][];

/** Vaccines whose records come with an invitation run, which can be mistaken for a dose. */
const invitedFor: readonly VaccineType[] = ['RSV', 'SHINGLES', 'FLU', 'COVID', 'PNEUMOCOCCAL'];

/**
 * The mistake in a dose's record.
 * @param hasOther whether there is somebody it could be recorded for instead
 */
export function faultOf(dose: Dose, hasOther: boolean, random: Random): DoseFault | undefined {
  if (dose.outcome !== 'given') return undefined;
  let chance = random.fraction();
  for (const [fault, share] of faults) {
    chance -= share;
    if (chance >= 0) continue;
    if (fault === 'wrongPerson' && !hasOther) return undefined;
    if (fault === 'invitationCoded' && !invitedFor.includes(dose.type)) return undefined;
    return fault;
  }
  return undefined;
}
