// What a resource can be found by: the typed values that its search parameters extract.
// index-entries.ts makes them; match.ts and both stores answer expressions from them alone.

/** The open ends of a Period: the greatest and the least instant, milliseconds since 1970 UTC. */
export const END_OF_TIME_MS = 253_402_300_800_000; // 9999-12-31T24:00:00Z
export const START_OF_TIME_MS = -62_135_596_800_000; // 0001-01-01T00:00:00Z

/**
 * One value under one search parameter (`parameter` is its code; the resource's type is known
 * from the context).
 * - token: `system` is '' where the value has none; `code` is '' where only a system is given
 * - string: `value` is normalised (normalise in search/types/string.ts), `exact` as written
 * - date: half-open range [low, high) in milliseconds since 1970 UTC
 * - reference: `target` is `Type/id` for a resource of this server, else the absolute url
 * - uri: compared exactly
 */
export type IndexEntry =
  | {
      readonly kind: 'token';
      readonly parameter: string;
      readonly system: string;
      readonly code: string;
    }
  | {
      readonly kind: 'string';
      readonly parameter: string;
      readonly value: string;
      readonly exact: string;
    }
  | {
      readonly kind: 'date';
      readonly parameter: string;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: 'reference'; readonly parameter: string; readonly target: string }
  | { readonly kind: 'uri'; readonly parameter: string; readonly value: string };

/** A version with its entries: what match.ts judges. */
export interface IndexedResource {
  readonly type: string;
  readonly id: string;
  readonly lastUpdatedMs: number;
  readonly entries: readonly IndexEntry[];
}
