// What a resource can be found by: the typed values that its search parameters extract.
// index-entries.ts makes them; match.ts and both stores answer expressions from them alone.

/** The open ends of a Period: the greatest and the least instant, milliseconds since 1970 UTC. */
export const END_OF_TIME_MS = 253_402_300_800_000; // 9999-12-31T24:00:00Z
export const START_OF_TIME_MS = -62_135_596_800_000; // 0001-01-01T00:00:00Z

/** The open ends of a range of numbers: finite, since neither JSON nor every store has infinity. */
export const GREATEST_NUMBER = Number.MAX_VALUE;
export const LEAST_NUMBER = -Number.MAX_VALUE;

/**
 * One value under one search parameter (`parameter` is its code; the resource's type is known
 * from the context).
 * - token: `system` is '' where the value has none; `code` is '' where only a system is given
 * - string: `value` is normalised (normalise in search/types/string.ts), `exact` as written
 * - date: half-open range [low, high) in milliseconds since 1970 UTC
 * - number: half-open range [low, high) of doubles: one number n is [n, the next double)
 * - quantity: such a range, with the unit's system, code and text, each '' where it has none
 * - reference: `target` is `Type/id` for a resource of this server, else the absolute url
 * - uri: compared exactly
 * - position: degrees
 *
 * Beside the values of a parameter stand, under its code and a suffix, what its modifiers look at:
 * - `code:text` of a token: string entries of the texts and displays that go with it
 * - `identifier:of-type`: tokens of system `typeSystem|typeCode` and code the identifier's value
 * - `patient:identifier` of a reference: the token of its logical identifier
 */
export type ValueEntry =
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
      readonly kind: 'date' | 'number';
      readonly parameter: string;
      readonly low: number;
      readonly high: number;
    }
  | {
      readonly kind: 'quantity';
      readonly parameter: string;
      readonly system: string;
      readonly code: string;
      readonly unit: string;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: 'reference'; readonly parameter: string; readonly target: string }
  | { readonly kind: 'uri'; readonly parameter: string; readonly value: string }
  | {
      readonly kind: 'position';
      readonly parameter: string;
      readonly latitude: number;
      readonly longitude: number;
    };

/**
 * A value, or what stands together under a composite parameter: the values of its components on
 * one and the same element, each under the composite's code, `$` and the component's place from 1
 * (`code-value-quantity$2`). Every component has a value, some have several.
 */
export type IndexEntry =
  | ValueEntry
  | {
      readonly kind: 'composite';
      readonly parameter: string;
      /** How many components the parameter has. */
      readonly components: number;
      readonly values: readonly ValueEntry[];
    };

/** A version with its entries: what match.ts judges. */
export interface IndexedResource {
  readonly type: string;
  readonly id: string;
  readonly lastUpdatedMs: number;
  readonly entries: readonly IndexEntry[];
}
