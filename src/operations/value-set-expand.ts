// ValueSet/$expand (http://hl7.org/fhir/R4/valueset-operation-expand.html): the members of a value
// set, filtered and page by page, as a flat list.

import { fhirError } from '../fhir/fhir-error.ts';
import type { Context, FhirRequest, FhirResponse, Operation } from '../interactions/interaction.ts';
import { EXPANSION_CODES_MAX } from '../limits.ts';
import type { Gap } from '../terminology/compose.ts';
import type { Expansion, Member } from '../terminology/expand.ts';
import type { ValueSet } from '../terminology/resources.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { canonicalOf, heldValueSet, unanswerable } from './held.ts';
import { readParameters, single } from './parameters.ts';

const declared = {
  url: 'uri',
  valueSetVersion: 'string',
  filter: 'string',
  offset: 'count',
  count: 'count',
  activeOnly: 'boolean',
} as const;

const UNCLOSED = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';

/** $expand at type and instance level. */
export function expandOperations(terminology: Terminology): readonly Operation[] {
  const run = async (context: Context, request: FhirRequest) =>
    expand(terminology, context, request);
  return [
    { name: '$expand', level: 'type', run },
    { name: '$expand', level: 'instance', run },
  ];
}

interface Wanted {
  readonly filter?: string;
  readonly offset?: number;
  readonly count?: number;
  readonly activeOnly?: boolean;
}

function expand(terminology: Terminology, context: Context, request: FhirRequest): FhirResponse {
  const given = readParameters(request, '$expand', declared);
  const url = single(given.url, 'url');
  const version = single(given.valueSetVersion, 'valueSetVersion');
  const canonical = canonicalOf(terminology, request, 'ValueSet', {
    name: 'url',
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
  });
  const valueSet = heldValueSet(terminology, canonical);
  const wanted = wantedOf(given);
  const expansion = terminology.expand(canonical, {
    ...wanted,
    count: Math.min(wanted.count ?? EXPANSION_CODES_MAX, EXPANSION_CODES_MAX),
  });
  const gaps = expansion?.gaps ?? [];
  if (expansion === undefined || !isWorthListing(expansion, gaps)) {
    throw unanswerable(`What is in ${canonical}`, gaps);
  }
  if (wanted.count === undefined && expansion.total > EXPANSION_CODES_MAX) {
    const sentence = `${canonical} has ${expansion.total} codes; use filter, or offset and count`;
    throw fhirError('limit-exceeded', sentence);
  }
  return { status: 200, body: JSON.stringify(expanded(valueSet, expansion, wanted, context)) };
}

function wantedOf(given: {
  readonly filter: readonly string[];
  readonly offset: readonly number[];
  readonly count: readonly number[];
  readonly activeOnly: readonly boolean[];
}): Wanted {
  const options = {
    filter: single(given.filter, 'filter'),
    offset: single(given.offset, 'offset'),
    count: single(given.count, 'count'),
    activeOnly: single(given.activeOnly, 'activeOnly'),
  };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Wanted;
}

/** A system that is not held at all leaves a hole that no mark in the answer makes up for. */
function isWorthListing({ total }: Expansion, gaps: readonly Gap[]): boolean {
  if (gaps.some(({ kind }) => kind === 'absent')) return false;
  return total > 0 || !gaps.some(({ kind }) => kind === 'filter');
}

function expanded(
  valueSet: ValueSet,
  { total, members, gaps }: Expansion,
  wanted: Wanted,
  context: Context,
): unknown {
  const { id, url, version, name, title, status } = valueSet;
  return {
    resourceType: 'ValueSet',
    id,
    url,
    version,
    name,
    title,
    status,
    expansion: {
      extension: gaps.length === 0 ? undefined : [{ url: UNCLOSED, valueBoolean: true }],
      identifier: `urn:uuid:${context.newId()}`,
      timestamp: new Date(context.now()).toISOString(),
      total,
      offset: wanted.offset ?? 0,
      parameter: expansionParameters(wanted),
      contains: members.length === 0 ? undefined : members.map(contained),
    },
  };
}

function expansionParameters({ filter, count, activeOnly }: Wanted): unknown {
  const parameters = [
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ...(activeOnly === undefined ? [] : [{ name: 'activeOnly', valueBoolean: activeOnly }]),
  ];
  return parameters.length === 0 ? undefined : parameters;
}

function contained({ system, code, display, isAbstract, isInactive }: Member): unknown {
  return {
    system,
    abstract: isAbstract ? true : undefined,
    inactive: isInactive ? true : undefined,
    code,
    display,
  };
}
