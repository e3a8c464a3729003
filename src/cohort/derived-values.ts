// What the rules of the programmes make of a person's records, as index entries under the derived
// parameters of Patient (search/patient-aliases.ts): the one meaning that both the cohort index and
// the way through the store (derived-store.ts) have of them.

import type { ProgrammeStatus } from '../immunisation/programme-status.ts';
import type { Expression } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import type { derivedParameters } from '../search/patient-aliases.ts';
import { nextAbove } from '../search/types/number.ts';
import type { DayNumbers } from './day-numbers.ts';

type Flag = (typeof derivedParameters.flags)[number];
type DayParameter = (typeof derivedParameters.days)[number];

/** Which member of the status a flag is. */
export const flagsOf: Readonly<Record<Flag, (status: ProgrammeStatus) => boolean>> = {
  'vaccination-refused': ({ refused }) => refused,
  'vaccination-contraindicated': ({ contraindicated }) => contraindicated,
  'vaccination-invited': ({ invited }) => invited,
  'vaccination-reminded': ({ reminded }) => reminded,
  'vaccination-booked': ({ booked }) => booked,
  'vaccination-opted-out': ({ optedOut }) => optedOut,
};

/** Which member of the status a day is. */
export const daysOf: Readonly<
  Record<DayParameter, (status: ProgrammeStatus) => string | undefined>
> = {
  'vaccination-date': ({ lastDose }) => lastDose,
  'vaccination-invitation-date': ({ lastInvitation }) => lastInvitation,
};

/** Doses that are told apart: more are as many. */
export const DOSES_MAX = 255;

/** Doses as they are counted. */
export function dosesOf({ doses }: ProgrammeStatus): number {
  return Math.min(doses, DOSES_MAX);
}

/** The entries of one programme. */
export function derivedEntries(
  programme: string,
  status: ProgrammeStatus,
  days: DayNumbers,
): readonly IndexEntry[] {
  const token = (parameter: string) =>
    ({ kind: 'token', parameter, system: '', code: programme }) as const;
  const flags = Object.entries(flagsOf).flatMap(([parameter, holds]): IndexEntry[] =>
    holds(status) ? [token(parameter)] : [],
  );
  const dates = Object.entries(daysOf).flatMap(([parameter, textOf]): IndexEntry[] => {
    const day = days.dayOfText(textOf(status) ?? '');
    if (day === undefined) return [];
    const date: Value = { kind: 'date', parameter: `${parameter}$2`, ...days.boundsOf(day) };
    return [composite(parameter, token(`${parameter}$1`), date)];
  });
  const parameter = 'vaccination-doses';
  const range = countRange(dosesOf(status));
  const count: Value = { kind: 'number', parameter: `${parameter}$2`, ...range };
  return [...flags, ...dates, composite(parameter, token(`${parameter}$1`), count)];
}

type Composite = Extract<IndexEntry, { kind: 'composite' }>;
type Value = Composite['values'][number];

function composite(parameter: string, ...values: readonly Value[]): Composite {
  return { kind: 'composite', parameter, components: values.length, values };
}

/** The programmes that a derived clause names. */
export function programmesNamed(clause: Expression): readonly string[] {
  if (clause.kind === 'token') return clause.anyOf.map(({ code = '' }) => code);
  const [programme] = clause.kind === 'composite' ? clause.of : [];
  return programme?.kind === 'token' ? programme.anyOf.map(({ code = '' }) => code) : [];
}

/** What a number n of doses is as an index entry: [n, the next double). */
export function countRange(doses: number): { readonly low: number; readonly high: number } {
  return { low: doses, high: nextAbove(doses) };
}
