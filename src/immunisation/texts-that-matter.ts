// Which Immunizations need not be parsed to tell where somebody stands in some programmes: their
// text alone shows that they are of an earlier season, or about other diseases. Most of a person's
// are; whoever fills an index with everybody passes them over.

import { addDays, type Day } from './days.ts';
import type { Programme } from './programme.ts';
import { codesAbout } from './target-diseases.ts';

/** Whether an Immunization may matter, by its JSON text without white space between tokens. */
export type TextTest = (text: string) => boolean;

/**
 * A test that is true of every Immunization that can make a difference to what a status says under
 * one of the programmes (what its evidence lists is another matter), and of others too.
 */
export function textsThatMatter(programmes: readonly Programme[]): TextTest {
  const byDay = programmes.filter(isOfDays);
  const byCode = programmes.filter((programme) => !isOfDays(programme));
  const starts = byDay.map(({ start }) => start).toSorted();
  const [start] = starts;
  const isLate = start === undefined ? () => false : mayBeFrom(addDays(start, -ZONE_DAYS));
  const isAbout = mayHaveCode(codesAbout(byCode.flatMap(({ diseases }) => diseases)));
  // An escape may hide a name or a code.
  return (text) => text.includes('\\u') || isLate(text) || isAbout(text);
}

/** A day in a text is, in some zone, the day before or the day after; one more to be sure. */
const ZONE_DAYS = 2;

/**
 * Whether what was before a programme's season makes no difference: reports on different days are
 * of different doses, each is against all of its diseases, and none is needed to tell what another
 * one is a report of.
 */
export function isOfDays({ counts, diseases, duplicates }: Programme): boolean {
  return counts === undefined && diseases.length === 1 && duplicates.withinDays === 0;
}

const DATED = '"occurrenceDateTime":"';
const WHOLE_DAY = /^\d{4}-\d\d-\d\d["T]/;
const DAY_LENGTH = '2026-11-25'.length;

/** True unless all that the text dates with an occurrence is surely earlier. */
function mayBeFrom(first: Day): TextTest {
  return (text) => {
    const place = text.indexOf(DATED);
    // Contained resources have occurrences of their own.
    if (place < 0 || text.includes('"contained":')) return true;
    const dated = text.slice(place + DATED.length, place + DATED.length + DAY_LENGTH + 1);
    return !WHOLE_DAY.test(dated) || dated.slice(0, DAY_LENGTH) >= first;
  };
}

/** Whether one of the codes stands in the text. */
function mayHaveCode(codes: readonly string[]): TextTest {
  if (codes.length === 0) return () => false;
  const pattern = new RegExp(`"(?:${codes.join('|')})"`);
  return (text) => pattern.test(text);
}
