// A cohort kept as a Group (Bulk Data STU 3, StructureDefinition/bulk-cohort-group): its filters
// read from the resource, and what the service itself says in it: how many people, as of when, when
// its members were written, whether it is frozen.

import { isDeepStrictEqual } from 'node:util';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import { type JsonDocument, mapDocument } from '../lib/json.ts';
import { asOfExtension, instant } from './as-of.ts';
import type { CohortDefinition } from './cohort-rules.ts';
import type { EngineMoment } from './engine/cohort-engine.ts';

const BULK_DATA = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition';
const OURS = 'https://openims.example/fhir/StructureDefinition';

/** Of the filters that members match. */
export const MEMBER_FILTER = `${BULK_DATA}/member-filter`;
const MEMBERS_REFRESHED = `${BULK_DATA}/members-refreshed`;
const AS_OF = `${OURS}/as-of`;
const FROZEN = `${OURS}/cohort-frozen`;

/** The language of filters. */
const FHIR_QUERY = 'application/x-fhir-query';

type Json = Readonly<Record<string, unknown>>;

/** What a modifierExtension says of the definition. */
interface DefinitionPart {
  readonly name: 'include' | 'exclude' | 'programme' | 'without';
  readonly read: (extension: Json) => unknown;
  readonly expected: string;
}

const filter = {
  read: ({ valueExpression }: Json) => {
    const { language, expression } = (valueExpression ?? {}) as Json;
    return language === FHIR_QUERY ? expression : undefined;
  },
  expected: `a valueExpression in ${FHIR_QUERY} with an expression`,
} as const;

const code = {
  read: ({ valueCode }: Json) => valueCode,
  expected: 'a valueCode',
} as const;

const parts: ReadonlyMap<unknown, DefinitionPart> = new Map<unknown, DefinitionPart>([
  [MEMBER_FILTER, { name: 'include', ...filter }],
  [`${OURS}/cohort-exclude-filter`, { name: 'exclude', ...filter }],
  [`${OURS}/cohort-programme`, { name: 'programme', ...code }],
  [`${OURS}/cohort-exclusion-off`, { name: 'without', ...code }],
]);

/**
 * The definition that a Group holds; undefined when it has no filters.
 * @throws FhirError `invalid-resource` that names the element
 */
export function definitionOf(group: Resource): CohortDefinition | undefined {
  const found = { include: [], exclude: [], programme: [], without: [] } as {
    readonly [Name in DefinitionPart['name']]: string[];
  };
  for (const [index, extension] of listOf(group.modifierExtension).entries()) {
    const part = parts.get(extension.url);
    if (part === undefined) continue;
    const value = part.read(extension);
    const path = `Group.modifierExtension[${index}]`;
    if (typeof value !== 'string') throw refused(path, `${path} must have ${part.expected}`);
    found[part.name].push(value);
  }
  const { include, exclude, programme, without } = found;
  if (include.length === 0) {
    if (exclude.length + programme.length + without.length === 0) return undefined;
    const sentence = `A cohort has a ${MEMBER_FILTER}, which says whom it holds`;
    throw refused('Group.modifierExtension', sentence);
  }
  if (programme.length > 1) {
    throw refused('Group.modifierExtension', 'A cohort is for one programme at most');
  }
  refuseMembers(group);
  const [only] = programme;
  return { include, exclude, without, ...(only === undefined ? {} : { programme: only }) };
}

function refuseMembers({ type, actual, member }: Resource): void {
  if (type !== 'person') throw refused('Group.type', `A cohort is of type 'person'`);
  if (actual !== true) throw refused('Group.actual', 'A cohort is a group of actual people');
  if (member === undefined) return;
  const sentence = 'The members of a cohort come from its filters; they are read by $members';
  throw refused('Group.member', sentence);
}

function refused(path: string, sentence: string) {
  return fhirError('invalid-resource', sentence, [path]);
}

/** Whether two definitions are the same. */
export function isSameDefinition(
  one: CohortDefinition | undefined,
  other: CohortDefinition | undefined,
): boolean {
  return isDeepStrictEqual(one, other);
}

/** Members that stay as they are. */
export interface FrozenMembers {
  /** SHA-256 of the lines `Patient/<id>\n` of all members in their order, in hexadecimal. */
  readonly hash: string;
  readonly count: number;
  readonly atMs: number;
}

/** What the service says of a cohort. */
export interface CohortState {
  readonly count: number;
  readonly asOf: EngineMoment;
  /** When its members were written. */
  readonly refreshedMs?: number;
  readonly frozen?: FrozenMembers;
}

/** The service's own elements of a Group. */
export interface OwnElements {
  readonly quantity: unknown;
  readonly extension: readonly Json[];
}

/** A state as elements. */
export function elementsOf({ count, asOf, refreshedMs, frozen }: CohortState): OwnElements {
  const extension: Json[] = [asOfExtension(asOf)];
  if (refreshedMs !== undefined) {
    extension.push({ url: MEMBERS_REFRESHED, valueDateTime: instant(refreshedMs) });
  }
  if (frozen !== undefined) extension.push(frozenExtension(frozen, asOf));
  return { quantity: count, extension };
}

function frozenExtension({ hash, count, atMs }: FrozenMembers, asOf: EngineMoment): Json {
  return {
    url: FROZEN,
    extension: [
      { url: 'hash', valueString: hash },
      { url: 'count', valueUnsignedInt: count },
      { url: 'sequence', valueDecimal: asOf.sequence },
      { url: 'time', valueInstant: instant(atMs) },
    ],
  };
}

const OWN: readonly unknown[] = [MEMBERS_REFRESHED, AS_OF, FROZEN];

/** The service's own elements as a Group has them. */
export function ownElements({ quantity, extension }: Resource): OwnElements {
  return { quantity, extension: listOf(extension).filter(({ url }) => OWN.includes(url)) };
}

/** The Group with these own elements, whatever it said before. */
export function withOwnElements(document: JsonDocument, own: OwnElements): JsonDocument {
  return mapDocument(document, (tree) => {
    const { quantity: _quantity, extension: given, ...group } = tree as Resource;
    const others = listOf(given).filter(({ url }) => !OWN.includes(url));
    return { ...group, extension: [...others, ...own.extension], quantity: own.quantity };
  });
}

export function isFrozen(group: Resource): boolean {
  return listOf(group.extension).some(({ url }) => url === FROZEN);
}

/** Whether members of the definition that the Group now has were written. */
export function isRefreshed(group: Resource): boolean {
  return listOf(group.extension).some(({ url }) => url === MEMBERS_REFRESHED);
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
