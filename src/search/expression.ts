// A search as plain data: one closed union that SQLite, MongoDB and the in-memory matcher each
// answer. resolve.ts makes it; modifiers and prefixes are gone by then (FHIR R4 search.html).

/**
 * A conjunction of bounds on an entry's half-open range [low, high): milliseconds for dates,
 * doubles for numbers. An entry satisfies it when every bound present holds. The prefixes of R4
 * (search.html#prefix) become one or two of these: `ge` is [{highAbove}, {lowFrom, highTo}].
 */
export interface RangeBounds {
  /** low >= lowFrom */
  readonly lowFrom?: number;
  /** low < lowBelow */
  readonly lowBelow?: number;
  /** high > highAbove */
  readonly highAbove?: number;
  /** high <= highTo */
  readonly highTo?: number;
}

/** A token to find; an absent member means any, '' means none (`|code`). */
export interface TokenValue {
  readonly system?: string;
  readonly code?: string;
}

/** A quantity to find, in the unit it is written in: nothing is converted. An absent member means
 * any. */
export interface QuantityValue {
  readonly bounds: RangeBounds;
  readonly system?: string;
  readonly code?: string;
  /** equals the code or the unit's text (`5.4||mg`) */
  readonly codeOrUnit?: string;
}

/** A circle on the ground, degrees and metres. */
export interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusM: number;
}

/** How a string is compared: `exact` with the text as written, all others with the normalised
 * one. */
export type StringComparison = 'prefix' | 'exact' | 'contains' | 'suffix' | 'equals';

/**
 * A question to one entry. Every `parameter` is a code of the type's search parameters, or such a
 * code with what is indexed beside its values (index-entry.ts: `code:text`). Lists are
 * alternatives (OR).
 */
export type ValueExpression =
  | { readonly kind: 'token'; readonly parameter: string; readonly anyOf: readonly TokenValue[] }
  | {
      readonly kind: 'string';
      readonly parameter: string;
      readonly compare: StringComparison;
      readonly anyOf: readonly string[];
    }
  | { readonly kind: 'date'; readonly parameter: string; readonly anyOf: readonly RangeBounds[] }
  | { readonly kind: 'number'; readonly parameter: string; readonly anyOf: readonly RangeBounds[] }
  | {
      readonly kind: 'quantity';
      readonly parameter: string;
      readonly anyOf: readonly QuantityValue[];
    }
  /** targets as in IndexEntry: `Type/id` or an absolute url */
  | { readonly kind: 'reference'; readonly parameter: string; readonly anyOf: readonly string[] }
  /** `below`: is the value or begins with it and a slash */
  | {
      readonly kind: 'uri';
      readonly parameter: string;
      readonly compare: 'exact' | 'below';
      readonly anyOf: readonly string[];
    }
  /** lies within one of the circles, on a sphere (search/types/position.ts) */
  | { readonly kind: 'near'; readonly parameter: string; readonly anyOf: readonly Circle[] };

/**
 * Which resources of one type. A resource matches a value expression when one of its entries
 * under the parameter matches one of the alternatives. `not` is the full complement within the
 * type: resources without any value are in it. A reference's `types` are the types it may point
 * at.
 */
export type Expression =
  | ValueExpression
  | { readonly kind: 'everything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'and'; readonly of: readonly Expression[] }
  | { readonly kind: 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  /** has no entry under the parameter */
  | { readonly kind: 'missing'; readonly parameter: string }
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** any of the ranges; the version's lastUpdated t is the range [t, t + 1) */
  | { readonly kind: 'lastUpdated'; readonly anyOf: readonly RangeBounds[] }
  /** one composite entry under the parameter has, for each of `of`, a value that matches it */
  | {
      readonly kind: 'composite';
      readonly parameter: string;
      readonly of: readonly ValueExpression[];
    }
  /** the reference points at a resource of `type` that matches `where` */
  | {
      readonly kind: 'chain';
      readonly parameter: string;
      readonly type: string;
      readonly where: Expression;
    }
  /** a resource of `type` that matches `where` points here by its `parameter` */
  | {
      readonly kind: 'has';
      readonly type: string;
      readonly parameter: string;
      readonly where: Expression;
    }
  /**
   * `below`: is a resource that matches `of`, or comes to one by following `parent`, a reference
   * parameter, from resource to resource of its own type, any number of times. `above`: the other
   * way round, is one that a resource matching `of` comes to. Every resource on the way, both ends
   * included, matches `through`.
   */
  | {
      readonly kind: 'below' | 'above';
      readonly parent: string;
      readonly of: Expression;
      readonly through: Expression;
    };

/**
 * One sort key. Resources are ordered by their least entry under the parameter ascending, by
 * their greatest descending, those without any last either way; ties by `number` ascending.
 * `_lastUpdated` orders by sequence number, `_id` by id. Strings order by normalised value
 * in code-unit order, tokens by code, then system, ranges and quantities by where they begin.
 */
export interface SortKey {
  readonly parameter: string;
  readonly descending: boolean;
}

/** A search on one type. An empty `sort` means by `number` ascending (order of creation). */
export interface SearchQuery {
  readonly type: string;
  readonly where: Expression;
  readonly sort: readonly SortKey[];
}
