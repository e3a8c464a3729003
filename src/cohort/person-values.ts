// What the engine holds of one person, worked out from their records alone: bitmaps by the matcher,
// codes by the dictionaries, programmes by their rules. Pure.

import type { Resource } from '../fhir/types.ts';
import type { DoseStanding } from '../immunisation/after-dose.ts';
import type { ProgrammeRules } from '../immunisation/programme-rules.ts';
import type { TextTest } from '../immunisation/texts-that-matter.ts';
import type { Expression } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import { matches } from '../search/match.ts';
import type { DayNumbers } from './day-numbers.ts';
import { daysOf, dosesOf, flagsOf } from './derived-values.ts';
import type { EnginePerson } from './engine/cohort-engine.ts';
import type { EntryDictionary } from './entry-dictionary.ts';
import { AGE, AGE_OTHERS, bitFacets, dayFacets, isColumnOf, programmeColumn } from './facets.ts';
import { type PersonRecords, worldOf } from './person-records.ts';

/** The greatest age in years that is told apart. */
const AGE_MAX = AGE_OTHERS - 2;

/** What values are worked out by. */
export interface ValueContext {
  /** What each bit facet means, by its name. */
  readonly bitSearches: ReadonlyMap<string, Expression>;
  /** By column; that of AGE gives codes from AGE_OTHERS on. */
  readonly dictionaries: ReadonlyMap<string, EntryDictionary>;
  readonly days: DayNumbers;
  readonly rules: ProgrammeRules;
  /** Programmes that are loaded. */
  readonly programmes: readonly string[];
  /** Which Immunizations make a difference to them. */
  readonly immunizationMatters: TextTest;
}

/** The code of an age as a value of AGE. */
export function ageCode(years: number): number {
  return Math.min(Math.max(years, 0), AGE_MAX) + 1;
}

/** Whole years from a day of birth to today, both as YYYY-MM-DD. Who is born on 29 February is a
 * year older on 1 March. */
export function yearsBetween(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}

/** @param today YYYY-MM-DD */
export function enginePerson(
  person: PersonRecords,
  today: string,
  context: ValueContext,
): EnginePerson {
  const { entries } = person.indexed;
  const world = worldOf(person);
  const bitmaps = bitFacets
    .filter(({ name }) => {
      const search = context.bitSearches.get(name);
      return search !== undefined && matches(search, person.indexed, world);
    })
    .map(({ name }) => name);
  const { codes, days } = codedValues(entries, today, context);
  const own = { row: person.version.number, bitmaps, days, counts: {}, codes };
  return withProgrammes(own, programmeValues(person, context), context);
}

/** What the programmes make of a person's records, by column. */
export type ProgrammeValues = Pick<EnginePerson, 'row' | 'bitmaps' | 'days' | 'counts'>;

/** Where a person stands in the programmes: all that the engine holds that no facet says. */
export function programmeValues(person: PersonRecords, context: ValueContext): ProgrammeValues {
  const into: Writable = { row: person.version.number, bitmaps: [], days: {}, counts: {} };
  const records = resourcesThatMatter(person, context);
  for (const programme of context.programmes) setProgramme(programme, records, into, context);
  return into;
}

/**
 * What the programmes make of somebody's records with one more Immunization among them.
 * @param held of all others
 * @returns undefined where that takes reading them
 */
export function programmeValuesAfter(
  held: EnginePerson,
  immunization: Resource,
  { programmes, rules, days }: ValueContext,
): ProgrammeValues | undefined {
  const values: Writable = {
    row: held.row,
    bitmaps: held.bitmaps.filter((each) => programmes.some((id) => isColumnOf(id, each))),
    days: Object.fromEntries(
      Object.entries(held.days).filter(([each]) => programmes.some((id) => isColumnOf(id, each))),
    ),
    counts: { ...held.counts },
  };
  for (const programme of programmes) {
    const after = rules.afterDose(programme, standingOf(held, programme, days), immunization);
    if (after.kind === 'unknown') return undefined;
    if (after.kind === 'unchanged') continue;
    values.counts[programmeColumn(programme, 'vaccination-doses')] = 1;
    const day = days.dayOfText(after.day);
    if (day !== undefined) values.days[programmeColumn(programme, 'vaccination-date')] = day;
  }
  return values;
}

function standingOf(held: EnginePerson, programme: string, days: DayNumbers): DoseStanding {
  const isSet = (flag: string) => held.bitmaps.includes(programmeColumn(programme, flag));
  const day = held.days[programmeColumn(programme, 'vaccination-date')];
  return {
    doses: held.counts[programmeColumn(programme, 'vaccination-doses')] ?? 0,
    ...(day === undefined ? {} : { lastDose: days.textOf(day) }),
    refused: isSet('vaccination-refused'),
    contraindicated: isSet('vaccination-contraindicated'),
  };
}

/** A person with other values of the programmes. */
export function withProgrammes(
  { row, bitmaps, days, codes }: EnginePerson,
  values: ProgrammeValues,
  { programmes }: Pick<ValueContext, 'programmes'>,
): EnginePerson {
  const isOwn = (column: string) => !programmes.some((each) => isColumnOf(each, column));
  const ownDays = Object.entries(days).filter(([column]) => isOwn(column));
  return {
    row,
    bitmaps: [...bitmaps.filter(isOwn), ...values.bitmaps],
    days: { ...Object.fromEntries(ownDays), ...values.days },
    counts: values.counts,
    codes,
  };
}

/** What a Patient's own record says, as codes and days. Values that are new are given codes.
 * @param today YYYY-MM-DD */
export function codedValues(
  entries: readonly IndexEntry[],
  today: string,
  context: Pick<ValueContext, 'dictionaries' | 'days'>,
): { readonly codes: Record<string, number>; readonly days: Record<string, number> } {
  const codes: Record<string, number> = {};
  const days: Record<string, number> = {};
  for (const [column, dictionary] of context.dictionaries) {
    if (column !== AGE) codes[column] = dictionary.codeOf(entries);
  }
  for (const { column, parameter } of dayFacets) {
    const values = entries.filter((entry) => entry.parameter === parameter);
    const day = singleDay(values, context.days);
    if (day === undefined) codes[AGE] = context.dictionaries.get(AGE)?.codeOfValue(values) ?? 0;
    else {
      days[column] = day;
      codes[AGE] = ageCode(yearsBetween(context.days.textOf(day), today));
    }
  }
  return { codes, days };
}

function singleDay(values: readonly IndexEntry[], days: DayNumbers): number | undefined {
  const [only] = values;
  if (values.length !== 1 || only?.kind !== 'date') return undefined;
  return days.dayOf(only.low, only.high);
}

/** The Patient and the records that may make a difference to a programme; others stay unparsed. */
function resourcesThatMatter(
  person: PersonRecords,
  { immunizationMatters }: ValueContext,
): readonly Resource[] {
  const records = person.records.filter(({ version: { type, text = '' } }) => {
    return type !== 'Immunization' || immunizationMatters(text);
  });
  return [person.resource, ...records.map(({ resource }) => resource)];
}

interface Writable extends ProgrammeValues {
  readonly bitmaps: string[];
  readonly days: Record<string, number>;
  readonly counts: Record<string, number>;
}

/** Adds what is held of a programme. */
function setProgramme(
  programme: string,
  records: readonly Resource[],
  into: Writable,
  { rules, days }: ValueContext,
): void {
  const status = rules.status(programme, records);
  for (const [parameter, textOf] of Object.entries(daysOf)) {
    const day = days.dayOfText(textOf(status) ?? '');
    if (day !== undefined) into.days[programmeColumn(programme, parameter)] = day;
  }
  into.counts[programmeColumn(programme, 'vaccination-doses')] = dosesOf(status);
  for (const [parameter, holds] of Object.entries(flagsOf)) {
    if (holds(status)) into.bitmaps.push(programmeColumn(programme, parameter));
  }
}
