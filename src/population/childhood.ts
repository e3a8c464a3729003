// Doses of the routine childhood schedule and of the school programmes
// (tables/childhood-schedule.ts; domain.md, section 4.4).

import { addMonths, civil, type Day, dayOf, workingDay } from './calendar.ts';
import { answer, type Dose, inclination, takesUp, uptakeFor } from './offers.ts';
import type { Person } from './person.ts';
import { type Course, childhoodSchedule, type ScheduledDose } from './tables/childhood-schedule.ts';
import { schoolUptake } from './tables/uptake.ts';

const LATE_SHARE = 0.18;
const LATE_DAYS = 150;

/** How somebody takes a course: how readily, and how late. */
interface CourseHabit {
  readonly inclination: number;
  readonly lateDays: number;
}

/** Doses of early childhood up to a day. */
export function childhoodDoses(person: Person, until: Day): Dose[] {
  const habits = new Map<Course, CourseHabit>();
  const doses: Dose[] = [];
  for (const row of childhoodSchedule) {
    if (person.birth < row.bornFrom || person.birth >= row.bornBefore) continue;
    const due = dueDay(person, row);
    if (due > until) continue;
    const habit = habits.get(row.course) ?? newHabit(person);
    habits.set(row.course, habit);
    const day = workingDay(due + habit.lateDays + person.random.below(9));
    if (day > until) continue;
    const { type, number } = row;
    const isTaken = habit.inclination < uptakeFor(person, row.uptake);
    const dose = answer(person, { type, number, day, place: 'practice' }, isTaken);
    if (dose !== undefined) doses.push(dose);
  }
  return doses;
}

function newHabit(person: Person): CourseHabit {
  const { random } = person;
  const lateDays = random.chance(LATE_SHARE) ? random.below(LATE_DAYS) : random.below(14);
  return { inclination: inclination(person), lateDays };
}

function dueDay(person: Person, row: ScheduledDose): Day {
  if (row.weeks !== undefined) return person.birth + row.weeks * 7;
  return addMonths(person.birth, row.months ?? 0);
}

/** Year groups by the age of their members on 31 August. */
const YEAR_8 = 12;
const YEAR_9 = 13;

const HPV_GIRLS_FROM = dayOf(1997, 9, 1);
const HPV_BOYS_FROM = dayOf(2006, 9, 1);
/** Two doses until the school year that begins in 2023, then one. */
const HPV_ONE_DOSE_YEAR = 2023;
const TEENAGE_FROM_YEAR = 2015;

/** Doses given at school up to a day. */
export function schoolDoses(person: Person, until: Day): Dose[] {
  const doses = [...hpvDoses(person), ...teenageDoses(person)];
  return doses.filter((dose) => dose.day <= until);
}

function hpvDoses(person: Person): Dose[] {
  const from = person.sex === 'female' ? HPV_GIRLS_FROM : HPV_BOYS_FROM;
  if (person.birth < from) return [];
  const uptake = person.sex === 'female' ? schoolUptake.hpvFemale : schoolUptake.hpvMale;
  const isTaken = takesUp(person, uptake);
  const year = schoolYear(person.birth, YEAR_8);
  const count = isTaken && year < HPV_ONE_DOSE_YEAR ? 2 : 1;
  const first = sessionDay(person, year);
  const doses: (Dose | undefined)[] = [];
  for (let number = 1; number <= count; number += 1) {
    const day = workingDay(first + (number - 1) * 364);
    doses.push(answer(person, { type: 'HPV', number, day, place: 'school' }, isTaken));
  }
  return doses.filter((dose) => dose !== undefined);
}

function teenageDoses(person: Person): Dose[] {
  const year = schoolYear(person.birth, YEAR_9);
  if (year < TEENAGE_FROM_YEAR) return [];
  const isTaken = takesUp(person, schoolUptake.teenage);
  const day = sessionDay(person, year);
  const offer = { number: 1, day, place: 'school' } as const;
  const td = answer(person, { type: '3IN1', ...offer }, isTaken);
  const men = answer(person, { type: 'MENACWY', ...offer }, isTaken);
  return [td, men].filter((dose) => dose !== undefined);
}

/** The year in which the school year begins that somebody is so old before. */
export function schoolYear(birth: Day, ageOn31August: number): number {
  const { year, month } = civil(birth);
  return year + ageOn31August + (month >= 9 ? 1 : 0);
}

/** Sessions are held from October to June. */
function sessionDay(person: Person, year: number): Day {
  return workingDay(dayOf(year, 10, 1) + person.random.below(260));
}
