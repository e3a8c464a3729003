// What a transaction is about to write, searchable before it is written: conditional references
// may mean resources of the same Bundle. Used by transaction-links.ts.

import type { Resource } from '../fhir/types.ts';
import type { Expression } from '../search/expression.ts';
import { indexEntries } from '../search/index-entries.ts';
import type { IndexEntry, IndexedResource } from '../search/index-entry.ts';
import { matches, type World } from '../search/match.ts';
import type { Context } from './interaction.ts';
import type { PutPlan, WritePlan } from './write-plan.ts';

/** The resources that a transaction writes or takes away. */
export interface WrittenResources {
  /** Ids of the stored resources of the type that it replaces or deletes. */
  touched(type: string): ReadonlySet<string>;
  /** Ids of the resources of the type that it writes and that match. Each is judged by itself: a
   * chain or `_has` finds nothing. */
  matching(type: string, where: Expression): readonly string[];
}

type Token = Extract<IndexEntry, { kind: 'token' }>;

/** Those of one type. */
interface WrittenOfType {
  readonly resources: readonly IndexedResource[];
  /** By parameter and code, whatever the system: most conditions ask for an identifier. */
  readonly byToken: ReadonlyMap<string, readonly IndexedResource[]>;
}

const NO_WORLD: World = { resource: () => undefined, all: () => [] };
const NOBODY: ReadonlySet<string> = new Set();

/** Looks into the plans of a transaction; a type is indexed when it is first asked for. */
export function writtenResources(context: Context, plans: readonly WritePlan[]): WrittenResources {
  const touched = touchedByType(plans);
  const written = new Map<string, WrittenOfType>();
  const ofType = (type: string): WrittenOfType => {
    const known = written.get(type) ?? indexed(context, plans, type);
    written.set(type, known);
    return known;
  };
  return {
    touched: (type) => touched.get(type) ?? NOBODY,
    matching: (type, where) =>
      candidates(ofType(type), where)
        .filter((resource) => matches(where, resource, NO_WORLD))
        .map(({ id }) => id),
  };
}

function touchedByType(plans: readonly WritePlan[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byType = new Map<string, Set<string>>();
  for (const plan of plans) {
    for (const { type, id } of touchedBy(plan)) {
      byType.set(type, (byType.get(type) ?? new Set()).add(id));
    }
  }
  return byType;
}

function touchedBy(plan: WritePlan): readonly { type: string; id: string }[] {
  if (plan.kind === 'delete') return plan.targets;
  return plan.kind === 'put' && plan.expect !== 'absent' ? [plan.key] : [];
}

function indexed(context: Context, plans: readonly WritePlan[], type: string): WrittenOfType {
  const { zone, baseUrl, search } = context;
  const lastUpdatedMs = context.now();
  const puts = plans.filter((plan): plan is PutPlan => plan.kind === 'put');
  const resources = puts
    .filter(({ key }) => key.type === type)
    .map(({ key, document }) => ({
      ...key,
      lastUpdatedMs,
      entries: indexEntries(document.value as Resource, search, { zone, baseUrl }),
    }));
  const byToken = new Map<string, IndexedResource[]>();
  for (const resource of resources) {
    for (const key of new Set(resource.entries.filter(isToken).map(tokenKey))) {
      const others = byToken.get(key);
      if (others === undefined) byToken.set(key, [resource]);
      else others.push(resource);
    }
  }
  return { resources, byToken };
}

function isToken(entry: IndexEntry): entry is Token {
  return entry.kind === 'token';
}

function tokenKey({ parameter, code }: Pick<Token, 'parameter' | 'code'>): string {
  return `${parameter} ${code}`;
}

/** All that may match: those with one of the codes, where codes decide. */
function candidates(written: WrittenOfType, where: Expression): readonly IndexedResource[] {
  const keys = decidingTokens(where);
  if (keys === undefined) return written.resources;
  return [...new Set(keys.flatMap((key) => written.byToken.get(key) ?? []))];
}

function decidingTokens(where: Expression): readonly string[] | undefined {
  if (where.kind === 'and') {
    return where.of.map(decidingTokens).find((keys) => keys !== undefined);
  }
  if (where.kind !== 'token') return undefined;
  const { parameter } = where;
  const keys = where.anyOf.flatMap(({ code }) =>
    code === undefined ? [] : tokenKey({ parameter, code }),
  );
  return keys.length === where.anyOf.length ? keys : undefined;
}
