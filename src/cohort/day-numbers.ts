// Days as 16-bit numbers, from 1890 to 2069: what the engine's ordered columns hold. Search bounds
// in milliseconds become ranges of days, exactly.

import { dateRange } from '../fhir/dates.ts';
import type { RangeBounds } from '../search/expression.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** 1890-01-01 is day 1. */
const EPOCH_MS = Date.UTC(1890, 0, 1);
const DAYS = 65_535;

/** Both included; none when `from` is greater than `to`. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

const known = new Map<string, DayNumbers>();

/** The days of a zone, worked out once: it takes a tenth of a second. @param zone IANA name */
export function dayNumbersOf(zone: string): DayNumbers {
  const days = known.get(zone) ?? new DayNumbers(zone);
  known.set(zone, days);
  return days;
}

/** The days of one zone. */
export class DayNumbers {
  /** Where each day begins, milliseconds; index 0 stands for day 1, one more ends the last. */
  readonly #starts: Float64Array;

  /** @param zone IANA name */
  constructor(zone: string) {
    this.#starts = Float64Array.from({ length: DAYS + 1 }, (_, index) => {
      const text = new Date(EPOCH_MS + index * DAY_MS).toISOString().slice(0, 10);
      return dateRange(text, zone)?.lowMs ?? Number.NaN;
    });
  }

  /** The day that [low, high) is, from first to last instant; undefined for anything else. */
  dayOf(low: number, high: number): number | undefined {
    const index = this.#firstFrom(low);
    const isDay = this.#starts[index] === low && this.#starts[index + 1] === high;
    return isDay ? index + 1 : undefined;
  }

  /** The day that an instant lies in, held within the first and the last. */
  dayAt(instantMs: number): number {
    return Math.min(Math.max(this.#firstFrom(instantMs + 1), 1), DAYS);
  }

  /** `2026-11-25` as a day; undefined for anything else. */
  dayOfText(text: string): number | undefined {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
    const day = (Date.parse(`${text}T00:00:00Z`) - EPOCH_MS) / DAY_MS + 1;
    return Number.isInteger(day) && day >= 1 && day <= DAYS && this.textOf(day) === text
      ? day
      : undefined;
  }

  /** From the first to the last instant of a day. */
  boundsOf(day: number): { readonly low: number; readonly high: number } {
    return {
      low: this.#starts[day - 1] ?? Number.NaN,
      high: this.#starts[day] ?? Number.NaN,
    };
  }

  /** A day as a FHIR date. */
  textOf(day: number): string {
    return new Date(EPOCH_MS + (day - 1) * DAY_MS).toISOString().slice(0, 10);
  }

  /** The days whose whole range satisfies the bounds. */
  range({ lowFrom, lowBelow, highAbove, highTo }: RangeBounds): DayRange {
    let [from, to] = [1, DAYS];
    if (lowFrom !== undefined) from = Math.max(from, this.#firstFrom(lowFrom) + 1);
    if (lowBelow !== undefined) to = Math.min(to, this.#firstFrom(lowBelow));
    // A day ends where the next one begins.
    if (highAbove !== undefined) from = Math.max(from, this.#firstFrom(highAbove + 1));
    if (highTo !== undefined) to = Math.min(to, this.#firstFrom(highTo + 1) - 1);
    return { from, to };
  }

  /** Index of the first start that is at least `ms`; DAYS + 1 when all are less. */
  #firstFrom(ms: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? Number.NaN) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
