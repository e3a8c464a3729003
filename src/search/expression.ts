// A search as plain data: one closed union that SQLite, MongoDB and the in-memory matcher each
// answer. resolve.ts makes it; modifiers and prefixes are gone by then (FHIR R4 search.html).

/**
 * A conjunction of bounds on an entry's half-open range [low, high), in milliseconds. An entry
 * satisfies it when every bound present holds. The prefixes of R4 (search.html#prefix) become
 * one or two of these: `ge` is [{highAbove}, {lowFrom, highTo}].
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

/**
 * Which resources of one type. Every `parameter` is a code of that type's search parameters.
 * Lists are alternatives (OR); a resource matches a value node when one of its entries under the
 * parameter matches one of the alternatives. `not` is the full complement within the type:
 * resources without any value are in it. A reference's `types` are the types it may point at.
 */
export type Expression =
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
  | { readonly kind: 'token'; readonly parameter: string; readonly anyOf: readonly TokenValue[] }
  /** prefix and contains compare normalised text, exact compares the text as written */
  | {
      readonly kind: 'string';
      readonly parameter: string;
      readonly compare: 'prefix' | 'exact' | 'contains';
      readonly anyOf: readonly string[];
    }
  | { readonly kind: 'date'; readonly parameter: string; readonly anyOf: readonly RangeBounds[] }
  /** targets as in IndexEntry: `Type/id` or an absolute url */
  | { readonly kind: 'reference'; readonly parameter: string; readonly anyOf: readonly string[] }
  | { readonly kind: 'uri'; readonly parameter: string; readonly anyOf: readonly string[] }
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
    };

/**
 * One sort key. Resources are ordered by their least entry under the parameter ascending, by
 * their greatest descending, those without any last either way; ties by `number` ascending.
 * `_lastUpdated` orders by sequence number, `_id` by id. Strings order by normalised value
 * in code-unit order, tokens by code, then system.
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
