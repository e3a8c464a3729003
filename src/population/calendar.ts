// Days as numbers since 1970-01-01, and their FHIR texts. The nation's dates are all made here,
// from integers, so that no machine's clock, zone or locale touches them.

/** Whole days since 1970-01-01, in England. */
export type Day = number;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** The day of a calendar date; months count from 1, and day 0 is the day before the first. */
export function dayOf(year: number, month: number, day: number): Day {
  // Years that begin in March put the leap day last (Howard Hinnant's days_from_civil).
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leapDays + dayOfYear - 719_468;
}

/** The parts of a day's calendar date. */
export function civil(day: Day): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1 };
}

const texts = new Map<Day, string>();

/** The FHIR date of a day, `2026-11-22`. */
export function dateText(day: Day): string {
  const known = texts.get(day);
  if (known !== undefined) return known;
  const parts = civil(day);
  const text = `${parts.year}-${twoDigits(parts.month)}-${twoDigits(parts.day)}`;
  texts.set(day, text);
  return text;
}

/** The day of a FHIR date; undefined when the text is none, or names a day that does not exist. */
export function dayOfDate(text: string): Day | undefined {
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const day = dayOf(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  return dateText(day) === text ? day : undefined;
}

/**
 * The FHIR dateTime of a time on a day, with England's offset then: `2026-07-01T09:30:00+01:00`.
 * @param minutes since midnight by the clock on the wall; daytime only, since the hours in which
 * the clocks change are not told apart
 */
export function dateTimeText(day: Day, minutes: number): string {
  const time = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:00`;
  return `${dateText(day)}T${time}${isSummerTime(day) ? '+01:00' : '+00:00'}`;
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** The day itself when it is no Saturday or Sunday, else the Monday after. */
export function workingDay(day: Day): Day {
  const ofWeek = weekday(day);
  if (ofWeek === 0) return day + 1;
  return ofWeek === 6 ? day + 2 : day;
}

/** The same calendar day so many years later; 29 February becomes 1 March in other years. */
export function addYears(day: Day, years: number): Day {
  const parts = civil(day);
  return dayOf(parts.year + years, parts.month, parts.day);
}

/** The same day of the month so many months later, or as many days into the next one. */
export function addMonths(day: Day, months: number): Day {
  const parts = civil(day);
  const month = parts.month - 1 + months;
  return dayOf(parts.year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, parts.day);
}

/** Completed years of age on a day; negative before birth. */
export function ageOn(birth: Day, on: Day): number {
  const born = civil(birth);
  const now = civil(on);
  const hadBirthday = now.month > born.month || (now.month === born.month && now.day >= born.day);
  return now.year - born.year - (hadBirthday ? 0 : 1);
}

/** Minutes from midnight to a time by the clock on the wall. */
export function minutesOf(hour: number, minute: number): number {
  return hour * 60 + minute;
}

const summers = new Map<number, { readonly from: Day; readonly until: Day }>();

/** From the last Sunday of March to the one of October (the Summer Time Order 2002). */
function isSummerTime(day: Day): boolean {
  const { year } = civil(day);
  const known = summers.get(year);
  const summer = known ?? { from: lastSunday(year, 3), until: lastSunday(year, 10) };
  if (known === undefined) summers.set(year, summer);
  return day >= summer.from && day < summer.until;
}

function lastSunday(year: number, month: number): Day {
  const last = dayOf(year, month, 31);
  return last - weekday(last);
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
