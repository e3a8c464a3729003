// Reads members of a JSON document that somebody else wrote, keeping where they stand: every fault
// is noted with its path, and reading goes on, so that all faults are told at once.

import { assert } from '../lib/assert.ts';
import { compactDay } from './campaign-operators.ts';
import type { Day } from './days.ts';

/** Something wrong in a document. */
export interface DocumentFault {
  /** `CampaignConfig.Iterations[0].IterationRules[3].Operator` */
  readonly path: string;
  /** A sentence's end: `is missing`. */
  readonly message: string;
}

/** A value in a document, and where it stands. */
export class JsonPlace {
  readonly value: unknown;
  readonly path: string;
  readonly #faults: DocumentFault[];

  /** @param faults where faults are noted */
  constructor(value: unknown, path: string, faults: DocumentFault[]) {
    this.value = value;
    this.path = path;
    this.#faults = faults;
  }

  /** Notes a fault. */
  fault(message: string): void {
    this.#faults.push({ path: this.path, message });
  }

  /** A member's place; its value is undefined where there is none. */
  member(name: string): JsonPlace {
    const value = isObject(this.value) ? this.value[name] : undefined;
    return new JsonPlace(value, this.path === '' ? name : `${this.path}.${name}`, this.#faults);
  }

  /** Whether there is a value; null is as good as none. */
  get isPresent(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isObject(): boolean {
    return isObject(this.value);
  }

  /** The members of an object, by name; none where there is no value. */
  members(): readonly (readonly [name: string, place: JsonPlace])[] {
    if (!this.isPresent) return [];
    if (isObject(this.value)) {
      return Object.keys(this.value).map((name) => [name, this.member(name)] as const);
    }
    this.fault('is not an object');
    return [];
  }

  /** The items of a list; none where there is no value. */
  items(): readonly JsonPlace[] {
    if (!this.isPresent) return [];
    if (Array.isArray(this.value)) {
      return this.value.map(
        (item, index) => new JsonPlace(item, `${this.path}[${index}]`, this.#faults),
      );
    }
    this.fault('is not a list');
    return [];
  }

  /** A text that has to be there; '' after a fault. */
  text(): string {
    const text = this.textOrNone();
    if (text === undefined && !this.isPresent) this.fault('is missing');
    return text ?? '';
  }

  /** A text that has to be there and to say something; '' after a fault. */
  words(): string {
    const text = this.text();
    if (this.value === text && text.trim() === '') this.fault('is blank');
    return text;
  }

  textOrNone(): string | undefined {
    if (!this.isPresent) return undefined;
    if (typeof this.value === 'string') return this.value;
    this.fault('is not a text');
    return undefined;
  }

  /** One of some texts, which has to be there; the first after a fault. */
  oneOf<Text extends string>(texts: readonly Text[]): Text {
    const [first] = texts;
    assert(first !== undefined, 'there is a choice');
    const found = texts.find((each) => each === this.value);
    if (found === undefined) this.fault(`is not one of ${texts.join(' ')}`);
    return found ?? first;
  }

  /** A whole number, which has to be there; 0 after a fault. */
  integer(): number {
    const number = this.integerOrNone();
    if (number === undefined && !this.isPresent) this.fault('is missing');
    return number ?? 0;
  }

  /** A whole number, which may be written as a text. */
  integerOrNone(): number | undefined {
    if (!this.isPresent) return undefined;
    const isNumber = typeof this.value === 'number' || /^-?\d+$/.test(String(this.value));
    const number = isNumber ? Number(this.value) : Number.NaN;
    if (Number.isSafeInteger(number)) return number;
    this.fault('is not a whole number');
    return undefined;
  }

  /** A date `20261125`, which has to be there; the first day of all after a fault. */
  day(): Day {
    if (!this.isPresent) this.fault('is missing');
    else {
      const day = compactDay(String(this.value));
      if (day !== undefined) return day;
      this.fault('is not a date like 20261125');
    }
    return '0001-01-01';
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
