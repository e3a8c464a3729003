// The capability statement is the configuration: what it declares is routed and searchable, and
// nothing else is (http://hl7.org/fhir/R4/capabilitystatement.html).

import type { Resource } from '../fhir/types.ts';

/** One type's row: `rest.resource`. */
export interface DeclaredType {
  readonly type: string;
  readonly interaction?: readonly { readonly code: string }[];
  readonly conditionalCreate?: boolean;
  readonly conditionalUpdate?: boolean;
  readonly updateCreate?: boolean;
  readonly conditionalDelete?: 'not-supported' | 'single' | 'multiple';
  readonly operation?: readonly { readonly name: string }[];
  readonly searchParam?: readonly { readonly name: string; readonly type: string }[];
  readonly [element: string]: unknown;
}

interface DeclaredRest {
  readonly resource: readonly DeclaredType[];
  readonly interaction: readonly { readonly code: string }[];
}

/** What the service offers, read from a CapabilityStatement resource. */
export interface CapabilityStatement {
  /** The types served. */
  readonly types: readonly string[];
  /** Codes of the search parameters declared for the type. */
  searchParameters(type: string): readonly string[];
  /** Whether the type offers the interaction: a code of `rest.resource.interaction`, or
   * `updateCreate`, `conditionalCreate`, `conditionalUpdate`, `conditionalDelete`,
   * `conditionalDeleteMultiple`. */
  offers(type: string, interaction: string): boolean;
  /** Whether the system offers the interaction (`transaction`, `history-system`, …). */
  systemOffers(interaction: string): boolean;
  /** The CapabilityStatement resource to serve at /metadata, as JSON text, with
   * `software.version` and `implementation.url` filled in.
   * @param isAnswered whether a declared search parameter is answered yet */
  metadata(
    softwareVersion: string,
    baseUrl: string,
    isAnswered: (type: string, code: string) => boolean,
  ): string;
}

/** Reads a CapabilityStatement resource with one `rest` of mode `server`. */
export function readCapabilityStatement(resource: Resource): CapabilityStatement {
  const rest = (resource.rest as DeclaredRest[])[0] as DeclaredRest;
  const byType = new Map(rest.resource.map((row) => [row.type, row]));
  const interactions = new Map(rest.resource.map((row) => [row.type, interactionsOf(row)]));
  const system = new Set(rest.interaction.map(({ code }) => code));
  return {
    types: [...byType.keys()],
    searchParameters: (type) => (byType.get(type)?.searchParam ?? []).map(({ name }) => name),
    offers: (type, interaction) => interactions.get(type)?.has(interaction) ?? false,
    systemOffers: (interaction) => system.has(interaction),
    metadata: (softwareVersion, baseUrl, isAnswered) =>
      JSON.stringify({
        ...resource,
        rest: [{ ...rest, resource: rest.resource.map((row) => answered(row, isAnswered)) }],
        software: { ...(resource.software as object), version: softwareVersion },
        implementation: { ...(resource.implementation as object), url: baseUrl },
      }),
  };
}

function answered(
  row: DeclaredType,
  isAnswered: (type: string, code: string) => boolean,
): DeclaredType {
  const { type, searchParam } = row;
  if (searchParam === undefined) return row;
  return { ...row, searchParam: searchParam.filter(({ name }) => isAnswered(type, name)) };
}

const FLAGS = ['updateCreate', 'conditionalCreate', 'conditionalUpdate'] as const;

function interactionsOf(row: DeclaredType): ReadonlySet<string> {
  const codes = new Set((row.interaction ?? []).map(({ code }) => code));
  for (const flag of FLAGS) if (row[flag] === true) codes.add(flag);
  for (const { name } of row.operation ?? []) codes.add(`$${name}`);
  const { conditionalDelete = 'not-supported' } = row;
  if (conditionalDelete !== 'not-supported') codes.add('conditionalDelete');
  if (conditionalDelete === 'multiple') codes.add('conditionalDeleteMultiple');
  return codes;
}

/**
 * The same statement with every type of `types` served: declared ones as they are, the others
 * with the interactions of the declared type `like` and all their search parameters.
 */
export function serveAllTypes(
  resource: Resource,
  types: readonly string[],
  like: string,
  searchParameters: (type: string) => readonly { readonly name: string; readonly type: string }[],
): Resource {
  const rest = (resource.rest as DeclaredRest[])[0] as DeclaredRest;
  const declared = new Map(rest.resource.map((row) => [row.type, row]));
  const {
    searchParam: _s,
    searchInclude: _i,
    documentation: _d,
    ...model
  } = declared.get(like) as DeclaredType;
  const rows = types.map(
    (type) => declared.get(type) ?? { ...model, type, searchParam: searchParameters(type) },
  );
  return { ...resource, rest: [{ ...rest, resource: rows }] };
}
