// What the cohort index asks of the engine that counts: columns and bitmaps of people, changed in
// order, asked at one moment. No store, no FHIR.

/** What the columns are. Rows are 1-based dense patient numbers; row 0 is unused. */
export interface EngineLayout {
  /** One bit a person. */
  readonly bitmaps: readonly string[];
  /** Ordered 16-bit columns; 0 is no value. */
  readonly days: readonly string[];
  /** 8-bit columns. */
  readonly counts: readonly string[];
  /** 16-bit code columns, for equality and breakdowns; 0 is no value. */
  readonly codes: readonly string[];
  /** Memory bound: rows beyond are refused. */
  readonly maxRows: number;
}

/** Which people. */
export type EngineExpression =
  /** `all`: rows that are present */
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'bitmap'; readonly name: string }
  /** inclusive, 1 to 65535 */
  | {
      readonly kind: 'days';
      readonly column: string;
      readonly from: number;
      readonly to: number;
    }
  /** inclusive, 0 to 255 */
  | {
      readonly kind: 'counts';
      readonly column: string;
      readonly from: number;
      readonly to: number;
    }
  /** any of the values */
  | { readonly kind: 'codes'; readonly column: string; readonly values: readonly number[] }
  /** any other set, ascending */
  | { readonly kind: 'rows'; readonly rows: Uint32Array }
  | { readonly kind: 'and' | 'or'; readonly of: readonly EngineExpression[] }
  | { readonly kind: 'not'; readonly of: EngineExpression };

/** A histogram wanted: by one code column, or by two crossed. */
export interface EngineBreakdown {
  readonly columns: readonly [string] | readonly [string, string];
}

export interface EngineMoment {
  /** Of the store's log: everything up to it is applied. */
  readonly sequence: number;
  /** Of that commit, milliseconds since 1970 UTC. */
  readonly timeMs: number;
}

export interface EngineAnswer {
  readonly total: number;
  readonly asOf: EngineMoment;
  /** One for each breakdown asked: people by code; row-major for crosses, of the size of each
   * column's highest code + 1. */
  readonly breakdowns: readonly Uint32Array[];
}

/** One person's values; absent = 0 or false. */
export interface EnginePerson {
  readonly row: number;
  readonly bitmaps: readonly string[];
  readonly days: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
}

/** Takes a person out. */
export interface RemovedRow {
  readonly row: number;
  readonly removed: true;
}

export interface CohortEngine {
  /** Queued; applied whole between queries, in order; resolves when applied. */
  apply(people: readonly (EnginePerson | RemovedRow)[], moment: EngineMoment): Promise<void>;
  /** Answers all expressions at one moment, each with its breakdowns. */
  run(
    expressions: readonly EngineExpression[],
    breakdowns: readonly (readonly EngineBreakdown[])[],
  ): Promise<readonly EngineAnswer[]>;
  /** Rows of the set after one, ascending, at most so many. */
  rows(expression: EngineExpression, after: number, limit: number): Promise<Uint32Array>;
  person(row: number): EnginePerson | undefined;
  moment(): EngineMoment;
  /** A code column's highest code + 1: the side of its histograms, until something is applied. */
  size(column: string): number;
  readonly bytes: number;
  readonly bytesBound: number;
  /** Whether rows were refused because of the bound. */
  readonly full: boolean;
  /** Atomic: temporary file, fsync, rename; header with version, layout, moment, checksum. */
  save(file: string): Promise<void>;
  close(): Promise<void>;
}
