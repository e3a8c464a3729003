// The routine childhood schedule as it was for those born when: UKHSA's "Complete routine
// immunisation schedule" of the years 2013 to 2026. Five-in-one doses before August 2017 and
// whatever came before 2003 are left out: they are no vaccine type of NHS England's list, or not
// recorded here.

import { type Day, dayOf } from '../calendar.ts';
import { childhoodUptake } from './uptake.ts';
import type { VaccineType } from './vaccines.ts';

/** One dose of a course. All doses of a course share one decision, so later ones are never had
 * without the earlier as long as their uptake is not higher. */
export interface ScheduledDose {
  readonly type: VaccineType;
  readonly number: number;
  readonly course: Course;
  /** When it is due: so many weeks or months after birth. */
  readonly weeks?: number;
  readonly months?: number;
  readonly bornFrom: Day;
  readonly bornBefore: Day;
  /** Share of children who have it. */
  readonly uptake: number;
}

export type Course = 'primary' | 'rotavirus' | 'booster' | 'measles' | 'preschool';

const ALWAYS = dayOf(2003, 1, 1);
const NEVER = dayOf(2100, 1, 1);
const sixInOne = dayOf(2017, 8, 1);
const menB = dayOf(2015, 5, 1);
const onePrimaryPneumococcal = dayOf(2020, 1, 1);
/** Born from then on, children had their second meningitis B dose earlier, pneumococcal later. */
const movedJuly2025 = dayOf(2025, 5, 6);
/** One year old after 1 July 2025: no Hib/MenC, and a dose at 18 months instead. */
const eighteenMonths = dayOf(2024, 7, 1);
/** One year old from January 2026 on. */
const varicella = dayOf(2025, 1, 1);
const varicellaPreschool = dayOf(2022, 9, 1);

const { primary, rotavirus, booster, mmrFirst, mmrSecond, preschool } = childhoodUptake;

export const childhoodSchedule: readonly ScheduledDose[] = [
  weeks('6IN1', 1, 'primary', 8, sixInOne, NEVER, primary),
  weeks('6IN1', 2, 'primary', 12, sixInOne, NEVER, primary),
  weeks('6IN1', 3, 'primary', 16, sixInOne, NEVER, primary),
  weeks('ROTAVIRUS', 1, 'rotavirus', 8, dayOf(2013, 5, 1), NEVER, rotavirus),
  weeks('ROTAVIRUS', 2, 'rotavirus', 12, dayOf(2013, 5, 1), NEVER, rotavirus),
  weeks('MENB', 1, 'primary', 8, menB, NEVER, primary),
  weeks('MENB', 2, 'primary', 16, menB, movedJuly2025, primary),
  weeks('MENB', 2, 'primary', 12, movedJuly2025, NEVER, primary),
  weeks('PNEUMOCOCCAL', 1, 'primary', 8, dayOf(2006, 7, 1), onePrimaryPneumococcal, primary),
  weeks('PNEUMOCOCCAL', 2, 'primary', 16, dayOf(2006, 7, 1), onePrimaryPneumococcal, primary),
  weeks('PNEUMOCOCCAL', 1, 'primary', 12, onePrimaryPneumococcal, movedJuly2025, primary),
  weeks('PNEUMOCOCCAL', 1, 'primary', 16, movedJuly2025, NEVER, primary),
  months('HIBMENC', 1, 'booster', 12, dayOf(2006, 9, 1), eighteenMonths, booster),
  months('PNEUMOCOCCAL', 3, 'booster', 12, dayOf(2006, 7, 1), onePrimaryPneumococcal, booster),
  months('PNEUMOCOCCAL', 2, 'booster', 12, onePrimaryPneumococcal, NEVER, booster),
  months('MENB', 3, 'booster', 12, menB, NEVER, booster),
  months('MMR', 1, 'measles', 12, ALWAYS, varicella, mmrFirst),
  months('MMRV', 1, 'measles', 12, varicella, NEVER, mmrFirst),
  months('6IN1', 4, 'booster', 18, eighteenMonths, NEVER, booster),
  months('MMRV', 2, 'measles', 18, eighteenMonths, NEVER, mmrSecond),
  months('MMR', 2, 'measles', 40, ALWAYS, varicellaPreschool, mmrSecond),
  months('MMRV', 2, 'measles', 40, varicellaPreschool, eighteenMonths, mmrSecond),
  months('4IN1', 1, 'preschool', 40, ALWAYS, NEVER, preschool),
];

type Row = readonly [
  type: VaccineType,
  number: number,
  course: Course,
  due: number,
  bornFrom: Day,
  bornBefore: Day,
  uptake: number,
];

function weeks(...[type, number, course, due, bornFrom, bornBefore, uptake]: Row): ScheduledDose {
  return { type, number, course, weeks: due, bornFrom, bornBefore, uptake };
}

function months(...[type, number, course, due, bornFrom, bornBefore, uptake]: Row): ScheduledDose {
  return { type, number, course, months: due, bornFrom, bornBefore, uptake };
}
