// JSON in and out without loss: numbers keep the digits they were written with, and a text that
// two readers could understand differently (duplicate member names) is refused.

/** Stands before the source text of a number in an exact tree. No accepted string can begin with
 * it: U+0000 is refused in every string. */
export const NUMBER_MARK = '\u0000';

/** A JSON text, read. */
export interface JsonDocument {
  /** The parsed value; numbers as JavaScript numbers. */
  readonly value: unknown;
  /** The exact tree: the same value, but for each number that JavaScript would not print as it
   * was written (`0.10`, `1E3`), which is its source text behind NUMBER_MARK. Absent when there is
   * no such number. */
  readonly exact?: unknown;
}

/** Bounds of one text. */
export interface JsonBounds {
  readonly depthMax: number;
  readonly valuesMax: number;
}

/** Why a text was refused: not JSON as we accept it, or beyond a bound. */
export class JsonFault extends Error {
  readonly kind: 'malformed' | 'limit';
  /** Where, as member names and indexes (`entry[3].resource`), when known. */
  readonly path: string;

  constructor(kind: 'malformed' | 'limit', message: string, path: string) {
    super(message);
    this.kind = kind;
    this.path = path;
  }
}

/**
 * Reads a JSON text (RFC 8259).
 * @throws JsonFault when the text is not JSON, repeats a member name within an object, holds
 *   U+0000 or an unpaired surrogate in a string, or exceeds a bound
 */
export function parseJson(text: string, bounds: JsonBounds): JsonDocument {
  const inexact = new Scan(text, bounds).run();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonFault('malformed', (error as Error).message, '');
  }
  return inexact.length === 0
    ? { value }
    : { value, exact: JSON.parse(markNumbers(text, inexact)) };
}

/** The exact tree of a text that parseJson accepted before. */
export function parseExact(text: string): unknown {
  const { value, exact } = parseJson(text, UNBOUNDED);
  return exact ?? value;
}

const UNBOUNDED: JsonBounds = {
  depthMax: Number.POSITIVE_INFINITY,
  valuesMax: Number.POSITIVE_INFINITY,
};

/** @param spans start and end of each number to mark, one after the other, ascending */
function markNumbers(text: string, spans: readonly number[]): string {
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < spans.length; index += 2) {
    const start = spans[index];
    const end = spans[index + 1];
    parts.push(text.slice(from, start), '"\\u0000', text.slice(start, end), '"');
    from = end ?? from;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

const MARKED_NUMBER = /"\\u0000([^"]*)"/g;

/** Prints an exact tree: marked numbers as numbers, without white space between tokens. */
export function printExact(tree: unknown): string {
  return unmarkNumbers(JSON.stringify(tree));
}

/** Turns the marked numbers of a printed exact tree into numbers. */
export function unmarkNumbers(printed: string): string {
  return printed.includes('"\\u0000') ? printed.replace(MARKED_NUMBER, '$1') : printed;
}

/** The same document with its value, and exact tree where there is one, changed by `change`.
 * `change` gets each tree once and must treat both alike. */
export function mapDocument(
  document: JsonDocument,
  change: (tree: unknown) => unknown,
): JsonDocument {
  const value = change(document.value);
  return document.exact === undefined ? { value } : { value, exact: change(document.exact) };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Integers of at most this many characters always print as written. */
const SAFE_INTEGER_LENGTH = 15;
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d*)$/;

/** An open object or array. */
interface Frame {
  /** Member names met; undefined for an array. */
  readonly names: string[] | undefined;
  seen: Set<string> | undefined;
  /** Index of the current item of an array. */
  index: number;
}

/** Objects with more members than this are checked for repeats through a Set. */
const LINEAR_NAMES_MAX = 12;

// One pass over the characters, before JSON.parse and independent of it. On a text that is not
// JSON it may see nonsense; it then neither loops nor throws anything but JsonFault.
class Scan {
  private readonly text: string;
  private readonly bounds: JsonBounds;
  private readonly stack: Frame[] = [];
  private position = 0;
  private values = 0;
  private readonly inexact: number[] = [];
  private nameExpected = false;

  constructor(text: string, bounds: JsonBounds) {
    this.text = text;
    this.bounds = bounds;
  }

  /** @returns start and end of each number that JavaScript would not print as it was written, one
   * after the other */
  run(): readonly number[] {
    while (this.position < this.text.length) this.step(this.text.charCodeAt(this.position));
    return this.inexact;
  }

  private step(code: number): void {
    if (code === QUOTE) this.string();
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.open(code === OPEN_BRACE);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.close();
    else if (code === COMMA) this.comma();
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.number();
    else this.position += 1;
  }

  private open(isObject: boolean): void {
    this.countValue();
    this.stack.push({ names: isObject ? [] : undefined, seen: undefined, index: 0 });
    if (this.stack.length > this.bounds.depthMax) {
      const message = `is nested more than ${this.bounds.depthMax} levels deep`;
      throw new JsonFault('limit', message, '');
    }
    this.nameExpected = isObject;
    this.position += 1;
  }

  private close(): void {
    this.stack.pop();
    this.nameExpected = false;
    this.position += 1;
  }

  private comma(): void {
    const frame = this.stack.at(-1);
    if (frame !== undefined) {
      this.nameExpected = frame.names !== undefined;
      frame.index += 1;
    }
    this.position += 1;
  }

  private string(): void {
    const start = this.position;
    const end = this.endOfString(start + 1);
    this.position = end + 1;
    const raw = this.text.slice(start + 1, end);
    const content = raw.includes('\\') ? this.decode(raw) : raw;
    if (!content.isWellFormed()) {
      throw new JsonFault('malformed', 'a string holds an unpaired surrogate', this.path());
    }
    if (this.nameExpected) this.name(content);
    else this.countValue();
  }

  private endOfString(from: number): number {
    let end = this.text.indexOf('"', from);
    while (end !== -1 && this.isEscaped(end, from)) end = this.text.indexOf('"', end + 1);
    return end === -1 ? this.text.length : end;
  }

  private isEscaped(quote: number, from: number): boolean {
    let backslashes = 0;
    while (
      quote - backslashes > from &&
      this.text.charCodeAt(quote - backslashes - 1) === BACKSLASH
    ) {
      backslashes += 1;
    }
    return backslashes % 2 === 1;
  }

  private decode(raw: string): string {
    let content: string;
    try {
      content = JSON.parse(`"${raw}"`) as string;
    } catch {
      throw new JsonFault('malformed', 'a string holds a bad escape sequence', this.path());
    }
    if (content.includes(NUMBER_MARK)) {
      throw new JsonFault('malformed', 'a string holds the character U+0000', this.path());
    }
    return content;
  }

  private name(name: string): void {
    this.nameExpected = false;
    const frame = this.stack.at(-1);
    if (frame?.names === undefined) return;
    if (this.isRepeated(frame, frame.names, name)) {
      throw new JsonFault('malformed', `the member name '${name}' is repeated`, this.path());
    }
    frame.names.push(name);
    frame.seen?.add(name);
  }

  private isRepeated(frame: Frame, names: readonly string[], name: string): boolean {
    if (names.length < LINEAR_NAMES_MAX) return names.includes(name);
    frame.seen ??= new Set(names);
    return frame.seen.has(name);
  }

  private number(): void {
    this.countValue();
    const start = this.position;
    let end = start + 1;
    while (end < this.text.length && isNumberCharacter(this.text.charCodeAt(end))) end += 1;
    this.position = end;
    if (!printsAsWritten(this.text.slice(start, end))) this.inexact.push(start, end);
  }

  private countValue(): void {
    this.values += 1;
    if (this.values > this.bounds.valuesMax) {
      throw new JsonFault('limit', `holds more than ${this.bounds.valuesMax} values`, '');
    }
  }

  private path(): string {
    let path = '';
    for (const frame of this.stack) {
      if (frame.names === undefined) path += `[${frame.index}]`;
      else if (frame.names.length > 0) path += `${path && '.'}${frame.names.at(-1)}`;
    }
    return path;
  }
}

function isNumberCharacter(code: number): boolean {
  return (
    (code >= ZERO && code <= NINE) ||
    code === 0x2e || // .
    code === 0x65 || // e
    code === 0x45 || // E
    code === 0x2b || // +
    code === MINUS
  );
}

function printsAsWritten(source: string): boolean {
  if (source.length <= SAFE_INTEGER_LENGTH && PLAIN_INTEGER.test(source)) return true;
  return String(Number(source)) === source;
}
